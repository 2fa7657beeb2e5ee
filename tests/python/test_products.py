"""No model multiplies money in 18 digits, where a million times a share of eight decimals no longer fits.

Every product of the compiled SQL is wrapped in a macro that asks for its type and does not bind where it has 18 digits,
so that nothing has to be computed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest
from conftest import Company
from test_plans import LOOPED, compiled

# The type of a product is known while a statement is bound, and so is the form of a date, which 18 digits spoil.
WATCHED = """
select case
    when strptime('2000', case when typeof(product) like 'DECIMAL(18,%' then '%' else '%Y' end) is not null then product
end
"""
NARROW = "Failed to parse format specifier"

# Products in 18 digits that are meant, by model: the reason.
MEANT: dict[str, str] = {}


def is_product(node: Any) -> bool:
    """Whether a node multiplies, and not days or months to a stretch of time."""
    if not isinstance(node, dict) or node.get("class") != "FUNCTION" or node.get("function_name") != "*":
        return False
    return not re.search(r'"(to_\w+|INTERVAL)"', json.dumps(node["children"]))


def nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """All nodes of a parsed statement."""
    if isinstance(tree, dict):
        yield tree
        for value in tree.values():
            yield from nodes(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from nodes(value)


def factors(product: dict[str, Any]) -> str:
    """What a product multiplies, its casts and its places in the text aside."""

    def bare(tree: Any) -> Any:
        if isinstance(tree, dict):
            if tree.get("class") == "CAST":
                return bare(tree["child"])
            return {key: bare(value) for key, value in tree.items() if key not in {"query_location", "alias"}}
        return [bare(value) for value in tree] if isinstance(tree, list) else tree

    return json.dumps(bare(product["children"]), sort_keys=True)


def depth(product: dict[str, Any]) -> int:
    """How many products lie within a product, one in the other."""
    return max((1 + depth(node) for node in nodes(product["children"]) if is_product(node)), default=0)


def guarded(tree: Any) -> set[int]:
    """The products of a case whose condition has looked at the size of the same product."""
    found: set[int] = set()
    for node in nodes(tree):
        for check in node["case_checks"] if node.get("class") == "CASE" else ():
            sizes = {factors(product) for product in nodes(check["when_expr"]) if is_product(product)}
            found |= {id(node) for node in nodes(check["then_expr"]) if is_product(node) and factors(node) in sizes}
    return found


def filled(template: Any, product: dict[str, Any]) -> Any:
    """The parsed template with a product in the places of its name."""
    if isinstance(template, dict):
        if template.get("column_names") == ["product"]:
            return product
        return {key: filled(value, product) for key, value in template.items()}
    return [filled(value, product) for value in template] if isinstance(template, list) else template


def watched(tree: Any, level: int, template: Any) -> str:
    """The statement with its products of one depth watched: written twice, a watched product must not hold another."""
    copy = json.loads(json.dumps(tree))
    safe = guarded(copy)
    for node in [node for node in nodes(copy) if is_product(node) and id(node) not in safe and depth(node) == level]:
        alias = node["alias"]
        wrapped = filled(template, {**node, "alias": ""})
        node.clear()
        node.update(wrapped, alias=alias)
    return json.dumps(copy)


def parse(engine: duckdb.DuckDBPyConnection, sql: str) -> Any:
    parsed = json.loads(engine.execute("select json_serialize_sql(?)", [sql]).fetchall()[0][0])
    assert not parsed["error"], parsed
    return parsed


def multiplies_in_18_digits(warehouse: duckdb.DuckDBPyConnection, sql: str) -> bool:
    # The text that is made of a parsed cross join binds otherwise than the parsed one.
    joined = re.sub(r"cross join (\w+(?: as \w+)?)", r"inner join \1 on true", sql)
    parsed = parse(warehouse, joined)
    template = parse(warehouse, WATCHED)["statements"][0]["node"]["select_list"][0]
    products = [node for node in nodes(parsed) if is_product(node)]
    for level in range(1 + max((depth(product) for product in products), default=-1)):
        ((text,),) = warehouse.execute("select json_deserialize_sql(?)", [watched(parsed, level, template)]).fetchall()
        try:
            warehouse.execute(f"explain {text}")
        except duckdb.Error as error:
            if NARROW not in str(error):
                raise
            return True
    return False


@pytest.fixture
def warehouse(demo: Company) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(demo.paths.warehouse), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        yield connection


def test_no_model_multiplies_money_in_18_digits(demo: Company, warehouse: duckdb.DuckDBPyConnection) -> None:
    narrow = [
        path.stem
        for path in compiled(demo)
        if path.stem not in LOOPED
        and path.stem not in MEANT
        and "*" in (sql := path.read_text(encoding="utf-8"))
        and multiplies_in_18_digits(warehouse, sql)
    ]
    assert not narrow, narrow


@pytest.mark.parametrize(
    ("product", "is_narrow"),
    [
        ("amount * share", True),
        ("amount * 100", True),
        ("sum(amount) * share", False),
        ("cast(amount as decimal(19, 4)) * share", False),
        ("cast(amount as double) * share", False),
        ("case when abs(cast(amount as double) * cast(share as double)) < 9e9 then amount * share end", False),
        ("case when amount > 0 then amount * share end", True),
        ("cast(share as double) * (amount * share)", True),
        ("number * 100", False),
    ],
)
def test_the_rule_knows_a_narrow_product(product: str, is_narrow: bool) -> None:
    with duckdb.connect() as engine:
        engine.execute("create table money (amount decimal(18, 4), share decimal(18, 8), number integer)")
        assert (
            multiplies_in_18_digits(
                engine, f"select {product} as result from money{' group by share' if 'sum' in product else ''}"
            )
            is is_narrow
        )
