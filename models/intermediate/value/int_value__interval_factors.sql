with

hold_out as (
    select * from {{ ref('int_value__hold_out') }}
),

settings as (
    select (1 + {{ value_setting('interval_level') }}) / 2 as level
),

-- The factors of all customers are used; those of one half are tried on the other.
groups as (
    select
        hold_out.*,
        samples.sample
    from hold_out
    cross join (
        select 'half_0' as sample
        union all
        select 'half_1' as sample
        union all
        select 'all' as sample
    ) as samples
    where samples.sample in ('all', 'half_' || cast(hold_out.half as {{ dbt.type_string() }}))
),

ranked as (
    select
        groups.*,
        settings.level,
        count(*) over (partition by value_segment, method, sample) as customer_count,
        row_number() over (partition by value_segment, method, sample order by below_low asc nulls first) as low_place,
        row_number() over (partition by value_segment, method, sample order by above_high asc nulls first) as high_place
    from groups
    cross join settings
),

-- How far, in standard deviations, a bound has to move so that one in ten is beyond it; inwards where fewer were.
final as (
    select
        value_segment,
        method,
        sample,
        max(customer_count) as customer_count,
        coalesce(max(case when low_place = ceil(level * customer_count) then below_low end), 0e0) as low_factor,
        coalesce(max(case when high_place = ceil(level * customer_count) then above_high end), 0e0) as high_factor
    from ranked
    group by
        value_segment,
        method,
        sample
)

select * from final
