"""Commands of the project run inside this process, with one parsed project for all companies.

dbt's import and its reading of the project take longer than building a small company. Here both happen once: the
project is parsed when a file of it has changed, kept as a pickle beside pytest's other caches, and every command of dbt
gets a fresh copy of it. What differs between companies (folders, warehouse, variables) is not in a parsed project;
folders of rules are, as the paths of seeds, and are put in their place here.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import io
import os
import pickle
import shutil
import subprocess
import sys
import traceback
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

from profit.paths import PROJECT_ROOT

# Where pytest keeps folders; `--cache-clear` empties it.
CACHE = PROJECT_ROOT / ".pytest_cache" / "d" / "profit"
# What a parsed project is made of, and what else decides on what a command makes.
DBT_FILES = ("dbt_project.yml", "profiles", "models", "macros", "seeds", "analyses", "tests/generic", "tests/singular")
ALL_FILES = (*DBT_FILES, "profit", "requirements", "tests/python/conftest.py", "tests/python/in_process.py")
_TEXTS = {".sql", ".yml", ".csv", ".md", ".py", ".lock", ".json"}
_WITHOUT_PROJECT = {"--version", "--help", "parse", "clean", "debug", "deps", "init"}
_BUILDS = {"dbt", "build", "run"}
_ARTEFACTS = ("manifest.json", "semantic_manifest.json")


_fast_test = ""


@contextlib.contextmanager
def forbid_builds(test: str) -> Iterator[None]:
    """Let no build start while a test runs that is marked as fast.

    Args:
        test: Name of the test; empty for one that may build.
    """
    global _fast_test  # noqa: PLW0603 one test at a time runs in a process
    _fast_test = test
    try:
        yield
    finally:
        _fast_test = ""


def run_in_process(
    command: Sequence[str], environment: Mapping[str, str], folder: Path = PROJECT_ROOT
) -> tuple[int, str]:
    """Run `profit` or `dbt` here as a process of its own would run it.

    Args:
        command: `profit`, `dbt` or `probe` (engine_probe.py), and its arguments.
        environment: Variables on top of those of this process; all are as they were afterwards.
        folder: Where it is run: the project, or another project of dbt's.

    Returns:
        Its exit code, and what it printed, errors last.
    """
    assert not (_fast_test and _BUILDS & {*command[:2]}), f"{_fast_test} builds: mark it `build`"
    main = {"profit": _profit, "dbt": _dbt, "probe": _probe}[command[0]]
    out, err = io.StringIO(), io.StringIO()
    with (
        patch.dict(os.environ, environment),
        contextlib.chdir(folder),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        one_project() if folder == PROJECT_ROOT else contextlib.nullcontext(),
    ):
        code = main(list(command[1:]))
    return code, out.getvalue() + err.getvalue()


def _profit(arguments: list[str]) -> int:
    from profit.cli import main

    try:
        main.main(args=arguments, prog_name="profit")
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except Exception:
        traceback.print_exc()
        return 1
    return 0


def _probe(arguments: list[str]) -> int:
    import engine_probe
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    try:
        engine_probe.main(arguments[0], Path(arguments[1]))
    except SystemExit as ended:
        return int(ended.code or 0)
    finally:
        DuckDBConnectionManager.close_all_connections()
    return 0


def _dbt(arguments: list[str]) -> int:
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    try:
        outcome = dbtRunner().invoke(arguments)
    finally:
        DuckDBConnectionManager.close_all_connections()
    return 0 if outcome.success else 2 if outcome.exception else 1


def run_of_dbt(command: Sequence[str], *, env: Mapping[str, str], **_: Any) -> subprocess.CompletedProcess[str]:
    """Stands in for `subprocess.run` where the project starts dbt: `python -c <code> <arguments>`."""
    code, printed = run_in_process(("dbt", *command[3:]), env)
    return subprocess.CompletedProcess(command, code, printed, "")


@contextlib.contextmanager
def one_project() -> Iterator[None]:
    """Give every `dbtRunner` that was made without a parsed project the one that all tests share."""
    from dbt.cli.main import dbtRunner

    invoke = dbtRunner.invoke

    def with_project(self: dbtRunner, args: list[str], **options: Any) -> Any:
        if self.manifest is None and _WITHOUT_PROJECT.isdisjoint(args):
            self.manifest = parsed_project(_target(args))
            _leave_artefacts(_target(args))
            try:
                return invoke(self, args, **options)
            finally:
                self.manifest = None
        return invoke(self, args, **options)

    with patch.object(dbtRunner, "invoke", with_project):
        yield


def parsed_project(target: str = "duckdb") -> Any:
    """A fresh copy of the parsed project, with the rules that the environment names."""
    from dbt.contracts.graph.manifest import Manifest

    pickled = _pickled(target, bool(os.environ.get("PROFIT_VALUE_FITS")))
    manifest = Manifest(**pickle.loads(pickled))  # noqa: S301 our own file
    for variable, default in _rule_folders().items():
        folder = os.environ.get(variable, default)
        if folder == default:
            continue
        here = {node.original_file_path: node for node in manifest.nodes.values() if node.resource_type == "seed"}
        seeds = [node for path, node in here.items() if Path(path).parent == Path(default)]
        files = {path.name for path in (PROJECT_ROOT / folder).glob("*.csv")}
        assert files == {Path(node.original_file_path).name for node in seeds}, f"{folder} has other files: {files}"
        for node in seeds:
            node.original_file_path = str(Path(folder) / Path(node.original_file_path).name)
    return manifest


def fingerprint(names: Iterable[str] = ALL_FILES) -> str:
    """A hash of files and folders of the project."""
    return _fingerprint(tuple(names))


@cache
def _fingerprint(names: tuple[str, ...]) -> str:
    digest = hashlib.sha256(sys.version.encode())
    for name in names:
        root = PROJECT_ROOT / name
        for path in sorted(root.rglob("*")) if root.is_dir() else [root]:
            if path.suffix in _TEXTS and path.is_file():
                digest.update(f"{path.relative_to(PROJECT_ROOT)}\0".encode())
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


@contextlib.contextmanager
def locked(name: str) -> Iterator[Path]:
    """Hold a name of the cache against the other workers; gives its folder."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield CACHE / name


