{#- The parts of a bridge, in the order in which they are read. -#}
{% macro bridge_parts() -%}
    {{ return([
        'volume', 'mix', 'price', 'discount_and_rebate', 'returns', 'unit_cost', 'direct_selling_cost', 'cost_to_serve', 'sustaining_cost',
        'currency', 'new', 'lost', 'unsplit_sales',
    ]) }}
{%- endmacro %}


{#- Whether an element has a quantity, and so a price, in both periods. -#}
{% macro has_both_prices() -%}
    quantity_before > 0 and quantity_now > 0
{%- endmacro %}


{#- Sums over the elements (articles) of a unit from which price, mix and volume follow; all double.

    Reads, of each element, quantity, gross, discount and cost, each `_before` and `_now`, at constant rates of exchange; and net_before, net_now:
    gross less discount at the rates of their time. For an amount k of an element: crossed_now is k now at the quantities of before, crossed_before
    is k before at the quantities of now. Elements with a quantity on one side alone are new or lost. -#}
{% macro bridge_sums() -%}
    {%- for side in ['before', 'now'] %}
    {%- set other = 'now' if side == 'before' else 'before' %}
    sum(case when {{ has_both_prices() }} then cast(quantity_{{ side }} as double) else 0 end) as quantity_{{ side }},
    {%- for amount in ['gross', 'discount', 'cost'] %}
    sum(case when {{ has_both_prices() }} then cast({{ amount }}_{{ side }} as double) else 0 end) as {{ amount }}_{{ side }},
    sum(
        case
            when {{ has_both_prices() }}
                then cast({{ amount }}_{{ side }} as double) * cast(quantity_{{ other }} as double) / nullif(cast(quantity_{{ side }} as double), 0)
            else 0
        end
    ) as crossed_{{ amount }}_{{ side }},
    {%- endfor %}
    {%- endfor %}
    sum(
        case
            when {{ has_both_prices() }}
                then (cast(net_now as double) - gross_now + discount_now) - (cast(net_before as double) - gross_before + discount_before)
            else 0
        end
    ) as currency_effect,
    sum(
        case
            when quantity_now > 0 and not quantity_before > 0 then cast(net_now as double) - cost_now - cast(net_before as double) + cost_before
            else 0
        end
    ) as new_effect,
    sum(
        case
            when quantity_before > 0 and not quantity_now > 0 then cast(net_now as double) - cost_now - cast(net_before as double) + cost_before
            else 0
        end
    ) as lost_effect
{%- endmacro %}


{#- Effect of a price, discount or cost of one unit, at the mean quantity and the mean shares of both periods; an expression of the columns of
    bridge_sums.

    amount: gross, discount or cost. -#}
{% macro rate_effect(amount) -%}
    coalesce(
        (quantity_before + quantity_now) / 4.0 * (
            ({{ amount }}_now - crossed_{{ amount }}_before) / nullif(quantity_now, 0)
            - ({{ amount }}_before - crossed_{{ amount }}_now) / nullif(quantity_before, 0)
        ),
        0
    )
{%- endmacro %}


{#- Effect of other shares of the elements, at the mean quantity and the mean margins of a unit of both periods. -#}
{% macro mix_effect() -%}
    coalesce(
        (quantity_before + quantity_now) / 4.0 * (
            (gross_now - discount_now - cost_now + crossed_gross_before - crossed_discount_before - crossed_cost_before) / nullif(quantity_now, 0)
            - (gross_before - discount_before - cost_before + crossed_gross_now - crossed_discount_now - crossed_cost_now) / nullif(quantity_before, 0)
        ),
        0
    )
{%- endmacro %}


{#- Effect of the total quantity, at the mean of the average margins of a unit of both periods. -#}
{% macro volume_effect() -%}
    coalesce(
        (quantity_now - quantity_before) / 2.0 * (
            (gross_now - discount_now - cost_now) / nullif(quantity_now, 0)
            + (gross_before - discount_before - cost_before) / nullif(quantity_before, 0)
        ),
        0
    )
{%- endmacro %}


{#- Columns of the effects of prices and quantities on a unit, in whole cents; 0 where nothing was sold in both periods. -#}
{% macro bridge_effects() -%}
    {%- set effects = {
        'mix': mix_effect(), 'price': rate_effect('gross'), 'discount': '-(' ~ rate_effect('discount') ~ ')', 'unit_cost': '-(' ~ rate_effect('cost') ~ ')',
        'currency': 'currency_effect', 'new_articles': 'new_effect', 'lost_articles': 'lost_effect',
    } -%}
        true as has_volumes
    {%- for effect, expression in effects.items() %},
        coalesce({{ rounded_to_cents(expression, money_total()) }}, 0) as {{ effect }}
    {%- endfor %}
{%- endmacro %}


{#- Amount of the part that a row is of.

    part: expression of the part; parts: alias with a column <part>_part for each. -#}
{% macro bridge_part_amount(part, parts) -%}
    case {{ part }}
    {%- for name in bridge_parts() %}
        when '{{ name }}' then {{ parts }}.{{ name }}_part
    {%- endfor %}
    end
{%- endmacro %}


{#- Sums of what elements have now and before; a list of columns.

    rows: alias with is_current, quantity, gross and discount at the mean rate of exchange, net at the rate of the time, and cost. -#}
{% macro element_columns(rows) -%}
    {%- for side in ['before', 'now'] %}
    {%- set is_side = rows ~ '.is_current' if side == 'now' else 'not ' ~ rows ~ '.is_current' %}
    {%- set side_loop = loop %}
    {%- for amount in ['quantity', 'gross', 'discount', 'net', 'cost'] %}
        sum(case when {{ is_side }} then {{ rows }}.{{ amount }} else 0 end) as {{ amount }}_{{ side }}
        {{- ',' if not (loop.last and side_loop.last) }}
    {%- endfor %}
    {%- endfor -%}
{%- endmacro %}


{#- Lines of the waterfall that a company is compared with its plan by; a list. Cost to serve and sustaining cost are planned by account alone. -#}
{% macro planned_lines() -%}
    {%- set lines = [] -%}
    {%- for line in waterfall_lines() if line.kind == 'posted' and line.amount is defined and line.line not in ['cost_to_serve', 'sustaining_cost'] -%}
        {%- do lines.append(line) -%}
    {%- endfor -%}
    {{ return(lines) }}
{%- endmacro %}


{#- Amounts of what kept customers bought, as element_columns reads them.

    rows: alias with quantity, gross_sales_amount and discount_amount; cost: its column of the cost of what was sold; slots: alias with is_current;
    factors: alias with factor_now and factor_before. -#}
{% macro kept_amounts(rows, slots, factors, cost) -%}
    {%- set factor = 'coalesce(case when ' ~ slots ~ '.is_current then ' ~ factors ~ '.factor_now else ' ~ factors ~ '.factor_before end, 1)' %}
        sum({{ rows }}.quantity) as quantity,
        sum(cast(coalesce({{ rows }}.gross_sales_amount, 0) as double) * {{ factor }}) as gross,
        sum(cast(coalesce({{ rows }}.discount_amount, 0) as double) * {{ factor }}) as discount,
        sum(coalesce({{ rows }}.gross_sales_amount, 0) - coalesce({{ rows }}.discount_amount, 0)) as net,
        sum(coalesce({{ rows }}.{{ cost }}, 0)) as cost
{%- endmacro %}
