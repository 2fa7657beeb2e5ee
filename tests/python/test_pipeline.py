"""The pipeline of a small company: the published example on any day, both clocks, and what systems do."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from conftest import NO_TESTS, NO_UNIT_TESTS, Company, shared

from profit.paths import PROJECT_ROOT
from profit.pipeline import Pipeline, formatted

# Example D4: four opportunities of territory T1. 28 March moves O1 to 30 April; all of it is delivered on 3 May.
FEEDS = {
    "customers": "customer_id,organisation_name\nC1,Alpha\nC2,Beta\n",
    "products": "product_id,product_name\nP1,Lamp\n",
    "orders": "order_id,customer_id,ordered_at\nB1,C1,2025-01-02\nB2,C2,2025-05-02\n",
    "order_lines": "order_line_id,order_id,product_id,quantity,unit_list_price\nL1,B1,P1,1,10\nL2,B2,P1,1,10\n",
    "territories": "territory_id,territory_name\nT1,One\nT2,Two\nT3,Three\n",
    "sales_reps": "sales_rep_id,sales_rep_name\nR1,Ann\nR2,Ben\n",
    "opportunities": (
        "opportunity_id,customer_id,territory_id,sales_rep_id,opened_on,expected_close_on,closed_on,stage,amount\n"
        "O1,C1,T1,R1,2025-01-10,2025-03-31,2025-04-20,won,11500\n"
        "O2,C1,T1,R1,2025-01-20,2025-03-31,2025-03-20,lost,20000\n"
        "O3,C2,T1,R1,2025-02-10,2025-06-30,,Proposal,8000\n"
        "O4,C2,T1,R1,2025-03-25,2025-05-31,,qualify,30000\n"
        # Of these no event comes: a table of today's state is what most systems export.
        "V1,C2,T2,R2,2025-01-15,2025-04-15,2025-04-10,Closed Won,500\n"
        "V2,C2,T2,R2,2025-02-15,2025-08-15,,Negotiation/Review,700\n"
        "V3,C2,T2,R2,2025-03-15,2025-08-15,,Waiting for the board,900\n"
        # Withdrawn later.
        "V4,C2,T2,R2,2025-03-15,2025-08-15,,qualify,100\n"
        # Reopened, jumps over propose, changes territory; its last event contradicts what stands here.
        "W1,C1,T3,R2,2025-01-05,2025-09-30,,propose,1000\n"
        # Backdated: its second event comes with the second delivery.
        "W2,C1,T3,R2,2025-02-05,2025-09-30,,qualify,2000\n"
    ),
    "opportunity_events": (
        "opportunity_event_id,opportunity_id,occurred_at,stage,amount,probability,expected_close_on,territory_id\n"
        "E1,O1,2025-01-10T09:00:00Z,Qualification,10000,,2025-03-31,\n"
        "E2,O1,2025-02-01T09:00:00Z,Proposal,12000,,,\n"
        "E3,O1,2025-03-15T09:00:00Z,Negotiation,,,,\n"
        "E4,O1,2025-03-28T09:00:00Z,,,,2025-04-30,\n"
        "E5,O1,2025-04-20T09:00:00Z,Closed Won,11500,,,\n"
        "E6,O2,2025-01-20T09:00:00Z,qualify,20000,,2025-03-31,\n"
        "E7,O2,2025-02-15T09:00:00Z,propose,,,,\n"
        "E8,O2,2025-03-20T09:00:00Z,Closed Lost,0,,,\n"
        "E9,O3,2025-02-10T09:00:00Z,qualify,8000,,2025-06-30,\n"
        "E10,O3,2025-04-02T09:00:00Z,propose,,,,\n"
        "E11,O4,2025-03-25T09:00:00Z,qualify,30000,,2025-05-31,\n"
        "E20,W1,2025-01-05T09:00:00Z,qualify,1000,0.3,,T2\n"
        "E21,W1,2025-01-20T09:00:00Z,lost,,,,\n"
        "E22,W1,2025-02-20T09:00:00Z,qualify,1500,,,\n"
        "E23,W1,2025-03-20T09:00:00Z,negotiate,,0.6,,T3\n"
        "E24,W2,2025-02-05T09:00:00Z,qualify,2000,,,\n"
    ),
}
LATER = {
    "opportunities": (
        "opportunity_id,customer_id,territory_id,opened_on,stage,amount,is_deleted\nV4,C2,T2,2025-03-15,qualify,100,true\n"
    ),
    "opportunity_events": (
        "opportunity_event_id,opportunity_id,occurred_at,stage,amount\nE25,W2,2025-03-05T09:00:00Z,propose,2600\n"
    ),
}
# Stages count for 20, 50 and 80 % as shipped. What else the warehouse holds is not built.
MARTS = ("pipeline_movements", "pipeline_conversion", "pipeline_accuracy", "dim_territory", "dim_sales_rep")


def land(company: Company, day: str, feeds: dict[str, str]) -> None:
    folder = company.folder / day
    folder.mkdir(parents=True)
    for name, content in feeds.items():
        (folder / f"{name}.csv").write_text(content, encoding="utf-8")
    company.run("profit", "land", "files", "--from", str(folder), "--source-system", "crm", "--delivered-on", day)


@pytest.fixture(scope="module")
def pipeline() -> Company:
    def build(company: Company) -> None:
        land(company, "2025-05-03", FEEDS)
        land(company, "2025-05-10", LATER)
        marts = [f"+{mart}" for mart in MARTS]
        company.run("profit", "build", *NO_UNIT_TESTS, "--indirect-selection", "cautious", "--select", *marts)

    return shared("pipeline", build, made_of=Path(__file__).read_text(encoding="utf-8"))


@pytest.fixture
def seen(pipeline: Company) -> Callable[..., dict]:
    def look(*options: str) -> dict:
        return json.loads(pipeline.run("profit", "pipeline", *options, "--format", "json"))

    return look


@pytest.mark.build
def test_the_published_example_is_reproduced_on_any_day(pipeline: Company) -> None:
    """D4: open, weighted, movements, what slipped, conversions, days in the stages."""
    days = pipeline.query(
        """
        select snapshot_on::varchar, sum(amount), sum(weighted_amount) from marts.pipeline_snapshot
        where territory_id = 'crm:T1' and is_month_end group by 1 order by 1
        """
    )
    assert [(day, int(amount), int(weighted)) for day, amount, weighted in days] == [
        ("2025-01-31", 30000, 6000),
        ("2025-02-28", 40000, 17600),
        ("2025-03-31", 50000, 17200),
        ("2025-04-30", 38000, 10000),
    ]
    movements = pipeline.query(
        """
        select month(period), movement, amount from marts.pipeline_movements
        where territory_id = 'crm:T1' and movement not in ('opening', 'closing') order by all
        """
    )
    assert [(month, movement, int(amount)) for month, movement, amount in movements] == [
        (1, "new", 30000),
        (2, "new", 8000),
        (2, "raised", 2000),
        (3, "lost", -20000),
        (3, "new", 30000),
        (4, "lowered", -500),
        (4, "won", -11500),
    ]
    assert pipeline.query(
        """
        select due_amount::int, due_won_amount::int, due_lost_amount::int, slipped_amount::int
        from marts.pipeline_accuracy where territory_id = 'crm:T1' and period_kind = 'month' and month(period) = 3
        """
    ) == [(32000, 0, 20000, 12000)]
    assert pipeline.query(
        """
        select stage, sum(entered_count)::int, sum(reached_next_count)::int, sum(won_count)::int, sum(lost_count)::int,
            sum(still_there_count)::int
        from marts.pipeline_conversion where territory_id = 'crm:T1' group by stage, stage_order order by stage_order
        """
    ) == [("qualify", 4, 3, 1, 1, 1), ("propose", 3, 1, 1, 1, 1), ("negotiate", 1, 1, 1, 0, 0)]
    stays = pipeline.query(
        """
        select stage, days_in_stage from core.fct_opportunity_stages
        where opportunity_id = 'crm:O1' order by stay_number
        """
    )
    assert stays == [("qualify", 22), ("propose", 42), ("negotiate", 36), ("won", None)]


def test_a_day_after_the_last_delivery_is_said_to_be_one() -> None:
    day = dt.date(2025, 5, 3)
    total = ("all", 0, Decimal(0), Decimal(0), Decimal(0), None)
    then = Pipeline(on=day, known_by=day, by="stage", lines=[], total=total)
    assert "is not known" not in formatted(then, "text")
    later = replace(then, on=dt.date(2025, 5, 4))
    assert "What happened after 2025-05-03 is not known" in formatted(later, "text")


@pytest.mark.build
def test_what_was_delivered_later_changes_the_past_only_where_it_is_known(
    pipeline: Company, seen: Callable[..., dict]
) -> None:
    today = seen("--on", "2025-03-31", "--by", "territory")
    before = seen("--on", "2025-03-31", "--by", "territory", "--known-by", "2025-05-09")
    amounts = [{line["territory"]: line["amount"] for line in view["lines"]} for view in (today, before)]
    # W2 was proposed at 2,600 on 5 March, V4 was withdrawn: both became known on 10 May.
    assert amounts == [
        {"crm:T1": 50000, "crm:T2": 2100, "crm:T3": 4100},
        {"crm:T1": 50000, "crm:T2": 2200, "crm:T3": 3500},
    ]
    assert today["known_by"] == "2025-05-10"
    # What the command says is what the mart says.
    assert Decimal(str(today["total"]["weighted_amount"])) == pipeline.value(
        "select sum(weighted_amount) from marts.pipeline_snapshot where snapshot_on = '2025-03-31'"
    )
    printed = pipeline.run("profit", "pipeline", "--on", "2025-03-31", "--format", "csv")
    assert next(csv.reader(io.StringIO(printed)))[0] == "stage"
    assert "Nothing was known by" in pipeline.run(
        "profit", "pipeline", "--on", "2025-03-31", "--known-by", "2025-05-01", expect=1
    )
    assert "There was no opportunity" in pipeline.run("profit", "pipeline", "--on", "2024-12-31", expect=1)


@pytest.mark.build
def test_systems_without_events_reopened_moved_and_unnamed_opportunities(pipeline: Company) -> None:
    opportunities = {
        row[0]: row[1:]
        for row in pipeline.query(
            """
            select source_opportunity, stage, stage_state, closed_on::varchar, is_stage_unknown, is_stage_contradicted,
                probability
            from (select replace(opportunity_id, 'crm:', '') as source_opportunity, * from core.dim_opportunity)
            """
        )
    }
    assert "V4" not in opportunities
    assert opportunities["V1"] == ("won", "won", "2025-04-10", False, False, 1.0)
    assert opportunities["V2"] == ("negotiate", "open", None, False, False, 0.8)
    # A word that no rule knows: open, and weighted by nothing.
    assert opportunities["V3"] == ("waiting for the board", "open", None, True, False, None)
    # The event counts, and its own probability.
    assert opportunities["W1"] == ("negotiate", "open", None, False, True, 0.6)
    stays = pipeline.query(
        """
        select stage, entered_on::varchar, is_reopened, territory_id from core.fct_opportunity_stages
        where opportunity_id in ('crm:W1', 'crm:V1') order by opportunity_id, stay_number
        """
    )
    assert stays == [
        ("not delivered", "2025-01-15", False, "crm:T2"),
        ("won", "2025-04-10", False, "crm:T2"),
        ("qualify", "2025-01-05", False, "crm:T2"),
        ("lost", "2025-01-20", False, "crm:T2"),
        ("qualify", "2025-02-20", True, "crm:T2"),
        ("negotiate", "2025-03-20", False, "crm:T3"),
    ]
    moved = pipeline.query(
        """
        select month(period), movement, territory_id, amount::int from marts.pipeline_movements
        where movement in ('reopened', 'transferred_in', 'transferred_out') order by all
        """
    )
    assert moved == [
        (2, "reopened", "crm:T2", 1500),
        (3, "transferred_in", "crm:T3", 1500),
        (3, "transferred_out", "crm:T2", -1500),
    ]
    # W1 jumped over propose: it counts as having reached it, in the month of the jump.
    assert pipeline.query(
        """
        select month(month), entered_count, jumped_count, reached_next_count from marts.pipeline_conversion
        where stage = 'propose' and jumped_count > 0 and territory_id = 'crm:T3'
        """
    ) == [(3, 2, 1, 1)]


@pytest.mark.build
def test_rules_that_count_an_opportunity_twice_or_never_stop_the_build_before_it_counts(
    pipeline: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    for path in (PROJECT_ROOT / "seeds" / "pipeline").glob("*.csv"):
        added = {
            "pipeline_stages": "qualify,Qualify,1,open,0.3,2025-03-01,\n",
            "pipeline_stage_names": "Verbal Yes,won\n",
        }
        (rules / path.name).write_text(path.read_text(encoding="utf-8") + added[path.stem], encoding="utf-8")
    company = pipeline.copied(tmp_path / "company")
    monkeypatch.setenv("PROFIT_PIPELINE_RULES", str(rules))
    read = ("pipeline_stages", "pipeline_stage_names", "int_pipeline__rule_problems", "int_pipeline__changes")
    said = company.run("dbt", "build", *NO_TESTS, "--select", *read, expect=1)
    assert "pipeline_stages.csv, line 7, rule qualify: it overlaps in time" in said
    assert "pipeline_stage_names.csv, line 20, rule Verbal Yes: words are compared in small letters" in said
    assert "SKIP relation intermediate.int_pipeline__changes" in said
