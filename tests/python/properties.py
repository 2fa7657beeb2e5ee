"""How many cases a property is tried on: few and always the same in `make test`, many and new in `make explore`."""

from __future__ import annotations

import os
from typing import Any

from hypothesis import settings

EXPLORING = os.environ.get("PROFIT_TEST_CASES") == "explore"
_MORE = int(os.environ.get("PROFIT_TEST_TIMES", "20"))


def cases(count: int, **options: Any) -> settings:
    """Settings of a property.

    Args:
        count: Cases of a usual run.
        options: Further settings of Hypothesis.
    """
    return settings(max_examples=count * _MORE if EXPLORING else count, **options)
