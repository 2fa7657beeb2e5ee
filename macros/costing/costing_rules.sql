{#- Select of all rules of the cost seeds in one shape, with the line of their file, so that they can be checked together. One row a row of a rule
    file: rule_file, file_line, rule_id, sender_kind (account, pool, activity or stage), sender, ledger_account_id, receiver_kind (pool, activity, capacity,
    driver, condition or stage), receiver, measure (share, minutes, a method, a driver or a condition), quantity, valid_from, valid_to. -#}
{% macro costing_rules() %}
    {%- set imports = [
        ('account_rules', 'account_rules'),
        ('pool_rules', 'pool_rules'),
        ('capacities', 'pool_capacities'),
        ('methods', 'cost_methods'),
        ('drivers', 'activity_drivers'),
        ('equations', 'time_equations'),
    ] -%}
    with

    {% for cte, seed in imports -%}
    {{ cte }} as (
        select
            *,
            {{ seed_line() }} as file_line
        from {{ ref(seed) }}
    ),

    {% endfor -%}
    final as (
        select
            'account_rules' as rule_file,
            file_line,
            rule_id,
            'account' as sender_kind,
            coalesce(ledger_account_id, 'any account')
            || coalesce(', cost centre ' || cost_centre, '')
            || coalesce(', department ' || department, '')
            || coalesce(', territory ' || territory_id, '') as sender,
            ledger_account_id,
            'pool' as receiver_kind,
            pool_id as receiver,
            'share' as measure,
            cast(share as double) as quantity,
            valid_from,
            valid_to
        from account_rules

        union all

        select
            'pool_rules' as rule_file,
            file_line,
            rule_id,
            'pool' as sender_kind,
            pool_id as sender,
            cast(null as {{ dbt.type_string() }}) as ledger_account_id,
            receiver_kind,
            receiver_id as receiver,
            measure,
            cast(share as double) as quantity,
            valid_from,
            valid_to
        from pool_rules

        union all

        select
            'pool_capacities' as rule_file,
            file_line,
            rule_id,
            'pool' as sender_kind,
            pool_id as sender,
            cast(null as {{ dbt.type_string() }}) as ledger_account_id,
            'capacity' as receiver_kind,
            'capacity' as receiver,
            case when practical_minutes is not null then 'minutes' when cost_per_minute is not null then 'cost_per_minute' else 'rate' end as measure,
            cast(coalesce(practical_minutes, cost_per_minute, standard_rate) as double) as quantity,
            valid_from,
            valid_to
        from capacities

        union all

        select
            'cost_methods' as rule_file,
            file_line,
            rule_id,
            'stage' as sender_kind,
            coalesce(pool_id, 'every pool') as sender,
            cast(null as {{ dbt.type_string() }}) as ledger_account_id,
            'stage' as receiver_kind,
            stage as receiver,
            method as measure,
            cast(null as double) as quantity,
            valid_from,
            valid_to
        from methods

        union all

        select
            'activity_drivers' as rule_file,
            file_line,
            rule_id,
            'activity' as sender_kind,
            activity_id as sender,
            cast(null as {{ dbt.type_string() }}) as ledger_account_id,
            'driver' as receiver_kind,
            'driver' as receiver,
            driver as measure,
            cast(null as double) as quantity,
            valid_from,
            valid_to
        from drivers

        union all

        select
            'time_equations' as rule_file,
            file_line,
            rule_id,
            'activity' as sender_kind,
            activity_id as sender,
            cast(null as {{ dbt.type_string() }}) as ledger_account_id,
            'condition' as receiver_kind,
            condition as receiver,
            condition as measure,
            cast(minutes as double) as quantity,
            valid_from,
            valid_to
        from equations
    )

    select * from final
{%- endmacro %}
