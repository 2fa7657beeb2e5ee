{#- Select of the method by which every customer is valued: customer_id, value_segment, basis, method, is_baseline_chosen. It is the one that
    the hold-out window has chosen for the segment.

    customers: CTE with customer_id and value_segment; bases: CTE with basis; backtest: CTE in the shape of int_value__backtest. -#}
{% macro chosen_methods(customers, bases, backtest) %}
    with

    choice as (
        select distinct
            value_segment,
            chosen_method as method,
            is_baseline_chosen
        from {{ backtest }}
    ),

    -- What all customers together go by, for a segment that had none in the hold-out window.
    general_choice as (
        select
            max(method) as method,
            max(case when is_baseline_chosen then 1 else 0 end) = 1 as is_baseline_chosen
        from choice
        where value_segment = 'all'
    ),

    -- Without a hold-out window to choose by, what was bought last goes on.
    final as (
        select
            customers.customer_id,
            customers.value_segment,
            bases.basis,
            coalesce(own_choice.method, general_choice.method, 'repeat_last_period') as method,
            coalesce(own_choice.is_baseline_chosen, general_choice.is_baseline_chosen, true) as is_baseline_chosen
        from {{ customers }} as customers
        cross join {{ bases }} as bases
        left join choice as own_choice
            on customers.value_segment = own_choice.value_segment
        cross join general_choice
    )

    select * from final
{%- endmacro %}
