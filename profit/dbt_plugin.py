"""dbt-duckdb plugin: the folder of the warehouse, how much memory a build may take, what it may reach, what is logged.

None of it stands in the profile: an environment variable there would have dbt parse the project anew whenever it
changes, and dbt-duckdb gives every cursor the settings of the profile, which a locked engine does not take.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin
from dbt_common.events.event_manager_client import get_event_manager
from dbt_common.events.logger import PRINT_EVENT_NAMES
from dbt_common.exceptions import DbtRuntimeError

from profit.engines import lock_engine
from profit.errors import ProfitError
from profit.landing.private import make_private, make_zone
from profit.landing.quoting import quote_text
from profit.machine import memory_limit
from profit.paths import PROJECT_ROOT, Paths

# Folders, separated by colons, that a build may reach besides its own: where views of the warehouse read files.
MORE_FOLDERS = "PROFIT_MORE_FOLDERS"
# Levels of dbt's events, the least first; `test` counts as `debug`.
_LEVELS = ("debug", "info", "warn", "error")


def drop_unwritten_events() -> None:
    """Have dbt write no line that its loggers would then throw away.

    dbt makes a line of every event for every logger, some twenty a node, and asks for its level afterwards. What is
    written, at whatever level was asked for, stays the same.
    """
    for logger in get_event_manager().loggers:
        if logger.level.value in _LEVELS[1:]:
            logger.filter = _only(_LEVELS[_LEVELS.index(logger.level.value) :], logger.filter)


def _only(levels: Sequence[str], before: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda event: (event.info.level in levels or event.info.name in PRINT_EVENT_NAMES) and before(event)


class Plugin(BasePlugin):
    """Created once per dbt run, before the first connection."""

    def initialize(self, config: dict[str, Any]) -> None:
        """Create the folder that `path` of the profile lies in; DuckDB itself would fail on a missing one."""
        drop_unwritten_events()
        try:
            memory_limit()
            self._paths = Paths.from_environment()
        except ProfitError as error:
            raise DbtRuntimeError(str(error)) from error
        for name in ("PROFIT_WAREHOUSE", "PROFIT_LANDING"):
            if os.environ.get(name, "").startswith("~"):
                raise DbtRuntimeError(f"{name} is {os.environ[name]}; write the home folder out.")
        if self.creds is not None:
            make_zone(Path(self.creds.path).parent)

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Leave memory to others, and reach nothing but deliveries, rules and the warehouse itself.

        What does not fit into memory is spilled into a folder beside the warehouse.
        """
        conn.execute("set global TimeZone = 'UTC'")
        if self.creds is not None and Path(self.creds.path).is_file():
            # It holds names and addresses.
            make_private(Path(self.creds.path))
        conn.execute(f"set memory_limit = {quote_text(memory_limit())}")
        if self.creds is None or self.creds.settings or self.creds.filesystems:
            # A profile of one's own that sets each cursor cannot be locked.
            return
        attached = [Path(f"{each.path}{end}") for each in self.creds.attach or () for end in ("", ".wal")]
        fixed = os.environ.get("PROFIT_DELIVERIES")
        lock_engine(conn, folders=self._folders(), files=[*attached, *([Path(fixed)] if fixed else [])])

    def _folders(self) -> Iterator[Path]:
        yield self._paths.landing
        yield PROJECT_ROOT / "seeds"
        given = [value for name, value in os.environ.items() if name.startswith("PROFIT_") and name.endswith("_RULES")]
        # As dbt names the landing zone and the folders of rules in its statements, and where they lead.
        for folder in (os.environ.get("PROFIT_LANDING", "landing"), *given):
            yield Path(folder)
            yield PROJECT_ROOT / folder
            yield (PROJECT_ROOT / folder).resolve()
        yield from (Path(folder) for folder in os.environ.get(MORE_FOLDERS, "").split(":") if folder)
