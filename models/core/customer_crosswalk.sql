with

crosswalk as (
    select * from {{ ref('int_identity__customer_crosswalk') }}
),

final as (
    select
        source_system,
        source_customer_id,
        customer_id,
        match_rule,
        match_probability,
        first_seen_on
    from crosswalk
)

select * from final
