"""Changes of a part of the customers or of what they buy: what a part is, and that parts are the whole."""

from __future__ import annotations

from typing import Any

import pytest
from planning_zone import LINES, Company, change

pytestmark = pytest.mark.fast

_LINES = ", ".join(f"{line} decimal(28, 4) default 0" for line in LINES)
_TABLES = {
    "int_planning__customers": f"""customer_id varchar, cohort_kind varchar default 'existing',
        segment_id varchar default 'good', media_source varchar default 'none', named_customer_id varchar default '',
        loss_rank bigint, is_won_in_window boolean default false, territory_id varchar default '',
        industry varchar default '', sales_rep_id varchar default '', is_expected boolean default true,
        alive double default 1, purchases_1 double, purchases_2 double, net_sales_1 double, net_sales_2 double,
        contract_sales_1 double default 0, contract_sales_2 double default 0, margin_rate double default 0,
        margin_1_amount decimal(28, 4), margin_2_amount decimal(28, 4), variance_36m double default 1, {_LINES},
        window_order_count bigint default 1, window_active_months bigint default 1
    """,
    "int_customers__waterfall": f"""customer_id varchar, month date, order_count bigint,
        is_unattributed boolean default false, {_LINES}""",
    "int_planning__first_orders": """customer_id varchar, media_source varchar, first_order_month date,
        is_won_in_window boolean""",
    "fct_order_lines": """customer_id varchar, channel_id varchar, order_id varchar, product_id varchar, month date,
        net_sales_amount decimal(18, 4), gross_sales_amount decimal(18, 4), discount_amount decimal(18, 4),
        cost_of_goods_amount decimal(18, 4)""",
    "dim_product": "product_id varchar, product_group varchar",
}
_WHO = {"north": "crm:north", "south": "crm:south", "quiet": "crm:south", "web": "unknown"}


def _company(named: tuple[str, ...] = (), articles: tuple[str, ...] = ()) -> Company:
    """Four customers of one group, who are expected to buy what they bought, and one who was won in the window."""
    company = Company()
    for name, columns in _TABLES.items():
        company.tables.execute(f"create table {name} ({columns})")
    # Gross sales, discount and cost of tea and of cups; who is quiet bought before the window.
    bought: dict[str, tuple[Any, ...]] = {
        "north": (("phone", "tea", 1_000, 200, 300), ("phone", "cups", 600, 0, 400)),
        "south": (("phone", "tea", 400, 0, 120),),
        "quiet": (),
        "web": (("web", "cups", 1_000, 100, 700),),
        "fresh": (("web", "tea", 500, 0, 150),),
    }
    for customer, lines in bought.items():
        gross, discount, cost = (sum(line[place] for line in lines) or 100 for place in (2, 3, 4))
        discount = discount if any(line[3] for line in lines) else 0
        territory = _WHO.get(customer, "crm:north")
        company.add(
            "int_planning__customers",
            customer_id=customer,
            territory_id=territory if territory in named else "",
            is_expected=customer != "fresh",
            is_won_in_window=customer == "fresh",
            purchases_1=len(lines) or 1,
            purchases_2=2 * (len(lines) or 1),
            net_sales_1=gross - discount,
            net_sales_2=2 * (gross - discount),
            margin_1_amount=gross - discount - cost,
            margin_2_amount=2 * (gross - discount - cost),
            gross_sales_amount=gross,
            discount_amount=discount,
            cost_of_goods_amount=cost,
        )
        for number, (channel, article, sales, less, goods) in enumerate(lines):
            line = {"order_id": f"{customer}-{number}", "product_id": article, "channel_id": channel}
            company.add(
                "fct_order_lines",
                customer_id=customer,
                month="2025-12-01",
                net_sales_amount=sales - less,
                gross_sales_amount=sales,
                discount_amount=less,
                cost_of_goods_amount=goods,
                **line,
            )
    for article in ("tea", "cups"):
        company.add("dim_product", product_id=article, product_group=f"{article} and more")
    filters = [("territory_id", name) for name in named] + [("product_group", f"{name} and more") for name in articles]
    for column, member in filters:
        company.scenario(f"only_{member}", change("price", "multiply", 1.03, **{column: member}))
    company.scenario("everybody", change("price", "multiply", 1.03))
    company.build("int_planning__cell_shares", "int_planning__base_cells")
    return company


def _sums(company: Company) -> dict[Any, tuple[float, ...]]:
    numbers = ", ".join(f"sum({number})" for number in ("customers", "orders", *LINES, "variance"))
    query = f"select cohort_kind, segment_id, channel_id, month, {numbers} from int_planning__base_cells group by all"
    return {row[:4]: row[4:] for row in company.rows(query)}


_ALL = ("crm:north", "crm:south", "unknown")


@pytest.mark.parametrize(
    ("named", "articles"), [(_ALL[:1], ()), (_ALL, ()), ((), ("tea",)), ((), ("tea", "cups")), (_ALL[:2], ("cups",))]
)
def test_naming_a_part_changes_no_sum_of_the_base(named: tuple[str, ...], articles: tuple[str, ...]) -> None:
    before, after = _sums(_company()), _sums(_company(named, articles))
    assert set(before) == set(after)
    for key, numbers in before.items():
        assert after[key] == pytest.approx(numbers, abs=1e-6)


