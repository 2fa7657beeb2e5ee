"""`python -m profit.conformance [MANIFEST]`: check the rules; without a manifest, dbt parses the project first."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from profit.conformance import RULES, check_project, read_exceptions, read_graph
from profit.paths import PROJECT_ROOT


def main() -> None:
    """Print what breaks a rule; exit 1 where anything does."""
    if len(sys.argv) > 1:
        manifest = Path(sys.argv[1])
    else:
        from dbt.cli.main import dbtRunner

        os.chdir(PROJECT_ROOT)
        outcome = dbtRunner().invoke(["--quiet", "parse"])
        if not outcome.success:
            sys.exit(f"dbt cannot parse the project: {outcome.exception or 'it has said why above'}")
        manifest = Path(os.environ.get("DBT_TARGET_PATH", PROJECT_ROOT / "target")) / "manifest.json"
    graph = read_graph(manifest)
    findings = check_project(graph, read_exceptions())
    for finding in findings:
        print(f"{finding.rule}: {finding.resource}: {finding.found}")
    print(f"{len(graph.of('model'))} models, {graph.depth} deep, {len(RULES)} rules: {len(findings)} findings")
    sys.exit(bool(findings))


if __name__ == "__main__":
    main()
