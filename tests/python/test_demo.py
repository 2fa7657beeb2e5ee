"""The demo company: deterministic, complete, and landed once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from demo_zone import CUSTOMERS, MONTHS, SEED, Demo, files_in, paths_in

from profit.connectors.demo import land_demo
from profit.contract import Feed, read_contract
from profit.errors import LandingError
from profit.landing import delivery as delivery_module
from profit.landing.receipts import Receipt


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    return Demo(tmp_path_factory.mktemp("demo"), CUSTOMERS, MONTHS, SEED)


@pytest.mark.parametrize("feed", read_contract())
def test_every_feed_of_the_contract_is_delivered(landed: Demo, feed: str) -> None:
    assert landed.count(feed) > 0


@pytest.mark.parametrize("feed", read_contract().values(), ids=lambda feed: feed.table)
def test_only_accepted_values_are_delivered(landed: Demo, feed: Feed) -> None:
    for column in feed.columns.values():
        if column.accepted_values:
            found = landed.connection.execute(f"select distinct {column.name} from {feed.table}_versions").fetchall()
            assert {value for (value,) in found} - {None} <= set(column.accepted_values), column.name


# What the demo must hold, each as a condition on rows that are there.
ITEMS = {
    "seven systems know customers": "(select 1 from customers having count(distinct source_system) = 7)",
    "persons": "customers where customer_kind = 'person'",
    "organisations with parents": (
        "customers as c semi join customers as p "
        "on c.parent_customer_id = p.customer_id and c.source_system = p.source_system"
    ),
    "orders in dollars without a code": "orders where currency_code is null",
    "orders in euros": "orders where currency_code = 'EUR'",
    "orders in pounds": "orders where currency_code = 'GBP'",
    "rates with gaps": "rates where dayname(rate_on) = 'Friday' and rate_on + 1 not in (select rate_on from rates)",
    "list prices that change": (
        "(select product_id from products_versions group by 1 having count(distinct unit_list_price) > 1)"
    ),
    "costs that change": "(select product_id from product_costs group by 1 having count(*) > 1)",
    "costs in another currency": "product_costs where currency_code = 'EUR'",
    "an article without a cost": "products anti join product_costs using (product_id)",
    "discounts": "order_lines where discount_amount > 0",
    "lines with a cost of their own, above and below the standard": (
        "(select 1 from order_lines as l join orders as o using (source_system, order_id) where l.unit_cost_amount > 0 "
        "and l.cost_currency_code = 'USD' and source_system = 'stores' having "
        "count_if(l.unit_cost_amount > cost_of(l.product_id, cast(o.ordered_at as date)).cost) > 0 "
        "and count_if(l.unit_cost_amount < cost_of(l.product_id, cast(o.ordered_at as date)).cost) > 0)"
    ),
    "coupons": "promotion_redemptions where promotion_kind = 'coupon' and paid_on is not null",
    "mail-in rebates": "promotion_redemptions where promotion_kind = 'rebate' and paid_on is not null",
    "unpaid rebates": "promotion_redemptions where paid_on is null",
    "returns in another channel": "returns where source_system = 'stores' and order_source_system = 'web_shop'",
    "returns without an order": "returns where order_id is null",
    "returns of orders before the window": (
        "returns where order_id is not null and order_id not in (select order_id from orders)"
    ),
    "resaleable returns": "returns where is_resaleable",
    "scrapped returns": "returns where not is_resaleable",
    "returns of unknown state": "returns where is_resaleable is null",
    "payments with fees": "payments where payment_kind = 'receipt' and fee_amount > 0",
    "refunds": "payments where payment_kind = 'refund'",
    "freight out": "shipments where direction = 'outbound' and freight_amount > 0",
    "freight back": "shipments semi join returns on shipments.return_id = returns.return_id where direction = 'return'",
    "five media sources": (
        "(select 1 from campaigns having list_sort(list(distinct media_source)) "
        "= ['direct_mail', 'internet', 'magazine', 'telemarketing', 'television'])"
    ),
    "spend in every media source": (
        "(select 1 from media_spend as m join campaigns as c using (campaign_id) "
        "having count(distinct c.media_source) = 5)"
    ),
    "leads with fees": "leads where fee_amount > 0",
    "leads that became customers": (
        "leads semi join customers on leads.customer_id = customers.customer_id "
        "and leads.customer_source_system = customers.source_system where status = 'converted'"
    ),
    "leads that ended in no sale": "leads where status = 'lost'",
    "touches of customers and leads that ended in nothing": (
        "(select 1 from touches where not is_response having count(customer_id) > 0 and count(lead_id) > 0)"
    ),
    "won, lost and open opportunities": (
        "(select 1 from opportunities having count_if(stage = 'won') > 0 and count_if(stage = 'lost') > 0 "
        "and count_if(closed_on is null) > 0)"
    ),
    "opportunities that led to an order, and won ones that name none": (
        "(select 1 from opportunities where lower(stage) like '%won' "
        "having count(order_id) > 0 and count_if(order_id is null) > 0)"
    ),
    "an order that an opportunity of another amount names": (
        "(select o.opportunity_id from opportunities as o join order_lines as l "
        "on o.order_id = l.order_id and o.order_source_system = l.source_system group by o.opportunity_id, o.amount "
        "having sum(l.quantity * l.unit_list_price - coalesce(l.discount_amount, 0)) <> o.amount)"
    ),
    "stage history": "(select opportunity_id from opportunity_events group by 1 having count(*) = 4)",
    "calls that ended in no sale": "interactions where interaction_kind = 'call' and outcome = 'no_interest'",
    "calls to leads": "interactions where lead_id is not null",
    "visits that ended in no sale": "interactions where interaction_kind = 'visit' and outcome <> 'sale'",
    "order calls": "interactions where outcome = 'sale' and order_id is not null",
    "accepted warranty claims": "warranty_claims where is_accepted and parts_amount > 0",
    "renewed subscriptions": "subscriptions where renewal_count > 0",
    "cancelled subscriptions": "subscriptions where cancelled_on is not null",
    "monthly and longer terms": "(select 1 from subscriptions having count(distinct term_months) > 1)",
    "quotas": "budgets where scenario = 'quota' and sales_rep_id is not null",
    "budgets": "budgets where scenario = 'budget' and account_id is not null",
    "a dozen kinds of indirect cost": (
        "(select 1 from ledger_accounts where waterfall_line = 'indirect_cost' having count(*) >= 12)"
    ),
    "known matches and non-matches": "(select 1 from customer_links having count(distinct is_match) = 2)",
    "duplicates within a system": (
        "(select true_customer_id from truth_records where record_kind = 'customer' and true_customer_id is not null "
        "group by source_system, true_customer_id having count(*) > 1)"
    ),
    "late rows": "orders where delivered_on > last_day(cast(ordered_at as date)) + 3",
    "lines later than their order": (
        "(select o.order_id from orders_versions as o join order_lines_versions as l using (source_system, order_id) "
        "group by source_system, o.order_id having min(l.delivered_on) > min(o.delivered_on))"
    ),
    "corrections": (
        "(select order_line_id from order_lines_versions group by source_system, order_line_id "
        "having count(distinct quantity) > 1)"
    ),
    "withdrawn orders": "orders_versions where is_deleted",
    "orders that were cancelled later": (
        "orders_versions as v semi join orders as o on v.order_id = o.order_id and o.order_status = 'cancelled' "
        "where v.order_status = 'placed'"
    ),
    "payments, refunds, freight and tickets of cancelled orders": (
        "(select order_id from orders as o where order_status = 'cancelled' "
        "and exists (from payments as p where p.order_id = o.order_id and p.payment_kind = 'receipt') "
        "and exists (from payments as p where p.order_id = o.order_id and p.payment_kind = 'refund') "
        "and exists (from shipments as s where s.order_id = o.order_id) "
        "and exists (from tickets as t where t.order_id = o.order_id))"
    ),
    "shipments that came in time, late and not yet": (
        "(select 1 from shipments having count_if(arrived_on <= promised_on) > 0 "
        "and count_if(arrived_on > promised_on) > 0 and count_if(promised_on is not null and arrived_on is null) > 0)"
    ),
    "withdrawn customers": "customers_versions where is_deleted",
    "missing e-mails": "customers where email is null and source_system <> 'marketing_hub'",
    "placeholder e-mails": "customers where email = 'unknown@example.com'",
    "a shared switchboard": (
        "(select phone from customers where phone = '+1 312 555 0100' group by 1 having count(*) > 1)"
    ),
    "orders that name nobody": "orders where customer_id is null and source_system = 'stores'",
    "orders that name an unknown number": (
        "orders as o anti join customers as c on o.customer_id = c.customer_id "
        "and coalesce(o.customer_source_system, o.source_system) = c.source_system where o.customer_id is not null"
    ),
    "a wrong currency code": "orders where currency_code = 'EUX'",
    "a wrong currency code that was corrected": (
        "orders_versions as v semi join orders as o on v.order_id = o.order_id and o.currency_code = 'GBP' "
        "where v.currency_code = 'GPB'"
    ),
    "names typed differently": (
        "(select r.true_customer_id from truth_records as r join customers as c on r.source_system = c.source_system "
        "and r.source_customer_id = c.customer_id where length(c.last_name) > 2 group by 1 "
        "having count(distinct lower(strip_accents(c.last_name))) > 1)"
    ),
    "demanding customers": "truth_customers where is_demanding",
}


@pytest.mark.parametrize("rows", ITEMS.values(), ids=ITEMS.keys())
def test_the_company_holds(landed: Demo, rows: str) -> None:
    assert landed.count(rows) > 0


def test_eight_in_a_hundred_orders_name_nobody(landed: Demo) -> None:
    assert 0.04 < landed.count("orders where customer_id is null") / landed.count("orders") < 0.12


def test_every_refused_row_was_sent_properly_or_is_in_no_book(landed: Demo) -> None:
    refused = landed.connection.execute("select file_name, reason, content from refused order by file_name").fetchall()
    reasons = " | ".join(reason for _, reason, _ in refused)
    for expected in ("repeats the key", "'two' is not a decimal", "paid_on: required value is missing", "'n/a'"):
        assert expected in reasons
    (words,) = [json.loads(content) for _, reason, content in refused if "'two'" in reason]
    assert (
        landed.count(f"order_lines where source_system = 'phone_desk' and order_line_id = '{words['order_line_id']}'")
        == 1
    )
    emptied = [reason for _, reason, _ in refused if reason.endswith("left empty")]
    assert sum(receipt.rows_quarantined for receipt in landed.receipts) == len(refused) - len(emptied) == 3
    assert sum(sum(receipt.emptied_by_column.values()) for receipt in landed.receipts) == len(emptied) == 1


def test_every_record_has_its_true_customer(landed: Demo) -> None:
    assert landed.count("truth_customers") == CUSTOMERS
    unknown = "customers as c anti join truth_records as r on c.source_system = r.source_system "
    assert landed.count(unknown + "and c.customer_id = r.source_customer_id") == 0
    assert landed.count("leads anti join truth_records as r on leads.lead_id = r.source_customer_id") == 0


def test_landing_again_changes_nothing(landed: Demo) -> None:
    before = files_in(landed.paths.landing)
    receipts = land_demo(landed.paths, CUSTOMERS, MONTHS, SEED)
    assert all(receipt.is_repeat for receipt in receipts)
    assert len(receipts) == len(landed.receipts)
    assert files_in(landed.paths.landing) == before


def test_other_parameters_are_refused_with_both_named(landed: Demo) -> None:
    with pytest.raises(LandingError, match=rf"customers {CUSTOMERS}.*customers 50.*PROFIT_LANDING"):
        land_demo(landed.paths, 50, MONTHS, SEED)


@pytest.mark.parametrize(("customers", "months", "seed"), [(19, 3, 7), (50, 0, 7), (50, 121, 7), (50, 3, -1)])
def test_parameters_out_of_range_are_refused(tmp_path: Path, customers: int, months: int, seed: int) -> None:
    with pytest.raises(LandingError, match=r"choose|at least"):
        land_demo(paths_in(tmp_path), customers, months, seed)
    assert not (tmp_path / "landing").exists()


@pytest.mark.parametrize(("customers", "months"), [(20, 1), (50, 3)])
def test_a_small_company_is_whole_too(tmp_path: Path, customers: int, months: int) -> None:
    small = Demo(tmp_path, customers, months, 7)
    for feed in read_contract():
        assert small.count(feed) > 0, feed
    assert small.count("(select journal_id from ledger_entries group by 1 having sum(amount) <> 0)") == 0
    assert small.count("order_lines where product_id = 'AUD-S450'") == 1


def test_an_interrupted_landing_is_completed_to_the_same_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    undisturbed, interrupted = paths_in(tmp_path / "a"), paths_in(tmp_path / "b")
    land_demo(undisturbed, 50, 3, 7)
    moves = 0
    move = delivery_module.move

    def killed(origin: Path, target: Path) -> None:
        nonlocal moves
        moves += 1
        if moves > 60:
            raise KeyboardInterrupt
        move(origin, target)

    with monkeypatch.context() as patched:
        patched.setattr(delivery_module, "move", killed)
        with pytest.raises(KeyboardInterrupt):
            land_demo(interrupted, 50, 3, 7)
    left_behind = interrupted.landing / "_incoming" / "killed" / "0.parquet"
    left_behind.parent.mkdir(parents=True)
    left_behind.touch()
    receipts: list[Receipt] = land_demo(interrupted, 50, 3, 7)
    # A landing that was killed has not happened: all of it is landed, under the same names.
    assert not any(receipt.is_repeat for receipt in receipts)
    assert files_in(tmp_path / "b") == files_in(tmp_path / "a")


def test_another_seed_is_another_company(tmp_path: Path) -> None:
    for seed in (1, 2):
        land_demo(paths_in(tmp_path / str(seed)), 20, 1, seed)
    one, other = (set(files_in(tmp_path / str(seed)).values()) for seed in (1, 2))
    assert len(one - other) > len(one) / 2
