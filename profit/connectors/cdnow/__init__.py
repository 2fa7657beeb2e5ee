"""CDNOW, the public data set on which models of customer lifetime value are tested, in the shape of the contract."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from profit.connectors.sql_connector import land_sql
from profit.landing.receipts import Receipt
from profit.paths import Paths

# The day after the last one that the files cover.
DELIVERED_ON = dt.date(1998, 7, 1)

FILES = {"sample": "CDNOW_sample.txt", "master": "CDNOW_master.txt"}

_HELP = (
    "The folder must hold CDNOW_sample.txt (one customer in ten) or CDNOW_master.txt (all of them); "
    "profit/connectors/cdnow/README.md says where they come from."
)


def land_cdnow(paths: Paths, folder: Path, *, extent: str = "sample") -> list[Receipt]:
    """Land CDNOW: customers, orders, order lines, and the one product that the data know.

    Args:
        paths: Where the landing zone and the quarantine are.
        folder: Folder with the text files.
        extent: `sample`, one customer in ten, or `master`, all customers; numbers are the same in both.

    Returns:
        One receipt a feed; a repeated landing changes nothing.

    Raises:
        LandingError: The file is missing or cannot be read; nothing was landed.
    """
    return land_sql(
        paths,
        folder,
        connector=Path(__file__).parent,
        inputs={"cdnow.lines": FILES[extent]},
        delivered_on=DELIVERED_ON,
        help_text=_HELP,
    )
