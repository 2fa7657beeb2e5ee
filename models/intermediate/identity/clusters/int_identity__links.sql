with

scored_pairs as (
    select * from {{ ref('int_identity__scored_pairs') }}
    where outcome = 'match'
),

known_links as (
    select * from {{ ref('int_identity__known_links') }}
    where is_match and refused_because is null and valid_from < valid_to
),

lead_versions as (
    select
        record_id,
        source_system,
        delivery_id,
        valid_from,
        converted_record_id,
        is_deleted
    from {{ ref('int_identity__record_versions') }}
    where record_kind = 'lead'
),

followed_leads as (
    select
        *,
        lag(coalesce(converted_record_id, '')) over (partition by record_id order by valid_from) as converted_before
    from lead_versions
    -- A lead that is withdrawn stays with the customer it became.
    where not is_deleted
),

lead_states as (
    select
        *,
        coalesce(lead(valid_from) over (partition by record_id order by valid_from), cast('9999-12-31' as date)) as valid_to
    from followed_leads
    where converted_before is null or coalesce(converted_record_id, '') <> converted_before
),

contact_points as (
    select
        record_id,
        customer_kind,
        valid_from
    from {{ ref('int_identity__contact_points') }}
),

kinds as (
    {{ record_kinds('contact_points') }}
),

-- What a system says of its own leads needs no comparison of names.
conversions as (
    select
        least(leads.record_id, customers.record_id) as left_record_id,
        greatest(leads.record_id, customers.record_id) as right_record_id,
        greatest(lead_states.valid_from, leads.valid_from, customers.valid_from) as valid_from,
        least(lead_states.valid_to, leads.valid_to, customers.valid_to) as valid_to,
        lead_states.source_system,
        lead_states.delivery_id
    from lead_states
    inner join kinds as customers
        on lead_states.converted_record_id = customers.record_id
    inner join kinds as leads
        on lead_states.record_id = leads.record_id
        and customers.customer_kind = leads.customer_kind
),

final as (
    select
        left_record_id,
        right_record_id,
        match_rule,
        probability as match_probability,
        -- Kruskal's order when a known non-match has to be kept: what a person decided goes first, then what a system says
        -- of itself, then verified keys, then the weight of the evidence.
        case when match_rule = 'scored' then weight else weight + 1000 end as strength,
        valid_from,
        -- Who was one customer remains it after moving house; only evidence that proves to be none is taken back.
        revoked_on as valid_to,
        caused_by_system,
        caused_by_delivery_id
    from scored_pairs

    union all

    select
        left_record_id,
        right_record_id,
        'known match' as match_rule,
        cast(1 as double) as match_probability,
        cast(1000000 as double) as strength,
        valid_from,
        valid_to,
        source_system as caused_by_system,
        delivery_id as caused_by_delivery_id
    from known_links

    union all

    select
        left_record_id,
        right_record_id,
        'lead conversion' as match_rule,
        cast(1 as double) as match_probability,
        cast(100000 as double) as strength,
        valid_from,
        valid_to,
        source_system as caused_by_system,
        delivery_id as caused_by_delivery_id
    from conversions
    where valid_from < valid_to
)

select * from final