@pytest.mark.parametrize(("named", "articles"), [(_ALL, ()), ((), ("tea", "cups"))])
def test_all_parts_one_by_one_are_the_change_of_all(named: tuple[str, ...], articles: tuple[str, ...]) -> None:
    company = _company(named, articles)
    company.plan()

    for line in ("gross_sales", "net_revenue", "operating_result"):
        found = company.results(line)
        changes = {name: amount - found["base"] for name, amount in found.items()}
        everybody = changes.pop("everybody")
        assert everybody > 0
        assert sum(changes.values()) == pytest.approx(everybody, abs=0.01)
        assert all(changes[name] > 0 for name in changes if name != "base")


def _share(part: tuple[float, float], channel: tuple[float, float], group: tuple[float, float]) -> float:
    """Of a line, each (gross sales, line): what is missing in a channel to the rate of the group goes by sales."""
    usual = channel[0] * group[1] / group[0]
    own = part[1] / max(channel[1], usual)
    return own + max(0, 1 - channel[1] / usual) * part[0] / channel[0]


def test_a_part_has_the_numbers_of_its_own_customers() -> None:
    """By phone: north 1,600 gross, 200 off, 700 of goods; south 400 and 120; the quiet one as its group."""
    company = _company(("crm:north",))
    query = """
        select channel_id, gross_sales_amount, discount_amount, cost_of_goods_amount, customers
        from int_planning__cell_shares where cohort_kind = 'existing' and territory_id = 'crm:north'
    """
    web, (_, *phone) = sorted(company.rows(query), reverse=True)
    # Whoever was won in the window is of the north too, buys by web, and is not expected again.
    assert web[1:] == pytest.approx((0, 0, 0, 0))
    # By phone the group sells 1,800 of 3,200 net in three of five orders.
    sales, orders = 1_800 / 3_200, 3 / 5
    all_by_phone = 2_000 + sales * 100
    goods = _share((1_600, 700), (all_by_phone, 820 + sales * 100), (3_100, 1_620))
    off = _share((1_600, 200), (all_by_phone, 200), (3_100, 300))
    assert off == 1
    assert phone == pytest.approx([sales * 1_600 / all_by_phone, sales * off, sales * goods, orders / (2 + orders)])


def test_a_product_group_has_the_sales_and_goods_of_its_lines() -> None:
    """By phone tea is 1,400 of 2,000 gross, all that is off, 420 of 820 of goods; all sell 3,500, 300 off, 1,670."""
    company = _company(articles=("tea",))
    query = """
        select gross_sales_amount, discount_amount, cost_of_goods_amount, orders from int_planning__cell_shares
        where cohort_kind = 'existing' and channel_id = 'phone' and product_group = 'tea and more'
    """
    (shares,) = company.rows(query)
    sales, orders = 1_800 / 3_200, 3 / 5
    off = _share((1_400, 200), (2_000, 200), (3_500, 300))
    goods = _share((1_400, 420), (2_000, 820), (3_500, 1_670))
    assert shares == pytest.approx((sales * 0.7, sales * off, sales * goods, orders * 0.7))


@pytest.mark.parametrize("column", ["territory_id", "product_group"])
def test_a_part_is_the_same_whoever_else_is_named(column: str) -> None:
    names, others = (("crm:north",), _ALL) if column == "territory_id" else (("tea",), ("tea", "cups"))
    is_territory = column == "territory_id"
    alone, beside = (_company(some if is_territory else (), () if is_territory else some) for some in (names, others))
    member = names[0] if is_territory else "tea and more"
    query = f"select * from int_planning__cell_shares where {column} = '{member}' order by cohort_kind, channel_id"
    for one, other in zip(alone.rows(query), beside.rows(query), strict=True):
        assert one[:9] == other[:9]
        assert one[9:] == pytest.approx(other[9:])


def test_new_customers_are_of_the_territories_of_those_of_the_window() -> None:
    query = """
        select territory_id, gross_sales_amount from int_planning__cell_shares where cohort_kind = 'new'
    """
    assert _company(("crm:north",)).rows(query) == [("crm:north", 1)]
    assert _company(("crm:south",)).rows(query) == [("", 1)]


def test_a_price_and_a_volume_of_a_part_leave_the_rest() -> None:
    """3 % on half of 1,000 is 15; a fifth less of it takes 100 of sales, 40 of goods, 2 of 20 orders."""
    company = Company()
    halves: dict[str, Any] = {"gross_sales_amount": 500, "cost_of_goods_amount": 200}
    company.cell("good", 10, territory_id="crm:north", **halves)
    company.cell("good", 10, territory_id="", **halves)
    company.scenario("dearer", change("price", "multiply", 1.03, territory_id="crm:north"))
    company.scenario("fewer", change("volume", "multiply", 0.8, territory_id="crm:north"))
    company.scenario("elsewhere", change("volume", "multiply", 0.8, territory_id="crm:north", segment_id="bad"))
    company.plan()

    assert company.results("gross_sales") == {"base": 1_000, "dearer": 1_015, "fewer": 900, "elsewhere": 1_000}
    assert company.results("cost_of_goods") == {"base": 400, "dearer": 400, "fewer": 360, "elsewhere": 400}
    orders = dict(company.rows("select scenario_id, sum(orders) from int_planning__cells group by 1"))
    assert orders == {"base": 20, "dearer": 20, "fewer": 18, "elsewhere": 20}


def test_the_time_of_an_activity_for_a_part() -> None:
    """Ten of twenty orders take six minutes instead of three, at one a minute."""
    company = Company()
    company.pool("desk", 100, practical_minutes=100)
    company.activity("serve", "desk", 3)
    company.cell("good", 10, industry="retail")
    company.cell("good", 10)
    company.scenario("slower", change("activity_time", "multiply", 2, industry="retail"))
    company.plan()

    assert (company.used()["serve"], company.used("slower")["serve"]) == (60, 90)
