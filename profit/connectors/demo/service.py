"""Tickets, warranty claims, product usage and survey answers in their final state."""

from __future__ import annotations

import duckdb
import numpy as np

from profit.connectors.demo.catalogue import CAMERAS, CARE_PLAN, COMPUTERS, GROUPS, PER_GROUP, PHONES
from profit.connectors.demo.field import service_rep
from profit.connectors.demo.people import People
from profit.connectors.demo.records import Records
from profit.connectors.demo.sales import Sales
from profit.connectors.demo.scale import SERVICE, Columns, Floats, Ints, Scale, store, texts

_DAYS_PER_MONTH = 30.4
_CONNECTED = (CAMERAS, COMPUTERS, PHONES)
_MOST_MONTHS_OF_USE = 8


def events_over_time(rng: np.random.Generator, scale: Scale, people: People, rate: Floats) -> tuple[Ints, Ints]:
    """Customer and day of events that happen at `rate` a month from acquisition to the end of the window."""
    since = np.maximum(people.acquired, 0)
    counts = rng.poisson(rate * (scale.days - since) / _DAYS_PER_MONTH)
    customer = np.repeat(np.arange(scale.customers), counts)
    day = since[customer] + np.floor(rng.random(len(customer)) * (scale.days - since[customer])).astype(np.int64)
    return customer, day


def build_service(
    connection: duckdb.DuckDBPyConnection, scale: Scale, people: People, records: Records, sales: Sales
) -> None:
    """Make `final_tickets`, `final_warranty_claims`, `final_product_usage` and `final_surveys`."""
    store(connection, "raw_tickets", _draw_tickets(scale, people, records, sales))
    store(connection, "raw_claims", _draw_claims(scale, people, records, sales))
    store(connection, "raw_usage", _draw_usage(scale, records, sales))
    store(connection, "raw_answers", _draw_answers(scale, people, records, sales))
    store(connection, "product_groups", {"product_group": texts(GROUPS)})
    connection.execute(_SQL)


def _draw_tickets(scale: Scale, people: People, records: Records, sales: Sales) -> Columns:
    rng = scale.rng("tickets")
    customer, day = events_over_time(rng, scale, people, people.ticket_rate)
    returns = sales.returns
    told = np.flatnonzero((returns.record >= 0) & (rng.random(len(returns.day)) < 0.3))
    returning = sales.orders.customer[sales.orders.line_order[returns.line[told]]]
    told, returning = told[returning != people.michelle], returning[returning != people.michelle]
    # However small the demo, one ticket is in it.
    customer = np.concatenate([customer, returning, [0]])
    day = np.concatenate([day, returns.day[told], [scale.days - 3]])
    count = len(customer)
    minutes = np.maximum(rng.gamma(1.6, 11, count) * np.where(people.is_demanding[customer], 1.8, 1.0), 2)
    random_article = np.where(rng.random(count) < 0.7, rng.integers(0, CARE_PLAN, count), -1)
    known_article = np.concatenate(
        [random_article[: count - len(told) - 1], sales.orders.bought[returns.line[told]], [-1]]
    )
    in_time = np.argsort(day, kind="stable")
    columns = {
        "record": records.find(customer, SERVICE),
        "day": day,
        "second": rng.integers(7 * 3600, 19 * 3600, count),
        # A ticket that would be closed after the window is open.
        "open_hours": np.rint(rng.gamma(0.8, 40, count)).astype(np.int64),
        "channel": rng.choice(4, count, p=[0.45, 0.33, 0.15, 0.07]),
        "topic": rng.integers(0, 5, count),
        "minutes": np.rint(minutes).astype(np.int64),
        "rep": service_rep(rng, count),
        "article": known_article,
    }
    return {name: values[in_time] for name, values in columns.items()}


