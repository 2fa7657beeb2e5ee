"""How well identity resolution decides: precision, recall and F1 on labelled data, and ordinary cases one by one.

    python benchmarks/identity_quality.py [--only SET ...] [--folder DIR] [--trained] [--splink] [--cases] [--write]

Lands each set of $PROFIT_PUBLIC_DATA/identity as customer records of one system, and AdventureWorks as its connector
does, runs the identity models alone, and compares the customers with the truth. `--splink` resolves the historical
people by Splink as well, with the settings of its public demo and the occupation, which we do not have. `--cases` lists
the cases that are decided otherwise than expected, `--write` puts the rows of what was measured into docs/identity.md.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import pickle
import sys
import tempfile
from collections import defaultdict
from dataclasses import dataclass, fields
from itertools import combinations
from pathlib import Path
from typing import Any

import duckdb
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner
from identity_sets import SETS, land

from profit.connectors.adventureworks import land_adventureworks
from profit.paths import PROJECT_ROOT, Paths
from profit.training import train_identity
from profit.training.errors import TrainingError

_MODELS = ("stg_crm__customers", "stg_crm__customer_links", "stg_marketing__leads", "+customer_crosswalk")
_BEGIN, _END = "<!-- quality: written by benchmarks/identity_quality.py -->", "<!-- end of quality -->"


@dataclass(frozen=True)
class Figures:
    """What came out for a set.

    Attributes:
        precision: Share of the pairs of one customer that are right.
        recall: Share of the true pairs that are one customer.
        completeness: Share of the true pairs that were compared.
        reduction: Share of all pairs that were not compared.
        waiting: Pairs of customers that wait for a person.
        right_waiting: Share of them that are one.
    """

    precision: float
    recall: float
    completeness: float
    reduction: float
    waiting: int
    right_waiting: float

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return 2 * self.precision * self.recall / ((self.precision + self.recall) or 1)

    def line(self, name: str) -> str:
        """The figures as a row of the table."""
        return (
            f"| {name} | {self.precision:.4f} | {self.recall:.4f} | {self.f1:.4f} | {self.completeness:.3f} "
            f"| {self.reduction:.5f} | {self.waiting:,}, {self.right_waiting:.2f} |"
        )


def parsed_project(folder: Path) -> dict[str, Any]:
    """The parts of the project as dbt parses it once for all sets."""
    os.environ |= {"DBT_TARGET_PATH": str(folder / "target"), "DBT_LOG_PATH": str(folder / "logs")}
    os.environ |= Paths.below(folder).as_environment()
    outcome = dbtRunner().invoke(["--quiet", "parse"])
    if not outcome.success:
        sys.exit(f"dbt could not read the project: {outcome.exception}")
    return {part.name: getattr(outcome.result, part.name) for part in fields(outcome.result) if part.name[0] != "_"}


def build(paths: Paths, project: bytes, *, has_rules: bool = False) -> None:
    """Load the rules, unless they are there, and run the identity models."""
    from dbt.contracts.graph.manifest import Manifest  # noqa: PLC0415

    os.environ |= paths.as_environment()
    commands = (["seed", "--select", "path:seeds/identity"], ["run", "--threads", "2", "--select", *_MODELS])
    for command in commands[has_rules:]:
        manifest = Manifest(**pickle.loads(project))  # noqa: S301 our own
        outcome = dbtRunner(manifest=manifest).invoke(["--quiet", *command])
        DuckDBConnectionManager.close_all_connections()
        if not outcome.success:
            sys.exit(f"dbt could not run {command}")


def train(paths: Paths) -> bool:
    """Train the weights on what is built and put them in the place of the governed ones, where any were written."""
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()) as said:
        try:
            weights = train_identity(paths, Path(folder))
        except TrainingError as error:
            print(error, said.getvalue(), file=sys.stderr)
            return False
        with duckdb.connect(str(paths.warehouse)) as connection:
            for seed in ("identity_weights", "identity_thresholds"):
                connection.execute(f"delete from reference.{seed}")
                connection.execute(f"insert into reference.{seed} from read_csv('{weights.parent}/{seed}.csv')")
    return True


def figures(paths: Paths, records: str) -> Figures:
    """Compare the customers of a warehouse with the truth."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{paths.warehouse}' as built (read_only)")
        connection.execute(f"""
            create temp table found as
            select crosswalk.record_id, crosswalk.customer_id, truth.cluster
            from built.core.customer_crosswalk as crosswalk
            inner join ({records}) as truth on crosswalk.record_id = truth.record_id
        """)
        pairs = """
            select coalesce(sum(n * (n - 1) // 2), 0) from (select count(*) as n from found group by {})
        """
        ((same,),) = connection.execute(pairs.format("customer_id")).fetchall()
        ((true,),) = connection.execute(pairs.format("cluster")).fetchall()
        ((right,),) = connection.execute(pairs.format("customer_id, cluster")).fetchall()
        ((count,),) = connection.execute("select count(*) from found").fetchall()
        compared, right_compared = connection.execute("""
            with compared as (
                select distinct lefts.record_id as left_id, rights.record_id as right_id
                from built.intermediate.int_identity__pairing_keys as lefts
                inner join built.intermediate.int_identity__pairing_keys as rights
                    using (rule_id, pairing_key)
                where lefts.record_id < rights.record_id and lefts.dropped_since is null
            )
            select count(*), count(*) filter (left_found.cluster = right_found.cluster)
            from compared
            inner join found as left_found on left_id = left_found.record_id
            inner join found as right_found on right_id = right_found.record_id
        """).fetchall()[0]
        waiting, right_waiting = connection.execute("""
            select count(*), coalesce(avg(is_right), 0) from (
                select max(cast(left_found.cluster = right_found.cluster as integer)) as is_right
                from built.intermediate.int_identity__scored_pairs as pairs
                inner join found as left_found on left_record_id = left_found.record_id
                inner join found as right_found on right_record_id = right_found.record_id
                where outcome = 'possible' and left_found.customer_id <> right_found.customer_id
                group by least(left_found.customer_id, right_found.customer_id),
                    greatest(left_found.customer_id, right_found.customer_id)
            )
        """).fetchall()[0]
    return Figures(
        precision=right / max(same, 1),
        recall=right / max(true, 1),
        completeness=right_compared / max(true, 1),
        reduction=1 - compared / (count * (count - 1) / 2),
        waiting=waiting,
        right_waiting=right_waiting,
    )


