with

rules as (
    select * from {{ ref('action_rules') }}
    where is_active
),

found as (
    {%- for model in ['action_cross_sells', 'action_prospects', 'action_referrals', 'action_margin_repairs', 'action_win_backs'] %}
    select * from {{ ref(model) }}
    {{- '

    union all
' if not loop.last }}
    {%- endfor %}
),

worthwhile as (
    select
        found.*,
        rules.action,
        rules.label,
        rules.owner
    from found
    inner join rules
        on found.rule_id = rules.rule_id
    where found.expected_margin_amount >= rules.minimum_expected_margin_amount
),

final as (
    select
        action_id,
        rule_id,
        action,
        label as action_label,
        owner as action_owner,
        case when action = 'approach_prospect' then 'lead' else 'customer' end as subject,
        customer_id,
        lead_id,
        action_target,
        reason,
        expected_margin_amount,
        evidence_count,
        evidence_rate,
        evidence_amount,
        as_of,
        cast(row_number() over (order by expected_margin_amount desc, action_id asc) as bigint) as overall_rank,
        cast(row_number() over (partition by customer_id order by expected_margin_amount desc, action_id asc) as bigint) as customer_rank
    from worthwhile
)

select * from final
