"""The source contract is complete, and the staging models and their YAML agree with it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import yaml

from profit.contract import Feed, read_contract
from profit.contract_docs import STAGING, departments, main, models_path, render_staging_models
from profit.errors import ProfitError
from profit.paths import PROJECT_ROOT

TABLES = {
    "crm": {
        "customers",
        "customer_links",
        "sales_reps",
        "territories",
        "opportunities",
        "opportunity_events",
        "interactions",
        "referrals",
    },
    "sales": {"products", "orders", "order_lines", "returns", "shipments", "subscriptions"},
    "marketing": {"campaigns", "media_spend", "touches", "leads", "promotion_redemptions"},
    "service": {"tickets", "warranty_claims", "product_usage", "surveys"},
    "finance": {"ledger_entries", "ledger_accounts", "product_costs", "payments", "exchange_rates", "budgets"},
}
TYPES = re.compile(r"string|bigint|double|date|timestamp|boolean|decimal\(\d+,\d+\)")
FEEDS = read_contract()
TECHNICAL = ("source_system", "delivered_on", "delivery_id")


def _source_tables() -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for department in departments():
        content = yaml.safe_load((STAGING / department / f"_{department}__sources.yml").read_text(encoding="utf-8"))
        for source in content["sources"]:
            for table in source["tables"]:
                yield source, table


SOURCE_TABLES = list(_source_tables())
each_table = pytest.mark.parametrize(
    ("source", "table"), SOURCE_TABLES, ids=[table["name"] for _, table in SOURCE_TABLES]
)
each_feed = pytest.mark.parametrize("feed", FEEDS.values(), ids=FEEDS)


def _documented_columns(feed: Feed) -> list[str]:
    models = yaml.safe_load(models_path(feed.department).read_text(encoding="utf-8"))["models"]
    by_name = {model["name"]: model for model in models}
    return [column["name"] for column in by_name[f"stg_{feed.department}__{feed.table}"]["columns"]]


def _selected_columns(feed: Feed) -> list[str]:
    """Names in the final select of a staging model, without the extension columns."""
    sql = (STAGING / feed.department / f"stg_{feed.department}__{feed.table}.sql").read_text(encoding="utf-8")
    final = re.search(r"^final as \(\n    select\n(.*?)\n    from (?:newest|ranked)\n\)", sql, re.DOTALL | re.MULTILINE)
    assert final, "a staging model ends with `final as (select ... from newest)`, or `ranked` with all versions"
    columns = re.sub(r"\s*\{\{- extension_columns\(.*\) \}\}", "", final.group(1))
    # A column ends at the indentation of the select list; deeper lines belong to its expression.
    return re.findall(r"^ {8}(?:\S.*\W)?(\w+)(?:,|\Z)$", columns, re.MULTILINE)


@each_feed
def test_own_columns_of_every_feed_reach_core(feed: Feed) -> None:
    """By a model that carries those of its rows, or value by value."""
    staging = f"stg_{feed.department}__{feed.table}"
    carried = f"extension_columns(ref('{staging}')"
    models = [path.read_text(encoding="utf-8") for path in (PROJECT_ROOT / "models" / "core").rglob("*.sql")]
    intermediate = {
        path.stem: path.read_text(encoding="utf-8")
        for path in (PROJECT_ROOT / "models" / "intermediate").rglob("*.sql")
    }
    through = [name for name, sql in intermediate.items() if carried in sql]
    macro = (PROJECT_ROOT / "macros" / "landing" / "own_columns.sql").read_text(encoding="utf-8")
    elsewhere = re.search(rf"'{staging}': (\[[^\]]*\])", macro)
    is_carried = any(carried in sql for sql in models) or any(
        f"extension_columns(ref('{name}')" in sql for name in through for sql in models
    )
    assert is_carried or elsewhere
    if elsewhere:
        assert tuple(yaml.safe_load(elsewhere[1])) == feed.key


def test_every_table_of_the_architecture_is_in_the_contract() -> None:
    found: dict[str, set[str]] = {}
    for feed in FEEDS.values():
        found.setdefault(feed.department, set()).add(feed.table)
    assert found == TABLES
    assert len(FEEDS) == 29


def test_only_four_tables_are_required() -> None:
    assert {feed.table for feed in FEEDS.values() if feed.is_required} == {
        "customers",
        "orders",
        "order_lines",
        "products",
    }


@each_feed
def test_every_column_is_typed_and_described(feed: Feed) -> None:
    for column in feed.columns.values():
        assert TYPES.fullmatch(column.data_type), column.name
        assert column.description.endswith("."), column.name


def in_yaml(folder: str, kind: str) -> list[dict[str, Any]]:
    files = sorted((PROJECT_ROOT / "models" / folder).rglob("*.yml"))
    return [each for file in files for each in (yaml.safe_load(file.read_text("utf-8")) or {}).get(kind) or []]


@cache
def governed_metrics() -> set[str]:
    return {metric["name"] for metric in in_yaml("semantic", "metrics")}


@cache
def published_columns_and_tables() -> set[str]:
    """What `weaker_metrics` may name beside them: a reader finds it in the published file."""
    models = [*in_yaml("core", "models"), *in_yaml("marts", "models")]
    return {model["name"] for model in models} | {c["name"] for model in models for c in model.get("columns", ())}


@each_feed
def test_every_table_has_a_required_key_and_names_its_metrics(feed: Feed) -> None:
    assert feed.key
    assert set(feed.key) <= set(feed.required_columns)
    assert feed.metrics
    assert set(feed.metrics) <= governed_metrics() | published_columns_and_tables()


@each_feed
def test_every_row_can_be_withdrawn(feed: Feed) -> None:
    assert feed.columns["is_deleted"].data_type == "boolean"


@each_table
def test_every_table_states_its_grain_and_has_an_owner(source: dict[str, Any], table: dict[str, Any]) -> None:
    assert table["description"].startswith("Grain: ")
    assert source["config"]["meta"]["owner"] == source["name"]
    assert source["config"]["freshness"]


@each_table
def test_every_table_has_the_columns_that_landing_adds(source: dict[str, Any], table: dict[str, Any]) -> None:
    assert tuple(column["name"] for column in table["columns"][:3]) == TECHNICAL


@pytest.mark.parametrize("department", departments())
def test_the_derived_yaml_is_up_to_date(department: str) -> None:
    assert models_path(department).read_text(encoding="utf-8") == render_staging_models(department)


def test_check_finds_an_outdated_file(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--check"]) == 0
    monkeypatch.setattr("profit.contract_docs.render_staging_models", lambda department: "models: []\n")
    assert main(["--check"]) == 1
    assert "_sales__models.yml is out of date" in capsys.readouterr().out


def test_an_unknown_department_is_an_error_that_names_the_known_ones() -> None:
    with pytest.raises(ProfitError, match="crm, finance, marketing, sales, service"):
        render_staging_models("logistics")


@each_feed
def test_every_staging_model_selects_what_is_documented(feed: Feed) -> None:
    assert _selected_columns(feed) == _documented_columns(feed)


@each_feed
def test_every_staging_model_keeps_every_contract_column(feed: Feed) -> None:
    staged = _documented_columns(feed)
    assert {"source_system", "delivered_on"} | set(feed.columns) - {"is_deleted"} <= set(staged)
    assert staged[: 1 + len(feed.key)] == ["source_system", *feed.key]
    assert staged[-1] == "delivered_on"


def test_every_staging_file_belongs_to_a_feed() -> None:
    models = {path.stem for path in STAGING.glob("*/stg_*.sql")}
    assert models == {f"stg_{feed.department}__{feed.table}" for feed in FEEDS.values()}
