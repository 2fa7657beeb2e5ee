{#- Select of the cost of customers by the accounts that it comes from and the pools that it passed, exact.

    periods: CTE with a column period, the months asked for; without it all months.

    One row a period, customer, cost line, activity, account, first pool (to which the account is posted), next pool (to which the
    first one hands on; empty where it does not) and last pool (which serves the activity). Amounts of an activity are whole
    cents, by largest remainder; those of direct costs keep the four decimals of the facts. Each sums to the cost of the customer.
    The months are chosen before anything is split: a condition on a joined month would come after the split of all months. -#}
{% macro customer_cost_paths(periods=none) %}
    with

    customer_flows as (
        select
            flows.period,
            flows.customer_id,
            flows.activity_id,
            sum(flows.amount) as customer_amount
        from {{ ref('fct_cost_flows') }} as flows
        {%- if periods %}
        inner join {{ periods }} as asked
            on flows.period = asked.period
        {%- endif %}
        where flows.stage = 'activity_to_customer' and flows.receiver_kind = 'customer'
        group by
            flows.period,
            flows.customer_id,
            flows.activity_id
    ),

    -- The ways of an activity in the order in which an odd cent goes to them, so that customers are split over numbers.
    activity_origins as (
        select
            *,
            sum(weight) over (partition by period, activity_id) as activity_weight,
            row_number() over (
                partition by period, activity_id
                order by coalesce(ledger_account_id, ''), first_pool_id, last_pool_id, coalesce(next_pool_id, '')
            ) as way
        from {{ ref('int_costing__activity_origins') }}
    ),

    activities as (
        select
            activity_id,
            waterfall_line
        from {{ ref('cost_activities') }}
    ),

    direct_flows as (
        select
            flows.period,
            flows.customer_id,
            flows.sender as pool_id,
            sum(flows.amount) as customer_amount
        from {{ ref('fct_cost_flows') }} as flows
        {%- if periods %}
        inner join {{ periods }} as asked
            on flows.period = asked.period
        {%- endif %}
        where flows.stage = 'pool_to_customer' and flows.receiver_kind = 'customer'
        group by
            flows.period,
            flows.customer_id,
            flows.sender
    ),

    account_flows as (
        select
            period,
            receiver as pool_id,
            ledger_account_id,
            sum(amount) as amount
        from {{ ref('int_costing__account_flows') }}
        where receiver_kind = 'pool'
        group by
            period,
            receiver,
            ledger_account_id
    ),

    direct_origins as (
        select
            period,
            pool_id,
            ledger_account_id,
            amount,
            sum(amount) over (partition by period, pool_id) as pool_amount
        from account_flows
        where pool_id like 'direct:%'
    ),

    indirect as (
        select
            customer_flows.period,
            customer_flows.customer_id,
            customer_flows.activity_id,
            customer_flows.customer_amount,
            activity_origins.way,
            activity_origins.weight,
            activity_origins.activity_weight
        from customer_flows
        inner join activity_origins
            on customer_flows.period = activity_origins.period
            and customer_flows.activity_id = activity_origins.activity_id
    ),

    direct as (
        select
            direct_flows.period,
            direct_flows.customer_id,
            replace(direct_flows.pool_id, 'direct:', '') as waterfall_line,
            cast(null as {{ dbt.type_string() }}) as activity_id,
            direct_origins.ledger_account_id,
            direct_flows.pool_id as first_pool_id,
            cast(null as {{ dbt.type_string() }}) as next_pool_id,
            direct_flows.pool_id as last_pool_id,
            cast(round(
                coalesce(cast(direct_origins.amount as double) / nullif(cast(direct_origins.pool_amount as double), 0), 1) * 100000000, 4
            ) as decimal(18, 4)) as weight,
            direct_flows.customer_amount,
            -- Direct cost keeps the four decimals of the facts, and allocate splits hundredths.
            {{ exact_product('direct_flows.customer_amount', '100') }} as hundredfold_amount
        from direct_flows
        left join direct_origins
            on direct_flows.period = direct_origins.period
            and direct_flows.pool_id = direct_origins.pool_id
            and direct_origins.pool_amount <> 0
    ),

    indirect_shares as (
        {{ allocate(
            'indirect', 'customer_amount', 'weight', group_by=['period', 'customer_id', 'activity_id'], ties=['way'],
            total='activity_weight'
        ) }}
    ),

    direct_shares as (
        {{ allocate(
            'direct', 'hundredfold_amount', 'weight', group_by=['period', 'customer_id', 'first_pool_id'],
            ties=["coalesce(ledger_account_id, '')"]
        ) }}
    ),

    final as (
        select
            indirect_shares.period,
            indirect_shares.customer_id,
            activities.waterfall_line,
            indirect_shares.activity_id,
            activity_origins.ledger_account_id,
            activity_origins.first_pool_id,
            activity_origins.next_pool_id,
            activity_origins.last_pool_id,
            indirect_shares.allocated_amount as amount
        from indirect_shares
        inner join activity_origins
            on indirect_shares.period = activity_origins.period
            and indirect_shares.activity_id = activity_origins.activity_id
            and indirect_shares.way = activity_origins.way
        inner join activities
            on indirect_shares.activity_id = activities.activity_id
        where indirect_shares.allocated_amount <> 0

        union all

        select
            period,
            customer_id,
            waterfall_line,
            activity_id,
            ledger_account_id,
            first_pool_id,
            next_pool_id,
            last_pool_id,
            cast(cast(allocated_amount as decimal(19, 2)) * cast(0.01 as decimal(3, 2)) as decimal(18, 4)) as amount
        from direct_shares
        where allocated_amount <> 0
    )

    select * from final
{%- endmacro %}
