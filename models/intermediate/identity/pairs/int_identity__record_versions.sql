{%- set described = [
    'customer_kind', 'first_name', 'last_name', 'organisation_name', 'birth_date', 'email', 'phone', 'address_line', 'postal_code', 'city',
    'region', 'country_code', 'tax_number', 'loyalty_number', 'industry', 'size_class', 'parent_customer_id', 'territory_id', 'sales_rep_id',
    'created_on',
] -%}
{%- set unknown_of_leads = {
    'birth_date': 'date', 'tax_number': dbt.type_string(), 'loyalty_number': dbt.type_string(), 'size_class': dbt.type_string(),
    'parent_customer_id': dbt.type_string(), 'territory_id': dbt.type_string(), 'sales_rep_id': dbt.type_string(),
} -%}

with

customers as (
    select * from {{ ref('stg_crm__customers') }}
),

leads as (
    select
        *,
        case when nullif({{ trimmed('organisation_name') }}, '') is not null then 'organisation' else 'person' end as customer_kind
    from {{ ref('stg_marketing__leads') }}
),

delivered as (
    select
        {{ record_key("'customer'", 'source_system', 'customer_id') }} as record_id,
        'customer' as record_kind,
        source_system,
        customer_id as source_customer_id,
        delivered_on,
        delivery_id,
        is_deleted,
        {{ described | join(',\n        ') }},
        cast(null as {{ dbt.type_string() }}) as converted_record_id
    from customers

    union all

    select
        {{ record_key("'lead'", 'source_system', 'lead_id') }} as record_id,
        'lead' as record_kind,
        source_system,
        lead_id as source_customer_id,
        delivered_on,
        delivery_id,
        is_deleted,
        {%- for column in described %}
        {% if column in unknown_of_leads %}cast(null as {{ unknown_of_leads[column] }}) as {% endif %}{{ column }},
        {%- endfor %}
        {{ record_key("'customer'", 'customer_source_system', 'customer_id') }} as converted_record_id
    from leads
),

dated as (
    select
        *,
        min(delivered_on) over (partition by record_id) as first_seen_on
    from delivered
),

-- Of several deliveries in one day content decides, as for every other feed.
ranked as (
    select
        *,
        row_number() over (
            partition by record_id, delivered_on order by {{ delivery_content('delivery_id') }} desc nulls last
        ) as day_rank,
        -- A record is as old as the oldest of what its first day says, in whatever order that was landed.
        min(case when delivered_on = first_seen_on then delivery_id end) over (partition by record_id) as first_delivery_id,
        min(case when delivered_on = first_seen_on then created_on end) over (partition by record_id) as first_created_on
    from dated
),

final as (
    select
        record_id,
        record_kind,
        source_system,
        source_customer_id,
        first_seen_on,
        first_delivery_id,
        first_created_on,
        delivered_on as valid_from,
        coalesce(
            lead(delivered_on) over (partition by record_id order by delivered_on), cast('9999-12-31' as date)
        ) as valid_to,
        delivery_id,
        is_deleted,
        {{ described | join(',\n        ') }},
        converted_record_id
    from ranked
    where day_rank = 1
)

select * from final
