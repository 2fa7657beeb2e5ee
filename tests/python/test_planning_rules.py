"""Scenarios: what they are not, what their rules may not say, and accuracy and continuity by published numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pytest
from planning_zone import Company, change, render

from profit.errors import ProfitError
from profit.paths import Paths
from profit.planning.changes import Change, parsed
from profit.planning.showing import read_plan
from profit.planning.trying import unreached
from profit.value.shifted_beta_geometric import fit_shifted_beta_geometric
from profit.value.statistics import RenewalStatistics

pytestmark = pytest.mark.fast


def _company() -> Company:
    company = Company()
    company.pool("desk", 1_000, step=(500, 250))
    company.activity("order", "desk", 7, channel="phone")
    company.activity("serve", "desk", 3)
    for segment, channel, orders in (("good", "phone", 100), ("good", "web", 50), ("bad", "phone", 33)):
        amounts = {
            "gross_sales_amount": orders * 37.11,
            "discount_amount": orders * 1.7,
            "cost_of_goods_amount": orders * 19,
        }
        company.cell(segment, orders, channel=channel, **amounts)
    return company


def test_an_empty_scenario_is_the_base_to_the_cent() -> None:
    company = _company()
    company.scenario("empty")
    company.plan()

    assert company.rows("select count(*) from scenario_comparison where scenario_id = 'empty'")[0][0] > 0
    assert company.rows("select max(abs(difference_amount)) from scenario_comparison")[0][0] == 0


def test_the_order_of_changes_does_not_matter() -> None:
    changes = [
        change("price", "multiply", 1.03),
        change("price", "multiply", 0.97, segment_id="good"),
        change("volume", "add", 0.1),
        change("volume", "multiply", 0.9),
        change("discount_rate", "set", 0.05, segment_id="bad"),
        change("activity_time", "multiply", 1.1, activity_id="order"),
        change("capacity", "add", -1, pool_id="desk"),
        change("order_channel_mix", "set", 0.25, channel_id="phone", to_channel_id="web"),
        change("drop_segment", "set", 0.5, segment_id="bad"),
    ]
    company = _company()
    company.scenario("one_way", *changes)
    company.scenario("the_other", *reversed(changes))
    company.plan()

    query = "select line, segment_id, scenario_amount from scenario_comparison where scenario_id = '{}' order by 1, 2"
    assert company.rows(query.format("one_way")) == company.rows(query.format("the_other"))
    assert company.results()["one_way"] != company.results()["base"]


def test_a_released_step_saves_and_what_is_freed_without_one_is_idle() -> None:
    company = _company()
    company.scenario("faster", change("activity_time", "multiply", 0.5))
    company.scenario("faster_and_fewer", change("capacity", "add", -1.9, pool_id="desk"), base="faster")
    company.plan()

    faster, fewer = (company.pools()[name, "desk"] for name in ("faster", "faster_and_fewer"))
    assert faster["saved_amount"] == 0
    assert faster["moved_to_idle_amount"] > 0
    assert (fewer["steps"], fewer["released_steps"], fewer["saved_amount"]) == (3, 1, 250)
    assert fewer["moved_to_idle_amount"] == faster["moved_to_idle_amount"] - 250


def test_capacity_that_nobody_asks_for_any_more_is_idle_and_not_saved() -> None:
    """Four people at 250 have 2,000 minutes; 300 of them cost 150. Without an order all 1,000 are idle."""
    company = Company()
    company.pool("desk", 1_000, step=(500, 250))
    company.activity("serve", "desk", 3)
    company.cell("good", 100, gross_sales_amount=1_000)
    company.scenario("no_orders", change("volume", "multiply", 0))
    company.plan()

    base, none = (company.pools()[name, "desk"] for name in ("base", "no_orders"))
    assert (base["assigned_amount"], base["idle_amount"]) == (150, 850)
    assert (none["assigned_amount"], none["idle_amount"]) == (0, 1_000)
    assert (none["saved_amount"], none["moved_to_idle_amount"], none["spare_minutes"]) == (0, 150, 2_000)


_REFERENCES = {
    "dim_channel": ("channel_id", ["web", "phone"]),
    "activity_drivers": ("channel_id", ["store"]),
    "segments": ("segment_id", ["good", "bad"]),
    "media_sources": ("media_source", ["internet"]),
    "cost_activities": ("activity_id", ["order"]),
}


def _faults(
    *changes: dict[str, Any],
    base: str = "base",
    above: dict[str, Any] | None = None,
    without: str = "",
    initiatives: Sequence[tuple[str, str | None, str]] = (),
) -> list[str]:
    company = _company()
    company.tables.execute("delete from plan_settings where setting = $setting", {"setting": without})
    if above:
        company.scenario("above", above)
    for table, (column, members) in _REFERENCES.items():
        values = ", ".join(f"('{member}')" for member in members)
        company.tables.execute(
            f"create table {table} as select column0 as {column} from (values {values}) as rows(column0)"
        )
    company.tables.execute(
        """
        create or replace table dim_customer as
        select 'crm:1' as customer_id, 'crm:north' as territory_id, 'retail' as industry, 'crm:rep' as sales_rep_id,
            false as is_prospect
        union all select 'crm:2', 'crm:north', null, 'crm:rep', false
        union all select 'crm:3', 'crm:prospects', 'mining', 'crm:hunter', true;
        create table dim_product as
        select 'p1' as product_id, 'Tea, loose' as product_group union all select 'p2', 'never sold';
        create table fct_order_lines as select 'p1' as product_id
        """
    )
    company.tables.execute(
        """
        create table plan_initiatives (
            initiative_id varchar, scenario_id varchar, kpi_line varchar, starts_on date, review_on date
        )
        """
    )
    for initiative in initiatives:
        company.tables.execute("insert into plan_initiatives values (?, 'tried', 'net_revenue', ?, ?)", initiative)
    company.tables.execute("create table plan_initiative_costs (initiative_id varchar)")
    company.scenario("tried", *changes, base=base)
    return [str(row[3]) for row in company.rows(render("{{ plan_faults() }}"))]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ([change("price", "multiply", 1.03, segment_id="nobody")], "segment_id nobody is not known"),
        ([change("price", "multiply", 1.03, channel_id="fax")], "channel_id fax is not known"),
        ([change("price", "multiply", 1.03, customers="crm:9")], "customers crm:9 is not known"),
        (
            [change("price", "multiply", 1.03, customers="crm:1 crm:9 crm:2")],
            "are 3 IDs, with one blank between them, and 2 of",
        ),
        (
            [
                change("order_channel_mix", "set", 0.6, channel_id="phone", to_channel_id="web"),
                change("order_channel_mix", "set", 0.6, channel_id="phone", to_channel_id="store"),
            ],
            "with change tried-0 it moves more than all orders of phone",
        ),
        (
            [
                change("order_channel_mix", "set", 0.4, channel_id="phone", to_channel_id="web"),
                change("order_channel_mix", "set", 0.4, channel_id="phone", to_channel_id="store", segment_id="good"),
                change("order_channel_mix", "set", 0.4, channel_id="phone", to_channel_id="store", industry="retail"),
            ],
            "with changes tried-0, tried-1 it moves more than all orders of phone",
        ),
        ([change("price", "multiply", 1.03, pool_id="desk")], "price cannot be narrowed by pool_id"),
        ([change("capacity", "add", 1)], "needs a pool_id"),
        ([change("drop_segment", "set", 1)], "drops everybody"),
        ([change("drop_segment", "set", 2, segment_id="bad")], "between 0 and 1"),
        ([change("order_channel_mix", "set", 0.5, channel_id="phone")], "another to_channel_id"),
        ([change("volume", "multiply", -1)], "not negative"),
        ([change("customer_terms", "set", 2, customers="crm:1")], "customer_terms is set to a part between 0 and 1"),
        ([change("discount_rate", "set", 3)], "discount_rate is set to a part between 0 and 1"),
        (
            [change("price", "set", 1), change("price", "set", 2, segment_id="bad")],
            "to another value than change tried-0",
        ),
        ([change("price", "set", 1, valid_from="2027-01-01", valid_to="2026-01-01")], "ends before it begins"),
        (
            [change("price", "set", 1, customers="crm:1 crm:2"), change("price", "set", 2, customers="crm:2")],
            "to another value than change tried-0",
        ),
        (
            [change("price", "set", 1, customers="loss_makers:5"), change("price", "set", 2, customers="crm:1")],
            "to another value than change tried-0",
        ),
        ([change("media_spend", "multiply", 0, media_source="none")], "nobody spends money for media_source none"),
        ([change("customer_terms", "multiply", 0.5)], "needs customers"),
        ([change("price", "multiply", 1.03, customers="loss_makers:all")], "followed by a number"),
        ([change("price", "multiply", 1.03, territory_id="crm:south")], "territory_id crm:south is not known"),
        ([change("price", "multiply", 1.03, territory_id="crm:prospects")], "territory_id crm:prospects is not known"),
        ([change("volume", "multiply", 1.03, industry="mining")], "industry mining is not known"),
        ([change("volume", "multiply", 1.03, sales_rep_id="crm:hunter")], "sales_rep_id crm:hunter is not known"),
        ([change("price", "multiply", 1.03, product_group="never sold")], "product_group never sold is not known"),
        (
            [change("retention", "add", 0.1, product_group="Tea, loose")],
            "retention cannot be narrowed by product_group",
        ),
        ([change("drop_segment", "set", 1, product_group="Tea, loose")], "narrowed by product_group"),
        ([change("media_spend", "multiply", 2, territory_id="crm:north")], "narrowed by territory_id"),
        ([change("capacity", "add", 1, pool_id="desk", industry="retail")], "narrowed by industry"),
        (
            [change("price", "set", 1, territory_id="crm:north"), change("price", "set", 2, industry="retail")],
            "to another value than change tried-0",
        ),
    ],
)
def test_changes_that_cannot_be_meant_are_refused(changes: list[dict[str, Any]], said: str) -> None:
    assert any(said in problem for problem in _faults(*changes)), _faults(*changes)


def test_changes_that_can_be_meant_are_not() -> None:
    elsewhere = [change("price", "set", 1, segment_id="good"), change("price", "set", 2, segment_id="bad")]
    kinds = {"territory_id": "crm:north", "industry": "none", "sales_rep_id": "crm:rep", "product_group": "Tea, loose"}
    assert _faults(*(change("volume", "multiply", 0.9, **{kind: name}) for kind, name in kinds.items())) == []
    assert _faults(change("drop_segment", "set", 1, territory_id="crm:north")) == []
    assert _faults(*elsewhere, change("drop_segment", "set", 1, customers="loss_makers:5")) == []
    assert _faults(change("volume", "multiply", 0.9, customers="crm:1 crm:2")) == []
    assert _faults(change("price", "set", 1, customers="crm:1"), change("price", "set", 2, customers="crm:2")) == []
    assert _faults(base="nowhere") == ["scenario_id nowhere is not known, so that the filter selects nothing"]


def _move(part: float, **filters: Any) -> dict[str, Any]:
    return change("order_channel_mix", "set", part, channel_id="phone", to_channel_id="web", **filters)


def test_several_moves_are_refused_only_where_all_of_them_hold() -> None:
    """Each two of them together take 0.8; all three meet nowhere, in no month, or take exactly all."""
    assert _faults(*(_move(0.4, customers=pair) for pair in ("crm:1 crm:2", "crm:1", "crm:2"))) == []
    assert _faults(_move(0.4), _move(0.4, segment_id="good"), _move(0.4, segment_id="bad")) == []
    first, second = {"valid_to": "2026-06-30"}, {"valid_from": "2026-07-01"}
    assert _faults(_move(0.4), _move(0.4, **first), _move(0.4, **second)) == []
    assert _faults(_move(0.1), _move(0.2), _move(0.7)) == []
    (problem,) = _faults(_move(0.4), _move(0.4), base="above", above=_move(0.4))
    assert problem == "with changes above-0, tried-0 it moves more than all orders of phone"


def test_a_value_of_the_scenario_that_it_starts_from_counts_where_both_hold() -> None:
    above = change("price", "set", 1.1, valid_from="2026-01-01", valid_to="2026-03-31")
    own = change("price", "set", 1.2, valid_from="2026-03-01")
    (problem,) = _faults(own, base="above", above=above)
    assert "to another value than change above-0, of the scenario that it starts from" in problem
    assert _faults({**own, "valid_from": "2026-04-01"}, base="above", above=above) == []


def test_a_setting_that_is_missing_is_refused() -> None:
    assert _faults(without="new_customer_growth") == ["the setting is missing; copy its row from seeds/planning"]
    # Of this one there is a default.
    assert _faults(without="new_customer_watch_months") == []


def test_an_initiative_is_not_reviewed_before_it_starts() -> None:
    kept = [
        ("early", "2026-03-01", "2026-06-01"),
        ("same day", "2026-03-01", "2026-03-01"),
        ("open", None, "2020-01-01"),
    ]
    assert _faults(initiatives=kept) == []
    (problem,) = _faults(initiatives=[*kept, ("late", "2026-03-01", "2026-02-28")])
    assert problem == "it is reviewed on 2026-02-28, before it starts on 2026-03-01: one of the two days is wrong"


def test_money_for_media_wins_nobody_who_came_by_no_media() -> None:
    """Four customers of the internet and four of no source, at 100 each; a quarter of the money wins half as many."""
    company = Company()
    for source in ("internet", "none"):
        won = {"cohort_kind": "new", "media_source": source, "won_month": "2026-01-01"}
        company.cell("new", 4, gross_sales_amount=400, **won)
    company.scenario("nothing_spent", change("media_spend", "multiply", 0))
    company.scenario("a_quarter", change("media_spend", "multiply", 0.25))
    company.plan()
    sales = company.rows(
        """
        select scenario_id, media_source, gross_sales_amount from int_planning__cells
        where scenario_id <> 'base' order by 1, 2
        """
    )
    assert sales == [
        ("a_quarter", "internet", 200),
        ("a_quarter", "none", 400),
        ("nothing_spent", "internet", 0),
        ("nothing_spent", "none", 400),
    ]


def test_moves_together_take_no_more_than_all_orders_of_a_channel() -> None:
    company = _company()
    company.scenario(
        "away",
        *(
            change("order_channel_mix", "set", 0.5, channel_id="phone", to_channel_id=other)
            for other in ("web", "store", "mail")
        ),
    )
    company.plan()
    orders = dict(
        company.rows(
            "select channel_id, sum(orders) from int_planning__cells where scenario_id = 'away' group by channel_id"
        )
    )
    assert {channel: round(count, 6) for channel, count in orders.items()} == {
        "phone": 0, "store": round(133 / 3, 6), "mail": round(133 / 3, 6), "web": round(50 + 133 / 3, 6),
    }  # fmt: skip


def test_changes_are_read_from_the_command_line() -> None:
    found = parsed("price + 3 % where segment_id=good, channel_id=web from 2026-03 until 2026-06", 1, "what_if")
    assert found == Change(
        "1", "what_if", "price", "multiply", "1.03",
        segment_id="good", channel_id="web", valid_from="2026-03-01", valid_to="2026-06-01",
    )  # fmt: skip
    moved = parsed("order_channel_mix = 50 % to web where channel_id=phone", 2, "what_if")
    assert (moved.operation, moved.change_value, moved.to_channel_id) == ("set", "0.5", "web")
    assert parsed("capacity - 1 where pool_id=desk", 3, "what_if").change_value == "-1.0"
    north = parsed('price - 2 % where product_group="Tea, loose", territory_id=crm:north', 4, "what_if")
    assert (north.product_group, north.territory_id, north.segment_id) == ("Tea, loose", "crm:north", None)
    for text in (
        "prices up",
        "luck * 2",
        "price * 2 where moon=full",
        "price * 2 where segment_id=",
        "price * 2 where segment_id=good, segment_id=bad",
        "price * 2 from 2026-13",
        "price * 2 from 0026-01",
        "price * " + "9" * 400,
    ):
        with pytest.raises(ProfitError):
            parsed(text, 1, "what_if")


def test_a_change_that_reaches_nobody_is_told() -> None:
    """Segment and channel are known, and the plan has nobody of them; spend and capacity are no customers."""
    company = _company()
    company.scenario(
        "tried",
        change("price", "multiply", 1.1, segment_id="good"),
        change("retention", "add", 0.1, segment_id="promising"),
        change("volume", "multiply", 2, segment_id="bad", channel_id="web"),
        change("new_customers", "set", 0),
        change("media_spend", "multiply", 2, media_source="television"),
        change("capacity", "add", 1, pool_id="desk"),
    )
    company.scenario("another", change("price", "multiply", 2, segment_id="nobody"))
    assert unreached(company.tables, "int_planning__base_cells", ["tried"]) == [
        "Change tried-1 (retention) changes nothing: the plan has nobody of segment_id promising.",
        "Change tried-2 (volume) changes nothing: the plan has nobody of segment_id bad, channel_id web.",
        "Change tried-3 (new_customers) changes nothing: the plan has nobody whom it could concern.",
    ]


_BEER = (
    "443 410 420 532 433 421 410 512 449 381 423 531 426 408 416 520 409 398 398 507 432 398 "
    "406 526 428 397 403 517 435 383 424 521 421 402 414 500 451 380 416 492 428 408 406 506 "
    "435 380 421 490 435 390 412 454 416 403 408 482 438 386 405 491 427 383 394 473"
)
_CAME = (420, 390, 410, 488, 415, 398, 419, 488, 414, 374)


def _measures(forecasts: list[float], actuals: tuple[float, ...], scale: float) -> tuple[float, ...]:
    rows = ", ".join(
        f"({forecast - actual}, {actual}, {scale})" for forecast, actual in zip(forecasts, actuals, strict=True)
    )
    measures = render("{{ accuracy_measures('error', 'actual', 'scale') }}")
    found = duckdb.sql(f"select {measures} from (values {rows}) as forecasts(error, actual, scale)").fetchall()[0]
    return tuple(float(value) for value in found)


def test_quarters_and_the_rolling_year_of_a_plan_are_fiscal(tmp_path: Path) -> None:
    """The year begins in October: 100 a month is planned for 2026, October to December brought 7 each; 90 follow."""
    paths = Paths.below(tmp_path)
    paths.warehouse.parent.mkdir(parents=True)
    with duckdb.connect(str(paths.warehouse)) as warehouse:
        warehouse.execute("""
            create schema core;
            create schema marts;
            create table core.dim_date as select date '2025-10-01' as fiscal_year_starts_on;
            create table marts.capacity_plan as
                select '' as scenario_id, '' as pool_id, 0 as shortage_minutes, 0 as shortage_amount where false;
            create table marts.forecast_accuracy as
                select '' as line, '' as segment_id, '' as chosen_method where false;
            create table marts.budget_forecast as
            select 'base' as scenario_id, 'net_revenue' as line, 50 as line_order, 'subtotal' as line_kind, *
            from (
                select 'activity_based' as method, month, 100 as amount
                from generate_series(date '2026-01-01', date '2026-12-01', interval 1 month) as months(month)
                union all
                select 'rolling' as method, month, case when month < date '2026-01-01' then 7 else 90 end as amount
                from generate_series(date '2025-10-01', date '2026-09-01', interval 1 month) as months(month)
            );
        """)
    quarters = read_plan(paths, by="quarter")
    assert quarters.columns == ["2026-Q2", "2026-Q3", "2026-Q4", "2027-Q1"]
    assert quarters.lines == [("net_revenue", "subtotal", [300] * 4)]
    year = read_plan(paths)
    assert dict(zip(year.columns, year.lines[0][2], strict=True)) == {"activity based": 1200, "rolling": 3 * 7 + 9 * 90}
    assert any("Rolling is the fiscal year from 2025-10 to 2026-09" in note for note in year.notes)


def test_measures_of_accuracy_on_australian_beer() -> None:
    """Hyndman and Athanasopoulos, FPP 5.8: RMSE, MAE, MAPE, MASE of four simple methods."""
    known = [float(value) for value in _BEER.split()]
    scale = sum(abs(value - known[place]) for place, value in enumerate(known[4:])) / (len(known) - 4)
    assert scale == pytest.approx(14.3)
    drift = (known[-1] - known[0]) / (len(known) - 1)
    forecasts = {
        "mean": [sum(known) / len(known)] * 10,
        "naive": [known[-1]] * 10,
        "seasonal": [known[-4 + step % 4] for step in range(10)],
        "drift": [known[-1] + (step + 1) * drift for step in range(10)],
    }
    published = {
        "mean": (38.45, 34.83, 8.28, 2.44),
        "naive": (62.69, 57.40, 14.18, 4.01),
        "seasonal": (14.31, 13.40, 3.17, 0.94),
        "drift": (64.90, 58.88, 14.58, 4.12),
    }
    for name, expected in published.items():
        squared, absolute, percentage, scaled = _measures(forecasts[name], _CAME, scale)
        assert (squared, absolute, percentage * 100, scaled) == pytest.approx(expected, abs=0.005)


def test_measures_of_the_last_value() -> None:
    """Anderson, Sweeney and Williams: MAE 4.4, MSE 20.8, MAPE 31.88 %."""
    series = (18, 13, 16, 11, 17, 14)
    squared, absolute, percentage, _ = _measures([float(value) for value in series[:-1]], series[1:], 1)
    assert (absolute, squared**2, round(percentage * 100, 2)) == (pytest.approx(4.4), pytest.approx(20.8), 31.88)


def test_cohorts_keep_more_than_one_rate_says() -> None:
    """Fader and Hardie (2010): survivors of five cohorts, and what one aggregate rate makes of them."""
    stays = render("{{ sbg_survival('renewals', '3.80', '15.20') }}")
    query = f"select 10000 * {stays} from (select cast(range as double) as renewals from range(5)) order by renewals"
    base = [round(row[0]) for row in duckdb.sql(query).fetchall()]
    assert base == [10_000, 8_000, 6_480, 5_307, 4_391]
    rate = sum(base[1:]) / sum(base[:-1])
    assert (sum(base), round(rate, 4)) == (34_178, 0.8117)
    stay = render("{{ sbg_survival('1', '3.80', '(15.20 + age)') }}")
    rows = ", ".join(f"({count}, {age}.0)" for age, count in enumerate(base))
    (kept,) = duckdb.sql(f"select sum(count * {stay}) from (values {rows}) as cohorts(count, age)").fetchall()[0]
    assert (round(kept), round(sum(base) * rate)) == (27_843, 27_742)
    columns = "cast(age + 1 as double) as renewal, count, 3.80e0 as a, 15.20e0 as b"
    duckdb.sql(f"create or replace temp table cohorts as select {columns} from (values {rows}) as rows(count, age)")
    life = render("{{ sbg_residual_lifetime('cohorts', ['renewal', 'count'], '0.10') }}")
    (residual,) = duckdb.sql(f"select sum(count * discounted_renewals) from ({life})").fetchall()[0]
    # One rate is too low, by an eighth.
    aggregate = sum(base) * rate / (1 - rate / 1.1)
    assert (round(residual), round(aggregate)) == (120_543, 105_848)


def test_contracts_of_the_regular_product() -> None:
    """Fader and Hardie (2014): 1,000 contracts, 631, 468, 382 and 326 of them left, and what eight years more keep."""
    left = (1_000, 631, 468, 382, 326)
    lost = [before - after for before, after in pairwise(left)]
    statistics = RenewalStatistics.of([1, 2, 3, 4, 4], [1, 1, 1, 1, 0], [*lost, left[-1]])
    fit = fit_shifted_beta_geometric(statistics)
    assert round(fit.log_likelihood, 3) == -1401.559
    a, b = fit.parameters["a"], fit.parameters["b"]
    assert (round(a, 3), round(b, 3)) == (0.764, 1.296)
    stays = render("{{ sbg_survival('renewals', 'a', 'b') }}")
    parameters = f"cast({a!r} as double) as a, cast({b!r} as double) as b"
    years = f"select cast(range as double) as renewals, {parameters} from range(5, 13)"
    found = [round(1_000 * row[0]) for row in duckdb.sql(f"select {stays} from ({years}) order by renewals").fetchall()]
    assert found == [284, 254, 230, 210, 194, 181, 169, 160]
    # Carrying on the last rate keeps far too few.
    assert round(left[-1] * (left[-1] / left[-2]) ** 8) == 92


def test_first_margin_today_or_in_a_year() -> None:
    """Margin 150, retention 0.55, 10 %, acquisition 100: 50 or 200."""
    (later,) = duckdb.sql(f"select 150 * {render('{{ margin_multiple(0.55, 0.10) }}')} - 100").fetchall()[0]
    (today,) = duckdb.sql(
        f"select 150 * {render('{{ margin_multiple(0.55, 0.10, with_today=true) }}')} - 100"
    ).fetchall()[0]
    assert (round(later, 6), round(today, 6)) == (50, 200)
    assert math.isclose(today - later, 150)
