{%- set any_scope = "'*'" -%}
{#- By article group and channel, by one of them, and in all. -#}
{%- set scopes = [('product_group', 'channel_id'), ('product_group', any_scope), (any_scope, 'channel_id'), (any_scope, any_scope)] -%}
{#- Parts that are rounded to cents by themselves; what is left of the difference is price, spending or not split. -#}
{%- set rounded_parts = ['quantity', 'mix', 'market_size', 'market_share', 'efficiency'] -%}

with

plans as (
    select * from {{ ref('int_finance__plans') }}
),

ledger_entries as (
    select
        ledger_account_id,
        month,
        coalesce(department, {{ no_member() }}) as department,
        waterfall_line,
        amount
    from {{ ref('fct_ledger_entries') }}
    where waterfall_line <> 'closing_entries'
),

accounts as (
    select
        ledger_account_id,
        account_name,
        account_type,
        waterfall_line
    from {{ ref('dim_ledger_account') }}
    where account_type in ('revenue', 'expense') or waterfall_line <> 'none'
),

events as (
    select
        month,
        driver,
        channel_id,
        product_id,
        quantity
    from {{ ref('int_costing__driver_events') }}
),

products as (
    select
        product_id,
        product_group
    from {{ ref('dim_product') }}
),

last_posted as (
    select max(month) as last_month
    from ledger_entries
),

planned_months as (
    select distinct plans.month
    from plans
    inner join last_posted
        on plans.month <= last_posted.last_month
    where plans.plan = 'budget' and plans.ledger_account_id is not null
),

sides as (
    {{ account_sides('accounts', 'ledger_entries') }}
),

-- How much there was of each driver, by article group and channel, by one of them, and in all.
driven as (
    select
        events.month,
        events.driver,
        coalesce(products.product_group, {{ no_member() }}) as product_group,
        coalesce(events.channel_id, {{ no_member() }}) as channel_id,
        sum(events.quantity) as quantity
    from events
    left join products
        on events.product_id = products.product_id
    group by
        events.month,
        events.driver,
        coalesce(products.product_group, {{ no_member() }}),
        coalesce(events.channel_id, {{ no_member() }})
),

driven_in_scope as (
    {%- for product_group, channel_id in scopes %}
    select
        month,
        driver,
        {{ product_group }} as product_group,
        {{ channel_id }} as channel_id,
        sum(cast(quantity as double)) as quantity
    from driven
    group by {{ (['month', 'driver', product_group, channel_id] | reject('equalto', any_scope)) | join(', ') }}
    {{- '

    union all
' if not loop.last }}
    {%- endfor %}
),

known_drivers as (
    select distinct driver
    from driven
),

planned as (
    select
        plans.plan_row_id,
        plans.month,
        plans.ledger_account_id,
        sides.effect,
        coalesce(plans.department, {{ no_member() }}) as department,
        plans.driver,
        coalesce(plans.product_group, {{ any_scope }}) as product_group,
        coalesce(plans.channel_id, {{ any_scope }}) as channel_id,
        coalesce(plans.amount, 0) as amount,
        case when plans.quantity > 0 then cast(plans.quantity as double) end as quantity,
        cast(coalesce(plans.unit_price_amount, plans.amount / nullif(plans.quantity, 0)) as double) as unit_price,
        sides.waterfall_line = 'gross_sales' and plans.driver = 'units' and plans.quantity > 0 as is_output
    from plans
    inner join planned_months
        on plans.month = planned_months.month
    inner join sides
        on plans.ledger_account_id = sides.ledger_account_id
    where plans.plan = 'budget'
),

-- What several rows plan of one driver and scope is shared out as they planned it.
measured as (
    select
        planned.*,
        case
            when known_drivers.driver is not null
                then coalesce(driven_in_scope.quantity, 0) * planned.quantity / nullif(sum(planned.quantity) over same_scope, 0)
        end as actual_quantity
    from planned
    left join known_drivers
        on planned.driver = known_drivers.driver
    left join driven_in_scope
        on planned.month = driven_in_scope.month
        and planned.driver = driven_in_scope.driver
        and planned.product_group = driven_in_scope.product_group
        and planned.channel_id = driven_in_scope.channel_id
    window same_scope as (
        partition by
            planned.month, planned.driver, planned.product_group, planned.channel_id, planned.is_output,
            case when planned.is_output then '' else planned.ledger_account_id end
    )
),

outputs as (
    select
        month,
        product_group,
        channel_id,
        sum(quantity) as planned_units,
        sum(actual_quantity) as actual_units
    from measured
    where is_output
    group by
        month,
        product_group,
        channel_id
),

scope_ratios as (
    {%- for product_group, channel_id in scopes %}
    select
        month,
        {{ product_group }} as product_group,
        {{ channel_id }} as channel_id,
        sum(actual_units) / nullif(sum(planned_units), 0) as ratio
    from outputs
    -- What is planned for all groups is no group.
    where
        {{ 'product_group <> ' ~ any_scope if product_group != any_scope else 'true' }}
        and {{ 'channel_id <> ' ~ any_scope if channel_id != any_scope else 'true' }}
    group by {{ (['month', product_group, channel_id] | reject('equalto', any_scope)) | join(', ') }}
    {{- '

    union all
' if not loop.last }}
    {%- endfor %}
),

markets as (
    select
        month,
        sum(case when plan = 'market' then quantity end)
        / nullif(cast(sum(case when plan = 'budget' then quantity end) as double), 0) as ratio
    from plans
    where driver = 'market' and ledger_account_id is null
    group by month
),

allowed as (
    select
        measured.*,
        all_output.ratio as output_ratio,
        case when all_output.ratio is not null then markets.ratio end as market_ratio,
        case
            -- What is driven by the units sold is allowed what was sold.
            when measured.driver = 'units' then measured.actual_quantity
            when all_output.ratio is not null then measured.quantity * coalesce(scope_ratios.ratio, all_output.ratio)
            else measured.actual_quantity
        end as allowed_quantity
    from measured
    left join scope_ratios
        on measured.month = scope_ratios.month
        and measured.product_group = scope_ratios.product_group
        and measured.channel_id = scope_ratios.channel_id
    left join scope_ratios as all_output
        on measured.month = all_output.month
        and all_output.product_group = {{ any_scope }}
        and all_output.channel_id = {{ any_scope }}
    left join markets
        on measured.month = markets.month
),

varied as (
    select
        *,
        {%- set ratio = 'coalesce(output_ratio, allowed_quantity / quantity)' %}
        case when market_ratio is null then {{ quantity_variance('effect', 'quantity', 'unit_price', ratio) }} end as quantity_effect,
        {{ mix_variance('effect', 'quantity', 'unit_price', ratio, 'allowed_quantity') }} as mix_effect,
        {{ market_size_variance('effect', 'quantity', 'unit_price', 'market_ratio') }} as market_size_effect,
        {{ market_share_variance('effect', 'quantity', 'unit_price', ratio, 'market_ratio') }} as market_share_effect,
        case when not is_output then {{ efficiency_variance('effect', 'unit_price', 'allowed_quantity', 'actual_quantity') }} end as efficiency_effect,
        case
            when effect < 0 then {{ production_volume_variance('effect', 'quantity', 'cast(amount as double)', 'unit_price', 'allowed_quantity') }}
        end as production_volume_effect
    from allowed
),

static as (
    select
        month,
        ledger_account_id,
        department,
        {%- for part in rounded_parts + ['production_volume'] %}
        coalesce({{ rounded_to_cents('sum(' ~ part ~ '_effect)', money_total()) }}, 0) as {{ part }}_amount,
        {%- endfor %}
        sum(amount) as static_amount,
        max(case when allowed_quantity is not null then 1 else 0 end) as has_volumes,
        max(case when actual_quantity is not null then 1 else 0 end) as has_quantities
    from varied
    group by
        month,
        ledger_account_id,
        department
),

-- What is posted to a department of which the plan says nothing belongs to the plan of the account as a whole, if there is one.
posted as (
    select
        ledger_entries.month,
        ledger_entries.ledger_account_id,
        coalesce(own_plan.department, whole_plan.department, ledger_entries.department) as department,
        sum(ledger_entries.amount) as debit_amount
    from ledger_entries
    inner join planned_months
        on ledger_entries.month = planned_months.month
    left join static as own_plan
        on ledger_entries.month = own_plan.month
        and ledger_entries.ledger_account_id = own_plan.ledger_account_id
        and ledger_entries.department = own_plan.department
    left join static as whole_plan
        on ledger_entries.month = whole_plan.month
        and ledger_entries.ledger_account_id = whole_plan.ledger_account_id
        and whole_plan.department = {{ no_member() }}
    group by
        ledger_entries.month,
        ledger_entries.ledger_account_id,
        coalesce(own_plan.department, whole_plan.department, ledger_entries.department)
),

compared as (
    select
        coalesce(static.month, posted.month) as month,
        coalesce(static.ledger_account_id, posted.ledger_account_id) as account_id,
        coalesce(static.department, posted.department) as department,
        static.month is not null as has_plan,
        posted.month is not null as has_actual,
        coalesce(static.has_volumes, 0) = 1 and posted.month is not null as has_volumes,
        coalesce(static.has_quantities, 0) = 1 as has_quantities,
        {%- for part in rounded_parts + ['production_volume'] %}
        case when posted.month is not null then coalesce(static.{{ part }}_amount, 0) else 0 end as {{ part }}_amount,
        {%- endfor %}
        coalesce(static.static_amount, 0) as static_amount,
        posted.debit_amount
    from static
    full outer join posted
        on static.month = posted.month
        and static.ledger_account_id = posted.ledger_account_id
        and static.department = posted.department
),

signed as (
    select
        compared.*,
        sides.account_name,
        sides.waterfall_line,
        sides.effect,
        -sides.effect * coalesce(compared.debit_amount, 0) as actual_amount,
        case
            when not compared.has_plan then 'no_plan'
            when not compared.has_actual then 'no_actual'
            when compared.has_volumes and compared.has_quantities then 'price'
            when sides.effect > 0 and sides.account_type = 'revenue' then 'unsplit'
            else 'spending'
        end as remaining_part
    from compared
    inner join sides
        on compared.account_id = sides.ledger_account_id
),

split as (
    select
        *,
        effect * (actual_amount - static_amount) - {{ rounded_parts | join('_amount - ') }}_amount as remaining_amount,
        static_amount + effect * (quantity_amount + mix_amount + market_size_amount + market_share_amount) as flexible_amount
    from signed
),

parts as (
    select
        split.month,
        split.account_id,
        split.account_name,
        split.waterfall_line,
        split.effect,
        split.department,
        split.static_amount,
        split.flexible_amount,
        split.actual_amount,
        case part_names.part when 'remaining' then split.remaining_part else part_names.part end as part,
        case part_names.part
            {%- for part in rounded_parts + ['production_volume', 'remaining'] %}
            when '{{ part }}' then split.{{ part }}_amount
            {%- endfor %}
        end as amount
    from split
    cross join {{ listed(rounded_parts + ['production_volume', 'remaining'], 'part_names', 'part') }}
    where
        part_names.part = 'remaining'
        {%- for part in rounded_parts + ['production_volume'] %}
        or (part_names.part = '{{ part }}' and split.{{ part }}_amount <> 0)
        {%- endfor %}
),

final as (
    select
        month,
        account_id,
        account_name,
        waterfall_line,
        effect > 0 as is_income,
        department,
        cast(static_amount as {{ money_total() }}) as static_amount,
        cast(flexible_amount as {{ money_total() }}) as flexible_amount,
        cast(actual_amount as {{ money_total() }}) as actual_amount,
        part,
        cast(amount as {{ money_total() }}) as amount,
        case when amount <> 0 then amount > 0 end as is_favourable,
        part = 'production_volume' as is_memo
    from parts
)

select * from final
