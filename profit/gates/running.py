"""Runs suites of Great Expectations on a DuckDB file, keeps the results and renders Data Docs."""

from __future__ import annotations

import datetime as dt
import logging
import os
import shutil
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

# Must be set before the first import of Great Expectations, which would report its use over the network.
os.environ["GX_ANALYTICS_ENABLED"] = "false"

import great_expectations as gx
from great_expectations.data_context.data_context.ephemeral_data_context import EphemeralDataContext
from great_expectations.expectations.expectation import Expectation

from profit.gates import duckdb_source  # noqa: F401  # registers the data source
from profit.gates.report import STOP, Result
from profit.gates.site import finish_site
from profit.paths import Paths

# This module tells of every temporary folder it makes.
logging.getLogger("great_expectations.data_context.types.base").setLevel(logging.WARNING)

_SAMPLES = 5
_SITE = "gate"


@dataclass(frozen=True)
class Suite:
    """Expectations on one table or view.

    Attributes:
        name: Feed or table, as reports and Data Docs name it.
        schema: Schema of the relation.
        relation: Table or view.
        key: Columns that name a row in samples.
        expectations: What has to hold.
    """

    name: str
    schema: str
    relation: str
    key: Sequence[str]
    expectations: Sequence[Expectation]


def site_folder(paths: Paths, gate: str) -> Path:
    """Folder of a gate's Data Docs."""
    return paths.quality / "data_docs" / gate


def run_suites(
    gate: str,
    suites: Iterable[Suite],
    *,
    paths: Paths,
    database: Path,
    settings: Mapping[str, object],
    checked_at: dt.datetime,
) -> list[Result]:
    """Validate every suite and render Data Docs of the run.

    Args:
        gate: landing or marts.
        suites: What to check.
        paths: Where results go.
        database: DuckDB file, opened read-only.
        settings: DuckDB settings of the connection.
        checked_at: Start of the run, UTC.

    Returns:
        One result an expectation.
    """
    context = _new_context(paths, gate)
    source = context.data_sources.add_duckdb(
        gate,
        connection_string=f"duckdb:///{database}",
        kwargs={"connect_args": {"read_only": True, "config": dict(settings)}},
    )
    runs = []
    for suite in suites:
        with warnings.catch_warnings():
            # Great Expectations would have the schema in the connection, but the marts lie in two schemas of one file.
            warnings.simplefilter("ignore", DeprecationWarning)
            asset = source.add_table_asset(suite.name, table_name=suite.relation, schema_name=suite.schema)
        expectations = gx.ExpectationSuite(suite.name, expectations=list(suite.expectations))
        batch = asset.add_batch_definition_whole_table(suite.name)
        definition = gx.ValidationDefinition(name=suite.name, data=batch, suite=context.suites.add(expectations))
        runs.append((suite, context.validation_definitions.add(definition)))
    results: list[Result] = []
    for place, (suite, definition) in enumerate(runs):
        outcome = definition.run(
            run_id=gx.RunIdentifier(run_name=f"{gate} gate", run_time=checked_at),
            result_format={
                "result_format": "SUMMARY",
                "partial_unexpected_count": _SAMPLES,
                "unexpected_index_column_names": list(suite.key),
            },
        )
        results.extend(_result(gate, suite, validated, checked_at) for validated in outcome.results)
        if (place + 1) * 4 // len(runs) > place * 4 // len(runs):
            click.echo(f"  {place + 1} of {len(runs)} tables checked")
    context.build_data_docs()
    finish_site(site_folder(paths, gate), gate, results)
    source.get_execution_engine().close()
    return results


def _new_context(paths: Paths, gate: str) -> EphemeralDataContext:
    site = site_folder(paths, gate)
    shutil.rmtree(site, ignore_errors=True)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}  # type: ignore[assignment]
    for name in list(context.get_site_names()):
        context.delete_data_docs_site(name)
    context.add_data_docs_site(
        site_name=_SITE,
        site_config={
            "class_name": "SiteBuilder",
            "store_backend": {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(site)},
            "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
        },
    )
    return context


def _result(gate: str, suite: Suite, validated: Any, checked_at: dt.datetime) -> Result:
    meta = validated.expectation_config.meta
    found = validated.result
    raised = _exception(validated.exception_info)
    return Result(
        gate=gate,
        feed_or_table=meta["feed_or_table"],
        rule=meta["rule"],
        severity=STOP if raised else meta["severity"],
        reason=f"The check itself failed: {raised}" if raised else meta["reason"],
        is_success=bool(validated.success),
        rows_checked=_rows_checked(found),
        rows_failed=_rows_failed(found, bool(validated.success)),
        sample_keys=() if validated.success and not found.get("rows_failed") else _samples(suite, found),
        checked_at=checked_at.isoformat(),
    )


def _exception(info: dict[str, Any]) -> str | None:
    if "raised_exception" in info:
        return str(info["exception_message"]) if info["raised_exception"] else None
    # Where a metric fails, its exceptions stand under the names of the metrics.
    return next((str(each["exception_message"]) for each in info.values() if each.get("raised_exception")), None)


def _rows_checked(found: dict[str, Any]) -> int:
    if "rows_checked" in found:
        return int(found["rows_checked"])
    observed = found.get("observed_value")
    return int(found.get("element_count", observed if isinstance(observed, int) else 0))


def _rows_failed(found: dict[str, Any], is_success: bool) -> int:
    failed = found.get("rows_failed", found.get("unexpected_count"))
    return int(failed) if failed is not None else int(not is_success)


def _samples(suite: Suite, found: dict[str, Any]) -> tuple[str, ...]:
    if "sample_keys" in found:
        return tuple(found["sample_keys"])
    samples = []
    for row in found.get("partial_unexpected_index_list") or ():
        key = ":".join(str(row[name]) for name in suite.key)
        shown = [f"{name} = {value}" for name, value in row.items() if name not in suite.key and value is not None]
        samples.append(f"{key} ({', '.join(shown)})" if shown else key)
    return tuple(samples)
