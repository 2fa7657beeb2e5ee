"""Simpler estimates that stand in where a model cannot be fitted; each says why."""

from __future__ import annotations

from types import MappingProxyType

from profit.value.fit import Fit
from profit.value.statistics import (
    DAYS_PER_WEEK,
    PurchaseStatistics,
    RenewalStatistics,
    SpendStatistics,
    weighted_sum,
)

# Time is counted in days: less than one, in weeks, is no time at all.
_ONE_DAY = 1 / DAYS_PER_WEEK


def too_little_to_fit(statistics: PurchaseStatistics, minimum_repeat_customers: int) -> str | None:
    """Why purchase histories cannot carry four parameters, None where they can.

    Args:
        statistics: Purchase histories.
        minimum_repeat_customers: Customers with a repeat purchase that are needed at least.
    """
    customers = int(statistics.customer_count.sum())
    if customers == 0:
        return "there are no customers"
    if statistics.repeat_customer_count == 0:
        return f"none of {customers:,} customers has bought again"
    if statistics.repeat_customer_count < minimum_repeat_customers:
        return f"{statistics.repeat_customer_count} customers bought again, fewer than {minimum_repeat_customers}"
    if statistics.age.max() < _ONE_DAY:
        return "no customer was observed for any time"
    return None


def mean_rate(statistics: PurchaseStatistics, reason: str) -> Fit:
    """Repeat purchases a week, all customers together, for ever: `rate`, 0 where nobody was observed for any time.

    A repeat purchase is a day with purchases, so that nobody has more than seven of them a week.

    Args:
        statistics: Purchase histories.
        reason: Why no model was fitted.
    """
    weeks = weighted_sum(statistics.customer_count, statistics.age)
    purchases = weighted_sum(statistics.customer_count, statistics.purchase_count)
    return Fit(
        model="mean_rate",
        parameters=MappingProxyType({"rate": min(purchases / weeks, DAYS_PER_WEEK) if weeks >= _ONE_DAY else 0.0}),
        customer_count=int(statistics.customer_count.sum()),
        repeat_customer_count=statistics.repeat_customer_count,
        statistic_count=statistics.age.size,
        fallback_reason=reason,
    )


def mean_spend(statistics: SpendStatistics, reason: str) -> Fit:
    """Amount of a repeat purchase, all customers together: `mean`; without any, no estimate (`none`).

    Args:
        statistics: Repeat purchases and their mean value.
        reason: Why no model was fitted.
    """
    purchases = statistics.customer_count * statistics.purchase_count
    known = purchases.size > 0
    return Fit(
        model="mean_spend" if known else "none",
        parameters=MappingProxyType(
            {"mean": weighted_sum(purchases, statistics.average_amount) / float(purchases.sum())} if known else {}
        ),
        customer_count=int(statistics.customer_count.sum()),
        repeat_customer_count=int(statistics.customer_count.sum()),
        statistic_count=purchases.size,
        fallback_reason=reason,
    )


def mean_retention(statistics: RenewalStatistics, reason: str) -> Fit:
    """Part of the renewals that are made, all contracts and renewals together: `retention`.

    Laplace's rule of succession, (made + 1) / (due + 2): contracts that nobody has left so far are not held for ever.

    Args:
        statistics: Contracts by the renewals that were due.
        reason: Why no model was fitted.
    """
    due = weighted_sum(statistics.customer_count, statistics.period)
    lost = weighted_sum(statistics.customer_count, statistics.is_lost)
    return Fit(
        model="mean_retention" if due > 0 else "none",
        parameters=MappingProxyType({"retention": (due - lost + 1) / (due + 2)} if due > 0 else {}),
        customer_count=int(statistics.customer_count.sum()),
        repeat_customer_count=int(lost),
        statistic_count=statistics.period.size,
        fallback_reason=reason,
    )
