"""Files and folders that only their owner can read, and that are on the disk when we say so."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

_FOLDER = 0o700
_FILE = 0o600
_WRITERS = 16


def make_folder(folder: Path) -> None:
    """Make a folder that only its owner can look into, whatever the umask; those above it alike where they are missing.

    A folder that is there keeps its rights: whoever made it has decided about them.
    """
    if folder.is_dir():
        return
    if not folder.parent.is_dir():
        make_folder(folder.parent)
    try:
        folder.mkdir()
    except FileExistsError:
        # Made by another process meanwhile, or a file.
        if not folder.is_dir():
            raise
        return
    folder.chmod(_FOLDER)


def make_zone(folder: Path) -> None:
    """Make the folder of a zone, which only its owner can look into; those above it may be shared, and are as usual."""
    if not folder.parent.is_dir():
        folder.parent.mkdir(parents=True)
    make_folder(folder)


def write_private(path: Path, text: str) -> None:
    """Write a text into a file that only its owner can read."""
    path.touch()
    path.chmod(_FILE)
    path.write_text(text, encoding="utf-8")


def make_private(path: Path) -> None:
    """Take the rights to a file from everybody but its owner."""
    path.chmod(_FILE)


def copy_private(origin: Path, target: Path) -> Path:
    """Copy a file, readable by its owner only."""
    target.touch()
    target.chmod(_FILE)
    return Path(shutil.copyfile(origin, target))


def to_disk(paths: Iterable[Path]) -> None:
    """Have the system write files, or the entries of folders, to the disk before going on."""
    listed = list(paths)
    if len(listed) < _WRITERS:
        for path in listed:
            _to_disk(path)
        return
    # Together they take a fraction of the time that they take one after the other.
    with ThreadPoolExecutor(_WRITERS) as pool:
        list(pool.map(_to_disk, listed))


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
