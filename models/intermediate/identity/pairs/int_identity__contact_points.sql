with

versions as (
    select * from {{ ref('int_identity__record_versions') }}
),

dialling_codes as (
    select * from {{ ref('identity_dialling_codes') }}
),

placeholders as (
    select * from {{ ref('identity_placeholders') }}
),

-- A record that its system withdrew keeps the contact points by which it was last known, so that it stays with its
-- customer; one that was never anything but withdrawn has none.
known as (
    select *
    from (
        select
            *,
            sum(case when is_deleted then 0 else 1 end) over (
                partition by record_id order by valid_from rows between unbounded preceding and current row
            ) as living_version_count
        from versions
    ) as counted
    where not is_deleted or (living_version_count = 0 and valid_from = first_seen_on)
),

spans as (
    select
        *,
        coalesce(lead(valid_from) over (partition by record_id order by valid_from), cast('9999-12-31' as date)) as known_until
    from known
),

followed_kinds as (
    select
        record_id,
        customer_kind,
        valid_from,
        lag(customer_kind) over (partition by record_id order by valid_from) as customer_kind_before
    from spans
    where record_kind = 'customer'
),

customer_kinds as (
    select
        record_id,
        customer_kind,
        valid_from,
        coalesce(lead(valid_from) over (partition by record_id order by valid_from), cast('9999-12-31' as date)) as valid_to
    from followed_kinds
    where customer_kind_before is null or customer_kind <> customer_kind_before
),

-- A lead often names the person only, even where an organisation came of it: it is of the kind of that customer, from the
-- day on which that is known.
kinds as (
    select
        spans.*,
        spans.valid_from as state_from,
        case when spans.organisation_name is null then customer_kinds.customer_kind end as converted_kind
    from spans
    left join customer_kinds
        on spans.converted_record_id = customer_kinds.record_id
        and spans.valid_from >= customer_kinds.valid_from
        and spans.valid_from < customer_kinds.valid_to

    union all

    select
        spans.*,
        customer_kinds.valid_from as state_from,
        customer_kinds.customer_kind as converted_kind
    from spans
    inner join customer_kinds
        on spans.converted_record_id = customer_kinds.record_id
        and spans.valid_from < customer_kinds.valid_from
        and spans.known_until > customer_kinds.valid_from
    where spans.organisation_name is null
),

standardised as (
    select
        kinds.record_id,
        coalesce(kinds.converted_kind, kinds.customer_kind) as customer_kind,
        kinds.source_system,
        kinds.delivery_id,
        kinds.state_from as valid_from,
        kinds.birth_date,
        kinds.first_name as first_name_typed,
        kinds.last_name as last_name_typed,
        kinds.organisation_name as organisation_name_typed,
        kinds.email as email_typed,
        kinds.phone as phone_typed,
        kinds.address_line as address_line_typed,
        kinds.postal_code as postal_code_typed,
        kinds.city as city_typed,
        kinds.tax_number as tax_number_typed,
        kinds.loyalty_number as loyalty_number_typed,
        {{ name_key('kinds.first_name') }} as first_name,
        {{ name_key('kinds.last_name') }} as last_name,
        {{ organisation_key('kinds.organisation_name') }} as organisation_name,
        {{ email_key('kinds.email') }} as email,
        {{ phone_key(
            'kinds.phone', 'dialling_codes.dialling_code', "coalesce(dialling_codes.trunk_prefix, '')", 'dialling_codes.international_prefix'
        ) }} as phone,
        {{ house_number('kinds.address_line') }} as house_number,
        {{ street_key('kinds.address_line') }} as street,
        {{ number_key('kinds.postal_code') }} as postal_code,
        {{ name_key('kinds.city') }} as city,
        {{ identifier_key('kinds.tax_number') }} as tax_number,
        {{ identifier_key('kinds.loyalty_number') }} as loyalty_number
    from kinds
    left join dialling_codes
        on kinds.country_code = dialling_codes.country_code
),

-- What people type when they must type something is no evidence.
{%- set fields = ['first_name', 'last_name', 'email', 'phone', 'tax_number', 'loyalty_number'] %}
filled_with_anything as (
    {%- for field in fields %}
    select distinct
        '{{ field }}' as field,
        standardised.{{ field }} as contact_value
    from standardised
    inner join placeholders
        on placeholders.field = '{{ field }}' and standardised.{{ field }} like placeholders.pattern
    {{- '

    union all
' if not loop.last }}
    {%- endfor %}
),

cleaned as (
    select
        standardised.record_id,
        standardised.customer_kind,
        standardised.source_system,
        standardised.delivery_id,
        standardised.valid_from,
        standardised.birth_date,
        standardised.first_name_typed,
        standardised.last_name_typed,
        standardised.organisation_name_typed,
        standardised.email_typed,
        standardised.phone_typed,
        standardised.address_line_typed,
        standardised.postal_code_typed,
        standardised.city_typed,
        standardised.tax_number_typed,
        standardised.loyalty_number_typed,
        {%- for field in fields %}
        case when no_{{ field }}.contact_value is null then standardised.{{ field }} end as {{ field }},
        {%- endfor %}
        standardised.organisation_name,
        standardised.house_number,
        standardised.street,
        standardised.postal_code,
        standardised.city
    from standardised
    left join filled_with_anything as no_{{ fields[0] }}
        on standardised.{{ fields[0] }} = no_{{ fields[0] }}.contact_value and no_{{ fields[0] }}.field = '{{ fields[0] }}'
    {%- for field in fields[1:] %}
    left join filled_with_anything as no_{{ field }}
        on standardised.{{ field }} = no_{{ field }}.contact_value and no_{{ field }}.field = '{{ field }}'
    {%- endfor %}
),

-- A system that delivers every record every day does not change it every day.
compared as (
    select
        *,
        {%- for column in ['customer_kind'] + fields + ['organisation_name', 'house_number', 'street', 'postal_code', 'city'] %}
        coalesce({{ column }}, '') || '|' ||
        {%- endfor %}
        coalesce(cast(birth_date as {{ dbt.type_string() }}), '') as fingerprint
    from cleaned
),

changes as (
    select *
    from (
        select
            *,
            lag(fingerprint) over (partition by record_id order by valid_from) as fingerprint_before
        from compared
    ) as followed
    where fingerprint_before is null or fingerprint <> fingerprint_before
),

final as (
    select
        record_id,
        customer_kind,
        source_system,
        delivery_id,
        valid_from,
        coalesce(lead(valid_from) over (partition by record_id order by valid_from), cast('9999-12-31' as date)) as valid_to,
        birth_date,
        {%- for field in fields %}
        {{ field }},
        {%- endfor %}
        organisation_name,
        house_number,
        street,
        postal_code,
        city,
        first_name_typed,
        last_name_typed,
        organisation_name_typed,
        email_typed,
        phone_typed,
        address_line_typed,
        postal_code_typed,
        city_typed,
        tax_number_typed,
        loyalty_number_typed
    from changes
)

select * from final
