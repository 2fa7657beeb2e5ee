"""Reads YAML files with the fast parser, where the library has it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(path: Path) -> dict[str, Any]:
    """Content of a YAML file; an empty one is an empty mapping.

    Args:
        path: The file.
    """
    with path.open(encoding="utf-8") as stream:
        return dict(yaml.load(stream, Loader=_Loader) or {})  # noqa: S506  # a safe loader
