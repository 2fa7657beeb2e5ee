with

profiles as (
    select * from {{ ref('int_actions__customer_profiles') }}
),

asked_traits as (
    select trait
    from {{ ref('driver_traits') }}
),

bands as (
    select
        trait,
        band,
        minimum,
        coalesce(maximum, 2147483647) as maximum
    from {{ ref('trait_bands') }}
),

named as (
    {%- for trait, is_banded in driver_traits().items() %}
    select
        customer_id,
        is_prospect,
        has_ordered,
        '{{ trait }}' as trait,
        {{ 'cast(null as ' ~ dbt.type_string() ~ ')' if is_banded else trait }} as trait_value,
        {{ trait if is_banded else 'cast(null as integer)' }} as trait_number
    from profiles
    {{- '

    union all
' if not loop.last }}
    {%- endfor %}
),

final as (
    select
        named.customer_id,
        named.is_prospect,
        named.has_ordered,
        named.trait,
        -- What profit_driver_traits calls those of whom nothing is known.
        nullif(coalesce(named.trait_value, bands.band), 'not known') as trait_value
    from named
    inner join asked_traits
        on named.trait = asked_traits.trait
    left join bands
        on named.trait = bands.trait
        and named.trait_number >= bands.minimum
        and named.trait_number <= bands.maximum
)

select * from final
