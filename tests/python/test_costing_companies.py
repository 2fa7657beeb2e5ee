"""Cost assignment in whole companies: AdventureWorks by its department groups, the demo company by its own rules."""

from __future__ import annotations

from decimal import Decimal

from conftest import Company

# What every cent of indirect cost of a month ended as; direct costs and their variances left out.
ENDS = """
    select period, receiver_kind, receiver, customer_id, amount from core.fct_cost_allocations
    where direction = 'in' and stage <> 'pool_to_customer'
        and receiver_kind in ('customer', 'idle', 'sustaining', 'unassigned')
"""


def test_adventureworks_months_are_the_ledger(adventureworks: Company) -> None:
    differing = adventureworks.query(
        f"""
        with ends as (select period, sum(amount) as ended from ({ENDS}) group by all),
        ledger as (
            select month as period, sum(amount) as posted from core.fct_ledger_entries
            where waterfall_line = 'indirect_cost' group by all
        )
        select * from ends full join ledger using (period) where ended is distinct from posted
        """
    )
    assert differing == []
    months, first, last, total = adventureworks.query(
        f"select count(distinct period), min(period)::varchar, max(period)::varchar, sum(amount) from ({ENDS})"
    )[0]
    assert (first, total) == ("2010-12-01", Decimal("39222821.59"))
    assert months >= 30
    assert last >= "2013-11-01"


def test_adventureworks_customers_and_below_the_line(adventureworks: Company) -> None:
    by_kind = dict(adventureworks.query(f"select receiver_kind, sum(amount) from ({ENDS}) group by all"))
    customers = adventureworks.value(
        "select sum(cost_to_serve_amount + sustaining_cost_amount) from marts.customer_profitability"
    )
    assert by_kind["customer"] == customers > 0
    assert min(by_kind["idle"], by_kind["sustaining"]) > 0
    assert by_kind["customer"] + by_kind["idle"] + by_kind["sustaining"] + by_kind.get(
        "unassigned", Decimal(0)
    ) == Decimal("39222821.59")
    # All 19,119 buyers bear direct cost; indirect cost only those active in a month in which the ledger posts some.
    with_cost = adventureworks.value("select count(distinct customer_id) from core.fct_cost_allocations")
    assert with_cost == 19_119
    assert adventureworks.value(f"select count(distinct customer_id) from ({ENDS})") > 17_000


def test_demo_has_cost_of_every_kind(demo: Company) -> None:
    ends = dict(demo.query(f"select receiver, sum(amount) from ({ENDS}) where customer_id is null group by all"))
    assert ends["idle"] > 0
    assert ends["over_driven"] < 0
    assert ends["unassigned"] > 0
    assert ends["acquisition"] > 0
    assert ends["business_sustaining"] > 0
    # Depreciation: no rule names the account.
    assert demo.query("select distinct sender from core.fct_cost_allocations where rule_id = 'no_rule'") == [
        ("erp:7740",)
    ]


def test_demo_pools_serve_each_other_in_loops(demo: Company) -> None:
    loops = demo.query(
        """
        select distinct there.sender, there.receiver
        from core.fct_cost_allocations as there
        inner join core.fct_cost_allocations as back
            on there.period = back.period and there.sender = back.receiver and there.receiver = back.sender
        where there.stage = 'pool_to_pool' and back.stage = 'pool_to_pool' and there.sender <= there.receiver
            and 'rounding' not in (there.rule_id, back.rule_id)
        order by all
        """
    )
    assert loops == [
        ("administration", "information_systems"),
        ("administration", "premises"),
        ("information_systems", "information_systems"),
        ("information_systems", "premises"),
    ]


def test_customers_who_cost_money_without_ordering_have_rows(demo: Company) -> None:
    calls = demo.value(
        """
        select count(*) from marts.customer_profitability_monthly
        where gross_sales_amount = 0 and return_amount = 0 and rebate_amount = 0
            and direct_selling_cost_amount = 0 and cost_to_serve_amount > 0 and customer_profit_amount < 0
        """
    )
    assert calls > 0


def test_prospects_are_nobodys_customers(demo: Company) -> None:
    """Calls and visits with leads cost acquisition; no customer, unattributed included, bears them."""
    prospects, with_customer = demo.query(
        """
        select count(*) filter (lead_id is not null and customer_id is null), count(*) filter (customer_id is not null)
        from intermediate.int_costing__driver_events where driver in ('calls', 'visits')
        """
    )[0]
    assert prospects > 0
    assert prospects + with_customer == demo.value(
        "select count(*) from core.fct_interactions where interaction_kind <> 'email'"
    )
    assert (
        demo.value(
            """
        select count(*) from core.fct_interactions
        where is_prospect and customer_id <> 'unattributed'
        """
        )
        == 0
    )
