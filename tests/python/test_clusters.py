"""The cluster macros in a project of their own, on both engines, against union-find and Kruskal's algorithm."""

from __future__ import annotations

import csv
import math
import os
import random
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pytest
from in_process import run_in_process
from test_spark import SPARK_DEFAULTS, why_not

from profit.paths import PROJECT_ROOT

Edge = tuple[str | None, str | None, float | None]
Pair = tuple[str, str]

# Far below the steps of the longest chain and the cannot-links of the greatest component.
ROUNDS = 40
PROJECT = f"""
name: harness
profile: profit_warehouse
macro-paths: ["{PROJECT_ROOT}/macros/identity"]
flags: {{send_anonymous_usage_stats: false}}
models: {{+materialized: table}}
"""
MODELS = {
    "components": "{% set found = connected_components(ref('edges'), 'left_node', 'right_node', max_rounds=ROUNDS) %}"
    "select node, component from {{ found }}",
    "clusters": "{% set found = constrained_clusters(ref('edges'), ref('cannot_links'), max_rounds=ROUNDS) %}"
    "select node, component, cluster from {{ found }}",
}
UNIT_TEST = """
unit_tests:
  - name: UNIT
    model: components
    given:
      - input: ref('edges')
        rows: [{left_node: a, right_node: b}]
    expect: {rows: [{node: x, component: y}]}
"""
OVERRIDE = """    overrides:
      macros: {connected_components: "(select 'x' as node, 'y' as component) as fixture"}
"""


@dataclass
class Graph:
    """Edges, and pairs of nodes that must not end in one cluster."""

    edges: list[Edge] = field(default_factory=list)
    cannot_links: list[Pair] = field(default_factory=list)

    def chain(self, name: str, length: int, strength: Callable[[int], float] = lambda _: 1.0) -> list[str]:
        """Add a chain whose nodes are in no order; return them from one end to the other."""
        nodes = [f"{name}{number:06}" for number in range(length)]
        random.Random(name).shuffle(nodes)  # noqa: S311
        self.edges += [(nodes[at], nodes[at + 1], strength(at)) for at in range(length - 1)]
        return nodes

    def star(self, name: str, leaves: int) -> list[str]:
        """Add a star, its leaves by strength; return the leaves."""
        nodes = [f"{name}{number:06}" for number in range(leaves)]
        self.edges += [(f"{name} hub", node, 1 - number / leaves) for number, node in enumerate(nodes)]
        return nodes


def join(parts: dict[str, set[str]], left: str, right: str) -> None:
    """Join the parts of two nodes; `parts` has the members of each node's part."""
    smaller, greater = sorted([parts[left], parts[right]], key=len)
    if smaller is not greater:
        greater |= smaller
        parts.update(dict.fromkeys(smaller, greater))


def named(parts: dict[str, set[str]]) -> dict[str, str]:
    smallest = {id(part): min(part) for part in {id(part): part for part in parts.values()}.values()}
    return {node: smallest[id(part)] for node, part in parts.items()}


def expected(graph: Graph) -> dict[str, tuple[str, str]]:
    """Component and cluster of every node, edge by edge."""
    nodes = {node for left, right, _ in graph.edges for node in (left, right) if node is not None}
    components, clusters = {node: {node} for node in nodes}, {node: {node} for node in nodes}
    opponents: dict[str, set[str]] = defaultdict(set)
    for left, right in graph.cannot_links:
        if left != right:
            opponents[left].add(right)
            opponents[right].add(left)
    edges = [
        (math.inf if strength is None else -strength, *sorted([left, right]))
        for left, right, strength in graph.edges
        if left is not None and right is not None
    ]
    for _, left, right in sorted(edges):
        join(components, left, right)
        if not any(opponents[node] & clusters[right] for node in clusters[left] if node in opponents):
            join(clusters, left, right)
    names, parts = named(components), named(clusters)
    return {node: (names[node], parts[node]) for node in nodes}


def random_graphs(number: int) -> Graph:
    """Many small graphs in one: equal strengths, repeated edges, edges to oneself, contradictions, missing values."""
    chance = random.Random(7)  # noqa: S311
    graph = Graph()
    for case in range(number):
        names = [f"{letter}{case}" for letter in chance.sample("aBcDeéÉz10Ω😀-_ yxw", chance.randint(1, 14))]
        levels = [math.inf, 0.99, 0.9, 0.9, 0.5, -1.0, None]
        for _ in range(chance.randint(1, 3 * len(names))):
            strength = chance.choice(levels) if case % 2 else chance.random()
            graph.edges.append((chance.choice(names), chance.choice(names), strength))
        for _ in range(chance.choice([0, 1, 2, len(names)])):
            graph.cannot_links.append((chance.choice(names), chance.choice(names)))
    graph.edges += [("alone", None, 1.0), (None, None, 1.0), ("loop", "loop", 1.0)]
    graph.cannot_links += [("nobody knows", "a1"), ("loop", "loop"), ("alone", "loop")]
    return graph


