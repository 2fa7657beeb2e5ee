-- What do profitable customers have in common, and what those who lose money? Findings that survive the correction for all values tried, the
-- strongest first; beside each, how many customers there are, what they bring on average, and how far the lift may be by chance.
-- A trait does not cause profit: the last columns name the other finding that its customers share most often.

with

findings as (
    select
        trait,
        trait_label,
        trait_value,
        finding,
        customer_count,
        profitable_rate,
        base_rate,
        lift,
        lift_low,
        lift_high,
        adjusted_p_value,
        customer_profit_amount
    from {{ ref('profit_driver_traits') }}
    where is_significant
),

traits as (
    select
        customer_id,
        trait,
        trait_value
    from {{ ref('int_actions__customer_traits') }}
    where has_ordered
),

-- Customers who have both of two findings, against those expected if the two did not go together.
companions as (
    select
        findings.trait,
        findings.trait_value,
        other_findings.trait_label as other_trait_label,
        other_findings.trait_value as other_trait_value,
        count(*) as both_count,
        cast(count(*) as double) / nullif(max(findings.customer_count), 0) as other_rate,
        row_number() over (
            partition by findings.trait, findings.trait_value
            order by cast(count(*) as double) / nullif(max(other_findings.customer_count), 0) desc, other_findings.trait asc, other_findings.trait_value asc
        ) as companion_rank
    from findings
    inner join traits
        on findings.trait = traits.trait
        and findings.trait_value = traits.trait_value
    inner join traits as other_traits
        on traits.customer_id = other_traits.customer_id
        and traits.trait <> other_traits.trait
    inner join findings as other_findings
        on other_traits.trait = other_findings.trait
        and other_traits.trait_value = other_findings.trait_value
    group by
        findings.trait,
        findings.trait_value,
        other_findings.trait,
        other_findings.trait_label,
        other_findings.trait_value
)

select
    findings.trait_label,
    findings.trait_value,
    findings.finding,
    findings.customer_count,
    round(findings.profitable_rate, 3) as profitable_rate,
    round(findings.base_rate, 3) as base_rate,
    round(findings.lift, 2) as lift,
    round(findings.lift_low, 2) as lift_low,
    round(findings.lift_high, 2) as lift_high,
    findings.adjusted_p_value,
    round(cast(findings.customer_profit_amount as double) / nullif(findings.customer_count, 0), 2) as average_profit_amount,
    companions.other_trait_label || ' ' || companions.other_trait_value as goes_together_with,
    round(companions.other_rate, 3) as goes_together_rate
from findings
left join companions
    on findings.trait = companions.trait
    and findings.trait_value = companions.trait_value
    and companions.companion_rank = 1
order by abs(ln(findings.lift)) desc, findings.trait asc, findings.trait_value asc
