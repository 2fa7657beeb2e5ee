"""The fit: compressed statistics in, parameters out."""


def model(dbt, session):
    dbt.config(materialized="table")

    import pandas as pd

    from profit.value.fits import PARAMETERS, fit_all_bases

    minimum = (
        dbt.ref("value_settings").filter("setting = 'minimum_segment_customers'").project("setting_value").fetchone()[0]
    )
    rows = fit_all_bases(
        dbt.ref("int_value__fit_statistics").fetchnumpy(),
        dbt.ref("int_value__spend_statistics").fetchnumpy(),
        dbt.ref("int_value__renewal_statistics").fetchnumpy(),
        minimum,
    )
    table = pd.DataFrame(rows)
    numbers = [*PARAMETERS, "log_likelihood"]
    return table.astype({name: "float64" for name in numbers} | {name: "string" for name in ("log_covariance", "fallback_reason")})
