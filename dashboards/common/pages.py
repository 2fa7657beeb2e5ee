"""Which pages there are, what each answers, and which filters its marts can be asked by."""

from __future__ import annotations

from dataclasses import dataclass

CUSTOMER = ("territory", "industry", "segment", "sales_rep")


@dataclass(frozen=True)
class Page:
    """A page.

    Attributes:
        name: Its address, and its file in views/.
        title: Its name for people.
        answers: The questions it answers.
        filters: Filters that its marts can be asked by.
        icon: Its symbol, of those that come with Streamlit.
        feeds: Feeds without which parts of it are empty.
        is_of_profit: Whether it shows profit, which is before the cost that nobody delivered.
    """

    name: str
    title: str
    answers: str
    filters: tuple[str, ...]
    icon: str
    feeds: tuple[str, ...] = ()
    is_of_profit: bool = False


_MARKETING = ("marketing.campaigns", "marketing.media_spend", "marketing.touches", "marketing.leads")
_PIPELINE = ("crm.opportunities", "crm.opportunity_events")

PAGES = (
    Page(
        "overview",
        "Overview",
        "What is left of sales, how does that compare with last year, and who makes the profit?",
        (*CUSTOMER, "product_group", "channel", "period"),
        ":material/monitoring:",
        is_of_profit=True,
    ),
    Page(
        "scorecard",
        "Scorecard",
        "Which goals are reached, by whom, and why not?",
        ("territory", "industry", "segment", "sales_rep", "product_group", "channel"),
        ":material/speed:",
        ("finance.budgets", "crm.territories", "crm.sales_reps"),
        is_of_profit=True,
    ),
    Page(
        "customers",
        "Customers",
        "What is earned with a customer, why, and what comes next?",
        CUSTOMER,
        ":material/group:",
        ("crm.interactions", "service.tickets", *_PIPELINE),
        is_of_profit=True,
    ),
    Page(
        "segments",
        "Segments",
        "How does each segment do, who moves, and who stays?",
        ("segment", "period"),
        ":material/pie_chart:",
        is_of_profit=True,
    ),
    Page(
        "media",
        "Media",
        "What does winning a customer cost, by which source, and when is it paid back?",
        ("product_group", "period"),
        ":material/campaign:",
        _MARKETING,
    ),
    Page(
        "costs",
        "Costs",
        "Where does cost come from, through which pools and activities, and what stays unused?",
        ("segment", "period"),
        ":material/account_tree:",
        ("finance.ledger_accounts", "finance.ledger_entries"),
    ),
    Page(
        "pipeline",
        "Pipeline",
        "Which sales may come, what moved, and where do opportunities get stuck?",
        ("territory", "sales_rep", "product_group", "period"),
        ":material/filter_alt:",
    ),
    Page(
        "plan",
        "Plan",
        "What is planned and expected, and what would change it?",
        (),
        ":material/event_note:",
        ("finance.budgets",),
        is_of_profit=True,
    ),
    Page(
        "trust",
        "Trust",
        "How far can these numbers be relied on, and how much money hangs on what is open?",
        ("period",),
        ":material/verified:",
    ),
)
