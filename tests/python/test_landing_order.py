"""The same deliveries of one day, landed in another order: nobody becomes another customer, and no profit changes."""

from __future__ import annotations

import shutil
from pathlib import Path

from conftest import NO_TESTS, Company


def test_another_order_of_landing_gives_the_same_customers_and_profit(demo: Company, tmp_path: Path) -> None:
    """The demo is landed by one command; here as if each table of each system had been landed alone, last first."""
    other = Company(tmp_path)
    landed = sorted(demo.paths.landing.glob("*/*/source_system=*"), reverse=True)
    for number, folder in enumerate(landed, start=1):
        for path in folder.glob("delivered_on=*/*.parquet"):
            target = other.paths.landing / path.relative_to(demo.paths.landing)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target.with_name(f"{number:04d}-{path.name.partition('-')[2]}"))
    assert len(landed) > 20
    other.run("dbt", "--quiet", "build", *NO_TESTS, "--select", "+customer_profitability")
    for rows in (
        "select * from core.customer_crosswalk order by all",
        "select * from marts.customer_profitability order by all",
    ):
        assert other.query(rows) == demo.query(rows)
