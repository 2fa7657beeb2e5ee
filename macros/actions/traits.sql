{#- Select of what customers with each value of a trait have in common: how many are profitable, against the others.

    relation: CTE with one row a customer and trait: trait, trait_value (null where it is not known), is_profitable.
    thresholds: CTE of one row: minimum_customers, minimum_expected, standard_errors, false_discovery_rate.

    A trait's base are the customers of whom it is known. A value is compared with all others of its trait by the chi-squared test of a
    fourfold table with Yates' correction. Its interval of the rate is Wilson's; that of the lift is Katz's of the risk ratio r to the
    others, log r ± z × standard error, carried over to the lift, r ÷ (w × r + 1 − w) with w the value's part of the base. So the lift's
    interval leaves out 1 where rates differ, though the base contains the value itself.

    All values that are tested are one family: Benjamini and Hochberg's correction (1995) bounds the expected part of false findings
    among the findings, however many traits were tried.

    A value is not tested where it, or the others, are fewer than minimum_customers, or where a cell of the fourfold table would be expected
    below minimum_expected (Cochran's rule); then only its customers are counted, and suppressed_reason says why. -#}
{% macro trait_statistics(relation, thresholds) -%}
    with

    trait_values as (
        select
            trait,
            trait_value,
            count(*) as customer_count,
            sum(case when is_profitable then 1 else 0 end) as profitable_count
        from {{ relation }}
        group by
            trait,
            trait_value
    ),

    trait_bases as (
        select
            *,
            sum(case when trait_value is not null then customer_count else 0 end) over (partition by trait) as base_count,
            sum(case when trait_value is not null then profitable_count else 0 end) over (partition by trait) as base_profitable_count
        from trait_values
    ),

    judged_values as (
        select
            trait_bases.*,
            {{ thresholds }}.standard_errors,
            {{ thresholds }}.false_discovery_rate,
            case
                when trait_value is null then 'value_not_known'
                when customer_count < {{ thresholds }}.minimum_customers then 'too_few_customers'
                when base_count - customer_count < {{ thresholds }}.minimum_customers then 'too_few_others'
                when
                    cast(least(customer_count, base_count - customer_count) as double)
                    * least(base_profitable_count, base_count - base_profitable_count)
                    / nullif(cast(base_count as double), 0) < {{ thresholds }}.minimum_expected
                    then 'too_few_expected'
            end as suppressed_reason
        from trait_bases
        cross join {{ thresholds }}
    ),

    -- n customers, x of them profitable: with the value, and without it.
    fourfold_tables as (
        select
            trait,
            trait_value,
            standard_errors as z,
            cast(customer_count as double) as n,
            cast(profitable_count as double) as x,
            cast(base_count - customer_count as double) as other_n,
            cast(base_profitable_count - profitable_count as double) as other_x,
            cast(base_count as double) as base_n,
            cast(base_profitable_count as double) as base_x,
            -- An empty cell has no logarithm: half a customer more in each (Haldane).
            case when profitable_count = 0 or profitable_count = base_profitable_count then 0.5e0 else 0e0 end as half
        from judged_values
        where suppressed_reason is null
    ),

    estimates as (
        select
            *,
            x / n as rate,
            base_x / base_n as base_rate,
            (x / n + z * z / (2 * n)) / (1 + z * z / n) as rate_centre,
            z / (1 + z * z / n) * sqrt(x / n * (1 - x / n) / n + z * z / (4 * n * n)) as rate_margin,
            n / base_n as part,
            ln((x + half) / (n + half) * (other_n + half) / (other_x + half)) as log_ratio,
            z * sqrt(1 / (x + half) - 1 / (n + half) + 1 / (other_x + half) - 1 / (other_n + half)) as log_margin,
            greatest(abs(x * other_n - other_x * n) - base_n / 2, 0e0) * sqrt(base_n / (n * other_n * base_x * (base_n - base_x))) as deviation
        from fourfold_tables
    ),

    tested_values as (
        select
            *,
            {{ error_function_complement('deviation / sqrt(2e0)') }} as p_value
        from estimates
    ),

    ranked_values as (
        select
            *,
            count(*) over () as tested_count,
            row_number() over (order by p_value, trait, trait_value) as p_value_rank
        from tested_values
    ),

    adjusted_values as (
        select
            *,
            least(
                min(p_value * tested_count / p_value_rank) over (
                    order by p_value_rank rows between current row and unbounded following
                ),
                1e0
            ) as adjusted_p_value
        from ranked_values
    )

    select
        judged_values.trait,
        judged_values.trait_value,
        judged_values.customer_count,
        judged_values.base_count,
        case when judged_values.suppressed_reason is null then judged_values.profitable_count end as profitable_count,
        adjusted_values.rate as profitable_rate,
        adjusted_values.rate_centre - adjusted_values.rate_margin as profitable_rate_low,
        adjusted_values.rate_centre + adjusted_values.rate_margin as profitable_rate_high,
        cast(judged_values.base_profitable_count as double) / nullif(judged_values.base_count, 0) as base_rate,
        adjusted_values.rate / nullif(adjusted_values.base_rate, 0) as lift,
        exp(adjusted_values.log_ratio - adjusted_values.log_margin)
        / (adjusted_values.part * exp(adjusted_values.log_ratio - adjusted_values.log_margin) + 1 - adjusted_values.part) as lift_low,
        exp(adjusted_values.log_ratio + adjusted_values.log_margin)
        / (adjusted_values.part * exp(adjusted_values.log_ratio + adjusted_values.log_margin) + 1 - adjusted_values.part) as lift_high,
        adjusted_values.tested_count,
        adjusted_values.p_value,
        adjusted_values.adjusted_p_value,
        coalesce(adjusted_values.adjusted_p_value <= judged_values.false_discovery_rate, false) as is_significant,
        judged_values.suppressed_reason
    from judged_values
    left join adjusted_values
        on judged_values.trait = adjusted_values.trait
        and judged_values.trait_value = adjusted_values.trait_value
{%- endmacro %}


{#- Complement of the error function, for an expression that is not negative. Twice the upper tail of the normal distribution beyond x is that of
    x ÷ √2. Chebyshev fit with a relative error below 1.2e-7 everywhere, so that small probabilities keep their order: Press et al., Numerical
    Recipes, section 6.2. No engine that the project runs on needs a function of its own for it. -#}
{% macro error_function_complement(expression) -%}
    {%- set x = '(' ~ expression ~ ')' -%}
    {%- set t = '(1e0 / (1e0 + 0.5e0 * ' ~ x ~ '))' -%}
    {%- set terms = ['-1.26551223', '1.00002368', '0.37409196', '0.09678418', '-0.18628806', '0.27886807', '-1.13520398', '1.48851587', '-0.82215223', '0.17087277'] -%}
    {%- set polynomial = namespace(sql=terms[-1] ~ 'e0') -%}
    {%- for term in terms[:-1] | reverse -%}
        {%- set polynomial.sql = term ~ 'e0 + ' ~ t ~ ' * (' ~ polynomial.sql ~ ')' -%}
    {%- endfor -%}
    {{ t }} * exp(-{{ x }} * {{ x }} + {{ polynomial.sql }})
{%- endmacro %}


{#- The traits that int_actions__customer_profiles knows, each with whether its values are numbers that fall into the bands of the seed
    trait_bands. -#}
{% macro driver_traits() -%}
    {{ return({
        'customer_kind': false,
        'industry': false,
        'size_class': false,
        'country_code': false,
        'region': false,
        'territory_id': false,
        'sales_rep_id': false,
        'service_rep_id': false,
        'first_channel_id': false,
        'media_source': false,
        'product_group_count': true,
        'tenure_months': true,
    }) }}
{%- endmacro %}
