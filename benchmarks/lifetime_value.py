"""How long lifetime value takes: purchase statistics, three fits, the scores of every customer, how sure they are.

    python benchmarks/lifetime_value.py [--customers 100000 300000 1000000] [--threads 2] [--folder DIR]

The customers come at random over two years and buy as BG/NBD says. Beside it stands the naive baseline, every
customer's own rate carried on, which needs the statistics too. Each size runs in a process of its own, so that the peak
is its own.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from profit.paths import PROJECT_ROOT

sys.path.insert(0, str(PROJECT_ROOT / "tests" / "python"))
from value_macros import render

_KILOBYTES_PER_MEGABYTE = 1024
_DAYS = 730
_SEED = 7
_HORIZONS = {"12m": 52.18, "36m": 156.54}

_STATISTICS = f"""
    create table histories as
    select
        customer,
        cast(count(*) - 1 as double) as purchase_count,
        (max(day) - min(day)) / 7e0 as recency,
        ({_DAYS} - min(day)) / 7e0 as age,
        (sum(amount) - arg_min(amount, day)) / nullif(count(*) - 1, 0) as average_amount
    from purchases
    group by customer
"""
_COMPRESSED = {
    "purchase_count, recency, age, count(*) as customer_count": "true",
    "purchase_count, round(average_amount, 2) as average_amount, count(*) as customer_count": "average_amount >= 0.01",
}
_WEEKLY = """
    select histories.*, points.*
    from (select distinct purchase_count, floor(recency) as recency, floor(age) as age from histories) as histories
    cross join points
"""
_BASELINE = """
    create table baseline as
    select customer, purchase_count / nullif(age, 0) * 52.18 * average_amount as expected_amount from histories
