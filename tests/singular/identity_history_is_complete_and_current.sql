-- Proves that the history of identity is whole: the memberships of a record follow each other without gap or overlap from its
-- first delivery to 9999-12-31, the log leads to the customers of today (created + split - merged = customers), every ID
-- that was given stands for exactly one customer of today, and no two records that a person keeps apart are one customer.
-- Returns what does not hold.

with

followed as (
    select
        record_id,
        valid_from,
        valid_to,
        lead(valid_from) over (partition by record_id order by valid_from) as next_from
    from {{ ref('int_identity__memberships') }}
),

broken_histories as (
    select
        'membership with a gap or an overlap' as problem,
        record_id as found
    from followed
    where
        valid_from >= valid_to
        or coalesce(next_from, cast('9999-12-31' as date)) <> valid_to
),

starts as (
    select
        records.record_id,
        min(followed.valid_from) as member_since,
        max(records.first_seen_on) as first_seen_on
    from {{ ref('int_identity__records') }} as records
    left join followed
        on records.record_id = followed.record_id
    group by records.record_id
),

late_starts as (
    select
        'record that was nobody on its first day' as problem,
        record_id as found
    from starts
    where member_since is null or member_since <> first_seen_on
),

ledger as (
    select sum(case event_kind when 'created' then 1 when 'split' then 1 when 'merged' then -1 else 0 end) as customers_by_log
    from {{ ref('customer_identity_log') }}
),

customers as (
    select count(distinct customer_id) as customers_today
    from {{ ref('customer_crosswalk') }}
),

unbalanced as (
    select
        'log that does not lead to the customers of today' as problem,
        cast(ledger.customers_by_log as {{ dbt.type_string() }}) || ' by the log, ' || cast(customers.customers_today as {{ dbt.type_string() }}) as found
    from ledger
    cross join customers
    where coalesce(ledger.customers_by_log, 0) <> customers.customers_today
),

lost_ids as (
    select
        'ID that stands for no customer of today' as problem,
        ids.given_customer_id as found
    from {{ ref('customer_ids') }} as ids
    left join {{ ref('customer_crosswalk') }} as crosswalk
        on ids.customer_id = crosswalk.customer_id
    where crosswalk.customer_id is null
),

joined_again as (
    select
        'known non-match within one customer' as problem,
        known_links.left_record_id || ' and ' || known_links.right_record_id as found
    from {{ ref('int_identity__known_links') }} as known_links
    inner join {{ ref('customer_crosswalk') }} as lefts
        on known_links.left_record_id = lefts.record_id
    inner join {{ ref('customer_crosswalk') }} as rights
        on known_links.right_record_id = rights.record_id
        and lefts.customer_id = rights.customer_id
    where
        not known_links.is_match
        and known_links.refused_because is null
        and known_links.valid_to = cast('9999-12-31' as date)
)

select * from broken_histories

union all

select * from late_starts

union all

select * from unbalanced

union all

select * from lost_ids

union all

select * from joined_again
