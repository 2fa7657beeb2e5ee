"""Lines of the waterfall, of the company, of customers, of article groups or of channels, in a period."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from dashboards.common.charts import waterfall
from dashboards.common.filters import Filters
from dashboards.common.published import has, rows

# Columns of marts at the grain of customers, by line.
MEASURES = {
    "gross_sales": "gross_sales_amount",
    "discounts": "discount_amount",
    "rebates": "rebate_amount",
    "returns": "return_amount",
    "net_revenue": "net_revenue_amount",
    "cost_of_goods": "cost_of_goods_amount",
    "gross_margin": "gross_margin_amount",
    "commission": "commission_amount",
    "payment_fees": "payment_fee_amount",
    "freight": "freight_amount",
    "lead_fees": "lead_fee_amount",
    "contribution_margin": "contribution_margin_amount",
    "cost_to_serve": "cost_to_serve_amount",
    "customer_margin": "customer_margin_amount",
    "sustaining_cost": "sustaining_cost_amount",
    "customer_profit": "customer_profit_amount",
}
_LINES = "reference.waterfall_lines"


@dataclass(frozen=True)
class Source:
    """Where the lines of a selection come from.

    Attributes:
        table: Published table, for the reader.
        sql: A relation with month, line and amount.
        values: What stands for its `?`.
        left_out: Filters that are chosen and that this table cannot be asked by.
    """

    table: str
    sql: str
    values: list[Any]
    left_out: tuple[str, ...] = ()


def source(chosen: Filters) -> Source:
    """The table that can be asked by what is chosen.

    Args:
        chosen: The filters.
    """
    if chosen.of_customers():
        where, values = chosen.where(alias="customers")
        relation = f"""
            select monthly.* from marts.customer_profitability_monthly as monthly
            inner join marts.customer_profitability as customers on monthly.customer_id = customers.customer_id
            where {where}
        """
        left = tuple(name for name in ("product_group", "channel") if chosen.members(name))
        return Source("marts.customer_profitability_monthly", _long(relation), values, left)
    for name, table, column in (
        ("product_group", "marts.product_profitability", "product_group"),
        ("channel", "marts.channel_profitability", "channel_id"),
    ):
        if chosen.members(name) and has(table):
            where, values = chosen.where({name: column})
            left = ("channel",) if name == "product_group" and chosen.members("channel") else ()
            return Source(table, _long(f"select * from {table} where {where}"), values, left)
    left = tuple(name for name in ("product_group", "channel") if chosen.members(name))
    total = "select month, line, customers_amount + unattributed_amount + below_the_line_amount as amount"
    return Source("marts.profitability_reconciliation", f"{total} from marts.profitability_reconciliation", [], left)


def lines_of(of: Source, start: str, end: str) -> pd.DataFrame:
    """Lines with label, kind, amount and effect on the result, in their order.

    Args:
        of: Where they come from.
        start: First month.
        end: Last month.
    """
    return rows(*table_of(of, start, end))


def table_of(of: Source, start: str, end: str) -> tuple[str, list[Any]]:
    """The query of `lines_of`, and what stands for its `?`.

    Args:
        of: Where the lines come from.
        start: First month.
        end: Last month.
    """
    sql = f"""
        select lines.line, lines.label, lines.line_kind, sum(found.amount) as amount,
            sum(found.amount) * case when lines.line_kind = 'posted' then lines.effect else 1 end as effect_amount
        from ({of.sql}) as found
        inner join {_LINES} as lines on found.line = lines.line
        where found.month between ?::date and ?::date and lines.line_kind in ('posted', 'subtotal')
        group by lines.line, lines.label, lines.line_kind, lines.effect, lines.line_order
        order by lines.line_order
    """
    return sql, [*of.values, start, end]


def figure_of(found: pd.DataFrame) -> go.Figure:
    """The waterfall of lines; posted lines without an amount are left out.

    Args:
        found: What `lines_of` found.
    """
    shown = found[(found["amount"] != 0) | (found["line_kind"] == "subtotal")]
    return waterfall(list(shown["label"]), list(shown["line_kind"]), list(shown["effect_amount"]))


def _long(relation: str) -> str:
    """Rows with a column for each line as rows with a line each."""
    sums = ", ".join(f"sum({column}) as {line}" for line, column in MEASURES.items())
    return f"""
        unpivot (select month, {sums} from ({relation}) group by month)
        on {", ".join(MEASURES)} into name line value amount
    """
