"""How long identity resolution takes on DuckDB, how much memory, and how both grow with the number of records.

    python benchmarks/identity.py [--records 100000 300000 1000000] [--folder DIR]

Generates persons and organisations with two and a half records each: mistyped names, missing and shared contact
points, households, organisations behind one switchboard. Lands them as one delivery, runs every identity model from the
delivered versions to the crosswalk, and compares the time with a plain scan of the landed records that counts the
distinct e-mail addresses.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
from dbt.cli.main import dbtRunner
from dbt_common.events.base_types import EventMsg

from profit.contract import read_contract
from profit.landing.delivery import Delivery
from profit.paths import PROJECT_ROOT, Paths

_KILOBYTES_PER_MEGABYTE = 1024
_SLOWEST = 8
_MODELS = (
    "stg_crm__customers",
    "stg_crm__customer_links",
    "stg_marketing__leads",
    "+customer_crosswalk",
)
# A person is known by two or three systems. Every fact about it is drawn from a hash of its number, every mistake from
# a hash of the record's.
_RECORDS = """
    select
        'R' || record as customer_id,
        case when is_firm then 'organisation' else 'person' end as customer_kind,
        case
            when is_firm then null
            when hash(record, 1) % 20 = 0 then first[1] || '.'
            else first
        end as first_name,
        case
            when is_firm then null
            when hash(record, 2) % 20 = 0 then last[1:2] || last[4:]
            when hash(record, 2) % 20 = 1 then last || 'h'
            else last
        end as last_name,
        case
            when is_firm then last || ' ' || first || ['', ' Inc.', ' Ltd'][1 + cast(hash(record, 3) % 3 as integer)]
        end as organisation_name,
        case
            when not is_firm and hash(record, 4) % 3 = 0
                then date '1940-01-01' + cast(hash(person, 5) % 24000 as integer)
        end as birth_date,
        case
            when hash(record, 6) % 50 = 0 then 'unknown@example.com'
            when hash(record, 6) % 10 < 6 then first || '.' || last || person || '@mail.example'
        end as email,
        case
            when is_firm and hash(person, 7) % 10 = 0 then '+1 312 555 0100'
            when hash(record, 7) % 10 < 7 then '+1 ' || (2000000000 + hash(household, 8) % 7999999999)
        end as phone,
        case when has_address then (1 + hash(household, 10) % 400) || ' ' || street || ' Street' end as address_line,
        case when has_address then lpad(cast(hash(household, 11) % 30000 as varchar), 5, '0') end as postal_code,
        'City ' || chr(cast(65 + hash(household, 12) % 26 as integer)) || hash(household, 13) % 26 as city,
        'US' as country_code,
        case when is_firm and hash(record, 14) % 2 = 0 then 'US' || (100000000 + person) end as tax_number,
        case when not is_firm and hash(record, 15) % 4 = 0 then 'L' || (10000000 + person) end as loyalty_number
    from (
        select
            *,
            hash(person, 17) % 10 = 0 as is_firm,
            hash(record, 9) % 10 < 8 as has_address,
            {first} as first,
            {last} as last,
            {street} as street
        from (
            select
                *,
                -- One person in ten lives with the one before.
                person - cast(hash(person, 16) % 10 = 0 as integer) as household
            from (
                select number as record, hash(number, 18) % cast({records} / 2.5 as bigint) as person
                from range({records}) as numbers (number)
            )
        )
    )
