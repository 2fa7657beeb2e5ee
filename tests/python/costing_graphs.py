"""Random rules of pools that serve each other, published ones, and the project's models run on them."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st
from rendered import model

POOLS = tuple("abcde")
ACTIVITIES = ("x", "y", "z")
HALF_A_CENT = 0.005
# Decimals of a share in the rule files.
UNITS = 10**10

MODELS = (
    "int_costing__pool_edges",
    "int_costing__pool_inverse",
    "int_costing__pool_flows",
    "int_costing__pool_rates",
    "int_costing__activity_flows",
    "int_costing__activity_origins",
)
TABLES = {
    "int_costing__rule_problems": "problem varchar",
    "int_costing__driver_events": "month date",
    "int_costing__account_flows": "period date, rule_id varchar, ledger_account_id varchar, receiver_kind varchar, "
    "receiver varchar, amount decimal(18, 4)",
    "int_costing__activity_receivers": "period date, rule_id varchar, activity_id varchar, receiver varchar, "
    "customer_id varchar, minutes decimal(18, 4)",
    "cost_pools": "pool_id varchar, pool_name varchar, step_order integer, owner varchar",
    "cost_methods": "rule_id varchar, stage varchar, pool_id varchar, method varchar, valid_from date, valid_to date",
    "pool_rules": "rule_id varchar, pool_id varchar, receiver_kind varchar, receiver_id varchar, measure varchar, "
    "share decimal(14, 12), valid_from date, valid_to date",
    "pool_capacities": "rule_id varchar, pool_id varchar, practical_minutes decimal(18, 4), "
    "cost_per_minute decimal(26, 12), standard_rate decimal(26, 12), valid_from date, valid_to date",
}


@dataclass(frozen=True)
class Graph:
    """Rules and cost of one month; shares are in units of a ten-thousandth of a millionth, and sum to one a sender."""

    own_cents: dict[str, int]
    shares: dict[tuple[str, str], int]
    method: str = "reciprocal"
    pools: tuple[str, ...] = field(default=POOLS)

    def share(self, sender: str, receiver: str) -> float:
        return self.shares.get((sender, receiver), 0) / UNITS

    def matrix(self, receivers: Sequence[str]) -> npt.NDArray[np.float64]:
        return np.array([[self.share(sender, receiver) for receiver in receivers] for sender in self.pools])

    def own(self) -> npt.NDArray[np.float64]:
        return np.array([self.own_cents.get(pool, 0) / 100 for pool in self.pools])

    def gross(self) -> npt.NDArray[np.float64]:
        """Cost of each pool, that received included: own cost and what other pools hand on, in double precision."""
        return np.linalg.solve((np.eye(len(self.pools)) - self.matrix(self.pools)).T, self.own())


def normalised(weights: dict[tuple[str, str], int]) -> dict[tuple[str, str], int]:
    """Shares of the weights of each sender, summing to exactly one."""
    by_sender: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for (sender, receiver), weight in weights.items():
        by_sender[sender].append((receiver, weight))
    shares = {}
    for sender, receivers in by_sender.items():
        total, left = sum(weight for _, weight in receivers), UNITS
        for receiver, weight in receivers[1:]:
            shares[sender, receiver] = UNITS * weight // total
            left -= shares[sender, receiver]
        shares[sender, receivers[0][0]] = left
    return shares


@st.composite
def graphs(draw: st.DrawFn, methods: Sequence[str] = ("reciprocal",)) -> Graph:
    """One to five pools; wherever cost goes, some of it reaches an activity in the end."""
    pools = POOLS[: draw(st.integers(min_value=1, max_value=len(POOLS)))]
    method = draw(st.sampled_from(methods))
    cents = st.one_of(st.integers(min_value=0, max_value=30), st.integers(min_value=0, max_value=10**9))
    own = {pool: draw(cents) for pool in pools}
    weights: dict[tuple[str, str], int] = {}
    for pool in pools:
        chosen = draw(st.lists(st.sampled_from([*pools, *ACTIVITIES]), min_size=1, max_size=6, unique=True))
        for receiver in chosen:
            weights[pool, receiver] = draw(st.integers(min_value=1, max_value=50))
    reaching = {sender for sender, receiver in weights if receiver in ACTIVITIES}
    for pool in pools:
        if method != "reciprocal" and pool not in reaching:
            weights[pool, ACTIVITIES[0]] = 1
    for _ in pools:
        reaching |= {sender for sender, receiver in weights if receiver in reaching}
    for pool in set(pools) - reaching:
        weights[pool, ACTIVITIES[0]] = 1
    return Graph(own, normalised(weights), method, pools)


months_of = st.lists(graphs(), min_size=1, max_size=4)


@dataclass(frozen=True)
class Costed:
    """What the models made of the months of a list of graphs."""

    connection: duckdb.DuckDBPyConnection

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(sql).fetchall()

    def amounts(self, sql: str) -> dict[tuple[Any, ...], Any]:
        return {row[:-1]: row[-1] for row in self.rows(sql)}

    def contents(self) -> list[list[tuple[Any, ...]]]:
        """Everything that is money or a share of it; sums of doubles may differ in their last bits."""
        return [
            self.rows("select * from int_costing__pool_flows order by all"),
            self.rows(
                "select period, pool_id, own_amount, received_amount, gross_amount, sent_to_pools_amount"
                " from int_costing__pool_rates order by all"
            ),
            self.rows("select * exclude (minutes) from int_costing__activity_flows order by all"),
            self.rows("select * from int_costing__activity_origins order by all"),
        ]


def day(month: int) -> str:
    return f"2025-{month + 1:02}-01"


def rows_of(months: Sequence[Graph]) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """The rows of all months' rules and costs, each with its table; accounts are called like the pools they go to."""
    for order, pool in enumerate(sorted({pool for graph in months for pool in graph.pools})):
        yield "cost_pools", (pool, pool, order, None)
    for month, graph in enumerate(months):
        yield "int_costing__driver_events", (day(month),)
        yield "cost_methods", (f"M-{month}", "pool_to_pool", None, graph.method, day(month), day(month))
        for pool, cents in graph.own_cents.items():
            if cents:
                account = (day(month), "A", pool, "pool", pool, Decimal(cents) / 100)
                yield "int_costing__account_flows", account
        for (sender, receiver), share in graph.shares.items():
            kind = "activity" if receiver in ACTIVITIES else "pool"
            rule = (f"P-{month}{sender}{receiver}", sender, kind, receiver, "share", Decimal(share) / UNITS)
            yield "pool_rules", (*rule, day(month), day(month))


