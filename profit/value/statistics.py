"""What the models are fitted on: customers with the same history are one row with a count."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from profit.errors import ProfitError

Floats = NDArray[np.float64]

DAYS_PER_WEEK = 7.0

# Beyond these a number is no time, count or amount, but a mistake; sums of what is within them are far from the ends
# of a double.
_LONGEST, _MOST, _SMALLEST_AMOUNT = 1e6, 1e15, 1e-9


@dataclass(frozen=True)
class PurchaseStatistics:
    """Distinct purchase histories, one element an array each.

    Attributes:
        purchase_count: Repeat purchases, days with a purchase after the first one (x), >= 0.
        recency: Weeks from the first to the last purchase (t_x), 0 where there is no repeat purchase.
        age: Weeks from the first purchase to the end of observation (T), >= recency.
        customer_count: Customers with this history, > 0.
    """

    purchase_count: Floats
    recency: Floats
    age: Floats
    customer_count: Floats

    @classmethod
    def of(
        cls, purchase_count: ArrayLike, recency: ArrayLike, age: ArrayLike, customer_count: ArrayLike
    ) -> PurchaseStatistics:
        """Check the arrays, which have one length, and keep them as doubles.

        Args:
            purchase_count: Repeat purchases.
            recency: Weeks from the first to the last purchase.
            age: Weeks from the first purchase to the end of observation.
            customer_count: Customers with this history.

        Raises:
            ProfitError: A history is impossible; the message says which.
        """
        statistics = cls(*_doubles(purchase_count, recency, age, customer_count))
        late = statistics.recency > statistics.age
        loose = (statistics.purchase_count == 0) & (statistics.recency != 0)
        _refuse(statistics, late, "the last purchase is after the end of observation")
        _refuse(statistics, loose, "there is a time to the last repeat purchase, but no repeat purchase")
        _refuse(statistics, statistics.customer_count <= 0, "no customer has it")
        _refuse(statistics, statistics.age > _LONGEST, "no calendar has so many weeks")
        return statistics

    @property
    def repeat_customer_count(self) -> int:
        """Customers with at least one repeat purchase."""
        return int(self.customer_count[self.purchase_count > 0].sum())

    def in_whole_weeks(self, above: int) -> tuple[PurchaseStatistics, float]:
        """Round times to whole weeks where there are too many distinct histories to fit in seconds.

        Args:
            above: Number of histories above which times are rounded.

        Returns:
            The histories, and the days to which their times are rounded: 1 as they were, 7 rounded.
        """
        if self.age.size <= above:
            return self, 1
        rounded = np.rint(np.stack([self.purchase_count, self.recency, self.age]))
        distinct, position = np.unique(rounded, axis=1, return_inverse=True)
        counts = np.bincount(position.ravel(), weights=self.customer_count).astype(np.float64)
        return PurchaseStatistics(distinct[0], distinct[1], distinct[2], counts), DAYS_PER_WEEK


@dataclass(frozen=True)
class SpendStatistics:
    """Distinct pairs of repeat purchases and their mean value, of customers who bought again.

    Attributes:
        purchase_count: Repeat purchases (x), >= 1.
        average_amount: Mean value of a repeat purchase, 1e-9 or more, in one currency; the first purchase is left out.
        customer_count: Customers with this pair, > 0.
    """

    purchase_count: Floats
    average_amount: Floats
    customer_count: Floats

    @classmethod
    def of(cls, purchase_count: ArrayLike, average_amount: ArrayLike, customer_count: ArrayLike) -> SpendStatistics:
        """Check the arrays, which have one length, and keep them as doubles.

        Args:
            purchase_count: Repeat purchases.
            average_amount: Mean value of a repeat purchase.
            customer_count: Customers with this pair.

        Raises:
            ProfitError: A pair is impossible; the message says which.
        """
        statistics = cls(*_doubles(purchase_count, average_amount, customer_count))
        _refuse(statistics, statistics.purchase_count < 1, "there is no repeat purchase to have a value")
        _refuse(statistics, statistics.average_amount < _SMALLEST_AMOUNT, "the model knows amounts above zero only")
        _refuse(statistics, statistics.customer_count <= 0, "no customer has it")
        return statistics


@dataclass(frozen=True)
class RenewalStatistics:
    """Contracts by the renewals that were due so far and whether the last of them was made.

    Attributes:
        period: Renewals that were due (t), >= 1; those before the last were made.
        is_lost: 1 where the last one was not made, 0 where the contract goes on.
        customer_count: Contracts, > 0.
    """

    period: Floats
    is_lost: Floats
    customer_count: Floats

    @classmethod
    def of(cls, period: ArrayLike, is_lost: ArrayLike, customer_count: ArrayLike) -> RenewalStatistics:
        """Check the arrays, which have one length, and keep them as doubles.

        Args:
            period: Renewals that were due.
            is_lost: Whether the last one was not made.
            customer_count: Contracts.

        Raises:
            ProfitError: A row is impossible; the message says which.
        """
        statistics = cls(*_doubles(period, is_lost, customer_count))
        _refuse(statistics, statistics.period < 1, "no renewal was due")
        _refuse(statistics, statistics.customer_count <= 0, "no customer has it")
        return statistics


def weighted_sum(weights: Floats, values: Floats) -> float:
    """Sum of products, always in the same order.

    Not `@`: the linear algebra library behind it shares even short vectors out to threads, which takes ten times as
    long on a busy machine and sums in an order that depends on it.

    Args:
        weights: One-dimensional.
        values: Of the same length.
    """
    return float(np.einsum("i,i->", weights, values))


def _doubles(*columns: ArrayLike) -> list[Floats]:
    arrays = [np.atleast_1d(np.asarray(column, dtype=np.float64)) for column in columns]
    if len({array.shape for array in arrays}) != 1:
        raise ProfitError(f"Columns of statistics have different lengths: {[array.size for array in arrays]}.")
    bad = np.flatnonzero(~np.all([(array >= 0) & (array <= _MOST) for array in arrays], axis=0))
    if bad.size:
        values = [float(array[bad[0]]) for array in arrays]
        raise ProfitError(
            f"Statistics have a value that is missing, below zero or beyond counting in row {bad[0]}: {values}."
        )
    return arrays


def _refuse(statistics: Any, rows: NDArray[np.bool_], reason: str) -> None:
    found = np.flatnonzero(rows)
    if found.size:
        values = {field.name: float(getattr(statistics, field.name)[found[0]]) for field in fields(statistics)}
        raise ProfitError(f"{found.size} impossible rows of statistics, the first {values}: {reason}.")
