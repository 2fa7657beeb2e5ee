"""Whole builds for the tests that need one: each company is landed and built once for all workers."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from profit.paths import PROJECT_ROOT, Paths

# PySpark, which the gates import through their library, takes a main module without a file for a run of doctests and
# ends the process; the workers that share the tests have such a main module.
if not hasattr(sys.modules["__main__"], "__file__"):
    sys.modules["__main__"].__file__ = __file__


# Files that take longest: workers take them first, so that none is left alone with one at the end.
_FIRST = ("test_spark.py", "test_run.py", "test_build_minimal.py", "test_identity_public_data.py")


# dbt's unit tests bring their own rows: running them with one company is enough.
NO_UNIT_TESTS = ("--exclude-resource-type", "unit_test")
# Keys, filled columns and accepted values, where another build of the same kind of company has been tested for them.
RECONCILIATIONS = ("--exclude", "test_type:generic", *NO_UNIT_TESTS)
NO_TESTS = (*NO_UNIT_TESTS, "--exclude-resource-type", "test")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: _FIRST.index(item.path.name) if item.path.name in _FIRST else len(_FIRST))


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
        """Run a command of the environment in the project folder; return what it printed."""
        outcome = subprocess.run(
            [str(Path(sys.executable).with_name(command[0])), *command[1:]],
            cwd=PROJECT_ROOT,
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            check=False,
        )
        printed = outcome.stdout + outcome.stderr
        assert outcome.returncode == expect, f"{command} ended with {outcome.returncode}:\n{printed[-6000:]}"
        return printed

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


def shared(factory: pytest.TempPathFactory, name: str, build: Callable[[Company], None]) -> Company:
    """A company that is built once, by the worker that asks first; nobody writes into it."""
    # Folders of workers lie in one that they share.
    root = factory.getbasetemp().parent if "PYTEST_XDIST_WORKER" in os.environ else factory.getbasetemp()
    company = Company(root / name)
    with (root / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        is_built = company.folder / "is_built"
        if not is_built.exists():
            shutil.rmtree(company.folder, ignore_errors=True)
            company.folder.mkdir()
            build(company)
            is_built.touch()
    return company


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """The demo company, small, built."""

    def build(company: Company) -> None:
        company.run("profit", "land", "demo", "--customers", "400", "--months", "9")
        company.run("profit", "build", "--unit-tests")

    return shared(tmp_path_factory, "demo", build)


@pytest.fixture(scope="session")
def adventureworks(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """AdventureWorks, built with its own cost rules."""
    data = public_data()

    def build(company: Company) -> None:
        company.run("profit", "land", "adventureworks", "--from", str(data / "adventureworks"))
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PROFIT_COST_RULES", "profit/connectors/adventureworks/costing_rules")
            company.run("profit", "build", *NO_UNIT_TESTS)

    return shared(tmp_path_factory, "adventureworks", build)


@pytest.fixture(scope="session")
def online_retail(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """Online Retail, built; it has no cost."""
    data = public_data()

    def build(company: Company) -> None:
        company.run("profit", "land", "online_retail", "--from", str(data / "online_retail"))
        company.run("profit", "build", *RECONCILIATIONS)

    return shared(tmp_path_factory, "online_retail", build)
