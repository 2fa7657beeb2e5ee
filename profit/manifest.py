"""The tables of the published file that say what it is: which run, from which deliveries, how many rows."""

from __future__ import annotations

from collections.abc import Iterator

from profit.landing.quoting import quote_text

_RUN = "Run of the log that {}."
_SET = "Stands for a set of deliveries; manifest_delivery_sets says which."
# What a table is, and its columns with type and meaning.
_TABLES: dict[str, tuple[str, dict[str, tuple[str, str]]]] = {
    "manifest": (
        "Grain: one row. The run that published, its code, and the deliveries that it read.",
        {
            "run_id": ("varchar", _RUN.format("published")),
            "published_at": ("timestamp", "When it was published, UTC."),
            "checked_results": ("varchar", "Results of the gate that this build passed."),
            "version": ("varchar", "Version of the project."),
            "code_commit": ("varchar", "Commit of the project's code; empty where it is no checkout."),
            "engine_version": ("varchar", "Version of DuckDB that wrote the file."),
            "deliveries_id": ("varchar", _SET),
            "is_partial": ("boolean", "Whether some tables are from other deliveries; manifest_tables says which."),
        },
    ),
    "manifest_deliveries": (
        "Grain: one landed file. The deliveries that the last build read.",
        {
            "feed": ("varchar", "Feed of the contract, department.table."),
            "source_system": ("varchar", "System that delivered."),
            "delivered_on": ("date", "Day of the delivery."),
            "checksum": ("varchar", "Checksum of the delivered file."),
            "rows_read": ("bigint", "Rows that the file held."),
            "rows_landed": ("bigint", "Rows that were landed."),
            "rows_quarantined": ("bigint", "Rows that were refused and kept with their reason."),
            "landed_file": ("varchar", "File in the landing zone."),
        },
    ),
    "manifest_tables": (
        "Grain: one published table. Its rows, the run that built it, and the deliveries that it is from.",
        {
            "schema_name": ("varchar", "Schema of the table."),
            "table_name": ("varchar", "Name of the table."),
            "row_count": ("bigint", "Its number of rows."),
            "run_id": ("varchar", _RUN.format("built it")),
            "built_at": ("timestamp", "When it was built, UTC."),
            "deliveries_id": ("varchar", f"{_SET} Empty where it is from none, as rules are."),
        },
    ),
    "manifest_delivery_sets": (
        "Grain: one delivery of a set. What each deliveries_id stands for.",
        {
            "deliveries_id": ("varchar", "The set."),
            "feed": ("varchar", "Feed of the contract, department.table."),
            "source_system": ("varchar", "System that delivered."),
            "delivered_on": ("date", "Day of the delivery."),
            "checksum": ("varchar", "Checksum of the delivered file."),
            "landed_file": ("varchar", "File in the landing zone."),
        },
    ),
}


def manifest_definition() -> str:
    """Statements that make the empty tables of the manifest, with what they and their columns mean."""
    return "\n".join(_statements())


def _statements() -> Iterator[str]:
    for table, (meaning, columns) in _TABLES.items():
        yield f"create table {table} ({', '.join(f'{name} {kind}' for name, (kind, _) in columns.items())});"
        yield f"comment on table {table} is {quote_text(meaning)};"
        for name, (_, text) in columns.items():
            yield f"comment on column {table}.{name} is {quote_text(text)};"
