"""The rules of the marts gate: what the models' YAML promises of published tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from profit.gates.report import STOP
from profit.gates.rules import QueryRule, RowRule, Rule, label_of
from profit.landing.quoting import quote_name, quote_text
from profit.paths import PROJECT_ROOT
from profit.yaml_files import read_yaml

SCHEMAS = ("core", "marts")

UNIQUE = "unique"
KEEPS_ITS_RULES = "keeps_its_rules"
NOT_NULL = "not_null"
CONSTRAINT = "constraint"
# Tests of a key of several columns, and the argument that has them.
_KEY_ARGUMENTS = {"unique_combination": "columns", KEEPS_ITS_RULES: "key"}


@dataclass(frozen=True)
class Bounds:
    """Where the values of a column lie, by its meaning.

    Attributes:
        minimum: Values are at least this.
        above: Values are greater than this.
        maximum: Values are at most this.
    """

    minimum: float | None = None
    above: float | None = None
    maximum: float | None = None


@dataclass(frozen=True)
class Table:
    """A published table, as its YAML describes it.

    Attributes:
        schema: core or marts; reference, for a model that says so.
        name: Name of the table.
        columns: dbt type by column.
        required: Columns that are never empty, and what proves it: a test of their own, a constraint, or
            the rules of the table.
        keys: Combinations of columns that are unique.
        accepted_values: Allowed values by column.
        bounds: Bounds by column.
        calendar_months: Columns that hold a month of the calendar.
        owner: Department that answers for it; empty where none is named.
    """

    schema: str
    name: str
    columns: Mapping[str, str]
    required: Mapping[str, str] = field(default_factory=dict)
    keys: Sequence[tuple[str, ...]] = ()
    accepted_values: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    bounds: Mapping[str, Bounds] = field(default_factory=dict)
    calendar_months: Sequence[str] = ()
    owner: str = ""

    @property
    def full_name(self) -> str:
        """`<schema>.<table>`, as reports name it."""
        return f"{self.schema}.{self.name}"

    @property
    def key(self) -> tuple[str, ...]:
        """Columns by which a row is named."""
        return tuple(self.keys[0]) if self.keys else tuple(self.columns)[:1]


@dataclass(frozen=True)
class Promise:
    """A rule that the YAML makes, and what of the build may have proved it already.

    Attributes:
        rule: How the gate itself would look.
        test: Kind of dbt test that proves it, or `constraint`.
        columns: Columns that the test is about; for a test of the whole table the column of the rule.
    """

    rule: Rule
    test: str
    columns: tuple[str, ...]


def published_tables(models: Path = PROJECT_ROOT / "models") -> list[Table]:
    """Read the models of core and marts from their YAML.

    Args:
        models: Folder of the dbt models.
    """
    tables = []
    for schema in SCHEMAS:
        for path in sorted((models / schema).rglob("_*.yml")):
            for model in read_yaml(path).get("models") or ():
                # A model may lie in another schema than its folder says: governed reference data made by a macro.
                tables.append(_read_table(model.get("config", {}).get("schema", schema), model))
    return tables


def promises(table: Table) -> Iterator[Promise]:
    """What a table's YAML promises of its rows: keys, filled columns, accepted values, bounds.

    Args:
        table: Published table.
    """
    name = table.full_name
    for key in table.keys:
        columns = ", ".join(quote_name(column) for column in key)
        reason = "Rows that repeat a key are counted twice by every query that joins on it."
        repeated = f"select {columns} from {{batch}} group by {columns} having count(*) > 1"
        query = (
            f"select (select count(*) from {{batch}}), count(*), min({label_of(key)}, 5) from ({repeated}) as repeated"
        )
        yield Promise(QueryRule(name, f"{', '.join(key)} is unique", STOP, reason, query=query), UNIQUE, tuple(key))
    for column, proof in table.required.items():
        reason = "An empty value drops out of joins and sums unseen."
        failed = f"{quote_name(column)} is null"
        rule = RowRule(name, f"{column} is filled", STOP, reason, failed=failed, sample=label_of(table.key))
        yield Promise(rule, proof, (column,))
    for column, values in table.accepted_values.items():
        listed = ", ".join(quote_text(value) if isinstance(value, str) else str(value) for value in values)
        words = f"is one of {', '.join(str(value) for value in values)}"
        reason = "Queries that pick rows by it would lose some."
        yield _promise(table, column, words, reason, f"not in ({listed})")
    for column, bounds in table.bounds.items():
        reason = "By its meaning, which its YAML states, the column cannot hold such a value."
        for words, outside, bound in (
            ("is at least", "<", bounds.minimum),
            ("is above", "<=", bounds.above),
            ("is at most", ">", bounds.maximum),
        ):
            if bound is not None:
                yield _promise(table, column, f"{words} {bound:g}", reason, f"{outside} {bound}")


def calendar_rules(table: Table) -> Iterator[Rule]:
    """Rules that need the calendar beside the table.

    Args:
        table: Published table.
    """
    for column in table.calendar_months:
        name = quote_name(column)
        reason = "A month outside the calendar is missing from every report by date; widen calendar_*_on."
        query = (
            f"with outside as (select {name} from (select distinct {name} from {{batch}} where {name} is not null) "
            f"where {name} not in (select month from core.dim_date)), failed_rows as ("
            f"select * from {{batch}} where {name} in (select * from outside)) "
            f"select (select count(*) from {{batch}}), count(*), "
            f"min({label_of(table.key)} || ' in ' || {name}, 5) from failed_rows"
        )
        yield QueryRule(table.full_name, f"{column} is the first day of a month in dim_date", STOP, reason, query=query)


def _promise(table: Table, column: str, words: str, reason: str, outside: str) -> Promise:
    name = quote_name(column)
    rule = RowRule(
        table.full_name,
        f"{column} {words}",
        STOP,
        reason,
        failed=f"{name} {outside}",
        sample=label_of(table.key, column),
    )
    return Promise(rule, KEEPS_ITS_RULES, (column,))


def _read_table(schema: str, model: dict[str, Any]) -> Table:
    keys = [
        tuple(arguments[_KEY_ARGUMENTS[name]])
        for name, arguments in _tests(model.get("data_tests", ()))
        if _KEY_ARGUMENTS.get(name) in arguments
    ]
    columns, required, accepted, bounds, months = {}, {}, {}, {}, []
    for column in model.get("columns", ()):
        name = column["name"]
        columns[name] = str(column.get("data_type", ""))
        meta = column.get("config", {}).get("meta", {})
        tests = dict(_tests(column.get("data_tests", ())))
        constraints = [constraint["type"] for constraint in column.get("constraints", ())]
        if "unique" in tests:
            keys.append((name,))
        for proof, is_there in (
            (NOT_NULL, NOT_NULL in tests),
            (KEEPS_ITS_RULES, meta.get("required")),
            (CONSTRAINT, NOT_NULL in constraints),
        ):
            if is_there:
                required[name] = proof
        if "accepted_values" in meta:
            accepted[name] = tuple(meta["accepted_values"])
        bounded = {bound: meta[bound] for bound in ("minimum", "above", "maximum") if bound in meta}
        if bounded:
            bounds[name] = Bounds(**bounded)
        if meta.get("in_calendar"):
            months.append(name)
    owner = str(model.get("config", {}).get("meta", {}).get("owner", ""))
    return Table(schema, model["name"], columns, required, keys, accepted, bounds, months, owner)


def _tests(entries: Sequence[Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for entry in entries:
        if isinstance(entry, str):
            yield entry, {}
        else:
            ((name, content),) = entry.items()
            # A test with a `where` holds for some of the rows only.
            if not content.get("config", {}).get("where"):
                yield name, content.get("arguments", {})