def all_graphs(cases: int, longest: int, chain: int, star: int) -> Graph:
    """Random graphs, a chain without cannot-links, two with them, a star, and shapes that are hard to cut."""
    graph = random_graphs(cases)
    graph.chain("longest", longest)
    apart = graph.chain("chain apart", chain)
    rising = graph.chain("rising", chain, strength=float)
    leaves = graph.star("star apart", star)
    graph.cannot_links += [(apart[0], apart[-1]), (leaves[3], leaves[-9])]
    graph.cannot_links += [(rising[0], rising[-1]), (rising[chain // 5], rising[chain // 2])]
    # Each member is nearer to one of two opponents, at strengths that interleave.
    chance = random.Random(11)  # noqa: S311
    for member in range(chain // 2):
        graph.edges += [(f"member{member}", side, chance.random()) for side in ("side a", "side b")]
    graph.cannot_links.append(("side a", "side b"))
    graph.edges += crowd(chain, edges=6, cannot_links=3).edges
    graph.cannot_links += crowd(chain, edges=6, cannot_links=3).cannot_links
    chance.shuffle(graph.edges)
    return graph


def crowd(size: int, edges: int, cannot_links: int) -> Graph:
    """One component at random with many cannot-links in it; edges and cannot-links are counted per node."""
    chance = random.Random(17)  # noqa: S311
    names = [f"n{number:04}" for number in range(size)]
    return Graph(
        [(one, chance.choice(names), chance.random()) for one in names for _ in range(edges)],
        [(one, chance.choice(names)) for one in names for _ in range(cannot_links)],
    )


@dataclass(frozen=True)
class Project:
    """A dbt project with the macros, two inputs and a model for each macro."""

    folder: Path
    target: str
    environment: dict[str, str]

    def dbt(self, *command: str, expect: int = 0) -> str:
        arguments = ["--target", self.target, "--profiles-dir", str(PROJECT_ROOT / "profiles")]
        command = ("dbt", "--no-use-colors", *command, *arguments)
        if self.target == "duckdb":
            # The engine of a build reaches its own folders only.
            environment = {**self.environment, "PROFIT_MORE_FOLDERS": str(self.folder)}
            code, printed = run_in_process(command, environment, self.folder)
        else:
            # A process has one Spark, and that one has one warehouse.
            outcome = subprocess.run(
                [str(Path(sys.executable).with_name("dbt")), *command[1:]],
                cwd=self.folder,
                env={**os.environ, **self.environment},
                capture_output=True,
                text=True,
                check=False,
            )
            code, printed = outcome.returncode, outcome.stdout + outcome.stderr
        assert code == expect, printed[-6000:]
        return printed

    def write(self, graph: Graph, rounds: int = ROUNDS) -> None:
        for name, columns, rows in (
            ("edges", {"left_node": "varchar", "right_node": "varchar", "strength": "double"}, graph.edges),
            ("cannot_links", {"left_node": "varchar", "right_node": "varchar"}, graph.cannot_links),
        ):
            delivered, path = self.folder / f"{name}.csv", self.folder / f"{name}.parquet"
            with delivered.open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows([[*columns], *rows])
            read = f"read_csv('{delivered}', header = true, delim = ',', columns = {columns})"
            duckdb.execute(f"copy (from {read}) to '{path}' (format parquet)")
            source = f"parquet.`{path}`" if self.target == "spark" else f"read_parquet('{path}')"
            (self.folder / "models" / f"{name}.sql").write_text(f"select * from {source}", encoding="utf-8")
        for name, model in MODELS.items():
            path = self.folder / "models" / f"{name}.sql"
            path.write_text(model.replace("ROUNDS", str(rounds)), encoding="utf-8")

    def rows(self, table: str) -> list[tuple]:
        if self.target == "spark":
            return duckdb.execute(f"from '{self.folder}/spark/tables/main.db/{table}/*.parquet'").fetchall()
        with duckdb.connect(self.environment["PROFIT_WAREHOUSE"], read_only=True) as warehouse:
            return warehouse.execute(f"from main.{table}").fetchall()

    def tables(self) -> set[str]:
        if self.target == "spark":
            return {path.name for path in self.folder.glob("spark/tables/main.db/*") if path.is_dir()}
        with duckdb.connect(self.environment["PROFIT_WAREHOUSE"], read_only=True) as warehouse:
            return {name for (name,) in warehouse.execute("select table_name from duckdb_tables()").fetchall()}


def project(folder: Path, target: str) -> Project:
    (folder / "models").mkdir()
    (folder / "conf").mkdir()
    (folder / "dbt_project.yml").write_text(PROJECT, encoding="utf-8")
    (folder / "conf" / "spark-defaults.conf").write_text(SPARK_DEFAULTS, encoding="utf-8")
    environment = {
        "PROFIT_WAREHOUSE": str(folder / "build.duckdb"),
        "PROFIT_SPARK_WAREHOUSE": str(folder / "spark" / "tables"),
        "PROFIT_SPARK_METASTORE": f"jdbc:derby:;databaseName={folder}/spark/metastore;create=true",
        "SPARK_CONF_DIR": str(folder / "conf"),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "JDK_JAVA_OPTIONS": "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=240m",
        "DBT_TARGET_PATH": str(folder / "target"),
        "DBT_LOG_PATH": str(folder / "logs"),
    }
    return Project(folder, target, environment)


@pytest.fixture
def small(tmp_path: Path) -> Project:
    return project(tmp_path, "duckdb")


def check(built: Project, graph: Graph) -> None:
    expectation = expected(graph)
    clusters = built.rows("clusters")
    assert len(clusters) == len(expectation)
    assert {node: (component, cluster) for node, component, cluster in clusters} == expectation
    components = built.rows("components")
    assert len(components) == len(expectation)
    assert dict(components) == {node: component for node, (component, _) in expectation.items()}
    assert built.tables() == {"edges", "cannot_links", *MODELS}, "working tables are dropped"


def test_the_oracle_cuts_the_weakest_edge_between_opponents() -> None:
    found = expected(Graph([("a", "b", 3.0), ("b", "c", 1.0), ("c", "d", 2.0)], [("a", "d")]))
    assert found == {"a": ("a", "a"), "b": ("a", "a"), "c": ("a", "c"), "d": ("a", "c")}


@pytest.mark.build
def test_components_and_clusters_are_those_of_python(small: Project) -> None:
    graph = all_graphs(cases=400, longest=100_000, chain=1_000, star=10_000)
    small.write(graph)
    small.dbt("build")
    check(small, graph)


@pytest.mark.spark
def test_components_and_clusters_are_the_same_on_spark(tmp_path: Path) -> None:
    if why_not():
        pytest.skip(why_not())
    built = project(tmp_path, "spark")
    graph = all_graphs(cases=60, longest=1_000, chain=30, star=10_000)
    built.write(graph)
    built.dbt("build")
    check(built, graph)


@pytest.mark.parametrize("graph", [Graph(), Graph([("a", "a", 1.0)], [("a", "a")])])
@pytest.mark.build
def test_little_or_nothing_to_do(small: Project, graph: Graph) -> None:
    small.write(graph)
    small.dbt("build")
    check(small, graph)


@pytest.mark.build
def test_a_search_that_is_not_complete_fails_instead_of_cutting_short(small: Project) -> None:
    graph = Graph()
    graph.chain("chain", 1_000)
    small.write(graph, rounds=3)
    printed = small.dbt("build", "--exclude", "clusters", expect=1)
    assert "The connected components of" in printed
    assert "are not complete after 3 rounds" in printed
    small.write(crowd(30, edges=40, cannot_links=2), rounds=2)
    printed = small.dbt("build", expect=1)
    assert "The clusters of" in printed
    assert "are not complete after 2 rounds" in printed
    assert "clusters" not in small.tables()


@pytest.mark.build
def test_compiling_and_documenting_run_no_query(small: Project) -> None:
    small.write(Graph([("a", "b", 1.0)]))
    for command in (["compile"], ["docs", "generate"]):
        small.dbt(*command)
    assert small.tables() == set()


@pytest.mark.build
def test_a_unit_test_overrides_the_macro_or_is_told_to(small: Project) -> None:
    small.write(Graph([("a", "b", 1.0)]))
    small.dbt("run", "--select", "edges", "cannot_links")
    path = small.folder / "models" / "unit.yml"
    path.write_text(UNIT_TEST + OVERRIDE, encoding="utf-8")
    small.dbt("build")
    path.write_text(UNIT_TEST, encoding="utf-8")
    assert "override the macro in the unit test" in small.dbt("build", expect=1)
