"""What money must obey in the marts, whatever the data: arithmetic, signs, and the reconciliation to the ledger."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from profit.contract import Feed
from profit.gates.report import STOP, WARN
from profit.gates.rules import QueryRule, RowRule, Rule, summary_query

WAREHOUSE = "warehouse"

_WATERFALL = (
    "gross_sales_amount",
    "discount_amount",
    "rebate_amount",
    "return_amount",
    "net_revenue_amount",
    "cost_of_goods_amount",
    "gross_margin_amount",
    "direct_selling_cost_amount",
    "contribution_margin_amount",
    "cost_to_serve_amount",
    "customer_margin_amount",
    "sustaining_cost_amount",
    "customer_profit_amount",
    "equal_share_cost_amount",
    "equal_share_profit_amount",
)

_DIFFERENCE = "ledger_amount - customers_amount - unattributed_amount - below_the_line_amount"

# Lines of the waterfall, in the seed, with the sign by which they enter the operating result.
_EFFECTS = "(select line, effect from reference.waterfall_lines where line_kind = 'posted')"


@dataclass(frozen=True)
class _MoneyRule:
    """A rule over rows, where `failed` is a condition, or over a select of its own, where it is a query."""

    rule: str
    failed: str
    sample: str
    severity: str
    reason: str


def money_rules(table: str) -> Iterator[Rule]:
    """Rules of the money of one mart; none where it holds no governed money.

    Args:
        table: `<schema>.<table>`.
    """
    for rule in _RULES.get(table, ()):
        words = (table, rule.rule, rule.severity, rule.reason)
        whole = "select * from {batch} where "
        if rule.failed.startswith(whole):
            yield RowRule(*words, failed=f"({rule.failed.removeprefix(whole)})", sample=rule.sample)
        else:
            yield QueryRule(*words, query=summary_query(rule.failed, rule.sample))


def personal_data_rule(feeds: Sequence[Feed], personal: Sequence[str], published: Collection[str] = ()) -> Rule:
    """Make the rule that no column of core or marts is one that the contract marks as personal data.

    Args:
        feeds: Feeds of the contract, for the reason's wording.
        personal: Names of the columns that hold personal data.
        published: Columns of core, `<table>.<column>`, that the contract lets through.
    """
    names = ", ".join(f"'{name}'" for name in sorted(personal))
    found = f"select * from {{batch}} where table_schema in ('core', 'marts') and column_name in ({names})"
    if published:
        let_through = ", ".join(f"'core.{name}'" for name in sorted(published))
        found += f" and concat_ws('.', table_schema, table_name, column_name) not in ({let_through})"
    reason = (
        f"The contract marks these names as personal data in {len(feeds)} feeds; they stay in staging. Rename or drop "
        f"the column."
    )
    query = summary_query(found, "concat_ws('.', table_schema, table_name, column_name)")
    return QueryRule(WAREHOUSE, "core and marts hold no personal data", STOP, reason, query=query)


def _waterfall_rules(key: str) -> tuple[_MoneyRule, ...]:
    arithmetic = {
        "net_revenue_amount": "gross_sales_amount - discount_amount - rebate_amount - return_amount",
        "gross_margin_amount": "net_revenue_amount - cost_of_goods_amount",
        "direct_selling_cost_amount": "commission_amount + payment_fee_amount + freight_amount + lead_fee_amount",
        "contribution_margin_amount": "gross_margin_amount - direct_selling_cost_amount",
        "customer_margin_amount": "contribution_margin_amount - cost_to_serve_amount",
        "customer_profit_amount": "customer_margin_amount - sustaining_cost_amount",
        "equal_share_profit_amount": "contribution_margin_amount - equal_share_cost_amount",
    }
    empty = " or ".join(f"{column} is null" for column in _WATERFALL)
    return (
        *(
            _MoneyRule(
                f"{total} = {parts}",
                f"select * from {{batch}} where {total} <> {parts}",
                key,
                STOP,
                "A margin that is not the difference of its lines is wrong, or its lines are.",
            )
            for total, parts in arithmetic.items()
        ),
        _MoneyRule(
            "every line of the waterfall is filled",
            f"select * from {{batch}} where {empty}",
            key,
            STOP,
            "An empty amount makes every sum above it empty.",
        ),
        _MoneyRule(
            "deductions and direct costs are positive in sum",
            " union all ".join(
                f"select '{column}' as line, sum({column}) as total from {{batch}} having sum({column}) < 0"
                for column in ("discount_amount", "rebate_amount", "return_amount", "direct_selling_cost_amount")
            ),
            "line || ' sums to ' || total",
            STOP,
            "Deductions and costs are positive numbers that are subtracted: a sign is turned round at the source.",
        ),
        _MoneyRule(
            "gross sales and deductions are not negative",
            "select * from {batch} where gross_sales_amount < 0 or discount_amount < 0 or rebate_amount < 0 "
            "or return_amount < 0 or direct_selling_cost_amount < 0",
            key,
            WARN,
            "Possible where a source books corrections as negative lines; otherwise a sign is turned round.",
        ),
    )


_SAME_TOTALS = _MoneyRule(
    "every customer is the sum of its months",
    "select total.customer_id from (select * from {batch}) as total left join (select customer_id, "
    + ", ".join(f"sum({column}) as {column}" for column in _WATERFALL)
    + " from marts.customer_profitability_monthly group by customer_id) as months "
    "on total.customer_id = months.customer_id where "
    + " or ".join(f"total.{column} <> coalesce(months.{column}, 0)" for column in _WATERFALL)
    + " union all select months.customer_id from marts.customer_profitability_monthly as months "
    "anti join (select * from {batch}) as total on months.customer_id = total.customer_id",
    "customer_id",
    STOP,
    "The two marts are read side by side and must give one number.",
)

_RECONCILIATION = (
    _MoneyRule(
        "difference = ledger - customers - unattributed - below the line",
        f"select * from {{batch}} where line_kind <> 'difference' and difference_amount <> {_DIFFERENCE}",
        "month || ' ' || line",
        STOP,
        "Money would appear or vanish between the customers and the ledger.",
    ),
    _MoneyRule(
        "a difference is zero or explained by a category",
        "select * from {batch} where (difference_amount <> 0) = (difference_category = 'none') "
        "and line_kind <> 'difference' or difference_category is null",
        "month || ' ' || line",
        STOP,
        "An unexplained difference must not be published.",
    ),
    _MoneyRule(
        "categories explain the whole difference of the operating result",
        "select month, sum(case when line_kind = 'difference' then difference_amount else 0 end) as explained, "
        "sum(case when line = 'operating_result' then difference_amount else 0 end) as difference "
        "from {batch} group by month having explained <> difference",
        "month || ': ' || explained || ' of ' || difference",
        STOP,
        "The categories must add up to what customers and ledger differ by.",
    ),
    _MoneyRule(
        "the operating result is the sum of the posted lines",
        "select result.month from (select * from {batch}) as result inner join ("
        "select rows.month, sum(effect * ledger_amount) as ledger, sum(effect * customers_amount) as customers, "
        "sum(effect * unattributed_amount) as unattributed, sum(effect * below_the_line_amount) as below "
        f"from (select * from {{batch}}) as rows inner join {_EFFECTS} as effects on rows.line = effects.line "
        "group by rows.month) as lines on result.month = lines.month "
        "where result.line = 'operating_result' and (result.ledger_amount <> lines.ledger "
        "or result.customers_amount <> lines.customers or result.unattributed_amount <> lines.unattributed "
        "or result.below_the_line_amount <> lines.below)",
        "cast(month as varchar)",
        STOP,
        "A subtotal that is not the sum of its lines hides money.",
    ),
    _MoneyRule(
        "every month has an operating result",
        "select month from {batch} group by month having count(*) filter (where line = 'operating_result') <> 1",
        "cast(month as varchar)",
        STOP,
        "The month could not be compared with the ledger.",
    ),
    _MoneyRule(
        "customers and unattributed of the lines are those of the monthly mart",
        " union all ".join(
            f"select '{line}' as line, sum(customers_amount + unattributed_amount) as here, "
            f"(select sum({line}_amount) from marts.customer_profitability_monthly) as there "
            f"from {{batch}} where line = '{line}' having here <> there"
            for line in ("contribution_margin", "customer_profit")
        ),
        "line || ': ' || here || ' instead of ' || there",
        STOP,
        "The reconciliation would reconcile something other than what is published.",
    ),
    _MoneyRule(
        "where the ledger speaks, it agrees with the customers to the cent",
        "select * from {batch} where line_kind = 'difference' and line <> 'difference_ledger_is_silent' "
        "and abs(difference_amount) >= 0.005",
        "month || ' ' || line || ': ' || difference_amount",
        WARN,
        "Explained, but somebody should look: the category says whether facts or the ledger lack the amount.",
    ),
)

_RULES: dict[str, tuple[_MoneyRule, ...]] = {
    "marts.customer_profitability": (*_waterfall_rules("customer_id"), _SAME_TOTALS),
    "marts.customer_profitability_monthly": _waterfall_rules("customer_id || ' in ' || month"),
    "marts.profitability_reconciliation": _RECONCILIATION,
}
