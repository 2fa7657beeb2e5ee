{#- Whom a system names counts, and only where none does, whom the name names. -#}
{% set parents %}
    select
        states.customer_id,
        coalesce(states.parent_customer_id, named_parents.parent_customer_id) as parent_customer_id
    from {{ ref('int_identity__customer_states') }} as states
    left join {{ ref('int_identity__named_parents') }} as named_parents
        on states.customer_id = named_parents.customer_id
    where
        states.valid_to = cast('9999-12-31' as date)
        and coalesce(states.parent_customer_id, named_parents.parent_customer_id) is not null
{% endset %}
-- The parent of the parent, and so on to the end, however long the chain is.
{% set named_by = [ref('int_identity__customer_states'), ref('int_identity__named_parents')] %}
{% set hierarchy = hierarchy_tops(parents, 'customer_id', 'parent_customer_id', reads=named_by) %}

with

states as (
    select
        states.*,
        coalesce(states.parent_customer_id, named_parents.parent_customer_id) as named_parent_id,
        case
            when states.parent_customer_id is not null then 'delivered'
            when named_parents.parent_customer_id is not null then 'name'
        end as parent_source
    from {{ ref('int_identity__customer_states') }} as states
    left join {{ ref('int_identity__named_parents') }} as named_parents
        on states.customer_id = named_parents.customer_id
    where states.valid_to = cast('9999-12-31' as date)
),

tops as (
    select
        node as customer_id,
        top as ultimate_parent_customer_id,
        is_in_cycle as has_parent_cycle
    from {{ hierarchy }}
),

crosswalk as (
    select * from {{ ref('customer_crosswalk') }}
),

records as (
    select
        record_id,
        record_age
    from {{ ref('int_identity__records') }}
),

living_records as (
    select * from {{ ref('stg_crm__customers') }}
    where is_current
),

territories as (
    select
        territory_id,
        territory_name
    from {{ ref('dim_territory') }}
    where territory_id <> {{ unknown_member() }}
),

-- Organisations are no persons. A name that holds an address, a number as long as a telephone's or the first and the last name of a
-- person is not published.
named as (
    select
        customer_id,
        case
            when organisation_name like '%@%'
                or length({{ replace_all('organisation_name', '[^0-9]', '') }}) >= 6
                or (
                    {{ dbt.position('lower(first_name)', 'lower(organisation_name)') }} > 0
                    and {{ dbt.position('lower(last_name)', 'lower(organisation_name)') }} > 0
                )
                then null
            else organisation_name
        end as organisation_name
    from {{ ref('int_identity__customer_profile') }}
),

counted as (
    select
        customer_id,
        min(first_seen_on) as first_seen_on,
        count(*) as record_count,
        sum(case when record_kind = 'lead' then 1 else 0 end) as lead_count,
        count(distinct source_system) as source_system_count
    from crosswalk
    group by customer_id
),

-- Columns of the company's own have no rule of survival: each comes from the oldest living customer record that fills it.
described as (
    select
        crosswalk.customer_id
        {{- first_extensions(ref('stg_crm__customers'), 'living_records', 'records.record_age') }},
        min(records.record_age) as record_age
    from crosswalk
    inner join records
        on crosswalk.record_id = records.record_id
    inner join living_records
        on crosswalk.source_system = living_records.source_system
        and crosswalk.source_customer_id = living_records.customer_id
    where crosswalk.record_kind = 'customer'
    group by crosswalk.customer_id
),

members as (
    select
        states.customer_id,
        states.customer_kind,
        case when states.customer_kind = 'organisation' and not states.is_deleted then named.organisation_name end as organisation_name,
        territories.territory_name,
        states.industry,
        states.size_class,
        states.city,
        states.region,
        states.country_code,
        -- A cycle is cut above the customer that stands for its top.
        case
            when coalesce(tops.has_parent_cycle, false) and tops.ultimate_parent_customer_id = states.customer_id then null
            else states.named_parent_id
        end as parent_customer_id,
        case
            when coalesce(tops.has_parent_cycle, false) and tops.ultimate_parent_customer_id = states.customer_id then null
            else states.parent_source
        end as parent_source,
        coalesce(tops.ultimate_parent_customer_id, states.customer_id) as ultimate_parent_customer_id,
        coalesce(tops.has_parent_cycle, false) as has_parent_cycle,
        coalesce(states.territory_id, {{ unknown_member() }}) as territory_id,
        coalesce(states.sales_rep_id, {{ unknown_member() }}) as sales_rep_id,
        states.created_on,
        counted.first_seen_on,
        counted.record_count,
        cast(counted.lead_count as bigint) as lead_count,
        counted.source_system_count,
        states.is_prospect,
        states.is_deleted
        {{- extension_columns(ref('stg_crm__customers'), alias='described') }},
        false as is_unattributed
    from states
    inner join counted
        on states.customer_id = counted.customer_id
    left join tops
        on states.customer_id = tops.customer_id
    left join named
        on states.customer_id = named.customer_id
    left join territories
        on states.territory_id = territories.territory_id
    -- Not used where the company has no columns of its own.
    left join described  -- noqa: ST11
        on states.customer_id = described.customer_id

    union all

    select
        {{ unattributed_customer() }} as customer_id,
        'unattributed' as customer_kind,
        cast(null as {{ dbt.type_string() }}) as organisation_name,
        cast(null as {{ dbt.type_string() }}) as territory_name,
        cast(null as {{ dbt.type_string() }}) as industry,
        cast(null as {{ dbt.type_string() }}) as size_class,
        cast(null as {{ dbt.type_string() }}) as city,
        cast(null as {{ dbt.type_string() }}) as region,
        cast(null as {{ dbt.type_string() }}) as country_code,
        cast(null as {{ dbt.type_string() }}) as parent_customer_id,
        cast(null as {{ dbt.type_string() }}) as parent_source,
        {{ unattributed_customer() }} as ultimate_parent_customer_id,
        false as has_parent_cycle,
        {{ unknown_member() }} as territory_id,
        {{ unknown_member() }} as sales_rep_id,
        cast(null as date) as created_on,
        cast(null as date) as first_seen_on,
        cast(0 as bigint) as record_count,
        cast(0 as bigint) as lead_count,
        cast(0 as bigint) as source_system_count,
        false as is_prospect,
        false as is_deleted
        {{- extension_nulls(ref('stg_crm__customers')) }},
        true as is_unattributed
),

final as (
    select
        customer_id,
        customer_kind,
        organisation_name,
        case
            when is_unattributed then 'Unattributed'
            when organisation_name is not null then organisation_name
            else
                case when customer_kind = 'organisation' then 'Organisation ' else 'Person ' end
                || customer_id
                || coalesce(', ' || territory_name, '')
                || coalesce(', since ' || cast(extract(year from coalesce(created_on, first_seen_on)) as {{ dbt.type_string() }}), '')
        end as customer_label,
        industry,
        size_class,
        city,
        region,
        country_code,
        parent_customer_id,
        parent_source,
        ultimate_parent_customer_id,
        has_parent_cycle,
        territory_id,
        sales_rep_id,
        created_on,
        first_seen_on,
        record_count,
        lead_count,
        source_system_count,
        is_prospect,
        is_deleted
        {{- extension_columns(ref('stg_crm__customers')) }},
        is_unattributed
    from members
)

select * from final
