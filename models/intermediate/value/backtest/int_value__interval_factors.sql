with

hold_out as (
    select * from {{ ref('int_value__hold_out') }}
),

settings as (
    select (1 + {{ value_setting('interval_level') }}) / 2 as bound_level
),

samples as (
    select 'half_0' as sampled_from
    union all
    select 'half_1' as sampled_from
    union all
    select 'all' as sampled_from
),

-- The factors of all customers are used; those of one half are tried on the other.
parts as (
    select
        hold_out.*,
        samples.sampled_from
    from hold_out
    cross join samples
    where samples.sampled_from in ('all', 'half_' || cast(hold_out.half as {{ dbt.type_string() }}))
),

ranked as (
    select
        parts.*,
        settings.bound_level,
        count(*) over (partition by parts.value_segment, parts.method, parts.sampled_from) as customer_count,
        row_number() over (partition by parts.value_segment, parts.method, parts.sampled_from order by parts.below_low asc nulls first) as low_place,
        row_number() over (partition by parts.value_segment, parts.method, parts.sampled_from order by parts.above_high asc nulls first) as high_place
    from parts
    cross join settings
),

-- How far, in standard deviations, a bound has to move so that one in ten is beyond it; inwards where fewer were.
final as (
    select
        value_segment,
        method,
        sampled_from,
        max(customer_count) as customer_count,
        coalesce(max(case when low_place = ceil(bound_level * customer_count) then below_low end), 0e0) as low_factor,
        coalesce(max(case when high_place = ceil(bound_level * customer_count) then above_high end), 0e0) as high_factor
    from ranked
    group by
        value_segment,
        method,
        sampled_from
)

select * from final
