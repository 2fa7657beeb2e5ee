"""Daily exchange rates with gaps at weekends and holidays, so that the last known rate has to be carried forward."""

from __future__ import annotations

import datetime as dt

import duckdb
import numpy as np

from profit.connectors.demo.scale import CURRENCIES, Scale, store

_DAYS_BEFORE = 10
_FIRST_RATES = {"EUR": 1.0914, "GBP": 1.2683}
_DAILY_VOLATILITY = 0.0042


def build_rates(connection: duckdb.DuckDBPyConnection, scale: Scale) -> None:
    """Make `final_exchange_rates`, and `rates_daily` with the rate that holds on each day of the window."""
    rng = scale.rng("rates")
    days = np.arange(-_DAYS_BEFORE, scale.days)
    dates = [scale.start + dt.timedelta(days=int(day)) for day in days]
    is_quoted = np.array([d.weekday() < 5 and (d.month, d.day) not in {(1, 1), (12, 25), (12, 26)} for d in dates])
    # The first day always has a rate, however holidays fall.
    is_quoted[0] = True
    walks = {}
    for currency, first in _FIRST_RATES.items():
        steps = rng.normal(0, _DAILY_VOLATILITY, len(days))
        walks[currency] = np.round(first * np.exp(np.cumsum(steps) * 0.6), 6)
    store(
        connection,
        "raw_rates",
        {
            "day": np.concatenate([days[is_quoted]] * len(walks)),
            "currency": np.repeat([CURRENCIES.index(name) for name in walks], is_quoted.sum()),
            "rate": np.concatenate([walk[is_quoted] for walk in walks.values()]),
        },
    )
    connection.execute(f"""
        create table final_exchange_rates as
        select n as _n, 'erp' as source_system, currency_code as from_currency_code, 'USD' as to_currency_code,
            on_day(day) as rate_on, cast(rate as decimal(18, 8)) as exchange_rate,
            cast(null as boolean) as is_deleted, delivery_of(on_day(day)) as _delivery
        from raw_rates inner join currencies using (currency);
        create table rates_daily as
        select days.on_date, quoted.from_currency_code as currency_code, quoted.exchange_rate as rate
        from (
            select on_day(d) as on_date, currency_code
            from range({-_DAYS_BEFORE}, {scale.days}) as t(d) cross join currencies where currency_code <> 'USD'
        ) as days
        asof join final_exchange_rates as quoted
            on days.currency_code = quoted.from_currency_code and days.on_date >= quoted.rate_on;
    """)