def _draw_claims(scale: Scale, people: People, records: Records, sales: Sales) -> Columns:
    rng = scale.rng("warranty claims")
    orders = sales.orders
    customer = orders.customer[orders.line_order]
    is_named = (sales.order_record[orders.line_order] >= 0) & (customer != people.michelle)
    share = np.where(people.is_demanding[customer], 0.05, 0.022)
    line = np.flatnonzero(is_named & (orders.article < CARE_PLAN) & (rng.random(len(customer)) < share))
    if not len(line):
        line = np.flatnonzero(is_named & (orders.article < CARE_PLAN))[:1]
    day = orders.day[orders.line_order[line]] + rng.integers(5, 300, len(line))
    # A claim that would come after the window comes on its last day if it is the only one.
    day[:1] = np.minimum(day[:1], scale.days - 1)
    line, day = line[day < scale.days], day[day < scale.days]
    in_time = np.argsort(day, kind="stable")
    line, day = line[in_time], day[in_time]
    count = len(line)
    is_accepted = rng.random(count) < 0.82
    is_accepted[:1] = True
    parts = orders.price_cents[line] * rng.uniform(0.05, 0.35, count)
    return {
        "line_n": line,
        "order_n": orders.line_order[line],
        "record": records.find(customer[line], SERVICE),
        "day": day,
        "is_accepted": is_accepted,
        "minutes": np.rint(rng.gamma(3, 14, count)).astype(np.int64) + 5,
        "parts_cents": np.where(is_accepted, np.rint(parts), 0).astype(np.int64),
        "currency": orders.currency[orders.line_order[line]],
        "has_line": rng.random(count) < 0.75,
    }


