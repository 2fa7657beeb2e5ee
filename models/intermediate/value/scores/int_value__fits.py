"""The fit: compressed statistics in, parameters out."""

import pandas as pd

from profit.value.fits import COLUMNS, STATISTICS, fit_all_bases


def model(dbt, session):
    """Fit all models for every basis and segment.

    Args:
        dbt: Gives the upstream tables as relations.
        session: Connection, not used.

    Returns:
        One row a fit and point; see `profit.value.fits.with_points`.
    """
    dbt.config(materialized="table")
    minimum = (
        dbt.ref("value_settings").filter("setting = 'minimum_segment_customers'").project("setting_value").fetchone()[0]
    )
    statistics = dbt.ref("int_value__fit_statistics")
    purchases, spend, renewals = (
        statistics.filter(f"kind = '{kind}'").project(", ".join(columns)).fetchnumpy()
        for kind, columns in STATISTICS.items()
    )
    rows = fit_all_bases(purchases, spend, renewals, minimum)
    # A column without any value would have no type.
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)
