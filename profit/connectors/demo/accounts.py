"""The chart of accounts, and what the work of the company costs."""

from __future__ import annotations

import duckdb
import numpy as np

from profit.connectors.demo.scale import Scale, store, texts

# Account, name, type, waterfall line, cost centre, department.
_BALANCE_AND_DIRECT = (
    ("1000", "Cash at bank", "asset", "", "", ""),
    ("1100", "Trade receivables", "asset", "", "", ""),
    ("1200", "Inventory", "asset", "", "", ""),
    ("1500", "Equipment", "asset", "", "", ""),
    ("2000", "Trade payables", "liability", "", "", ""),
    ("2100", "Accrued liabilities", "liability", "", "", ""),
    ("2200", "Sales tax payable", "liability", "", "", ""),
    ("3000", "Share capital", "equity", "", "", ""),
    ("4000", "Sales, web shop", "revenue", "gross_sales", "100", "Web shop"),
    ("4010", "Sales, stores", "revenue", "gross_sales", "110", "Stores"),
    ("4020", "Sales, phone desk", "revenue", "gross_sales", "120", "Phone desk"),
    ("4100", "Discounts on invoices", "revenue", "discounts", "", "Sales"),
    ("4200", "Rebates and coupons", "revenue", "rebates", "520", "Marketing"),
    ("4300", "Returns and refunds", "revenue", "returns", "", "Sales"),
    ("5000", "Cost of goods sold", "expense", "cost_of_goods", "310", "Warehouse"),
    ("5010", "Cost of goods back in stock", "expense", "cost_of_goods", "310", "Warehouse"),
    ("6000", "Sales commission", "expense", "commission", "510", "Sales"),
    ("6010", "Card and wallet fees", "expense", "payment_fees", "220", "Finance"),
    ("6020", "Freight out", "expense", "freight", "310", "Warehouse"),
    ("6030", "Freight back", "expense", "freight", "320", "Warehouse"),
    ("6040", "Lead fees", "expense", "lead_fees", "520", "Marketing"),
    ("7110", "Warranty parts", "expense", "indirect_cost", "420", "Customer service"),
    ("7500", "Media", "expense", "indirect_cost", "520", "Marketing"),
    ("8100", "Interest paid", "expense", "non_operating", "810", "Finance"),
)
# Account, name, cost centre, department, day of the month posted, and dollars per unit of the measures in `volumes`.
# The rates are the true ones: the ledger's cost divided by them is more than the work done; the rest is unused
# capacity.
_OVERHEADS: tuple[tuple[str, str, str, str, int, dict[str, float]], ...] = (
    ("7000", "Order handling wages", "210", "Order handling", 25, {"remote_orders": 7.5, "remote_lines": 1.1}),
    ("7005", "Billing and collection wages", "220", "Finance", 25, {"invoices": 6.5}),
    ("7010", "Warehouse wages", "310", "Warehouse", 25, {"lines": 3.4, "shipments": 3.8}),
    ("7020", "Warehouse rent and energy", "310", "Warehouse", 1, {"lines": 1.7, "shipments": 1.4}),
    ("7030", "Packaging", "310", "Warehouse", 15, {"shipments": 1.6, "special_packages": 6.0}),
    ("7040", "Returns handling wages", "320", "Warehouse", 25, {"returns": 24.0}),
    ("7100", "Customer service wages", "410", "Customer service", 25, {"ticket_minutes": 1.15}),
    ("7120", "Repair wages", "420", "Customer service", 25, {"claim_minutes": 1.2}),
    ("7200", "Call centre wages", "430", "Call centre", 25, {"desk_minutes": 1.0, "desk_calls": 2.2}),
    ("7210", "Call centre telephony", "430", "Call centre", 15, {"desk_calls": 0.7}),
    ("7300", "Field sales salaries", "510", "Sales", 25, {"field_minutes": 1.7, "visits": 85.0}),
    ("7310", "Field sales travel", "510", "Sales", 15, {"visits": 62.0}),
    ("7400", "Store wages", "610", "Stores", 25, {"store_orders": 11.0, "store_returns": 7.5}),
    ("7410", "Store rent", "610", "Stores", 1, {"store_orders": 7.0}),
    ("7510", "Marketing salaries", "520", "Marketing", 25, {"net_sales": 0.008}),
    ("7520", "Printing and postage", "520", "Marketing", 15, {"mailings": 1.15, "e_mails": 0.02}),
    ("7600", "Information systems", "710", "Information technology", 15, {"net_sales": 0.011}),
    ("7610", "Web shop platform", "710", "Information technology", 15, {"web_orders": 2.6}),
    ("7700", "Office rent", "810", "Administration", 1, {"net_sales": 0.006}),
    ("7710", "Insurance", "810", "Administration", 1, {"net_sales": 0.0025}),
    ("7720", "Administration salaries", "820", "Administration", 25, {"net_sales": 0.014}),
    ("7730", "Audit and legal advice", "820", "Administration", 28, {"net_sales": 0.003}),
    ("7740", "Depreciation", "830", "Administration", 28, {"net_sales": 0.006}),
)
_UTILISATION = 0.84


def build_accounts(connection: duckdb.DuckDBPyConnection, scale: Scale) -> None:
    """Make `final_ledger_accounts`, `overhead_accounts`, `overhead_rates` and the months' `overhead_noise`."""
    overheads = [(a, name, "expense", "indirect_cost", centre, part) for a, name, centre, part, *_ in _OVERHEADS]
    rows = sorted([*_BALANCE_AND_DIRECT, *overheads])
    names = ("account_id", "account_name", "account_type", "waterfall_line", "cost_centre", "department")
    store(
        connection,
        "accounts",
        {name: texts(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)},
    )
    rates = [(account, measure, rate) for account, *_, per in _OVERHEADS for measure, rate in per.items()]
    store(
        connection,
        "overhead_rates",
        {
            "account_id": texts([account for account, *_ in rates]),
            "measure": texts([measure for _, measure, _ in rates]),
            "rate": np.array([rate for *_, rate in rates]),
        },
    )
    store(
        connection,
        "overhead_accounts",
        {
            "account_id": texts([account for account, *_ in _OVERHEADS]),
            "day_of_month": np.array([day for *_, day, _ in _OVERHEADS]),
        },
    )
    rng = scale.rng("overheads")
    wobble = rng.normal(1, 0.03, (len(_OVERHEADS), scale.months)) / _UTILISATION
    store(
        connection,
        "overhead_noise",
        {
            "place": np.repeat(np.arange(len(_OVERHEADS)), scale.months),
            "month": np.tile(np.arange(scale.months), len(_OVERHEADS)),
            "factor": wobble.ravel(),
        },
    )
    plan = np.round(rng.uniform(0.9, 1.12, 200), 4)
    store(connection, "plan_noise", {"factor": plan})
    volumes = np.round(scale.rng("planned volumes").uniform(0.92, 1.08, 200), 4)
    store(connection, "volume_noise", {"factor": volumes})
    connection.execute("""
        create table final_ledger_accounts as
        select n as _n, 'erp' as source_system, account_id, account_name, account_type,
            cast(null as varchar) as parent_account_id, nullif(waterfall_line, '') as waterfall_line,
            cast(null as boolean) as is_deleted, -1 as _delivery
        from accounts;
    """)
