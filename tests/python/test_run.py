"""The whole run: what it publishes, how it fails, and that a published file is never half a file."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb
import pytest
from conftest import NO_TESTS, Company
from rendered import returned
from test_build_minimal import CUSTOMERS, ORDER_LINES, ORDERS, PRODUCTS, deliver, land

from profit.landing.commits import uncommitted_files
from profit.landing.receipts import refused_shares
from profit.paths import PROJECT_ROOT

pytestmark = pytest.mark.build

# Tests of the models are no part of these runs: they are about commands and files.
RUN = ("profit", "run", *NO_TESTS)
RUN_FEW = (*RUN, "--select", "dim_date", "customer_profitability")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """A small company whose first run has published."""
    company = Company(tmp_path_factory.mktemp("shop"))
    orders = "".join(line for line in ORDERS.splitlines(keepends=True) if not line.startswith(("O3", "O4")))
    lines = "".join(line for line in ORDER_LINES.splitlines(keepends=True) if line[:2] not in {"L3", "L4", "L5"})
    land(company, "first", "2025-02-10", customers=CUSTOMERS, products=PRODUCTS, orders=orders, order_lines=lines)
    # As a scheduler starts it: a process of its own, whose exit code is all that is looked at.
    company.run_process(*RUN)
    return company


def published(company: Company, sql: str) -> list[tuple]:
    with duckdb.connect(str(company.paths.published), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def run_log(company: Company) -> list[dict[str, str]]:
    return [json.loads(line) for line in company.paths.run_log.read_text(encoding="utf-8").splitlines()]


def test_the_published_file_holds_core_and_marts_and_says_what_they_were_built_from(shop: Company) -> None:
    schemas = published(shop, "select distinct schema_name from duckdb_tables() order by 1")
    assert schemas == [("core",), ("main",), ("marts",), ("reference",)]
    for schema, table, rows in published(shop, "select schema_name, table_name, row_count from manifest_tables"):
        assert published(shop, f"select count(*) from {schema}.{table}") == [(rows,)]
        assert shop.value(f"select count(*) from {schema}.{table}") == rows
    deliveries = published(
        shop, "select feed, source_system, delivered_on::varchar, length(checksum) from manifest_deliveries"
    )
    assert ("sales.orders", "shop", "2025-02-10", 64) in deliveries
    assert len(deliveries) == 4
    ((run_id, version),) = published(shop, "select run_id, version from manifest")
    assert version
    assert [(step["step"], step["outcome"]) for step in run_log(shop) if step["run_id"] == run_id] == [
        ("check landing", "done"),
        ("build", "done"),
        ("check marts", "done"),
        ("publish", "done"),
    ]


def test_every_published_column_carries_its_description(shop: Company) -> None:
    bare = published(
        shop,
        """
        select table_name, column_name from duckdb_columns()
        where not internal and not starts_with(column_name, 'x_') and coalesce(comment, '') = ''
        """,
    )
    assert bare == []


def test_the_published_file_is_read_only(shop: Company) -> None:
    assert not shop.paths.published.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH)
    columns = published(
        shop, "select column_name from duckdb_columns() where column_name in ('email', 'last_name', 'phone')"
    )
    assert columns == []


def test_a_reader_goes_on_with_the_file_it_has_open(shop: Company) -> None:
    with duckdb.connect(str(shop.paths.published), read_only=True) as reader:
        before = reader.execute("select run_id from manifest").fetchall()
        # DuckDB shares open files within a process by their path: another one publishes.
        shop.run_process("profit", "publish")
        assert reader.execute("select run_id from manifest").fetchall() == before
    assert published(shop, "select run_id from manifest") != before


def test_each_kind_of_failure_has_its_exit_code_and_leaves_the_published_file(shop: Company) -> None:
    before = shop.paths.published.read_bytes()

    assert "another run" in with_lock_held(shop).lower()

    failing = ("--select", "profit_stability", "--fail-fast", "--vars", "{time_tolerance: never}")
    printed = shop.run(*RUN, *failing, expect=4)
    assert "published" not in printed.lower()
    # The build that failed has changed the warehouse, so it may not be published.
    assert "has not passed the gate" in shop.run("profit", "publish", expect=7)

    with duckdb.connect(str(shop.paths.warehouse)) as warehouse:
        warehouse.execute("update marts.customer_profitability set net_revenue_amount = net_revenue_amount + 1")
    assert "did not pass" in shop.run("profit", "check", "marts", expect=6)
    assert "has not passed the gate" in shop.run("profit", "publish", expect=7)

    damaged = next(shop.paths.landing.glob("sales/orders/*/*/*.parquet"))
    sound = damaged.read_bytes()
    damaged.write_bytes(sound[: len(sound) // 2])
    printed = shop.run(*RUN, expect=5)
    assert damaged.name in printed
    assert "[2/4]" not in printed
    damaged.write_bytes(sound)

    assert shop.paths.published.read_bytes() == before
    assert any(step["outcome"].startswith("failed with 5") for step in run_log(shop))
    shop.run(*RUN_FEW, "profit_stability")


def with_lock_held(company: Company) -> str:
    """What a run says while another one is at work."""
    other = subprocess.Popen(
        [sys.executable, "-c", "import fcntl, sys; f = open(sys.argv[1], 'w'); fcntl.flock(f, fcntl.LOCK_EX); "
         "print('held', flush=True); sys.stdin.read()", f"{company.paths.warehouse}.run"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        company.run("profit", "publish", expect=8)
        return company.run(*RUN, expect=8)
    finally:
        other.kill()
        other.communicate()


class Poller(threading.Thread):
    """Opens the published file over and over, as BI tools do, and holds it against its own manifest."""

    def __init__(self, file: Path) -> None:
        super().__init__(daemon=True)
        self._file = file
        self._ended = threading.Event()
        self.reads = 0
        self.runs: set[str] = set()
        self.faults: list[str] = []

    def run(self) -> None:
        # In a process of its own, which opens the file anew each time: DuckDB shares open files within a process.
        # A file that was read and has not changed since is only looked for.
        code = (
            "import duckdb, os, sys\n"
            "seen = None\n"
            "for _ in sys.stdin:\n"
            "    try:\n"
            "        file = os.stat(sys.argv[1])\n"
            "        found = file.st_ino, file.st_mtime_ns, file.st_size\n"
            "        if found == seen:\n"
            "            print('same', flush=True)\n"
            "            continue\n"
            "        with duckdb.connect(sys.argv[1], read_only=True) as c:\n"
            "            t = c.execute('select schema_name, table_name, row_count from manifest_tables').fetchall()\n"
            "            n = [c.execute(f'select count(*) from {s}.{n}').fetchone()[0] for s, n, _ in t]\n"
            "            assert t and n == [r for *_, r in t], 'other rows than the manifest says'\n"
            "            print('read', c.execute('select run_id from manifest').fetchone()[0], flush=True)\n"
            "        seen = found\n"
            "    except Exception as error:\n"
            "        print('fault', repr(error), flush=True)\n"
        )
        with subprocess.Popen(
            [sys.executable, "-c", code, str(self._file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as reader:
            assert reader.stdin is not None
            assert reader.stdout is not None
            while not self._ended.wait(0.05):
                reader.stdin.write("\n")
                reader.stdin.flush()
                outcome, _, said = reader.stdout.readline().strip().partition(" ")
                if outcome == "read":
                    self.runs.add(said)
                    self.reads += 1
                elif outcome != "same":
                    self.faults.append(said or "the reader has ended")
            reader.stdin.close()

    def stop(self) -> None:
        self._ended.set()
        self.join()

    @classmethod
    @contextmanager
    def at(cls, file: Path) -> Iterator[Poller]:
        """Reads as long as it is needed, and no longer, however that ends."""
        poller = cls(file)
        poller.start()
        try:
            yield poller
        finally:
            poller.stop()


class Runner:
    """Starts runs of a company and ends them at a moment of a step."""

    def __init__(self, company: Company) -> None:
        self._company = company
        self._output = company.folder / "output.txt"
        self._server = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("fork_server.py"))],
            cwd=PROJECT_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )  # fmt: skip
        assert self._answer() == "ready"
        # Of each step, as it was last done.
        self.seconds: dict[str, float] = {}

    def _answer(self) -> str:
        assert self._server.stdout is not None
        return self._server.stdout.readline().strip()

    def start(self, *command: str) -> int:
        self._output.unlink(missing_ok=True)
        assert self._server.stdin is not None
        self._server.stdin.write(json.dumps([command, self._company.environment, str(self._output)]) + "\n")
        self._server.stdin.flush()
        return int(self._answer())

    def run(self, *command: str, expect: int = 0) -> str:
        self.start(*command)
        code = int(self._answer())
        printed = self._output.read_text(encoding="utf-8")
        assert code == expect, f"{command} ended with {code}:\n{printed[-3000:]}"
        return printed

    def end(self, number: int, begun: str, moment: float, *command: str) -> tuple[int, float, str]:
        """Send a signal so many seconds after the command has printed a line that begins so.

        Returns:
            How it ended, seconds from the signal to its end, and what it printed.
        """
        process = self.start(*command)
        while begun and not any(line.startswith(begun) for line in self._lines()):
            assert Path(f"/proc/{process}").exists(), f"it ended before {begun}: {self._lines()}"
            time.sleep(0.005)
        time.sleep(moment)
        sent = time.monotonic()
        with suppress(ProcessLookupError):
            os.killpg(process, number)
        code = int(self._answer())
        return code, time.monotonic() - sent, "".join(self._lines())

    def kill(self, begun: str, moment: float, *command: str) -> None:
        """Kill a command so many seconds after it printed a line; sooner where it had ended by then."""
        for earlier in (1, 3, 9, 27):
            code, _, said = self.end(signal.SIGKILL, begun, moment / earlier, *command)
            assert code in {-signal.SIGKILL, 0}, said
            if code:
                return
        raise AssertionError(f"{command} ended before it could be killed: {said}")

    def _lines(self) -> list[str]:
        return self._output.read_text(encoding="utf-8").splitlines(True) if self._output.exists() else []

    def close(self) -> None:
        self._server.kill()
        self._server.communicate()


@pytest.fixture(scope="module")
def runner(shop: Company) -> Iterator[Runner]:
    runner = Runner(shop)
    yield runner
    runner.close()


def seconds_of_steps(company: Company) -> dict[str, float]:
    """How long each step took when it was last done."""
    return {step["step"]: float(step["seconds"]) for step in run_log(company) if step["outcome"] == "done"}


STEPS = ("check landing", "build", "check marts", "publish")
RUN_ARGUMENTS = RUN_FEW[1:]


def rows_landed(company: Company) -> int:
    """Rows that a reader of the landing zone finds."""
    left_out = uncommitted_files(company.paths.landing)
    files = [path for path in company.paths.landing.glob("[a-z]*/*/*/*/*.parquet") if path not in left_out]
    return int(duckdb.read_parquet([str(path) for path in files], union_by_name=True).count("*").fetchall()[0][0])


def test_a_drill_of_kills_loses_nothing_and_needs_no_hand(shop: Company, runner: Runner) -> None:
    """The company is built already: these runs build a few of its models anew, between the same gates."""
    systems = 60
    rows = "".join(f"N{number},s{number:02d}\n" for number in range(systems))
    late = deliver(shop.folder / "late", customers=f"customer_id,source_system\n{rows}")
    landing = ("land", "files", "--from", str(late), "--delivered-on", "2025-02-10")
    with Poller.at(shop.paths.published) as poller:
        runner.run(*RUN_ARGUMENTS)
        seconds = seconds_of_steps(shop)
        before, kills = rows_landed(shop), 0
        within_runs = [(step, part) for step in (1, 2) for part in (0.1, 0.35, 0.6, 0.85)] + [(3, 0.5)]
        for step, part in within_runs:
            runner.kill(f"[{step}/4]", seconds[STEPS[step - 1]] * part, *RUN_ARGUMENTS)
            assert rows_landed(shop) == before
        for part in (0.2, 0.5, 0.8):
            runner.kill("", seconds["check marts"] * part, "check", "marts")
        assert "The run before was killed in its step 'check marts'" in runner.run(*RUN_ARGUMENTS)
        for part in (0.2, 0.4, 0.6, 0.8):
            runner.kill("", seconds["publish"] * part, "publish")
        moments: list[Callable[[], bool]] = [
            (shop.paths.landing / "_incoming").exists,
            (shop.paths.landing / "_pending").exists,
            lambda: len(list(shop.paths.landing.glob("crm/customers/source_system=s*"))) > 10,
            lambda: len(list(shop.paths.landing.glob("crm/customers/source_system=s*"))) > 50,
        ]
        for is_reached in moments:
            process = runner.start(*landing)
            while Path(f"/proc/{process}").exists() and not is_reached():
                time.sleep(0.0005)
            with suppress(ProcessLookupError):
                os.killpg(process, signal.SIGKILL)
            kills += int(runner._answer()) == -signal.SIGKILL
            assert rows_landed(shop) in (before, before + systems)
        runner.run(*landing)
        assert rows_landed(shop) == before + systems
        (delivery,) = {share.deliveries[0] for share in refused_shares(shop.paths) if share.source_system == "s00"}
        runner.run("land", "withdraw", delivery, "--reason", "a drill")
        published_before = published(shop, "select run_id from manifest")
        runner.run(*RUN_ARGUMENTS)
        assert published(shop, "select run_id from manifest") != published_before

    print(f"{kills} landings killed, {poller.reads} reads, {len(poller.runs)} published runs seen")
    assert kills > 0, "every landing had ended before it could be killed"
    assert poller.faults == []
    assert poller.reads > 0
    assert [path.name for path in shop.paths.published.parent.iterdir()] == [shop.paths.published.name]
    assert not list(shop.paths.quality.glob("_gate_*"))
    assert len([step for step in run_log(shop) if step["outcome"] == "killed"]) >= 8


@pytest.mark.parametrize(("number", "code", "name"), [(signal.SIGINT, 130, "Ctrl-C"), (signal.SIGTERM, 143, "SIGTERM")])
def test_a_signal_ends_a_run_at_once_in_every_step(
    shop: Company, runner: Runner, number: int, code: int, name: str
) -> None:
    before = shop.paths.published.read_bytes()
    seconds = seconds_of_steps(shop)
    # What the first signal shows of gate out and publishing is not shown again.
    for step, of in enumerate(STEPS if number == signal.SIGINT else STEPS[:2], start=1):
        ended, waited, said = runner.end(number, f"[{step}/4]", seconds[of] * 0.3, *RUN_ARGUMENTS)
        assert ended == code, said
        assert waited < 2
        assert (
            said.splitlines()[-1] == f"profit: stopped by {name} in the step '{of}'. What is published stays as it is."
        )
        assert "Traceback" not in said
        assert run_log(shop)[-1]["outcome"] == f"stopped by {name}"
        assert shop.paths.published.read_bytes() == before
        assert [path.name for path in shop.paths.published.parent.iterdir()] == [shop.paths.published.name]
        assert not list(shop.paths.quality.glob("_gate_*"))


def test_what_a_build_writes_down_of_itself_is_there_after_every_statement() -> None:
    """A kill between the end of a table and the one in its place left none, and of every model nothing was known."""
    seen = []
    with duckdb.connect() as warehouse:
        warehouse.execute("create table built_tables as select 'before' as unique_id")

        def run_query(sql: str) -> None:
            warehouse.execute(sql)
            seen.append(warehouse.execute("select unique_id from built_tables").fetchall())

        class Relation(str):
            __slots__ = ()

            def without_identifier(self) -> str:
                return "main"

        relation = Relation("built_tables")
        returned("write_texts", relation, ["unique_id"], [["a"], ["it's"]], run_query=run_query)
        assert seen == [[("a",), ("it's",)]], "one statement, and after it the new rows"
        returned("write_texts", relation, ["unique_id"], [], run_query=run_query)
        assert seen[1:] == [[]]


def test_a_file_that_goes_or_changes_within_a_run_stops_it(shop: Company, runner: Runner) -> None:
    before = shop.paths.published.read_bytes()
    path = next(shop.paths.landing.glob("sales/order_lines/*/*/*.parquet"))
    content = path.read_bytes()

    def other() -> None:
        duckdb.execute(f"copy (from read_parquet('{path}') limit 1) to '{path}.new' (format parquet)")
        Path(f"{path}.new").rename(path)

    for change, says in ((path.unlink, "is not there any more"), (other, "has other content")):
        process = runner.start(*RUN_ARGUMENTS)
        while not any(line.startswith("[2/4]") for line in runner._lines()):
            time.sleep(0.005)
        os.kill(process, signal.SIGSTOP)
        change()
        os.kill(process, signal.SIGCONT)
        code, said = int(runner._answer()), "".join(runner._lines())
        assert code == 4, said
        assert f"{path.name} {says}" in said
        path.write_bytes(content)
        assert shop.paths.published.read_bytes() == before
    # One that comes while the run is at work is left to the next one.
    process = runner.start(*RUN_ARGUMENTS)
    while not any(line.startswith("[2/4]") for line in runner._lines()):
        time.sleep(0.005)
    more = path.with_name("9999-of-another-tool.parquet")
    more.write_bytes(content)
    assert runner._answer() == "0"
    assert "9999" not in "".join(file for (file,) in shop.query("select landed_file from landing.loaded_rows"))
    more.unlink()


def test_a_part_of_a_build_is_published_only_where_it_is_asked_for(shop: Company, runner: Runner) -> None:
    (before,) = published(shop, "select deliveries_id from manifest")
    late = deliver(shop.folder / "later", customers="customer_id\nC7\n")
    runner.run("land", "files", "--from", str(late), "--source-system", "shop", "--delivered-on", "2025-02-11")
    said = runner.run(*RUN_ARGUMENTS, expect=7)
    assert "tables are not from the deliveries that the last build read: core.customer_attribute_sources" in said
    assert published(shop, "select deliveries_id from manifest") == [before]
    runner.run("publish", "--partial")
    ((now, is_partial),) = published(shop, "select deliveries_id, is_partial from manifest")
    assert is_partial
    assert now != before[0]
    of_tables = dict(published(shop, "select table_name, deliveries_id from manifest_tables"))
    # It was built now, from what was built before.
    assert of_tables["customer_profitability"] == before[0]
    assert of_tables["dim_customer"] == before[0]
    assert of_tables["waterfall_lines"] is None
    files = dict(published(shop, "select deliveries_id, count(*) from manifest_delivery_sets group by all"))
    assert files == {before[0]: 4, now: 5}
    (delivery,) = {
        share.deliveries[0] for share in refused_shares(shop.paths) if share.delivered_on == "2025-02-11"
    }  # fmt: skip
    runner.run("land", "withdraw", delivery, "--reason", "a drill")
    # The same deliveries as before: every table is from them again.
    runner.run(*RUN_ARGUMENTS)
    assert published(shop, "select deliveries_id, is_partial from manifest") == [(before[0], False)]


def test_the_engine_reaches_nothing_but_its_own_folders(shop: Company) -> None:
    said = shop.run("dbt", "show", "--inline", "select * from read_text('/etc/hostname')", expect=2)
    assert "file system operations are disabled" in said
    said = shop.run("dbt", "run-operation", "run_query", "--args", "{sql: set threads = 1}", expect=1)
    assert "the configuration has been locked" in said
