{#- The waterfall: its lines in the order in which they are read, each with the words that ledger accounts are mapped to, its kind, its effect on
    the result, its name for people and, where customers bear it, the column of their amount. This is the definition; the table
    `waterfall_lines`, the amounts and margins of customers and of single entries, and the reconciliation are made of it.

    kind: posted (transactions, ledger postings or assigned cost stand on it), subtotal (of everything posted above it), or memo.
    effect: 1 adds to the operating result, -1 is subtracted, 0 for a subtotal. -#}
{% macro waterfall_lines() -%}
    {{ return([
        {'line': 'gross_sales', 'order': 10, 'kind': 'posted', 'effect': 1, 'amount': 'gross_sales_amount', 'label': 'Gross sales'},
        {'line': 'discounts', 'order': 20, 'kind': 'posted', 'effect': -1, 'amount': 'discount_amount', 'label': 'Discounts on the invoice'},
        {'line': 'rebates', 'order': 30, 'kind': 'posted', 'effect': -1, 'amount': 'rebate_amount', 'label': 'Rebates and coupons'},
        {'line': 'returns', 'order': 40, 'kind': 'posted', 'effect': -1, 'amount': 'return_amount', 'label': 'Returns and refunds'},
        {'line': 'net_revenue', 'order': 50, 'kind': 'subtotal', 'effect': 0, 'amount': 'net_revenue_amount', 'label': 'Net revenue'},
        {'line': 'cost_of_goods', 'order': 60, 'kind': 'posted', 'effect': -1, 'amount': 'cost_of_goods_amount', 'label': 'Cost of goods sold'},
        {'line': 'gross_margin', 'order': 70, 'kind': 'subtotal', 'effect': 0, 'amount': 'gross_margin_amount', 'label': 'Gross margin'},
        {'line': 'commission', 'order': 80, 'kind': 'posted', 'effect': -1, 'amount': 'commission_amount', 'label': 'Commission'},
        {'line': 'payment_fees', 'order': 90, 'kind': 'posted', 'effect': -1, 'amount': 'payment_fee_amount', 'label': 'Payment fees'},
        {'line': 'freight', 'order': 100, 'kind': 'posted', 'effect': -1, 'amount': 'freight_amount', 'label': 'Freight out and back'},
        {'line': 'lead_fees', 'order': 110, 'kind': 'posted', 'effect': -1, 'amount': 'lead_fee_amount', 'label': 'Lead fees'},
        {'line': 'contribution_margin', 'order': 120, 'kind': 'subtotal', 'effect': 0, 'amount': 'contribution_margin_amount', 'label': 'Contribution margin'},
        {'line': 'cost_to_serve', 'order': 130, 'kind': 'posted', 'effect': -1, 'amount': 'cost_to_serve_amount', 'label': 'Cost to serve'},
        {'line': 'customer_margin', 'order': 140, 'kind': 'subtotal', 'effect': 0, 'amount': 'customer_margin_amount', 'label': 'Customer margin'},
        {'line': 'sustaining_cost', 'order': 150, 'kind': 'posted', 'effect': -1, 'amount': 'sustaining_cost_amount', 'label': 'Customer-, segment- and channel-sustaining cost'},
        {'line': 'customer_profit', 'order': 160, 'kind': 'subtotal', 'effect': 0, 'amount': 'customer_profit_amount', 'label': 'Customer profit'},
        {'line': 'acquisition', 'order': 170, 'kind': 'posted', 'effect': -1, 'label': 'Acquisition'},
        {'line': 'business_sustaining', 'order': 180, 'kind': 'posted', 'effect': -1, 'label': 'Business-sustaining cost'},
        {'line': 'idle_capacity', 'order': 190, 'kind': 'posted', 'effect': -1, 'label': 'Unused capacity'},
        {'line': 'over_driven', 'order': 200, 'kind': 'posted', 'effect': -1, 'label': 'Charged above practical capacity'},
        {'line': 'rate_variance', 'order': 210, 'kind': 'posted', 'effect': -1, 'label': 'Cost against standard rates'},
        {'line': 'unassigned_cost', 'order': 220, 'kind': 'posted', 'effect': -1, 'label': 'Unassigned indirect cost'},
        {'line': 'cost_variance', 'order': 230, 'kind': 'posted', 'effect': -1, 'label': 'Variances from standard cost'},
        {'line': 'other_operating', 'order': 240, 'kind': 'posted', 'effect': 1, 'label': 'Operating income and cost not from customers'},
        {'line': 'operating_result', 'order': 250, 'kind': 'subtotal', 'effect': 0, 'label': 'Operating result'},
        {'line': 'closing_entries', 'order': 255, 'kind': 'memo', 'effect': 0, 'label': 'Carried to equity by closing the books'},
        {'line': 'indirect_cost', 'order': 260, 'kind': 'memo', 'effect': 0, 'amount': 'equal_share_cost_amount', 'label': 'Indirect cost by equal shares'},
        {'line': 'standard_cost_variance', 'order': 270, 'kind': 'memo', 'effect': 0, 'label': 'Actual less standard cost, of cost of goods sold'},
    ]) }}
{%- endmacro %}


{#- Columns of the posted amounts of a customer and of its margins, in the order of the waterfall, each margin the sum of the amounts posted
    above it; and direct_selling_cost_amount, which is what stands between gross margin and contribution margin.

    relation: alias whose columns the posted amounts are; kind: type of the amounts, for what a row or a customer holds by default. -#}
{% macro waterfall_amounts_and_margins(relation, kind='decimal(18, 4)') -%}
    {%- set posted = [] -%}
    {%- set direct = [] -%}
    {%- set state = namespace(margin=none) -%}
    {%- for line in waterfall_lines() if line.kind != 'memo' and line.amount is defined -%}
        {%- if line.kind == 'posted' -%}
            {%- set amount = relation ~ '.' ~ line.amount -%}
            {%- do posted.append((' - ' if line.effect < 0 else ' + ' if posted else '') ~ amount) -%}
            {%- if state.margin == 'gross_margin' -%}{%- do direct.append(amount) -%}{%- endif %}
        cast({{ amount }} as {{ kind }}) as {{ line.amount }},
        {%- else -%}
            {%- set state.margin = line.line -%}
            {%- if line.line == 'contribution_margin' %}
        cast({{ direct | join(' + ') }} as {{ kind }}) as direct_selling_cost_amount,
            {%- endif %}
        cast({{ posted | join('') }} as {{ kind }}) as {{ line.amount }}
            {{- ',' if line.line != 'customer_profit' }}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}


{#- Posted amounts of a customer, what is told apart in them, and by how much revenue and profit differ by the day of the order. -#}
{% macro waterfall_part_amounts() -%}
    {%- set amounts = [] -%}
    {%- for line in waterfall_lines() if line.kind == 'posted' and line.amount is defined -%}
        {%- do amounts.append(line.amount) -%}
    {%- endfor -%}
    {{ return(amounts + ['rebate_leakage_amount', 'order_level_cost_amount', 'moved_revenue_amount', 'moved_profit_amount']) }}
{%- endmacro %}


{#- What one fact contributes to the waterfall of a customer and month: customer_id, month, order_count and the posted amounts, 0 where it has
    nothing to say of one.

    given: column -> SQL expression. -#}
{% macro waterfall_part(given) -%}
    customer_id, month, cast({{ given.get('order_count', '0') }} as bigint) as order_count
    {%- for amount in waterfall_part_amounts() -%}
    , cast({{ 'coalesce(' ~ given[amount] ~ ', 0)' if amount in given else '0' }} as decimal(18, 4)) as {{ amount }}
    {%- endfor -%}
{%- endmacro %}


{#- Select of the lines of the waterfall: line, line_order, line_kind, effect, label. -#}
{% macro waterfall_line_rows() -%}
    {%- for line in waterfall_lines() %}
    select
        '{{ line.line }}' as line,
        cast({{ line.order }} as integer) as line_order,
        '{{ line.kind }}' as line_kind,
        cast({{ line.effect }} as integer) as effect,
        '{{ line.label }}' as label
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{%- endmacro %}


{#- SQL literal of the member that stands for what belongs to none: no article, no order, no channel. -#}
{% macro no_member() -%}
    'none'
{%- endmacro %}


{#- Columns of the posted amounts that customers bear, in the order of the waterfall; a list. -#}
{% macro posted_amounts() -%}
    {%- set amounts = [] -%}
    {%- for line in waterfall_lines() if line.kind == 'posted' and line.amount is defined -%}
        {%- do amounts.append(line.amount) -%}
    {%- endfor -%}
    {{ return(amounts) }}
{%- endmacro %}


{#- Expression of the customer profit of a row of posted amounts. -#}
{% macro profit_of_posted() -%}
    {%- for line in waterfall_lines() if line.kind == 'posted' and line.amount is defined -%}
        {{ ' - ' if line.effect < 0 }}{{ line.amount }}
    {%- endfor -%}
{%- endmacro %}


{#- Sums of the posted amounts of the waterfall, and of further columns, under their own names.

    more: further columns, a list; kind: type of the sums. -#}
{% macro waterfall_sums(more=[], kind=none) -%}
    {%- for amount in more + posted_amounts() %}
        cast(sum({{ amount }}) as {{ kind or money_total() }}) as {{ amount }}{{ ',' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
