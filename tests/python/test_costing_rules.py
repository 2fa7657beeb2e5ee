"""Rules that cannot be used are refused, each with its file, line and rule, before anything is computed."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest
from conftest import Company
from costing_zone import BUILD, land_tables, ledger, write_rules

pytestmark = pytest.mark.build

SHOP = {
    "customers": "customer_id\nC1",
    "products": "product_id\nP1",
    "orders": "order_id,customer_id,ordered_at\nO1,C1,2025-01-10",
    "order_lines": "order_line_id,order_id,product_id,quantity,unit_list_price\nL1,O1,P1,1,10",
    **ledger({"2025-01": {"7000": 100, "7100": 60}}),
}

SOUND = {
    "cost_pools": "desk,Desk,10,\nback,Back office,20,\n",
    "cost_activities": (
        "enter_order,Enter an order,order,cost_to_serve\nrun,Run the company,business,business_sustaining\n"
    ),
    "cost_methods": (
        "M-1,pool_to_pool,,reciprocal,2020-01-01,2022-12-31\n"
        "M-1,pool_to_pool,,step_down,2023-01-01,2023-12-31\n"
        "M-1,pool_to_pool,,direct,2024-01-01,2024-12-31\n"
        "M-1,pool_to_pool,,reciprocal,2025-01-01,\n"
        "M-2,pool_to_activity,,actual,2020-01-01,\n"
    ),
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


class Fault(NamedTuple):
    """Rows that break the sound rules, and what is said of one of them."""

    rows: dict[str, str]
    file: str
    rule: str
    message: str


FAULTS = {
    "share of an account": Fault(
        {"account_rules": "A-3,shop:7100,900,,,back,0.7,2020-01-01,\nA-4,shop:7100,900,,,desk,0.2,2020-01-01,\n"},
        "account_rules",
        "A-3",
        "the shares of shop:7100, cost centre 900 on 2020-01-01 sum to 0.9, not to 1",
    ),
    "share of a pool from a later day on": Fault(
        {
            "cost_pools": "it,Systems,30,\n",
            "pool_rules": "P-4,it,activity,run,share,1,2020-01-01,2024-12-31\n"
            "P-5,it,activity,run,share,0.8,2025-01-01,\n",
        },
        "pool_rules",
        "P-5",
        "the shares of it on 2025-01-01 sum to 0.8, not to 1",
    ),
    "shares that leave nothing for minutes": Fault(
        {"pool_rules": "P-6,desk,activity,run,share,1,2020-01-01,\n"},
        "pool_rules",
        "P-1",
        "the shares of desk on 2020-01-01 sum to 1.0, which leaves nothing for its rules by minutes",
    ),
    "overlapping validity": Fault(
        {"time_equations": "T-2,enter_order,base,14,2024-01-01,\n"},
        "time_equations",
        "T-2",
        "from 2024-01-01 on it overlaps with rule T-1",
    ),
    "one rule_id for two rules": Fault(
        {"pool_capacities": "C-1,back,500,,,2021-01-01,\n"},
        "pool_capacities",
        "C-1",
        "its rule_id is taken by another row that is valid on 2021-01-01",
    ),
    "unknown account": Fault(
        {"account_rules": "A-5,shop:7999,,,,desk,1,2020-01-01,\n"},
        "account_rules",
        "A-5",
        "account shop:7999 is not in the chart of accounts",
    ),
    "unknown pool": Fault(
        {"account_rules": "A-6,,,Stores,,cellar,1,2020-01-01,\n"},
        "account_rules",
        "A-6",
        "pool cellar is not in cost_pools",
    ),
    "unknown receiver": Fault(
        {"cost_pools": "van,Van,40,\n", "pool_rules": "P-7,van,activity,dance,share,1,2020-01-01,\n"},
        "pool_rules",
        "P-7",
        "activity dance is not in cost_activities",
    ),
    "unknown activity": Fault(
        {"activity_drivers": "D-2,sing,orders,,,,2020-01-01,\n"},
        "activity_drivers",
        "D-2",
        "activity sing is not in cost_activities",
    ),
    "driver that no fact provides": Fault(
        {"activity_drivers": "D-3,run,smiles,,,,2020-01-01,\n"},
        "activity_drivers",
        "D-3",
        "no fact provides the driver smiles",
    ),
    "condition that no fact provides": Fault(
        {"time_equations": "T-3,enter_order,bad_weather,3,2020-01-01,\n"},
        "time_equations",
        "T-3",
        "no fact provides the condition bad_weather",
    ),
    "activity without a driver": Fault(
        {
            "cost_pools": "phones,Phones,50,\n",
            "cost_activities": "call,Call,customer,cost_to_serve\n",
            "pool_rules": "P-8,phones,activity,call,minutes,,2020-01-01,\n",
        },
        "pool_rules",
        "P-8",
        "activity call has no driver in activity_drivers",
    ),
    "loop that nothing leaves": Fault(
        {
            "cost_pools": "loop_1,Loop,60,\nloop_2,Loop,70,\n",
            "pool_rules": "P-9,loop_1,pool,loop_2,share,1,2025-01-01,\nP-10,loop_2,pool,loop_1,share,1,2025-01-01,\n",
        },
        "pool_rules",
        "P-9",
        "cost goes round in a loop of pools that nothing leaves, from loop_1 to loop_2",
    ),
    "step_down without an order": Fault(
        {
            "cost_pools": "north,North,,\nsouth,South,,\n",
            "pool_rules": "P-20,north,pool,south,share,0.2,2023-01-01,2023-12-31\n"
            "P-21,north,activity,run,share,0.8,2023-01-01,2023-12-31\n"
            "P-22,south,pool,north,share,0.1,2023-01-01,2023-12-31\n"
            "P-23,south,activity,run,share,0.9,2023-01-01,2023-12-31\n",
        },
        "pool_rules",
        "P-20",
        "the method step_down cannot tell which of the pools north and south goes first",
    ),
    "direct method without an outlet": Fault(
        {
            "cost_pools": "east,East,,\nwest,West,,\n",
            "pool_rules": "P-30,east,pool,west,share,1,2024-01-01,2024-12-31\n"
            "P-31,west,pool,desk,share,1,2024-01-01,2024-12-31\n",
        },
        "pool_rules",
        "P-30",
        "the method direct sets aside everything that east sends",
    ),
    "standard rate that is missing": Fault(
        {"cost_methods": "M-3,pool_to_activity,desk,standard,2020-01-01,\n"},
        "cost_methods",
        "M-3",
        "pool desk is charged at standard rate, but has no standard_rate",
    ),
    "end before the beginning": Fault(
        {"time_equations": "T-4,enter_order,air_freight,3,2020-01-01,2019-01-01\n"},
        "time_equations",
        "T-4",
        "it ends on 2019-01-01, before it begins",
    ),
    "level and line that contradict each other": Fault(
        {"cost_activities": "wave,Wave,business,cost_to_serve\n"},
        "cost_activities",
        "wave",
        "cost_level business and waterfall_line business_sustaining go together",
    ),
    "share out of range": Fault(
        {
            "cost_pools": "shed,Shed,80,\n",
            "pool_rules": "P-40,shed,pool,desk,share,-0.5,2020-01-01,\nP-41,shed,activity,run,share,1.5,2020-01-01,\n",
        },
        "pool_rules",
        "P-40",
        "the share of shed to desk is -0.5; it lies above 0 and up to 1",
    ),
}

CHECKS = ("dbt", "build", "--indirect-selection", "empty", "--select", "+int_costing__account_flows")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """A shop with a ledger of two accounts."""
    company = Company(tmp_path_factory.mktemp("shop"))
    land_tables(company, SHOP)
    return company


@pytest.fixture(scope="module")
def broken(shop: Company) -> tuple[Path, str]:
    """A folder of rules with every fault, each on rows of its own, and what the run printed of it."""
    rules = {
        name: rows + "".join(fault.rows.get(name, "") for fault in FAULTS.values()) for name, rows in SOUND.items()
    }
    folder = write_rules(shop.folder / "broken", rules)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PROFIT_COST_RULES", str(folder))
        printed = shop.run(*CHECKS, expect=1)
    assert f"The costing rules in {folder} cannot be used" in printed
    assert "SKIP relation intermediate.int_costing__account_flows" in printed
    return folder, printed


@pytest.mark.parametrize("kind", FAULTS)
def test_a_broken_rule_is_refused_with_file_line_and_rule(broken: tuple[Path, str], kind: str) -> None:
    folder, printed = broken
    fault = FAULTS[kind]
    lines = (folder / f"{fault.file}.csv").read_text(encoding="utf-8").splitlines()
    line = max(place for place, text in enumerate(lines, start=1) if text.startswith(f"{fault.rule},"))
    expected = f"{fault.file}.csv, line {line}, rule {fault.rule}: {fault.message}"
    assert expected in printed, "\n".join(text for text in printed.splitlines() if fault.rule in text)


def test_a_folder_named_by_its_whole_path_is_read_and_never_written(broken: tuple[Path, str]) -> None:
    folder, _ = broken
    assert folder.is_absolute()
    written = (folder / "time_equations.csv").read_text(encoding="utf-8")
    assert written.startswith("rule_id,activity_id,condition,minutes,valid_from,valid_to\nT-1,enter_order,base,12")


def test_sound_rules_pass_and_are_used_after_the_broken_ones(
    shop: Company, broken: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROFIT_COST_RULES", str(write_rules(shop.folder / "sound", SOUND)))
    shop.run(*CHECKS)
    assert shop.value("select count(*) from intermediate.int_costing__rule_problems") == 0
    flows = shop.query("select rule_id, receiver, amount::int from intermediate.int_costing__account_flows order by 1")
    assert flows == [("A-1", "desk", 100), ("A-2", "back", 60)]


def test_rules_of_another_company_assign_nothing_and_refuse_nothing(
    shop: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rules of the demo company name accounts of its ledger only."""
    monkeypatch.delenv("PROFIT_COST_RULES", raising=False)
    shop.run(*BUILD)
    ends = shop.query(
        """
        select receiver_kind, rule_id, sum(amount)::int from core.fct_cost_allocations
        where direction = 'in' group by all
        """
    )
    assert ends == [("unassigned", "no_rule", 160)]
