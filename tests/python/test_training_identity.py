"""Training of identity weights: what it says when it cannot, what it compares, and the floors."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path

import duckdb
import pytest
from conftest import Company
from in_process import one_project

from profit.errors import ProfitError
from profit.paths import PROJECT_ROOT, Paths
from profit.training import train_identity
from profit.training.comparisons import Comparison, read_comparisons
from profit.training.errors import TrainingError
from profit.training.estimate import estimate_weights
from profit.training.judged import check_better, compare_pairs, find_known_pairs
from profit.training.thresholds import Rules, of_kind
from profit.training.weights import FILE, HEADER, Weight, bounded, read_weights, write_weights

GOVERNED = PROJECT_ROOT / "seeds" / "identity"


def test_what_cannot_be_trained_is_said(company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("splink", reason="the extra `identity` is not installed")
    assert "is not there: run `profit build` first" in company.run("profit", "train", "identity", expect=1)
    company.paths.warehouse.parent.mkdir(parents=True)
    with duckdb.connect(str(company.paths.warehouse)) as warehouse:
        warehouse.execute("create schema intermediate; create schema core")
    assert "run `profit build` first" in company.run("profit", "train", "identity", expect=1)
    with duckdb.connect(str(company.paths.warehouse)) as warehouse:
        warehouse.execute(
            "create table intermediate.int_identity__record_states as "
            "select 'shop:' || n as record_id, 'person' as customer_kind, date '9999-12-31' as valid_to "
            "from range(7) as numbers (n)"
        )
        warehouse.execute(
            "create table core.customer_crosswalk as "
            "select record_id, record_id as customer_id from intermediate.int_identity__record_states"
        )
    printed = company.run("profit", "train", "identity", "--to", str(tmp_path / "to"), expect=1)
    assert "7 person records, and at least 200 are needed" in printed
    assert not (tmp_path / "to").exists()
    monkeypatch.setitem(sys.modules, "splink", None)
    with pytest.raises(ProfitError, match="make identity"):
        train_identity(Paths.below(tmp_path))


def test_training_compares_what_the_models_compare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every level of the macro has a governed weight, and its condition speaks of two records' columns only."""
    for variable, value in Company(tmp_path).environment.items():
        monkeypatch.setenv(variable, value)
    with one_project():
        comparisons = read_comparisons(Paths.below(tmp_path))
    governed = read_weights(GOVERNED / FILE)
    levels = {(comparison.name, level.name) for comparison in comparisons for level in comparison.levels}
    assert {key[1:] for key in governed} == levels
    columns = {comparison.name: comparison.columns for comparison in comparisons}
    assert columns["first_name"] == {"first_name", "last_name", "given_name", "second_name", "given_name_forms"}
    assert columns["email"] == {"email", "email_name", "email_digits"}
    others = columns["email"] | columns["first_name"] - {"first_name", "last_name"}
    nothing = ", ".join(f"cast(null as varchar) as {column}" for column in sorted(others))
    record = f"select 'ann' as first_name, 'lee' as last_name, {nothing}"
    for comparison in comparisons:
        if comparison.name in ("first_name", "last_name", "email"):
            decided = " ".join(f"when {level.condition} then '{level.name}'" for level in comparison.levels)
            suffixed = ", ".join(f"l.{c} as {c}_l, r.{c} as {c}_r" for c in sorted(comparison.columns))
            sql = f"select case {decided} else 'missing' end from (select {suffixed} from ({record}) l, ({record}) r)"
            assert duckdb.execute(sql).fetchall() == [("missing" if comparison.name == "email" else "exact",)]


@pytest.fixture(scope="module")
def comparisons(tmp_path_factory: pytest.TempPathFactory) -> list[Comparison]:
    with pytest.MonkeyPatch.context() as patched:
        folder = tmp_path_factory.mktemp("compared")
        for variable, value in Company(folder).environment.items():
            patched.setenv(variable, value)
        with one_project():
            return read_comparisons(Paths.below(folder))


def records_of(comparisons: list[Comparison], count: int, **filled: str) -> duckdb.DuckDBPyConnection:
    """A table of records, n from 0; what is filled by SQL, and nothing else."""
    types = {"birth_date": "date", "organisation_weight": "double"}
    columns = {column for item in comparisons for column in item.columns}
    columns |= {"root_name", "last_name_sound"}
    values = {column: f"cast({filled.get(column, 'null')} as {types.get(column, 'varchar')})" for column in columns}
    connection = duckdb.connect()
    connection.execute("set threads = 1")
    connection.execute(
        "create table records as select 'shop:' || n as record_id, n as state_number, "
        f"({filled.get('customer_id', 'n')})::varchar as customer_id, "
        f"'{filled.get('kind', 'person')}' as customer_kind, "
        + ", ".join(f"{value} as {column}" for column, value in values.items())
        + f" from range({count}) as numbers (n)"
    )
    return connection


# Each pair of records is one customer, in the same words.
TWICE = {
    "customer_id": "n // 2",
    "first_name": "'a' || md5((n // 2)::varchar)",
    "last_name": "'b' || md5((n // 2 + 1)::varchar)",
    "birth_date": "date '1950-01-01' + cast(n // 2 * 37 as integer)",
    "email": "(n // 2) || 'x@x.org'",
    "email_name": "(n // 2) || 'x'",
    "email_digits": "n // 2",
}
# What of it nothing can be learned from, by what is filled in 300 records.
NOTHING_LEARNED = {
    "too few": (150, TWICE, "150 person records, and at least 200"),
    "one customer": (300, {**TWICE, "customer_id": "1"}, "of 1 customers, and at least 50"),
    "nothing filled": (300, {}, "no field is filled in two"),
    "one value for all": (300, {"last_name": "'lee'", "city": "'york'"}, ""),
    "nothing shared": (300, {"first_name": "md5(n::varchar)", "email": "n || '@x.org'"}, "fewer than 100 pairs agree"),
    "one field": (300, {"customer_id": "n // 2", "email": "(n // 2) || '@x.org'"}, ""),
    "every record twice": (300, TWICE, ""),
    "a third of each": (300, {**TWICE, "first_name": "case when n % 3 = 0 then 'a' || md5(n::varchar) end"}, ""),
    "firms of one name": (300, {"kind": "organisation", "organisation_name": "'acme'", "street": "n"}, ""),
}


