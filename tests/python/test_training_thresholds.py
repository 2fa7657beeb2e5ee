"""What training makes of the thresholds: the odds before any evidence, and what all that a household shares proves."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from profit.paths import PROJECT_ROOT
from profit.training.comparisons import Comparison
from profit.training.errors import TrainingError
from profit.training.thresholds import (
    FILE,
    Rules,
    estimate_thresholds,
    named,
    of_kind,
    read_thresholds,
    write_thresholds,
)
from profit.training.weights import FILE as WEIGHTS_FILE
from profit.training.weights import read_weights

GOVERNED = PROJECT_ROOT / "seeds" / "identity"
COMPARISONS = [Comparison(name, (), frozenset()) for name in ("first_name", "last_name", "place")]


def estimated(name_levels: dict[str, int], records_of_a_customer: int = 2) -> dict[str, float]:
    """Thresholds of persons of whom so many pairs of one family name and postal code are at each level of the name."""
    connection = duckdb.connect()
    connection.execute(
        "create table records as select 'person' as customer_kind, n // ? as customer_id "
        "from range(1200) as numbers (n)",
        [records_of_a_customer],
    )
    connection.execute(
        "create table all_pairs (customer_kind varchar, first_name_level varchar, last_name_level varchar, "
        "place_level varchar)"
    )
    for level, count in name_levels.items():
        connection.execute("insert into all_pairs select 'person', ?, 'exact', 'exact' from range(?)", [level, count])
    # What does not agree in all that a household shares says nothing of households.
    connection.execute("insert into all_pairs select 'person', 'different', 'exact', 'missing' from range(9000)")
    governed = of_kind(read_thresholds(GOVERNED / FILE), "person")
    rules = Rules(read_weights(GOVERNED / WEIGHTS_FILE), governed, ["last_name", "place"])
    return named("person", estimate_thresholds(connection, "person", COMPARISONS, rules))


def test_a_household_proves_as_much_as_is_seen_by_the_given_names() -> None:
    expected, shared = "person_expected_matches_per_record", "person_shared_probability"
    # Two names in a hundred are other ones, as of one person who is noted under another name now and then.
    assert estimated({"exact": 970, "different": 20, "missing": 500}) == {expected: 2, shared: 0.97}
    # Couples and children: half of the names are other ones. Not below what is governed.
    assert estimated({"exact": 500, "different": 500}) == {expected: 2, shared: 0.8}
    # One in ten: an equal name is .78 / .012 = 65 times as likely of one person, another one .02 / .674 = .0297 times.
    # The share that makes both likeliest solves .9 * 64 / (1 + 64 s) = .1 * .9703 / (1 - .9703 s): s = .926.
    assert estimated({"exact": 900, "different": 100})[shared] == 0.926
    # Too few pairs, or no name in them, and it stays as it is.
    assert estimated({"exact": 99})[shared] == 0.8
    assert estimated({"missing": 5000})[shared] == 0.8


def test_a_record_is_expected_to_have_the_matches_that_are_found() -> None:
    # Twelve records of a customer are 66 pairs, 5.5 a record.
    assert estimated({}, records_of_a_customer=12)["person_expected_matches_per_record"] == 5.5


def test_what_is_said_of_a_kind_counts_for_it_alone(tmp_path: Path) -> None:
    values = read_thresholds(GOVERNED / FILE) | {"person_shared_probability": 0.96}
    write_thresholds(tmp_path / FILE, values)
    assert read_thresholds(tmp_path / FILE) == values
    assert (of_kind(values, "person").shared, of_kind(values, "organisation").shared) == (0.96, 0.8)
    (tmp_path / FILE).write_text("threshold,value\nmatch_probability,high\n", encoding="utf-8")
    with pytest.raises(TrainingError, match=r"identity_thresholds\.csv, line 2"):
        read_thresholds(tmp_path / FILE)
