"""What a warehouse does not know, so that no figure passes for more than it is."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from profit.errors import ProfitError

_KNOWN = """
    select
        coalesce((select status = 'delivered' from marts.data_coverage where feed = 'finance.ledger_entries'), false),
        exists (select 1 from core.fct_cost_flows where stage = 'activity_to_customer'),
        (select count(*) from core.fct_order_lines where has_cost),
        (select count(*) from marts.data_quality where rule = 'no_standard_cost' and feed = 'sales.order_lines')
"""


@dataclass(frozen=True)
class Knowledge:
    """Which parts of a customer's profit the deliveries say anything of.

    Attributes:
        has_ledger: Whether postings of a ledger were delivered.
        has_activity_costs: Whether cost of the ledger has reached activities that customers caused.
        costed_lines: Order lines with a cost of goods.
        costless_lines: Order lines of goods without one.
    """

    has_ledger: bool
    has_activity_costs: bool
    costed_lines: int
    costless_lines: int

    @property
    def has_costs_of_goods(self) -> bool:
        """Whether any line has a cost, or none needs one."""
        return self.costed_lines > 0 or self.costless_lines == 0

    @property
    def method(self) -> str:
        """How customers are ranked, for a title: never the name of a method that had no costs to work on."""
        if self.has_activity_costs and self.has_costs_of_goods:
            return "activity-based costing"
        unknown = ["cost of goods"] * (not self.has_costs_of_goods) + ["cost to serve"] * (not self.has_activity_costs)
        return f"before {' and '.join(unknown)}, which {'is' if len(unknown) == 1 else 'are'} not known"

    def gaps(self) -> list[str]:
        """What is not known, why, and what would tell, a sentence each; empty where nothing is missing."""
        gaps = []
        if not self.has_costs_of_goods:
            gaps.append(
                f"cost of goods: none of {self.costless_lines:,} order lines has one; deliver finance.product_costs"
            )
        elif self.costless_lines:
            gaps.append(
                f"cost of goods of {self.costless_lines:,} of {self.costed_lines + self.costless_lines:,} order lines "
                "(marts.data_quality, rule no_standard_cost)"
            )
        if not self.has_ledger:
            gaps.append("cost to serve and all other indirect cost: no ledger was delivered (finance.ledger_entries)")
        elif not self.has_activity_costs:
            gaps.append(
                "cost to serve: nothing of the ledger has reached an activity; name its accounts in the rules of "
                "seeds/costing (docs/costing.md)"
            )
        return gaps


def read_knowledge(warehouse: duckdb.DuckDBPyConnection) -> Knowledge:
    """Ask a warehouse what it knows.

    Args:
        warehouse: What dbt built.

    Raises:
        ProfitError: The warehouse is not complete.
    """
    try:
        row = warehouse.execute(_KNOWN).fetchone()
    except duckdb.CatalogException as error:
        raise ProfitError(f"The warehouse is not complete; run `profit build` again. {error}") from error
    ledger, activities, costed, costless = row or (False, False, 0, 0)
    return Knowledge(bool(ledger), bool(activities), int(costed), int(costless))
