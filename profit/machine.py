"""What the machine has: memory that DuckDB may take before it spills, and how often Python collects garbage."""

from __future__ import annotations

import gc
import os
import re
from pathlib import Path

from profit.errors import SettingError, printable

# The rest is for Python, for what DuckDB does not count, and for others on the machine.
_SHARE = 0.6
_SIZE = re.compile(r"\d+(\.\d+)? ?(([kmgt]i?)?b|%)", re.IGNORECASE)
_CGROUP_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


def memory_limit() -> str:
    """DuckDB's `memory_limit`: `PROFIT_MEMORY_LIMIT` (such as 8GB), or a share of what the machine or container has.

    Raises:
        SettingError: The setting is no size.
    """
    given = os.environ.get("PROFIT_MEMORY_LIMIT")
    if given and not _SIZE.fullmatch(given.strip()):
        raise SettingError(f"PROFIT_MEMORY_LIMIT is '{printable(given)}'; write a size, such as 8GB.")
    return given or f"{int(_memory() * _SHARE) // 2**20}MiB"


def collect_garbage_seldom() -> None:
    """Look for unreachable objects seldom: dbt makes millions that stay, and each look goes over all of them."""
    gc.set_threshold(20_000, 20, 50)


def _memory() -> int:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for path in _CGROUP_LIMITS:
        try:
            text = path.read_text(encoding="utf-8").strip()
        except OSError:
            continue
        if text.isdigit():
            memory = min(memory, int(text))
    return memory
