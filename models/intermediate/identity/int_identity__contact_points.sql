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

customer_kinds as (
    select
        record_id,
        customer_kind,
        valid_from,
        valid_to
    from known
    where record_kind = 'customer'
),

standardised as (
    select
        known.record_id,
        -- A lead often names the person only, even where an organisation came of it.
        case when known.organisation_name is null then coalesce(customer_kinds.customer_kind, known.customer_kind) else known.customer_kind end as customer_kind,
        known.source_system,
        known.delivery_id,
        known.valid_from,
        known.birth_date,
        known.first_name as first_name_typed,
        known.last_name as last_name_typed,
        known.organisation_name as organisation_name_typed,
        known.email as email_typed,
        known.phone as phone_typed,
        known.address_line as address_line_typed,
        known.postal_code as postal_code_typed,
        known.city as city_typed,
        known.tax_number as tax_number_typed,
        known.loyalty_number as loyalty_number_typed,
        {{ name_key('known.first_name') }} as first_name,
        {{ name_key('known.last_name') }} as last_name,
        {{ organisation_key('known.organisation_name') }} as organisation_name,
        {{ email_key('known.email') }} as email,
        {{ phone_key(
            'known.phone', 'dialling_codes.dialling_code', "coalesce(dialling_codes.trunk_prefix, '')", 'dialling_codes.international_prefix'
        ) }} as phone,
        {{ house_number('known.address_line') }} as house_number,
        {{ street_key('known.address_line') }} as street,
        {{ number_key('known.postal_code') }} as postal_code,
        {{ name_key('known.city') }} as city,
        {{ identifier_key('known.tax_number') }} as tax_number,
        {{ identifier_key('known.loyalty_number') }} as loyalty_number
    from known
    left join dialling_codes
        on known.country_code = dialling_codes.country_code
    left join customer_kinds
        on known.converted_record_id = customer_kinds.record_id
        and known.valid_from >= customer_kinds.valid_from
        and known.valid_from < customer_kinds.valid_to
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
