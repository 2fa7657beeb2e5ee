"""A company of a few cells, pools and activities, planned by the project's own SQL without a build."""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace
from typing import Any

import duckdb
import jinja2
from jinja2.runtime import Context, Macro

from profit.paths import PROJECT_ROOT

MONTH = "2026-01-01"
LINES = (
    "gross_sales_amount",
    "discount_amount",
    "rebate_amount",
    "return_amount",
    "cost_of_goods_amount",
    "commission_amount",
    "payment_fee_amount",
    "freight_amount",
    "lead_fee_amount",
    "cost_to_serve_amount",
)
_SETTINGS = {
    "horizon_months": 12,
    "window_months": 1,
    "new_customer_watch_months": 12,
    "new_customer_growth": 0,
    "cost_growth": 0,
    "media_response": 0.5,
    "needed_steps_rounding": 1,
    "released_steps_rounding": 0,
    "receipt_delay_months": 1,
}
_TABLES = {
    "int_calendar__as_of": "as_of date, as_of_month date, first_month date, last_month date",
    "plan_settings": "setting varchar, setting_value double",
    "value_settings": "setting varchar, setting_value double",
    "plan_scenarios": "scenario_id varchar, base_scenario_id varchar, valid_from date, valid_to date",
    "plan_changes": """change_id varchar, scenario_id varchar, lever varchar, operation varchar, change_value double,
        to_channel_id varchar, cohort_kind varchar, segment_id varchar, channel_id varchar, media_source varchar,
        customers varchar, pool_id varchar, activity_id varchar, territory_id varchar, industry varchar,
        sales_rep_id varchar, product_group varchar, owner varchar, valid_from date, valid_to date""",
    "plan_resources": """pool_id varchar, resource_kind varchar, step_name varchar, step_minutes decimal(18, 4),
        step_cost_amount decimal(18, 4), notice_months integer, valid_from date, valid_to date""",
    "int_planning__base_cells": """cohort_kind varchar, segment_id varchar, channel_id varchar, media_source varchar,
        won_month date, named_customer_id varchar, loss_rank bigint, territory_id varchar, industry varchar,
        sales_rep_id varchar, product_group varchar, month date, month_number integer,
        yearly_retention double, customers double, orders double, active_customers double, """
    + ", ".join(f"{line} double" for line in LINES)
    + ", variance double",
    "int_planning__activity_rates": """activity_id varchar, basis varchar, segment_id varchar, channel_id varchar,
        media_source varchar, named_customer_id varchar, minutes double, quantity double, minutes_each double""",
    "int_costing__activity_receivers": "period date, activity_id varchar, customer_id varchar, minutes decimal(18, 4)",
    "int_costing__account_flows": """period date, rule_id varchar, ledger_account_id varchar, receiver_kind varchar,
        receiver varchar, amount decimal(18, 4)""",
    "int_costing__pool_rates": "period date, pool_id varchar, used_minutes double, is_direct boolean",
    "pool_rules": """rule_id varchar, pool_id varchar, receiver_kind varchar, receiver_id varchar, measure varchar,
        share decimal(14, 12), valid_from date, valid_to date""",
    "pool_capacities": """rule_id varchar, pool_id varchar, practical_minutes decimal(18, 4),
        cost_per_minute decimal(26, 12), standard_rate decimal(26, 12), valid_from date, valid_to date""",
    "cost_methods": "rule_id varchar, stage varchar, pool_id varchar, method varchar, valid_from date, valid_to date",
    "cost_pools": "pool_id varchar, step_order integer",
    "dim_activity": "activity_id varchar, waterfall_line varchar, cost_level varchar",
    "waterfall_lines": "line varchar, line_order integer, line_kind varchar, effect integer",
    "profitability_reconciliation": """month date, line varchar, line_kind varchar, customers_amount decimal(18, 4),
        unattributed_amount decimal(18, 4), below_the_line_amount decimal(18, 4)""",
    "customer_lifetime_value": "segment_id varchar, margin_rate double, expected_purchases_12m double",
}