"""


def make_purchases(path: Path, customers: int) -> int:
    """Write the days on which customers buy, and what they spend, as Parquet.

    Args:
        path: File to write.
        customers: How many.

    Returns:
        Number of purchases.
    """
    random = np.random.default_rng(_SEED)
    rate = random.gamma(0.6, 1 / 70, customers)
    leaves_after = random.geometric(np.clip(random.beta(0.8, 2.5, customers), 1e-9, 1))
    usual_amount = random.gamma(6, 10, customers)
    day = random.integers(0, _DAYS, customers).astype(float)
    who, days = [np.arange(customers)], [day]
    buyers, count = np.arange(customers), 1
    while buyers.size:
        day = day + random.exponential(1 / np.maximum(rate[buyers], 1e-12))
        stays = (day <= _DAYS) & (leaves_after[buyers] >= count)
        buyers, day, count = buyers[stays], day[stays], count + 1
        who.append(buyers)
        days.append(day)
    customer = np.concatenate(who)
    on = np.floor(np.concatenate(days)).astype(np.int32)
    amount = random.gamma(5, usual_amount[np.concatenate(who)] / 5)
    with duckdb.connect() as connection:
        connection.register("frame", {"customer": customer, "day": on, "amount": amount})
        written = connection.execute(
            f"copy (select customer, day, sum(amount) as amount from frame group by customer, day order by day)"
            f" to '{path}' (format parquet)"
        ).fetchone()
    return int(written[0]) if written else 0


def run(path: Path, folder: Path, threads: int) -> dict[str, float]:
    """Do all of it once.

    Args:
        path: Parquet file of the purchases.
        folder: Where to put the warehouse.
        threads: Threads of DuckDB.

    Returns:
        Seconds of each step, rows that were fitted, and the peak in megabytes.
    """
    # Importing SciPy is no part of a build.
    from profit.value.fits import with_points  # noqa: PLC0415
    from profit.value.segments import fit_purchases, fit_spend  # noqa: PLC0415

    seconds: dict[str, float] = {}
    began = time.process_time()
    connection = duckdb.connect(str(folder / "value.duckdb"))
    connection.execute(f"set threads = {threads}")
    connection.execute(f"create view purchases as select * from read_parquet('{path}')")

    def timed(step: str, started: float) -> None:
        seconds[step] = time.perf_counter() - started

    started = time.perf_counter()
    connection.execute(_STATISTICS)
    compressed = []
    for columns, condition in _COMPRESSED.items():
        found = connection.execute(f"select {columns} from histories where {condition} group by all order by all")
        arrays = found.fetchnumpy()
        compressed.append({"segment": np.full(arrays["customer_count"].size, "all"), **arrays})
    timed("statistics", started)
    started = time.perf_counter()
    connection.execute(_BASELINE)
    timed("baseline", started)
    started = time.perf_counter()
    rows = [*fit_purchases(compressed[0], 1), *fit_spend(compressed[1], 1)]
    timed("fit", started)
    started = time.perf_counter()
    for row in rows:
        parameters = json.loads(row["parameters"])
        listed = ", ".join(f"cast({value!r} as double) as {name}" for name, value in parameters.items())
        if row["model"] == "gamma_gamma":
            spend = render("{{ gamma_gamma_spend('purchase_count', 'average_amount', 'p', 'q', 'v') }}")
            select = f"select customer, {spend} as expected_spend from (select *, {listed} from histories) as histories"
        else:
            call = f"{{{{ {row['model']}_scores(histories, ['customer'], horizons) }}}}"
            histories = f"(select *, {listed} from histories) as histories"
            select = render(call, histories=histories, horizons=_HORIZONS)
        connection.execute(f"create table {row['model']} as {select}")
    connection.execute(
        "create table scores as select customer, bg_nbd.expected_purchases_12m * expected_spend as by_bg_nbd,"
        " pareto_nbd.expected_purchases_12m * expected_spend as by_pareto_nbd"
        " from bg_nbd inner join pareto_nbd using (customer) inner join gamma_gamma using (customer)"
    )
    timed("scores", started)
    started = time.perf_counter()
    for row in rows[:2]:
        _score_points(connection, row["model"], with_points({"basis": "full", **row})[1:])
    timed("interval", started)
    connection.close()
    seconds["processor"] = time.process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _KILOBYTES_PER_MEGABYTE
    fitted = {f"converged_{row['model']}": float(row["is_converged"]) for row in rows}
    histories_fitted = float(rows[0]["statistic_count"])
    return {
        **seconds,
        **fitted,
        "histories": float(compressed[0]["age"].size),
        "fitted": histories_fitted,
        "peak": peak,
    }


def _score_points(connection: duckdb.DuckDBPyConnection, model: str, points: list[dict[str, Any]]) -> None:
    """What the uncertainty of the parameters does to every history of whole weeks."""
    names = ("point", *json.loads(points[0]["parameters"]))
    connection.register("points", {name: np.array([point[name] for point in points]) for name in names})
    connection.execute(f"create table {model}_points as {_WEEKLY}")
    call = f"{{{{ {model}_scores(histories, keys, horizons) }}}}"
    keys = ["purchase_count", "recency", "age", "point"]
    select = render(call, histories=f"{model}_points", keys=keys, horizons=_HORIZONS)
    connection.execute(f"create table {model}_uncertainty as {select}")


def measure(folder: Path, customers: int, threads: int) -> float:
    """Make customers, run in a process of its own, print.

    Args:
        folder: Empty folder to work in.
        customers: How many.
        threads: Threads of DuckDB.

    Returns:
        Seconds of statistics, fit, scores and their uncertainty.
    """
    path = folder / "purchases.parquet"
    purchases = make_purchases(path, customers)
    command = [sys.executable, __file__, "--run", str(path), "--threads", str(threads)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    figures = json.loads(printed.stdout.splitlines()[-1])
    total = float(figures["statistics"] + figures["fit"] + figures["scores"] + figures["interval"])
    naive = figures["statistics"] + figures["baseline"]
    print(
        f"{customers:,} customers, {purchases:,} purchases, {figures['histories']:,.0f} distinct histories, "
        f"{figures['fitted']:,.0f} of them fitted:\n"
        f"  statistics {figures['statistics']:.2f} s + fit {figures['fit']:.2f} s + scores {figures['scores']:.2f} s"
        f" + interval {figures['interval']:.2f} s = {total:.2f} s, processor {figures['processor']:.2f} s, "
        f"peak {figures['peak']:,.0f} MB; naive baseline {naive:.2f} s\n"
        f"  converged: {', '.join(name[10:] for name, value in figures.items() if name[:10] == 'converged_' and value)}"
    )
    return total


def main() -> None:
    """Measure each size, print how time grows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, nargs="+", default=[100_000, 300_000, 1_000_000], help="sizes")
    parser.add_argument("--threads", type=int, default=2, help="threads of DuckDB")
    parser.add_argument("--folder", type=Path, help="where to work; by default a temporary folder")
    parser.add_argument("--run", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        print(json.dumps(run(options.run, options.run.parent, options.threads)))
        return
    measured = []
    for customers in options.customers:
        with tempfile.TemporaryDirectory(dir=options.folder) as name:
            measured.append(measure(Path(name), customers, options.threads))
    for (smaller, before), (greater, after) in zip(
        zip(options.customers, measured, strict=True),
        list(zip(options.customers, measured, strict=True))[1:],
        strict=False,
    ):
        print(f"{greater / smaller:.1f} times the customers take {after / before:.1f} times as long")


if __name__ == "__main__":
    main()
