"""Which target dbt is told: none where the profile's own is meant, as naming it has dbt read the project anew."""

from __future__ import annotations

import pytest

from profit.building import _named
from profit.engines import DUCKDB, SPARK


@pytest.mark.parametrize(
    ("engine", "variable", "arguments", "named"),
    [
        (DUCKDB, "", (), []),
        (DUCKDB, "", ("--select", "dim_date"), []),
        (SPARK, "", (), ["--target", "spark"]),
        # Another profile may have another target of its own.
        (DUCKDB, "DBT_TARGET", (), ["--target", "duckdb"]),
        (DUCKDB, "DBT_ENGINE_PROFILES_DIR", (), ["--target", "duckdb"]),
        (DUCKDB, "", ("--profiles-dir", "elsewhere"), ["--target", "duckdb"]),
    ],
)
def test_a_target_is_named_where_dbt_would_not_choose_it(
    monkeypatch: pytest.MonkeyPatch, engine: str, variable: str, arguments: tuple[str, ...], named: list[str]
) -> None:
    for name in ("TARGET", "PROFILE", "PROFILES_DIR"):
        for prefix in ("DBT", "DBT_ENGINE"):
            monkeypatch.delenv(f"{prefix}_{name}", raising=False)
    if variable:
        monkeypatch.setenv(variable, "spark")
    assert _named(engine, arguments) == named
