{#
    Every row keeps all the simple rules of its table, looked at in one scan: filled columns, accepted values and bounds, which
    stand in the YAML beside their columns (see the macro `column_rules`), and conditions over a row; and no two rows share its key.

    Returns one row for each rule that is broken, with its column, the rule, the number of rows that break it and one of the
    values that do, unless the column is personal (`pii` in its meta).

    Arguments:
        rows: conditions over the columns of one row, by what they say in words; one that is null does not hold.
        key: columns that together identify a row, as in `unique_combination`; a null is a value like any other.
#}
{% test keeps_its_rules(model, rows={}, key=[]) %}
{%- set rules = column_rules(model) if execute else [] -%}
{%- for words, condition in rows.items() -%}
    {%- do rules.append({'column': none, 'rule': words, 'condition': condition}) -%}
{%- endfor %}

{% if not rules and not key -%}
select 'none' as broken_rule
from (select 1 as number) as one_row
where 1 = 0
{%- else -%}
with
{% if rules %}

counted as (
    select
        {%- for rule in rules %}
        sum(case when {{ rule.condition }} then 0 else 1 end) as failed_{{ loop.index }},
        {# Neither a value that is personal is written anywhere. -#}
        {% if rule.column is none or rule.rule == 'is filled' or rule.is_personal -%}
        cast(null as {{ dbt.type_string() }}) as example_{{ loop.index }}
        {%- else -%}
        min(case when {{ rule.condition }} then null else cast({{ rule.column }} as {{ dbt.type_string() }}) end)
            as example_{{ loop.index }}
        {%- endif -%}
        {{ ',' if not loop.last }}
        {%- endfor %}
    from {{ model }}
),

rules as (
    {%- for rule in rules %}
    select
        {{ loop.index }} as rule_number,
        {{ sql_literals([rule.column or 'the row']) }} as column_name,
        {{ sql_literals([rule.rule]) }} as broken_rule
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

judged as (
    select
        rules.column_name,
        rules.broken_rule,
        case rules.rule_number
            {%- for rule in rules %} when {{ loop.index }} then counted.failed_{{ loop.index }}{% endfor %}
        end as failed_row_count,
        case rules.rule_number
            {%- for rule in rules %} when {{ loop.index }} then counted.example_{{ loop.index }}{% endfor %}
        end as example_value
    from rules
    cross join counted
){{ ',' if key }}
{% endif %}
{%- if key %}
repeated as (
    select
        count(*) as row_count,
        {{ shown_key(model, key) }} as example_value
    from {{ model }}
    group by {{ key | join(', ') }}
    having count(*) > 1
)
{% endif %}
{% if rules -%}
select
    column_name,
    broken_rule,
    failed_row_count,
    example_value
from judged
where failed_row_count > 0
{%- endif %}
{{ 'union all' if rules and key }}
{% if key -%}
select
    {{ sql_literals([key | join(', ')]) }} as column_name,
    'is unique' as broken_rule,
    sum(row_count) as failed_row_count,
    min(example_value) as example_value
from repeated
having count(*) > 0
{%- endif %}
{%- endif %}

{% endtest %}