def _draw_usage(scale: Scale, records: Records, sales: Sales) -> Columns:
    """Monthly hours of connected devices of customers whom the service desk knows."""
    rng = scale.rng("usage")
    orders = sales.orders
    customer = orders.customer[orders.line_order]
    is_connected = (orders.article < CARE_PLAN) & np.isin(orders.article // PER_GROUP, _CONNECTED)
    line = np.flatnonzero(is_connected & (records.number[customer, SERVICE] >= 0))
    months = rng.integers(1, _MOST_MONTHS_OF_USE + 1, len(line))
    each = np.repeat(line, months)
    later = np.arange(len(each)) - np.repeat(np.cumsum(months) - months, months)
    month = scale.month_of(orders.day[orders.line_order[each]]) + later
    each, month = each[month < scale.months], month[month < scale.months]
    record = records.number[customer[each], SERVICE]
    _, kept = np.unique(np.stack([month, record, orders.article[each]]), axis=1, return_index=True)
    each, month, record = each[kept], month[kept], record[kept]
    return {
        "record": record,
        "article": orders.bought[each],
        "day": scale.month_starts[month + 1] - 1,
        "tenths": np.rint(rng.gamma(1.3, 140, len(each))).astype(np.int64),
    }


def _draw_answers(scale: Scale, people: People, records: Records, sales: Sales) -> Columns:
    rng = scale.rng("surveys")
    orders = sales.orders
    is_asked = (sales.order_record >= 0) & (orders.customer != people.michelle) & (rng.random(len(orders.day)) < 0.07)
    is_asked[np.flatnonzero(sales.order_record >= 0)[:1]] = True
    order = np.repeat(np.flatnonzero(is_asked), 3)
    question = np.tile(np.arange(3), len(order) // 3)
    day = orders.day[order] + np.repeat(rng.integers(2, 20, len(order) // 3), 3)
    mood = np.repeat(rng.normal(0, 1, len(order) // 3), 3) - 0.6 * people.is_demanding[orders.customer[order]]
    score = np.array([7.4, 3.9, 3.0])[question] + np.array([2.0, 0.9, 1.1])[question] * mood
    columns = {
        "record": records.find(orders.customer[order], SERVICE),
        "day": np.minimum(day, scale.days - 1),
        "question": question,
        "product_group": rng.integers(0, len(GROUPS), len(order)),
        "score": np.clip(np.rint(score), np.array([0, 1, 1])[question], np.array([10, 5, 5])[question]).astype(
            np.int64
        ),
    }
    in_time = np.argsort(columns["day"], kind="stable")
    return {name: values[in_time] for name, values in columns.items()}


_REFERENCE = """records.customer_id,
    case when records.source_system <> 'service_desk' then records.source_system end as customer_source_system"""

_SQL = f"""
create table final_tickets as
select t.n as _n, 'service_desk' as source_system, 'TK' || lpad(cast(t.n + 1 as varchar), 7, '0') as ticket_id,
    {_REFERENCE}, articles.product_id, cast(null as varchar) as product_source_system, reps.sales_rep_id,
    at_second(t.day, t.second) as opened_at,
    case when t.day + t.open_hours / 24 < window_days() - 1
        then at_second(t.day, t.second) + to_minutes(t.minutes) + to_hours(t.open_hours) end as closed_at,
    ['phone', 'email', 'chat', 'store'][1 + t.channel] as channel,
    ['delivery', 'invoice', 'how to', 'defect', 'return'][1 + t.topic] as topic,
    cast(t.minutes as decimal(18, 4)) as handling_minutes, cast(null as varchar) as order_id,
    cast(null as varchar) as order_source_system, cast(null as boolean) as is_deleted,
    delivery_of(on_day(t.day)) as _delivery
from raw_tickets as t
inner join record_keys as records using (record)
inner join rep_keys as reps using (rep)
left join articles on t.article = articles.n;

create table final_warranty_claims as
select c.n as _n, 'service_desk' as source_system, 'WC' || lpad(cast(c.n + 1 as varchar), 7, '0') as warranty_claim_id,
    {_REFERENCE},
    case when c.has_line then orders.order_id || '-' || lines.line_number end as order_line_id,
    case when c.has_line then orders.source_system end as order_source_system,
    articles.product_id, cast(null as varchar) as product_source_system, on_day(c.day) as claimed_on, c.is_accepted,
    cast(c.minutes as decimal(18, 4)) as handling_minutes, money(nullif(c.parts_cents, 0)) as parts_amount,
    case when c.parts_cents > 0 then currencies.currency_code end as currency_code, cast(null as boolean) as is_deleted,
    delivery_of(on_day(c.day)) as _delivery
from raw_claims as c
inner join record_keys as records using (record)
inner join order_keys as orders using (order_n)
inner join raw_lines as lines on c.line_n = lines.n
inner join articles on lines.article = articles.n
inner join currencies on c.currency = currencies.currency;

create table final_product_usage as
select u.n as _n, 'service_desk' as source_system, records.customer_id, cast(null as varchar) as customer_source_system,
    articles.product_id, cast(null as varchar) as product_source_system, on_day(u.day) as used_on,
    cast(u.tenths * 0.1 as decimal(18, 4)) as usage_quantity, 'hours' as usage_unit,
    cast(null as boolean) as is_deleted, delivery_of(on_day(u.day)) as _delivery
from raw_usage as u
inner join record_keys as records using (record)
inner join articles on u.article = articles.n;

create table final_surveys as
select a.n as _n, 'service_desk' as source_system, 'SV' || lpad(cast(a.n + 1 as varchar), 8, '0') as survey_answer_id,
    {_REFERENCE}, on_day(a.day) as answered_on,
    ['recommend', 'satisfaction', 'interest'][1 + a.question] as question,
    case when a.question = 2 then product_groups.product_group end as topic, cast(a.score as decimal(18, 4)) as score,
    cast([10, 5, 5][1 + a.question] as decimal(18, 4)) as score_maximum, cast(null as boolean) as is_deleted,
    delivery_of(on_day(a.day)) as _delivery
from raw_answers as a
inner join record_keys as records using (record)
inner join product_groups on a.product_group = product_groups.n;
"""
