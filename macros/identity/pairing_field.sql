{#- The fields that pairing rules may use: name -> expression of a record's value.

    record: alias of a relation with the standardised contact points. -#}
{% macro pairing_fields(record='record_states') -%}
    {%- set birth_date = 'cast(' ~ record ~ '.birth_date as ' ~ dbt.type_string() ~ ')' -%}
    {%- set local_part = record ~ '.email_name' -%}
    {{ return({
        'tax_number': record ~ '.tax_number',
        'loyalty_number': record ~ '.loyalty_number',
        'email': record ~ '.email',
        'email_name': 'case when length(' ~ local_part ~ ') >= 6 then ' ~ local_part ~ ' end',
        'phone': record ~ '.phone',
        'phone_end': 'right(' ~ record ~ '.phone, 7)',
        'first_name': record ~ '.first_name',
        'root_name': record ~ '.root_name',
        'last_name_sound': record ~ '.last_name_sound',
        'last_name': record ~ '.last_name',
        'only_name': 'coalesce(' ~ record ~ '.last_name, ' ~ record ~ '.first_name)',
        'first_initial': 'left(' ~ record ~ '.first_name, 1)',
        'first_start': 'left(' ~ record ~ '.first_name, 3)',
        'last_initial': 'left(' ~ record ~ '.last_name, 1)',
        'name_pair': 'case when ' ~ record ~ '.first_name < ' ~ record ~ '.last_name then ' ~ record ~ ".first_name || '|' || " ~ record
            ~ '.last_name else ' ~ record ~ ".last_name || '|' || " ~ record ~ '.first_name end',
        'birth_date': birth_date,
        'birth_month': 'left(' ~ birth_date ~ ', 7)',
        'birth_year': 'left(' ~ birth_date ~ ', 4)',
        'house_number': record ~ '.house_number',
        'street_start': 'left(' ~ record ~ '.street, 4)',
        'street': record ~ '.street',
        'postal_code': record ~ '.postal_code',
        'postal_area': record ~ '.postal_area',
        'city': record ~ '.city',
        'organisation_name': record ~ '.organisation_name',
        'organisation_start': 'left(' ~ record ~ '.organisation_name, 6)',
    }) }}
{%- endmacro %}


{#- Value of a record under the name of a field that pairing rules may use; null where the record has none, or the rule
    names none.

    field: column with the name of the field.
    record: alias of a relation with the standardised contact points. -#}
{% macro pairing_field(field, record) -%}
    case {{ field }}
        {%- for name, value in pairing_fields(record).items() %}
        when '{{ name }}' then {{ value }}
        {%- endfor %}
    end
{%- endmacro %}


{#- The part of a postal code that names the area: W1A of W1A 1AA, 506 of 50667. -#}
{% macro postal_area(postal_code) -%}
    case
        when length({{ postal_code }}) >= 4
            then left({{ postal_code }}, length({{ postal_code }}) - case when length({{ postal_code }}) > 5 then 3 else 2 end)
    end
{%- endmacro %}
