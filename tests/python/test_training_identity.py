"""Training of identity weights: what it says when it cannot, what it compares, and the floors."""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb
import pytest
from conftest import Company
from in_process import one_project

from profit.errors import ProfitError
from profit.paths import PROJECT_ROOT, Paths
from profit.training import train_identity
from profit.training.comparisons import read_comparisons
from profit.training.weights import FILE, bounded, read_weights, write_weights

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
