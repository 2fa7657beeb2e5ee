"""Territories and the representatives who work in them."""

from __future__ import annotations

import duckdb
import numpy as np

from profit.connectors.demo.people import People
from profit.connectors.demo.scale import NO_DAY, Ints, Scale, store, texts

# Number, name, region, country, parent.
_TERRITORIES = (
    ("T10", "United States East", "Americas", "US", "T1"),
    ("T11", "United States Central", "Americas", "US", "T1"),
    ("T12", "United States West", "Americas", "US", "T1"),
    ("T20", "United Kingdom", "Europe", "GB", "T2"),
    ("T21", "Germany", "Europe", "DE", "T2"),
    ("T22", "France", "Europe", "FR", "T2"),
    ("T23", "Netherlands", "Europe", "NL", "T2"),
    ("T1", "Americas", "Americas", "", ""),
    ("T2", "Europe", "Europe", "", ""),
)
# Three at home and one for each other country.
_FIELD_TERRITORIES = 7
_REPS_PER_TERRITORY = 2
# Representatives come in this order: managers, field, inside sales, service.
_MANAGERS, _FIELD, _INSIDE, _SERVICE = 2, _FIELD_TERRITORIES * _REPS_PER_TERRITORY, 6, 4
FIRST_INSIDE = _MANAGERS + _FIELD
FIRST_SERVICE = FIRST_INSIDE + _INSIDE
REPS = FIRST_SERVICE + _SERVICE
# fmt: off
_NAMES = (
    "Ada Quist", "Bruno Keller", "Carla Mendes", "Dan Okafor", "Erin Walsh", "Finn Larsen", "Gina Rossi",
    "Hank Peters", "Inga Holm", "Jack Doyle", "Kira Novak", "Leo Brandt", "Mona Aziz", "Ned Harper",
    "Odile Perrin", "Pim de Wit", "Rhea Stone", "Saul Weiss", "Tina Ford", "Udo Kern", "Vic Lane", "Wes Dunn",
    "Yara Haddad", "Zack Moss", "Abby Cole", "Bert Vogel",
)
# fmt: on


def rep_of(people: People) -> Ints:
    """Field representative who looks after each customer."""
    customers = np.arange(len(people.country))
    return _MANAGERS + territory_of(people) * _REPS_PER_TERRITORY + customers % _REPS_PER_TERRITORY


def territory_of(people: People) -> Ints:
    """Territory number of each customer."""
    customers = np.arange(len(people.country))
    return np.where(people.country == 0, customers % 3, people.country + 2)


def inside_rep(rng: np.random.Generator, count: int) -> Ints:
    """An inside-sales representative for each of `count` calls or orders."""
    return rng.integers(FIRST_INSIDE, FIRST_SERVICE, count)


def service_rep(rng: np.random.Generator, count: int) -> Ints:
    """A service representative for each of `count` cases."""
    return rng.integers(FIRST_SERVICE, REPS, count)


def build_field(connection: duckdb.DuckDBPyConnection, scale: Scale, people: People) -> None:
    """Make `final_territories`, `final_sales_reps`, `reps` and `territory_of_customer`."""
    columns = zip(*_TERRITORIES, strict=True)
    names = ("territory_id", "territory_name", "region", "country_code", "parent_territory_id")
    store(connection, "territories", {name: texts(values) for name, values in zip(names, columns, strict=True)})
    field_territory = np.repeat(np.arange(_FIELD_TERRITORIES), _REPS_PER_TERRITORY)
    territory = np.concatenate([[7, 8], field_territory, np.full(_INSIDE, 7), np.full(_SERVICE, 8)])
    roles = ["manager"] * _MANAGERS + ["sales"] * _FIELD + ["inside sales"] * _INSIDE + ["service"] * _SERVICE
    hired = -np.arange(200, 200 + 37 * REPS, 37)
    left = np.full(REPS, NO_DAY)
    # The last inside representative leaves half way; another took over.
    left[FIRST_SERVICE - 1] = scale.days // 2
    store(
        connection,
        "reps",
        {
            "name": texts(_NAMES),
            "role": texts(roles),
            "territory": territory,
            "manager": np.where(np.arange(REPS) < _MANAGERS, -1, (territory >= 3) & (territory != 7)),
            "hired": hired,
            "left_day": left,
        },
    )
    store(connection, "customer_field", {"territory": territory_of(people), "rep": rep_of(people)})
    connection.execute("""
        create table final_territories as
        select n as _n, 'crm' as source_system, territory_id, territory_name, region,
            nullif(country_code, '') as country_code, nullif(parent_territory_id, '') as parent_territory_id,
            cast(null as boolean) as is_deleted, -1 as _delivery
        from territories;
        create table rep_keys as select n as rep, 'R' || lpad(cast(n + 1 as varchar), 3, '0') as sales_rep_id from reps;
        create table final_sales_reps as
        select reps.n as _n, 'crm' as source_system, keys.sales_rep_id, reps.name as sales_rep_name, reps.role,
            territories.territory_id, bosses.sales_rep_id as manager_sales_rep_id, on_day(hired) as hired_on,
            on_day(left_day) as left_on, cast(null as boolean) as is_deleted,
            case when left_day >= 0 then delivery_of(on_day(left_day)) else -1 end as _delivery
        from reps
        inner join rep_keys as keys on reps.n = keys.rep
        inner join territories on reps.territory = territories.n
        left join rep_keys as bosses on reps.manager = bosses.rep;
        create table versions_sales_reps as
        select * replace (cast(null as date) as left_on, -1 as _delivery)
        from final_sales_reps where left_on is not null;
        create table territory_of_customer as
        select customer_field.n as customer, territories.territory_id, rep_keys.sales_rep_id
        from customer_field
        inner join territories on customer_field.territory = territories.n
        inner join rep_keys on customer_field.rep = rep_keys.rep;
    """)
