{#- Feeds that refer to others: staging model, condition of its rows of today, the day on which a row counts, the money at stake. The key of a row
    and what it refers to stand in the contract. -#}
{%- set referring = {
    'crm.customers': ('stg_crm__customers', 'is_current', none, '0'),
    'crm.customer_links': ('stg_crm__customer_links', 'is_current', none, '0'),
    'crm.sales_reps': ('stg_crm__sales_reps', 'true', none, '0'),
    'crm.territories': ('stg_crm__territories', 'true', none, '0'),
    'crm.opportunities': ('stg_crm__opportunities', 'is_current', 'opened_on', 'amount'),
    'crm.opportunity_events': ('stg_crm__opportunity_events', 'is_current', 'occurred_on', 'amount'),
    'crm.interactions': ('stg_crm__interactions', 'true', 'occurred_on', '0'),
    'crm.referrals': ('stg_crm__referrals', 'true', 'referred_on', '0'),
    'sales.orders': ('stg_sales__orders', 'is_withdrawn is not true', 'ordered_on', '0'),
    'sales.order_lines': ('stg_sales__order_lines', 'is_withdrawn is not true', none, exact_amount('quantity', 'unit_list_price') ~ ' - discount_amount'),
    'sales.returns': ('stg_sales__returns', 'is_withdrawn is not true', 'returned_on', 'refund_amount'),
    'sales.shipments': ('stg_sales__shipments', 'true', 'shipped_on', 'freight_amount'),
    'sales.subscriptions': ('stg_sales__subscriptions', 'true', 'started_on', 'term_amount'),
    'marketing.media_spend': ('stg_marketing__media_spend', 'true', 'spent_on', 'amount'),
    'marketing.touches': ('stg_marketing__touches', 'true', 'touched_on', '0'),
    'marketing.leads': ('stg_marketing__leads', 'is_current', 'created_on', 'fee_amount'),
    'marketing.promotion_redemptions': ('stg_marketing__promotion_redemptions', 'true', 'paid_on', 'amount'),
    'service.tickets': ('stg_service__tickets', 'true', 'opened_on', '0'),
    'service.warranty_claims': ('stg_service__warranty_claims', 'true', 'claimed_on', 'parts_amount'),
    'service.product_usage': ('stg_service__product_usage', 'true', none, '0'),
    'service.surveys': ('stg_service__surveys', 'true', none, '0'),
    'finance.ledger_accounts': ('stg_finance__ledger_accounts', 'true', none, '0'),
    'finance.ledger_entries': ('stg_finance__ledger_entries', 'true', 'posted_on', 'amount'),
    'finance.product_costs': ('stg_finance__product_costs', 'true', none, '0'),
    'finance.payments': ('stg_finance__payments', 'true', 'paid_on', 'amount'),
    'finance.budgets': ('stg_finance__budgets', 'true', none, 'amount'),
} -%}
{%- set relations = {} -%}
{%- for feed, parts in referring.items() %}{% do relations.update({feed: ref(parts[0])}) %}{% endfor -%}
{%- for feed, parts in referred_feeds().items() %}{% do relations.update({feed: ref(parts[0])}) %}{% endfor -%}
{%- set withdrawing = feeds_with_withdrawals() -%}

with

withdrawn as (
    {%- for feed in withdrawing %}
    {{ withdrawn_keys(feed, contract_key(feed)[0], relations[feed], referred_feeds()[feed][1]) }}

    union distinct
    {%- endfor %}

    select
        cast(null as {{ dbt.type_string() }}) as feed,
        cast(null as {{ dbt.type_string() }}) as asked_system,
        cast(null as {{ dbt.type_string() }}) as referred_number
    where false
),

found as (
    select
        cast(null as {{ dbt.type_string() }}) as feed,
        cast(null as {{ dbt.type_string() }}) as source_system,
        cast(null as {{ dbt.type_string() }}) as record_id,
        cast(null as date) as happened_on,
        cast(null as date) as delivered_on,
        cast(null as {{ money_total() }}) as original_amount,
        cast(null as {{ dbt.type_string() }}) as currency_code,
        cast(null as {{ dbt.type_string() }}) as reference,
        feed as referred_feed,
        referred_number
    from withdrawn
    where false
    {%- for feed, (model, condition, day, amount) in referring.items() %}
    {%- for column, reference in contract_references(feed).items() if reference.feed in withdrawing %}
    union all
    select
        '{{ feed }}', referring.source_system, {{ referring_key(contract_key(feed)) }}, {{ day or 'null' }}, referring.delivered_on, {{ amount }},
        {{ 'currency_code' if amount != '0' and feed != 'sales.order_lines' else 'null' }}, '{{ column }}', withdrawn.feed, referred_number
    from {{ relations[feed] }} as referring
    inner join withdrawn on {{ column }} = referred_number and {{ asked_system(reference) }} = asked_system
    where withdrawn.feed = '{{ reference.feed }}' and {{ condition }}
    {%- endfor %}
    {%- endfor %}
),

final as (
    select
        feed,
        source_system,
        record_id,
        {{ month_of(counted_day('happened_on', 'delivered_on')) }} as month,
        cast(original_amount as {{ money_total() }}) as original_amount,
        currency_code,
        reference,
        referred_feed,
        referred_number
    from found
)

select * from final
