"""Rules that cannot be used are refused, each with its file, line and rule, before anything is computed."""

from __future__ import annotations

import pytest
from conftest import Company
from costing_zone import BUILD, land_tables, ledger, write_rules

SHOP = {
    "customers": "customer_id\nC1",
    "products": "product_id\nP1",
    "orders": "order_id,customer_id,ordered_at\nO1,C1,2025-01-10",
    "order_lines": "order_line_id,order_id,product_id,quantity,unit_list_price\nL1,O1,P1,1,10",
    **ledger({"2025-01": {"7000": 100, "7100": 60}}),
}

SOUND = {
    "cost_pools": "desk,Desk,10,\nback,Back office,20,\nit,Systems,30,\n",
    "cost_activities": "enter_order,Enter an order,order,cost_to_serve\nrun,Run the company,business,business_sustaining\n",
    "cost_methods": "M-1,pool_to_pool,,reciprocal,2020-01-01,\nM-2,pool_to_activity,,actual,2020-01-01,\n",
    "account_rules": "A-1,shop:7000,,,,desk,1,2020-01-01,\nA-2,shop:7100,,,,back,1,2020-01-01,\n",
    "pool_rules": (
        "P-1,desk,activity,enter_order,minutes,,2020-01-01,\n"
        "P-2,back,pool,desk,share,0.5,2020-01-01,\n"
        "P-3,back,activity,run,share,0.5,2020-01-01,\n"
    ),
    "pool_capacities": "C-1,desk,1000,,,2020-01-01,\n",
    "activity_drivers": "D-1,enter_order,orders,,,,2020-01-01,\n",
    "time_equations": "T-1,enter_order,base,12,2020-01-01,\n",
}

# What is added to the sound rules, or put in the place of one of their files, and what is said of it.
ADDED = {
    "share of an account": (
        {"account_rules": "A-3,shop:7100,900,,,back,0.7,2020-01-01,\nA-4,shop:7100,900,,,desk,0.2,2020-01-01,\n"},
        "account_rules.csv, line 4, rule A-3: the shares of shop:7100, cost centre 900 on 2020-01-01 sum to 0.9, not to 1",
    ),
    "share of a pool from a later day on": (
        {
            "pool_rules": "P-4,it,activity,run,share,1,2020-01-01,2024-12-31\nP-5,it,activity,run,share,0.8,2025-01-01,\n"
        },
        "pool_rules.csv, line 6, rule P-5: the shares of it on 2025-01-01 sum to 0.8, not to 1",
    ),
    "shares that leave nothing for minutes": (
        {"pool_rules": "P-6,desk,activity,run,share,1,2020-01-01,\n"},
        "rule P-1: the shares of desk on 2020-01-01 sum to 1.0, which leaves nothing for its rules by minutes",
    ),
    "overlapping validity": (
        {"time_equations": "T-2,enter_order,base,14,2024-01-01,\n"},
        "time_equations.csv, line 3, rule T-2: from 2024-01-01 on it overlaps with rule T-1",
    ),
    "one rule_id for two rules": (
        {"pool_capacities": "C-1,back,500,,,2021-01-01,\n"},
        "pool_capacities.csv, line 3, rule C-1: its rule_id is taken by another row that is valid on 2021-01-01",
    ),
    "unknown account": (
        {"account_rules": "A-5,shop:7999,,,,desk,1,2020-01-01,\n"},
        "account_rules.csv, line 4, rule A-5: account shop:7999 is not in the chart of accounts",
    ),
    "unknown pool": (
        {"account_rules": "A-6,,,Stores,,cellar,1,2020-01-01,\n"},
        "account_rules.csv, line 4, rule A-6: pool cellar is not in cost_pools",
    ),
    "unknown receiver": (
        {"pool_rules": "P-7,it,activity,dance,share,1,2020-01-01,\n"},
        "pool_rules.csv, line 5, rule P-7: activity dance is not in cost_activities",
    ),
    "unknown activity": (
        {"activity_drivers": "D-2,sing,orders,,,,2020-01-01,\n"},
        "activity_drivers.csv, line 3, rule D-2: activity sing is not in cost_activities",
    ),
    "driver that no fact provides": (
        {"activity_drivers": "D-3,run,smiles,,,,2020-01-01,\n"},
        "activity_drivers.csv, line 3, rule D-3: no fact provides the driver smiles",
    ),
    "condition that no fact provides": (
        {"time_equations": "T-3,enter_order,bad_weather,3,2020-01-01,\n"},
        "time_equations.csv, line 3, rule T-3: no fact provides the condition bad_weather",
    ),
    "activity without a driver": (
        {
            "cost_activities": "call,Call,customer,cost_to_serve\n",
            "pool_rules": "P-8,it,activity,call,minutes,,2020-01-01,\n",
        },
        "pool_rules.csv, line 5, rule P-8: activity call has no driver in activity_drivers",
    ),
    "loop that nothing leaves": (
        {
            "cost_pools": "loop_1,Loop,,\nloop_2,Loop,,\n",
            "pool_rules": "P-9,loop_1,pool,loop_2,share,1,2020-01-01,\nP-10,loop_2,pool,loop_1,share,1,2020-01-01,\n",
        },
        "pool_rules.csv, line 5, rule P-9: cost goes round in a loop of pools that nothing leaves, from loop_1 to loop_2",
    ),
    "standard rate that is missing": (
        {"cost_methods": "M-3,pool_to_activity,desk,standard,2020-01-01,\n"},
        "cost_methods.csv, line 4, rule M-3: pool desk is charged at standard rate, but has no standard_rate",
    ),
    "end before the beginning": (
        {"time_equations": "T-4,enter_order,air_freight,3,2020-01-01,2019-01-01\n"},
        "time_equations.csv, line 3, rule T-4: it ends on 2019-01-01, before it begins",
    ),
    "level and line that contradict each other": (
        {"cost_activities": "wave,Wave,business,cost_to_serve\n"},
        "cost_activities.csv, line 4, rule wave: cost_level business and waterfall_line business_sustaining go together",
    ),
    "share out of range": (
        {"pool_rules": "P-11,it,pool,desk,share,-0.5,2020-01-01,\nP-12,it,activity,run,share,1.5,2020-01-01,\n"},
        "pool_rules.csv, line 5, rule P-11: the share of it to desk is -0.5; it lies above 0 and up to 1",
    ),
}
LOOP = (
    "P-20,back,pool,it,share,0.2,2025-01-01,\nP-21,back,activity,run,share,0.8,2025-01-01,\n"
    "P-22,it,pool,back,share,0.1,2020-01-01,\nP-23,it,activity,run,share,0.9,2020-01-01,\n"
)
REPLACED = {
    "step_down without an order": (
        {
            "cost_methods": "M-1,pool_to_pool,,step_down,2020-01-01,\n",
            "cost_pools": "desk,Desk,10,\nback,Back office,,\nit,Systems,,\n",
            "pool_rules": "P-1,desk,activity,enter_order,minutes,,2020-01-01,\n" + LOOP,
        },
        "pool_rules.csv, line 3, rule P-20: the method step_down cannot tell which of the pools back and it goes first",
    ),
    "direct method without an outlet": (
        {
            "cost_methods": "M-1,pool_to_pool,,direct,2020-01-01,\n",
            "pool_rules": "P-1,desk,activity,enter_order,minutes,,2020-01-01,\n"
            "P-30,it,pool,back,share,1,2020-01-01,\nP-31,back,pool,desk,share,1,2020-01-01,\n",
        },
        "pool_rules.csv, line 3, rule P-30: the method direct sets aside everything that it sends",
    ),
}
CHECKS = (
    "dbt",
    "build",
    "--indirect-selection",
    "empty",
    "--select",
    "+int_costing__rule_problems",
    "+int_costing__account_flows",
)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """A shop with a ledger of two accounts."""
    company = Company(tmp_path_factory.mktemp("shop"))
    land_tables(company, SHOP)
    return company


