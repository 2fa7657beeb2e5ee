{#- Feed, dimension, its key, its flag, its system, and the facts whose money is at stake where its hierarchy runs in a cycle. -#}
{%- set hierarchies = [
    ('customers', 'dim_customer', 'customer_id', 'has_parent_cycle', "split_part(split_part(members.customer_id, ':', 1), '/', 1)", 'order_lines', 'facts.net_sales_amount'),
    ('territories', 'dim_territory', 'territory_id', 'has_parent_cycle', 'members.source_system', 'order_lines', 'facts.net_sales_amount'),
    ('sales_reps', 'dim_sales_rep', 'sales_rep_id', 'has_manager_cycle', 'members.source_system', 'order_lines', 'facts.net_sales_amount'),
    ('ledger_accounts', 'dim_ledger_account', 'ledger_account_id', 'has_parent_cycle', 'members.source_system', 'ledger_entries', 'abs(facts.amount)'),
] -%}
{#- What a return names, the key of what was sold, and which returns are looked at. -#}
{%- set sold_as = [
    ('lines', 'order_line_id', 'order_line_id is not null'),
    ('orders', 'order_id', 'order_id is not null and order_line_id is null'),
] -%}
{#- Facts of which an exchange rate makes money, with the day that chooses the rate. -#}
{%- set converted = [
    ('order_lines', 'ordered_on', 'net_sales_original_amount'),
    ('returns', 'returned_on', 'refund_original_amount'),
    ('promotion_redemptions', 'paid_on', 'original_amount'),
    ('direct_selling_costs', 'incurred_on', 'original_amount'),
    ('media_spend', 'spent_on', 'original_amount'),
    ('ledger_entries', 'posted_on', 'original_amount'),
] -%}
{#- Optional amounts that count as none where they are empty: feed, its rows, the column of the contract, the condition under which it is empty. -#}
{%- set optional_amounts = [
    ('sales.order_lines', 'staged_lines', 'discount_amount', 'not has_discount_amount'),
    ('sales.orders', 'orders', 'commission_amount', 'not has_commission_amount and is_void is not true'),
    ('sales.shipments', 'shipments', 'freight_amount', 'not has_freight_amount'),
    ('sales.subscriptions', 'subscriptions', 'term_amount', 'term_amount is null'),
    ('marketing.leads', 'staged_leads', 'fee_amount', 'not has_fee_amount'),
    ('service.warranty_claims', 'warranty_claims', 'parts_amount', 'not has_parts_amount'),
    ('finance.payments', 'payments', 'fee_amount', 'not has_fee_amount'),
] -%}

with

order_lines as (
    select * from {{ ref('fct_order_lines') }}
),

returns as (
    select * from {{ ref('fct_returns') }}
),

promotion_redemptions as (
    select * from {{ ref('fct_promotion_redemptions') }}
),

payments as (
    select * from {{ ref('fct_payments') }}
),

direct_selling_costs as (
    select * from {{ ref('fct_direct_selling_costs') }}
),

ledger_entries as (
    select * from {{ ref('fct_ledger_entries') }}
),

budgets as (
    select * from {{ ref('int_finance__doubtful_budgets') }}
),

media_spend as (
    select * from {{ ref('fct_media_spend') }}
),

shipments as (
    select
        *,
        {{ month_of('shipped_on') }} as month
    from {{ ref('int_sales__freight') }}
),

leads as (
    select
        *,
        {{ month_of('came_on') }} as month
    from {{ ref('int_marketing__leads') }}
),

orders as (
    select
        order_id,
        source_system,
        customer_id,
        ordered_on,
        is_redated,
        currency_code,
        order_status,
        is_void,
        has_commission_amount
    from {{ ref('int_sales__orders') }}
),

-- They are in no month of the waterfall.
opportunities as (
    select
        *,
        cast(null as date) as month
    from {{ ref('dim_opportunity') }}
),

references_to_withdrawn as (
    select * from {{ ref('int_references__withdrawn') }}
),

staged_lines as (
    select
        source_system,
        has_discount_amount
    from {{ ref('stg_sales__order_lines') }}
    where is_withdrawn is not true
),

staged_leads as (
    select
        source_system,
        has_fee_amount
    from {{ ref('stg_marketing__leads') }}
    where is_current
),

costed_products as (
    select distinct product_id
    from {{ ref('int_finance__product_unit_costs') }}
),

-- Fees and services are sold without goods: they need a cost only on the days of theirs, where they have one at all.
products as (
    select
        members.product_id,
        members.product_kind = 'goods' or costed_products.product_id is not null as needs_cost
    from {{ ref('dim_product') }} as members
    left join costed_products
        on members.product_id = costed_products.product_id
),

costless_lines as (
    select order_lines.*
    from order_lines
    inner join products
        on order_lines.product_id = products.product_id
    where products.needs_cost and not order_lines.has_cost
),

costless_returns as (
    select returns.*
    from returns
    inner join products
        on returns.product_id = products.product_id
    where products.needs_cost and returns.returned_cost_of_goods_amount is null
),

touches as (
    select
        *,
        cast(null as {{ dbt.type_string() }}) as currency_code
    from {{ ref('fct_touches') }}
),

interactions as (
    select
        *,
        cast(null as {{ dbt.type_string() }}) as currency_code
    from {{ ref('fct_interactions') }}
),

tickets as (
    select
        {{ conformed_key('source_system', 'ticket_id') }} as ticket_id,
        source_system,
        {{ month_of(counted_day('opened_on', 'delivered_on')) }} as month,
        cast(null as {{ dbt.type_string() }}) as currency_code,
        {{ is_impossible_day('opened_on', 'delivered_on') }} as is_redated
    from {{ ref('stg_service__tickets') }}
),

warranty_claims as (
    select
        {{ conformed_key('source_system', 'warranty_claim_id') }} as warranty_claim_id,
        source_system,
        {{ month_of(counted_day('claimed_on', 'delivered_on')) }} as month,
        parts_amount,
        has_parts_amount,
        currency_code,
        {{ is_impossible_day('claimed_on', 'delivered_on') }} as is_redated
    from {{ ref('stg_service__warranty_claims') }}
),

subscriptions as (
    select
        {{ conformed_key('source_system', 'subscription_id') }} as subscription_id,
        source_system,
        cast(null as date) as month,
        term_amount,
        currency_code,
        {{ is_impossible_day('started_on', 'delivered_on', centuries_ahead()) }} as is_redated,
        {{ is_impossible_day('started_on', 'delivered_on') }} and started_on > delivered_on as is_too_late,
        coalesce(cancelled_on <= started_on, false) as is_never_started
    from {{ ref('stg_sales__subscriptions') }}
),

-- How many rows of a system left an optional amount empty: one row for all of them, since most systems do so where there is none.
empty_amounts as (
    {%- for feed, rows, column, condition in optional_amounts %}
    select
        '{{ feed }}' as feed,
        source_system,
        source_system || ':{{ column }}' as record_id,
        cast(null as date) as month,
        cast(null as {{ dbt.type_string() }}) as currency_code,
        count(*) as record_count
    from {{ rows }}
    where {{ condition }}
    group by source_system
    {{- '

    union all
' if not loop.last }}
    {%- endfor %}
),

customers as (
    select
        customer_id,
        created_on
    from {{ ref('dim_customer') }}
),

daily_rates as (
    select * from {{ ref('int_finance__daily_exchange_rates') }}
),

quotations as (
    select * from {{ ref('stg_finance__exchange_rates') }}
    where exchange_rate > 0
),

-- Those that say what they led to. An order that was withdrawn is listed as what it is, whoever names it.
won_with_order as (
    select
        *,
        count(order_id) over (partition by order_id) > 1 as is_order_shared
    from opportunities
    where stage_state = 'won' and (order_id is not null or is_order_missing)
),

orders_of_won as (
    select distinct order_id
    from won_with_order
),

ordered_when_won as (
    select
        order_lines.order_id,
        sum(order_lines.quantity) as quantity,
        sum(coalesce(order_lines.seller_sales_original_amount, order_lines.net_sales_original_amount)) as original_amount,
        sum(coalesce(order_lines.seller_sales_amount, order_lines.net_sales_amount)) as amount,
        min(case when order_lines.has_exchange_rate then 1 else 0 end) as has_amount
    from order_lines
    inner join orders_of_won
        on order_lines.order_id = orders_of_won.order_id
    group by order_lines.order_id
),

returned_when_won as (
    select
        returns.order_id,
        sum(returns.quantity) as quantity,
        sum(case when returns.currency_code = orders.currency_code then returns.refund_original_amount else 0 end) as original_amount
    from returns
    inner join orders
        on returns.order_id = orders.order_id
    inner join orders_of_won
        on returns.order_id = orders_of_won.order_id
    group by returns.order_id
),

won_opportunities as (
    select
        won.opportunity_id,
        won.source_system,
        won.month,
        won.original_amount,
        won.currency_code,
        won.is_order_missing,
        won.is_order_shared,
        coalesce(orders.order_status = 'cancelled', false) as is_order_cancelled,
        coalesce(returned.quantity >= ordered.quantity or returned.original_amount >= nullif(ordered.original_amount, 0), false) as is_order_returned,
        orders.currency_code as order_currency_code,
        coalesce(ordered.original_amount, 0) as order_original_amount,
        case when coalesce(ordered.has_amount, 1) = 1 then coalesce(ordered.amount, 0) end as order_amount,
        {{ to_reporting_currency('won.original_amount', 'won.currency_code', 'daily_rates.exchange_rate') }} as amount_then,
        orders.order_id is not null and orders.is_void is not true and not won.is_order_shared as is_compared
    from won_with_order as won
    left join orders
        on won.order_id = orders.order_id
    left join ordered_when_won as ordered
        on won.order_id = ordered.order_id
    left join returned_when_won as returned
        on won.order_id = returned.order_id
    left join daily_rates
        on won.currency_code = daily_rates.currency_code
        and orders.ordered_on = daily_rates.calendar_date
),

-- In their own currency where it is one, else both as the day of the order converts them.
differing_opportunities as (
    select
        opportunity_id,
        source_system,
        month,
        case when currency_code = order_currency_code then currency_code else {{ reporting_currency() }} end as currency_code,
        case
            when currency_code = order_currency_code then abs(original_amount - order_original_amount)
            else abs(amount_then - order_amount)
        end as difference_amount
    from won_opportunities
    where is_compared
),

-- An order of a day that cannot be, or before the first day on which any system knew its customer.
doubtful_orders as (
    select
        orders.order_id,
        orders.source_system,
        {{ month_of('orders.ordered_on') }} as month,
        orders.currency_code,
        orders.is_redated,
        coalesce(orders.ordered_on < customers.created_on, false) as is_before_customer,
        coalesce(sum(order_lines.net_sales_original_amount), 0) as original_amount
    from orders
    left join customers
        on orders.customer_id = customers.customer_id
    left join order_lines
        on orders.order_id = order_lines.order_id
    where (orders.is_redated or orders.ordered_on < customers.created_on) and orders.is_void is not true
    group by
        orders.order_id,
        orders.source_system,
        orders.ordered_on,
        orders.currency_code,
        orders.is_redated,
        customers.created_on
),

returns_of_orders as (
    select
        returns.return_id as record_id,
        returns.source_system,
        returns.month,
        returns.refund_original_amount as original_amount,
        returns.currency_code,
        returns.returned_on < orders.ordered_on as is_before_order,
        returns.currency_code <> orders.currency_code as is_in_other_currency
    from returns
    inner join orders
        on returns.order_id = orders.order_id
),

refunds_of_orders as (
    select
        payments.payment_id as record_id,
        payments.source_system,
        payments.month,
        payments.original_amount,
        payments.currency_code,
        payments.paid_on < orders.ordered_on as is_before_order,
        payments.currency_code <> orders.currency_code as is_in_other_currency
    from payments
    inner join orders
        on payments.order_id = orders.order_id
    where payments.payment_kind = 'refund'
),

-- Money that customers paid for an order that was cancelled, less what they got back: a liability, or a refund that was not delivered.
cancelled_orders as (
    select
        orders.order_id as record_id,
        orders.source_system,
        max(payments.month) as month,
        sum(case when payments.payment_kind = 'refund' then -payments.original_amount else payments.original_amount end) as original_amount,
        payments.currency_code
    from payments
    inner join orders
        on payments.order_id = orders.order_id
    where orders.order_status = 'cancelled'
    group by
        orders.order_id,
        orders.source_system,
        payments.currency_code
    having sum(case when payments.payment_kind = 'refund' then -payments.original_amount else payments.original_amount end) <> 0
),

-- One row a record, whatever number of withdrawn rows it names; what is at stake with an order are its lines.
withdrawn_references as (
    select
        named.feed,
        named.source_system,
        named.record_id,
        coalesce(min(named.month), min(own_lines.month)) as month,
        coalesce(sum(order_lines.net_sales_original_amount), min(named.original_amount)) as original_amount,
        coalesce(min(order_lines.currency_code), min(own_lines.currency_code), min(named.currency_code)) as currency_code,
        min(named.consequence) as consequence
    from (
        select
            feed,
            source_system,
            record_id,
            max(month) as month,
            max(original_amount) as original_amount,
            max(currency_code) as currency_code,
            max(
                case
                    when feed = 'sales.order_lines' and referred_feed = 'sales.orders' then 'counts nowhere'
                    when referred_feed in ('crm.customers', 'sales.orders', 'sales.order_lines', 'sales.returns') then 'counts as delivered'
                    else 'counts without what it names'
                end
            ) as consequence
        from references_to_withdrawn
        group by
            feed,
            source_system,
            record_id
    ) as named
    left join order_lines
        on case when named.feed = 'sales.orders' then named.record_id end = order_lines.order_id
    left join order_lines as own_lines
        on case when named.feed = 'sales.order_lines' then named.record_id end = own_lines.order_line_id
    group by
        named.feed,
        named.source_system,
        named.record_id
),

{% for sold, key, looked_at in sold_as -%}
returned_{{ sold }} as (
    {{ returned_beyond_sold('returns', 'order_lines', key, looked_at) }}
),

{% endfor -%}
contradicted_rates as (
    {{ contradicted_rates('quotations', 'daily_rates', converted) }}
),

{% for feed, dimension, key, flag, system, fact, amount in hierarchies -%}
cut_{{ feed }} as (
    select
        members.{{ key }} as record_id,
        {{ system }} as source_system,
        cast(null as date) as month,
        coalesce(sum({{ amount }}), 0) as original_amount,
        {{ reporting_currency() }} as currency_code
    from {{ ref(dimension) }} as members
    left join {{ fact }} as facts
        on members.{{ key }} = facts.{{ key }}
    where members.{{ flag }}
    group by {{ [system, 'members.' ~ key] | unique | join(', ') }}
),

{% endfor -%}
final as (
    {%- for rule, feed, records, key, amount, condition, consequence in data_quality_rules() %}
    select
        '{{ rule }}' as rule,
        {{ "'" ~ feed ~ "'" if feed else 'feed' }} as feed,
        source_system,
        {{ key }} as record_id,
        month,
        cast({{ amount }} as {{ money_total() }}) as original_amount,
        currency_code,
        '{{ consequence }}' as consequence,
        cast({{ 1 if feed else 'record_count' }} as bigint) as record_count
    from {{ records }}
    where {{ condition }}

    union all
    {%- endfor %}

    select
        'withdrawn_reference' as rule,
        feed,
        source_system,
        record_id,
        month,
        cast(original_amount as {{ money_total() }}) as original_amount,
        currency_code,
        consequence,
        cast(1 as bigint) as record_count
    from withdrawn_references
)

select * from final
