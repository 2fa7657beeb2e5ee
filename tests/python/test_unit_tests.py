"""dbt's unit tests, all of them, once: they bring their own rows and read only the columns of their inputs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import Company

pytestmark = pytest.mark.build


def test_every_unit_test_of_dbt_passes(demo: Company, tmp_path: Path) -> None:
    company = demo.copied(tmp_path)
    company.run("dbt", "--quiet", "test", "--select", "test_type:unit")
    target = company.folder / "target"
    results = json.loads((target / "run_results.json").read_text(encoding="utf-8"))["results"]
    defined = json.loads((target / "manifest.json").read_text(encoding="utf-8"))["unit_tests"]
    # What dbt does before its first test has a result too.
    seen = {result["unique_id"]: result["status"] for result in results if result["unique_id"].startswith("unit_test.")}
    assert seen == dict.fromkeys(defined, "pass")
    assert len(defined) > 100