class _Returned(Exception):
    def __init__(self, value: Any) -> None:
        self.value = value


class _Context(Context):
    """What dbt does: a macro may return a value instead of its text."""

    def call(self, called: Any, /, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().call(called, *args, **kwargs)
        except _Returned as returned:
            if isinstance(called, Macro):
                return returned.value
            raise


def _return(value: Any) -> None:
    raise _Returned(value)


@cache
def _environment() -> tuple[jinja2.Environment, str]:
    # What is rendered is the project's own SQL, no page.
    environment = jinja2.Environment(autoescape=False, extensions=["jinja2.ext.do"])  # noqa: S701
    environment.context_class = _Context
    texts = [path.read_text(encoding="utf-8") for path in sorted((PROJECT_ROOT / "macros").rglob("*.sql"))]
    macros = "".join(text for text in texts if "{% materialization" not in text)
    environment.globals.update({"return": _return})
    environment.globals.update(
        ref=lambda name: name,
        config=lambda **_: "",
        var=lambda name: {"reporting_currency": "USD", "money_decimals": 2, "fiscal_year_starts_month": 1}[name],
        dbt=SimpleNamespace(
            type_string=lambda: "varchar",
            dateadd=lambda part, count, day: f"(cast({day} as date) + interval ({count}) {part})",
            datediff=lambda first, last, part: f"date_diff('{part}', cast({first} as date), cast({last} as date))",
            date_trunc=lambda part, day: f"date_trunc('{part}', {day})",
            last_day=lambda day, _: f"last_day({day})",
            string_literal=lambda text: f"'{text}'",
            escape_single_quotes=lambda text: text.replace("'", "''"),
            split_part=lambda text, mark, place: f"split_part({text}, {mark}, {place})",
            concat=" || ".join,
        ),
    )
    environment.globals["adapter"] = SimpleNamespace(
        dispatch=lambda name: getattr(module, f"duckdb__{name}", None) or getattr(module, f"default__{name}")
    )
    module: Any = environment.from_string(macros).module
    return environment, macros


@cache
def render(text: str) -> str:
    """SQL of a text that calls macros of the project."""
    environment, macros = _environment()
    return environment.from_string(macros + text).render()


@cache
def model(name: str) -> str:
    """SQL of a model."""
    (path,) = (PROJECT_ROOT / "models").rglob(f"{name}.sql")
    return render(path.read_text(encoding="utf-8"))


class Company:
    """Tables that plans read, and the models over them."""

    def __init__(self) -> None:
        self.tables = duckdb.connect(":memory:")
        for name, columns in _TABLES.items():
            self.tables.execute(f"create table {name} ({columns})")
        self.add("int_calendar__as_of", as_of="2025-12-31", as_of_month="2025-12-01", first_month="2025-12-01")
        self.tables.executemany("insert into plan_settings values (?, ?)", list(_SETTINGS.items()))
        self.add("value_settings", setting="yearly_discount_rate", setting_value=0.1)
        lines = self.tables.execute(render("{{ waterfall_line_rows() }}")).fetchall()
        self.tables.executemany("insert into waterfall_lines values (?, ?, ?, ?)", [line[:4] for line in lines])

    def add(self, table: str, **values: Any) -> None:
        """Add a row; what has a validity holds for ever."""
        columns = {row[0] for row in self.tables.execute(f"describe {table}").fetchall()}
        if "valid_from" in columns:
            values.setdefault("valid_from", "2010-01-01")
        names, marks = ", ".join(values), ", ".join("?" * len(values))
        self.tables.execute(f"insert into {table} ({names}) values ({marks})", list(values.values()))

    def pool(self, pool_id: str, own: float, step: tuple[float, float] | None = None, **capacity: float) -> None:
        """A pool with its cost of the last month: steps of (minutes, cost), or capacity as in pool_capacities."""
        self.add("cost_pools", pool_id=pool_id)
        self.add(
            "int_costing__account_flows",
            period="2025-12-01",
            rule_id=f"A-{pool_id}",
            ledger_account_id=f"a-{pool_id}",
            receiver_kind="pool",
            receiver=pool_id,
            amount=own,
        )
        if step:
            steps = {"step_minutes": step[0], "step_cost_amount": step[1]}
            self.add(
                "plan_resources",
                pool_id=pool_id,
                resource_kind="committed",
                step_name="person",
                notice_months=0,
                **steps,
            )
        if capacity:
            self.add("pool_capacities", rule_id=f"C-{pool_id}", pool_id=pool_id, **capacity)

    def activity(
        self, name: str, pool_id: str, minutes_each: float, channel: str | None = None, line: str = "cost_to_serve"
    ) -> None:
        """An activity that takes minutes of a pool for each order, of all channels or of one."""
        self.add("dim_activity", activity_id=name, waterfall_line=line, cost_level="order")
        rule = {"rule_id": f"P-{name}", "pool_id": pool_id, "receiver_kind": "activity", "receiver_id": name}
        self.add("pool_rules", measure="minutes", **rule)
        rate = {"activity_id": name, "basis": "orders", "segment_id": "all", "named_customer_id": ""}
        self.add("int_planning__activity_rates", channel_id=channel, minutes_each=minutes_each, **rate)

    def cell(self, segment: str, orders: float = 0, channel: str = "web", month: str = MONTH, **amounts: Any) -> None:
        """Existing customers of a segment in the first month of the plan: orders, and amounts by line."""
        key = {"cohort_kind": "existing", "media_source": "none", "named_customer_id": "", "month_number": 1}
        counts = {"customers": orders, "orders": orders, "active_customers": orders, "variance": 0}
        parts = dict.fromkeys(("territory_id", "industry", "sales_rep_id", "product_group"), "")
        values = {**key, **parts, **counts, **dict.fromkeys(LINES, 0), **amounts}
        self.add("int_planning__base_cells", segment_id=segment, channel_id=channel, month=month, **values)

    def scenario(self, name: str, *changes: dict[str, Any], base: str = "base") -> None:
        """A scenario with its changes: lever, operation, change_value and filters."""
        self.add("plan_scenarios", scenario_id=name, base_scenario_id=base)
        for number, change in enumerate(changes):
            self.add("plan_changes", change_id=f"{name}-{number}", scenario_id=name, **change)

    def build(self, *models: str) -> None:
        """Make tables of models, in this order."""
        for name in models:
            self.tables.execute(f"create or replace table {name} as {model(name)}")

    def plan(self) -> None:
        """Plan: from the cells of the base to the comparison of scenarios."""
        steps = ("cells", "volumes", "resources", "pool_flows", "pool_rates", "flows")
        self.build(*(f"int_planning__{step}" for step in steps), "capacity_plan", "scenario_comparison")

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of a query."""
        return self.tables.execute(query).fetchall()

    def results(self, line: str = "operating_result") -> dict[str, float]:
        """A line of the company by scenario, over the plan."""
        query = """
            select scenario_id, sum(scenario_amount) from scenario_comparison where segment_id = 'all' and line = $line
        """
        return {
            name: float(amount)
            for name, amount in self.tables.execute(f"{query} group by 1", {"line": line}).fetchall()
        }

    def pools(self) -> dict[tuple[str, str], dict[str, Any]]:
        """The capacity plan by scenario and pool."""
        found = self.tables.execute("select * from capacity_plan")
        names = [column[0] for column in found.description or []]
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
        return {(row["scenario_id"], row["pool_id"]): row for row in rows}

    def used(self, scenario: str = "base") -> dict[str, float]:
        """Cost of activities in a scenario."""
        query = """
            select activity_id, sum(amount) from int_planning__flows
            where stage = 'pool_to_activity' and receiver_kind = 'activity' and scenario_id = $name group by 1
        """
        return {name: float(amount) for name, amount in self.tables.execute(query, {"name": scenario}).fetchall()}


def change(lever: str, operation: str, value: float, **filters: Any) -> dict[str, Any]:
    """A change of a scenario."""
    return {"lever": lever, "operation": operation, "change_value": value, **filters}
