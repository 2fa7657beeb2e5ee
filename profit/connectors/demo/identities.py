"""What the true customers are called and where they live, before any system mistypes it."""

from __future__ import annotations

import duckdb
import numpy as np

from profit.connectors.demo import names
from profit.connectors.demo.people import COUNTRIES, People
from profit.connectors.demo.scale import Columns, Ints, Scale, store, texts
from profit.connectors.demo.story import is_in_consumer_goods

_HOUSEHOLD_SHARE = 0.04
_NAMESAKE_SHARE = 0.15
_TWIN_SHARE = 0.5


def build_vocabulary(connection: duckdb.DuckDBPyConnection) -> None:
    """Make a table `word_<kind>` for each list of words."""
    for kind, words in {
        "first": names.FIRST_NAMES,
        "last": names.LAST_NAMES,
        "street": names.STREETS,
        "firm": names.FIRM_WORDS,
        "trade": names.FIRM_TRADES,
        "industry": names.INDUSTRIES,
        "occupation": names.OCCUPATIONS,
        "size": names.SIZE_CLASSES,
        "household": names.HOUSEHOLD_SIZES,
    }.items():
        store(connection, f"word_{kind}", {"word": texts(tuple(words))})
    store(
        connection,
        "word_country",
        {
            "country_code": texts([code for code, *_ in COUNTRIES]),
            "legal": texts(names.LEGAL_FORMS),
            "legal_long": texts(names.LEGAL_FORMS_LONG),
            "dial": texts(names.DIAL_CODES),
        },
    )
    store(
        connection,
        "word_city",
        {
            "city": texts([city for _, city, _, _ in names.CITIES]),
            "region": texts([region for _, _, region, _ in names.CITIES]),
            "postal": np.array([postal for *_, postal in names.CITIES]),
        },
    )


def draw_parts(rng: np.random.Generator, country: Ints) -> Columns:
    """Numbers of the words and digits of a name, address and phone number for each entry of `country`."""
    count = len(country)
    city_country = np.array([number for number, *_ in names.CITIES])
    first_city = np.searchsorted(city_country, np.arange(len(COUNTRIES)))
    cities = np.bincount(city_country)
    return {
        "first": rng.integers(0, len(names.FIRST_NAMES), count),
        "last": np.floor(rng.random(count) ** 1.3 * len(names.LAST_NAMES)).astype(np.int64),
        "street": rng.integers(0, len(names.STREETS), count),
        "house": rng.integers(1, 250, count),
        "city": first_city[country] + np.floor(rng.random(count) * cities[country]).astype(np.int64),
        "postal": rng.integers(0, 100, count),
        "phone": rng.integers(201_200_0000, 989_999_9999, count),
        "firm": rng.integers(0, len(names.FIRM_WORDS), count),
        "trade": rng.integers(0, len(names.FIRM_TRADES), count),
        "born": rng.integers(-30_000, -7_500, count),
        "industry": rng.integers(0, len(names.INDUSTRIES) - 1, count),
        "occupation": rng.integers(0, len(names.OCCUPATIONS), count),
        "size": rng.integers(0, 4, count),
    }


def build_identities(connection: duckdb.DuckDBPyConnection, scale: Scale, people: People) -> Ints:
    """Make `identities`: one row a true customer with the words of name, address, e-mail and phone.

    Returns:
        For each customer the one whose household it shares, -1 for none.
    """
    rng = scale.rng("identities")
    country = people.country
    parts = draw_parts(rng, country)
    count = scale.customers
    parts["industry"][is_in_consumer_goods(people)] = names.INDUSTRIES.index(names.CONSUMER_GOODS)
    # Households share address, family name and telephone; a few are father and son of the same name, a few are twins.
    housemate = np.arange(count) - 1
    is_sharing = (rng.random(count) < _HOUSEHOLD_SHARE) & ~people.is_organisation
    is_sharing[1:] &= ~people.is_organisation[:-1] & (country[1:] == country[:-1]) & ~is_sharing[:-1]
    is_sharing[[0, count - 1]] = False
    for name in ("last", "street", "house", "city", "postal", "phone"):
        parts[name][is_sharing] = parts[name][housemate[is_sharing]]
    is_namesake = is_sharing & (rng.random(count) < _NAMESAKE_SHARE)
    parts["first"][is_namesake] = parts["first"][housemate[is_namesake]]
    # A group of companies shares its name.
    is_child = people.parent >= 0
    parts["firm"][is_child] = parts["firm"][people.parent[is_child]]
    is_switchboard = people.is_organisation & (rng.random(count) < 0.04)
    is_twin = is_sharing & (parts["first"] != parts["first"][housemate]) & (rng.random(count) < _TWIN_SHARE)
    parts["born"][is_twin] = parts["born"][housemate[is_twin]]
    is_twin[housemate[is_twin]] = True
    store(
        connection,
        "identity_parts",
        {
            **parts,
            "country": country,
            "is_organisation": people.is_organisation,
            "is_switchboard": is_switchboard,
            "is_twin": is_twin,
        },
    )
    connection.execute(f"""
        create table identities as
        select p.n as customer, p.is_organisation, first.word as first_name, last.word as last_name,
            firm.word || ' ' || trade.word || case when p.n % 5 = 0 then ' ' || city.city else '' end as firm_name,
            country.legal, country.legal_long, country.country_code, country.dial, p.phone,
            case when p.is_switchboard then '{names.SWITCHBOARD_PHONE}' end as switchboard, p.house,
            street.word as street,
            city.city, city.region, lpad(cast(city.postal * 100 + p.postal as varchar), 5, '0') as postal_code,
            on_day(p.born) as birth_date, p.is_twin,
            case when p.is_organisation then industry.word else occupation.word end as industry,
            case when p.is_organisation then size.word else household.word end as size_class,
            case when p.is_organisation then 'office@' || lower(firm.word) || p.n || '.example'
                else lower(strip_accents(first.word || '.' || last.word)) || p.n || '@mailbox.example' end as email,
            lower(strip_accents(left(first.word, 1) || last.word)) || p.n || '@work.example' as other_email,
            case when p.is_organisation
                then country.country_code || lpad(cast(p.n * 7919 % 999999937 as varchar), 9, '0') end as tax_number
        from identity_parts as p
        inner join word_first as first on p.first = first.n
        inner join word_last as last on p.last = last.n
        inner join word_firm as firm on p.firm = firm.n
        inner join word_trade as trade on p.trade = trade.n
        inner join word_street as street on p.street = street.n
        inner join word_city as city on p.city = city.n
        inner join word_country as country on p.country = country.n
        inner join word_industry as industry on p.industry = industry.n
        inner join word_occupation as occupation on p.occupation = occupation.n
        inner join word_size as size on p.size = size.n
        inner join word_household as household on p.size = household.n
    """)
    return np.where(is_sharing, housemate, -1)
