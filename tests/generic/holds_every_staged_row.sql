{#
    A fact table holds every row of its staging model exactly once, with the delivered measure unchanged: between the two no
    row is lost, invented or multiplied by a join. Returns the rows for which that does not hold.

    Arguments:
        staged: staging model of the fact.
        number: natural key in staging; the key of the same name in the fact is the system and this number.
        measure: delivered measure in staging.
        fact_measure: the same measure in the fact.
#}
{% test holds_every_staged_row(model, staged, number, measure, fact_measure) %}

with

both_sides as (
    select
        {{ conformed_key('source_system', number) }} as record_id,
        1 as staged_count,
        0 as fact_count,
        {{ measure }} as staged_measure,
        0 as held_measure
    from {{ staged }}

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
