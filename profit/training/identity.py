"""`profit train identity`: from the records of a built warehouse to a file of weights that a person reviews."""

from __future__ import annotations

import os
from pathlib import Path

import click
import duckdb

from profit.paths import PROJECT_ROOT, Paths
from profit.training.comparisons import read_comparisons, read_contradicted, read_shared
from profit.training.errors import TrainingError
from profit.training.estimate import estimate_weights
from profit.training.judged import check_better, compare_pairs, find_known_pairs
from profit.training.splink_models import require_splink
from profit.training.thresholds import FILE as THRESHOLDS_FILE
from profit.training.thresholds import Rules, estimate_thresholds, named, of_kind, read_thresholds, write_thresholds
from profit.training.weights import FILE, Weights, read_weights, weight_table, write_weights

_KINDS = ("person", "organisation")
_SUFFIX = ".proposed"


def train_identity(paths: Paths, folder: Path | None = None) -> Path:
    """Estimate the weights of identity resolution, write them beside the governed ones, and print both.

    Args:
        paths: Where the warehouse is.
        folder: Folder to write identity_weights.csv to; None for identity_weights.csv.proposed in the folder of the
            governed rules. The governed file itself is never written.

    Returns:
        The file.

    Raises:
        TrainingError: The extra is not installed, the warehouse not built, the target the governed file, no kind of
            customer has enough records, or what was trained does not decide better than the governed weights.
    """
    require_splink()
    rules = (PROJECT_ROOT / os.environ.get("PROFIT_IDENTITY_RULES", "seeds/identity")).resolve()
    target, thresholds_target = (_target(rules, folder, name) for name in (FILE, THRESHOLDS_FILE))
    governed = read_weights(rules / FILE)
    thresholds = read_thresholds(rules / THRESHOLDS_FILE)
    with _read_records(paths) as connection:
        comparisons, shared = read_comparisons(paths), read_shared(paths)
        compare_pairs(connection, comparisons, read_contradicted(paths, "all_pairs", "contradiction_rules"))
        trained: Weights = {}
        proposed_thresholds = dict(thresholds)
        too_few = []
        for kind in _KINDS:
            try:
                estimated = estimate_weights(connection, kind, comparisons, governed)
                weights = governed | estimated
                present = of_kind(thresholds, kind)
                before = Rules(governed, present, shared[kind])
                found = estimate_thresholds(connection, kind, comparisons, Rules(weights, present, shared[kind]))
                check_better(connection, kind, comparisons, before, Rules(weights, found, shared[kind]))
                trained |= estimated
                proposed_thresholds |= named(kind, found)
            except TrainingError as error:
                too_few.append(str(error))
                click.echo(f"{kind}: weights stay as they are: {error}")
    if not trained:
        raise TrainingError(
            f"Nothing better can be trained on {paths.warehouse}: {'; '.join(too_few)}. Nothing is written."
        )
    # The order of the governed file, so that the two compare line by line.
    proposed = {key: trained.get(key, weight) for key, weight in governed.items()}
    write_weights(target, proposed)
    write_thresholds(thresholds_target, proposed_thresholds)
    for line in weight_table(governed, proposed):
        click.echo(line)
    _say_what_next(rules, target, thresholds_target)
    return target


def _target(rules: Path, folder: Path | None, name: str) -> Path:
    if folder is None:
        return rules / f"{name}{_SUFFIX}"
    target = folder.resolve() / name
    if target.exists():
        raise TrainingError(f"{target} is there already and is not overwritten; name another folder, or move it away.")
    return target


def _read_records(paths: Paths) -> duckdb.DuckDBPyConnection:
    """Copy the current state of every record into memory, so that the warehouse is free while the weights are trained.

    Raises:
        TrainingError: The warehouse is not there, is being written, or lacks the tables.
    """
    if not paths.warehouse.is_file():
        raise TrainingError(f"{paths.warehouse} is not there: run `profit build` first.")
    connection = duckdb.connect()
    # One thread adds up in one order: the same records give the same weights, to the last digit.
    connection.execute("set threads = 1")
    try:
        connection.execute(f"attach '{str(paths.warehouse).replace(chr(39), chr(39) * 2)}' as warehouse (read_only)")
        connection.execute(
            """
            create temp table records as
            select states.*, crosswalk.customer_id
            from warehouse.intermediate.int_identity__record_states as states
            inner join warehouse.core.customer_crosswalk as crosswalk using (record_id)
            where states.valid_to = date '9999-12-31'
            order by states.record_id
            """
        )
        find_known_pairs(connection)
        connection.execute("detach warehouse")
    except duckdb.CatalogException as error:
        raise TrainingError(
            f"{paths.warehouse} does not hold the identity models: run `profit build` first ({error})."
        ) from error
    except duckdb.IOException as error:
        raise TrainingError(f"{paths.warehouse} cannot be read: {error}") from error
    return connection


def _say_what_next(rules: Path, target: Path, thresholds_target: Path) -> None:
    click.echo(
        f"\nWritten for review: {target}\nand: {thresholds_target}\n"
        f"Nothing has changed yet. Compare them with those of {rules}: is `different` still evidence against a "
        "match, is `exact` worth more than `close`, is any level far from what you know of your data? Then try them "
        "and adopt them as docs/training-identity.md says."
    )
