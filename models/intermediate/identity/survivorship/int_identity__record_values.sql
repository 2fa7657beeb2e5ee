{#- What a record offers for the attributes of core; the others are only counted. -#}
{%- set offered = {
    'customer_kind': ['customer_kind'],
    'industry': ['industry'],
    'size_class': ['size_class'],
    'place': ['city', 'region', 'country_code'],
    'parent_customer_id': ['parent_record_id'],
    'territory_id': ['territory_id'],
    'sales_rep_id': ['sales_rep_id'],
} -%}
{%- set columns = offered.values() | sum(start=[]) + ['created_on', 'missing_count'] -%}
{%- set counted = [
    'first_name', 'last_name', 'organisation_name', 'email', 'phone', 'address_line', 'postal_code', 'city', 'region', 'country_code', 'tax_number',
    'loyalty_number', 'industry', 'size_class', 'parent_customer_id', 'territory_id', 'sales_rep_id',
] -%}

with

versions as (
    select * from {{ ref('int_identity__record_versions') }}
),

territory_keys as (
    select * from {{ ref('int_references__keys') }}
    where entity = 'territory'
),

sales_rep_keys as (
    select * from {{ ref('int_references__keys') }}
    where entity = 'sales_rep'
),

described as (
    select
        versions.record_id,
        versions.source_system,
        versions.record_kind,
        versions.valid_from,
        versions.is_deleted,
        versions.valid_from = versions.first_seen_on and versions.valid_to = cast('9999-12-31' as date) as is_only_version,
        {{ filled('versions.customer_kind') }} as customer_kind,
        {{ filled('versions.industry') }} as industry,
        {{ filled('versions.size_class') }} as size_class,
        {{ filled('versions.city') }} as city,
        {{ filled('versions.region') }} as region,
        {{ filled('versions.country_code') }} as country_code,
        {{ record_key("'customer'", 'versions.source_system', filled('versions.parent_customer_id')) }} as parent_record_id,
        {{ referred_id('territory_keys') }} as territory_id,
        {{ referred_id('sales_rep_keys') }} as sales_rep_id,
        versions.created_on,
        case when versions.birth_date is null then 1 else 0 end + {{ empty_count(counted, 'versions') }} as missing_count
    from versions
    {{ resolve_reference('territory_keys', 'versions.territory_id', 'versions.source_system') }}
    {{ resolve_reference('sales_rep_keys', 'versions.sales_rep_id', 'versions.source_system') }}
),

-- A withdrawn record is remembered by what it last said, one that was never anything else by what it said first.
remembered as (
    select
        record_id,
        valid_from,
        is_deleted,
        coalesce(
            max(case when not is_deleted then valid_from end) over (partition by record_id order by valid_from),
            min(valid_from) over (partition by record_id)
        ) as said_on
    from described
    where not is_only_version
),

said as (
    select
        remembered.record_id,
        described.source_system,
        described.record_kind,
        remembered.valid_from,
        remembered.is_deleted,
        described.{{ columns | join(',\n        described.') }}
    from remembered
    inner join described
        on remembered.record_id = described.record_id
        and remembered.said_on = described.valid_from
),

compared as (
    select
        *,
        {%- for group, parts in offered.items() %}
        {{ is_any_new(parts, 'record_id', 'valid_from') }} as is_new_{{ group }},
        {%- endfor %}
        {{ is_any_new(['is_deleted', 'created_on', 'missing_count'], 'record_id', 'valid_from') }} as is_new_otherwise
    from said
),

-- A system that delivers every record every day does not change it every day: a value is as old as its last change.
dated as (
    select
        *,
        {%- for group in offered %}
        coalesce(
            max(case when is_new_{{ group }} then valid_from end) over (partition by record_id order by valid_from),
            min(valid_from) over (partition by record_id)
        ) as {{ group }}_since,
        {%- endfor %}
        is_new_otherwise or is_new_{{ offered | join(' or is_new_') }} as is_new
    from compared
),

final as (
    select
        record_id,
        source_system,
        record_kind,
        valid_from,
        coalesce(lead(valid_from) over (partition by record_id order by valid_from), cast('9999-12-31' as date)) as valid_to,
        is_deleted,
        {{ columns | join(',\n        ') }},
        {{ offered | join('_since,\n        ') }}_since
    from dated
    where is_new

    union all

    select
        record_id,
        source_system,
        record_kind,
        valid_from,
        cast('9999-12-31' as date) as valid_to,
        is_deleted,
        {{ columns | join(',\n        ') }},
        valid_from as {{ offered | join('_since,\n        valid_from as ') }}_since
    from described
    where is_only_version
)

select * from final
