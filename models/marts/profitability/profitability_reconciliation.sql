{%- set sides = ['customers', 'unattributed', 'below_the_line', 'ledger', 'difference'] -%}
{#- Why a line differs, and the place of the line that sums its effect. -#}
{%- set categories = [('ledger_is_silent', 310), ('not_in_facts', 320), ('not_in_ledger', 330), ('amounts_differ', 340)] -%}

with

months as (
    select * from {{ ref('customer_profitability_monthly') }}
),

ledger_entries as (
    select * from {{ ref('fct_ledger_entries') }}
),

order_lines as (
    select
        month,
        customer_id,
        standard_cost_variance_amount
    from {{ ref('fct_order_lines') }}
    where standard_cost_variance_amount is not null
),

returns as (
    select
        month,
        customer_id,
        -standard_cost_variance_amount as standard_cost_variance_amount
    from {{ ref('fct_returns') }}
    where standard_cost_variance_amount is not null
),

lines as (
    {{ waterfall_line_rows() }}
),

flows as (
    select
        period as month,
        receiver_kind,
        receiver,
        activity_id,
        amount
    from {{ ref('fct_cost_flows') }}
    -- Direct costs stand on lines of their own, as the transactions have them.
    where
        stage <> 'pool_to_customer'
        and receiver_kind in ('customer', 'idle', 'sustaining', 'unassigned')
),

activities as (
    select
        activity_id,
        waterfall_line
    from {{ ref('dim_activity') }}
),

lined as (
    select
        flows.month,
        case
            when flows.receiver_kind = 'customer' then activities.waterfall_line
            when flows.receiver = 'idle' then 'idle_capacity'
            when flows.receiver = 'unassigned' then 'unassigned_cost'
            else flows.receiver
        end as line,
        flows.amount
    from flows
    left join activities
        on flows.activity_id = activities.activity_id
),

-- The line on which indirect cost of the ledger ended.
assigned_lines as (
    select
        month,
        line,
        cast(sum(amount) as decimal(18, 4)) as amount
    from lined
    group by
        month,
        line
),

customer_months as (
    select
        {%- for line in waterfall_lines() if line.kind != 'subtotal' and line.amount is defined %}
        sum({{ line.amount }}) as {{ line.amount }},
        {%- endfor %}
        month,
        is_unattributed
    from months
    group by
        month,
        is_unattributed
),

customer_lines as (
    select
        customer_months.month,
        lines.line,
        customer_months.is_unattributed,
        case lines.line
            {%- for line in waterfall_lines() if line.kind != 'subtotal' and line.amount is defined %}
            when '{{ line.line }}' then customer_months.{{ line.amount }}
            {%- endfor %}
            else 0
        end as amount
    from customer_months
    cross join lines
    where lines.line_kind <> 'subtotal'

    union all

    select
        month,
        'standard_cost_variance' as line,
        customer_id = {{ unattributed_customer() }} as is_unattributed,
        standard_cost_variance_amount as amount
    from order_lines

    union all

    select
        month,
        'standard_cost_variance' as line,
        customer_id = {{ unattributed_customer() }} as is_unattributed,
        standard_cost_variance_amount as amount
    from returns
),

posted_lines as (
    -- Debits are positive in the ledger. Lines that add to the result are credits, so their sign turns.
    select
        ledger_entries.month,
        ledger_entries.waterfall_line as line,
        sum(case when lines.effect = 1 then -ledger_entries.amount else ledger_entries.amount end) as amount
    from ledger_entries
    inner join lines
        on ledger_entries.waterfall_line = lines.line
    group by
        ledger_entries.month,
        ledger_entries.waterfall_line
),

ledger_lines as (
    {{ ledger_lines('posted_lines', 'assigned_lines') }}
),

posted_months as (
    select distinct month
    from posted_lines
),

all_months as (
    select month from customer_months

    union distinct

    select month from ledger_lines
),

sides as (
    select
        all_months.month,
        lines.line,
        lines.line_order,
        lines.line_kind,
        lines.effect,
        coalesce(sum(case when not customer_lines.is_unattributed then customer_lines.amount end), 0) as customers_amount,
        coalesce(sum(case when customer_lines.is_unattributed then customer_lines.amount end), 0) as unattributed_amount
    from all_months
    cross join lines
    left join customer_lines
        on all_months.month = customer_lines.month
        and lines.line = customer_lines.line
    group by
        all_months.month,
        lines.line,
        lines.line_order,
        lines.line_kind,
        lines.effect
),

posted as (
    select
        sides.month,
        sides.line,
        sides.line_order,
        sides.line_kind,
        sides.effect,
        sides.customers_amount,
        sides.unattributed_amount,
        -- Indirect cost that no active customer shares, cost that no customer caused, and what finance posts without customers.
        case
            when sides.line = 'indirect_cost' then coalesce(ledger_lines.amount, 0) - sides.customers_amount
            -- It is part of the cost of goods already, and no posting: taken out again, the line says what it is and differs from nothing.
            when sides.line = 'standard_cost_variance' then -sides.customers_amount - sides.unattributed_amount
            when sides.line in ('cost_variance', 'other_operating', 'closing_entries') then coalesce(ledger_lines.amount, 0)
            when sides.line in ('cost_to_serve', 'sustaining_cost') then 0
            else coalesce(assigned_lines.amount, 0)
        end as below_the_line_amount,
        coalesce(ledger_lines.amount, 0) as ledger_amount,
        max(case when posted_months.month is not null then 1 else 0 end) over (partition by sides.month) = 1 as has_ledger
    from sides
    left join ledger_lines
        on sides.month = ledger_lines.month
        and sides.line = ledger_lines.line
    left join assigned_lines
        on sides.month = assigned_lines.month
        and sides.line = assigned_lines.line
    left join posted_months
        on sides.month = posted_months.month
),

compared as (
    select
        *,
        ledger_amount - customers_amount - unattributed_amount - below_the_line_amount as difference_amount
    from posted
),

-- A subtotal is the sum of everything posted above it.
summed as (
    select
        month,
        line,
        line_order,
        line_kind,
        effect,
        {%- for side in sides %}
        case when line_kind <> 'subtotal' then {{ side }}_amount else sum(effect * {{ side }}_amount) over lines_above end as {{ side }}_amount,
        {%- endfor %}
        has_ledger
    from compared
    window lines_above as (
        partition by month
        order by line_order
        rows between unbounded preceding and current row
    )
),

explained as (
    select
        *,
        case
            when difference_amount = 0 then 'none'
            when not has_ledger then 'ledger_is_silent'
            when line_kind = 'subtotal' then 'sum_of_lines'
            when customers_amount = 0 and unattributed_amount = 0 then 'not_in_facts'
            when ledger_amount = 0 then 'not_in_ledger'
            else 'amounts_differ'
        end as difference_category
    from summed
),

categories as (
    {%- for category, line_order in categories %}
    select
        '{{ category }}' as difference_category,
        {{ line_order }} as line_order
    {{- '

    union all
' if not loop.last }}
    {%- endfor %}
),

difference_lines as (
    select
        all_months.month,
        'difference_' || categories.difference_category as line,
        categories.line_order,
        'difference' as line_kind,
        cast(0 as decimal(18, 4)) as customers_amount,
        cast(0 as decimal(18, 4)) as unattributed_amount,
        cast(0 as decimal(18, 4)) as below_the_line_amount,
        cast(0 as decimal(18, 4)) as ledger_amount,
        coalesce(sum(explained.effect * explained.difference_amount), 0) as difference_amount,
        categories.difference_category
    from all_months
    cross join categories
    left join explained
        on all_months.month = explained.month
        and categories.difference_category = explained.difference_category
        and explained.line_kind = 'posted'
    group by
        all_months.month,
        categories.line_order,
        categories.difference_category
),

final as (
    {%- for lines in ['explained', 'difference_lines'] %}
    select
        month,
        line,
        cast(line_order as integer) as line_order,
        line_kind,
        {%- for side in sides %}
        cast({{ side }}_amount as decimal(18, 4)) as {{ side }}_amount,
        {%- endfor %}
        difference_category
    from {{ lines }}
    {{- '

    union all
' if not loop.last }}
    {%- endfor %}
)

select * from final
