"""`profit compare-rules`: one changed rule on the small demo company, with what has to move worked out by hand."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from conftest import Company
from in_process import run_of_dbt

from profit.comparing import Comparison, RuleSet, as_json, builds, compare_rules, print_comparison
from profit.comparing.rules import changed_rows, rules_from
from profit.errors import BuildError, ProfitError
from profit.paths import PROJECT_ROOT

RULES = PROJECT_ROOT / "seeds" / "costing"
CENT = Decimal("0.01")

# Administration sends 15 % of its cost to keeping accounts, 75 % to running the company; before it was 40 % and 50 %.
KEPT, KEPT_BEFORE, TO_ACTIVITIES = Decimal("0.15"), Decimal("0.40"), Decimal("0.90")
CHANGES = {
    "administration,activity,keep_account,share,0.15": "administration,activity,keep_account,share,0.4",
    "administration,activity,run_the_company,share,0.75": "administration,activity,run_the_company,share,0.5",
}


def rules_with(folder: Path, changes: dict[str, str], file: str = "pool_rules.csv") -> Path:
    """A copy of the project's rules in which some lines are others."""
    shutil.copytree(RULES, folder)
    text = (folder / file).read_text(encoding="utf-8")
    for old, new in changes.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    (folder / file).write_text(text, encoding="utf-8")
    return folder


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=Finance", "-c", "user.email=finance@example.org")
    subprocess.run(["git", "-C", str(folder), *identity, *arguments], check=True, capture_output=True)


