with

versions as (
    select * from {{ source('finance', 'budgets') }}
),

newest as (
    {{ newest_version('versions', ['budget_id']) }}
),

final as (
    select
        source_system,
        budget_id,
        nullif(lower({{ trimmed('scenario') }}), '') as scenario,
        {{ month_of('budget_month') }} as budget_month,
        account_id,
        department,
        sales_rep_id,
        territory_id,
        amount,
        coalesce(nullif(upper({{ trimmed('currency_code') }}), ''), {{ reporting_currency() }}) as currency_code,
        nullif(lower({{ trimmed('driver') }}), '') as driver,
        quantity,
        unit_price_amount,
        nullif({{ trimmed('product_group') }}, '') as product_group,
        nullif(lower({{ trimmed('channel') }}), '') as channel
        {{- extension_columns(source('finance', 'budgets')) }},
        delivered_on
    from newest
)

select * from final
