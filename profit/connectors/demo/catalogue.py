"""The articles: list prices and standard costs that change over time."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import numpy as np

from profit.connectors.demo.scale import LEAST_ARTICLES, NO_DAY, Ints, Scale, store, texts

PER_GROUP = 12
# Category, group, what the articles are called, lowest and highest list price in dollars, cost as a share of the price.
_GROUPS = (
    ("Electronics", "Cameras", "Camera", 119, 1499, 0.66),
    ("Electronics", "Televisions", "Television", 249, 2499, 0.74),
    ("Electronics", "Audio", "Speaker", 39, 899, 0.58),
    ("Electronics", "Computers", "Notebook", 399, 2299, 0.79),
    ("Electronics", "Phones", "Phone", 149, 1199, 0.77),
    ("Home", "Kitchen", "Mixer", 19, 549, 0.52),
    ("Home", "Furniture", "Shelf", 59, 1599, 0.55),
    ("Home", "Lighting", "Lamp", 15, 289, 0.47),
    ("Home", "Bedding", "Duvet", 25, 379, 0.45),
    ("Home", "Garden", "Mower", 12, 699, 0.57),
)
GROUPS = tuple(group for _, group, *_ in _GROUPS)
CAMERAS, AUDIO, COMPUTERS, PHONES, FURNITURE = (
    GROUPS.index(name) for name in ("Cameras", "Audio", "Computers", "Phones", "Furniture")
)
_GOODS = PER_GROUP * len(_GROUPS)
CARE_PLAN, GIFT_WRAPPING, EXPRESS_FEE, MICHELLES_CAMERA, MICHELLES_STEREO = range(_GOODS, _GOODS + 5)
# Product, name, category, group, kind, list price in cents, cost in cents (none where there is no standard cost).
_SINGLES = (
    ("SVC-CARE", "Care plan", "Services", "Services", "service", 1_499, 520),
    ("SVC-GIFT", "Gift wrapping", "Services", "Services", "service", 499, None),
    ("FEE-EXPR", "Express postage", "Services", "Postage", "fee", 1_250, 0),
    ("CAM-V600", "Video camera V600", "Electronics", "Cameras", "goods", 60_000, 39_000),
    ("AUD-S450", "Stereo system S450", "Electronics", "Audio", "goods", 45_000, 26_100),
)
# List price in a currency, as a share of the one in dollars.
PRICE_FACTORS = np.array([1.0, 0.94, 0.81])
_BRANDS = ("Nordlys", "Alder", "Kestrel", "Bellweather", "Juniper", "Orrin")


@dataclass(frozen=True)
class Catalogue:
    """Prices and validity of the articles, by article number and day.

    Attributes:
        price_cents: List price in US cents, shape (articles, days).
        launched: First day on sale, shape (articles,).
        discontinued: Last day on sale, a day after the window where it is still sold, shape (articles,).
    """

    price_cents: Ints
    launched: Ints
    discontinued: Ints

    def price_in(self, article: Ints, day: Ints, currency: Ints) -> Ints:
        """List price in hundredths of the currency; abroad it ends in 9 like the one at home."""
        at_home = self.price_cents[article, day]
        abroad = np.rint(at_home * PRICE_FACTORS[currency] / 10).astype(np.int64) * 10 - 1
        return np.where(currency == 0, at_home, np.maximum(abroad, 9))


def variant_of(scale: Scale, article: Ints) -> Ints:
    """What is bought of each article, where the catalogue has variants of it: one of them, or the article itself."""
    variants = np.maximum(scale.articles - LEAST_ARTICLES - article + _GOODS - 1, 0) // _GOODS
    variants[(article < 0) | (article >= _GOODS)] = 0
    if not variants.any():
        return article
    chosen = np.floor(scale.rng("variants").random(len(article)) * (variants + 1)).astype(np.int64)
    return np.where(chosen > 0, LEAST_ARTICLES + (chosen - 1) * _GOODS + article, article)


def build_catalogue(connection: duckdb.DuckDBPyConnection, scale: Scale) -> Catalogue:
    """Make `final_products`, its earlier versions `versions_products` and `final_product_costs`.

    Returns:
        The list prices, for the sales that are generated from them.
    """
    rng = scale.rng("catalogue")
    steps = np.linspace(0, 1, PER_GROUP)
    prices = np.concatenate([np.rint(low * (high / low) ** steps) * 100 - 1 for *_, low, high, _ in _GROUPS])
    shares = np.concatenate([np.full(PER_GROUP, share) for *_, share in _GROUPS])
    shares = np.clip(0.94 * shares + rng.normal(0, 0.04, _GOODS), 0.3, 0.9)
    count = _GOODS + len(_SINGLES)
    launched = np.full(count, NO_DAY)
    discontinued = np.full(count, scale.days + 1)
    # The cheapest article of a group is always on sale, so that there is something to buy instead.
    changing = np.flatnonzero(np.arange(_GOODS) % PER_GROUP > 0)
    new, old = np.split(rng.choice(changing, 16, replace=False), 2)
    launched[new] = rng.integers(1, scale.days, len(new))
    discontinued[old] = rng.integers(0, scale.days, len(old))

    first_prices = np.concatenate([prices, [single[5] for single in _SINGLES]]).astype(np.int64)
    price_cents = np.repeat(first_prices[:, None], scale.days, axis=1)
    change_article, change_day = _changes(rng, scale, per_year=1.6)
    for article, day in zip(change_article, change_day, strict=True):
        raised = price_cents[article, day] * rng.uniform(0.94, 1.09)
        price_cents[article, day:] = np.rint(raised / 100) * 100 - 1

    _store_products(connection, scale, price_cents, launched, discontinued)
    _store_costs(connection, scale, np.rint(prices * shares).astype(np.int64))
    _add_variants(connection, scale)
    _store_versions(connection)
    return Catalogue(price_cents, launched, discontinued)


def _changes(rng: np.random.Generator, scale: Scale, per_year: float) -> tuple[Ints, Ints]:
    """Article and day of each change, in the order of the days."""
    count = max(3, int(rng.poisson(per_year * _GOODS * scale.months / 12)))
    days = np.sort(rng.integers(1, scale.days, count))
    return rng.integers(0, _GOODS, count), days


def _store_products(
    connection: duckdb.DuckDBPyConnection, scale: Scale, price_cents: Ints, launched: Ints, discontinued: Ints
) -> None:
    numbers = np.arange(_GOODS)
    group = numbers // PER_GROUP
    names = [
        f"{_BRANDS[n % len(_BRANDS)]} {_GROUPS[g][2]} {100 + 10 * (n % PER_GROUP)}"
        for n, g in zip(numbers, group, strict=True)
    ]
    store(
        connection,
        "articles",
        {
            "product_id": texts(
                [f"{GROUPS[g][:3].upper()}-{n % PER_GROUP + 1:03d}" for n, g in zip(numbers, group, strict=True)]
                + [single[0] for single in _SINGLES]
            ),
            "product_name": texts(names + [single[1] for single in _SINGLES]),
            "product_group": texts([GROUPS[g] for g in group] + [single[3] for single in _SINGLES]),
            "product_category": texts([_GROUPS[g][0] for g in group] + [single[2] for single in _SINGLES]),
            "product_kind": texts([""] * _GOODS + [single[4] for single in _SINGLES]),
            "launched": launched,
            "discontinued": np.where(discontinued > scale.days, NO_DAY, discontinued),
        },
    )
    # One version of the article for each month in which its list price changed, and the first.
    last_days = np.concatenate([[0], scale.month_starts[1:] - 1])
    at_end = price_cents[:, last_days]
    is_new = np.diff(at_end, axis=1, prepend=-1) != 0
    article, month = np.nonzero(is_new)
    store(connection, "article_prices", {"article": article, "delivery": month - 1, "cents": at_end[is_new]})


def _add_variants(connection: duckdb.DuckDBPyConnection, scale: Scale) -> None:
    """Colours and sizes of the goods: an article like its pattern, of the same price, at a cost of its own."""
    connection.execute(f"""
        create table variants as
        select {LEAST_ARTICLES} + k as n, k % {_GOODS} as pattern, 1 + k // {_GOODS} as number
        from range({scale.articles - LEAST_ARTICLES}) as t(k);
        insert into articles
        select variants.n, articles.product_id || '-' || lpad(cast(number as varchar), 4, '0'),
            articles.product_name || ' no. ' || number, articles.* exclude (n, product_id, product_name)
        from variants inner join articles on variants.pattern = articles.n order by variants.n;
        insert into article_prices
        select article_prices.n, variants.n, article_prices.* exclude (n, article)
        from variants inner join article_prices on variants.pattern = article_prices.article;
        insert into article_costs
        select {LEAST_ARTICLES} + row_number() over (order by variants.n, day) + (select max(n) from article_costs),
            variants.n, day, cast(round(cents * (1 + ((variants.n * 37) % 21 - 10) / 200)) as bigint), currency
        from variants inner join article_costs on variants.pattern = article_costs.article;
    """)


def _store_versions(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("""
        create table article_versions as
        select row_number() over (order by article, delivery) as _n, 'erp' as source_system, product_id, product_name,
            product_group, product_category, nullif(product_kind, '') as product_kind, money(cents) as unit_list_price,
            'USD' as currency_code, on_day(launched) as launched_on, on_day(discontinued) as discontinued_on,
            cast(null as boolean) as is_deleted, delivery as _delivery,
            row_number() over (partition by article order by delivery desc) = 1 as _is_final
        from article_prices inner join articles on article_prices.article = articles.n;
        create table final_products as select * exclude (_is_final) from article_versions where _is_final;
        create table versions_products as select * exclude (_is_final) from article_versions where not _is_final;
        create table final_product_costs as
        select article_costs.n as _n, 'erp' as source_system, product_id,
            cast(null as varchar) as product_source_system, on_day(day) as valid_from, money(cents) as unit_cost_amount,
            currency_code,
            cast(null as boolean) as is_deleted, delivery_of(on_day(day)) as _delivery
        from article_costs
        inner join articles on article_costs.article = articles.n
        inner join currencies using (currency);
    """)


def _store_costs(connection: duckdb.DuckDBPyConnection, scale: Scale, goods_cents: Ints) -> None:
    rng = scale.rng("costs")
    change_article, change_day = _changes(rng, scale, per_year=1.3)
    singles = [(n + _GOODS, single[6]) for n, single in enumerate(_SINGLES) if single[6] is not None]
    article = np.concatenate([np.arange(_GOODS), [n for n, _ in singles], change_article])
    first = np.full(_GOODS + len(singles), -365)
    drift = rng.uniform(0.95, 1.07, len(change_article))
    cents = np.concatenate([goods_cents, [cost for _, cost in singles], np.rint(goods_cents[change_article] * drift)])
    day = np.concatenate([first, change_day])
    _, kept = np.unique(article * 10_000 + day, return_index=True)
    # Some furniture is bought in euros, so that costs have to be converted too.
    is_imported = (article >= FURNITURE * PER_GROUP) & (article < FURNITURE * PER_GROUP + 4)
    columns = {
        "article": article,
        "day": day,
        "cents": cents.astype(np.int64),
        "currency": is_imported.astype(np.int64),
    }
    store(connection, "article_costs", {name: values[kept] for name, values in columns.items()})
