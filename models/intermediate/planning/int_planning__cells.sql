{%- set amounts = plan_lines().values() | list -%}
{%- set by_price = ['rebate_amount', 'return_amount', 'commission_amount', 'payment_fee_amount'] -%}
{%- set levers = ['price', 'volume', 'discount_rate', 'customer_terms', 'unit_cost', 'retention', 'new_customers', 'media_spend', 'drop_segment'] -%}
{%- set by_won_month = ['new_customers', 'media_spend'] -%}
{%- set filters = ['cohort_kind', 'segment_id', 'channel_id', 'media_source'] + plan_parts() -%}
{%- set key = filters + ['won_month', 'named_customer_id', 'month'] -%}
{%- set cell_key = filters + ['won', 'named_customer_id', 'month'] -%}

with

base_cells as (
    select
        *,
        coalesce(cast(won_month as {{ dbt.type_string() }}), '') as won
    from {{ ref('int_planning__base_cells') }}
),

first_month as (
    select min(month) as month
    from base_cells
),

scenarios as (
    select chosen.scenario_id
    from (
        {{ plan_scenario_ids('(select min(month) from base_cells)') }}
    ) as chosen
),

changes as (
    {{ plan_changes_by_scenario() }}
),

-- Few changes by few cells: none of them grows with the number of customers.
touched as (
    select
        changes.*,
        {%- for column in cell_key %}
        base_cells.{{ column }} as cell_{{ column }},
        {%- endfor %}
        {{ dbt.datediff('(case when changes.valid_from > first_month.month then changes.valid_from else first_month.month end)', 'base_cells.month', 'month') }}
        + 1 as months_since
    from changes
    cross join first_month
    inner join base_cells
        on {{ is_reached_by('base_cells', filters) }}
        and {{ is_valid_in('changes', 'case when changes.lever in (' ~ quoted_list(by_won_month) ~ ') then base_cells.won_month else base_cells.month end') }}
    where
        (
            changes.customers is null
            or (
                base_cells.named_customer_id <> ''
                and {{ is_named_customer('changes.customers', 'base_cells.named_customer_id', 'base_cells.loss_rank') }}
            )
        )
        and (changes.lever not in ({{ quoted_list(by_won_month) }}) or base_cells.cohort_kind = 'new')
        -- Who came by no media source is not won by money for media.
        and (changes.lever <> 'media_spend' or base_cells.media_source <> 'none')
),

effects as (
    select
        scenario_id,
        cell_{{ cell_key | join(',\n        cell_') }},
        {{ lever_columns(levers) }},
        max(case when lever = 'retention' then months_since end) as retention_months
    from touched
    where lever <> 'order_channel_mix'
    group by
        scenario_id,
        cell_{{ cell_key | join(',\n        cell_') }}
),

factored as (
    select
        scenarios.scenario_id,
        base_cells.*,
        greatest({{ changed('price', '1e0') }}, 0e0) as price_factor,
        greatest({{ changed('unit_cost', '1e0') }}, 0e0) as cost_factor,
        -- Terms of customers are their discount rate.
        coalesce(
            effects.customer_terms_set,
            greatest(
                least(
                    {{ changed('discount_rate', 'coalesce(base_cells.discount_amount / nullif(base_cells.gross_sales_amount, 0), 0e0)') }}
                    * coalesce(effects.customer_terms_factor, 1e0) + coalesce(effects.customer_terms_added, 0e0),
                    1e0
                ),
                0e0
            )
        ) as discount_rate,
        effects.scenario_id is not null as is_changed,
        greatest({{ changed('volume', '1e0') }}, 0e0) as volume_factor,
        case
            when effects.retention_months is null then 1e0
            else power(
                    greatest(least({{ changed('retention', 'coalesce(base_cells.yearly_retention, 1e0)') }}, 1e0), 0e0)
                    / coalesce(nullif(base_cells.yearly_retention, 0), 1e0), effects.retention_months / 12e0
                )
        end * (1 - least(greatest({{ changed('drop_segment', '0e0') }}, 0e0), 1e0)) * greatest({{ changed('new_customers', '1e0') }}, 0e0)
        * power(greatest({{ changed('media_spend', '1e0') }}, 0e0), {{ plan_setting('media_response') }}) as customer_factor
    from scenarios
    cross join base_cells
    left join effects
        on scenarios.scenario_id = effects.scenario_id
        {%- for column in cell_key %}
        and base_cells.{{ column }} = effects.cell_{{ column }}
        {%- endfor %}
),

