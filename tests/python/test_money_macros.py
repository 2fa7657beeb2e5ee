"""Products and conversions of money against decimal arithmetic without end, to the ends of their types."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, localcontext
from functools import cache

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rendered import render

FOURTH = Decimal("0.0001")
CENT = Decimal("0.01")

amounts = st.one_of(
    st.decimals(min_value=-1000, max_value=1000, places=2),
    st.decimals(min_value=-(10**9), max_value=10**9, places=4),
    st.decimals(min_value=-(10**13), max_value=10**13, places=4),
)
quantities = st.one_of(
    st.integers(min_value=-200, max_value=200).map(Decimal),
    st.decimals(min_value=-1000, max_value=1000, places=4),
)
prices = st.one_of(
    st.decimals(min_value=0, max_value=1000, places=2),
    st.decimals(min_value=0, max_value=10**9, places=4),
    st.decimals(min_value=0, max_value=1, places=12),
    st.decimals(min_value=0, max_value=10**9, places=12),
)
rates = st.one_of(
    st.sampled_from([Decimal("1.1"), Decimal("0.5"), Decimal("0.0000625"), Decimal("0.000000000001")]),
    st.decimals(min_value=Decimal("0.000000000001"), max_value=9, places=12),
    st.decimals(min_value=Decimal("0.0000000000000000001"), max_value=9, places=19),
)


as_sql = cache(render)


@pytest.fixture(scope="module")
def engine() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(
        "create table given (amount decimal(18, 4), factor decimal(18, 4), price decimal(26, 12), "
        "rate decimal(28, 19), currency varchar)"
    )
    return connection


def answer(engine: duckdb.DuckDBPyConnection, expression: str, **row: Decimal | str) -> Decimal:
    engine.execute("delete from given")
    columns = ", ".join(row)
    engine.execute(f"insert into given ({columns}) values ({', '.join('?' for _ in row)})", list(row.values()))
    ((value,),) = engine.execute(f"select {as_sql(expression)} from given").fetchall()
    return value


def product(first: Decimal, second: Decimal, places: Decimal) -> Decimal:
    with localcontext() as context:
        context.prec = 60
        return (first * second).quantize(places, ROUND_HALF_UP)


@settings(deadline=None)
@given(quantity=quantities, price=prices)
@example(quantity=Decimal("99999.9999"), price=Decimal("99999.9999"))
@example(quantity=Decimal("-0.0001"), price=Decimal("0.5"))
@example(quantity=Decimal("-9999.9999"), price=Decimal("999999999.9999"))
@example(quantity=Decimal("1000000"), price=Decimal("0.0000125"))
@example(quantity=Decimal("0.0001"), price=Decimal("0.499999999999"))  # just less than half a unit
@example(quantity=Decimal("0.5"), price=Decimal("99999999999999.999999999999"))
def test_a_price_for_a_quantity_is_exact_and_rounded_once(
    engine: duckdb.DuckDBPyConnection, quantity: Decimal, price: Decimal
) -> None:
    amount = answer(engine, "{{ exact_amount('factor', 'price') }}", factor=quantity, price=price)
    assert amount == product(quantity, price, FOURTH)


@settings(deadline=None)
@given(amount=amounts, rate=rates)
@example(amount=Decimal("0.05"), rate=Decimal("1.1"))  # half a cent, which floating point cannot tell
@example(amount=Decimal("-0.05"), rate=Decimal("1.1"))
@example(amount=Decimal("99999999999999.9999"), rate=Decimal("0.999999999999"))
@example(amount=Decimal("-10000000000.005"), rate=Decimal("1"))
@example(amount=Decimal("163306500"), rate=Decimal("0.0000612345"))
@example(amount=Decimal("99999999999999.9999"), rate=Decimal("0.9999999999998999999"))
def test_a_conversion_is_rounded_once_half_away_from_zero(
    engine: duckdb.DuckDBPyConnection, amount: Decimal, rate: Decimal
) -> None:
    converted = answer(
        engine, "{{ to_reporting_currency('amount', 'currency', 'rate') }}", amount=amount, rate=rate, currency="EUR"
    )
    assert converted == product(amount, rate, CENT)


@settings(deadline=None)
@given(rate=st.decimals(min_value=Decimal("0.00000001"), max_value=999999999, places=12).filter(bool))
@example(rate=Decimal("25000.5"))
@example(rate=Decimal("3"))
@example(rate=Decimal("0.00000001"))
def test_a_rate_is_turned_round_to_eighteen_decimals(engine: duckdb.DuckDBPyConnection, rate: Decimal) -> None:
    with localcontext() as context:
        context.prec = 60
        inverse = (1 / rate).quantize(Decimal("1e-18"), ROUND_HALF_UP)
    assert answer(engine, "{{ inverse_rate('rate') }}", rate=rate) == inverse


def test_money_in_the_reporting_currency_is_kept_and_money_without_a_rate_is_unknown(
    engine: duckdb.DuckDBPyConnection,
) -> None:
    convert = "{{ to_reporting_currency('amount', 'currency', 'rate') }}"
    assert answer(engine, convert, amount=Decimal("99999999999999.9999"), currency="USD") == Decimal(
        "99999999999999.9999"
    )
    assert answer(engine, convert, amount=Decimal("5"), currency="EUR") is None


@settings(deadline=None)
@given(amount=amounts, share=st.decimals(min_value=0, max_value=1, places=8))
@example(amount=Decimal("99999999999999.9999"), share=Decimal("0.99999999"))
def test_a_share_of_an_amount_keeps_all_its_decimals(
    engine: duckdb.DuckDBPyConnection, amount: Decimal, share: Decimal
) -> None:
    shared = answer(engine, "{{ exact_product('amount', 'cast(rate as decimal(18, 8))') }}", amount=amount, rate=share)
    with localcontext() as context:
        context.prec = 60
        assert shared == amount * share
