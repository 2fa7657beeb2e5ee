"""The parts of the digest, in the order of the page."""

from __future__ import annotations

from profit.digest import company, details
from profit.digest.section import Reader

# Titles, tables that have to be there, and readers, in the order of the page.
SECTIONS: list[tuple[str, tuple[str, ...], Reader]] = [
    (title, needed, make(title))
    for title, needed, make in (
        ("The month", ("marts.profitability_reconciliation", "reference.waterfall_lines"), company.WATERFALL),
        ("Why profit moved", ("marts.profit_bridge",), company.BRIDGE),
        ("Scorecard", ("marts.scorecard",), company.SCORECARD),
        ("Alerts", ("marts.kpi_alerts",), company.ALERTS),
        ("What lies behind", ("marts.scorecard", "marts.scorecard_contributions"), company.REASONS),
        ("Customers", ("marts.customer_profitability_monthly",), details.CUSTOMERS),
        ("Segments", ("marts.segment_kpis",), details.SEGMENTS),
        ("Media", ("marts.media_source_performance", "marts.media_source_performance_monthly"), details.MEDIA),
        ("Pipeline", ("marts.pipeline_movements",), details.PIPELINE),
        ("Plan", ("marts.budget_forecast",), details.PLAN),
        ("Next actions", ("marts.next_best_actions",), details.ACTIONS),
        ("Data quality", ("marts.data_quality",), details.QUALITY),
    )
]