@pytest.mark.parametrize("case", NOTHING_LEARNED)
def test_what_teaches_nothing_is_said_and_never_ends_in_a_traceback(
    case: str, comparisons: list[Comparison], capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever the library makes of it: an error of ours, or weights that are none that cannot be."""
    pytest.importorskip("splink", reason="the extra `identity` is not installed")
    count, filled, said = NOTHING_LEARNED[case]
    kind = filled.get("kind", "person")
    governed = read_weights(GOVERNED / FILE)
    connection = records_of(comparisons, count, **filled)
    if said:
        with pytest.raises(TrainingError, match=said) as error:
            estimate_weights(connection, kind, comparisons, governed)
        assert "\n" not in str(error.value)
    else:
        with contextlib.suppress(TrainingError):
            trained = estimate_weights(connection, kind, comparisons, governed)
            assert all(0 < weight.m <= 1 and 0 < weight.u <= 1 for weight in trained.values())
    assert "Splink" not in capsys.readouterr().out


def test_weights_are_kept_where_what_they_add_does_not_agree_in_what_is_left_out(
    comparisons: list[Comparison],
) -> None:
    """400 pairs of one name and birth date, of which 200 have an e-mail address in common.

    Those that have no birth date come to be a match by heavier weights. Of the others one pair in `strangers` has two.
    """
    governed = read_weights(GOVERNED / FILE)
    # A name and a postal code become enough by themselves.
    heavier = {
        **governed,
        ("person", "first_name", "exact"): Weight(0.78, 0.78 / 2**9),
        ("person", "last_name", "exact"): Weight(0.83, 0.83 / 2**12),
    }

    def judge(strangers: int, weights: dict) -> None:
        is_other = f"n % 2 = 1 and n >= 400 and n // 2 % {strangers} = 0"
        name = "chr(cast(97 + n // 52 as integer)) || chr(cast(97 + n // 2 % 26 as integer)) || 'mond'"
        connection = records_of(
            comparisons,
            800,
            first_name=name,
            last_name=name,
            email="case when n < 400 then (n // 2) || '@x.org' end",
            birth_date="case when n < 400 or n // 2 % 3 > 0 then date '1950-01-01' + "
            f"cast(n // 2 * 5 + case when {is_other} then 1501 else 0 end as integer) end",
        )
        connection.execute(
            "create temp table paired as select 'shop:' || (n * 2) as left_record_id, "
            "'shop:' || (n * 2 + 1) as right_record_id from range(400) as numbers (n)"
        )
        find_known_pairs_in_nothing(connection)
        compare_pairs(connection, comparisons, "from all_pairs where false")
        shared = ["last_name", "phone", "address", "place"]
        thresholds = of_kind({}, "person")
        before, after = Rules(governed, thresholds, shared), Rules(weights, thresholds, shared)
        check_better(connection, "person", comparisons, before, after)

    judge(1_000, heavier)
    with pytest.raises(TrainingError, match="strangers would be joined"):
        judge(2, heavier)
    with pytest.raises(TrainingError, match="nothing is gained"):
        judge(1_000, governed)


def find_known_pairs_in_nothing(connection: duckdb.DuckDBPyConnection) -> None:
    """Where the warehouse has none of its tables, nothing is known."""
    paired = connection.execute("from paired").fetchall()
    connection.execute("drop table paired; attach ':memory:' as warehouse")
    find_known_pairs(connection)
    connection.executemany("insert into paired values (?, ?)", paired)


def test_no_level_is_impossible(tmp_path: Path) -> None:
    m, u = {"exact": 1.0, "close": 0.0, "different": 0.0}, {"exact": 0.0, "close": 0.0, "different": 1.0}
    weights = bounded("person", "email", m, u)
    assert weights["exact"].bits == pytest.approx(15.5, abs=0.1)
    assert weights["close"].bits == pytest.approx(5.8, abs=0.1)
    assert weights["different"].bits == pytest.approx(-5.1, abs=0.1)
    # Branches share the e-mail of their organisation.
    assert bounded("organisation", "email", m, u)["exact"].u == pytest.approx(0.0005, abs=1e-6)
    key = ("person", "email", "exact")
    write_weights(tmp_path / FILE, {key: weights["exact"]})
    (tmp_path / "broken.csv").write_text((tmp_path / FILE).read_text().replace("email,exact,0.", "email,exact,x."))
    assert read_weights(tmp_path / FILE)[key].u == pytest.approx(weights["exact"].u, abs=1e-6)
    with pytest.raises(ProfitError, match=r"broken\.csv, line 2"):
        read_weights(tmp_path / "broken.csv")
    # A row with too few values, one with too many, and probabilities that are none.
    for row in ("person,email,exact,0.5", "person,email,exact,0.5,0.1,0.2", "person,email,exact,0,0.1", "a,b,c,nan,1"):
        (tmp_path / "broken.csv").write_text(f"{','.join(HEADER)}\n{row}\n")
        with pytest.raises(ProfitError, match=r"broken\.csv, line 2"):
            read_weights(tmp_path / "broken.csv")