@pytest.mark.parametrize("kind", [*ADDED, *REPLACED])
def test_a_broken_rule_is_refused_with_file_line_and_rule(
    shop: Company, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    if kind in ADDED:
        change, message = ADDED[kind]
        rules = {name: rows + change.get(name, "") for name, rows in SOUND.items()}
    else:
        change, message = REPLACED[kind]
        rules = SOUND | change
    folder = write_rules(shop.folder / kind.replace(" ", "_"), rules)
    monkeypatch.setenv("PROFIT_COST_RULES", str(folder))
    printed = shop.run(*CHECKS, expect=1)
    assert message in printed, printed[-3000:]
    assert "cannot be used" in printed
    assert f"The costing rules in {folder}" in printed
    assert "SKIP relation intermediate.int_costing__account_flows" in printed


def test_sound_rules_pass_and_are_used(shop: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROFIT_COST_RULES", str(write_rules(shop.folder / "sound", SOUND)))
    shop.run(*CHECKS)
    assert shop.value("select count(*) from intermediate.int_costing__rule_problems") == 0
    assert shop.query(
        "select rule_id, receiver, amount::int from intermediate.int_costing__account_flows order by 1"
    ) == [
        ("A-1", "desk", 100),
        ("A-2", "back", 60),
    ]


def test_rules_of_another_company_assign_nothing_and_refuse_nothing(
    shop: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rules of the demo company name accounts of its ledger only."""
    monkeypatch.delenv("PROFIT_COST_RULES", raising=False)
    shop.run(*BUILD)
    assert shop.query(
        "select receiver_kind, rule_id, sum(amount)::int from core.fct_cost_allocations where direction = 'in' group by all"
    ) == [("unassigned", "no_rule", 160)]
