"""Who runs on a warehouse, and what became of every run: a lock, a note of the step under way, a log."""

from __future__ import annotations

import datetime as dt
import fcntl
import json
import os
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import click

from profit.errors import EXPECTED, ProfitError, RunningError, explained, printable
from profit.landing.private import make_private, make_zone
from profit.leftovers import clear_after_runs
from profit.paths import Paths
from profit.stopping import ending


class Journal:
    """What a run writes down of itself, while it holds the warehouse.

    Attributes:
        run_id: Name of the run, by which manifest, log and tables tell runs apart.
    """

    def __init__(self, paths: Paths, handle: int) -> None:
        self.run_id = uuid.uuid4().hex
        self._log = paths.run_log
        self._handle = handle

    def step(self, name: str, work: Callable[[], object]) -> None:
        """Do a step and append a line to the log: when, which, how it ended, how long it took.

        Args:
            name: What the log calls it.
            work: Does it.

        Raises:
            ProfitError: The step failed.
        """
        started, clock = dt.datetime.now(dt.UTC), time.monotonic()
        line = {"run_id": self.run_id, "started_at": started.isoformat(timespec="seconds"), "step": name}
        self._note(line)
        ending.step = name

        def ended(outcome: str) -> None:
            self._append({**line, "outcome": outcome, "seconds": round(time.monotonic() - clock, 1)})
            self._note(None)

        outcome = "broken"
        try:
            with ending.at_the_end(lambda signal: ended(f"stopped by {signal}")):
                work()
            outcome = "done"
        except ProfitError as error:
            outcome = f"failed with {error.exit_code}: {error}"
            raise
        finally:
            ended(outcome)

    def tell_of_the_run_before(self) -> None:
        """Say and log which step a run before was in when it was killed."""
        try:
            line = json.loads(os.pread(self._handle, 10_000, 0) or b"null")
        except (OSError, ValueError):
            line = None
        self._note(None)
        if not isinstance(line, dict) or not {"run_id", "step", "started_at"} <= line.keys():
            return
        click.echo(
            f"The run before was killed in its step '{printable(line['step'])}', begun at "
            f"{printable(line['started_at'])}; what it left is cleared away."
        )
        self._append({**line, "outcome": "killed", "seconds": None})

    def _note(self, line: dict[str, str] | None) -> None:
        """Keep the step under way in the lock's file: a run that is killed cannot say that it was."""
        with suppress(OSError):
            os.ftruncate(self._handle, 0)
            if line:
                os.pwrite(self._handle, json.dumps(line).encode(), 0)

    def _append(self, line: dict[str, object]) -> None:
        """Append to the log; a log that cannot be written is told, and changes nothing of how the run ends."""
        try:
            make_zone(self._log.parent)
            with self._log.open("a+", encoding="utf-8", errors="backslashreplace") as stream:
                make_private(self._log)
                # A line that a full disk cut off does not swallow the next one.
                stream.write(f"{'' if _ends_a_line(self._log) else chr(10)}{json.dumps(line)}\n")
        except OSError as error:
            click.echo(f"profit: the run log cannot be written: {explained(error)}", err=True)


def _ends_a_line(log: Path) -> bool:
    with log.open("rb") as stream:
        size = stream.seek(0, os.SEEK_END)
        return not size or (stream.seek(size - 1), stream.read(1))[1] == b"\n"


@contextmanager
def only_run(paths: Paths, kind: type[ProfitError]) -> Iterator[Journal]:
    """Hold the warehouse for oneself; the system lets go of it when the process ends, however it ends.

    Args:
        paths: Where the warehouse is.
        kind: Error of the caller, where the lock cannot be made.

    Raises:
        RunningError: Another run is at work on the same warehouse.
    """
    lock = Path(f"{paths.warehouse}.run")
    try:
        make_zone(lock.parent)
        handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    except EXPECTED as error:
        raise kind(
            f"{printable(paths.warehouse)}: {explained(error)}. Nothing was built; what is published stays."
        ) from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RunningError(f"Another run is at work on {paths.warehouse}; wait for it to end.") from None
        journal = Journal(paths, handle)
        journal.tell_of_the_run_before()
        with suppress(OSError):
            clear_after_runs(paths)
        yield journal
    finally:
        os.close(handle)
