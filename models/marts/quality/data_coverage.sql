{#- Feed, the relation that holds each staged row of it once, and its date column: the day of delivery for master data and for rows that
    have no date of their own. A fact is read where it holds every row, so that a feed is not staged a second time to be counted. -#}
{%- set feeds = [
    ('crm.customers', 'stg_crm__customers', 'created_on'),
    ('crm.customer_links', 'stg_crm__customer_links', 'decided_on'),
    ('crm.sales_reps', 'stg_crm__sales_reps', 'delivered_on'),
    ('crm.territories', 'stg_crm__territories', 'delivered_on'),
    ('crm.referrals', 'stg_crm__referrals', 'referred_on'),
    ('crm.opportunities', 'stg_crm__opportunities', 'opened_on'),
    ('crm.opportunity_events', 'stg_crm__opportunity_events', 'occurred_on'),
    ('crm.interactions', 'fct_interactions', 'occurred_on'),
    ('sales.products', 'stg_sales__products', 'delivered_on'),
    ('sales.orders', 'int_sales__orders', 'ordered_on'),
    ('sales.order_lines', 'stg_sales__order_lines', 'delivered_on'),
    ('sales.returns', 'fct_returns', 'returned_on'),
    ('sales.shipments', 'int_sales__freight', 'shipped_on'),
    ('sales.subscriptions', 'stg_sales__subscriptions', 'started_on'),
    ('marketing.campaigns', 'stg_marketing__campaigns', 'starts_on'),
    ('marketing.media_spend', 'fct_media_spend', 'spent_on'),
    ('marketing.touches', 'fct_touches', 'touched_on'),
    ('marketing.leads', 'stg_marketing__leads', 'created_on'),
    ('marketing.promotion_redemptions', 'fct_promotion_redemptions', 'paid_on'),
    ('service.tickets', 'stg_service__tickets', 'opened_on'),
    ('service.warranty_claims', 'stg_service__warranty_claims', 'claimed_on'),
    ('service.product_usage', 'stg_service__product_usage', 'used_on'),
    ('service.surveys', 'stg_service__surveys', 'answered_on'),
    ('finance.ledger_accounts', 'stg_finance__ledger_accounts', 'delivered_on'),
    ('finance.ledger_entries', 'fct_ledger_entries', 'posted_on'),
    ('finance.product_costs', 'stg_finance__product_costs', 'valid_from'),
    ('finance.payments', 'fct_payments', 'paid_on'),
    ('finance.exchange_rates', 'stg_finance__exchange_rates', 'rate_on'),
    ('finance.budgets', 'stg_finance__budgets', 'budget_month'),
] -%}
{#- What holds more than the rows of today: staged with every version, or with withdrawn rows. -#}
{%- set conditions = {
    'stg_crm__customers': 'is_current', 'stg_crm__customer_links': 'is_current', 'stg_marketing__leads': 'is_current',
    'stg_crm__opportunities': 'is_current', 'stg_crm__opportunity_events': 'is_current',
    'int_sales__orders': 'is_withdrawn is not true', 'stg_sales__order_lines': 'is_withdrawn is not true',
} -%}

{#- Feed, an optional column of it, and what is weaker where no row fills that column. -#}
{%- set needed_columns = {'crm.opportunities': ('order_id', 'data_quality')} -%}

with

counted as (
    {%- for feed, relation, day in feeds %}
    select
        '{{ feed }}' as feed,
        cast(count(*) as bigint) as row_count,
        cast(count(distinct source_system) as bigint) as source_system_count,
        cast(min({{ day }}) as date) as first_on,
        cast(max({{ day }}) as date) as last_on,
        max(delivered_on) as last_delivered_on,
        cast({{ 'count(' ~ needed_columns[feed][0] ~ ')' if feed in needed_columns else 'null' }} as bigint) as filled_count
    from {{ ref(relation) }}
    {%- if relation in conditions %}
    where {{ conditions[relation] }}
    {%- endif %}
    {{- '

    union all
' if not loop.last }}
    {%- endfor %}
),

contract as (
    {{ contract_feeds() }}
),

final as (
    select
        contract.feed,
        contract.department,
        contract.is_required,
        case
            when counted.row_count > 0 then 'delivered'
            when contract.was_delivered then 'delivered, empty'
            else 'missing'
        end as status,
        counted.row_count,
        counted.source_system_count,
        counted.first_on,
        counted.last_on,
        coalesce(counted.last_delivered_on, contract.files_delivered_on) as last_delivered_on,
        contract.metrics,
        case
            when counted.row_count = 0 then contract.metrics
            {%- for feed, (column, weaker) in needed_columns.items() %}
            when counted.feed = '{{ feed }}' and counted.filled_count = 0 then '{{ weaker }} ({{ column }})'
            {%- endfor %}
            else ''
        end as weaker_metrics
    from contract
    inner join counted
        on contract.feed = counted.feed
)

select * from final
