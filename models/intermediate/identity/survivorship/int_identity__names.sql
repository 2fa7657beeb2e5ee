{{ config(materialized='view', schema='identity', alias='names') }}

with

profiles as (
    select * from {{ ref('int_identity__customer_profile') }}
),

-- Whoever was withdrawn has no name any more.
living_customers as (
    select customer_id
    from {{ ref('int_identity__customer_states') }}
    where valid_to = cast('9999-12-31' as date) and not is_deleted
),

sales_reps as (
    select * from {{ ref('stg_crm__sales_reps') }}
),

final as (
    select
        'customer' as entity,
        profiles.customer_id as entity_id,
        {{ trimmed("coalesce(profiles.first_name, '') || ' ' || coalesce(profiles.last_name, '')") }} as person_name
    from profiles
    inner join living_customers
        on profiles.customer_id = living_customers.customer_id
    where coalesce(profiles.first_name, profiles.last_name) is not null

    union all

    select
        'sales_rep' as entity,
        {{ conformed_key('source_system', 'sales_rep_id') }} as entity_id,
        sales_rep_name as person_name
    from sales_reps
    where sales_rep_name is not null
)

select * from final
