{#- Variances of an account against its plan, as expressions of doubles; positive raises the result.

    quantity, amount, unit_price: what was planned; output_ratio: units sold ÷ units planned, of the company; allowed: planned quantity at the
    units that were sold; actual_quantity: quantity that was used; effect: 1 for income, -1 for cost. -#}
{% macro quantity_variance(effect, quantity, unit_price, output_ratio) -%}
    {{ effect }} * ({{ output_ratio }} - 1) * {{ quantity }} * {{ unit_price }}
{%- endmacro %}

{#- What is sold, or used, in other shares than planned, at the planned price. -#}
{% macro mix_variance(effect, quantity, unit_price, output_ratio, allowed) -%}
    {{ effect }} * ({{ allowed }} - {{ output_ratio }} * {{ quantity }}) * {{ unit_price }}
{%- endmacro %}

{#- The quantity variance as far as the market is larger or smaller than planned.

    market_ratio: market ÷ planned market. -#}
{% macro market_size_variance(effect, quantity, unit_price, market_ratio) -%}
    {{ effect }} * ({{ market_ratio }} - 1) * {{ quantity }} * {{ unit_price }}
{%- endmacro %}

{#- The quantity variance as far as the share of the market is another. -#}
{% macro market_share_variance(effect, quantity, unit_price, output_ratio, market_ratio) -%}
    {{ effect }} * ({{ output_ratio }} - {{ market_ratio }}) * {{ quantity }} * {{ unit_price }}
{%- endmacro %}

{#- What more or less input than allowed for the output costs, at the planned price. -#}
{% macro efficiency_variance(effect, unit_price, allowed, actual_quantity) -%}
    {{ effect }} * ({{ actual_quantity }} - {{ allowed }}) * {{ unit_price }}
{%- endmacro %}

{#- What more or less output than planned absorbs of a fixed amount; no part of the difference between plan and actual. -#}
{% macro production_volume_variance(effect, quantity, amount, unit_price, allowed) -%}
    -1 * {{ effect }} * ({{ amount }} - {{ quantity }} * {{ unit_price }}) * ({{ allowed }} / nullif({{ quantity }}, 0) - 1)
{%- endmacro %}


{#- Select of accounts with their effect on the result: 1 where the account earns, -1 where it costs. It does one or the other by the side on which its
    postings stand in all; where there are none, by what it is.

    accounts: CTE with ledger_account_id, account_type and waterfall_line; ledger_entries: CTE with ledger_account_id and amount, debits positive. -#}
{% macro account_sides(accounts, ledger_entries) %}
    select
        {{ accounts }}.*,
        cast(
            case
                when balances.balance < 0 then 1
                when balances.balance > 0 then -1
                when {{ accounts }}.waterfall_line in ('discounts', 'rebates', 'returns') then -1
                when {{ accounts }}.account_type = 'revenue' then 1
                else -1
            end as integer
        ) as effect
    from {{ accounts }}
    left join (
        select
            ledger_account_id,
            sum(amount) as balance
        from {{ ledger_entries }}
        group by ledger_account_id
    ) as balances
        on {{ accounts }}.ledger_account_id = balances.ledger_account_id
{%- endmacro %}
