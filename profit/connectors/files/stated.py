"""What whoever delivers says of how files are written: by options, or in `_dialect.yml` beside the files."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import yaml

from profit.errors import LandingError, ProfitError, explained, printable
from profit.time_zone import check_time_zone

STATED_IN = "_dialect.yml"
DECIMALS = (".", ",")
DAYS = ("ymd", "dmy", "mdy")
DELIMITERS = (",", ";", "\t", "|")
# As Python names them; those that write whatever they like, such as base64, are no encodings of texts.
_ENCODINGS = frozenset(
    [
        *("utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "ascii", "mac-roman", "koi8-r", "koi8-u"),
        *(f"iso8859-{part}" for part in (*range(1, 12), *range(13, 17))),
        *(f"cp{page}" for page in (*range(1250, 1259), 437, 850, 852, 855, 857, 866, 932, 949, 950)),
        *("shift_jis", "euc_jp", "euc_kr", "gbk", "gb2312", "gb18030", "big5"),
    ]
)
_FILES = "files"


@dataclass(frozen=True)
class Stated:
    """What is said of a file; None where it is to be found.

    Attributes:
        encoding: Encoding of the texts of a CSV file.
        delimiter: Character that ends a field.
        decimal: Mark before the decimals, `.` or `,`.
        days: Order of day, month and year, `ymd`, `dmy` or `mdy`.
        time_zone: IANA name of the zone whose clocks show moments that bear no offset; None for UTC.
    """

    encoding: str | None = None
    delimiter: str | None = None
    decimal: str | None = None
    days: str | None = None
    time_zone: str | None = None

    def before(self, other: Stated) -> Stated:
        """This, and what the other says of the rest."""
        said = {each.name: getattr(self, each.name) for each in fields(self) if getattr(self, each.name) is not None}
        return replace(other, **said)

    def checked(self, what: str) -> Stated:
        """This, with the encoding as Python names it.

        Args:
            what: Where it is said, for messages.

        Raises:
            LandingError: Something is said that is not known.
        """
        for name, known in (("delimiter", DELIMITERS), ("decimal", DECIMALS), ("days", DAYS)):
            if getattr(self, name) not in (None, *known):
                listed = ", ".join("tab" if value == "\t" else value for value in known)
                raise _unknown(f"{what}: {name} is '{printable(str(getattr(self, name)), 40)}'; it may be {listed}")
        if self.time_zone is not None:
            try:
                check_time_zone(self.time_zone, f"{what}: time_zone")
            except ProfitError as error:
                raise _unknown(str(error).rstrip(".")) from error
        if self.encoding is None:
            return self
        try:
            name = codecs.lookup(str(self.encoding)).name
        except (LookupError, ValueError):
            name = ""
        if name not in _ENCODINGS:
            raise _unknown(
                f"{what}: encoding '{printable(str(self.encoding), 40)}' is not known; it may be utf-8, utf-16, "
                f"latin-1, windows-1252 or another by the name that Python gives it"
            )
        return replace(self, encoding=name)


FOUND = Stated()


def stated_for(folder: Path, path: Path, given: Stated) -> Stated:
    """Gather what is said of a file: by options first, then by the nearest `_dialect.yml`, of the file before of all.

    Args:
        folder: Folder of the delivery.
        path: File in it.
        given: What options say.

    Raises:
        LandingError: A `_dialect.yml` cannot be read, or says something that is not known.
    """
    stated = given
    for place in path.relative_to(folder).parents:
        _check_name(folder / place)
        for each in _read(folder / place / STATED_IN, path.relative_to(folder / place).as_posix()):
            stated = stated.before(each)
    return stated


def _check_name(folder: Path) -> None:
    """Check that nothing is said under a name that is not read: a zone that is not taken shifts every moment."""
    for other in sorted(folder.glob("_[dD][iI][aA][lL][eE][cC][tT]*")):
        if other.name != STATED_IN:
            raise _unknown(f"{printable(other)}: is not read; call it {STATED_IN}, or move it away")


def _read(file: Path, name: str) -> list[Stated]:
    if not file.is_file():
        return []
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        advice = '; put what is no word into quotes, such as `decimal: ","`' if mark else ""
        why = printable(explained(error), 200)
        raise _unknown(f"{printable(file)}{line}: cannot be read ({why}){advice}") from error
    entries = content.pop(_FILES, None) or {} if isinstance(content, dict) else None
    if not isinstance(entries, dict) or not all(isinstance(entry, dict) for entry in entries.values()):
        raise _unknown(f"{printable(file)}: is no list of `name: value`, with `{_FILES}:` by name of the file")
    found = [_stated(entries[name], f"{printable(file)}, {printable(name)}")] if name in entries else []
    missing = [entry for entry in entries if not (file.parent / str(entry)).is_file()]
    if missing:
        raise _unknown(f"{printable(file)}: names {printable(str(missing[0]))}, which does not lie there")
    return [*found, _stated(content, str(printable(file)))]


def _stated(entry: Mapping[str, Any], what: str) -> Stated:
    known = [each.name for each in fields(Stated)]
    unknown = [str(key) for key in entry if key not in known]
    if unknown:
        raise _unknown(f"{what}: says {printable(', '.join(unknown))}; known are {', '.join(known)}")
    # A decimal mark or a day that YAML takes for something else is none of those that may be said.
    said = {key: str(value) for key, value in entry.items() if value is not None}
    return Stated(
        **{key: "\t" if key == "delimiter" and value == "tab" else value for key, value in said.items()}
    ).checked(what)


def _unknown(what: str) -> LandingError:
    return LandingError(f"{what}. Nothing of this delivery was landed.")
