-- A view: only what the pairs are worth is kept, in int_identity__scored_pairs.
{{ config(materialized='view') }}

with

candidate_pairs as (
    select * from {{ ref('int_identity__candidate_pairs') }}
),

record_states as (
    select * from {{ ref('int_identity__record_states') }}
),

final as (
    select
        lefts.record_id as left_record_id,
        rights.record_id as right_record_id,
        candidate_pairs.left_state_number,
        candidate_pairs.right_state_number,
        candidate_pairs.valid_from,
        candidate_pairs.valid_to,
        candidate_pairs.revoked_on,
        candidate_pairs.verified_probability,
        candidate_pairs.verified_rule_id,
        lefts.customer_kind,
        {%- for comparison, levels in comparison_levels() %}
        case
            {%- for level, condition in levels %}
            when {{ condition }} then '{{ level }}'
            {%- endfor %}
            else 'missing'
        end as {{ comparison }}_level,
        {%- endfor %}
        -- The delivery that made the pair comparable: that of the younger state.
        case when lefts.valid_from > rights.valid_from then lefts.source_system else rights.source_system end as caused_by_system,
        case when lefts.valid_from > rights.valid_from then lefts.delivery_id else rights.delivery_id end as caused_by_delivery_id
    from candidate_pairs
    inner join record_states as lefts
        on candidate_pairs.left_state_number = lefts.state_number
    inner join record_states as rights
        on candidate_pairs.right_state_number = rights.state_number
)

select * from final
