{#- Entity, staging model, natural key: what rows refer to without having to say the system. -#}
{%- set entities = [
    ('product', 'stg_sales__products', 'product_id'),
    ('campaign', 'stg_marketing__campaigns', 'campaign_id'),
    ('territory', 'stg_crm__territories', 'territory_id'),
    ('sales_rep', 'stg_crm__sales_reps', 'sales_rep_id'),
    ('lead', 'stg_marketing__leads', 'lead_id'),
] -%}

with

{% for entity, model, number in entities -%}
{{ entity }}_members as (
    select
        source_system,
        {{ number }} as referred_number
    from {{ ref(model) }}
    {%- if entity == 'lead' %}
    where is_current
    {%- endif %}
),

{% endfor -%}
members as (
    {%- for entity, model, number in entities %}
    select
        '{{ entity }}' as entity,
        source_system,
        referred_number
    from {{ entity }}_members
    {{- '

    union all
' if not loop.last }}
    {%- endfor %}
),

-- A number that one system alone knows is found whoever asks.
only_members as (
    select
        entity,
        min(source_system) as source_system,
        referred_number
    from members
    group by
        entity,
        referred_number
    having count(*) = 1
),

final as (
    select
        entity,
        source_system as asked_system,
        referred_number,
        {{ conformed_key('source_system', 'referred_number') }} as conformed_id
    from members

    union all

    select
        entity,
        {{ any_system() }} as asked_system,
        referred_number,
        {{ conformed_key('source_system', 'referred_number') }} as conformed_id
    from only_members
)

select * from final
