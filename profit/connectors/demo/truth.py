"""The truth, beside the landing zone: which records are one customer, and what each customer really costs.

No model reads it; it is what identity resolution, costing and lifetime value are measured against.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb

from profit.connectors.demo.orders import Orders
from profit.connectors.demo.people import COUNTRIES, MEDIA, People
from profit.connectors.demo.scale import store, texts
from profit.paths import Paths

TABLES = ("customers", "records", "true_costs")


def truth_folder(paths: Paths) -> Path:
    """Folder of the truth that belongs to a landing zone."""
    return paths.landing.with_name(paths.landing.name + "_truth")


def write_truth(connection: duckdb.DuckDBPyConnection, people: People, orders: Orders, paths: Paths) -> None:
    """Write `customers`, `records` and `true_costs` as Parquet files, all or none."""
    store(
        connection,
        "true_people",
        {
            "is_organisation": people.is_organisation,
            "country": people.country,
            "acquired": people.acquired,
            "media": people.media,
            "purchase_rate": people.purchase_rate,
            "dropout": people.dropout,
            "spend_level": people.spend_level,
            "discount_level": people.discount_level,
            "return_rate": people.return_rate,
            "call_rate": people.call_rate,
            "visit_rate": people.visit_rate,
            "ticket_rate": people.ticket_rate,
            "is_demanding": people.is_demanding,
            "is_still_customer": orders.is_still_customer,
            "parent": people.parent,
        },
    )
    store(connection, "true_media", {"media_source": texts(MEDIA)})
    store(connection, "true_countries", {"country_code": texts([code for code, *_ in COUNTRIES])})
    connection.execute(Path(__file__).with_name("truth.sql").read_text(encoding="utf-8"))
    folder = truth_folder(paths)
    unfinished = folder.with_name(folder.name + ".partial")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    for table in TABLES:
        connection.execute(
            f"copy (select * from truth_{table} order by all) to '{unfinished / table}.parquet' "
            "(format parquet, compression zstd)"
        )
    shutil.rmtree(folder, ignore_errors=True)
    unfinished.rename(folder)
