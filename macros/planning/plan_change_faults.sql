{#- Filters that each lever of a scenario can be narrowed by; another one would say nothing of it: who stays, is won or leaves does not do so by article. -#}
{% macro plan_lever_filters() -%}
    {%- set of_orders = ['cohort_kind', 'segment_id', 'channel_id', 'media_source'] + plan_parts() -%}
    {%- set of_customers = ['cohort_kind', 'segment_id', 'channel_id', 'media_source'] + plan_traits() + ['customers'] -%}
    {%- set of_cells = of_orders + ['customers'] -%}
    {{ return({
        'price': of_cells, 'volume': of_cells, 'discount_rate': of_cells, 'customer_terms': of_cells, 'unit_cost': of_cells,
        'retention': of_customers, 'order_channel_mix': of_cells, 'drop_segment': of_customers,
        'new_customers': ['channel_id', 'media_source'] + plan_traits(), 'media_spend': ['media_source'],
        'activity_time': of_orders + ['activity_id'], 'capacity': ['pool_id'], 'resource_price': ['pool_id'],
    }) }}
{%- endmacro %}


{#- Filters of changes, columns of plan_changes. -#}
{% macro plan_filters() -%}
    {{ return(['cohort_kind', 'segment_id', 'channel_id', 'media_source', 'customers', 'pool_id', 'activity_id'] + plan_parts()) }}
{%- endmacro %}


{#- CTEs of what is wrong with single changes, among them short_lists, misplaced, wrong_changes, overlapping, inherited and overmoved, each with file_line,
    rule_id and problem. They read plan_changes_lines and scenarios.

    is_own: whether names that the company does not have are refused. -#}
{% macro plan_change_faults(is_own) %}
    {%- set filters = plan_filters() -%}
    {%- set both_hold -%}
        changes.valid_from <= coalesce(others.valid_to, cast('9999-12-31' as date))
            and others.valid_from <= coalesce(changes.valid_to, cast('9999-12-31' as date))
            {%- for filter in filters %}
            and (
                changes.{{ filter }} is null or others.{{ filter }} is null or changes.{{ filter }} = others.{{ filter }}
                {%- if filter == 'customers' %}
                or shared_customers.change_id is not null
                -- Who loses most is known by the plan alone, and may be anybody on a list.
                or changes.customers like 'loss_makers:%' or others.customers like 'loss_makers:%'
                {%- endif %}
            )
            {%- endfor %}
    {%- endset -%}
    {%- set beside_shared_customers -%}
        left join shared_customers
            on changes.change_id = shared_customers.change_id
            and others.change_id = shared_customers.other_change_id
    {%- endset -%}
    -- Lists of customers, also of one, that have somebody in common.
    listed_customers as (
        select
            lists.change_id,
            members.customer_id
        from plan_changes_lines as lists
        inner join {{ ref('dim_customer') }} as members
            on {{ is_listed('members.customer_id', 'lists.customers') }}
        where lists.customers not like 'loss_makers:%' and lists.customers <> 'any'
    ),

    shared_customers as (
        select distinct
            lists.change_id,
            others.change_id as other_change_id
        from listed_customers as lists
        inner join listed_customers as others
            on lists.customer_id = others.customer_id
            and lists.change_id <> others.change_id
    ),

    short_lists as (
        select
            lists.file_line,
            lists.change_id as rule_id,
            'customers are ' || cast(lists.id_count as {{ dbt.type_string() }}) || ' IDs, with one blank between them, and '
            || cast(count(members.customer_id) as {{ dbt.type_string() }}) || ' of them known' as problem
        from (
            select
                file_line,
                change_id,
                customers,
                length(customers) - length(replace(customers, ' ', '')) + 1 as id_count
            from plan_changes_lines
            where customers like '% %' and customers not like 'loss_makers:%'{{ '' if is_own else ' and 1 = 0' }}
        ) as lists
        left join {{ ref('dim_customer') }} as members
            on {{ is_listed('members.customer_id', 'lists.customers') }}
            and not members.is_prospect
        group by
            lists.file_line,
            lists.change_id,
            lists.id_count
        having count(members.customer_id) <> lists.id_count
    ),

    misplaced as (
        {%- set possible = plan_lever_filters() %}
        {%- for filter in filters %}
        {{ 'union all' if not loop.first }}
        select
            file_line,
            change_id as rule_id,
            {{ dbt.concat(["'the lever '", 'lever', "' cannot be narrowed by " ~ filter ~ "'"]) }} as problem
        from plan_changes_lines
        where
            {{ filter }} is not null
            and lever not in ({% for lever in possible if filter in possible[lever] %}'{{ lever }}'{{ ', ' if not loop.last }}{% endfor %})
        {%- endfor %}
    ),

    wrong_changes as (
        select
            file_line,
            change_id as rule_id,
            case
                when lever = 'capacity' and pool_id is null then 'the lever capacity needs a pool_id'
                when lever = 'customer_terms' and customers is null then 'the lever customer_terms needs customers'
                when customers = 'any' then 'customers are a list of IDs, or loss_makers:n'
                when customers like 'loss_makers:%' and not {{ is_number_of_losers('customers') }} then 'loss_makers: is followed by a number'
                when lever = 'media_spend' and media_source = 'none' then 'nobody spends money for media_source none: leave it out, or name a source'
                when lever = 'drop_segment'{% for filter in possible.drop_segment %} and {{ filter }} is null{% endfor %}
                    then 'the lever drop_segment needs a filter: without one it drops everybody'
                when lever in ('drop_segment', 'order_channel_mix') and (operation <> 'set' or change_value < 0 or change_value > 1)
                    then 'the lever ' || lever || ' is set to a part between 0 and 1'
                when lever = 'order_channel_mix' and (channel_id is null or to_channel_id is null or channel_id = to_channel_id)
                    then 'the lever order_channel_mix needs channel_id and another to_channel_id'
                when lever <> 'order_channel_mix' and to_channel_id is not null then 'to_channel_id is for order_channel_mix only'
                when lever in ('discount_rate', 'customer_terms', 'retention') and operation = 'set' and change_value > 1
                    then 'the lever ' || lever || ' is set to a part between 0 and 1'
                when operation in ('multiply', 'set') and change_value < 0 then 'a factor or value is not negative'
                when valid_to < valid_from then 'it ends before it begins'
            end as problem
        from plan_changes_lines
    ),

    -- Two values for one thing in one month.
    overlapping as (
        select
            changes.file_line,
            changes.change_id as rule_id,
            'it sets ' || changes.lever || ' to another value than change ' || others.change_id || ' where both hold' as problem
        from plan_changes_lines as changes
        inner join plan_changes_lines as others
            on changes.lever = others.lever
            and changes.scenario_id = others.scenario_id
        {{ beside_shared_customers }}
        where
            changes.change_id > others.change_id and changes.operation = 'set' and others.operation = 'set'
            and (changes.change_value <> others.change_value or coalesce(changes.to_channel_id, '') <> coalesce(others.to_channel_id, ''))
            and changes.lever not in ('order_channel_mix', 'drop_segment')
            and {{ both_hold }}
    ),

    -- A set of what it starts from counts beside its own.
    inherited as (
        select
            changes.file_line,
            changes.change_id as rule_id,
            'it sets ' || changes.lever || ' to another value than change ' || others.change_id || ', of the scenario that it starts from' as problem
        from plan_changes_lines as changes
        inner join scenarios
            on changes.scenario_id = scenarios.scenario_id
        inner join plan_changes_lines as others
            on scenarios.base_scenario_id = others.scenario_id
            and changes.lever = others.lever
        {{ beside_shared_customers }}
        where
            changes.operation = 'set' and others.operation = 'set' and changes.change_value <> others.change_value
            and changes.lever not in ('order_channel_mix', 'drop_segment')
            and {{ both_hold }}
    ),

    -- What moves orders in a scenario: what it starts from first, then its own; a list is a row for each of its customers. Who loses most may be anybody.
    moving as (
        select
            scenarios.scenario_id,
            case when changes.scenario_id = scenarios.scenario_id then 1 else 0 end as is_own,
            changes.change_id,
            changes.file_line,
            {%- for filter in filters if filter != 'customers' %}
            changes.{{ filter }},
            {%- endfor %}
            listed_customers.customer_id as customers,
            changes.valid_from,
            coalesce(changes.valid_to, cast('9999-12-31' as date)) as valid_to,
            cast(changes.change_value as decimal(28, 10)) as moved_share,
            cast('' as {{ dbt.type_string() }}) as others
        from scenarios
        inner join plan_changes_lines as changes
            on changes.scenario_id in (scenarios.scenario_id, scenarios.base_scenario_id)
        left join listed_customers
            on changes.change_id = listed_customers.change_id
        where
            changes.lever = 'order_channel_mix' and changes.change_value > 0
            and (listed_customers.customer_id is not null or changes.customers is null or changes.customers like 'loss_makers:%')
    ),

    -- Two moves, three and so on that hold together: filters that say one thing each all meet where each two of them do.
    {%- for count in range(2, 7) %}

    moving_{{ count }} as (
        select
            sets.scenario_id,
            others.is_own,
            others.change_id,
            others.file_line,
            {%- for filter in filters %}
            coalesce(sets.{{ filter }}, others.{{ filter }}) as {{ filter }},
            {%- endfor %}
            greatest(sets.valid_from, others.valid_from) as valid_from,
            least(sets.valid_to, others.valid_to) as valid_to,
            cast(sets.moved_share + others.moved_share as decimal(28, 10)) as moved_share,
            {{ dbt.concat(["sets.others", "', '" if count > 2 else "''", "sets.change_id"]) }} as others
        from {{ 'moving' if count == 2 else 'moving_' ~ (count - 1) }} as sets
        inner join moving as others
            on sets.scenario_id = others.scenario_id
            and (sets.is_own < others.is_own or (sets.is_own = others.is_own and sets.change_id < others.change_id))
            and sets.valid_from <= others.valid_to
            and others.valid_from <= sets.valid_to
            {%- for filter in filters %}
            and coalesce(sets.{{ filter }}, others.{{ filter }}, '') = coalesce(others.{{ filter }}, sets.{{ filter }}, '')
            {%- endfor %}
        where sets.moved_share <= 1
    ),
    {%- endfor %}

    -- More than all orders of a channel.
    overmoved as (
        {%- for count in range(2, 7) %}
        {{ 'union all' if not loop.first }}
        select
            file_line,
            change_id as rule_id,
            'with change{{ 's' if count > 2 }} ' || others || ' it moves more than all orders of ' || channel_id as problem
        from moving_{{ count }}
        where is_own = 1 and moved_share > 1
        {%- endfor %}
    ),
{%- endmacro %}


{#- Whether what follows loss_makers: is a number of one to four digits. -#}
{% macro is_number_of_losers(names) -%}
    (translate({{ dbt.split_part(names, "':'", 2) }}, '0123456789', '') = '' and length({{ names }}) between 13 and 16)
{%- endmacro %}
