"""Online Retail, a year of a British web shop published by the UCI repository, in the shape of the contract."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from profit.connectors.sql_connector import land_sql
from profit.landing.receipts import Receipt
from profit.paths import Paths

# The day after the last invoice, 2011-12-09 at noon: December 2011 is not over.
DELIVERED_ON = dt.date(2011, 12, 10)

INPUTS = ("online_retail.parquet",)

_HELP = (
    "The folder must hold online_retail.parquet, the rows of the published workbook; "
    "profit/connectors/online_retail/README.md says where it comes from and how the one is made of the other."
)


def land_online_retail(paths: Paths, folder: Path) -> list[Receipt]:
    """Land Online Retail: invoices as orders, credit notes as returns, articles, customers and countries.

    Args:
        paths: Where the landing zone and the quarantine are.
        folder: Folder with `online_retail.parquet`.

    Returns:
        One receipt a feed; a repeated landing changes nothing.

    Raises:
        LandingError: The file is missing or cannot be read; nothing was landed.
    """
    return land_sql(
        paths,
        folder,
        connector=Path(__file__).parent,
        inputs=INPUTS,
        delivered_on=DELIVERED_ON,
        help_text=_HELP,
    )
