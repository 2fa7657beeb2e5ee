"""Small companies with ledgers and cost rules of their own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from conftest import Company

# What builds the ledger of allocations, and proves it; tests of other models stay out.
BUILD = (
    "dbt",
    "build",
    "--indirect-selection",
    "empty",
    "--select",
    "+fct_cost_pool_rates",
    "+fct_activity_costs",
    "+fct_cost_allocations",
    "every_cent_of_cost_has_an_owner",
    "pools_and_activities_send_what_they_receive",
    "pool_rates_add_up",
)

HEADERS = {
    "cost_pools": "pool_id,pool_name,step_order,owner",
    "cost_activities": "activity_id,activity_name,cost_level,waterfall_line",
    "cost_methods": "rule_id,stage,pool_id,method,valid_from,valid_to",
    "account_rules": "rule_id,ledger_account_id,cost_centre,department,territory_id,pool_id,share,valid_from,valid_to",
    "pool_rules": "rule_id,pool_id,receiver_kind,receiver_id,measure,share,valid_from,valid_to",
    "pool_capacities": "rule_id,pool_id,practical_minutes,cost_per_minute,standard_rate,valid_from,valid_to",
    "activity_drivers": "rule_id,activity_id,driver,channel_id,source_system,customer_kind,valid_from,valid_to",
    "time_equations": "rule_id,activity_id,condition,minutes,valid_from,valid_to",
}


def write_rules(folder: Path, rules: Mapping[str, str]) -> Path:
    """Write a folder of cost rules.

    Args:
        folder: Folder to make.
        rules: Rows of each rule file as CSV without the header; a file that is not named has none.

    Returns:
        The folder, for PROFIT_COST_RULES.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, header in HEADERS.items():
        rows = "\n".join(line.strip() for line in rules.get(name, "").strip().splitlines())
        (folder / f"{name}.csv").write_text(f"{header}\n{rows}\n", encoding="utf-8")
    return folder


def land_tables(company: Company, tables: Mapping[str, str], day: str = "2025-06-01") -> None:
    """Land tables of one system, `shop`, from CSV texts.

    Args:
        company: Company that delivers.
        tables: Table name and its CSV, header included.
        day: Day of the delivery.
    """
    folder = company.folder / "delivered"
    folder.mkdir(exist_ok=True)
    for name, content in tables.items():
        rows = "\n".join(line.strip() for line in content.strip().splitlines())
        (folder / f"{name}.csv").write_text(rows + "\n", encoding="utf-8")
    company.run("profit", "land", "files", "--from", str(folder), "--source-system", "shop", "--delivered-on", day)


def ledger(entries: Mapping[str, Mapping[str, float]]) -> dict[str, str]:
    """Accounts and postings of indirect cost, one posting a month and account.

    Args:
        entries: Month `YYYY-MM` to account to amount.
    """
    accounts = sorted({account for amounts in entries.values() for account in amounts})
    postings = [
        f"{month}-{account},{account},{month}-15,{amount}"
        for month, amounts in entries.items()
        for account, amount in amounts.items()
    ]
    return {
        "ledger_accounts": "account_id,account_type,waterfall_line\n"
        + "\n".join(f"{account},expense,indirect_cost" for account in accounts),
        "ledger_entries": "ledger_entry_id,account_id,posted_on,amount\n" + "\n".join(postings),
    }
