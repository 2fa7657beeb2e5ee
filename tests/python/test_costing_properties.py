"""Costs of pools that serve each other, over random rules: the project's own models and macros against a linear solve.

The models from pool rules to activities are rendered and run on small tables. A month is a random graph: pools with
cost of their own, shares to each other, to themselves and to activities, in any circle.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from decimal import Decimal
from itertools import product

import duckdb
import numpy as np
import pytest
from costing_graphs import (
    ACTIVITIES,
    CASE_A,
    CASE_B,
    FEW_CENTS,
    HALF_A_CENT,
    LONG_LOOP,
    POOLS,
    UNITS,
    Graph,
    costed,
    day,
    graphs,
    months_of,
)
from hypothesis import HealthCheck, Phase, example, given
from hypothesis import strategies as st
from properties import cases
from rendered import render

from profit.paths import PROJECT_ROOT


@pytest.fixture(scope="module")
def connection() -> Iterable[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": 1}) as opened:
        yield opened


# Without shrinking: a failing example is small enough to read, and making it smaller takes minutes of queries.
PROPERTY = cases(
    30,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)


def test_the_published_cases_are_exact(connection: duckdb.DuckDBPyConnection) -> None:
    result = costed(connection, [CASE_A, CASE_B])
    gross = result.amounts("select period::varchar, pool_id, gross_amount from int_costing__pool_rates")
    published = {
        day(0): {"a": "1737.93", "b": "2689.66", "c": "2327.59", "d": "6772.41"},
        day(1): {"a": "6576750", "b": "2767500", "c": "8187025", "d": "5565125"},
    }
    assert gross == {(month, pool): Decimal(text) for month, pools in published.items() for pool, text in pools.items()}
    activities = result.amounts("select period::varchar, activity_id, amount from int_costing__activity_flows")
    assert activities == {
        (month, activity): gross[month, pool] for month in published for pool, activity in (("c", "x"), ("d", "y"))
    }


@PROPERTY
@given(months=st.lists(graphs(("reciprocal", "direct", "step_down")), min_size=1, max_size=4))
@example(months=[CASE_A, LONG_LOOP, FEW_CENTS])
def test_cost_is_conserved_and_never_negative(connection: duckdb.DuckDBPyConnection, months: list[Graph]) -> None:
    result = costed(connection, months)
    flows = "select period, pool_id as sender, receiver_pool_id as receiver, amount from int_costing__pool_flows"
    flows += " union all select period, pool_id, receiver, amount from int_costing__activity_flows"
    assert result.rows(f"select * from ({flows}) where amount < 0 or amount <> round(amount, 2)") == []
    own = "select period, receiver as pool, sum(amount) as amount from int_costing__account_flows group by all"
    unbalanced = result.rows(f"""
        select period, pool, sum(amount) from (
            {own} union all select period, receiver, amount from ({flows}) where receiver in {POOLS}
            union all select period, sender, -amount from ({flows})
        ) as movements(period, pool, amount) group by all having sum(amount) <> 0
    """)
    assert unbalanced == []
    received = result.amounts(
        f"select period::varchar, sum(amount) from ({flows}) where receiver in {ACTIVITIES} group by 1"
    )
    for month, graph in enumerate(months):
        assert received.get((day(month),), 0) == Decimal(sum(graph.own_cents.values())) / 100


@PROPERTY
@given(months=months_of)
@example(months=[CASE_A, CASE_B, LONG_LOOP, FEW_CENTS])
def test_the_solution_is_that_of_a_linear_solve_to_the_cent(
    connection: duckdb.DuckDBPyConnection, months: list[Graph]
) -> None:
    result = costed(connection, months)
    solved = result.amounts("""
        select inverse.period::varchar, inverse.receiver_pool_id, sum(own.amount * inverse.weight)
        from int_costing__account_flows as own inner join int_costing__pool_inverse as inverse
            on own.period = inverse.period and own.receiver = inverse.pool_id
        group by all
    """)
    ledger = result.amounts("select period::varchar, pool_id, gross_amount from int_costing__pool_rates")
    activities = result.amounts(
        "select period::varchar, activity_id, sum(amount) from int_costing__activity_flows group by all"
    )
    for month, graph in enumerate(months):
        gross = graph.gross()
        for pool, expected in zip(graph.pools, gross, strict=True):
            assert abs(solved.get((day(month), pool), 0) - expected) < HALF_A_CENT
            # In the ledger each flow into the pool is rounded by itself.
            flows_in = sum(receiver == pool for _, receiver in graph.shares)
            assert abs(float(ledger.get((day(month), pool), 0)) - expected) <= 0.01 * flows_in + HALF_A_CENT
        for activity, expected in zip(ACTIVITIES, gross @ graph.matrix(ACTIVITIES), strict=True):
            # What leaves a pool is a cent off at most, and so is each part of it.
            slack = 0.02 * sum(receiver == activity for _, receiver in graph.shares) + 1e-6
            assert abs(float(activities.get((day(month), activity), 0)) - expected) <= slack


@PROPERTY
@given(months=months_of, seed=st.integers(min_value=0, max_value=2**32))
def test_the_order_of_rows_does_not_matter(
    connection: duckdb.DuckDBPyConnection, months: list[Graph], seed: int
) -> None:
    first = costed(connection, months).contents()
    assert costed(connection, months, random.Random(seed)).contents() == first  # noqa: S311


def split_in_two(graph: Graph, pool: str, cost_to_twin: float, share_to_twin: float) -> Graph:
    """The same month with a twin of a pool: each has part of its cost and of what it receives, both send alike."""
    twin = "twin"
    own = dict(graph.own_cents)
    moved = int(own.get(pool, 0) * cost_to_twin)
    own[pool], own[twin] = own.get(pool, 0) - moved, moved
    shares: dict[tuple[str, str], int] = {}
    for (sender, receiver), share in graph.shares.items():
        to_twin = int(share * share_to_twin) if receiver == pool else 0
        for one in (sender, twin) if sender == pool else (sender,):
            shares[one, receiver] = share - to_twin
            if to_twin:
                shares[one, twin] = to_twin
    return Graph(own, {edge: share for edge, share in shares.items() if share}, pools=(*graph.pools, twin))


@PROPERTY
@given(graph=graphs(), data=st.data())
def test_a_pool_split_in_two_changes_nothing_for_the_others(
    connection: duckdb.DuckDBPyConnection, graph: Graph, data: st.DataObject
) -> None:
    pool = data.draw(st.sampled_from(graph.pools))
    part = st.floats(min_value=0, max_value=1)
    split = split_in_two(graph, pool, data.draw(part), data.draw(part))
    solved = """
        select inverse.period::varchar, replace(inverse.receiver_pool_id, 'twin', ?), sum(own.amount * inverse.weight)
        from int_costing__account_flows as own inner join int_costing__pool_inverse as inverse
            on own.period = inverse.period and own.receiver = inverse.pool_id
        group by all
    """
    result = costed(connection, [graph, split])
    gross = {row[:2]: row[2] for row in connection.execute(solved, [pool]).fetchall()}
    for one in graph.pools:
        assert abs(gross.get((day(0), one), 0) - gross.get((day(1), one), 0)) < HALF_A_CENT
    activities = result.amounts(
        "select period::varchar, activity_id, sum(amount) from int_costing__activity_flows group by all"
    )
    # Twice the flows, each of whole cents.
    slack = Decimal("0.01") * (len(graph.shares) + len(split.shares) + 2)
    for activity in ACTIVITIES:
        assert abs(activities.get((day(0), activity), 0) - activities.get((day(1), activity), 0)) <= slack


@PROPERTY
@given(months=months_of)
@example(months=[CASE_A, CASE_B, LONG_LOOP])
def test_every_account_is_found_again_in_the_activities(
    connection: duckdb.DuckDBPyConnection, months: list[Graph]
) -> None:
    result = costed(connection, months)
    origins = "from int_costing__activity_origins group by all"
    weights = result.amounts(f"select period::varchar, activity_id, ledger_account_id, sum(weight) {origins}")
    counts = result.amounts(f"select period::varchar, activity_id, count(*) {origins}")
    for month, graph in enumerate(months):
        inverse = np.linalg.inv(np.eye(len(graph.pools)) - graph.matrix(graph.pools))
        # What each pool's own account contributes to each activity.
        expected = graph.own()[:, np.newaxis] * (inverse @ graph.matrix(ACTIVITIES))
        for place, activity in enumerate(ACTIVITIES):
            total = expected[:, place].sum()
            # Shares of a few cents are those of whole cents, not of the exact solution.
            if total < 1000:
                continue
            found = [float(weights.get((day(month), activity, pool), 0)) / 1e8 for pool in graph.pools]
            assert abs(sum(found) - 1) < 1e-11 * counts[day(month), activity]
            assert np.allclose(found, expected[:, place] / total, atol=2e-3 / 1000 * len(graph.shares) + 1e-9)


@cases(60)
@given(graph=graphs(), squarings=st.integers(min_value=0, max_value=6))
@example(graph=LONG_LOOP, squarings=2)
def test_the_remainder_is_what_is_still_going_round(
    connection: duckdb.DuckDBPyConnection, graph: Graph, squarings: int
) -> None:
    connection.execute("create or replace temp table nodes (period integer, pool_id varchar)")
    connection.execute(
        "create or replace temp table edges (period integer, pool_id varchar, receiver_pool_id varchar, share double)"
    )
    connection.executemany("insert into nodes values (1, ?)", [[pool] for pool in graph.pools])
    edges = [[one, other, graph.share(one, other)] for one, other in product(graph.pools, repeat=2)]
    connection.executemany("insert into edges values (1, ?, ?, ?)", edges)
    call = f"{{{{ reciprocal_inverse('nodes', 'edges', squarings={squarings}) }}}}"
    found = connection.execute(f"select pool_id, receiver_pool_id, weight, remainder from ({render(call)})").fetchall()
    shares = graph.matrix(graph.pools)
    rounds = [np.linalg.matrix_power(shares, power) for power in range(2**squarings + 1)]
    expected, left = sum(rounds[:-1]), rounds[-1].sum(axis=1)
    for place, pool in enumerate(graph.pools):
        row = {receiver: weight for sender, receiver, weight, _ in found if sender == pool}
        assert np.allclose([row.get(receiver, 0) for receiver in graph.pools], expected[place])
        (remainder,) = {remainder for sender, _, _, remainder in found if sender == pool}
        assert remainder == pytest.approx(left[place])


def test_rounds_that_are_too_few_for_the_rules_fail_the_daily_test(connection: duckdb.DuckDBPyConnection) -> None:
    daily = PROJECT_ROOT / "tests" / "singular" / "what_still_goes_round_between_pools_is_below_a_cent.sql"
    # A ten-millionth leaves in each round, so that after 65,536 rounds nearly everything is still there.
    slow = Graph({"a": 100_000}, {("a", "a"): UNITS - 1000, ("a", "x"): 1000}, pools=("a",))
    costed(connection, [CASE_A, LONG_LOOP, FEW_CENTS])
    query = render(daily.read_text(encoding="utf-8"))
    assert connection.execute(query).fetchall() == []
    costed(connection, [CASE_A, slow])
    ((month, left_over, _),) = connection.execute(query).fetchall()
    assert str(month) == day(1)
    assert left_over == pytest.approx(1000 * (1 - 1e-7) ** 2**16)
