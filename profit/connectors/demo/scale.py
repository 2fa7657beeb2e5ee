"""Size, seed and calendar of the demo company, and how its numpy columns become DuckDB tables."""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from profit.errors import LandingError

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Columns = dict[str, NDArray[Any]]

END = dt.date(2025, 12, 31)
LEAST_CUSTOMERS = 20
MOST_MONTHS = 120
LEAST_ARTICLES = 125
MOST_ARTICLES = 1_000_000
# Stands for "no day" in integer columns: DuckDB does not read the mask of a numpy masked array.
NO_DAY = -99_999
SYSTEMS = ("web_shop", "stores", "phone_desk", "crm", "marketing_hub", "rebate_centre", "service_desk")
WEB, STORES, PHONE, CRM, MARKETING, REBATES, SERVICE = range(len(SYSTEMS))
CURRENCIES = ("USD", "EUR", "GBP")
# Dollars per unit, for sizing only; money is converted at the delivered daily rates.
ROUGH_RATES = np.array([1.0, 1.09, 1.27])


@dataclass(frozen=True)
class Scale:
    """What the generated company depends on, and nothing else.

    Attributes:
        customers: True customers, `LEAST_CUSTOMERS` or more.
        months: Whole months of transactions up to `END`, 1 to `MOST_MONTHS`.
        seed: Seed of every random number, 0 or more.
        articles: Articles in the catalogue, `LEAST_ARTICLES` to `MOST_ARTICLES`: the least, and variants of its goods.
    """

    customers: int
    months: int
    seed: int
    articles: int = LEAST_ARTICLES

    def __post_init__(self) -> None:
        if self.customers < LEAST_CUSTOMERS:
            raise LandingError(
                f"--customers is {self.customers}; the demo company needs at least {LEAST_CUSTOMERS}, "
                "so that every kind of customer is in it."
            )
        if not 1 <= self.months <= MOST_MONTHS:
            raise LandingError(f"--months is {self.months}; choose 1 to {MOST_MONTHS} months, which end on {END}.")
        if self.seed < 0:
            raise LandingError(f"--seed is {self.seed}; choose a whole number of 0 or more.")
        if not LEAST_ARTICLES <= self.articles <= MOST_ARTICLES:
            raise LandingError(
                f"--articles is {self.articles}; choose {LEAST_ARTICLES}, the articles that every demo company has, "
                f"to {MOST_ARTICLES}."
            )

    @cached_property
    def start(self) -> dt.date:
        """First day of the window."""
        month = END.year * 12 + END.month - self.months
        return dt.date(month // 12, month % 12 + 1, 1)

    @cached_property
    def days(self) -> int:
        """Days in the window; day 0 is `start`."""
        return (END - self.start).days + 1

    @cached_property
    def month_starts(self) -> Ints:
        """Day index of the first day of each month, and of the day after the window: `months + 1` numbers."""
        first = self.start.year * 12 + self.start.month - 1
        months = range(first, first + self.months + 1)
        return np.array([self.day(dt.date(month // 12, month % 12 + 1, 1)) for month in months])

    def day(self, date: dt.date) -> int:
        """Day index of a date."""
        return (date - self.start).days

    def month_of(self, days: Ints) -> Ints:
        """Month index of day indices; -1 before the window."""
        return np.maximum(np.searchsorted(self.month_starts, days, side="right") - 1, -1)

    def rng(self, stage: str) -> np.random.Generator:
        """Random numbers of one stage, so that a change in one stage leaves the others as they are."""
        return np.random.default_rng([self.seed, zlib.crc32(stage.encode())])


def connect(scale: Scale) -> duckdb.DuckDBPyConnection:
    """An empty database with the company's calendar and the macros that its SQL is written in.

    `deliveries` holds the day of each delivery: number -1 on the first day of the window for what was there before, and
    for each month the third day after its end.
    """
    connection = duckdb.connect()
    connection.execute(f"""
        create macro on_day(d) as case when d > {NO_DAY} then date '{scale.start}' + cast(d as integer) end;
        create macro at_second(d, s) as
            case when d > {NO_DAY} then cast(date '{scale.start}' as timestamp) + to_seconds(d * 86400 + s) end;
        create macro money(cents) as cast(cents * 0.01 as decimal(18, 4));
        create macro delivery_of(date) as
            greatest(-1, {scale.months - 1} - cast(datediff('month', date, date '{END}') as integer));
        create macro in_dollars(amount, currency, rate) as case
            when coalesce(currency, 'USD') = 'USD' then cast(amount as decimal(18, 4))
            -- Wide enough: DuckDB gives the product of two decimals of 18 digits 18 digits, 12 of them decimals.
            else cast(round(cast(amount as decimal(28, 4)) * rate, 2) as decimal(18, 4))
        end;
        create macro window_days() as {scale.days};
        create macro last_delivery() as {scale.months - 1};
        create macro last_customer() as {scale.customers - 1};
        create macro chosen(number, step, per_mille) as (number * step + {scale.seed}) % 1000 < per_mille;
        create table systems as
            select unnest(range({len(SYSTEMS)})) as system, unnest({list(SYSTEMS)}) as source_system;
        create table currencies as
            select unnest(range({len(CURRENCIES)})) as currency, unnest({list(CURRENCIES)}) as currency_code;
        create table deliveries as
            select -1 as delivery, date '{scale.start}' as delivered_on
            union all
            select m, cast(date '{scale.start}' + to_months(cast(m + 1 as integer)) + interval 2 day as date)
            from range({scale.months}) as t(m);
    """)
    return connection


def store(connection: duckdb.DuckDBPyConnection, table: str, columns: Mapping[str, NDArray[Any]]) -> None:
    """Make a table of numpy columns of one length, with the row's number in column `n`."""
    rows = len(next(iter(columns.values())))
    connection.register("numpy_columns", {"n": np.arange(rows), **columns})
    connection.execute(f"create or replace table {table} as select * from numpy_columns")
    connection.unregister("numpy_columns")


def texts(values: list[str] | tuple[str, ...]) -> NDArray[Any]:
    """A column of text that DuckDB reads as VARCHAR."""
    return np.array(values, dtype=object)
