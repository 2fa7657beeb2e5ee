"""Whole builds for the tests that need one: each company is landed and built once, for all workers and later runs."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, settings
from in_process import fingerprint, forbid_builds, locked, run_in_process

from profit.machine import collect_garbage_seldom
from profit.paths import PROJECT_ROOT, Paths

collect_garbage_seldom()
# PySpark, which the gates import through their library, takes a main module without a file for a run of doctests and
# ends the process; the workers that share the tests have such a main module.
if not hasattr(sys.modules["__main__"], "__file__"):
    sys.modules["__main__"].__file__ = __file__
# As `profit.gates` sets it, here for as long as the worker lives.
os.environ["GX_ANALYTICS_ENABLED"] = "false"

# The same cases in every run; `make explore` draws new ones, many times as many, and remembers what failed.
settings.register_profile("steady", derandomize=True, deadline=None, database=None)
settings.register_profile(
    "explore", deadline=None, suppress_health_check=[HealthCheck.too_slow], phases=set(Phase) - {Phase.explain}
)
settings.load_profile(os.environ.get("PROFIT_TEST_CASES", "steady"))

# Files that take longest: workers take them first, so that none is left alone with one at the end.
_FIRST = ("test_spark.py", "test_run.py", "test_build_minimal.py", "test_identity_public_data.py")

# How a test is run, said by its mark: every test has exactly one of these.
KINDS = ("fast", "build", "spark", "public")
_PUBLIC_FIXTURES = {"adventureworks", "online_retail", "cdnow"}
_BUILD_FIXTURES = {"demo", "company"}

# dbt's unit tests bring their own rows: test_companies.py runs them, once.
NO_UNIT_TESTS = ("--exclude-resource-type", "unit_test")
# Keys, filled columns and accepted values, where another build of the same kind of company has been tested for them.
RECONCILIATIONS = ("--exclude", "test_type:generic", *NO_UNIT_TESTS)
NO_TESTS = (*NO_UNIT_TESTS, "--exclude-resource-type", "test")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        kinds = [mark.name for mark in item.iter_markers() if mark.name in KINDS]
        if not kinds:
            fixtures = set(getattr(item, "fixturenames", ()))
            kind = "public" if fixtures & _PUBLIC_FIXTURES else "build" if fixtures & _BUILD_FIXTURES else "fast"
            item.add_marker(kind)
    items.sort(key=lambda item: _FIRST.index(item.path.name) if item.path.name in _FIRST else len(_FIRST))


def kind_of(item: pytest.Item) -> str:
    """The kind of a test: the mark nearest to it."""
    return next(mark.name for mark in item.iter_markers() if mark.name in KINDS)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> object:
    with forbid_builds(item.nodeid if kind_of(item) == "fast" else ""):
        return (yield)


@dataclass(frozen=True)
class Company:
    """A landing zone and the warehouse built from it."""

    folder: Path

    @property
    def paths(self) -> Paths:
        return Paths.below(self.folder)

    @property
    def environment(self) -> dict[str, str]:
        """What tells every command to stay in this company's folder."""
        return {
            **self.paths.as_environment(),
            "DBT_TARGET_PATH": str(self.folder / "target"),
            "DBT_LOG_PATH": str(self.folder / "logs"),
        }

    def run(self, *command: str, expect: int = 0) -> str:
        """Run `profit` or `dbt` for this company, in this process; return what it printed."""
        code, printed = run_in_process(command, self.environment)
        assert code == expect, f"{command} ended with {code}:\n{printed[-6000:]}"
        return printed

    def start(self, *command: str, **options: object) -> subprocess.Popen[str]:
        """Start a command of the environment as a user does, in a process of its own."""
        return subprocess.Popen(
            [str(Path(sys.executable).with_name(command[0])), *command[1:]],
            cwd=PROJECT_ROOT,
            env={**os.environ, **self.environment},
            text=True,
            **options,  # type: ignore[call-overload]
        )

    def run_process(self, *command: str, expect: int = 0) -> str:
        """Run a command of the environment as a user does, in a process of its own; return what it printed."""
        process = self.start(*command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        printed, _ = process.communicate()
        assert process.returncode == expect, f"{command} ended with {process.returncode}:\n{printed[-6000:]}"
        return printed

    def copied(self, folder: Path) -> Company:
        """This company in another folder, as it is now, for a test that changes it."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("spark", "logs"))
        return Company(folder)

    def query(self, sql: str) -> list[tuple]:
        with duckdb.connect(str(self.paths.warehouse), read_only=True) as warehouse:
            return warehouse.execute(sql).fetchall()

    def value(self, sql: str) -> object:
        ((value,),) = self.query(sql)
        return value


def public_data() -> Path:
    """The folder of public data sets, or a skip that says what is missing."""
    folder = os.environ.get("PROFIT_PUBLIC_DATA")
    if not folder or not Path(folder).is_dir():
        pytest.skip("PROFIT_PUBLIC_DATA does not name the folder of public data sets")
    return Path(folder)


@pytest.fixture
def company(tmp_path: Path) -> Company:
    """A company that has delivered nothing yet."""
    return Company(tmp_path)


def shared(name: str, build: Callable[[Company], None], *, made_of: str = "") -> Company:
    """A company that is built by the worker that asks first; nobody writes into it.

    It stays in pytest's cache until a file of the project changes, but for the tests themselves: one of them can be
    written without waiting for a build. `pytest --cache-clear` forgets all of them.

    Args:
        name: Folder of its own.
        build: Lands and builds it.
        made_of: What else it is made of, such as a landed text that stands in a test.
    """
    with locked(name) as folder:
        company, built = Company(folder), folder / "is_built"
        is_of = hashlib.sha256(f"{fingerprint()} {made_of} {os.environ.get('PROFIT_PUBLIC_DATA')}".encode()).hexdigest()
        if not (built.is_file() and built.read_text() == is_of):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            build(company)
            built.write_text(is_of)
    return company


@pytest.fixture(scope="session")
def demo() -> Company:
    """The demo company, small, taken through both gates to publication."""

    def run(company: Company) -> None:
        company.run("profit", "land", "demo", "--customers", "400", "--months", "9")
        company.run("profit", "run")

    return shared("demo", run)


def _public_company(name: str) -> Company:
    """A company of the public data, taken through both gates to publication as its README says."""
    data = public_data() / name

    def run(company: Company) -> None:
        company.run("profit", "land", name, "--from", str(data))
        company.run("profit", "run")

    return shared(name, run)


@pytest.fixture(scope="session")
def adventureworks() -> Company:
    """AdventureWorks, with its own cost rules."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PROFIT_COST_RULES", "profit/connectors/adventureworks/costing_rules")
        return _public_company("adventureworks")


@pytest.fixture(scope="session")
def online_retail() -> Company:
    """Online Retail; it has no cost."""
    return _public_company("online_retail")


@pytest.fixture(scope="session")
def cdnow() -> Company:
    """CDNOW's sample: customers and orders, nothing else."""
    return _public_company("cdnow")
