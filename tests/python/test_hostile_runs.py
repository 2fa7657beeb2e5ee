"""Broken settings, disks and files for gates, builds and publishing: what the command says and ends with."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import click
import duckdb
import pytest
from click.testing import CliRunner
from landing_zone import DAY, Zone

from profit.cli import main
from profit.copying import SCHEMAS
from profit.gates import GateReport
from profit.gates.passing import note_pass
from profit.paths import PROJECT_ROOT, Paths

OTHER, USAGE, BUILD, GATE_IN, GATE_OUT, PUBLISH, BUSY = 1, 2, 4, 5, 6, 7, 8
FILE = str(PROJECT_ROOT / "README.md")
TABLES = {
    "customers": "customer_id\nC1\nC2\n",
    "products": "product_id\nP1\n",
    "orders": "order_id,ordered_at,customer_id\nO1,2024-05-01T10:00:00Z,C1\n",
    "order_lines": "order_line_id,order_id,product_id,quantity,unit_list_price\nL1,O1,P1,1,5\nL2,O1,P1,2,5\n",
}

CHECK_IN, BUILDING, CHECK_OUT, PUBLISHING = ("check", "landing"), ("build",), ("check", "marts"), ("publish",)
RUN, SUMMARY, EXPLAIN, COVERAGE = ("run",), ("summary",), ("explain", "C1"), ("coverage",)


@dataclass(frozen=True)
class Case:
    """A command on a company that something was done to, and how it ends."""

    command: tuple[str, ...]
    code: int
    says: str
    prepare: Callable[[Paths], object] = lambda _: None
    environment: Mapping[str, str] = field(default_factory=dict)


def setting(name: str, value: str, command: tuple[str, ...], code: int, says: str) -> Case:
    return Case(command, code, says, environment={name: value})


def warehouse(content: bytes | None, command: tuple[str, ...], code: int, says: str) -> Case:
    """The build file holds this; None for a folder in its place."""

    def prepare(paths: Paths) -> None:
        paths.warehouse.parent.mkdir(exist_ok=True)
        if content is None:
            paths.warehouse.mkdir()
        else:
            paths.warehouse.write_bytes(content)

    return Case(command, code, says, prepare)


def landed(table: str, change: Callable[[Path], object], says: str, code: int = GATE_IN) -> Case:
    return Case(CHECK_IN, code, says, lambda paths: change(next(paths.landing.glob(f"*/{table}/*/*/*.parquet"))))


def of_landing(place: str, content: str | None, says: str, command: tuple[str, ...] = CHECK_IN, code: int = GATE_IN,
               ) -> Case:  # fmt: skip
    """A file of the landing zone holds this; None for nothing, as where it was removed."""

    def prepare(paths: Paths) -> None:
        path = next(paths.landing.glob(place), paths.landing / place)
        path.parent.mkdir(exist_ok=True)
        path.unlink(missing_ok=True) if content is None else path.write_text(content)

    return Case(command, code, says, prepare)


def built(change: Callable[[Paths], object], says: str, code: int = PUBLISH, command: tuple[str, ...] = PUBLISHING,
          **options: object) -> Case:  # fmt: skip
    """A small warehouse that has passed its gate, before something is done to it."""

    def prepare(paths: Paths) -> None:
        build(paths)
        change(paths)

    return Case(command, code, says, prepare, **options)  # type: ignore[arg-type]


def build(paths: Paths) -> None:
    paths.warehouse.parent.mkdir(exist_ok=True)
    columns = "unique_id, schema_name, table_name, run_id, built_at, deliveries_id"
    with duckdb.connect(str(paths.warehouse)) as made:
        for schema in (*SCHEMAS, "landing"):
            made.execute(f"create schema {schema}")
        made.execute("create table marts.customer_profitability as select 'C1' as customer_id")
        made.execute("create table marts.of_an_older_version as select 'Ann' as first_name")
        made.execute("create table landing.build as select 'd' as deliveries_id")
        made.execute("create table landing.deliveries as select 'crm.customers' as feed, 'a.parquet' as landed_file")
        made.execute("create table landing.delivery_sets as select 'd' as deliveries_id, 'crm.customers' as feed")
        made.execute(
            f"create table landing.built_tables as select * from (values "
            f"('m', 'marts', 'customer_profitability', 'r', '2025-01-01 00:00:00', 'd')) as t({columns})"
        )
    note = paths.quality / "gate/marts/passed.json"
    note.parent.mkdir(parents=True)
    note_pass(paths, GateReport("marts", (), note.with_name("results.parquet"), note))


def change_build(statement: str) -> Callable[[Paths], None]:
    def change(paths: Paths) -> None:
        with duckdb.connect(str(paths.warehouse)) as made:
            made.execute(statement)
        note_pass(paths, GateReport("marts", (), Path("results.parquet"), Path("index.html")))

    return change


def note(content: str) -> Callable[[Paths], object]:
    return lambda paths: (paths.quality / "gate/marts/passed.json").write_text(content)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def other_rows(path: Path) -> None:
    duckdb.execute(f"copy (from read_parquet('{path}') limit 1) to '{path}.new' (format parquet)")
    Path(f"{path}.new").rename(path)


def into_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def half_a_database(paths: Paths) -> None:
    cut_at = 12_288
    build(paths)
    content = paths.warehouse.read_bytes()
    paths.warehouse.write_bytes(content[:cut_at] + b"\xff" * 5000 + content[cut_at + 5000 :])


EMPTY = "is set and empty"
UNSAFE = "stands for something else"
IN_THE_WAY = "a file stands where a folder is needed"

CASES = {
    # Settings
    "no_landing_to_check": setting("PROFIT_LANDING", "", CHECK_IN, USAGE, EMPTY),
    "no_landing_to_build": setting("PROFIT_LANDING", "", BUILDING, USAGE, EMPTY),
    "no_landing_to_run": setting("PROFIT_LANDING", " ", RUN, USAGE, EMPTY),
    "no_warehouse_to_build": setting("PROFIT_WAREHOUSE", "", BUILDING, USAGE, EMPTY),
    "no_warehouse_to_check": setting("PROFIT_WAREHOUSE", "", CHECK_OUT, USAGE, EMPTY),
    "no_warehouse_to_explain": setting("PROFIT_WAREHOUSE", "", EXPLAIN, USAGE, EMPTY),
    "no_published": setting("PROFIT_PUBLISHED", "", PUBLISHING, USAGE, EMPTY),
    "no_quality": setting("PROFIT_QUALITY", "", CHECK_OUT, USAGE, EMPTY),
    "quote_in_the_warehouse": setting("PROFIT_WAREHOUSE", "/srv/o'brien/b.duckdb", BUILDING, USAGE, UNSAFE),
    "quote_in_published": setting("PROFIT_PUBLISHED", '/srv/"x"/p.duckdb', PUBLISHING, USAGE, UNSAFE),
    "semicolon_and_quote_in_quality": setting("PROFIT_QUALITY", "/srv/'; drop", CHECK_OUT, USAGE, UNSAFE),
    "newline_in_published": setting("PROFIT_PUBLISHED", "/srv/a\nb.duckdb", PUBLISHING, USAGE, UNSAFE),
    "text_direction_in_the_warehouse": setting("PROFIT_WAREHOUSE", "/srv/a\u202eb", BUILDING, USAGE, "\\u202e"),
    "home_of_nobody": setting("PROFIT_PUBLISHED", "~no-one-here/p.duckdb", PUBLISHING, USAGE, "names no home folder"),
    "memory_that_is_none": setting("PROFIT_MEMORY_LIMIT", "lots", BUILDING, USAGE, "write a size, such as 8GB"),
    "memory_with_sql": setting("PROFIT_MEMORY_LIMIT", "1GB'; drop", BUILDING, USAGE, "write a size"),
    "share_that_is_none": setting("PROFIT_LIMIT_REFUSED_SHARE", "few", CHECK_IN, USAGE, "a share from 0 to 1"),
    "share_above_one": setting("PROFIT_LIMIT_REFUSED_SHARE", "5", CHECK_IN, USAGE, "a share from 0 to 1"),
    "long_name_of_published": built(
        lambda _: None, "name is too long", environment={"PROFIT_PUBLISHED": f"/srv/{'p' * 300}.duckdb"}
    ),
    "long_name_of_the_warehouse": setting(
        "PROFIT_WAREHOUSE", f"/srv/{'w' * 300}/b.duckdb", BUILDING, BUILD, "name is too long"
    ),
    "unknown_gate": Case(("check", "everything"), USAGE, "'everything' is not one of"),
    "unknown_engine": Case((*BUILDING, "--target", "oracle"), USAGE, "'oracle' is not one of"),
    # Where folders and files are in each other's way, or cannot be written
    "landing_is_a_file": setting("PROFIT_LANDING", FILE, CHECK_IN, GATE_IN, IN_THE_WAY),
    "landing_is_missing": Case(
        CHECK_IN, GATE_IN, "sales.orders is required", lambda paths: shutil.rmtree(paths.landing)
    ),
    "quality_is_a_file": setting("PROFIT_QUALITY", FILE, CHECK_IN, GATE_IN, IN_THE_WAY),
    "quality_is_a_file_of_the_gate_out": built(
        lambda _: None, IN_THE_WAY, GATE_OUT, CHECK_OUT, environment={"PROFIT_QUALITY": FILE}
    ),
    "quality_below_a_file": setting("PROFIT_QUALITY", f"{FILE}/quality", CHECK_IN, GATE_IN, IN_THE_WAY),
    "quality_that_cannot_be_written": setting("PROFIT_QUALITY", "/proc/quality", CHECK_IN, GATE_IN, "/proc/quality"),
    "warehouse_below_a_file": setting("PROFIT_WAREHOUSE", f"{FILE}/b.duckdb", BUILDING, BUILD, IN_THE_WAY),
    "warehouse_that_cannot_be_written": setting("PROFIT_WAREHOUSE", "/proc/w/b.duckdb", BUILDING, BUILD, "/proc/w"),
    "published_is_a_folder": built(lambda paths: paths.published.mkdir(parents=True), "names a file"),
    "published_below_a_file": built(lambda _: None, IN_THE_WAY, environment={"PROFIT_PUBLISHED": f"{FILE}/p.duckdb"}),
    "published_that_cannot_be_written": built(
        lambda _: None, "Nothing was published", environment={"PROFIT_PUBLISHED": "/proc/p/p.duckdb"}
    ),
    # The build file
    "no_build_to_check": Case(CHECK_OUT, GATE_OUT, "run `profit build` first"),
    "no_build_to_publish": Case(PUBLISHING, PUBLISH, "has not passed the gate"),
    "no_build_to_explain": Case(EXPLAIN, OTHER, "run `profit build` first"),
    "no_build_to_sum_up": Case(SUMMARY, OTHER, "run `profit build` first"),
    "no_build_to_cover": Case(COVERAGE, OTHER, "run `profit build` first"),
    "build_file_is_a_folder": warehouse(None, BUILDING, BUILD, "is a folder, and PROFIT_WAREHOUSE names a file"),
    "build_file_is_a_text": warehouse(b"select 1;\n" * 99, BUILDING, BUILD, "it is damaged, or no file of DuckDB"),
    "text_to_check": warehouse(b"select 1;\n" * 99, CHECK_OUT, GATE_OUT, "move it away"),
    "text_to_explain": warehouse(b"select 1;\n" * 99, EXPLAIN, OTHER, "move it away"),
    "build_file_of_zeros": warehouse(b"\0" * 20_000, BUILDING, BUILD, "it is damaged, or no file of DuckDB"),
    "build_file_cut_off": built(lambda paths: os.truncate(paths.warehouse, 5_000), "damaged", BUILD, BUILDING),
    "damaged_build_to_check": Case(CHECK_OUT, GATE_OUT, "it is damaged, or no file of DuckDB", half_a_database),
    "damaged_build_to_publish": Case(
        PUBLISHING, PUBLISH, "it is damaged, or no file of DuckDB",
        lambda paths: (half_a_database(paths), note_pass(paths, GateReport("marts", (), Path("r"), Path("i")))),
    ),
    "build_without_marts": built(change_build("drop schema marts cascade"), "holds no marts"),
    "build_that_says_nothing_of_itself": built(
        change_build("drop table landing.build"), "does not say which build its tables are from"
    ),
    "build_of_other_deliveries": built(lambda _: None, "tables are not from the deliveries that the last build read"),
    "build_without_most_tables": built(lambda _: None, "the table was built", GATE_OUT, CHECK_OUT),
    "build_that_says_nothing_of_its_rows": built(lambda _: None, "The check itself failed", GATE_OUT, CHECK_OUT),
    "partial_build_asked_for": built(lambda _: None, "Partial: ", 0, (*PUBLISHING, "--partial")),
    "table_of_no_model": built(
        lambda _: None, "Not published, as no model of the project makes it: marts.of_an_older_version", 0,
        (*PUBLISHING, "--partial"),
    ),
    "view_that_reads_a_file": built(
        change_build(
            "drop table marts.customer_profitability; create view marts.customer_profitability as "
            "select content as customer_id from read_text('/etc/hostname')"
        ),
        "file system operations are disabled", command=(*PUBLISHING, "--partial"),
    ),
    "view_that_reads_a_file_in_the_gate": built(
        change_build(
            "drop table marts.customer_profitability; create view marts.customer_profitability as "
            "select content as customer_id from read_text('/etc/hostname')"
        ),
        "file system operations are disabled", GATE_OUT, CHECK_OUT,
    ),
    # Notes
    "empty_note_of_the_gate": built(note(""), "has not passed the gate"),
    "note_of_the_gate_without_keys": built(note("{}"), "has not passed the gate"),
    "note_of_the_gate_that_is_a_list": built(note("[1]"), "has not passed the gate"),
    "note_of_the_gate_that_is_null": built(note("null"), "has not passed the gate"),
    "note_of_the_gate_that_is_binary": built(
        lambda paths: (paths.quality / "gate/marts/passed.json").write_bytes(b"\xff\xfe\0"), "has not passed the gate"
    ),
    "note_of_the_gate_that_is_a_folder": built(
        lambda paths: into_folder(paths.quality / "gate/marts/passed.json"), "a folder stands where a file is needed"
    ),
    "note_of_the_tests_that_is_broken": built(
        lambda paths: (paths.quality / "gate/marts/tested.json").write_text("{"), "No results of dbt's tests",
        GATE_OUT, CHECK_OUT,
    ),
    "build_changed_since_the_gate": built(
        lambda paths: os.utime(paths.warehouse, ns=(1, 1)), "has not passed the gate since it was built"
    ),
    "rest_of_a_killed_build_since_the_gate": built(
        lambda paths: Path(f"{paths.warehouse}.wal").write_bytes(b"x"), "has not passed the gate since it was built"
    ),
    # What lies in the landing zone
    "damaged_file": landed("orders", cut, "is damaged or no Parquet file"),
    "file_that_is_gone": landed("order_lines", Path.unlink, "sales.order_lines is required and has no landed file"),
    "file_with_other_rows": landed("order_lines", other_rows, "has 1 rows; its receipt says 2"),
    "folder_in_place_of_a_file": landed("orders", into_folder, "sales.orders is required"),
    "text_in_place_of_a_file": landed("orders", lambda path: path.write_text("order_id\n"), "is damaged or no Parquet"),
    "file_of_no_feed": of_landing("sales/refunds/x.parquet", "PAR1", "belongs to no table of the contract"),
    "file_of_no_day": landed(
        "orders", lambda path: path.parent.rename(path.parent.with_name("delivered_on=2024-13-45")), "2024-13-45"
    ),
    "broken_receipt": of_landing("_receipts/*/orders/*/*/*.json", "{", "is no receipt of a landing"),
    "broken_receipt_and_a_build": of_landing(
        "_receipts/*/orders/*/*/*.json", "[]", "is no receipt of a landing", BUILDING, code=BUILD
    ),
    "broken_record_of_a_landing": of_landing("_pending/1.json", "{", "record of an unfinished landing"),
}  # fmt: skip


@pytest.fixture(scope="module")
def delivered(tmp_path_factory: pytest.TempPathFactory) -> Paths:
    """A small landing zone; cases work on copies."""
    zone = Zone(tmp_path_factory.mktemp("delivered"))
    for table, content in TABLES.items():
        zone.write(f"{table}.csv", content)
    zone.land(delivered_on=DAY)
    return zone.paths


@pytest.fixture
def paths(delivered: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Paths:
    paths = Paths.below(tmp_path)
    shutil.copytree(delivered.landing, paths.landing)
    for variable, value in {
        **paths.as_environment(),
        "DBT_TARGET_PATH": str(tmp_path / "target"),
        "DBT_LOG_PATH": str(tmp_path / "logs"),
    }.items():
        monkeypatch.setenv(variable, value)
    return paths


@pytest.mark.parametrize("name", CASES)
def test_a_broken_setting_disk_or_file_ends_with_its_code_and_message(
    name: str, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = CASES[name]
    case.prepare(paths)
    for variable, value in case.environment.items():
        monkeypatch.setenv(variable, value)
    said = ends_with(case.code, *case.command)
    assert case.says in said, said
    assert all(character.isprintable() or character == "\n" for character in said)
    if case.code:
        assert not paths.published.is_file()
    assert not list(paths.quality.glob("_gate_*"))
    assert not paths.published.parent.exists() or not list(paths.published.parent.glob(".*"))


def ends_with(code: int, *command: str) -> str:
    outcome = CliRunner().invoke(main, command)
    traced = "".join(traceback.format_exception(outcome.exception)) if outcome.exception else ""
    assert outcome.exit_code == code, outcome.output + traced
    assert outcome.exception is None or isinstance(outcome.exception, SystemExit), traced
    assert "Traceback" not in outcome.output
    return outcome.output


# --- beside each other ----------------------------------------------------------------------------------------------


def test_a_build_file_that_another_program_reads_is_said_to_be_in_use(paths: Paths) -> None:
    build(paths)
    code = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(paths.warehouse)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        for command in (BUILDING, CHECK_OUT, PUBLISHING, SUMMARY):
            said = ends_with(BUSY, *command)
            assert "is open in another program" in said
            assert f"PID {other.pid}" in said
        other.communicate("")


def test_companies_publish_side_by_side_and_clear_only_what_is_theirs(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(paths)
    folder = paths.published.parent
    others = [f".{paths.published.name}-eu.duckdb", f".{paths.published.stem}-{'a' * 32}.duckdb",
              f".{paths.published.stem}-eu.duckdb-{'b' * 32}"]  # fmt: skip
    for name in others:
        (folder / name).mkdir(parents=True)
    left, at_work = (folder / f".{paths.published.name}-{letter * 32}" for letter in "cd")
    left.mkdir()
    (left / "copy.duckdb.wal").write_bytes(b"a full disk")
    (paths.quality / "_gate_left").mkdir()
    from profit.leftovers import own_folder  # noqa: PLC0415

    with own_folder(at_work):
        ends_with(0, *PUBLISHING, "--partial")
        assert sorted(path.name for path in folder.iterdir()) == sorted([*others, at_work.name, paths.published.name])
    assert not at_work.exists()
    assert not (paths.quality / "_gate_left").exists()


def test_a_published_file_says_what_is_from_where(paths: Paths) -> None:
    build(paths)
    ends_with(0, *PUBLISHING, "--partial")
    with duckdb.connect(str(paths.published), read_only=True) as published:
        assert published.execute("select deliveries_id, is_partial from manifest").fetchall() == [("d", True)]
        assert published.execute("select table_name, row_count, run_id, deliveries_id from manifest_tables").fetchall(
        ) == [("customer_profitability", 1, "r", "d")]  # fmt: skip
        assert published.execute("select deliveries_id, feed from manifest_delivery_sets").fetchall() == [
            ("d", "crm.customers")
        ]
        assert published.execute("select count(*) from duckdb_tables() where table_name like '%older%'").fetchall() == [
            (0,)
        ]


def test_a_run_that_was_killed_is_told_by_the_next(paths: Paths) -> None:
    build(paths)
    killed = {"run_id": "0123", "started_at": "2025-01-01T00:00:00+00:00", "step": "build"}
    Path(f"{paths.warehouse}.run").write_text(json.dumps(killed))
    paths.run_log.write_text('{"run_id": "cut o')
    said = ends_with(0, *PUBLISHING, "--partial")
    assert "The run before was killed in its step 'build', begun at 2025-01-01T00:00:00+00:00" in said
    assert "The run before" not in ends_with(0, *PUBLISHING, "--partial")
    _, line = paths.run_log.read_text().splitlines()
    assert json.loads(line) == {**killed, "outcome": "killed", "seconds": None}


@pytest.mark.parametrize("broken", ["mkdir", "replace"])
def test_a_full_disk_ends_publishing_and_leaves_nothing(
    paths: Paths, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    build(paths)
    ends_with(0, *PUBLISHING, "--partial")
    before = paths.published.read_bytes()

    def full(path: object, *_: object, **__: object) -> None:
        raise OSError(28, "No space left on device", str(path))

    with monkeypatch.context() as patched:
        patched.setattr(os, broken, full)
        said = ends_with(PUBLISH, *PUBLISHING, "--partial")
    assert "the disk is full" in said
    assert "stays as it is" in said
    assert paths.published.read_bytes() == before
    assert [path.name for path in paths.published.parent.iterdir()] == [paths.published.name]


def test_a_session_without_utf8_checks_and_publishes(paths: Paths) -> None:
    build(paths)
    plain = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0", "PYTHONPATH": os.pathsep.join(sys.path)}
    outcome = subprocess.run(
        [sys.executable, "-c", "from profit.cli import main; main()", "publish"],
        env={**os.environ, **plain},
        capture_output=True,
        check=False,
    )
    assert outcome.returncode == PUBLISH, outcome.stderr
    assert b"Traceback" not in outcome.stderr
    assert b"tables are not from the deliveries" in outcome.stderr


def test_the_table_is_as_long_as_promised() -> None:
    assert len(CASES) >= 60


def commands(group: click.Group, names: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = [names]
    for name, command in group.commands.items():
        found += commands(command, (*names, name)) if isinstance(command, click.Group) else [(*names, name)]
    return found


@pytest.mark.parametrize("names", commands(main), ids=" ".join)
def test_every_command_says_how_it_is_used_and_ends_well(names: tuple[str, ...]) -> None:
    result = CliRunner().invoke(main, [*names, "--help"])
    assert result.exit_code == 0
    assert result.output.startswith("Usage: ")
    assert "profit: 0" not in result.output
