"""What lies in a delivered folder: files, and what is named as one and is none."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from profit.errors import LandingError, explained, printable

_DEEPEST = 20
_MOST = 100_000
_KINDS = {
    stat.S_IFIFO: "is a pipe, not a file",
    stat.S_IFSOCK: "is a socket, not a file",
    stat.S_IFBLK: "is a device, not a file",
    stat.S_IFCHR: "is a device, not a file",
}


@dataclass
class Entries:
    """The entries of a folder and of the folders in it, sorted by path.

    Attributes:
        files: Regular files, and links to such within the folder.
        strange: What every other entry is that is no folder, by path.
    """

    files: list[Path] = field(default_factory=list)
    strange: dict[Path, str] = field(default_factory=dict)


def list_entries(folder: Path) -> Entries:
    """List a folder with the folders in it. Nothing is opened, as a pipe would wait for ever.

    Args:
        folder: Folder of one delivery.

    Raises:
        LandingError: A folder cannot be read, or there are too many files or levels.
    """
    entries = Entries()
    _list(folder, folder.resolve(), entries, depth=0)
    entries.files.sort()
    entries.strange = dict(sorted(entries.strange.items()))
    return entries


def _list(folder: Path, root: Path, entries: Entries, depth: int) -> None:
    if depth > _DEEPEST:
        raise LandingError(
            f"{printable(folder)}: lies more than {_DEEPEST} folders deep. Nothing of this delivery was landed."
        )
    try:
        with os.scandir(folder) as listing:
            found = list(listing)
    except OSError as error:
        raise LandingError(f"{explained(error)}. Nothing of this delivery was landed.") from error
    for entry in found:
        path = folder / entry.name
        what = _strangeness(path, root)
        if what:
            entries.strange[path] = what
        elif entry.is_dir(follow_symlinks=False):
            _list(path, root, entries, depth + 1)
        else:
            entries.files.append(path)
        if len(entries.files) > _MOST:
            raise LandingError(
                f"{printable(root)}: holds more than {_MOST:,} files; deliver fewer at a time. Nothing of this "
                f"delivery was "
                f"landed."
            )


def _strangeness(path: Path, root: Path) -> str | None:
    """Say what an entry is where it is neither a folder nor a file that belongs to the delivery."""
    try:
        if path.is_symlink():
            target = path.resolve()
            if not target.exists():
                return "is a link to nothing"
            if target.is_dir():
                return "is a link to a folder; links to folders are not followed"
            if root not in target.parents:
                return "is a link to a file outside of the delivered folder"
        mode = path.stat().st_mode
    except (OSError, RuntimeError) as error:
        return f"cannot be looked at ({explained(error)})"
    return _KINDS.get(stat.S_IFMT(mode))
