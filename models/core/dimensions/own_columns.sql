with

own as (
    {%- for own in own_columns_elsewhere() %}
    select
        '{{ own.feed }}' as feed,
        source_system,
        {{ "cast(" ~ own.key | join(" as " ~ dbt.type_string() ~ ") || ':' || cast(") ~ " as " ~ dbt.type_string() ~ ")" }} as record_number,
        '{{ own.column }}' as column_name,
        cast({{ own.name }} as {{ dbt.type_string() }}) as column_value
    from {{ own.relation }}
    where {{ own.name }} is not null
    {{ 'union all' if not loop.last }}
    {%- else %}
    select
        cast(null as {{ dbt.type_string() }}) as feed,
        cast(null as {{ dbt.type_string() }}) as source_system,
        cast(null as {{ dbt.type_string() }}) as record_number,
        cast(null as {{ dbt.type_string() }}) as column_name,
        cast(null as {{ dbt.type_string() }}) as column_value
    where 1 = 0
    {%- endfor %}
),

final as (
    select
        feed || '/' || {{ conformed_key('source_system', 'record_number') }} || '/' || column_name as own_column_id,
        feed,
        source_system,
        {{ conformed_key('source_system', 'record_number') }} as record_id,
        column_name,
        column_value
    from own
)

select * from final
