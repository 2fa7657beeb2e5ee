"""Published numbers of cost assignment, from ledger postings through rules to pools and customers.

Kaplan & Anderson, Time-Driven Activity-Based Costing, Harvard Business Review, November 2004; service departments:
case A, and case B of Horngren, Cost Accounting. January assigns by the direct method, February by step-down,
March reciprocally.
"""

from __future__ import annotations

from decimal import Decimal

import pytest
from conftest import Company
from costing_zone import BUILD, land_tables, ledger, write_rules

pytestmark = pytest.mark.build

MONTHS = ("2025-01", "2025-02", "2025-03")
COSTS = {
    **{"A1": 1200, "A2": 2400, "A3": 1500, "A4": 4000},
    **{"B1": 6_300_000, "B2": 1_452_150, "B3": 4_000_000, "B4": 2_000_000},
    **{"K1": 560_000},
}
POOLS = {"A1": "admin", "A2": "maintenance", "A3": "x", "A4": "y", "B1": "plant", "B2": "systems", "B3": "machining"}
POOLS |= {"B4": "assembly", "K1": "service"}

RULES = {
    "cost_pools": """
        admin,Administration,10,
        maintenance,Maintenance,20,
        x,X,,
        y,Y,,
        plant,Plant maintenance,10,
        systems,Information systems,20,
        machining,Machining,,
        assembly,Assembly,,
        service,Customer service,,
    """,
    "cost_activities": """
        produce,Produce,business,business_sustaining
        process_order,Process a customer order,order,cost_to_serve
        handle_inquiry,Handle a customer inquiry,customer,cost_to_serve
        check_credit,Perform a credit check,customer,cost_to_serve
    """,
    "cost_methods": """
        M-1,pool_to_pool,,direct,2025-01-01,2025-01-31
        M-1,pool_to_pool,,step_down,2025-02-01,2025-02-28
        M-1,pool_to_pool,,reciprocal,2025-03-01,
    """,
    "account_rules": "\n".join(f"A-{a},shop:{a},,,,{pool},1,2025-01-01," for a, pool in POOLS.items()),
    "pool_rules": """
        P-01,admin,pool,maintenance,share,0.1666666667,2025-01-01,
        P-02,admin,pool,x,share,0.1666666667,2025-01-01,
        P-03,admin,pool,y,share,0.6666666666,2025-01-01,
        P-04,maintenance,pool,admin,share,0.2,2025-01-01,
        P-05,maintenance,pool,x,share,0.2,2025-01-01,
        P-06,maintenance,pool,y,share,0.6,2025-01-01,
        P-11,plant,pool,systems,share,0.2,2025-01-01,
        P-12,plant,pool,machining,share,0.3,2025-01-01,
        P-13,plant,pool,assembly,share,0.5,2025-01-01,
        P-14,systems,pool,plant,share,0.1,2025-01-01,
        P-15,systems,pool,machining,share,0.8,2025-01-01,
        P-16,systems,pool,assembly,share,0.1,2025-01-01,
        P-21,x,activity,produce,share,1,2025-01-01,
        P-22,y,activity,produce,share,1,2025-01-01,
        P-23,machining,activity,produce,share,1,2025-01-01,
        P-24,assembly,activity,produce,share,1,2025-01-01,
        P-31,service,activity,process_order,minutes,,2025-01-01,
        P-32,service,activity,handle_inquiry,minutes,,2025-01-01,
        P-33,service,activity,check_credit,minutes,,2025-01-01,2025-02-28
        P-34,service,activity,check_credit,minutes,,2025-03-01,
    """,
    "pool_capacities": "C-1,service,700000,,,2025-01-01,",
    # The events of each activity come through a channel of their own.
    "activity_drivers": """
        D-1,process_order,units,orders,,,2025-01-01,
        D-2,handle_inquiry,units,inquiries,,,2025-01-01,
        D-3,check_credit,units,credits,,,2025-01-01,
    """,
    "time_equations": """
        T-1,process_order,base,8,2025-01-01,
        T-2,handle_inquiry,base,44,2025-01-01,
        T-3,check_credit,base,50,2025-01-01,
    """,
}

# January is the published quarter; in February nothing drives the department; in March it works twice as much.
TABLES = {
    "customers": "customer_id\nC1\nC2",
    "products": "product_id\nP1",
    "orders": """
        order_id,customer_id,ordered_at,channel
        O1,C1,2025-01-10,orders
        O2,C1,2025-01-10,inquiries
        O3,C2,2025-01-10,credits
        O4,C1,2025-03-10,orders
        O5,C1,2025-03-10,inquiries
        O6,C2,2025-03-10,credits
    """,
    "order_lines": """
        order_line_id,order_id,product_id,quantity,unit_list_price
        L1,O1,P1,49000,1
        L2,O2,P1,1400,1
        L3,O3,P1,2500,1
        L4,O4,P1,98000,1
        L5,O5,P1,2800,1
        L6,O6,P1,5000,1
    """,
}


