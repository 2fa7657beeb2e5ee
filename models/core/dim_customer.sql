with

crosswalk as (
    select
        source_system,
        source_customer_id,
        customer_id,
        first_seen_on
    from {{ ref('int_identity__customer_crosswalk') }}
),

records as (
    select * from {{ ref('stg_crm__customers') }}
),

territories as (
    select
        source_system,
        territory_id
    from {{ ref('stg_crm__territories') }}
),

sales_reps as (
    select
        source_system,
        sales_rep_id
    from {{ ref('stg_crm__sales_reps') }}
),

territory_keys as (
    {{ reference_keys('territories', 'territory_id') }}
),

sales_rep_keys as (
    {{ reference_keys('sales_reps', 'sales_rep_id') }}
),

described as (
    select
        crosswalk.customer_id,
        crosswalk.first_seen_on,
        records.customer_kind,
        records.industry,
        records.size_class,
        records.city,
        records.region,
        records.country_code,
        parents.customer_id as parent_customer_id,
        coalesce(territory_keys.conformed_id, {{ unknown_member() }}) as territory_id,
        coalesce(sales_rep_keys.conformed_id, {{ unknown_member() }}) as sales_rep_id,
        records.created_on,
        row_number() over (
            partition by crosswalk.customer_id
            order by crosswalk.first_seen_on, crosswalk.source_system, crosswalk.source_customer_id
        ) as record_rank,
        count(*) over (partition by crosswalk.customer_id) as record_count
        {{- extension_columns(ref('stg_crm__customers'), alias='records') }},
        min(crosswalk.first_seen_on) over (partition by crosswalk.customer_id) as customer_first_seen_on
    from crosswalk
    inner join records
        on crosswalk.source_system = records.source_system
        and crosswalk.source_customer_id = records.customer_id
    left join crosswalk as parents
        on records.source_system = parents.source_system
        and records.parent_customer_id = parents.source_customer_id
    left join territory_keys
        on {{ refers_to('territory_keys', 'records.territory_id', 'records.source_system') }}
    left join sales_rep_keys
        on {{ refers_to('sales_rep_keys', 'records.sales_rep_id', 'records.source_system') }}
),

members as (
    -- Until records are resolved to one customer, the oldest record describes its customer.
    select
        customer_id,
        customer_kind,
        industry,
        size_class,
        city,
        region,
        country_code,
        parent_customer_id,
        territory_id,
        sales_rep_id,
        created_on,
        customer_first_seen_on as first_seen_on,
        record_count
        {{- extension_columns(ref('stg_crm__customers')) }},
        false as is_unattributed
    from described
    where record_rank = 1

    union all

    select
        {{ unattributed_customer() }} as customer_id,
        'unattributed' as customer_kind,
        cast(null as {{ dbt.type_string() }}) as industry,
        cast(null as {{ dbt.type_string() }}) as size_class,
        cast(null as {{ dbt.type_string() }}) as city,
        cast(null as {{ dbt.type_string() }}) as region,
        cast(null as {{ dbt.type_string() }}) as country_code,
        cast(null as {{ dbt.type_string() }}) as parent_customer_id,
        {{ unknown_member() }} as territory_id,
        {{ unknown_member() }} as sales_rep_id,
        cast(null as date) as created_on,
        cast(null as date) as first_seen_on,
        cast(0 as bigint) as record_count
        {{- extension_nulls(ref('stg_crm__customers')) }},
        true as is_unattributed
),

final as (
    select
        customer_id,
        customer_kind,
        industry,
        size_class,
        city,
        region,
        country_code,
        parent_customer_id,
        territory_id,
        sales_rep_id,
        created_on,
        first_seen_on,
        record_count
        {{- extension_columns(ref('stg_crm__customers')) }},
        is_unattributed
    from members
)

select * from final
