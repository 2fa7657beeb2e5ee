{#- Select of what was returned beyond what was sold, by order line or by order: record_id, source_system, month, original_amount, currency_code,
    is_beyond. At stake are the refunds above its net sales, those of the seller where it was sold for one, or, where that is more, the part of the refunds that falls to the units above those sold;
    refunds in another currency than the order's are units only.

    returns, order_lines: CTEs in the shape of fct_returns and fct_order_lines.
    key: column of both that says what was sold. looked_at: condition of the returns that say so. -#}
{% macro returned_beyond_sold(returns, order_lines, key, looked_at) %}
    with

    named as (
        select distinct {{ key }} as sold_id
        from {{ returns }}
        where {{ looked_at }}
    ),

    sold as (
        select
            named.sold_id,
            min(order_lines.source_system) as source_system,
            min(order_lines.currency_code) as currency_code,
            sum(order_lines.quantity) as quantity,
            sum(coalesce(order_lines.seller_sales_original_amount, order_lines.net_sales_original_amount)) as net_sales_original_amount
        from {{ order_lines }} as order_lines
        inner join named
            on order_lines.{{ key }} = named.sold_id
        group by named.sold_id
    ),

    taken_back as (
        select
            sold.sold_id,
            max(returns.month) as month,
            sum(returns.quantity) as quantity,
            sum(case when returns.currency_code = sold.currency_code then returns.refund_original_amount else 0 end) as refund_original_amount
        from sold
        inner join {{ returns }} as returns
            on sold.sold_id = returns.{{ key }}
        group by sold.sold_id
    ),

    final as (
        select
            sold.sold_id as record_id,
            sold.source_system,
            taken_back.month,
            greatest(
                taken_back.refund_original_amount - coalesce(sold.net_sales_original_amount, 0),
                cast(
                    cast(taken_back.refund_original_amount as double)
                    * greatest(1 - cast(sold.quantity as double) / nullif(cast(taken_back.quantity as double), 0), 0)
                    as {{ money_total() }}
                ),
                0
            ) as original_amount,
            sold.currency_code,
            taken_back.quantity > sold.quantity
            -- Refunds are rounded to cents.
            or taken_back.refund_original_amount - sold.net_sales_original_amount > 0.01 as is_beyond
        from sold
        inner join taken_back
            on sold.sold_id = taken_back.sold_id
    )

    select * from final
{%- endmacro %}
