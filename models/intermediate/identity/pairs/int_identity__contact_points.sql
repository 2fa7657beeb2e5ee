with

versions as (
    select * from {{ ref('int_identity__record_versions') }}
),

dialling_codes as (
    select * from {{ ref('identity_dialling_codes') }}
),

placeholders as (
    select
        field,
        pattern
    from {{ ref('identity_placeholders') }}

    -- In a file of rules the word null is no value to one of the engines.
    {%- for field, pattern in [
        ('first_name', 'null'), ('organisation_name', 'null'), ('street', 'null'), ('city', 'null'), ('postal_code', 'NULL'),
    ] %}

    union all

    select
        '{{ field }}' as field,
        '{{ pattern }}' as pattern
    {%- endfor %}
),

tax_rules as (
    select * from {{ ref('identity_tax_numbers') }}
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

lettered as (
    select
        *,
        {{ organisation_text('organisation_name') }} as organisation_text
    from kinds
),

written_out as (
    select
        *,
        {{ organisation_in_full('organisation_text') }} as organisation_in_full
    from lettered
),

worded as (
    select
        *,
        {{ name_words('first_name', titles()) }} as first_words,
        {{ name_words('last_name', none) }} as last_words,
        {{ organisation_words('organisation_in_full') }} as organisation_words
    from written_out
),

spelled as (
    select
        kinds.record_id,
        coalesce(kinds.converted_kind, kinds.customer_kind) as customer_kind,
        kinds.source_system,
        kinds.delivery_id,
        kinds.country_code,
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
        nullif(replace(kinds.first_words, ' ', ''), '') as first_name,
        nullif(split_part(kinds.first_words, ' ', 1), '') as given_name,
        nullif({{ replace_all('kinds.first_words', '^.* ', '') }}, '') as second_name,
        nullif(
            replace(
                case
                    when {{ name_suffix('kinds.last_words') }} is not null then {{ replace_all('kinds.last_words', ' [a-z]+$', '') }}
                    else kinds.last_words
                end,
                ' ', ''
            ),
            ''
        ) as last_name,
        coalesce({{ name_suffix('kinds.last_words') }}, {{ title_gender('kinds.first_name', 'kinds.first_words') }}) as name_suffix,
        kinds.first_words || '|' || kinds.last_words as full_name,
        kinds.first_words,
        kinds.last_words,
        kinds.organisation_words,
        {{ email_key('kinds.email') }} as email,
        {{ phone_key(
            'kinds.phone', 'dialling_codes.dialling_code', "coalesce(dialling_codes.trunk_prefix, '')", 'dialling_codes.international_prefix'
        ) }} as phone,
        {{ house_number('kinds.address_line') }} as house_number,
        {{ street_key('kinds.address_line') }} as street,
        {{ postal_key('kinds.postal_code') }} as postal_code,
        {{ name_key('kinds.city') }} as city,
        {{ identifier_key('kinds.tax_number') }} as tax_number_lettered,
        {{ identifier_key('kinds.loyalty_number', shortest=4) }} as loyalty_number
    from worded as kinds
    left join dialling_codes
        on kinds.country_code = dialling_codes.country_code
),

numbered as (
    select
        *,
        {{ tax_number_key('tax_number_lettered') }} as tax_number
    from spelled
),

-- The number says which country gave it; that of an organisation is otherwise of the country of the organisation.
countries as (
    select
        *,
        coalesce(
            {{ tax_number_country('tax_number_lettered', 'tax_number') }}, case when customer_kind = 'organisation' then country_code end
        ) as tax_country_code,
        {{ replace_all('tax_number', '^[A-Z]', '') }} as tax_digits
    from numbered
),

standardised as (
    select
        *,
        {{ product_of_digits('tax_digits', 1, '10') }} as half_product
    from countries
),

-- What people type when they must type something is no evidence. Names are looked at word by word: n/a is none, Na is one.
{%- set looked_at = {
    'first_name': 'first_words', 'last_name': 'last_words', 'full_name': 'full_name', 'organisation_name': 'organisation_words',
    'birth_date': 'cast(standardised.birth_date as ' ~ dbt.type_string() ~ ')', 'email': 'email', 'phone': 'phone', 'street': 'street', 'postal_code': 'postal_code',
    'city': 'city', 'tax_number': 'tax_number', 'loyalty_number': 'loyalty_number',
} %}
{%- set says = {
    'given_name': ['first_name', 'full_name'], 'second_name': ['first_name', 'full_name'], 'first_name': ['first_name', 'full_name'],
    'last_name': ['last_name', 'full_name'], 'name_suffix': ['last_name', 'full_name'], 'organisation_words': ['organisation_name'],
    'birth_date': ['birth_date'], 'email': ['email'], 'phone': ['phone'], 'house_number': ['street'], 'street': ['street'],
    'postal_code': ['postal_code'], 'city': ['city'], 'tax_number': ['tax_number'], 'loyalty_number': ['loyalty_number'],
} %}
filled_with_anything as (
    select
        standardised.record_id,
        standardised.valid_from,
        {%- for field in looked_at %}
        max(case when placeholders.field = '{{ field }}' then 1 else 0 end) as no_{{ field }},
        {%- endfor %}
        count(*) as placeholder_count
    from standardised
    inner join placeholders
        on case placeholders.field
            {%- for field, value in looked_at.items() %}
            when '{{ field }}' then {{ value if 'cast' in value else 'standardised.' ~ value }}
            {%- endfor %}
        end like placeholders.pattern
    group by
        standardised.record_id,
        standardised.valid_from
),

cleaned as (
    select
        standardised.record_id,
        standardised.customer_kind,
        standardised.source_system,
        standardised.delivery_id,
        standardised.valid_from,
        standardised.first_name_typed,
        standardised.last_name_typed,
        standardised.organisation_name_typed,
        standardised.email_typed,
        standardised.phone_typed,
        standardised.address_line_typed,
        standardised.postal_code_typed,
        standardised.city_typed,
        standardised.tax_number_typed,
        {%- for column, fields in says.items() %}
        case
            when
                coalesce(filled_with_anything.no_{{ fields[0] }}, 0) = 0
                {%- if fields | length > 1 %}
                and coalesce(filled_with_anything.no_{{ fields[1] }}, 0) = 0
                {%- endif %}
                then standardised.{{ column }}
        end as {{ column }},
        {%- endfor %}
        standardised.loyalty_number_typed,
        coalesce(
            {{ replace_all('standardised.tax_digits', '[0-9]', '') }} = ''
            and {{ has_wrong_check_digit('standardised.tax_digits', 'standardised.half_product', 'tax_rules') }},
            false
        ) as has_wrong_tax_number
    from standardised
    left join filled_with_anything
        on standardised.record_id = filled_with_anything.record_id
        and standardised.valid_from = filled_with_anything.valid_from
    left join tax_rules
        on standardised.tax_country_code = tax_rules.country_code
        and length(standardised.tax_digits) = tax_rules.digit_count
),

-- A system that delivers every record every day does not change it every day.
compared as (
    select
        *,
        {%- for column in ['customer_kind'] + says.keys() | list %}
        {%- set value = 'cast(birth_date as ' ~ dbt.type_string() ~ ')' if column == 'birth_date' else column %}
        {{ "'|' || " if not loop.first }}coalesce({{ value }}, '') {{ '||' if not loop.last }}
        {%- endfor %} as fingerprint
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
        {%- for column in says %}
        {{ column }},
        {%- endfor %}
        replace(organisation_words, ' ', '') as organisation_name,
        has_wrong_tax_number,
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