"""
_SYLLABLES = "['ba','ke','li','mo','nu','ra','se','ti','vo','wen','har','dor','fis','gul','jan','pet']"
_ORDER_LINE = "'L' as order_line_id, 'O' as order_id, 'P' as product_id, 1 as quantity, 1 as unit_list_price"
_BASELINE = "select count(distinct email) from read_parquet('{landing}/crm/customers/*/*/*.parquet')"


def _word(seed: int, kinds: int, of: str = "person") -> str:
    """SQL of a word of three syllables, one of `kinds`."""
    number = f"(hash({of}, {seed}) % {kinds})"
    return " || ".join(f"{_SYLLABLES}[cast({number} // {16**place} % 16 as integer) + 1]" for place in range(3))


def land(paths: Paths, records: int) -> None:
    """Land the records as one delivery of one system, and one row of each other feed that has to be there."""
    select = _RECORDS.format(
        first=_word(19, 600),
        last=_word(20, 4000),
        street=_word(21, 900, "household"),
        records=records,
    )
    with duckdb.connect() as connection, Delivery(paths, connection) as delivery:
        contract = read_contract()
        day = connection.execute("select date '2025-01-01'").fetchall()[0][0]
        for table, rows in {
            "customers": select,
            "products": "select 'P' as product_id",
            "orders": "select 'O' as order_id, timestamp '2025-01-01 00:00:00' as ordered_at",
            "order_lines": f"select {_ORDER_LINE}",
        }.items():
            connection.execute(f"create or replace view delivered as {rows}")
            delivery.add(contract[table], "from delivered", source_system="shop", delivered_on=day, origin="benchmark")
        delivery.commit()


def measure(folder: Path) -> None:
    """Run the models in this process and print seconds, peak memory and what came out."""
    paths = Paths.below(folder)
    logs = {"DBT_TARGET_PATH": str(folder / "target"), "DBT_LOG_PATH": str(folder / "logs")}
    os.environ.update(paths.as_environment() | logs)
    os.chdir(PROJECT_ROOT)
    if not dbtRunner().invoke(["--quiet", "seed", "--select", "path:seeds/identity"]).success:
        sys.exit("dbt could not load the rules")
    # One model after the other, so that the processor's time between two ends is that of a model.
    ends: list[float] = []

    def note(event: EventMsg) -> None:
        if event.info.name in {"NodeStart", "NodeFinished"}:
            ends.append(_processor_seconds())
            if event.info.name == "NodeFinished":
                spent[event.data.node_info.node_name] = ends[-1] - ends[-2]

    spent: dict[str, float] = {}
    started = time.perf_counter()
    outcome = dbtRunner(callbacks=[note]).invoke(["--quiet", "run", "--threads", "1", "--select", *_MODELS])
    if not outcome.success:
        sys.exit("dbt could not run the identity models")
    seconds = sum(result.execution_time for result in outcome.result.results)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _KILOBYTES_PER_MEGABYTE
    print(f"{seconds:.2f} {sum(spent.values()):.2f} {time.perf_counter() - started:.2f} {peak:.0f}")
    clock = {result.node.name: result.execution_time for result in outcome.result.results}
    for model, processor in sorted(spent.items(), key=lambda item: -item[1])[:_SLOWEST]:
        print(f"    {clock[model]:6.2f} s, processor {processor:6.2f} s  {model}", file=sys.stderr)
    sys.stderr.flush()


def _processor_seconds() -> float:
    """What this process has had of the processors so far, its threads together."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Print a line a size."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("--records", type=int, nargs="+", default=[100_000, 300_000, 1_000_000])
    arguments.add_argument("--folder", type=Path, help="Where to build; kept.  [default: a temporary folder]")
    arguments.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    options = arguments.parse_args()
    if options.measure:
        measure(options.measure)
        return
    with tempfile.TemporaryDirectory() as temporary:
        print("  records    pairs  customers  models s  processor s  per M records  whole s  peak MB  scan s  ratio")
        for records in options.records:
            folder = (options.folder or Path(temporary)) / str(records)
            paths = Paths.below(folder)
            if not paths.landing.exists():
                land(paths, records)
            with duckdb.connect() as connection:
                started = time.perf_counter()
                connection.execute(_BASELINE.format(landing=paths.landing)).fetchall()
                scan = time.perf_counter() - started
            measured = subprocess.run(  # noqa: S603
                [sys.executable, __file__, "--measure", str(folder)], check=True, stdout=subprocess.PIPE, text=True
            )
            seconds, processor, whole, peak = (float(figure) for figure in measured.stdout.split())
            with duckdb.connect(str(paths.warehouse), read_only=True) as warehouse:
                pairs, customers = warehouse.execute(
                    "select (select count(*) from intermediate.int_identity__scored_pairs), "
                    "count(distinct customer_id) from core.customer_crosswalk"
                ).fetchall()[0]
            print(
                f"{records:9,} {pairs:8,} {customers:10,} {seconds:9.1f} {processor:12.1f} "
                f"{processor / records * 1e6:14.1f} {whole:8.1f} "
                f"{peak:8,.0f} {scan:7.2f} {processor / scan:6.0f}"
            )


if __name__ == "__main__":
    main()
