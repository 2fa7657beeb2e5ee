"""What dbt logs through the plugin: the same lines as without it, none of which is made to be thrown away."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from dbt_common.events.base_types import EventLevel

from profit import dbt_plugin


def event(level: str, name: str = "LogModelResult") -> SimpleNamespace:
    return SimpleNamespace(info=SimpleNamespace(level=level, name=name))


@pytest.mark.parametrize(
    ("level", "written"),
    [
        (EventLevel.DEBUG, ["debug", "test", "info", "warn", "error"]),
        (EventLevel.INFO, ["info", "warn", "error"]),
        (EventLevel.WARN, ["warn", "error"]),
        (EventLevel.ERROR, ["error"]),
    ],
)
def test_a_logger_gets_the_events_that_it_writes(
    monkeypatch: pytest.MonkeyPatch, level: EventLevel, written: list[str]
) -> None:
    logger = SimpleNamespace(level=level, filter=lambda event: event.info.name != "CacheAction")
    monkeypatch.setattr(dbt_plugin, "get_event_manager", lambda: SimpleNamespace(loggers=[logger]))
    dbt_plugin.drop_unwritten_events()
    levels = ["debug", "test", "info", "warn", "error"]
    assert [each for each in levels if logger.filter(event(each))] == written
    # What a command was asked for is printed at every level, and what dbt leaves out stays out.
    assert logger.filter(event("info", "ShowNode"))
    assert not logger.filter(event("error", "CacheAction"))
