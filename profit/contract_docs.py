"""The staging models' YAML and docs/contract.md, derived from the source contract: nothing is said in two places.

`python -m profit.contract_docs` writes models/staging/<department>/_<department>__models.yml for every department, and
the page; with `--check` it writes nothing and exits 1 where a file is not what the contract gives.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from profit.contract_page import PAGE, render_contract
from profit.errors import ProfitError
from profit.paths import PROJECT_ROOT
from profit.yaml_files import read_yaml

STAGING = PROJECT_ROOT / "models" / "staging"

# Days that staging derives from a moment, named as facts name them.
_DAY_OF_MOMENT = {
    "ordered_at": "ordered_on",
    "returned_at": "returned_on",
    "touched_at": "touched_on",
    "occurred_at": "occurred_on",
    "opened_at": "opened_on",
    "created_at": "created_on",
}

# Columns that staging gives another meaning than the contract does, mostly by filling what was left empty: by
# `<table>.<column>` or, where all tables agree, by column.
_STANDARDISED = {
    "currency_code": "ISO 4217 currency of the amounts, upper case; the reporting currency where none was given.",
    "customer_source_system": "System of that customer record; the row's own where none was given.",
    "referred_customer_source_system": "System of the record that was brought in; the row's own where none was given.",
    "order_source_system": "System of that order; the row's own where none was given.",
    "opportunity_events.currency_code": (
        "ISO 4217 currency of the value from this moment on, upper case; the reporting currency of an amount without "
        "one, empty where neither was given."
    ),
    "opportunities.order_source_system": "System of that order; empty where none was given.",
    "return_source_system": "System of that return; the row's own where none was given.",
    "customers.customer_kind": "person or organisation; where none was given, organisation if it has such a name.",
    "orders.channel": "Channel that took the order, lower case; the source system's name where none was given.",
    "returns.channel": "Channel that took the goods back, lower case; the source system's name where none was given.",
    "orders.commission_amount": "Commission of the representative on this order, in currency_code; 0 where none.",
    "orders.has_special_packaging": "True where the order needs special packaging; false where nothing was said.",
    "orders.order_status": "placed, cancelled or completed; placed where none was given.",
    "order_lines.cost_currency_code": "ISO 4217 currency of unit_cost_amount, upper case; empty for the order's.",
    "order_lines.discount_amount": "Discount on the invoice, positive, in the order's currency; 0 where none.",
    "order_lines.tax_amount": "Tax on the line, in the order's currency, no part of revenue; 0 where none.",
    "returns.is_resaleable": "True where the goods go back on sale, false where they are scrapped or nothing was said.",
    "shipments.freight_amount": "Freight that the company pays, in currency_code; 0 where none.",
    "products.product_kind": "goods, service or fee (postage, bank charge); goods where none was given.",
    "products.product_group": "Group in which penetration and breadth are counted; 'ungrouped' where none was given.",
    "products.product_category": "Coarser class above the group; 'uncategorised' where none was given.",
    "payments.payment_kind": "receipt (from the customer) or refund (to the customer); receipt where none was given.",
    "payments.fee_amount": "Fee that the company pays for the payment, in currency_code; 0 where none.",
    "promotion_redemptions.promotion_kind": "coupon, rebate or matched promotion; rebate where none was given.",
    "touches.is_response": "True where the customer or lead answered; false where nothing was said.",
    "referrals.is_reference": "True where the customer served as a reference in a sale; false where nothing was said.",
    "leads.fee_amount": "Fee paid to whoever brought the lead, in currency_code; 0 where none.",
    "warranty_claims.parts_amount": "Cost of the parts used, in currency_code; 0 where none.",
    "exchange_rates.from_currency_code": "Currency of one unit, upper case.",
    "exchange_rates.to_currency_code": "Currency in which that unit is priced, upper case.",
    "budgets.budget_month": "First day of the month planned, whichever day of it was delivered.",
    "ledger_accounts.waterfall_line": (
        "Line of the customer waterfall that the account is the ledger's side of; left empty, indirect_cost on an "
        "expense account and 'none' elsewhere: no part of the operating result."
    ),
}

# Key columns that staging standardises before it compares versions, as the landed row gives the staged value.
_LANDED_KEY = {
    "exchange_rates.from_currency_code": "upper(trim(from_currency_code))",
    "exchange_rates.to_currency_code": "upper(trim(to_currency_code))",
}

# Tables of which core needs to know when a row was first seen.
_FIRST_SEEN = ("customers",)

# Tables whose withdrawn rows stay, marked, as what refers to them must still be read.
_WITHDRAWN_STAY = ("orders", "order_lines", "returns")

# Tables of which every delivered version is staged, as identity needs to know when something changed.
_VERSIONED = ("customers", "customer_links", "leads", "opportunities", "opportunity_events")

_NOT_STAGED = ("is_deleted", "delivery_id")

_VERSION_COLUMNS = (
    ("is_deleted", "boolean", "True in the version that withdraws the row."),
    ("is_current", "boolean", "True in the newest version of a row that is not withdrawn."),
)


def render_staging_models(department: str) -> str:
    """YAML of a department's staging models: descriptions, columns in the order of the models, and tests.

    Args:
        department: crm, sales, marketing, service or finance.

    Returns:
        Content of models/staging/<department>/_<department>__models.yml.

    Raises:
        ProfitError: The department has no contract.
    """
    path = STAGING / department / f"_{department}__sources.yml"
    if not path.exists():
        raise ProfitError(f"No source contract at {path}; departments are {', '.join(departments())}.")
    lines = [
        f"# Generated from {path.name} by `python -m profit.contract_docs`: change the contract there, not here.",
        "version: 2",
        "",
        "models:",
    ]
    for source in read_yaml(path)["sources"]:
        for table in source["tables"]:
            lines.extend(_model(source, table))
    return "\n".join(lines) + "\n"


def departments() -> list[str]:
    """Departments that have a contract, by name."""
    return sorted(path.parent.name for path in STAGING.glob("*/_*__sources.yml"))


def models_path(department: str) -> Path:
    """File that holds the derived YAML of a department."""
    return STAGING / department / f"_{department}__models.yml"


def main(arguments: list[str] | None = None) -> int:
    """Write the derived files, or check them.

    Args:
        arguments: Command line without the program's name; None for that of the process.

    Returns:
        0, or with `--check` 1 where a file differs from the contract.
    """
    parser = argparse.ArgumentParser(prog="python -m profit.contract_docs", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 where a file is out of date")
    is_check = parser.parse_args(arguments).check
    outdated = 0
    files = [(models_path(department), render_staging_models(department)) for department in departments()]
    for path, rendered in [*files, (PAGE, render_contract())]:
        if path.exists() and path.read_text(encoding="utf-8") == rendered:
            continue
        outdated += 1
        if is_check:
            print(f"{path.relative_to(PROJECT_ROOT)} is out of date; run `python -m profit.contract_docs`.")
        else:
            path.write_text(rendered, encoding="utf-8")
            print(f"{path.relative_to(PROJECT_ROOT)} written.")
    return 1 if is_check and outdated else 0


def _model(source: Mapping[str, Any], table: Mapping[str, Any]) -> Iterator[str]:
    department, name = source["name"], table["name"]
    key = table["config"]["meta"]["key"]
    landed_key = [_LANDED_KEY.get(f"{name}.{column}", column) for column in key]
    is_versioned = name in _VERSIONED
    versions = (
        "Every delivered version of each row, withdrawals included; is_current marks what holds today."
        if is_versioned
        else f"Newest version of each row; withdrawn rows {'stay, marked' if name in _WITHDRAWN_STAY else 'are gone'}."
    )
    grain = "Grain: one delivered version of one" if is_versioned else "Grain: one"
    description = f"{' '.join(table['description'].split()).replace('Grain: one', grain, 1)} {versions}"
    landed = _quoted(f"source('{department}', '{name}')")
    yield f"  - name: stg_{department}__{name}"
    yield f"    description: {_quoted(description)}"
    yield f"    config: {{meta: {{owner: {source['config']['meta']['owner']}}}}}"
    yield "    data_tests:"
    unique = ["source_system", *key, *(("delivered_on", "delivery_id") if is_versioned else ())]
    ties = f"arguments: {{landed: {landed}, key: [{', '.join(landed_key)}]}}"
    if is_versioned:
        yield f"      - staging_ties_to_landing: {{{ties}, config: {{where: is_current}}}}"
        yield f"      - has_as_many_rows_as: {{arguments: {{relation: {landed}}}}}"
    elif name in _WITHDRAWN_STAY:
        yield f"      - staging_ties_to_landing: {{{ties}, config: {{where: not is_withdrawn}}}}"
    else:
        yield f"      - staging_ties_to_landing: {{{ties}}}"
    yield from _rules(table if is_versioned else {**table, "columns": []}, unique)
    yield "    columns:"
    *others, delivered_on = _in_model_order(table["columns"], key)
    for column in others:
        # A withdrawal says which row is gone, and nothing else of it.
        yield from _column(name, column, is_key_only=is_versioned, key=key)
    if name in _WITHDRAWN_STAY:
        yield _column_line(
            "is_withdrawn", "boolean", "True where the newest version withdraws the row.", is_filled=True
        )
    if name in _FIRST_SEEN:
        yield _column_line("first_delivered_on", "date", "Day of the delivery that first brought the row.")
    if is_versioned:
        for version_column in _VERSION_COLUMNS:
            yield _column_line(*version_column, is_filled=True)
        yield _column_line(
            "delivery_id", "string", "Delivery within the day: its number and the first characters of its checksum."
        )
    yield from _column(name, delivered_on)


def _in_model_order(columns: list[dict[str, Any]], key: list[str]) -> list[dict[str, Any]]:
    """System and key first, day of the delivery last, the rest as in the contract."""
    by_name = {column["name"]: column for column in columns if column["name"] not in _NOT_STAGED}
    delivered_on = by_name.pop("delivered_on")
    first = [by_name.pop(name) for name in ("source_system", *key)]
    return [*first, *by_name.values(), delivered_on]


def _rules(table: Mapping[str, Any], unique: Sequence[str]) -> Iterator[str]:
    """The test of the rules of a table: its key, and what is required of the versions that are not withdrawn."""
    key = table["config"]["meta"]["key"]
    required = [
        column["name"]
        for column in table["columns"]
        if column.get("config", {}).get("meta", {}).get("required") and column["name"] not in key
    ]
    if not required:
        yield f"      - keeps_its_rules: {{arguments: {{key: [{', '.join(unique)}]}}}}"
        return
    yield "      - keeps_its_rules:"
    yield "          arguments:"
    yield f"            key: [{', '.join(unique)}]"
    yield "            rows:"
    for name in required:
        yield f"              {name} is filled unless the row is withdrawn: is_deleted or {name} is not null"


def _column(
    table: str, column: Mapping[str, Any], *, is_key_only: bool = False, key: Sequence[str] = ()
) -> Iterator[str]:
    name = column["name"]
    meta = column.get("config", {}).get("meta", {})
    is_filled = (meta.get("required", False) and (not is_key_only or name in key)) or name == "source_system"
    description = _STANDARDISED.get(f"{table}.{name}", _STANDARDISED.get(name, column["description"]))
    yield _column_line(name, column["data_type"], description, is_filled=is_filled, is_pii=meta.get("pii", False))
    if "empty_counts_as" in meta:
        said = f"False where {name} was empty, which counts as {meta['empty_counts_as']}."
        yield _column_line(f"has_{name}", "boolean", said)
    if name in _DAY_OF_MOMENT:
        yield _column_line(
            _DAY_OF_MOMENT[name], "date", f"Day of {name}, in the company's time zone.", is_filled=is_filled
        )


def _column_line(name: str, data_type: str, description: str, *, is_filled: bool = False, is_pii: bool = False) -> str:
    shown_type = _quoted(data_type) if "," in data_type else data_type
    parts = [f"name: {name}", f"data_type: {shown_type}", f"description: {_quoted(' '.join(description.split()))}"]
    meta = [f"{word}: true" for word, holds in (("required", is_filled), ("pii", is_pii)) if holds]
    if meta:
        parts.append(f"config: {{meta: {{{', '.join(meta)}}}}}")
    return f"      - {{{', '.join(parts)}}}"


def _quoted(text: str) -> str:
    # A JSON string is a double-quoted YAML scalar too.
    return json.dumps(text, ensure_ascii=False)


if __name__ == "__main__":
    sys.exit(main())
