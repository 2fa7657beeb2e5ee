with

ledger as (
    select
        period,
        receiver as pool_id,
        sum(amount) as amount
    from {{ ref('int_costing__account_flows') }}
    where receiver like 'direct:%'
    group by
        period,
        receiver
),

order_lines as (
    select
        month,
        customer_id,
        cost_of_goods_amount
    from {{ ref('fct_order_lines') }}
),

returns as (
    select
        month,
        customer_id,
        returned_cost_of_goods_amount
    from {{ ref('fct_returns') }}
),

direct_selling_costs as (
    select
        month,
        customer_id,
        cost_kind,
        cost_amount
    from {{ ref('fct_direct_selling_costs') }}
),

caused as (
    select
        month as period,
        'direct:cost_of_goods' as pool_id,
        customer_id,
        cost_of_goods_amount as amount
    from order_lines

    union all

    select
        month as period,
        'direct:cost_of_goods' as pool_id,
        customer_id,
        -returned_cost_of_goods_amount as amount
    from returns

    union all

    select
        month as period,
        'direct:' || cost_kind as pool_id,
        customer_id,
        cost_amount as amount
    from direct_selling_costs
),

borne as (
    select
        period,
        pool_id,
        customer_id,
        sum(amount) as amount
    from caused
    group by
        period,
        pool_id,
        customer_id
    having sum(amount) <> 0
),

-- What the ledger has more or less than the transactions: a variance of price or use that no customer caused.
sides as (
    select
        period,
        pool_id,
        amount
    from ledger

    union all

    select
        period,
        pool_id,
        -amount as amount
    from borne
),

final as (
    select
        period,
        pool_id,
        'customer' as receiver_kind,
        customer_id as receiver,
        customer_id,
        cast(amount as decimal(18, 4)) as amount
    from borne

    union all

    select
        period,
        pool_id,
        'unassigned' as receiver_kind,
        'direct_variance' as receiver,
        cast(null as {{ dbt.type_string() }}) as customer_id,
        cast(sum(amount) as decimal(18, 4)) as amount
    from sides
    group by
        period,
        pool_id
    having sum(amount) <> 0
)

select * from final
