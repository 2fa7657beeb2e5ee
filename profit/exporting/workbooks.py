"""Writes a table as a workbook: a sheet of rows, a sheet of columns."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import xlsxwriter

from profit.errors import ProfitError
from profit.exporting.tables import Column, Table

_ROWS_AT_ONCE = 5_000
# Limits of the format: a number is a double, a day begins with 1900, a cell has so many characters.
_DIGITS = 15
_FIRST_DAY = dt.date(1900, 3, 1)
_CELL = 32_767
_WIDEST = 40
_NARROWEST = 10


def write_workbook(published: duckdb.DuckDBPyConnection, table: Table, query: str, file: Path) -> int:
    """Write the rows of a query.

    Args:
        published: The published file.
        table: Table that the rows are of.
        query: The rows.
        file: Workbook to write.

    Returns:
        How many numbers and days stand in it as texts, since a workbook cannot hold them.

    Raises:
        ProfitError: A text is longer than a cell.
    """
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_date_format": "yyyy-mm-dd",
    }
    as_text = 0
    with xlsxwriter.Workbook(str(file), options) as book:
        # The same build gives the same bytes.
        book.set_properties({"title": str(table), "comments": table.description, "created": dt.datetime(2000, 1, 1)})
        head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        formats = [_format(book, column) for column in table.columns]
        # A sheet's name has at most 31 characters.
        sheet = book.add_worksheet(table.name[:31])
        for place, column in enumerate(table.columns):
            sheet.set_column(place, place, min(max(len(column.name) + 2, _NARROWEST), _WIDEST))
            sheet.write_string(0, place, column.name, head)
        sheet.freeze_panes(1, 1)
        rows = published.execute(query)
        line = 0
        while found := rows.fetchmany(_ROWS_AT_ONCE):
            for values in found:
                line += 1
                for place, value in enumerate(values):
                    if value is not None:
                        as_text += _write_cell(sheet, (line, place), value, formats[place], table)
        sheet.autofilter(0, 0, max(line, 1), len(table.columns) - 1)
        _describe(book, table, head)
    return as_text


def _format(book: Any, column: Column) -> Any:
    if column.scale is not None:
        # Amounts show cents; what is behind them is kept.
        return book.add_format({"num_format": "#,##0.00" if column.name.endswith("_amount") else "General"})
    if column.data_type == "DATE":
        return book.add_format({"num_format": "yyyy-mm-dd"})
    if column.data_type == "TIMESTAMP":
        return book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    return None


def _write_cell(sheet: Any, cell: tuple[int, int], value: Any, shown: Any, table: Table) -> int:
    """Write one value; 1 where it has to be a text and was none."""
    if isinstance(value, str):
        if len(value) > _CELL:
            raise ProfitError(
                f"{table}.{table.columns[cell[1]].name} has a text of {len(value):,} characters, and a cell of a "
                f"workbook holds {_CELL:,}; export this table as parquet or csv."
            )
        sheet.write_string(*cell, value)
        return 0
    if isinstance(value, bool):
        sheet.write_boolean(*cell, value)
    elif _is_number(value):
        sheet.write_number(*cell, float(value), shown)
    elif isinstance(value, dt.date) and _day(value) >= _FIRST_DAY:
        sheet.write_datetime(*cell, value, shown)
    else:
        sheet.write_string(*cell, format(value, "f") if isinstance(value, Decimal) else str(value))
        return 1
    return 0


def _is_number(value: object) -> bool:
    """Whether it is a number that a double gives back as it is."""
    if isinstance(value, Decimal):
        return len(value.normalize().as_tuple().digits) <= _DIGITS
    if isinstance(value, int):
        return len(str(abs(value))) <= _DIGITS
    return isinstance(value, float) and math.isfinite(value)


def _day(value: dt.date) -> dt.date:
    return value.date() if isinstance(value, dt.datetime) else value


def _describe(book: Any, table: Table, head: Any) -> None:
    sheet = book.add_worksheet("columns")
    sheet.set_column(0, 0, _WIDEST)
    sheet.set_column(1, 1, 16)
    sheet.set_column(2, 2, 100)
    sheet.write_row(0, 0, ["column", "type", "description"], head)
    for line, column in enumerate(table.columns, 1):
        sheet.write_row(line, 0, [column.name, column.data_type, column.description])
    sheet.write_string(len(table.columns) + 2, 0, str(table))
    sheet.write_string(len(table.columns) + 2, 2, table.description)
