"""How long the macro `allocate` takes for ten million allocations, whether it is exact, and how it grows.

    python benchmarks/cost_allocation.py [--segments 10 30 100] [--receivers 50000] [--threads 2] [--limit 10]

Each segment has two senders, each sender gives an amount of its own to every receiver by a weight: 100 segments with 2
senders and 50,000 receivers are 10 million rows. The baseline is the same split without rounding, in double precision:
amount times weight by the sum of weights. Of several runs the shortest counts, as other work on the machine only adds
to it; the time of all cores is shown beside it. Every size runs in a process of its own, so that its memory is its own.
Exit code 1: cents are lost, a share is a cent or more away from the unrounded one, or the largest size takes too long.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from dataclasses import asdict, dataclass

import duckdb
import jinja2

from profit.paths import PROJECT_ROOT

_SENDERS = 2
_KILOBYTES_PER_MEGABYTE = 1024

_RECEIVERS = """
    create table receivers as
    select
        'segment ' || segment as segment_id,
        'sender ' || sender as sender_id,
        'customer:' || receiver as receiver_id,
        cast(1000000 + segment * 137.37 + sender * 991.13 as decimal(18, 4)) as amount,
        cast((hash(segment * 1000003 + receiver) % 1000000) / 100.0 as decimal(18, 4)) as weight
    from range({segments}) as segments(segment), range({senders}) as senders(sender), range({receivers}) as t(receiver)
"""
_KEYS = "segment_id, sender_id, receiver_id"
_GROUP = "segment_id, sender_id"
_BASELINE = f"""
    create or replace table unrounded as
    select {_KEYS}, amount * cast(weight as double) / sum(cast(weight as double)) over (partition by {_GROUP}) as share
    from receivers
"""
_CALL = "{{ allocate('receivers', 'amount', 'weight', group_by=['segment_id', 'sender_id'], ties=['receiver_id']) }}"


@dataclass(frozen=True)
class Measurement:
    """One size.

    Attributes:
        rows: Allocations.
        seconds: Time of the macro, its table written.
        core_seconds: The same, added up over the cores.
        baseline_seconds: Time of the unrounded split, its table written.
        megabytes: Peak memory of the process.
        groups_off: Groups whose shares do not sum to the amount.
        cents_off: Largest distance of a share from the unrounded one, in cents.
    """

    rows: int
    seconds: float
    core_seconds: float
    baseline_seconds: float
    megabytes: float
    groups_off: int
    cents_off: float

    @property
    def line(self) -> str:
        """The measurement as a line of the report."""
        return (
            f"{self.rows:>12,} rows  {self.seconds:6.2f} s ({self.core_seconds:5.2f} s of cores)  "
            f"{self.seconds / self.rows * 1e6:4.2f} s a million  "
            f"baseline {self.baseline_seconds:5.2f} s, {self.seconds / self.baseline_seconds:4.1f} times  "
            f"{self.megabytes:6,.0f} MB  groups off {self.groups_off}, furthest share {self.cents_off:.4f} cents away"
        )


def measure(segments: int, receivers: int, threads: int, repeat: int) -> Measurement:
    """Allocate in this process.

    Args:
        segments: Segments, two senders each.
        receivers: Receivers of each sender.
        threads: Threads of DuckDB.
        repeat: Runs, of which the shortest counts.
    """
    macro = (PROJECT_ROOT / "macros" / "money" / "allocate.sql").read_text(encoding="utf-8")
    select = jinja2.Environment(autoescape=False).from_string(macro + _CALL).render()  # noqa: S701
    with duckdb.connect(config={"threads": threads}) as connection:
        connection.execute(_RECEIVERS.format(segments=segments, senders=_SENDERS, receivers=receivers))
        baseline, _ = min(_seconds(connection, _BASELINE) for _ in range(repeat))
        # Each has the memory to itself.
        connection.execute("drop table unrounded")
        statement = f"create or replace table shares as select {_KEYS}, allocated_amount from ({select}) as allocation"
        seconds, core_seconds = min(_seconds(connection, statement) for _ in range(repeat))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _KILOBYTES_PER_MEGABYTE
        connection.execute(_BASELINE)
        groups_off, cents_off = _distances(connection)
        rows = segments * _SENDERS * receivers
        return Measurement(rows, seconds, core_seconds, baseline, peak, groups_off, cents_off)


def _seconds(connection: duckdb.DuckDBPyConnection, statement: str) -> tuple[float, float]:
    """Seconds that pass, and seconds of all cores."""
    started, cores = time.perf_counter(), time.process_time()
    connection.execute(statement)
    return time.perf_counter() - started, time.process_time() - cores


def _distances(connection: duckdb.DuckDBPyConnection) -> tuple[int, float]:
    """Groups that lost cents, and the furthest that a share is from the unrounded one."""
    off = connection.execute(f"""
        with given as (select {_GROUP}, any_value(round(amount, 2)) as amount from receivers group by {_GROUP}),
        taken as (select {_GROUP}, sum(allocated_amount) as amount from shares group by {_GROUP})
        select count(*) from given left join taken using ({_GROUP}) where taken.amount is distinct from given.amount
    """).fetchone()
    furthest = connection.execute(
        f"select max(abs(allocated_amount - share)) * 100 from shares inner join unrounded using ({_KEYS})"
    ).fetchone()
    assert off is not None  # noqa: S101
    assert furthest is not None  # noqa: S101
    return int(off[0]), float(furthest[0])


def main() -> None:
    """Measure every size in a process of its own, print, and judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--segments", type=int, nargs="+", default=[10, 30, 100], help="sizes, in segments")
    parser.add_argument("--receivers", type=int, default=50_000, help="receivers of a sender")
    parser.add_argument("--threads", type=int, default=2, help="threads of DuckDB")
    parser.add_argument("--repeat", type=int, default=3, help="runs, of which the shortest counts")
    parser.add_argument("--limit", type=float, default=10.0, help="seconds that the largest size may take")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(asdict(measure(options.segments[0], options.receivers, options.threads, options.repeat))))
        return
    measured = []
    for segments in options.segments:
        command = [sys.executable, __file__, "--one", "--segments", str(segments)]
        command += ["--receivers", str(options.receivers), "--threads", str(options.threads)]
        command += ["--repeat", str(options.repeat)]
        printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout  # noqa: S603
        measured.append(Measurement(**json.loads(printed)))
        print(measured[-1].line)
    first, last = measured[0], measured[-1]
    growth = (last.seconds / first.seconds) / (last.rows / first.rows)
    print(f"from {first.rows:,} to {last.rows:,} rows the time a row grows {growth:.2f}-fold")
    if any(size.groups_off or size.cents_off >= 1 for size in measured):
        sys.exit("cents are lost or misplaced")
    if last.seconds > options.limit:
        cores = f"{last.core_seconds / last.seconds:.1f} of {options.threads} cores"
        sys.exit(f"{last.seconds:.1f} s are more than {options.limit:.0f} s; other work on the machine left it {cores}")


if __name__ == "__main__":
    main()
