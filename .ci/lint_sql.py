"""Lints the SQL of the dbt project, leaving out files that were found clean before and have not changed since.

sqlfluff compiles the project and parses every model: minutes for all of them, seconds for one. `--quick` looks at the
file alone; without it, a change of a macro, of the settings or of the linter has every file linted again.
"""

from __future__ import annotations

import gc
import hashlib
import os
import sys
from pathlib import Path

from sqlfluff.cli.commands import cli

ROOT = Path(__file__).resolve().parent.parent
CLEAN = ROOT / ".cache" / "sqlfluff"
LINTED = ("models", "tests/singular")
DECIDE = ("macros", "dbt_project.yml", ".sqlfluff", "requirements/default.lock")
MANY = 8

# A parsed model is a tree of ten thousands of objects that stay until it is linted: as Python comes, it looks through
# all of them again and again, which was half of the time. The linter's own processes import this file, and do the same.
gc.set_threshold(200_000, 50, 100)


def digest(*paths: Path) -> str:
    """A hash of files and of the files of folders."""
    found = hashlib.sha256()
    for path in paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                found.update(f"{file.relative_to(ROOT)}\0".encode() + hashlib.sha256(file.read_bytes()).digest())
    return found.hexdigest()


def main() -> int:
    """Lint what has to be linted; gives the exit code of sqlfluff."""
    files = sorted(file for folder in LINTED for file in (ROOT / folder).rglob("*.sql"))
    around = digest(*(ROOT / name for name in DECIDE))
    CLEAN.mkdir(parents=True, exist_ok=True)
    # The name of a mark is the file as it is; what is in it, everything else as it was.
    marks = {file: CLEAN / digest(file) for file in files}
    is_quick = "--quick" in sys.argv
    todo = [
        file
        for file, mark in marks.items()
        if not (mark.is_file() and (is_quick or mark.read_text(encoding="utf-8") == around))
    ]
    print(f"sqlfluff: {len(todo)} of {len(files)} files to lint", flush=True)
    if not todo:
        return 0
    os.chdir(ROOT)
    processes = ["--processes", "2"] if len(todo) > MANY else []
    outcome = 0
    try:
        cli(["lint", *processes, *(str(file.relative_to(ROOT)) for file in todo)])
    except SystemExit as end:
        outcome = int(end.code or 0)
    if outcome == 0:
        for stale in set(CLEAN.iterdir()) - set(marks.values()):
            stale.unlink()
        for file in todo:
            marks[file].write_text(around, encoding="utf-8")
    return outcome


if __name__ == "__main__":
    sys.exit(main())
