"""Copies of published tables for programs that cannot read the published file: Parquet, CSV and workbooks."""

from profit.exporting.export import FORMATS, ROWS_PER_PART, csv_of_query, export_tables
from profit.exporting.written import Exported

__all__ = ["FORMATS", "ROWS_PER_PART", "Exported", "csv_of_query", "export_tables"]
