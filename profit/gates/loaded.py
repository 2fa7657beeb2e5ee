"""What the build read, held against the receipts of what was landed."""

from __future__ import annotations

from collections.abc import Iterator

from profit.gates.money_rules import WAREHOUSE
from profit.gates.report import STOP, WARN
from profit.gates.rules import QueryRule, Rule, summary_query

_LOADED = """
    select
        coalesce(deliveries.landed_file, loaded.landed_file) as landed_file,
        deliveries.rows_landed, loaded.rows_loaded, deliveries.landed_file is null as has_no_receipt
    from landing.deliveries as deliveries
    full join landing.loaded_rows as loaded on deliveries.landed_file = loaded.landed_file
"""


def loaded_rules() -> Iterator[Rule]:
    """Rules of what was loaded, over the tables that every build writes beside the landing views."""
    yield QueryRule(
        WAREHOUSE,
        "every row that was landed was loaded",
        STOP,
        "Part of a delivery is missing from every number, or more was read than landing has typed: see what has "
        "become of the file in the landing zone, and build again.",
        query=summary_query(
            f"select * from ({_LOADED}) where not has_no_receipt and coalesce(rows_loaded, 0) <> rows_landed",
            "landed_file || ': ' || coalesce(rows_loaded, 0) || ' rows loaded of ' || rows_landed || ' landed'",
            "select count(*) from landing.deliveries",
        ),
    )
    yield QueryRule(
        WAREHOUSE,
        "every file that was loaded has a receipt",
        WARN,
        "Another tool has put it into the landing zone, so that nobody counted what it held; use `profit land files`.",
        query=summary_query(
            f"select * from ({_LOADED}) where has_no_receipt",
            "landed_file || ': ' || rows_loaded || ' rows'",
            "select count(*) from landing.loaded_rows",
        ),
    )
