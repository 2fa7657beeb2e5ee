"""Splink on the historical people, with the settings of its public demo of them, beside our own identity resolution."""

from __future__ import annotations

import logging
import warnings
from typing import Any

import duckdb

# From this probability on the demo clusters.
_MATCH = 0.95
_CERTAIN: list[Any] = [
    "l.first_name = r.first_name and l.surname = r.surname and l.dob = r.dob",
    "substr(l.first_name, 1, 2) = substr(r.first_name, 1, 2) and l.surname = r.surname "
    "and substr(l.postcode_fake, 1, 2) = substr(r.postcode_fake, 1, 2)",
    "l.dob = r.dob and l.postcode_fake = r.postcode_fake",
]
_RECALL_OF_CERTAIN = 0.6
_BLOCKED = [
    ("substr(first_name, 1, 3)", "substr(surname, 1, 4)"),
    ("surname", "dob"),
    ("first_name", "dob"),
    ("postcode_fake", "first_name"),
    ("postcode_fake", "surname"),
    ("dob", "birth_place"),
    ("substr(postcode_fake, 1, 3)", "dob"),
    ("substr(postcode_fake, 1, 3)", "first_name"),
    ("substr(postcode_fake, 1, 3)", "surname"),
    ("substr(first_name, 1, 2)", "substr(surname, 1, 2)", "substr(dob, 1, 4)"),
]


def splink_figures(records: str) -> tuple[float, float]:
    """Resolve people by Splink and compare with the truth.

    Args:
        records: SQL of unique_id, cluster, first_name, surname, dob, postcode_fake, birth_place and occupation, texts.

    Returns:
        Precision and recall of the pairs of one customer.
    """
    import splink.comparison_library as cl  # noqa: PLC0415 - an extra, and slow to import
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on  # noqa: PLC0415

    logging.getLogger("splink").setLevel(logging.CRITICAL)
    warnings.simplefilter("ignore")
    connection = duckdb.connect()
    connection.execute(
        f"create table people as select *, first_name || ' ' || surname as full_name from ({records}) as records"
    )
    api: Any = DuckDBAPI(connection)
    blocked: list[Any] = [block_on(*fields) for fields in _BLOCKED]
    compared: list[Any] = [
        cl.ForenameSurnameComparison("first_name", "surname", forename_surname_concat_col_name="full_name"),
        cl.DateOfBirthComparison("dob", input_is_string=True),
        cl.PostcodeComparison("postcode_fake"),
        cl.ExactMatch("birth_place").configure(term_frequency_adjustments=True),
        cl.ExactMatch("occupation").configure(term_frequency_adjustments=True),
    ]
    settings = SettingsCreator(
        link_type="dedupe_only", blocking_rules_to_generate_predictions=blocked, comparisons=compared
    )
    linker = Linker(api.register("people"), settings, log_level=logging.CRITICAL)
    linker.training.estimate_probability_two_random_records_match(_CERTAIN, recall=_RECALL_OF_CERTAIN)
    linker.training.estimate_u_using_random_sampling(max_pairs=5_000_000, seed=1)
    for fields in (("first_name", "surname"), ("dob",)):
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(*fields))
    pairs = linker.inference.predict(threshold_match_probability=0.2)
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(pairs, _MATCH)
    found = "select coalesce(sum(n * (n - 1) // 2), 0) from (select count(*) as n from {} group by {})"
    name = clusters.physical_name
    ((same,),) = connection.execute(found.format(name, "cluster_id")).fetchall()
    ((true,),) = connection.execute(found.format("people", "cluster")).fetchall()
    ((right,),) = connection.execute(
        found.format(f"{name} inner join people using (unique_id)", f"{name}.cluster_id, people.cluster")
    ).fetchall()
    return right / max(same, 1), right / max(true, 1)
