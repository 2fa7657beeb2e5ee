"""Queries that Spark reads in parts: the parts put together again are the query."""

from __future__ import annotations

import duckdb
import pytest
from rendered import returned

QUERY = """
-- with a comment (and a bracket
with
/* the first */
numbers as (
    select unnest([1, 2, 3]) as n, ')' as mark  -- a bracket ) in a comment
),

pairs as (
    with inner_numbers as (select n from numbers)
    select a.n, b.n as m from inner_numbers as a cross join numbers as b
),

sums as (select sum(n * m) as total, count(*) as "rows (all)" from pairs where 'it''s' <> '('),

unused as (select * from nowhere)

select pairs.n, sums.total, sums."rows (all)" FROM pairs, sums
where pairs.m = 1 and exists (select 1 from numbers where numbers.n = pairs.n)
"""


def test_a_query_is_split_at_its_outermost_parts() -> None:
    parts = returned("query_parts", QUERY)
    assert list(parts) == ["numbers", "pairs", "sums", "unused", ""]
    assert parts["sums"].startswith('select sum(n * m) as total, count(*) as "rows (all)" from pairs')
    assert parts[""].startswith("select pairs.n, sums.total")
    assert returned("reads_of_part", parts["pairs"]) == ["numbers", "inner_numbers", "numbers"]


@pytest.mark.parametrize(
    "sql",
    [
        "select 1",
        "-- with a as (select 1)\nselect 2",
        "with recursive a as (select 1) select * from a",
        "with a (n) as (select 1) select * from a",
        "with a as materialized (select 1) select * from a",
        "",
    ],
)
def test_a_query_of_another_form_is_left_whole(sql: str) -> None:
    assert returned("query_parts", sql) == {}


def test_parts_put_together_are_the_query() -> None:
    parts = returned("query_parts", QUERY)
    expected = sorted(duckdb.sql(QUERY.replace("nowhere", "numbers")).fetchall())
    whole = returned("query_of_part", parts, "", {})
    assert "nowhere" not in whole, "what nobody reads is not asked for"
    assert sorted(duckdb.sql(whole).fetchall()) == expected
    with duckdb.connect() as connection:
        made: dict[str, str] = {}
        for name in ("numbers", "pairs"):
            connection.execute(f"create table made_{name} as {returned('query_of_part', parts, name, made)}")
            made[name] = f"made_{name}"
        query = returned("query_of_part", parts, "", made)
        assert sorted(connection.execute(query).fetchall()) == expected
        assert "unnest" not in query


def test_a_part_is_made_a_table_where_that_saves_more_than_a_few_reads() -> None:
    def chosen(parts: dict[str, str]) -> object:
        return returned("parts_read_often", parts)

    four = "select * from a join b join c join d"
    assert chosen({"x": four, "": "select * from x"}) == []
    assert chosen({"x": four, "": "select * from x union all select * from x"}) == []
    assert chosen({"x": four, "": "select * from x union all select * from x union all select * from x"}) == ["x"]
    # A table read often is one already, and what is made of a table is read from there.
    assert chosen({"x": "select * from a", "": " union all ".join(["select * from x"] * 9)}) == []
    twice = "select * from x union all select * from x"
    assert chosen({"x": four, "y": twice, "z": "select * from y", "": "select * from z join y"}) == ["y"]
