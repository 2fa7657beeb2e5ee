{#
    A fact table holds every row of its staging model exactly once, with the delivered measure unchanged: between the two no
    row is lost, invented or multiplied by a join. Returns the rows for which that does not hold. Rows that staging keeps though they
    are withdrawn are none of the fact, nor are those of cancelled orders where the fact holds sales.

    Arguments:
        staged: staging model of the fact.
        number: natural key in staging; the key of the same name in the fact is the system and this number.
        measure: delivered measure in staging.
        fact_measure: the same measure in the fact.
        keeps_withdrawn: whether staging keeps withdrawn rows.
        orders: orders by which the rows of cancelled ones are left out; none where the fact holds them.
#}
{% test holds_every_staged_row(model, staged, number, measure, fact_measure, keeps_withdrawn=false, orders=none) %}

with

both_sides as (
    select
        {{ conformed_key('source_system', number) }} as record_id,
        1 as staged_count,
        0 as fact_count,
        {{ measure }} as staged_measure,
        0 as held_measure
    from {{ staged }}
    where
        {{ 'not is_withdrawn' if keeps_withdrawn else 'true' }}
        {%- if orders %}
        and {{ conformed_key('source_system', 'order_id') }} not in (select order_id from {{ orders }} where order_status = 'cancelled')
        {%- endif %}

    union all

    select
        {{ number }} as record_id,
        0 as staged_count,
        1 as fact_count,
        0 as staged_measure,
        {{ fact_measure }} as held_measure
    from {{ model }}
)

select
    record_id,
    sum(staged_count) as staged_count,
    sum(fact_count) as fact_count,
    sum(staged_measure) as staged_measure,
    sum(held_measure) as held_measure
from both_sides
group by record_id
having
    sum(staged_count) <> 1
    or sum(fact_count) <> 1
    or coalesce(sum(staged_measure), 0) <> coalesce(sum(held_measure), 0)

{% endtest %}
