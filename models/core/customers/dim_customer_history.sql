{%- set attributes = ['is_deleted', 'is_prospect'] + survivorship_groups().values() | sum(start=[]) + ['created_on'] -%}

with

states as (
    select * from {{ ref('int_identity__customer_states') }}
),

compared as (
    select
        *,
        coalesce(lag(valid_to) over (partition by customer_id order by valid_from) <> valid_from, true)
        or {{ is_any_new(attributes, 'customer_id', 'valid_from') }} as is_changed
    from states
),

final as (
    select
        customer_id,
        valid_from,
        coalesce(lead(valid_from) over (partition by customer_id, exists_until order by valid_from), exists_until) as valid_to,
        lead(valid_from) over (partition by customer_id, exists_until order by valid_from) is null
        and exists_until = cast('9999-12-31' as date) as is_current,
        customer_kind,
        industry,
        size_class,
        city,
        region,
        country_code,
        parent_customer_id,
        coalesce(territory_id, {{ unknown_member() }}) as territory_id,
        coalesce(sales_rep_id, {{ unknown_member() }}) as sales_rep_id,
        created_on,
        is_prospect,
        is_deleted
    from compared
    where is_changed
)

select * from final
