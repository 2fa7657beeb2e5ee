"""Pools that serve each other in a chain, however long, are sound; a loop that nothing leaves is not."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest
from rendered import render

COLUMNS = (
    "rule_file varchar, file_line bigint, rule_id varchar, sender varchar, receiver_kind varchar, receiver varchar, "
    "measure varchar, valid_from date, valid_to date"
)


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": 1}) as opened:
        opened.execute(f"create table rules ({COLUMNS})")
        opened.execute("create table cost_pools (pool_id varchar, step_order integer)")
        yield opened


def problems(connection: duckdb.DuckDBPyConnection, rules: list[tuple[str, str, str]]) -> dict[str, str]:
    """What is wrong with rules between pools, given as sender, kind and name of the receiver; by the rule."""
    rows = [
        ("pool_rules", line, f"Z-{line}", sender, kind, receiver, "share", "2010-01-01", None)
        for line, (sender, kind, receiver) in enumerate(rules)
    ]
    connection.executemany(f"insert into rules values ({', '.join('?' * 9)})", rows)
    pools = sorted({sender for sender, _, _ in rules})
    connection.executemany("insert into cost_pools values (?, ?)", [[pool, None] for pool in pools])
    found = render("select rule_id, problem from ({{ pool_loops('rules', 'cost_pools') }}) as loops")
    return dict(connection.execute(found).fetchall())


def chain(length: int) -> list[tuple[str, str, str]]:
    """Each pool serves the next one with all that it has; the last one serves an activity."""
    links = [(f"z{number}", "pool", f"z{number + 1}") for number in range(length)]
    return [*links, (f"z{length}", "activity", "run")]


@pytest.mark.parametrize("length", [1, 19, 22, 30, 200])
def test_a_chain_of_pools_is_sound_however_long_it_is(connection: duckdb.DuckDBPyConnection, length: int) -> None:
    assert problems(connection, chain(length)) == {}


def test_a_loop_is_sound_where_anything_leaves_it(connection: duckdb.DuckDBPyConnection) -> None:
    back = [("z40", "pool", "z0")]
    assert problems(connection, [*chain(40), *back]) == {}


@pytest.mark.parametrize("length", [2, 30])
def test_a_loop_that_nothing_leaves_is_refused_with_all_that_leads_into_it(
    connection: duckdb.DuckDBPyConnection, length: int
) -> None:
    loop = [(f"z{number}", "pool", f"z{(number + 1) % length}") for number in range(length)]
    into = [("a", "pool", "z0"), ("b", "pool", "z1"), ("b", "activity", "run")]
    found = problems(connection, [*loop, *into])
    # What b sends does leave: half of it goes to an activity.
    assert set(found) == {f"Z-{line}" for line in range(length + 1)}
    assert all("goes round in a loop of pools that nothing leaves" in problem for problem in found.values())
