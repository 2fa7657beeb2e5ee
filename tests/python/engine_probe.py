"""Runs every macro that differs by engine on a small input, on one engine, and prints the rows it gives as JSON.

One dbt command for all macros, because starting an engine takes longer than asking it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from dbt.cli.main import dbtRunner

PROBES = """
{%- set known = ref('customer_profitability_monthly') -%}
{%- if execute -%}
{%- set folder = '__FOLDER__' -%}
{%- set database = known.database -%}
{%- set unknown_table = api.Relation.create(database=database, schema=known.schema, identifier='no_such_table') -%}
{%- set unknown_schema = api.Relation.create(database=database, schema='no_such_schema', identifier=known.name) -%}
{%- set places = landed_feeds(landed_places(folder ~ '/filled')) -%}
{%- set orders = landed_files(folder ~ '/filled', 'sales/orders', places['sales.orders']) -%}

select 'days_between' as probe, cast(calendar_date as {{ dbt.type_string() }}) as value
from ({{ days_between("cast('2024-02-27' as date)", "cast('2024-03-02' as date)") }}) as days

union all

select 'calendar_days' as probe, cast(calendar_date as {{ dbt.type_string() }}) as value
from ({{ calendar_days() }}) as days
where calendar_date < cast('2005-01-03' as date) or calendar_date > cast('2035-12-29' as date)

union all

-- The last day of a month stays within its month; boundaries of months are counted; of an empty day nothing is known.
select 'reckoned_days' as probe,
    concat(
        cast({{ month_after('day', 'number') }} as {{ dbt.type_string() }}), ' ',
        cast({{ month_end_of('day') }} as {{ dbt.type_string() }}), ' ',
        cast(cast({{ dbt.dateadd('day', 'number', 'day') }} as date) as {{ dbt.type_string() }}), ' ',
        cast({{ dbt.datediff('day', "cast('2025-02-01' as date)", 'month') }} as {{ dbt.type_string() }}), ' ',
        cast({{ dbt.datediff('day', "cast('2025-02-01' as date)", 'day') }} as {{ dbt.type_string() }})
    ) as value
from (
    select cast('2024-01-31' as date) as day, 1 as number
    union all
    select cast('2025-03-01' as date) as day, -12 as number
) as days

union all

select 'reckoned_days_empty' as probe,
    cast(
        coalesce({{ dbt.datediff('day', "cast('2025-02-01' as date)", 'month') }}, -1)
        + coalesce({{ dbt.datediff('day', "cast('2025-02-01' as date)", 'day') }}, -1) as {{ dbt.type_string() }}
    ) as value
from (select cast(null as date) as day) as days

union all

-- A half goes away from zero also where floating point holds a little less of it.
select 'rounded_number' as probe,
    cast(cast({{ rounded_number('number', 4) }} as decimal(18, 6)) as {{ dbt.type_string() }}) as value
from (
    select cast(317.29495 as double) as number
    union all
    select cast(-1.00005 as double) as number
) as numbers

union all

select 'organisation_directions' as probe,
    words || ': ' || coalesce({{ organisation_directions('words') }}, 'none') as value
from (select 1 as one) as ones
cross join {{ listed(['grundschule nord', 'lager suedwest 3', 'east west trading', 'norden apotheke'], 'n', 'words') }}

union all

-- An underscore is a letter like any other: ann_lee is not ann-lee, and a_1 is not on a list that names ab1.
select 'email_key' as probe, address || ': ' || coalesce({{ email_key('address') }}, 'none') as value
from (select 1 as one) as ones
cross join {{ listed(['ann_lee@ann-lee.example', 'x@x.example', 'a_b@a_b.example', 'nobody'], 'a', 'address') }}

union all

select 'is_listed' as probe, list as value
from (select 1 as one) as ones
cross join {{ listed(['crm:ab1 crm:2', 'crm:2 crm:a_1', 'any'], 'l', 'list') }}
where {{ is_listed("'crm:a_1'", 'list') }}

union all

select 'listed' as probe, names.name as value
from (select 1 as one) as ones
cross join {{ listed(["it's", 'b'], 'names', 'name') }}
where {{ computed_once() }}

union all

-- A half cent goes away from zero; an amount in the reporting currency keeps its four decimals; big amounts fit.
select 'to_reporting_currency' as probe,
    cast(
        {{ to_reporting_currency('amount', 'code', 'cast(rate as decimal(28, 19))') }} as {{ dbt.type_string() }}
    ) as value