changed_cells as (
    select
        scenario_id,
        {{ key | join(',\n        ') }},
        won,
        month_number,
        customers * customer_factor as customers,
        orders * customer_factor * volume_factor as orders,
        active_customers * customer_factor as active_customers,
        gross_sales_amount * customer_factor * volume_factor * price_factor as gross_sales_amount,
        case when is_changed then gross_sales_amount * customer_factor * volume_factor * price_factor * discount_rate else discount_amount end
            as discount_amount,
        {%- for amount in amounts if amount not in ['gross_sales_amount', 'discount_amount'] %}
        {{ amount }} * customer_factor * volume_factor
        {%- if amount in by_price %} * price_factor{% elif amount == 'cost_of_goods_amount' %} * cost_factor{% endif %} as {{ amount }},
        {%- endfor %}
        variance * customer_factor * volume_factor as variance
    from factored
),

-- Orders that move from one channel to another keep what they are.
asked_moves as (
    select
        scenario_id,
        cell_{{ cell_key | join(',\n        cell_') }},
        to_channel_id,
        cast(sum(cast(change_value as decimal(28, 10))) as double) as asked_share
    from touched
    where lever = 'order_channel_mix' and to_channel_id <> cell_channel_id
    group by
        scenario_id,
        cell_{{ cell_key | join(',\n        cell_') }},
        to_channel_id
),

-- Several moves together take no more than all.
moves as (
    select
        *,
        asked_share / greatest(
            cast(sum(cast(asked_share as decimal(28, 10))) over (
                partition by
                    scenario_id,
                    cell_{{ cell_key | join(',\n                    cell_') }}
            ) as double), 1e0
        ) as moved_share
    from asked_moves
),

directions as (
    select
        *,
        moved_share as share
    from moves

    union all

    select
        *,
        -moved_share as share
    from moves
),

moved as (
    select
        changed_cells.scenario_id,
        changed_cells.cohort_kind,
        changed_cells.segment_id,
        case when directions.share > 0 then directions.to_channel_id else changed_cells.channel_id end as channel_id,
        changed_cells.media_source,
        {%- for column in plan_parts() %}
        changed_cells.{{ column }},
        {%- endfor %}
        changed_cells.won_month,
        changed_cells.named_customer_id,
        changed_cells.month,
        changed_cells.month_number,
        {%- for measure in ['customers', 'orders', 'active_customers'] + amounts %}
        changed_cells.{{ measure }} * directions.share as {{ measure }},
        {%- endfor %}
        changed_cells.variance * directions.share as variance
    from changed_cells
    inner join directions
        on changed_cells.scenario_id = directions.scenario_id
        {%- for column in cell_key %}
        and changed_cells.{{ column }} = directions.cell_{{ column }}
        {%- endfor %}
),

everything as (
    {%- for relation in ['changed_cells', 'moved'] %}
    select
        scenario_id,
        {{ key | join(',\n        ') }},
        month_number,
        customers,
        orders,
        active_customers,
        {{ amounts | join(',\n        ') }},
        variance
    from {{ relation }}
    {{- '

    union all
' if not loop.last }}
    {%- endfor %}
),

-- In the month, customers of all months in which they will have been won are one cell. Decimals, so that sums are the same in any order.
summed as (
    select
        scenario_id,
        {{ filters | join(',\n        ') }},
        named_customer_id,
        month,
        month_number,
        cast(sum(cast(customers as decimal(28, 10))) as double) as customers,
        cast(sum(case when won_month = month then cast(customers as decimal(28, 10)) else 0 end) as double) as new_customers,
        cast(sum(cast(orders as decimal(28, 10))) as double) as orders,
        cast(sum(cast(active_customers as decimal(28, 10))) as double) as active_customers,
        {%- for amount in amounts %}
        sum(cast({{ amount }} as decimal(28, 8))) as {{ amount }},
        {%- endfor %}
        cast(sum(cast(variance as decimal(38, 4))) as double) as variance
    from everything
    group by
        scenario_id,
        {{ filters | join(',\n        ') }},
        named_customer_id,
        month,
        month_number
),

-- Parts of a cell are rounded so that they sum to the cell, whoever is named.
final as (
    select
        scenario_id,
        {{ filters | join(',\n        ') }},
        named_customer_id,
        month,
        month_number,
        customers,
        new_customers,
        orders,
        active_customers,
        {%- for amount in amounts %}
        cast(
            cast(sum({{ amount }}) over up_to_part as {{ money_total() }})
            - cast(-{{ amount }} + sum({{ amount }}) over up_to_part as {{ money_total() }}) as {{ money_total() }}
        ) as {{ amount }},
        {%- endfor %}
        variance
    from summed
    window up_to_part as (
        partition by scenario_id, cohort_kind, segment_id, channel_id, media_source, named_customer_id, month
        order by {{ plan_parts() | join(', ') }}
        rows between unbounded preceding and current row
    )
)

select * from final
