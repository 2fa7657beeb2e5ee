"""What `profit summary` says of what is not known, of periods, and of actions that were left out."""

from __future__ import annotations

from decimal import Decimal

import duckdb
import pytest

from profit import reading
from profit.knowing import Knowledge, read_knowledge

ACTIONS = ("cross_sells", "prospects", "referrals", "margin_repairs", "win_backs")


@pytest.mark.parametrize(
    ("known", "method", "gaps"),
    [
        (Knowledge(True, True, 9, 0), "activity-based costing", []),
        (Knowledge(True, True, 8, 1), "activity-based costing", ["cost of goods of 1 of 9 order lines"]),
        (
            Knowledge(True, True, 0, 9),
            "before cost of goods, which is not known",
            ["cost of goods: none of 9 order lines has one; deliver finance.product_costs"],
        ),
        (
            Knowledge(False, False, 9, 0),
            "before cost to serve, which is not known",
            ["cost to serve and all other indirect cost: no ledger was delivered (finance.ledger_entries)"],
        ),
        # Nothing but services was sold: no cost of goods is missing.
        (Knowledge(True, False, 0, 0), "before cost to serve, which is not known", ["cost to serve: nothing of the"]),
        (
            Knowledge(False, False, 0, 9),
            "before cost of goods and cost to serve, which are not known",
            ["cost of goods: none of 9", "cost to serve and all other"],
        ),
    ],
)
def test_the_title_names_no_method_that_had_no_costs_and_gaps_say_what_to_deliver(
    known: Knowledge, method: str, gaps: list[str]
) -> None:
    assert known.method == method
    assert [gap[: len(start)] for gap, start in zip(known.gaps(), gaps, strict=True)] == gaps


@pytest.fixture
def marts() -> duckdb.DuckDBPyConnection:
    """The tables that these lines read, empty."""
    connection = duckdb.connect()
    connection.execute("create schema marts; create schema core; create schema reference")
    connection.execute("create table marts.data_coverage (feed varchar, status varchar)")
    connection.execute("create table core.fct_cost_flows (stage varchar)")
    connection.execute("create table core.fct_order_lines (has_cost boolean)")
    connection.execute("create table marts.data_quality (rule varchar, feed varchar)")
    connection.execute(
        "create table marts.whale_curve_summary (scope varchar, period varchar, customer_count bigint, "
        "loss_maker_count bigint, loss_amount decimal(28,4), after_effect_customer_count bigint)"
    )
    connection.execute("create table marts.next_best_actions (action_id varchar)")
    connection.execute(
        "create table reference.action_rules (rule_id varchar, action varchar, is_active boolean, "
        "minimum_expected_margin_amount decimal(18,4))"
    )
    connection.execute(
        "insert into reference.action_rules values ('N-1', 'cross_sell', true, 50), ('N-2', 'x', false, 9)"
    )
    for name in ACTIONS:
        connection.execute(
            f"create table marts.action_{name} (rule_id varchar, expected_margin_amount decimal(18,4), reason varchar)"
        )
    return connection


def test_what_is_known_is_asked_of_the_marts(marts: duckdb.DuckDBPyConnection) -> None:
    assert read_knowledge(marts) == Knowledge(False, False, 0, 0)
    marts.execute("insert into marts.data_coverage values ('finance.ledger_entries', 'delivered, empty')")
    assert not read_knowledge(marts).has_ledger, "an empty ledger says as little as none"
    marts.execute("update marts.data_coverage set status = 'delivered'")
    marts.execute("insert into core.fct_cost_flows values ('activity_to_customer')")
    marts.execute("insert into core.fct_order_lines values (true), (false), (false)")
    # Of the two without a cost one is postage, which needs none.
    marts.execute("insert into marts.data_quality values ('no_standard_cost', 'sales.order_lines'), ('x', 'y')")
    assert read_knowledge(marts) == Knowledge(True, True, 1, 1)


def test_loss_makers_of_the_period_are_told_from_after_effects(
    marts: duckdb.DuckDBPyConnection, capsys: pytest.CaptureFixture[str]
) -> None:
    marts.execute("insert into marts.whale_curve_summary values ('all', 'last_12m', 340, 12, 1234.56, 3)")
    marts.execute("insert into marts.whale_curve_summary values ('lost', 'last_12m', 75, 0, 0, 75)")
    reading._print_loss_makers(marts)
    assert capsys.readouterr().out == (
        "Loss-makers:    12 of 340 in twelve months take 1,234.56 away; 3 more have only after-effects of earlier "
        "orders (marts.whale_curve_summary)\n"
    )


def test_an_empty_list_of_actions_names_the_best_that_was_left_out(
    marts: duckdb.DuckDBPyConnection, capsys: pytest.CaptureFixture[str]
) -> None:
    reading._print_actions(marts)
    assert capsys.readouterr().out == "Next actions:   none found (marts.next_best_actions)\n"
    marts.execute(
        "insert into marts.action_cross_sells values ('N-1', 12.5, 'somebody'), ('N-1', 3, ''), ('N-2', 99, '')"
    )
    reading._print_actions(marts)
    assert capsys.readouterr().out == (
        "Next actions:   none; 2 found, all below the minimum of their rule. The best left out: cross_sell (N-1), "
        "12.50 of at least 50.00 (analyses/actions_left_out.sql lists them)\n"
    )
    marts.execute("insert into marts.next_best_actions values ('a')")
    reading._print_actions(marts)
    assert "Next actions:   1; 2 more are below the minimum of their rule" in capsys.readouterr().out


def test_a_ledger_that_agrees_differs_by_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    reading._print_reconciliation(Knowledge(True, True, 1, 0), None)
    reading._print_reconciliation(Knowledge(True, True, 1, 0), Decimal("5.5"))
    reading._print_reconciliation(Knowledge(False, True, 1, 0), Decimal("5553103.64"))
    assert capsys.readouterr().out.splitlines() == [
        "Reconciliation: 0.00 differs from the ledger (marts.profitability_reconciliation says where)",
        "Reconciliation: 5.50 differs from the ledger (marts.profitability_reconciliation says where)",
        "Reconciliation: no ledger was delivered, so there is nothing to compare with (finance.ledger_entries)",
    ]
