"""Small companies for the models of bridges and variances, rendered as SQL and run on typed tables without a build."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

import duckdb
from rendered import model, render

Row = Mapping[str, object]

_TABLES = {
    "int_finance__plans": """
        plan_row_id varchar, plan varchar, month date, ledger_account_id varchar, account_type varchar,
        waterfall_line varchar, effect integer,
        department varchar, driver varchar, quantity decimal(18, 4), product_group varchar, channel_id varchar,
        amount decimal(18, 4),
        unit_price_amount double
    """,
    "fct_ledger_entries": """
        ledger_account_id varchar, month date, department varchar, waterfall_line varchar, amount decimal(18, 4)
    """,
    "dim_ledger_account": """
        ledger_account_id varchar, account_name varchar, account_type varchar, waterfall_line varchar
    """,
    "int_costing__driver_events": """
        month date, driver varchar, channel_id varchar, product_id varchar, quantity decimal(18, 4)
    """,
    "dim_product": "product_id varchar, product_group varchar",
}


def tables(definitions: Mapping[str, str]) -> duckdb.DuckDBPyConnection:
    """A database with empty tables.

    Args:
        definitions: Name of a table -> its columns with their types.
    """
    connection = duckdb.connect()
    for name, columns in definitions.items():
        connection.execute(f"create table {name} ({columns})")
    return connection


def fill(connection: duckdb.DuckDBPyConnection, table: str, rows: Iterable[Row]) -> None:
    """Insert rows; columns that a row does not name are empty."""
    for row in rows:
        names, marks = ", ".join(row), ", ".join("?" for _ in row)
        connection.execute(f"insert into {table} ({names}) values ({marks})", list(row.values()))


class Plan:
    """One planned month of a company with its ledger: what budget_variance is asked of."""

    def __init__(self, month: str = "2025-03-01") -> None:
        self.month = month
        self.connection = tables(_TABLES)

    def account(
        self,
        account: str,
        line: str,
        *,
        planned: float | None = None,
        actual: float | None = None,
        driver: str | None = None,
        quantity: float | None = None,
        unit_price: float | None = None,
        product_group: str | None = None,
        departments: tuple[str | None, str | None] = (None, None),
    ) -> None:
        """An account that is planned, or posted, or both.

        Args:
            account: Its name.
            line: Line of the waterfall.
            planned: Amount planned, positive.
            actual: Amount posted, positive.
            driver: What quantity counts.
            quantity: Quantity planned.
            unit_price: Price of a unit planned; by default planned / quantity.
            product_group: Article group planned.
            departments: Department of the plan and of the posting.
        """
        earns = line in ("gross_sales", "other_operating")
        known = "select 1 from dim_ledger_account where ledger_account_id = ?"
        if not self.connection.execute(known, [account]).fetchone():
            row = {
                "ledger_account_id": account,
                "account_type": "revenue" if earns else "expense",
                "waterfall_line": line,
            }
            fill(self.connection, "dim_ledger_account", [row])
        if planned is not None:
            plan = {
                "plan": "budget",
                "month": self.month,
                "ledger_account_id": account,
                "waterfall_line": line,
                "amount": planned,
                "driver": driver,
                "quantity": quantity,
                "unit_price_amount": unit_price,
                "product_group": product_group,
                "department": departments[0],
                "effect": 1 if earns else -1,
            }
            fill(self.connection, "int_finance__plans", [plan])
        if actual is not None:
            posting = {
                "ledger_account_id": account,
                "month": self.month,
                "waterfall_line": line,
                "department": departments[1],
                "amount": -actual if earns else actual,
            }
            fill(self.connection, "fct_ledger_entries", [posting])

    def used(self, driver: str, quantity: float, product_group: str | None = None) -> None:
        """How much there was of a driver in the month."""
        if product_group:
            fill(self.connection, "dim_product", [{"product_id": product_group, "product_group": product_group}])
        event = {"month": self.month, "driver": driver, "quantity": quantity, "product_id": product_group}
        fill(self.connection, "int_costing__driver_events", [event])

    def market(self, planned: float, actual: float) -> None:
        """How large the market was planned to be, and was."""
        rows = [
            {"plan": plan, "month": self.month, "driver": "market", "quantity": quantity, "amount": 0}
            for plan, quantity in (("budget", planned), ("market", actual))
        ]
        fill(self.connection, "int_finance__plans", rows)

    def parts(self) -> dict[tuple[str, str], Decimal]:
        """Account and part -> amount, of all that are not zero."""
        rows = self.connection.execute(f"select account_id, part, amount from ({model('budget_variance')})").fetchall()
        return {(account, part): amount for account, part, amount in rows if amount}

    def totals(self) -> dict[str, Decimal]:
        """Result of the static and the flexible budget and of what came."""
        sign = "case when is_income then 1 else -1 end"
        sums = ", ".join(f"sum({sign} * {side}_amount)" for side in ("static", "flexible", "actual"))
        one = "select distinct account_id, department, is_income, static_amount, flexible_amount, actual_amount"
        found = self.connection.execute(f"select {sums} from ({one} from ({model('budget_variance')}))").fetchone()
        return dict(zip(("static", "flexible", "actual"), found or (), strict=True))


Element = tuple[float, float]
_SIDES = ("before", "now")


def midpoint(elements: Iterable[tuple[Element, Element]]) -> dict[str, Decimal]:
    """Volume, mix and price of elements by the macros of the bridge, unrounded.

    Args:
        elements: Of each, price and quantity before and now.
    """
    columns = ", ".join(
        f"{name}_{side} double" for side in _SIDES for name in ("quantity", "gross", "discount", "cost", "net")
    )
    connection = tables({"elements": columns})
    for before, now in elements:
        row: dict[str, object] = {}
        for side, (price, quantity) in zip(_SIDES, (before, now), strict=True):
            row |= {f"quantity_{side}": quantity, f"gross_{side}": price * quantity, f"net_{side}": price * quantity}
            row |= {f"discount_{side}": 0, f"cost_{side}": 0}
        fill(connection, "elements", [row])
    effects = "{{ volume_effect() }} as volume, {{ mix_effect() }} as mix, {{ rate_effect('gross') }} as price"
    sums = "(select {{ bridge_sums() }} from elements) as sums"
    query = render("select " + effects + ", new_effect as new, lost_effect as lost from " + sums)
    found = connection.execute(query).fetchone()
    return dict(zip(("volume", "mix", "price", "new", "lost"), found or (), strict=True))
