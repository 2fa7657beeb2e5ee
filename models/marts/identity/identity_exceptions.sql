with

crosswalk as (
    select * from {{ ref('customer_crosswalk') }}
),

-- Customers whose records contradict each other.
contradictions as (
    select
        least(lefts.customer_id, rights.customer_id) as first_customer_id,
        greatest(lefts.customer_id, rights.customer_id) as second_customer_id,
        min(contradictions.contradiction_id) as contradiction_id
    from {{ ref('int_identity__contradictions') }} as contradictions
    inner join crosswalk as lefts
        on contradictions.left_record_id = lefts.record_id
    inner join crosswalk as rights
        on contradictions.right_record_id = rights.record_id
    where contradictions.valid_to = cast('9999-12-31' as date)
    group by
        least(lefts.customer_id, rights.customer_id),
        greatest(lefts.customer_id, rights.customer_id)
),

-- Two records that match are linked again with every state in which they do: one link, since the first and as sure as the surest.
links as (
    select
        left_record_id,
        right_record_id,
        match_rule,
        max(match_probability) as match_probability,
        min(valid_from) as valid_from
    from {{ ref('int_identity__links') }}
    where valid_to = cast('9999-12-31' as date)
    group by
        left_record_id,
        right_record_id,
        match_rule
),

-- Links that hold by themselves, but join two customers that a person or a contradiction keeps apart.
cut_links as (
    select
        'cut link' as exception_kind,
        links.match_rule as rule,
        lefts.source_system as left_source_system,
        lefts.record_kind as left_record_kind,
        lefts.source_customer_id as left_source_customer_id,
        rights.source_system as right_source_system,
        rights.record_kind as right_record_kind,
        rights.source_customer_id as right_source_customer_id,
        cast(1 as bigint) as group_number,
        lefts.customer_id as left_customer_id,
        rights.customer_id as right_customer_id,
        links.match_probability,
        cast(2 as bigint) as record_count,
        links.valid_from as noted_on,
        case
            when contradictions.contradiction_id is null then 'left out because a known non-match keeps the two customers apart'
            else 'left out because records of the two customers contradict each other: ' || contradictions.contradiction_id
        end as detail
    from links
    inner join crosswalk as lefts
        on links.left_record_id = lefts.record_id
    inner join crosswalk as rights
        on links.right_record_id = rights.record_id
        and lefts.customer_id <> rights.customer_id
    left join contradictions
        on least(lefts.customer_id, rights.customer_id) = contradictions.first_customer_id
        and greatest(lefts.customer_id, rights.customer_id) = contradictions.second_customer_id
),

judged_links as (
    select
        *,
        case
            when refused_because is not null then 'refused link'
            when is_contradicted then 'contradicted link'
        end as exception_kind
    from {{ ref('int_identity__known_links') }}
    where valid_to = cast('9999-12-31' as date)
),

odd_links as (
    select
        judged_links.exception_kind,
        case when judged_links.is_match then 'known match' else 'known non-match' end as rule,
        lefts.source_system as left_source_system,
        lefts.record_kind as left_record_kind,
        lefts.source_customer_id as left_source_customer_id,
        rights.source_system as right_source_system,
        rights.record_kind as right_record_kind,
        rights.source_customer_id as right_source_customer_id,
        cast(1 as bigint) as group_number,
        lefts.customer_id as left_customer_id,
        rights.customer_id as right_customer_id,
        cast(null as double) as match_probability,
        cast(2 as bigint) as record_count,
        judged_links.valid_from as noted_on,
        coalesce(judged_links.refused_because, 'decisions contradict each other; this one holds') || ': ' || judged_links.left_record_id || ' and '
        || judged_links.right_record_id as detail
    from judged_links
    left join crosswalk as lefts
        on judged_links.left_record_id = lefts.record_id
    left join crosswalk as rights
        on judged_links.right_record_id = rights.record_id
    where judged_links.exception_kind is not null
),

-- Values are personal data, so the group is named by one of its records, and numbered where it is not the only one of that record: the old
-- and the new telephone of one can both be shared by many.
dropped_groups as (
    select
        'dropped group' as exception_kind,
        pairing_keys.rule_id as rule,
        pairing_keys.pairing_key as shared_value,
        min(pairing_keys.record_id) as example_record_id,
        max(pairing_keys.record_count) as record_count,
        max(pairing_keys.dropped_since) as noted_on,
        'more records share the value than the rule pairs (' || cast(max(pairing_keys.max_records) as {{ dbt.type_string() }}) || ')' as detail
    from {{ ref('int_identity__pairing_keys') }} as pairing_keys
    where pairing_keys.dropped_since is not null
    group by
        pairing_keys.rule_id,
        pairing_keys.pairing_key

    union all

    select
        'shared contact point' as exception_kind,
        shared.field as rule,
        shared.contact_value as shared_value,
        shared.example_record_id,
        shared.record_count,
        shared.shared_since as noted_on,
        'more records hold the value than one customer can have (' || cast(shared.max_records as {{ dbt.type_string() }})
        || '); it is no evidence since then' as detail
    from {{ ref('int_identity__shared_contact_points') }} as shared
),

listed_groups as (
    select
        dropped_groups.exception_kind,
        dropped_groups.rule,
        crosswalk.source_system as left_source_system,
        crosswalk.record_kind as left_record_kind,
        crosswalk.source_customer_id as left_source_customer_id,
        cast(null as {{ dbt.type_string() }}) as right_source_system,
        cast(null as {{ dbt.type_string() }}) as right_record_kind,
        cast(null as {{ dbt.type_string() }}) as right_source_customer_id,
        cast(
            row_number() over (
                partition by dropped_groups.exception_kind, dropped_groups.rule, dropped_groups.example_record_id
                order by dropped_groups.noted_on, dropped_groups.shared_value
            ) as bigint
        ) as group_number,
        crosswalk.customer_id as left_customer_id,
        cast(null as {{ dbt.type_string() }}) as right_customer_id,
        cast(null as double) as match_probability,
        cast(dropped_groups.record_count as bigint) as record_count,
        dropped_groups.noted_on,
        dropped_groups.detail
    from dropped_groups
    inner join crosswalk
        on dropped_groups.example_record_id = crosswalk.record_id
),

final as (
    select * from cut_links

    union all

    select * from odd_links

    union all

    select * from listed_groups
)

select * from final
