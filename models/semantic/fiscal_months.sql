with

days as (
    select
        month,
        fiscal_quarter_starts_on,
        fiscal_year_starts_on
    from {{ ref('dim_date') }}
),

final as (
    select distinct
        month,
        fiscal_quarter_starts_on,
        fiscal_year_starts_on
    from days
)

select * from final