from (
    select cast(-10.05 as decimal(18, 4)) as amount, 'EUR' as code, 1.1 as rate
    union all
    select cast(12.3456 as decimal(18, 4)) as amount, 'USD' as code, null as rate
    union all
    select cast(9999999999.9999 as decimal(18, 4)) as amount, 'JPY' as code, 0.0064 as rate
    union all
    select cast(163306500.0049 as decimal(18, 4)) as amount, 'IDR' as code, 0.0000612345000000001 as rate
    union all
    select cast(99999999999999.9999 as decimal(18, 4)) as amount, 'IDR' as code, 0.9999999999998999999 as rate
) as amounts

union all

select 'inverse_rate' as probe,
    cast({{ inverse_rate('cast(rate as decimal(28, 19))') }} as {{ dbt.type_string() }}) as value
from (
    select 25000.5 as rate
    union all
    select 0.0000612345 as rate
    union all
    select 3 as rate
) as quotations

union all

-- Less and more than 18 digits hold, and half a unit of the fourth decimal.
select 'exact_amount' as probe, cast({{ exact_amount('quantity', 'price') }} as {{ dbt.type_string() }}) as value
from (
    select cast(3 as decimal(18, 4)) as quantity, cast(-1.2345 as decimal(18, 4)) as price
    union all
    select cast(9999.9999 as decimal(18, 4)) as quantity, cast(999999999.9999 as decimal(18, 4)) as price
    union all
    select cast(-0.0001 as decimal(18, 4)) as quantity, cast(0.5 as decimal(18, 4)) as price
    union all
    select cast(1000000 as decimal(18, 4)) as quantity, cast(0.0000125 as decimal(26, 12)) as price
    union all
    select cast(0.0001 as decimal(18, 4)) as quantity, cast(0.499999999999 as decimal(26, 12)) as price
    union all
    select cast(9999.9999 as decimal(18, 4)) as quantity, cast(9999999999.999999999999 as decimal(26, 12)) as price
) as products

union all

select 'moment_in_zone' as probe,
    cast(cast({{ moment_in_zone('moment', 'America/Sao_Paulo') }} as date) as {{ dbt.type_string() }}) as value
from (
    select cast('2024-03-01 02:59:59' as timestamp) as moment
    union all
    select cast('2024-03-01 03:00:00' as timestamp) as moment
    union all
    select cast('2018-02-01 01:59:59' as timestamp) as moment
) as moments

union all

select 'counted_day' as probe,
    cast({{ counted_day('day', 'delivered_on', 366) }} as {{ dbt.type_string() }}) as value
from (
    select cast('1979-12-31' as date) as day, cast('2024-06-30' as date) as delivered_on
    union all
    select cast('2025-07-01' as date) as day, cast('2024-06-30' as date) as delivered_on
    union all
    select cast('2025-07-02' as date) as day, cast('2024-06-30' as date) as delivered_on
    union all
    select cast('2099-12-31' as date) as day, cast(null as date) as delivered_on
) as days

union all

select 'delivery_content' as probe, {{ delivery_content('delivery_id') }} as value
from (
    select '0001-00ff00ff00ff' as delivery_id
    union all
    select '12345-00ff00ff00aa' as delivery_id
    union all
    select 'load 7' as delivery_id
) as deliveries

union all

select 'month_of_date' as probe, cast({{ month_of("cast('2024-02-29' as date)") }} as {{ dbt.type_string() }}) as value

union all

select 'month_of_timestamp' as probe,
    cast({{ month_of("cast('2024-12-31 23:59:59' as timestamp)") }} as {{ dbt.type_string() }}) as value

union all

-- Two pools serve each other and one of them itself: (I - W)^-1 is 1.5, 1, 1, 2.
select 'reciprocal_inverse' as probe,
    pool_id || ' ' || receiver_pool_id || ' '
    || cast(cast(round(weight, 8) as decimal(18, 4)) as {{ dbt.type_string() }})
    || ' ' || cast(cast(round(remainder, 8) as decimal(18, 4)) as {{ dbt.type_string() }}) as value
from (
    {{ reciprocal_inverse(
        "(select 1 as period, 'a' as pool_id union all select 1 as period, 'b' as pool_id)",
        "(select 1 as period, 'a' as pool_id, 'b' as receiver_pool_id, cast(0.5 as double) as share "
        "union all select 1 as period, 'b' as pool_id, 'a' as receiver_pool_id, cast(0.5 as double) as share "
        "union all select 1 as period, 'b' as pool_id, 'b' as receiver_pool_id, cast(0.25 as double) as share)"
    ) }}
) as inverse

