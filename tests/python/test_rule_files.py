"""Folders of rules that cannot be read are refused with file and line, before anything is built."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from profit.errors import BuildError, SettingError
from profit.paths import PROJECT_ROOT
from profit.rule_files import RULE_FOLDERS, check_rule_files

Change = Callable[[Path], object]


def _append(name: str, text: str) -> Change:
    return lambda folder: (folder / name).open("ab").write(text.encode("latin-1"))


def _write(name: str, text: str) -> Change:
    return lambda folder: (folder / name).write_text(text, encoding="utf-8")


def _replace_by_folder(folder: Path) -> None:
    (folder / "value_settings.csv").unlink()
    (folder / "value_settings.csv").mkdir()


# Rule folder, what is done to a copy of it, and what is said, with the name of the file and the number of the line.
BROKEN: dict[str, tuple[str, Change, str]] = {
    "file missing": ("costing", lambda folder: (folder / "pool_rules.csv").unlink(), "pool_rules.csv: is missing"),
    "file empty": ("costing", _write("pool_rules.csv", ""), "pool_rules.csv: is empty; its first line is rule_id,"),
    "folder for a file": (
        "value",
        _replace_by_folder,
        "a folder stands where a file is needed",
    ),
    "column missing": (
        "media",
        _write("media_sources.csv", "media_source,media_source_kind\n"),
        "media_sources.csv, line 1: lacks the columns media_source_name; found are media_source, media_source_kind",
    ),
    "column twice": (
        "segments",
        _write("customer_windows.csv", "customer_kind,active_days,churned_days,active_days\n"),
        "customer_windows.csv, line 1: has the columns active_days more than once",
    ),
    "column that is no name": (
        "segments",
        _write("customer_windows.csv", 'customer_kind,active_days,churned_days,x";drop\n'),
        "customer_windows.csv, line 1: has the column",
    ),
    "value too many": (
        "segments",
        _write("customer_windows.csv", "customer_kind,active_days,churned_days\nany,1,2\nperson,1,2,3\n"),
        "customer_windows.csv, line 3: has 4 values for 3 columns",
    ),
    "text for a number": (
        "segments",
        _write("customer_windows.csv", "customer_kind,active_days,churned_days\nany,1,2\nperson,soon,2\n"),
        "customer_windows.csv, line 3: active_days is 'soon'; a whole number is needed",
    ),
    "number of another country": (
        "costing",
        _append("time_equations.csv", 'T-999,enter_web_order,base,"1,5",2010-01-01,\n'),
        "minutes is '1,5'; a number is written -1234.5",
    ),
    "number too large for its type": (
        "media",
        _append("attribution_models.csv", "u_shaped,U,40,20,40\n"),
        "first_share is '40'; it has at most 1 digits before the point",
    ),
    "rate with more decimals than are kept": (
        "costing",
        _append("pool_capacities.csv", "P-999,desk,,,0.0000123456789,2010-01-01,\n"),
        "standard_rate is '0.0000123456789'; 12 decimals of it are kept, and it has more",
    ),
    "weight with more decimals than are kept": (
        "media",
        _append("attribution_models.csv", "u_shaped,U,3.3333e-1,0.33334,0.33333\n"),
        "first_share is '3.3333e-1'; 4 decimals of it are kept, and it has more",
    ),
    "day of another country": (
        "costing",
        _append("time_equations.csv", "T-999,enter_web_order,base,1,1.2.2024,\n"),
        "valid_from is '1.2.2024'; a day is written 2024-03-05",
    ),
    "day that is none": (
        "costing",
        _append("time_equations.csv", "T-999,enter_web_order,base,1,2024-02-30,\n"),
        "valid_from is '2024-02-30'; a day is written 2024-03-05",
    ),
    "boolean": (
        "actions",
        _write("driver_traits.csv", "trait,label,is_known_before_sale\nindustry,Industry,maybe\n"),
        "driver_traits.csv, line 2: is_known_before_sale is 'maybe'; it is true or false",
    ),
    "required value": (
        "identity",
        _append("identity_contact_guards.csv", "email,,4,\n"),
        "identity_contact_guards.csv, line 7: max_records is empty and has to be filled",
    ),
    "value that is not accepted": (
        "identity",
        _append("identity_survivorship.csv", "email,newest\n"),
        "rule is 'newest'; it is one of",
    ),
    "quote that is not closed": (
        "costing",
        _append("cost_pools.csv", 'it,"Systems,30,\nhr,People,40,\n'),
        "cannot be split into columns",
    ),
    "not UTF-8": ("costing", _append("cost_pools.csv", "b\xfcro,B\xfcro,30,\n"), "is not UTF-8"),
    "control characters": (
        "costing",
        _append("cost_pools.csv", "it,Systems,\x1b[31m,\n"),
        r"step_order is '\\x1b[31m'; a whole number is needed",
    ),
    "row that is asked for by name": (
        "value",
        _write("value_settings.csv", "setting,setting_value,description\n"),
        "value_settings.csv: has no row yearly_discount_rate, which the models ask for by this name",
    ),
}
VARIABLES = {Path(default).name: variable for variable, default in RULE_FOLDERS.items()}


@pytest.fixture(autouse=True)
def _default_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in RULE_FOLDERS:
        monkeypatch.delenv(variable, raising=False)


def test_the_folders_are_those_that_dbt_reads() -> None:
    project = (PROJECT_ROOT / "dbt_project.yml").read_text(encoding="utf-8")
    for variable, default in RULE_FOLDERS.items():
        assert f"env_var('{variable}', '{default}')" in project
    assert project.count("_RULES'") == len(RULE_FOLDERS)


def test_the_rules_that_ship_are_sound(monkeypatch: pytest.MonkeyPatch) -> None:
    check_rule_files()
    monkeypatch.setenv("PROFIT_COST_RULES", "profit/connectors/adventureworks/costing_rules")
    check_rule_files()


def test_a_byte_order_mark_and_blank_lines_are_no_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(PROJECT_ROOT / "seeds/media", tmp_path / "media")
    path = tmp_path / "media/media_sources.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n") + b"\r\n\r\n")
    monkeypatch.setenv("PROFIT_MEDIA_RULES", str(tmp_path / "media"))
    check_rule_files()


@pytest.mark.parametrize("kind", BROKEN)
def test_a_malformed_file_is_refused_with_file_and_line(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, change, message = BROKEN[kind]
    folder = tmp_path / name
    shutil.copytree(PROJECT_ROOT / "seeds" / name, folder)
    change(folder)
    monkeypatch.setenv(VARIABLES[name], str(folder))
    with pytest.raises(BuildError) as refused:
        check_rule_files()
    assert message in str(refused.value)
    assert refused.value.exit_code == 4


@pytest.mark.parametrize("variable", RULE_FOLDERS)
@pytest.mark.parametrize(
    ("folder", "message"),
    [
        ("nowhere", "is not there"),
        ("empty", "has none of the rule files"),
        ("file", "is a file"),
        ("it's", "has a character"),
        (None, "is set and empty"),
    ],
)
def test_a_folder_without_rules_is_refused(
    variable: str, folder: str | None, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(variable, str(tmp_path / folder) if folder else "")
    with pytest.raises(SettingError, match=f"^{variable}.* {message}|^{variable} {message}") as refused:
        check_rule_files()
    assert refused.value.exit_code == 2
