"""Who works on the landing zone: one landing or withdrawal alone, or any number of runs that read it."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from profit.errors import RunningError
from profit.landing.commits import settle, unsettled
from profit.landing.private import make_zone
from profit.paths import Paths

# Network file systems lock files, but no folders.
_NO_LOCK_ON_FOLDERS = {errno.EBADF, errno.EINVAL, errno.ENOLCK, errno.EOPNOTSUPP, errno.EISDIR}
_LOCK_FILE = "_lock"


@contextmanager
def changing_landing(paths: Paths) -> Iterator[None]:
    """Keep the landing zone for oneself; it is made where there is none, and goes again if it stays empty.

    Args:
        paths: Where the landing zone is.

    Raises:
        RunningError: Another landing, or a run that reads, is at work.
    """
    is_new = not paths.landing.exists()
    make_zone(paths.landing)
    try:
        with _locked(paths.landing, fcntl.LOCK_EX):
            yield
    finally:
        if is_new:
            # It has something in it where the landing went well.
            with suppress(OSError):
                paths.landing.rmdir()


@contextmanager
def reading_landing(paths: Paths) -> Iterator[None]:
    """Keep landings away while the landing zone is read; others may read at the same time.

    What a killed landing left half-way is taken back first, so that nobody sees it.

    Args:
        paths: Where the landing zone is; nothing is kept away where there is none.

    Raises:
        RunningError: A landing is at work.
    """
    if not paths.landing.is_dir():
        yield
        return
    if unsettled(paths.landing):
        # On a read-only landing zone, or where others read, it stays; readers leave out what is not committed.
        with suppress(OSError, RunningError), _locked(paths.landing, fcntl.LOCK_EX):
            settle(paths)
    with _locked(paths.landing, fcntl.LOCK_SH):
        yield


@contextmanager
def _locked(landing: Path, kind: int) -> Iterator[None]:
    try:
        handle = _lock(landing, kind)
    except BlockingIOError:
        other = "A landing" if kind == fcntl.LOCK_SH else "Another landing, or a run that reads,"
        raise RunningError(f"{other} is at work on {landing}; wait for it to end. Nothing was changed.") from None
    try:
        yield
    finally:
        # The system lets go of the lock when the process ends, however it ends.
        os.close(handle)


def _lock(landing: Path, kind: int) -> int:
    handle = os.open(landing, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, kind | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in _NO_LOCK_ON_FOLDERS:
                raise
            os.close(handle)
            handle = os.open(landing / _LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except BaseException:
        os.close(handle)
        raise
    return handle