@pytest.fixture(scope="module")
def golden(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """A company of textbook departments, built down to its cost allocations."""
    company = Company(tmp_path_factory.mktemp("golden"))
    land_tables(company, {**TABLES, **ledger({month: COSTS for month in MONTHS})})
    rules = write_rules(company.folder / "rules", RULES)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PROFIT_COST_RULES", str(rules))
        company.run(*BUILD)
    return company


def _gross(company: Company, month: str) -> dict[str, Decimal]:
    return dict(
        company.query(
            f"select pool_id, gross_amount from core.fct_cost_pool_rates where period = '{month}-01' order by 1"
        )
    )


@pytest.mark.parametrize(
    ("month", "x", "y"),
    [("2025-01", "2340.00", "6760.00"), ("2025-02", "2350.00", "6750.00"), ("2025-03", "2327.59", "6772.41")],
)
def test_case_a(golden: Company, month: str, x: str, y: str) -> None:
    gross = _gross(golden, month)
    assert (gross["x"], gross["y"]) == (Decimal(x), Decimal(y))
    assert gross["x"] + gross["y"] == 9100


@pytest.mark.parametrize(
    ("month", "machining", "assembly"),
    [("2025-01", 7_653_300, 6_098_850), ("2025-02", 8_300_800, 5_451_350), ("2025-03", 8_187_025, 5_565_125)],
)
def test_case_b(golden: Company, month: str, machining: int, assembly: int) -> None:
    gross = _gross(golden, month)
    assert (gross["machining"], gross["assembly"]) == (machining, assembly)
    assert gross["machining"] + gross["assembly"] == 13_752_150


def test_gross_cost_of_departments_that_serve_each_other(golden: Company) -> None:
    gross = _gross(golden, "2025-03")
    assert (gross["admin"], gross["maintenance"]) == (Decimal("1737.93"), Decimal("2689.66"))
    assert (gross["plant"], gross["systems"]) == (6_576_750, 2_767_500)


def test_time_driven_department(golden: Company) -> None:
    flows = golden.query(
        """
        select receiver_kind, receiver, amount from core.fct_cost_allocations
        where sender = 'service' and direction = 'out' and period = '2025-01-01' order by 2
        """
    )
    assert flows == [
        ("activity", "check_credit", Decimal(100_000)),
        ("activity", "handle_inquiry", Decimal(49_280)),
        ("idle", "idle", Decimal(97_120)),
        ("activity", "process_order", Decimal(313_600)),
    ]
    rates = golden.query(
        """
        select minute_rate, used_minutes, capacity_minutes, round(utilisation_ratio, 4), assigned_amount, idle_amount
        from core.fct_cost_pool_rates where pool_id = 'service' and period = '2025-01-01'
        """
    )
    assert rates == [(0.80, 578_600, 700_000, 0.8266, Decimal(462_880), Decimal(97_120))]
    customers = golden.query(
        """
        select customer_id, sum(cost_amount) from core.fct_activity_costs
        where month = '2025-01-01' group by all order by all
        """
    )
    assert customers == [("shop:C1", Decimal(362_880)), ("shop:C2", Decimal(100_000))]


def test_department_without_a_driver_is_unassigned_and_above_capacity_over_driven(golden: Company) -> None:
    flows = golden.query(
        """
        select period::varchar, receiver_kind, receiver, amount from core.fct_cost_allocations
        where sender = 'service' and direction = 'out' and period > '2025-01-01' order by 1, 3
        """
    )
    assert flows == [
        ("2025-02-01", "unassigned", "unassigned", Decimal(560_000)),
        ("2025-03-01", "activity", "check_credit", Decimal(200_000)),
        ("2025-03-01", "activity", "handle_inquiry", Decimal(98_560)),
        # 1,157,200 minutes used of 700,000: charged at the same 0.80, 365,760.00 more than the department cost.
        ("2025-03-01", "idle", "over_driven", Decimal(-365_760)),
        ("2025-03-01", "activity", "process_order", Decimal(627_200)),
    ]


def test_every_month_is_the_ledger(golden: Company) -> None:
    months = golden.query(
        """
        select period::varchar, sum(amount) from core.fct_cost_allocations
        where direction = 'in' and receiver_kind in ('customer', 'idle', 'sustaining', 'unassigned')
        group by 1 order by 1
        """
    )
    assert months == [(f"{month}-01", Decimal(sum(COSTS.values()))) for month in MONTHS]
