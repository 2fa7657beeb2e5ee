"""How long the clusters of a graph take on DuckDB, how much memory, and how both grow with the graph.

    python benchmarks/clusters.py [--nodes 100000 300000 1000000] [--folder DIR]

Each graph has three edges a node: groups of four nodes with every edge among them, one edge in 25 led astray to any
other node, so that components of every size come about. One group in a thousand has a cannot-link. Runs each macro in a
dbt model of its own, three times, takes the quickest, and compares it with a plain count of the distinct nodes of the
edges.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
from dbt.cli.main import dbtRunner

from profit.paths import PROJECT_ROOT

_KILOBYTES_PER_MEGABYTE = 1024
_REPEATS = 3
_PROJECT = f"""
name: benchmark
profile: profit_warehouse
macro-paths: ["{PROJECT_ROOT}/macros/identity"]
flags: {{send_anonymous_usage_stats: false}}
models: {{+materialized: table}}
"""
_MODELS = {
    "components": "{% set found = connected_components(ref('edges'), 'left_node', 'right_node') %}"
    "select node, component from {{ found }}",
    "clusters": "{% set found = constrained_clusters(ref('edges'), ref('cannot_links')) %}"
    "select node, component, cluster from {{ found }}",
    "edges": """
        select
            'crm:' || one as left_node,
            'crm:' || case when hash(one, other) % 25 = 0 then hash(other, one) % {nodes} else other end as right_node,
            hash(one, other, 1) % 1000000 / 1e6 as strength
        from (
            select number * 4 + member as one, number * 4 + friend as other
            from range({nodes} // 4) as groups (number), range(4) as members (member), range(4) as friends (friend)
            where member <> friend
        ) as numbers
        order by hash(one, other, 2)
    """,
    "cannot_links": "select 'crm:' || number * 4000 as left_node, 'crm:' || number * 4000 + 3 as right_node "
    "from range({nodes} // 4000) as groups (number)",
}
_BASELINE = "select count(*) from (select left_node from edges union select right_node from edges) as nodes"
_FIGURES = """
    select (select count(*) from edges), sum(size), count(*), max(size), (select count(distinct cluster) from clusters)
    from (select component, count(*) as size from clusters group by component) as components
"""


def run_models(*models: str) -> dict[str, float]:
    """Run models of the project in this folder, one after the other.

    Args:
        models: Names of the models.

    Returns:
        Seconds of each, without the start of dbt.
    """
    profiles = str(PROJECT_ROOT / "profiles")
    arguments = ["--quiet", "run", "--threads", "1", "--profiles-dir", profiles, "--select", *models]
    outcome = dbtRunner().invoke(arguments)
    if not outcome.success:
        sys.exit(f"dbt could not run {', '.join(models)}")
    return {result.node.name: result.execution_time for result in outcome.result.results}


def seconds_of(connection: duckdb.DuckDBPyConnection, query: str) -> float:
    """Seconds that a query takes."""
    started = time.perf_counter()
    connection.execute(query).fetchall()
    return time.perf_counter() - started


def measure(folder: Path, nodes: int) -> dict[str, float]:
    """Make a graph, run the macros on it, print.

    Args:
        folder: Empty folder to work in.
        nodes: Size of the graph.

    Returns:
        Seconds of each macro.
    """
    (folder / "models").mkdir()
    (folder / "dbt_project.yml").write_text(_PROJECT, encoding="utf-8")
    for name, select in _MODELS.items():
        text = select if "{%" in select else select.format(nodes=nodes)
        (folder / "models" / f"{name}.sql").write_text(text, encoding="utf-8")
    warehouse = folder / "build.duckdb"
    environment = {**os.environ, "PROFIT_WAREHOUSE": str(warehouse)}

    def run(*models: str) -> dict[str, float]:
        # In a process of its own, so that the peak is that of these models alone.
        command = [sys.executable, __file__, "--models", *models]
        printed = subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True, text=True)  # noqa: S603
        return dict(json.loads(printed.stdout.splitlines()[-1]))

    run("edges", "cannot_links")
    with duckdb.connect(str(warehouse)) as connection:
        baseline = min(seconds_of(connection, _BASELINE) for _ in range(_REPEATS))
    figures = {}
    for macro in ("components", "clusters"):
        runs = [run(macro) for _ in range(_REPEATS)]
        figures[macro] = {name: min(figure[name] for figure in runs) for name in runs[0]}
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        ((edges, found, components, greatest, clusters),) = connection.execute(_FIGURES).fetchall()
    print(
        f"{found:,} nodes, {edges:,} edges: {components:,} components, the greatest of {greatest:,} nodes; "
        f"{clusters:,} clusters; baseline {baseline:.2f} s"
    )
    for macro, figure in figures.items():
        ratio = figure[macro] / baseline
        print(f"  {macro:<11} {figure[macro]:6.2f} s, {ratio:5.1f} times the baseline, peak {figure['peak']:,.0f} MB")
    return {macro: figure[macro] for macro, figure in figures.items()}


def main() -> None:
    """Measure each size, print how time grows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--nodes", type=int, nargs="+", default=[100_000, 300_000, 1_000_000], help="sizes of the graph"
    )
    parser.add_argument("--folder", type=Path, help="where to work; by default a temporary folder")
    parser.add_argument("--models", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.models:
        seconds = run_models(*options.models)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _KILOBYTES_PER_MEGABYTE
        print(json.dumps({**seconds, "peak": peak}))
        return
    measured = []
    for nodes in options.nodes:
        with tempfile.TemporaryDirectory(dir=options.folder) as name:
            measured.append(measure(Path(name), nodes))
    for smaller, greater, before, after in zip(options.nodes, options.nodes[1:], measured, measured[1:], strict=False):
        growth = ", ".join(f"{macro} {after[macro] / before[macro]:.1f}" for macro in after)
        print(f"{greater / smaller:.1f} times the nodes take, times as long: {growth}")


if __name__ == "__main__":
    main()
