-- What was found to do and is not in next_best_actions, because it would bring less than its rule asks for: by rule, how many, the best of
-- them, and what the rule asks for. Where the mart is empty, this says whether thresholds or findings are missing.

with

rules as (
    select * from {{ ref('action_rules') }}
    where is_active
),

found as (
    {%- for model in ['action_cross_sells', 'action_prospects', 'action_referrals', 'action_margin_repairs', 'action_win_backs'] %}
    select
        rule_id,
        expected_margin_amount
    from {{ ref(model) }}
    {{- '

    union all
' if not loop.last }}
    {%- endfor %}
)

select
    rules.rule_id,
    rules.action,
    rules.minimum_expected_margin_amount,
    count(found.rule_id) as found_count,
    sum(case when found.expected_margin_amount < rules.minimum_expected_margin_amount then 1 else 0 end) as left_out_count,
    max(case when found.expected_margin_amount < rules.minimum_expected_margin_amount then found.expected_margin_amount end) as best_left_out_amount
from rules
left join found
    on rules.rule_id = found.rule_id
group by
    rules.rule_id,
    rules.action,
    rules.minimum_expected_margin_amount
order by
    best_left_out_amount desc nulls last,
    rules.rule_id asc
