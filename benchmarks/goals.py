"""How large and deep the dbt project is, and how long dbt takes to read it.

    python benchmarks/goals.py

The figures of whole builds are those of full_build.py.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from profit.conformance import read_graph
from profit.paths import PROJECT_ROOT

GOALS = {"models": 160, "nodes with tests": 800, "models on the longest path": 30, "parse, cold, s of processor": 8}
_BUILT = ("model", "seed", "snapshot", "test")


def main() -> None:
    """Parse the project in a folder of its own, print each figure beside its goal."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "DBT_TARGET_PATH": folder, "DBT_LOG_PATH": folder}
        dbt = Path(sys.executable).with_name("dbt")
        subprocess.run(  # noqa: S603
            [str(dbt), "--quiet", "parse", "--no-partial-parse"], cwd=PROJECT_ROOT, env=environment, check=True
        )
        spent = resource.getrusage(resource.RUSAGE_CHILDREN)
        manifest = json.loads((Path(folder) / "manifest.json").read_text(encoding="utf-8"))
    kinds = Counter(node["resource_type"] for node in manifest["nodes"].values())
    reached = {
        "models": kinds["model"],
        "nodes with tests": sum(kinds[kind] for kind in _BUILT),
        "models on the longest path": read_graph(manifest).depth,
        "parse, cold, s of processor": round(spent.ru_utime + spent.ru_stime, 1),
    }
    print(f"{'':<30} {'reached':>8} {'goal':>6}")
    for name, goal in GOALS.items():
        print(f"{name:<30} {reached[name]:>8} {goal:>6}  {'' if reached[name] <= goal else 'missed'}")
    print(f"unit tests {len(manifest['unit_tests'])}, data tests {kinds['test']}, seeds {kinds['seed']}")


if __name__ == "__main__":
    main()
