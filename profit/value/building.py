"""The fit between two selections of a build, for engines on which dbt runs no Python."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pandas as pd

from profit.engines import readable_by_duckdb
from profit.landing.quoting import quote_text
from profit.value.fits import COLUMNS, STATISTICS, fit_all_bases

# What has to be built before the fit.
FITTED_FROM = "int_value__fit_statistics"

_MINIMUM = "select setting_value from reference.value_settings where setting = 'minimum_segment_customers'"


def write_fits(warehouse: Path, folder: Path) -> Path:
    """Fit every basis, model and segment from the statistics of a warehouse.

    Args:
        warehouse: DuckDB file, or folder of Spark's tables, with the statistics built.
        folder: Where to write; a file of an earlier build is replaced.

    Returns:
        The folder, which holds `fits.parquet`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    views = folder / "spark.duckdb"
    views.unlink(missing_ok=True)
    with duckdb.connect(str(readable_by_duckdb(warehouse, folder)), read_only=True) as connection:
        found = connection.execute(_MINIMUM).fetchone()
        purchases, spend, renewals = (
            connection.execute(
                f"select {', '.join(columns)} from intermediate.{FITTED_FROM} where kind = ?", [kind]
            ).fetchnumpy()
            for kind, columns in STATISTICS.items()
        )
    views.unlink(missing_ok=True)
    rows = fit_all_bases(purchases, spend, renewals, float(found[0]) if found else 0.0)
    table = pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)
    with duckdb.connect() as connection:
        connection.register("fits", table)
        connection.execute(f"copy fits to {quote_text(str(folder / 'fits.parquet'))} (format parquet)")
    return folder