def splink_line(data: Path) -> str:
    """What Splink makes of the historical people, as a row of the table."""
    from identity_splink import splink_figures  # noqa: PLC0415 - needs the extra

    columns = "unique_id, cluster, first_name, surname, dob, postcode_fake, birth_place, occupation"
    precision, recall = splink_figures(f"select {columns} from read_parquet('{data}/historical_dev.parquet')")
    f1 = 2 * precision * recall / (precision + recall)
    return f"| historical_dev, Splink 5 | {precision:.4f} | {recall:.4f} | {f1:.4f} | | | |"


def judge_cases(paths: Paths, data: Path) -> list[tuple[str, str, str, str]]:
    """Each case with its kind, situation and verdict: right, review or wrong."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{paths.warehouse}' as built (read_only)")
        customers = dict(
            connection.execute("select source_customer_id, customer_id from built.core.customer_crosswalk").fetchall()
        )
        waiting = {
            frozenset(name.split(":")[1] for name in pair)
            for pair in connection.execute(
                "select left_record_id, right_record_id from built.intermediate.int_identity__scored_pairs"
                " where outcome = 'possible'"
            ).fetchall()
        }
        rows = connection.execute(
            "select case_id, kind_of_case, situation, expected, list(case_id || '-' || record order by record) "
            f"from read_csv('{data}/people_cases.csv', all_varchar = true) group by all order by case_id"
        ).fetchall()
    judged = []
    for case, kind, situation, expected, records in rows:
        asked = [records[:2]] if expected == "apart12" else [[records[0], other] for other in records[1:]]
        verdicts = set()
        for one, other in asked:
            is_same = customers[one] == customers[other]
            is_right = expected == "any" or is_same == (expected == "same")
            is_waiting = not is_same and any(frozenset(pair) in waiting for pair in combinations(records, 2))
            verdicts.add("right" if is_right else "review" if is_waiting else "wrong")
        verdict = "wrong" if "wrong" in verdicts else "review" if "review" in verdicts else "right"
        judged.append((case, kind, f"{situation} ({expected})", verdict))
    return judged


def case_lines(cases: list[tuple[str, str, str, str]]) -> list[str]:
    """The verdicts counted, as rows of a table; none without cases."""
    kinds: dict[str, list[str]] = defaultdict(list)
    for _, kind, _, verdict in cases:
        kinds[kind].append(verdict)
    lines = ["", "| cases | right | in review | wrong |", "|---|---|---|---|"] if cases else []
    for kind, verdicts in [*kinds.items(), ("all", [verdict for *_, verdict in cases])] if cases else []:
        counts = [verdicts.count(verdict) for verdict in ("right", "review", "wrong")]
        lines.append(f"| {kind} | {' | '.join(map(str, counts))} |")
    return lines


def merged(written: list[str], lines: list[str]) -> list[str]:
    """The lines that are written, with those that were measured in their place; new ones stand behind their set."""
    measured = {line.split("|")[1].strip(): line for line in lines if line.startswith("| ")}
    kept = [measured.pop(line.split("|")[1].strip(), line) if line.startswith("| ") else line for line in written]
    for name, line in measured.items():
        place = next(
            (at for at, old in enumerate(kept) if old.startswith(f"| {name.partition(',')[0]} |")), len(kept) - 1
        )
        kept.insert(place + 1, line)
    return kept


def write(lines: list[str], *, is_all: bool) -> None:
    """Put the lines into docs/identity.md."""
    page = PROJECT_ROOT / "docs" / "identity.md"
    before, _, rest = page.read_text(encoding="utf-8").partition(_BEGIN)
    written, _, after = rest.partition(_END)
    lines = lines if is_all else merged(written.strip().splitlines(), lines)
    page.write_text(before + "\n".join([_BEGIN, "", *lines, "", _END]) + after, encoding="utf-8")


def main() -> None:
    """Print a line a set."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("--only", nargs="+", choices=SETS, default=list(SETS))
    arguments.add_argument("--folder", type=Path, help="Where to build; kept.  [default: a temporary folder]")
    arguments.add_argument("--trained", action="store_true", help="Train on each set, and resolve it with what came.")
    arguments.add_argument("--splink", action="store_true", help="Resolve historical_dev by Splink as well.")
    arguments.add_argument("--cases", action="store_true", help="List the cases decided otherwise than expected.")
    arguments.add_argument("--write", action="store_true", help="Write the rows into docs/identity.md.")
    options = arguments.parse_args()
    data = Path(os.environ["PROFIT_PUBLIC_DATA"]) / "identity"
    os.chdir(PROJECT_ROOT)
    lines = [
        "| set | precision | recall | F1 | true pairs compared | pairs not compared | waiting, right |",
        "|---|---|---|---|---|---|---|",
    ]
    cases: list[tuple[str, str, str, str]] = []
    with contextlib.ExitStack() as stack:
        folder = options.folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        project = pickle.dumps(parsed_project(folder))
        for name in options.only:
            paths = Paths.below(folder / name)
            connector = SETS[name].connector
            records = SETS[name].records.format(data=data, landing=paths.landing)
            if not connector:
                records = f"select 'register:' || customer_id as record_id, * from ({records})"
            if not paths.landing.exists():
                if connector:
                    land_adventureworks(paths, data.parent / connector)
                else:
                    land(paths, records)
            build(paths, project)
            if name == "people_cases":
                cases = judge_cases(paths, data)
                continue
            found = figures(paths, records)
            lines.append(found.line(name))
            print(lines[-1], flush=True)
            if options.splink and name == "historical_dev":
                lines.append(splink_line(data))
                print(lines[-1], flush=True)
            if options.trained and train(paths):
                build(paths, project, has_rules=True)
                found = figures(paths, records)
                lines.append(found.line(f"{name}, trained"))
                print(lines[-1], flush=True)
    lines += case_lines(cases)
    print("\n".join(lines))
    if options.cases:
        print("\n".join(" ".join(case) for case in cases if case[3] != "right"))
    if options.write:
        write(lines, is_all=set(options.only) == set(SETS))


if __name__ == "__main__":
    main()
