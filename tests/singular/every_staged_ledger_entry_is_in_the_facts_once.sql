-- Proves that between staging and fct_ledger_entries no row is lost, invented or multiplied by a join, and that the
-- amount as delivered arrives unchanged. Returns the postings for which that does not hold.

with

staged as (
    select
        {{ conformed_key('source_system', 'ledger_entry_id') }} as record_id,
        amount as measure
    from {{ ref('stg_finance__ledger_entries') }}
),

facts as (
    select
        ledger_entry_id as record_id,
        original_amount as measure
    from {{ ref('fct_ledger_entries') }}
),

both_sides as (
    select
        record_id,
        1 as staged_count,
        0 as fact_count,
        measure as staged_measure,
        0 as fact_measure
    from staged

    union all

    select
        record_id,
        0 as staged_count,
        1 as fact_count,
        0 as staged_measure,
        measure as fact_measure
    from facts
)

select
    record_id,
    sum(staged_count) as staged_count,
    sum(fact_count) as fact_count,
    sum(staged_measure) as staged_measure,
    sum(fact_measure) as fact_measure
from both_sides
group by record_id
having
    sum(staged_count) <> 1
    or sum(fact_count) <> 1
    or coalesce(sum(staged_measure), 0) <> coalesce(sum(fact_measure), 0)
