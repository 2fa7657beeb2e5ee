{%- set guarded = guarded_fields('contact_points') -%}
{%- set counted = ['first_name', 'last_name', 'last_name_sound', 'birth_date', 'postal_code', 'postal_area', 'city', 'organisation_words'] -%}

with

contact_points as (
    select
        *,
        {{ name_sound('last_name') }} as last_name_sound,
        {{ postal_area('postal_code') }} as postal_area
    from {{ ref('int_identity__contact_points') }}
),

kinds as (
    {{ record_kinds('contact_points') }}
),

shared as (
    select * from {{ ref('int_identity__shared_contact_points') }}
),

given_names as (
    select * from {{ ref('identity_given_names') }}
),

-- How many records hold a value, as of the day from which a record holds it: what is rare says more. It is counted by days, so that later
-- deliveries never change an earlier count.
first_holds as (
    select
        {%- for field in counted %}
        case
            when {{ field }} = lag({{ field }}) over (partition by record_id order by valid_from) then 0 else 1
        end as is_new_{{ field }},
        {%- endfor %}
        *
    from contact_points
),

{% for field in counted[:-1] -%}
{{ field }}_days as (
    select
        customer_kind,
        {{ field }},
        valid_from,
        sum(sum(is_new_{{ field }})) over (partition by customer_kind, {{ field }} order by valid_from) as holder_count
    from first_holds
    where {{ field }} is not null
    group by
        customer_kind,
        {{ field }},
        valid_from
),

{% endfor -%}
-- Words of the names of organisations, the rarest first.
word_numbers as (
    {%- for number in range(1, 13) %}
    select {{ number }} as word_number
    {{- '

    union all
' if not loop.last }}
    {%- endfor %}
),

organisation_words as (
    select distinct
        first_holds.record_id,
        first_holds.valid_from,
        first_holds.is_new_organisation_words as is_new,
        split_part(first_holds.organisation_words, ' ', word_numbers.word_number) as word
    from first_holds
    cross join word_numbers
    where first_holds.organisation_words is not null and split_part(first_holds.organisation_words, ' ', word_numbers.word_number) <> ''
),

word_days as (
    select
        word,
        valid_from,
        sum(sum(is_new)) over (partition by word order by valid_from) as holder_count
    from organisation_words
    group by
        word,
        valid_from
),

organisation_days as (
    select
        valid_from,
        sum(sum(is_new_organisation_words)) over (order by valid_from) as organisation_count
    from first_holds
    where organisation_words is not null
    group by valid_from
),

weighed_words as (
    select
        organisation_words.record_id,
        organisation_words.valid_from,
        organisation_words.word,
        round(ln(cast(organisation_days.organisation_count + 20 as double) / greatest(word_days.holder_count, 1)), 2) as weight,
        row_number() over (
            partition by organisation_words.record_id, organisation_words.valid_from order by word_days.holder_count, organisation_words.word
        ) as word_rank
    from organisation_words
    inner join word_days
        on organisation_words.word = word_days.word
        and organisation_words.valid_from = word_days.valid_from
    inner join organisation_days
        on organisation_words.valid_from = organisation_days.valid_from
),

organisation_names as (
    select
        record_id,
        valid_from,
        {%- for column, name in [('word', 'organisation_words'), ('cast(weight as ' ~ dbt.type_string() ~ ')', 'organisation_word_weights')] %}
        max(case when word_rank = 1 then {{ column }} end)
        {%- for number in range(2, organisation_word_count() + 1) %}
        || coalesce(' ' || max(case when word_rank = {{ number }} then {{ column }} end), '')
        {%- endfor %} as {{ name }},
        {%- endfor %}
        sum(weight) as organisation_weight
    from weighed_words
    group by
        record_id,
        valid_from
),

starts as (
    select
        record_id,
        valid_from as version_from,
        valid_from
    from contact_points

    {%- for field, value in guarded.items() %}

    union distinct

    -- A contact point that too many come to share stops being evidence in the middle of a version.
    select
        contact_points.record_id,
        contact_points.valid_from as version_from,
        shared.shared_since as valid_from
    from contact_points
    inner join shared
        on shared.field = '{{ field }}' and {{ value }} = shared.contact_value
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
            {%- for field, value in guarded.items() %}
            case
                when shared_{{ field }}.shared_since > starts.valid_from then shared_{{ field }}.shared_since else cast('9999-12-31' as date)
            end
            {{- ',' if not loop.last }}
            {%- endfor %}
        ) as revoked_on,
        -- One name only, and no given name that is known, is a family name.
        {%- set is_family_name = 'contact_points.last_name is null and given_names.given_name is null' %}
        {%- for name in ['first_name', 'given_name', 'second_name'] %}
        case when {{ is_family_name }} then null else contact_points.{{ name }} end as {{ name }},
        {%- endfor %}
        case when {{ is_family_name }} then contact_points.first_name else contact_points.last_name end as last_name,
        contact_points.name_suffix,
        contact_points.has_wrong_tax_number,
        contact_points.organisation_name,
        ' ' || contact_points.organisation_words || ' ' as all_organisation_words,
        organisation_names.organisation_words,
        organisation_names.organisation_word_weights,
        organisation_names.organisation_weight,
        case
            when contact_points.organisation_words is not null
                then {{ organisation_numbers('contact_points.organisation_words', 'contact_points.house_number') }}
        end as organisation_numbers,
        case when contact_points.organisation_words is not null then {{ organisation_directions('contact_points.organisation_words') }} end
            as organisation_directions,
        ' ' || given_names.given_name || ' ' || coalesce(given_names.other_forms, '') || ' ' as given_name_forms,
        case when {{ is_family_name }} then null else coalesce(given_names.root_name, contact_points.given_name) end as root_name,
        {%- for field in counted[:-1] %}
        {{ field }}_days.holder_count as {{ field }}_holders,
        {%- endfor %}
        {%- for field, value in guarded.items() %}
        case
            when shared_{{ field }}.shared_since is null or shared_{{ field }}.shared_since > starts.valid_from then contact_points.{{ field }}
        end as {{ field }},
        {%- endfor %}
        contact_points.house_number,
        contact_points.street,
        contact_points.postal_code,
        contact_points.postal_area,
        contact_points.city
    from starts
    inner join contact_points
        on starts.record_id = contact_points.record_id
        and starts.version_from = contact_points.valid_from
    inner join kinds
        on starts.record_id = kinds.record_id
        and starts.valid_from >= kinds.valid_from
        and starts.valid_from < kinds.valid_to
    left join given_names
        on contact_points.given_name = given_names.given_name
    left join organisation_names
        on contact_points.record_id = organisation_names.record_id
        and contact_points.valid_from = organisation_names.valid_from
    {%- for field in counted[:-1] %}
    left join {{ field }}_days
        on contact_points.customer_kind = {{ field }}_days.customer_kind
        and contact_points.{{ field }} = {{ field }}_days.{{ field }}
        and contact_points.valid_from = {{ field }}_days.valid_from
    {%- endfor %}
    {%- for field, value in guarded.items() %}
    left join shared as shared_{{ field }}
        on shared_{{ field }}.field = '{{ field }}' and {{ value }} = shared_{{ field }}.contact_value
    {%- endfor %}
),

final as (
    select
        *,
        -- By which addresses are compared: taken apart once a state, not once a pair.
        replace(split_part(email, '@', 1), '.', '') as email_name,
        {{ replace_all('email', '[^0-9]', '') }} as email_digits,
        {{ replace_all('street', '[^0-9]', '') }} as street_digits,
        {{ name_sound('last_name') }} as last_name_sound
    from states
)

select * from final