{% for zone in ['filled', 'no_such_folder'] %}
{%- set receipts = api.Relation.create(database=database, schema='probe', identifier=zone, type='table') -%}
{%- do adapter.create_schema(receipts.without_identifier()) -%}
{%- do replace_with_receipts(receipts, folder ~ '/' ~ zone ~ '/_receipts') %}
union all

select 'receipts_{{ zone }}' as probe,
    feed || ' ' || source_system || ' ' || cast(delivered_on as {{ dbt.type_string() }}) || ' ' || checksum || ' '
    || cast(rows_read - rows_landed - rows_quarantined as {{ dbt.type_string() }}) as value
from {{ receipts }}
{% endfor %}

{% for zone in ['filled', 'empty', 'no_such_folder'] %}
{%- set feeds = landed_feeds(landed_places(folder ~ '/' ~ zone)) %}
union all

select 'landed_feeds_{{ zone }}' as probe, '{{ feeds | sort | join(", ") }}' as value
{% endfor %}

union all

select
    'landed_files' as probe,
    source_system || ' ' || cast(cast(delivered_on as date) as {{ dbt.type_string() }}) || ' '
    || {{ delivery_id_of_file() }} || ' ' || order_id || ' '
    || coalesce(cast(commission_amount as {{ dbt.type_string() }}), 'null') || ' ' || coalesce(x_note, 'null') as value
from {{ orders }}

union all

select 'columns_of_files' as probe,
    '{{ columns_of_query("select * from " ~ orders) | sort | join(", ") }}' as value

union all

select 'columns_of_query' as probe, '{{ columns_of_query("select 1 as First, 2 as SECOND") | join(", ") }}' as value

union all

select 'columns_of_relation' as probe, '{{ columns_of_relation(known) | join(", ") }}' as value

union all

select 'columns_of_no_table' as probe, '{{ columns_of_relation(unknown_table) | join(", ") }}' as value

union all

select 'columns_of_no_schema' as probe, '{{ columns_of_relation(unknown_schema) | join(", ") }}' as value

union all

select 'trimmed' as probe, '[' || {{ trimmed('text') }} || ']' as value
from (select '  A' || chr(160) || 'B ' || chr(160) as text) as texts

union all

select 'trimmed_blank' as probe, coalesce(nullif({{ trimmed("' '") }}, ''), 'null') as value

union all

-- Each number divided by what it should be.
select 'log_of_one_plus' as probe,
    cast(cast({{ log_of_one_plus('number') }} / expected as decimal(18, 10)) as {{ dbt.type_string() }}) as value
from (
    select 1e-18 as number, 1e-18 as expected
    union all
    select 5e-1 as number, 0.4054651081081644e0 as expected
    union all
    select 1e10 as number, 23.025850930040455e0 as expected
) as numbers

union all

select 'one_minus_exp' as probe,
    cast(cast({{ one_minus_exp('number') }} / expected as decimal(18, 10)) as {{ dbt.type_string() }}) as value
from (
    select 1e-18 as number, 1e-18 as expected
    union all
    select 5e-1 as number, 0.3934693402873666e0 as expected
    union all
    select 9e2 as number, 1e0 as expected
) as numbers

union all

select 'log_gamma' as probe,
    cast(cast({{ log_gamma('number') }} / expected as decimal(18, 10)) as {{ dbt.type_string() }}) as value
from (
    select 1e-3 as number, 6.907178885383854e0 as expected
    union all
    select 5e-1 as number, 0.5723649429247004e0 as expected
    union all
    select 1e4 as number, 82099.71749644238e0 as expected
) as numbers

union all

select 'sorted_texts' as probe, coalesce({{ sorted_texts('text') }}, 'null') as value
from (
    select 1 as place, 'pick_line' as text
    union all
    select 1 as place, null as text
    union all
    select 1 as place, 'answer_call' as text
    union all
    select 1 as place, 'Visit' as text
    union all
    select 2 as place, null as text
) as texts
group by place
{%- endif -%}
"""


def main(target: str, folder: Path) -> None:
    """Print the rows of all probes on one engine, by probe.

    Args:
        target: Target of the profile, `duckdb` or `spark`.
        folder: Folder of the small landing zones.
    """
    inline = PROBES.replace("__FOLDER__", str(folder))
    outcome = dbtRunner().invoke(["--quiet", "show", "--target", target, "--limit", "-1", "--inline", inline])
    if not outcome.success:
        sys.exit(1)
    rows: dict[str, list[str]] = {}
    for probe, value in outcome.result.results[0].agate_table.rows:
        rows.setdefault(probe, []).append(value)
    print("\n" + json.dumps({probe: sorted(values) for probe, values in rows.items()}, default=str))
