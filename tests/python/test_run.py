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
from pathlib import Path

import duckdb
import pytest
from conftest import NO_TESTS, Company
from test_build_minimal import CUSTOMERS, ORDER_LINES, ORDERS, PRODUCTS, land

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
        where schema_name in ('core', 'marts') and not starts_with(column_name, 'x_') and coalesce(comment, '') = ''
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

    printed = shop.run(*RUN, "--fail-fast", "--vars", "{calendar_ends_on: never}", expect=4)
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
    shop.run(*RUN)


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
        code = (
            "import duckdb, sys\n"
            "for _ in sys.stdin:\n"
            "    try:\n"
            "        with duckdb.connect(sys.argv[1], read_only=True) as c:\n"
            "            t = c.execute('select schema_name, table_name, row_count from manifest_tables').fetchall()\n"
            "            n = [c.execute(f'select count(*) from {s}.{n}').fetchone()[0] for s, n, _ in t]\n"
            "            assert t and n == [r for *_, r in t], 'other rows than the manifest says'\n"
            "            print('read', c.execute('select run_id from manifest').fetchone()[0], flush=True)\n"
            "    except Exception as error:\n"
            "        print('fault', repr(error), flush=True)\n"
        )
        with subprocess.Popen(
            [sys.executable, "-c", code, str(self._file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as reader:
            assert reader.stdin is not None
            assert reader.stdout is not None
            while not self._ended.wait(0.2):
                reader.stdin.write("\n")
                reader.stdin.flush()
                outcome, _, said = reader.stdout.readline().strip().partition(" ")
                if outcome == "read":
                    self.runs.add(said)
                    self.reads += 1
                else:
                    self.faults.append(said or "the reader has ended")
            reader.stdin.close()

    def stop(self) -> None:
        self._ended.set()
        self.join()


def kill(company: Company, command: tuple[str, ...], moment: float, step: int = 0) -> None:
    """Kill a command so many seconds after it has begun its step, or sooner where it had ended by then."""
    while True:
        victim = company.start(
            *command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=1, start_new_session=True
        )
        assert victim.stdout is not None
        if step:
            begun = any(line.startswith(f"[{step}/4]") for line in victim.stdout)
            assert begun, f"the run ended before its step {step}"
        try:
            victim.wait(timeout=moment)
        except subprocess.TimeoutExpired:
            os.killpg(victim.pid, signal.SIGKILL)
            victim.communicate()
            return
        moment /= 2


def seconds_of_steps(company: Company) -> dict[str, float]:
    """How long each step took when it was last done."""
    return {step["step"]: float(step["seconds"]) for step in run_log(company) if step["outcome"] == "done"}


def test_a_run_killed_at_any_moment_leaves_the_published_file_whole(shop: Company) -> None:
    """The company is built already: these runs build a few of its models anew, between the same gates."""
    poller = Poller(shop.paths.published)
    poller.start()
    shop.run(*RUN_FEW)
    # A process of its own takes longer for each of them, so that these moments lie within.
    seconds = seconds_of_steps(shop)
    for step, name in enumerate(("check landing", "build", "check marts", "publish"), start=1):
        kill(shop, RUN_FEW, 0.8 * seconds[name], step)
    # The swap itself takes a moment of a run; as a command of its own it is hit at many places.
    shop.run(*RUN_FEW)
    started = time.monotonic()
    shop.run_process("profit", "publish")
    whole = time.monotonic() - started
    for part in (0.35, 0.55, 0.7, 0.85, 0.95):
        kill(shop, ("profit", "publish"), whole * part)
    before = published(shop, "select run_id from manifest")
    shop.run("profit", "publish")
    assert published(shop, "select run_id from manifest") != before
    poller.stop()

    print(f"{poller.reads} reads, {len(poller.runs)} published runs seen, {len(poller.faults)} faults")
    assert poller.faults == []
    assert poller.reads > 0
    assert [path.name for path in shop.paths.published.parent.iterdir()] == [shop.paths.published.name]
