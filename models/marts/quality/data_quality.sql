{#- Rule, feed, fact, its key, the amount at stake, and the condition under which a record breaks the rule. -#}
{%- set rules = [
    ('no_exchange_rate', 'sales.order_lines', 'order_lines', 'order_line_id', 'net_sales_original_amount', "order_id is not null and not has_exchange_rate"),
    ('line_without_order', 'sales.order_lines', 'order_lines', 'order_line_id', 'net_sales_original_amount', "order_id is null"),
    ('no_standard_cost', 'sales.order_lines', 'order_lines', 'order_line_id', 'net_sales_original_amount', "order_id is not null and not has_cost"),
    ('unknown_product', 'sales.order_lines', 'order_lines', 'order_line_id', 'net_sales_original_amount', "product_id = 'unknown'"),
    ('unknown_customer', 'sales.order_lines', 'order_lines', 'order_line_id', 'net_sales_original_amount', "customer_reference = 'unknown'"),
    ('no_exchange_rate', 'sales.returns', 'returns', 'return_id', 'refund_original_amount', "not has_exchange_rate"),
    ('no_standard_cost', 'sales.returns', 'returns', 'return_id', 'refund_original_amount', "returned_cost_of_goods_amount is null"),
    ('unknown_customer', 'sales.returns', 'returns', 'return_id', 'refund_original_amount', "customer_reference = 'unknown'"),
    ('no_exchange_rate', 'marketing.promotion_redemptions', 'promotion_redemptions', 'redemption_id', 'original_amount', "not has_exchange_rate"),
    ('no_exchange_rate', 'finance.payments', 'payments', 'payment_id', 'original_amount', "not has_exchange_rate"),
    ('no_exchange_rate', 'finance.direct_selling_costs', 'direct_selling_costs', 'direct_selling_cost_id', 'original_amount', "not has_exchange_rate"),
    ('no_exchange_rate', 'finance.ledger_entries', 'ledger_entries', 'ledger_entry_id', 'original_amount', "amount is null"),
    ('unknown_account', 'finance.ledger_entries', 'ledger_entries', 'ledger_entry_id', 'original_amount', "ledger_account_id = 'unknown'"),
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

final as (
    {%- for rule, feed, fact, key, amount, condition in rules %}
    select
        '{{ rule }}' as rule,
        '{{ feed }}' as feed,
        source_system,
        {{ key }} as record_id,
        month,
        {{ amount }} as original_amount,
        currency_code
    from {{ fact }}
    where {{ condition }}
    {{- '

    union all
' if not loop.last }}
    {%- endfor %}
)

select * from final
