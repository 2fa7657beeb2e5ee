with

-- As they are known now.
states as (
    select * from {{ ref('fct_opportunity_states') }}
    where known_to is null
),

numbered as (
    select
        *,
        row_number() over (partition by opportunity_id, stay_number order by state_number) as from_first,
        row_number() over (partition by opportunity_id, stay_number order by state_number desc) as from_last
    from states
),

stays as (
    select
        opportunity_id,
        stay_number,
        max(source_system) as source_system,
        max(stage) as stage,
        max(stage_state) as stage_state,
        max(stage_order) as stage_order,
        min(happened_at) as entered_at,
        min(valid_from) as entered_on,
        max(case when from_last = 1 then left_at end) as left_at,
        max(case when from_last = 1 then valid_to end) as left_on,
        max(case when from_first = 1 then amount end) as entered_amount,
        max(case when from_last = 1 then amount end) as amount,
        max(case when from_last = 1 then probability end) as probability,
        max(case when from_first = 1 then sales_rep_id end) as sales_rep_id,
        max(case when from_first = 1 then territory_id end) as territory_id
    from numbered
    group by
        opportunity_id,
        stay_number
),

final as (
    select
        opportunity_id,
        stay_number,
        source_system,
        stage,
        stage_state,
        stage_order,
        entered_at,
        left_at,
        entered_on,
        left_on,
        cast({{ days_after('left_on', 'entered_on') }} as integer) as days_in_stage,
        entered_amount,
        amount,
        probability,
        sales_rep_id,
        territory_id,
        lead(stage) over (partition by opportunity_id order by stay_number) as next_stage,
        coalesce(lag(stage_state) over (partition by opportunity_id order by stay_number) <> 'open' and stage_state = 'open', false) as is_reopened
    from stays
)

select * from final