@cache
def _pickled(target: str, has_fits: bool) -> bytes:
    """The project as dbt parses it for a target; from the cache where no file of it has changed."""
    from dbt.cli.main import dbtRunner

    with locked(f"project_{target}{'_fits' * has_fits}") as folder:
        kept, of = folder / "project.pickle", folder / "fingerprint"
        now = fingerprint((*DBT_FILES, "requirements"))
        if not (kept.is_file() and of.is_file() and of.read_text() == now):
            folder.mkdir(exist_ok=True)
            of.unlink(missing_ok=True)
            # Always the same paths, so that dbt reads only what has changed since it read the project last.
            settings = {
                "PROFIT_WAREHOUSE": str(folder / "build.duckdb"),
                "PROFIT_LANDING": str(folder / "landing"),
                "DBT_TARGET_PATH": str(folder),
                "DBT_LOG_PATH": str(folder),
                "PROFIT_VALUE_FITS": "fits" if has_fits else "",
            }
            with patch.dict(os.environ, settings), contextlib.chdir(PROJECT_ROOT):
                for variable in _rule_folders():
                    os.environ.pop(variable, None)
                outcome = dbtRunner().invoke(["--quiet", "parse", "--target", target])
            assert outcome.success, outcome.exception
            # Its parts: the manifest as a whole comes out of a pickle with some of them in each other's places.
            parts = [part.name for part in fields(outcome.result) if not part.name.startswith("_")]
            kept.write_bytes(pickle.dumps({part: getattr(outcome.result, part) for part in parts}))
            of.write_text(now)
        return kept.read_bytes()


def _leave_artefacts(target: str) -> None:
    """What dbt writes of a project that it has parsed itself."""
    has_fits = bool(os.environ.get("PROFIT_VALUE_FITS"))
    folder = Path(os.environ.get("DBT_TARGET_PATH", PROJECT_ROOT / "target"))
    folder.mkdir(parents=True, exist_ok=True)
    for name in _ARTEFACTS:
        shutil.copyfile(CACHE / f"project_{target}{'_fits' * has_fits}" / name, folder / name)


def _target(arguments: Sequence[str]) -> str:
    return arguments[arguments.index("--target") + 1] if "--target" in arguments else "duckdb"


@cache
def _rule_folders() -> dict[str, str]:
    """The folders of seeds that the environment can replace, by variable."""
    import re

    text = (PROJECT_ROOT / "dbt_project.yml").read_text(encoding="utf-8")
    return dict(re.findall(r"env_var\('(PROFIT_\w+_RULES)', '([\w/]+)'\)", text))
