with

crosswalk as (
    select * from {{ ref('int_identity__customer_crosswalk') }}
),

final as (
    select
        source_system,
        source_customer_id,
        record_kind,
        customer_id,
        match_rule,
        match_probability,
        first_seen_on,
        is_deleted
    from crosswalk
)

select * from final
