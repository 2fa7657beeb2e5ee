{%- set guarded = ['email', 'phone', 'tax_number', 'loyalty_number'] -%}

with

contact_points as (
    select * from {{ ref('int_identity__contact_points') }}
),

kinds as (
    {{ record_kinds('contact_points') }}
),

shared as (
    select * from {{ ref('int_identity__shared_contact_points') }}
),

starts as (
    select
        record_id,
        valid_from as version_from,
        valid_from
    from contact_points

    {%- for field in guarded %}

    union distinct

    -- A contact point that too many come to share stops being evidence in the middle of a version.
    select
        contact_points.record_id,
        contact_points.valid_from as version_from,
        shared.shared_since as valid_from
    from contact_points
    inner join shared
        on shared.field = '{{ field }}' and contact_points.{{ field }} = shared.contact_value
    where shared.shared_since > contact_points.valid_from and shared.shared_since < contact_points.valid_to
    {%- endfor %}
),

states as (
    select
        -- Pairs are many and are joined and grouped by it, so it is a number. It holds for this build only.
        row_number() over (order by starts.record_id, starts.valid_from) as state_number,
        contact_points.record_id,
        contact_points.customer_kind,
        contact_points.source_system,
        contact_points.delivery_id,
        starts.valid_from,
        coalesce(
            lead(starts.valid_from) over (partition by starts.record_id order by starts.valid_from), cast('9999-12-31' as date)
        ) as valid_to,
        -- What was concluded from a contact point is taken back on the day on which too many share it, and what was
        -- concluded of a person when the record turns out to be an organisation.
        least(
            kinds.valid_to,
            {%- for field in guarded %}
            case
                when shared_{{ field }}.shared_since > starts.valid_from then shared_{{ field }}.shared_since else cast('9999-12-31' as date)
            end
            {{- ',' if not loop.last }}
            {%- endfor %}
        ) as revoked_on,
        contact_points.first_name,
        contact_points.last_name,
        contact_points.organisation_name,
        contact_points.birth_date,
        {%- for field in guarded %}
        case
            when shared_{{ field }}.shared_since is null or shared_{{ field }}.shared_since > starts.valid_from then contact_points.{{ field }}
        end as {{ field }},
        {%- endfor %}
        contact_points.house_number,
        contact_points.street,
        contact_points.postal_code,
        contact_points.city
    from starts
    inner join contact_points
        on starts.record_id = contact_points.record_id
        and starts.version_from = contact_points.valid_from
    inner join kinds
        on starts.record_id = kinds.record_id
        and starts.valid_from >= kinds.valid_from
        and starts.valid_from < kinds.valid_to
    {%- for field in guarded %}
    left join shared as shared_{{ field }}
        on shared_{{ field }}.field = '{{ field }}' and contact_points.{{ field }} = shared_{{ field }}.contact_value
    {%- endfor %}
),

final as (
    select
        *,
        -- By which addresses are compared: taken apart once a state, not once a pair.
        split_part(email, '@', 1) as email_name,
        {{ replace_all('email', '[^0-9]', '') }} as email_digits
    from states
)

select * from final