@pytest.fixture(scope="module")
def compared(demo: Company, tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    """The present rules, in a repository of their own, compared with those of its last commit."""
    repository = tmp_path_factory.mktemp("repository")
    git(repository, "init", "--quiet")
    present = rules_with(repository / "rules", CHANGES)
    (repository / "elsewhere.csv").write_text("not,a,rule\n", encoding="utf-8")
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "--message", "Rules of last year")
    shutil.copytree(RULES, present, dirs_exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        folders = {"PROFIT_COST_RULES": str(present), "DBT_TARGET_PATH": str(repository / "target")}
        for name, value in {**demo.environment, **folders}.items():
            patch.setenv(name, value)
        # A process of dbt parses the project anew: here the one that is parsed builds both, in this process.
        patch.setattr(builds, "subprocess", SimpleNamespace(run=run_of_dbt))
        digest = hashlib.sha256(demo.paths.warehouse.read_bytes()).hexdigest()
        comparison = compare_rules(demo.paths, "HEAD")
    assert hashlib.sha256(demo.paths.warehouse.read_bytes()).hexdigest() == digest
    assert not list(demo.paths.warehouse.parent.glob("compare-rules-*"))
    return comparison


def test_the_rows_that_differ_are_named(compared: Comparison) -> None:
    assert compared.before_name.startswith("HEAD (")
    assert [(one.rule_file, one.key, one.before, one.after) for one in compared.rule_changes] == [
        ("pool_rules", "P-142 2010-01-01", {"share": "0.4"}, {"share": "0.15"}),
        ("pool_rules", "P-143 2010-01-01", {"share": "0.5"}, {"share": "0.75"}),
    ]


def test_only_the_two_activities_move_and_by_what_the_shares_say(demo: Company, compared: Comparison) -> None:
    moved = {one.key: one for one in compared.activities if one.change}
    assert set(moved) == {"keep_account", "run_the_company"}
    keep, run = moved["keep_account"], moved["run_the_company"]
    assert keep.after == demo.value(
        "select sum(amount) from core.fct_cost_allocations "
        "where direction = 'in' and receiver_kind = 'activity' and receiver = 'keep_account'"
    )
    sent = keep.after + run.after
    assert keep.before + run.before == sent
    months = demo.value("select count(distinct period) from core.fct_cost_allocations where receiver = 'keep_account'")
    # Each month is rounded on its own.
    assert isinstance(months, int)
    assert abs(keep.before - sent * KEPT_BEFORE / TO_ACTIVITIES) <= months * CENT
    assert abs(keep.after - sent * KEPT / TO_ACTIVITIES) <= months * CENT
    assert not [one for one in compared.pools if one.change]


def test_the_ledger_does_not_move(compared: Comparison) -> None:
    moved = {one.key: one.change for one in compared.lines if one.change}
    assert set(moved) == {"sustaining_cost", "business_sustaining"}
    assert sum(moved.values()) == 0
    # Costs count negative: customers bear less now.
    assert moved["sustaining_cost"] > 0
    assert sum(one.change for one in compared.segments) == moved["sustaining_cost"]


def test_profits_signs_and_curve_are_those_of_the_customers(demo: Company, compared: Comparison) -> None:
    rows = demo.query("""
        select customer_id, sum(customer_profit_amount), coalesce(any_value(kept.amount), 0), any_value(kept.months)
        from marts.customer_profitability_monthly
        left join (
            select customer_id, sum(cost_amount) as amount, count(distinct month) as months
            from core.fct_activity_costs where activity_id = 'keep_account' group by 1
        ) as kept using (customer_id)
        where not is_unattributed group by 1
    """)
    after = {customer: profit for customer, profit, *_ in rows}
    # Accounts are kept at the same cost for everyone, so a customer's cost of it moves as the whole does.
    factor = KEPT_BEFORE / KEPT - 1
    estimate = {customer: profit - cost * factor for customer, profit, cost, _ in rows}
    # A month's cost is rounded by up to a cent after, which the factor stretches, and by up to a cent before.
    slack = {customer: (factor + 1) * CENT * (months or 0) for customer, *_, months in rows}
    listed = {one.customer_id: one for one in compared.sign_changes}
    assert listed
    for customer, one in listed.items():
        assert one.after == after[customer]
        assert abs(one.before - estimate[customer]) <= slack[customer]
        assert one.before < 0 <= one.after
    clearly = {customer for customer in after if after[customer] >= 0 > estimate[customer] + slack[customer]}
    assert clearly <= set(listed)

    curve = compared.curve_after
    ranked = sorted(after.values(), reverse=True)
    assert (curve.customer_count, curve.total) == (len(ranked), sum(ranked))
    assert curve.peak == sum(profit for profit in ranked if profit > 0)
    assert curve.points[20] == sum(ranked[: -(-len(ranked) // 5)])
    assert curve.points[100] == curve.total
    assert compared.curve_before.profitable_count == curve.profitable_count - len(listed)
    assert compared.customer_count_moved == sum(cost > 0 for _, _, cost, _ in rows)


def test_both_reports_hold_what_moved(compared: Comparison, capsys: pytest.CaptureFixture[str]) -> None:
    print_comparison(compared)
    printed = capsys.readouterr().out
    keep = next(one for one in compared.activities if one.key == "keep_account")
    assert f"{keep.before:,.2f}" in printed
    assert f"{keep.after - keep.before:+,.2f}" in printed
    assert "pool_rules P-142 2010-01-01: share 0.4 -> share 0.15" in printed
    assert f"{len(compared.sign_changes)} became profitable" in printed
    content: dict[str, Any] = json.loads(as_json(compared))
    assert {one["key"]: Decimal(str(one["change"])) for one in content["activities"]}["keep_account"] == keep.change
    assert len(content["sign_changes"]) == len(compared.sign_changes)
    assert Decimal(str(content["whale_curve"]["after"]["total"])) == compared.curve_after.total


def test_refused_rules_are_named_and_leave_nothing_behind(
    demo: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = rules_with(tmp_path / "broken", {"keep_account,share,0.15": "keep_account,share,0.25"})
    for name, value in {**demo.environment, "DBT_TARGET_PATH": str(tmp_path / "target")}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(BuildError, match=r"(?s)broken failed; the warehouse is untouched.*P-142"):
        compare_rules(demo.paths, str(broken))
    assert not list(demo.paths.warehouse.parent.glob("compare-rules-*"))


def test_rules_of_another_company_have_to_be_made_of_the_same_files(tmp_path: Path) -> None:
    present = RuleSet("present", RULES)
    fewer = rules_with(tmp_path / "fewer", {})
    (fewer / "time_equations.csv").unlink()
    with pytest.raises(ProfitError, match=r"only one of them has time_equations\.csv"):
        rules_from(str(fewer), present, tmp_path)


@pytest.mark.parametrize(
    ("origin", "message"),
    [
        (str, "There are no cost rules in"),
        (lambda _: "no-such-branch", "'no-such-branch' is neither a folder nor a commit, branch or tag"),
        (lambda _: "--output=x", "'--output=x' is neither a folder nor a commit, branch or tag"),
    ],
)
def test_where_there_are_no_rules_the_message_says_so(
    tmp_path: Path, origin: Callable[[Path], str], message: str
) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ProfitError, match=message):
        rules_from(origin(tmp_path / "empty"), RuleSet("present", RULES), tmp_path)


def test_rows_that_are_new_or_gone_are_named(tmp_path: Path) -> None:
    before = RuleSet("before", rules_with(tmp_path / "before", {}))
    after = RuleSet(
        "after",
        rules_with(
            tmp_path / "after",
            {
                "T-280,answer_call,base,2.9,2010-01-01,\n": (
                    "T-280,answer_call,base,2.9,2010-01-01,2024-12-31\nT-280,answer_call,base,3.1,2025-01-01,\n"
                ),
                "T-360,keep_account,base,1,2010-01-01,\n": "",
            },
            file="time_equations.csv",
        ),
    )
    changes = {one.key: (dict(one.before), dict(one.after)) for one in changed_rows(before, after)}
    assert changes.keys() == {"T-280 2010-01-01", "T-280 2025-01-01", "T-360 2010-01-01"}
    assert changes["T-280 2010-01-01"] == ({"valid_to": ""}, {"valid_to": "2024-12-31"})
    assert changes["T-280 2025-01-01"][0] == {}
    assert changes["T-280 2025-01-01"][1]["minutes"] == "3.1"
    assert changes["T-360 2010-01-01"][1] == {}
