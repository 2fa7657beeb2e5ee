"""Amounts of weak currencies: the demo company times 10,000, and amounts at the ends of their types."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from conftest import NO_TESTS, RECONCILIATIONS, Company
from test_build_minimal import PRODUCTS, land

from profit.contract import read_contract
from profit.paths import PROJECT_ROOT

pytestmark = pytest.mark.build

FACTOR = 10_000
# Amounts are rounded to cents in both companies, which is ten thousand times as coarse in the small one.
ROUNDING = 1e-3
# What does not grow with the amounts, or by another factor, and why.
OTHERWISE = {
    "minutes of pools that are driven by money are that money, those of all others are minutes": {
        "core.fct_activity_costs.practical_minutes",
        "core.fct_cost_flows.practical_minutes",
        "core.fct_cost_pool_rates.used_minutes",
        "core.fct_cost_pool_rates.minute_rate",
        "marts.activity_budget.planned_minutes",
        "marts.activity_budget.standard_rate",
        "marts.capacity_plan.demand_minutes",
        "marts.capacity_plan.supply_minutes",
        "marts.rule_balance.driver_minutes",
    },
    "what is left of cents, which are rounded in the small company, and what is divided by it": {
        "marts.scenario_comparison.base_amount of rate_variance",
        "marts.scenario_comparison.difference_amount of rate_variance",
        "marts.scenario_comparison.scenario_amount of rate_variance",
        "marts.scorecard.attainment of customer_profit",
        "marts.scorecard_contributions.child_value of gross_margin_rate",
    },
    "a rest of cents is a row that names the value of the whole unit": {
        "marts.scorecard_contributions.difference_value of net_revenue",
        "marts.scorecard_contributions.difference_value of net_sales",
        "marts.scorecard_contributions.unit_compared_value of net_revenue",
        "marts.scorecard_contributions.unit_compared_value of net_sales",
        "marts.scorecard_contributions.unit_value of net_revenue",
        "marts.scorecard_contributions.unit_value of net_sales",
    },
    "flows below a cent are not made": {
        "core.fct_cost_allocations.rows",
        "core.fct_cost_flows.rows",
        "marts.activity_budget.rows",
        "marts.customer_cost_provenance.rows",
        "marts.profit_bridge.rows",
        "marts.rule_balance.receiver_count",
        "marts.rule_balance.rows",
        "marts.rule_balance.sender_count",
    },
    "converted amounts were rounded to cents before they were multiplied in the ledger": {
        "core.fct_cost_pool_rates.variance_amount",
        "marts.profitability_reconciliation.difference_amount",
    },
    "the density of a spend has the unit one over money": {"marts.lifetime_value_models.log_likelihood"},
    "bounds stand at a customer of the hold-out, which rounding exchanges for its neighbour": {
        "marts.budget_forecast.high_amount",
        "marts.budget_forecast.low_amount",
        "marts.customer_forecast.high_amount",
        "marts.customer_forecast.low_amount",
        "marts.customer_lifetime_value.expected_low_amount",
        "marts.customer_lifetime_value.expected_high_amount",
        "marts.customer_lifetime_value.interval_low_factor",
        "marts.customer_lifetime_value.interval_high_factor",
        "marts.lifetime_value_backtest.coverage",
        "marts.lifetime_value_backtest.coverage_by_model",
        "marts.lifetime_value_backtest.interval_high_factor",
        "marts.lifetime_value_backtest.interval_low_factor",
    },
}
# Money, counts and rates stand in one column of these: a total for each of what they are numbers of.
NUMBERS_OF = {
    "marts.kpi_alerts": "kpi_id",
    "marts.scenario_comparison": "line",
    "marts.scorecard": "kpi_id",
    "marts.scorecard_contributions": "kpi_id",
}
NUMBERS = ("DECIMAL", "DOUBLE", "BIGINT", "INTEGER", "HUGEINT")
# Rules in money: file, column, and which of its rows.
RULES_IN_MONEY: dict[str, tuple[list[str], Callable[[dict[str, str]], bool]]] = {
    "actions/action_rules.csv": (["minimum_expected_margin_amount"], lambda row: True),
    "actions/action_parameters.csv": (["value"], lambda row: row["parameter"] in {"minimum_profit", "minimum_leakage"}),
    "segments/rfm_thresholds.csv": (["bound"], lambda row: row["measure"] == "net_revenue_amount"),
    "costing/pool_capacities.csv": (["cost_per_minute"], lambda row: True),
    "planning/plan_resources.csv": (["step_cost_amount"], lambda row: True),
    "planning/plan_budget_limits.csv": (["limit_amount"], lambda row: True),
    "planning/plan_initiative_costs.csv": (["cost_amount", "promised_effect_amount"], lambda row: True),
    "performance/targets.csv": (["target_value"], lambda row: row["kpi_id"] == "cac"),
}


def multiply_landing(company: Company) -> None:
    """Every amount and price of every landed file times the factor."""
    for file in company.paths.landing.glob("*/*/*/*/*.parquet"):
        columns = read_contract()[file.relative_to(company.paths.landing).parts[1]].columns
        money = [name for name in columns if name == "amount" or name.endswith(("_amount", "_price"))]
        if not money:
            continue
        with duckdb.connect() as connection:
            landed = [row[0] for row in connection.execute(f"describe from '{file}'").fetchall()]
            replaced = ", ".join(
                f"cast({name} * {FACTOR} as decimal(18, 4)) as {name}" for name in money if name in landed
            )
            if replaced:
                connection.execute(f"create table scaled as select * replace ({replaced}) from '{file}'")
                file.unlink()
                connection.execute(f"copy scaled to '{file}' (format parquet)")


def multiply_rules(folder: Path) -> dict[str, str]:
    """Rules whose bounds are money, times the factor; gives the variables that name them."""
    variables = {}
    for place, (columns, is_money) in RULES_IN_MONEY.items():
        room = place.split("/")[0]
        if not (folder / room).exists():
            shutil.copytree(PROJECT_ROOT / "seeds" / room, folder / room)
        with (folder / place).open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
        for row in rows:
            for column in columns:
                if row[column] and is_money(row):
                    row[column] = f"{float(row[column]) * FACTOR:f}"
        with (folder / place).open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, rows[0], lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        name = {"actions": "ACTION", "segments": "SEGMENT", "costing": "COST"}.get(room, room.upper())
        variables[f"PROFIT_{name}_RULES"] = str(folder / room)
    return variables


def test_the_demo_company_times_ten_thousand_is_the_demo_company_times_ten_thousand(
    demo: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = Company(tmp_path / "large")
    shutil.copytree(demo.paths.landing, large.paths.landing)
    multiply_landing(large)
    for name, value in multiply_rules(tmp_path / "rules").items():
        monkeypatch.setenv(name, value)
    large.run("profit", "build", *RECONCILIATIONS)
    small, many = totals(demo), totals(large)
    assert small.keys() == many.keys()
    otherwise = set().union(*OTHERWISE.values())
    assert otherwise <= small.keys()
    differences = {
        name: (small[name], many[name])
        for name in small.keys() - otherwise
        if all(many[name] != pytest.approx(factor * small[name], rel=ROUNDING) for factor in (1, FACTOR))
    }
    assert differences == {}


def totals(company: Company) -> dict[str, float]:
    """Rows of every table of core and marts, and the sum of the sizes of every column of numbers."""
    found = {}
    with duckdb.connect(str(company.paths.warehouse), read_only=True) as connection:
        tables = connection.execute(
            "select table_schema || '.' || table_name from information_schema.tables "
            "where table_schema in ('core', 'marts')"
        ).fetchall()
        for (table,) in tables:
            described = connection.execute(f"describe {table}").fetchall()
            numbers = [name for name, data_type, *_ in described if data_type.startswith(NUMBERS)]
            sums = "".join(f", coalesce(sum(abs(cast({name} as double))), 0)" for name in numbers)
            of = NUMBERS_OF.get(table, "''")
            for named, *row in connection.execute(f"select {of}, count(*){sums} from {table} group by 1").fetchall():
                of_what = f" of {named}" if named else ""
                found |= {
                    f"{table}.{name}{of_what}": float(total)
                    for name, total in zip(["rows", *numbers], row, strict=True)
                }
    return found


def test_amounts_and_quantities_at_the_ends_of_their_types_sum_over_customers(company: Company) -> None:
    """Ten customers, who buy for 9 * 10^12 in each of two months: many cheap pieces, and part of a dear one."""
    months = {f"{month}{name}": month for name in range(10) for month in ("01", "02")}
    orders = "".join(f"O{number},C{number[2:]},2025-{month}-05T10:00:00Z,IDR\n" for number, month in months.items())
    lines = "".join(
        f"L{number}a,O{number},P1,90000000000000,0.1\nL{number}b,O{number},P2,0.0001,90000000000000\n"
        for number in months
    )
    land(
        company,
        "first",
        "2025-03-10",
        customers="customer_id\n" + "".join(f"C{name}\n" for name in range(10)),
        products=PRODUCTS,
        orders="order_id,customer_id,ordered_at,currency_code\n" + orders,
        order_lines="order_line_id,order_id,product_id,quantity,unit_list_price\n" + lines,
        product_costs="product_id,valid_from,unit_cost_amount,currency_code\nP1,2024-01-01,0.05,IDR\n",
    )
    company.run("profit", "run", *RECONCILIATIONS, "--vars", "{reporting_currency: IDR}")
    each = 2 * (9 * 10**12 + 9 * 10**9)
    assert company.query(
        "select sum(net_revenue_amount), max(net_revenue_amount) from marts.customer_profitability"
    ) == [(10 * each, each)]
    assert company.value("select max(cumulative_profit_amount) from marts.whale_curve") == 10 * (each - 9 * 10**12)


def test_a_number_that_stops_a_model_is_traced_to_the_rows_that_were_delivered(company: Company) -> None:
    """Each line is an amount, the two of a customer's day are none any more; the engine names their sum alone."""
    land(
        company,
        "first",
        "2025-03-10",
        customers="customer_id\nC1\nC2\n",
        products=PRODUCTS,
        orders="order_id,customer_id,ordered_at,currency_code\nO1,C1,2025-01-05,USD\nO2,C2,2025-01-05,USD\n",
        order_lines=(
            "order_line_id,order_id,product_id,quantity,unit_list_price\n"
            "L1,O1,P1,1,90000000000000\nL2,O1,P1,1,80000000000000\nL3,O2,P2,1,10\n"
        ),
    )
    printed = company.run("profit", "build", *NO_TESTS, expect=4)
    assert "could not hold a number. The largest that were delivered to it:" in printed
    assert "sales.order_lines shop:L1: unit_list_price = 90000000000000.0000" in printed
    assert "sales.order_lines shop:L2" not in printed, "one row a column"