def costed(
    connection: duckdb.DuckDBPyConnection, months: Sequence[Graph], shuffle: random.Random | None = None
) -> Costed:
    """Fill the tables and run the models."""
    rows = list(rows_of(months))
    if shuffle:
        shuffle.shuffle(rows)
    for name, columns in TABLES.items():
        connection.execute(f"create or replace temp table {name} ({columns})")
        values = [list(row) for table, row in rows if table == name]
        if values:
            connection.executemany(f"insert into {name} values ({', '.join('?' * len(values[0]))})", values)
    for name in MODELS:
        connection.execute(f"create or replace temp table {name} as {model(name)}")
    return Costed(connection)


# Published case A: administration and maintenance serve each other, X and Y; 1/6 is 0.1666666667 in a rule file.
CASE_A = Graph(
    {"a": 120_000, "b": 240_000, "c": 150_000, "d": 400_000},
    {
        **{("a", "b"): 1_666_666_667, ("a", "c"): 1_666_666_667, ("a", "d"): 6_666_666_666},
        **{("b", "a"): UNITS // 5, ("b", "c"): UNITS // 5, ("b", "d"): UNITS * 3 // 5},
        **{("c", "x"): UNITS, ("d", "y"): UNITS},
    },
    pools=("a", "b", "c", "d"),
)
# Case B: plant maintenance and information systems, machining and assembly.
CASE_B = Graph(
    {"a": 630_000_000, "b": 145_215_000, "c": 400_000_000, "d": 200_000_000},
    {
        **{("a", "b"): UNITS // 5, ("a", "c"): UNITS * 3 // 10, ("a", "d"): UNITS // 2},
        **{("b", "a"): UNITS // 10, ("b", "c"): UNITS * 4 // 5, ("b", "d"): UNITS // 10},
        **{("c", "x"): UNITS, ("d", "y"): UNITS},
    },
    pools=("a", "b", "c", "d"),
)
# All cost goes round among three pools, and through a pool to itself, before a little of it leaves.
LONG_LOOP = Graph(
    {"a": 3, "b": 99_999_999, "c": 0},
    {
        **{("a", "b"): UNITS * 99 // 100, ("a", "x"): UNITS // 100},
        **{("b", "c"): UNITS, ("c", "a"): UNITS // 2, ("c", "c"): UNITS // 2},
    },
    pools=("a", "b", "c"),
)
# A few cents to many receivers: each share by itself would be rounded up.
FEW_CENTS = Graph(
    {"a": 3, "b": 0, "c": 0, "d": 0, "e": 0},
    {
        **{("a", pool): UNITS // 5 for pool in "bcde"},
        **{("a", "x"): UNITS // 5, ("b", "x"): UNITS, ("c", "y"): UNITS, ("d", "z"): UNITS, ("e", "x"): UNITS},
    },
)
