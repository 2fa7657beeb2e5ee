{#- Select of why records left their customer: customer_id, customer_id_before, happened_on, cause, caused_by_system, caused_by_delivery_id,
    cause_rank; of several causes of one day the first is what somebody decided, then a contact point that too many share, then a changed record.

    leavers: CTE with record_id, customer_id, customer_id_before and happened_on.
    memberships, known_links, contact_points, shared, record_versions, links, contradictions: CTEs in the shape of the models of int_identity that are called so. -#}
{% macro split_causes(leavers, memberships, known_links, contact_points, shared, record_versions, links, contradictions) %}
    with

    -- A split: what was delivered on that day about the record that left.
    known_links_of_records as (
        select
            left_record_id as record_id,
            *
        from {{ known_links }} as known_links

        union all

        select
            right_record_id as record_id,
            *
        from {{ known_links }} as known_links
    ),

    contradictions_of_records as (
        select
            left_record_id as record_id,
            *
        from {{ contradictions }} as contradictions

        union all

        select
            right_record_id as record_id,
            *
        from {{ contradictions }} as contradictions
    ),

    holders as (
        {%- for field, value in guarded_fields('contact_points').items() %}
        select
            shared.field,
            shared.contact_value,
            shared.shared_since,
            contact_points.record_id,
            contact_points.valid_from,
            contact_points.source_system,
            contact_points.delivery_id
        from {{ contact_points }} as contact_points
        inner join {{ shared }} as shared
            on {{ value }} = shared.contact_value
            and shared.field = '{{ field }}'
        {{- '

        union all
    ' if not loop.last }}
        {%- endfor %}
    ),

    splitting as (
        select
            leavers.customer_id,
            leavers.customer_id_before,
            leavers.happened_on,
            case when known.is_match then 'known match' else 'known non-match' end as cause,
            known.source_system as caused_by_system,
            known.delivery_id as caused_by_delivery_id,
            1 as cause_order
        from {{ leavers }} as leavers
        inner join known_links_of_records as known
            on leavers.record_id = known.record_id
            and leavers.happened_on = known.valid_from

        union all

        select
            leavers.customer_id,
            leavers.customer_id_before,
            leavers.happened_on,
            'shared contact point' as cause,
            holders.source_system as caused_by_system,
            holders.delivery_id as caused_by_delivery_id,
            2 as cause_order
        from {{ leavers }} as leavers
        -- Of whichever record of the customer the link was made with it.
        inner join {{ memberships }} as memberships
            on leavers.customer_id_before = memberships.customer_id
            and leavers.happened_on > memberships.valid_from
            and leavers.happened_on <= memberships.valid_to
        inner join holders as held
            on memberships.record_id = held.record_id
            and leavers.happened_on = held.shared_since
        -- The delivery that brought one holder too many.
        inner join holders
            on held.field = holders.field
            and held.contact_value = holders.contact_value
            and leavers.happened_on = holders.valid_from

        union all

        -- A lead that its system now gives to another customer.
        select
            leavers.customer_id,
            leavers.customer_id_before,
            leavers.happened_on,
            'changed record' as cause,
            record_versions.source_system as caused_by_system,
            record_versions.delivery_id as caused_by_delivery_id,
            3 as cause_order
        from {{ leavers }} as leavers
        inner join {{ record_versions }} as record_versions
            on leavers.record_id = record_versions.record_id
            and leavers.happened_on = record_versions.valid_from

        union all

        -- Two records of the customer came to contradict each other.
        select
            leavers.customer_id,
            leavers.customer_id_before,
            leavers.happened_on,
            'contradiction: ' || contradictions.contradiction_id as cause,
            contradictions.caused_by_system,
            contradictions.caused_by_delivery_id,
            4 as cause_order
        from {{ leavers }} as leavers
        inner join {{ memberships }} as memberships
            on leavers.customer_id_before = memberships.customer_id
            and leavers.happened_on > memberships.valid_from
            and leavers.happened_on <= memberships.valid_to
        inner join contradictions_of_records as contradictions
            on memberships.record_id = contradictions.record_id
            and leavers.happened_on = contradictions.valid_from

        union all

        -- Where a non-match keeps two parts of one component asunder, new links may draw the line elsewhere.
        select
            leavers.customer_id,
            leavers.customer_id_before,
            leavers.happened_on,
            'stronger links' as cause,
            links.caused_by_system,
            links.caused_by_delivery_id,
            5 as cause_order
        from {{ leavers }} as leavers
        inner join {{ memberships }} as memberships
            on leavers.customer_id_before = memberships.customer_id
            and leavers.happened_on >= memberships.valid_from
            and leavers.happened_on < memberships.valid_to
        inner join {{ links }} as links
            on memberships.record_id = links.left_record_id
            and leavers.happened_on = links.valid_from
    ),

    final as (
        select
            *,
            row_number() over (
                partition by customer_id, customer_id_before, happened_on
                order by cause_order, cause, caused_by_system, {{ delivery_content('caused_by_delivery_id') }}
            ) as cause_rank
        from splitting
    )

    select * from final
{%- endmacro %}
