"""A tree of costs: every node's amount is the sum of the amounts below it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

LEVELS = ("line", "activity", "pool", "account", "way")


@dataclass(frozen=True)
class Path:
    """One row of the provenance: an amount of an account, and the way that it took.

    Attributes:
        waterfall_line: Line of the waterfall on which the customer bears it.
        activity_id: Activity, None for direct cost.
        ledger_account_id: Account, None where none of the month holds the cost.
        first_pool_id: Pool that the account is posted to.
        next_pool_id: Pool that the first one hands on to, None where it serves the activity itself.
        last_pool_id: Pool that serves the activity.
        amount: In the reporting currency.
    """

    waterfall_line: str
    activity_id: str | None
    ledger_account_id: str | None
    first_pool_id: str
    next_pool_id: str | None
    last_pool_id: str
    amount: Decimal


@dataclass(frozen=True)
class Names:
    """Names for people, by key.

    Attributes:
        lines: Labels of the lines of the waterfall, in its order.
        activities: Names of activities.
        pools: Names of pools.
        accounts: Names of ledger accounts.
        minutes: Minutes of each activity that the customer drove.
    """

    lines: Mapping[str, str]
    activities: Mapping[str, str]
    pools: Mapping[str, str]
    accounts: Mapping[str, str]
    minutes: Mapping[str, Decimal]


@dataclass(frozen=True)
class Node:
    """A cost and what it consists of.

    Attributes:
        kind: customer, or one of LEVELS.
        key: Key of the line, activity, pool, account; of a way, the next pool.
        name: Name for people.
        amount: In the reporting currency.
        minutes: Of an activity, the minutes that the customer drove.
        pool_key: Of an account, the pool that it is posted to.
        pool_name: Name of that pool, where it is another one than the pool that serves the activity.
        children: What it consists of, the largest first.
    """

    kind: str
    key: str | None
    name: str
    amount: Decimal
    minutes: Decimal | None = None
    pool_key: str | None = None
    pool_name: str | None = None
    children: Sequence[Node] = field(default=())


def build_tree(customer_id: str, paths: Sequence[Path], names: Names) -> Node:
    """Group paths by line, activity, last pool, account with its first pool, and way.

    Args:
        customer_id: Customer that bears the cost.
        paths: Rows of its provenance.
        names: Names for people.
    """
    children = [
        _line(line, [path for path in paths if path.waterfall_line == line], names)
        for line in [*names.lines, *sorted({path.waterfall_line for path in paths} - set(names.lines))]
        if any(path.waterfall_line == line for path in paths)
    ]
    return Node("customer", customer_id, customer_id, _total(paths), children=children)


def _line(line: str, paths: Sequence[Path], names: Names) -> Node:
    children: list[Node] = []
    for activity, of_activity in _grouped(paths, "activity_id"):
        if activity is None:
            children += _accounts(of_activity, names)
            continue
        pools = [_pool(of_pool, names) for _, of_pool in _grouped(of_activity, "last_pool_id")]
        name = names.activities.get(activity, activity)
        minutes = names.minutes.get(activity)
        children.append(Node("activity", activity, name, _total(of_activity), minutes, children=_by_size(pools)))
    return Node("line", line, names.lines.get(line, line), _total(paths), children=_by_size(children))


def _pool(paths: Sequence[Path], names: Names) -> Node:
    pool = paths[0].last_pool_id
    return Node("pool", pool, names.pools.get(pool, pool), _total(paths), children=_accounts(paths, names))


def _accounts(paths: Sequence[Path], names: Names) -> list[Node]:
    nodes = []
    for account, of_account in _grouped(paths, "ledger_account_id"):
        for pool, of_pool in _grouped(of_account, "first_pool_id"):
            name = names.accounts.get(account, account) if account else "no account of the month"
            ways = [_way(next_pool, of_way, names) for next_pool, of_way in _grouped(of_pool, "next_pool_id")]
            first, last = of_pool[0].first_pool_id, of_pool[0].last_pool_id
            origin = None if first == last else names.pools.get(first, first)
            amount, children = _total(of_pool), _by_size(ways)
            nodes.append(Node("account", account, name, amount, pool_key=pool, pool_name=origin, children=children))
    return _by_size(nodes)


def _way(next_pool: str | None, paths: Sequence[Path], names: Names) -> Node:
    first, last = paths[0].first_pool_id, paths[0].last_pool_id
    if next_pool is None:
        name = "not handed on"
    elif next_pool == first:
        name = "by way of itself"
    elif next_pool == last:
        name = "handed on directly"
    else:
        name = f"by way of {names.pools.get(next_pool, next_pool)}"
    return Node("way", next_pool, name, _total(paths))


def _grouped(paths: Sequence[Path], attribute: str) -> list[tuple[str | None, list[Path]]]:
    groups: dict[str | None, list[Path]] = defaultdict(list)
    for path in paths:
        groups[getattr(path, attribute)].append(path)
    return sorted(groups.items(), key=lambda group: group[0] or "")


def _by_size(nodes: Sequence[Node]) -> list[Node]:
    return sorted(nodes, key=lambda node: (-abs(node.amount), node.name))


def _total(paths: Sequence[Path]) -> Decimal:
    return sum((path.amount for path in paths), Decimal(0))
