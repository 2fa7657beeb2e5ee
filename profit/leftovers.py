"""Folders for the time of one piece of work, and what killed work left of them."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from profit.paths import Paths
from profit.stopping import ending


@contextmanager
def own_folder(folder: Path) -> Iterator[Path]:
    """Make a folder that only its owner can look into, and remove it afterwards, also where the run is ended.

    While it is in use it is locked, so that others tell it from one that was left; the system lets go of the lock when
    the process ends, however it ends.

    Args:
        folder: Where to make it.
    """
    folder.mkdir(0o700)
    try:
        handle = os.open(folder, os.O_RDONLY)
        try:
            # Where folders cannot be locked, as on some network file systems, none is cleared away by others either.
            with suppress(OSError):
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with ending.at_the_end(lambda _: shutil.rmtree(folder, ignore_errors=True)):
                yield folder
        finally:
            os.close(handle)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def gate_folder_name() -> str:
    """Name of a folder for the time of a gate."""
    return f"_gate_{uuid.uuid4().hex}"


def copy_folder_name(published: Path) -> str:
    """Name of a folder for a copy that will be published as this file."""
    return f".{published.name}-{uuid.uuid4().hex}"


def export_folder_name(folder: Path) -> str:
    """Name of a folder, beside the one that is exported to, for the time of the export."""
    return f".{folder.name}-{uuid.uuid4().hex}"


def clear_after_exports(folder: Path) -> None:
    """Remove what killed exports to a folder left beside it; those at work stay.

    Args:
        folder: Folder that is exported to.
    """
    _clear(folder.parent, re.compile(rf"\.{re.escape(folder.name)}-[0-9a-f]{{32}}"))


def clear_after_runs(paths: Paths) -> None:
    """Remove what killed runs left of gates and copies; those of runs at work, and of other published files, stay.

    Args:
        paths: Where gates and publishing work.
    """
    _clear(paths.quality, re.compile(r"_gate_\w+"))
    _clear(paths.published.parent, re.compile(rf"\.{re.escape(paths.published.name)}-[0-9a-f]{{32}}"))


def _clear(parent: Path, names: re.Pattern[str]) -> None:
    if not parent.is_dir():
        return
    for folder in parent.iterdir():
        if names.fullmatch(folder.name) and folder.is_dir() and not folder.is_symlink():
            with suppress(OSError):
                handle = os.open(folder, os.O_RDONLY)
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(folder, ignore_errors=True)
                finally:
                    os.close(handle)
