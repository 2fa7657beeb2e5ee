"""The macro that follows parents to the top, in a project of its own, on both engines, against a walk step by step."""

from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest
from test_clusters import Project, project
from test_spark import why_not

Parents = dict[str, str | None]

MODEL = (
    "{% set found = hierarchy_tops(ref('parents'), 'child', 'parent', max_rounds=ROUNDS) %}"
    "select node, top, is_in_cycle from {{ found }}"
)


def expected(parents: Parents) -> dict[str, tuple[str, bool]]:
    """Top of every node, and whether it is in a cycle, step by step."""
    up = {child: parent for child, parent in parents.items() if parent is not None and parent != child}
    found = {}
    for start in {*up, *up.values()}:
        way, node = {start: 0}, start
        while (onward := up.get(node)) is not None and onward not in way:
            way[onward], node = len(way), onward
        if onward is None:
            found[start] = (node, False)
        else:
            ring = [*way][way[onward] :]
            found[start] = (min(ring), start in ring)
    return found


def chain(name: str, length: int) -> dict[str, str]:
    """A chain whose nodes are in no order."""
    nodes = [f"{name}{number:05}" for number in range(length)]
    random.Random(name).shuffle(nodes)  # noqa: S311
    return dict(pairwise(nodes))


def cycle(name: str, length: int, tail: int) -> Parents:
    """A cycle, and a chain that leads into it."""
    ring = chain(name, length)
    (first,) = set(ring) - set(ring.values())
    (last,) = set(ring.values()) - set(ring)
    way = chain(f"{name} tail ", tail)
    (end,) = set(way.values()) - set(way)
    return {**ring, last: first, **way, end: first}


def everything(cases: int, longest: int) -> Parents:
    """Chains, cycles with tails of every length, trees at random, and rows that say nothing."""
    chance = random.Random(3)  # noqa: S311
    parents: Parents = {**chain("five", 5), **chain("longest", longest), "alone": None, "itself": "itself", "é": "Z"}
    for length in (2, 3, 4, 7, 64, 65):
        for tail in (2, 5, 63, 200):
            parents.update(cycle(f"cycle {length} {tail} ", length, tail))
    for case in range(cases):
        nodes = [f"{case} {letter}" for letter in chance.sample("aBcDeéÉz10Ω-_ yxw", chance.randint(2, 15))]
        parents.update({node: chance.choice([*nodes, None]) for node in nodes if chance.random() < 0.9})
    return parents


def write(built: Project, parents: Parents, rounds: int = 40) -> None:
    path = built.folder / "parents.parquet"
    with duckdb.connect() as connection:
        connection.execute("create table parents (child varchar, parent varchar)")
        rows = list(parents.items())
        random.Random(5).shuffle(rows)  # noqa: S311
        if rows:
            connection.executemany("insert into parents values (?, ?)", rows)
        connection.execute(f"copy parents to '{path}' (format parquet)")
    source = f"parquet.`{path}`" if built.target == "spark" else f"read_parquet('{path}')"
    (built.folder / "models" / "parents.sql").write_text(f"select * from {source}", encoding="utf-8")
    (built.folder / "models" / "tops.sql").write_text(MODEL.replace("ROUNDS", str(rounds)), encoding="utf-8")


def check(built: Project, parents: Parents) -> None:
    write(built, parents)
    built.dbt("build")
    tops, expectation = built.rows("tops"), expected(parents)
    assert len(tops) == len(expectation)
    assert {node: (top, is_in_cycle) for node, top, is_in_cycle in tops} == expectation
    assert built.tables() == {"parents", "tops"}, "working tables are dropped"


@pytest.fixture
def small(tmp_path: Path) -> Project:
    return project(tmp_path, "duckdb")


def test_a_chain_of_five_and_a_cycle_by_hand() -> None:
    found = expected({"e": "d", "d": "c", "c": "b", "b": "a", "y": "x", "x": "y", "z": "y"})
    assert {found[node] for node in "abcde"} == {("a", False)}
    assert [found[node] for node in "xyz"] == [("x", True), ("x", True), ("x", False)]


@pytest.mark.build
def test_tops_are_those_found_step_by_step(small: Project) -> None:
    check(small, everything(cases=300, longest=3_000))


@pytest.mark.spark
def test_tops_are_the_same_on_spark(tmp_path: Path) -> None:
    if why_not():
        pytest.skip(why_not())
    check(project(tmp_path, "spark"), everything(cases=40, longest=100))


@pytest.mark.parametrize("parents", [{}, {"itself": "itself"}, {"alone": None}])
@pytest.mark.build
def test_little_or_nothing_to_do(small: Project, parents: Parents) -> None:
    check(small, parents)


@pytest.mark.build
def test_a_search_that_is_not_complete_fails_instead_of_cutting_short(small: Project) -> None:
    write(small, chain("chain", 100), rounds=4)
    assert "is not followed to its end after 4 rounds" in small.dbt("build", expect=1)
