{#- Tax numbers in one spelling, and those that cannot be right. -#}

{#- Tax number without the letters of its country and of the tax, so that DE 811 907 980 and 811907980 are the same.

    number: as identifier_key gives it. -#}
{% macro tax_number_key(number) -%}
    {%- set bare = replace_all(number, '(MWST|TVA|IVA|MVA)$', '') -%}
    {%- set letters = 'AT|BE|BG|CH|CY|CZ|DE|DK|EE|EL|ES|FI|FR|GB|GR|HR|HU|IE|IT|LT|LU|LV|MT|NL|NO|PL|PT|RO|SE|SI|SK|XI' -%}
    case
        when {{ replace_all(bare, '^(' ~ letters ~ ')[A-Z]?[0-9]{7,}[A-Z0-9]{0,3}$', '') }} = '' then substr({{ bare }}, 3)
        else {{ bare }}
    end
{%- endmacro %}


{#- Country whose letters a tax number begins with; null where it begins with none.

    number: as identifier_key gives it.
    key: the same as tax_number_key gives it. -#}
{% macro tax_number_country(number, key) -%}
    case when left({{ number }}, 2) <> left({{ key }}, 2) then replace(replace(left({{ number }}, 2), 'EL', 'GR'), 'XI', 'GB') end
{%- endmacro %}


{#- Whether the check digit of a number is wrong.

    digits: its digits, as many as the rule has factors.
    half_product: product_of_digits of the first four.
    rules: alias of the seed identity_tax_numbers. -#}
{% macro has_wrong_check_digit(digits, half_product, rules) -%}
    {%- set terms = [] -%}
    {%- for place in range(1, 12) -%}
        {%- set digit = '(ascii(substr(' ~ digits ~ ', ' ~ place ~ ', 1)) - 48)' -%}
        {%- set factor = "cast(split_part(" ~ rules ~ ".factors, ' ', " ~ place ~ ') as integer)' -%}
        {#- Of a digit that counts double the digits are added up: 14 is 5. -#}
        {%- do terms.append('case when ' ~ place ~ ' <= ' ~ rules ~ '.digit_count then ' ~ digit ~ ' * ' ~ factor ~ ' - case when ' ~ rules
            ~ ".method = 'doubled' and " ~ digit ~ ' * ' ~ factor ~ ' > 9 then 9 else 0 end else 0 end') -%}
    {%- endfor -%}
    ' ' || {{ rules }}.remainders || ' ' not like '% ' || cast(
        (
            case
                when {{ rules }}.method = 'product' then {{ product_of_digits(digits, 5, half_product) }} + ascii(substr({{ digits }}, 9, 1)) - 48
                else {{ terms | join(' + ') }}
            end
        ) % {{ rules }}.modulus as {{ dbt.type_string() }}
    ) || ' %'
{%- endmacro %}


{#- Product of four digits as ISO 7064 has it, modulus 11 and 10; of nine digits the last one is checked by that of the first eight.

    digits: the number.
    first: place of the first of the four, from 1.
    before: product of the digits before it, 10 where there are none. -#}
{% macro product_of_digits(digits, first, before) -%}
    {%- set product = namespace(text=before) -%}
    {%- for place in range(first, first + 4) -%}
        {%- set product.text = '(2 * ((ascii(substr(' ~ digits ~ ', ' ~ place ~ ', 1)) - 48 + ' ~ product.text ~ ' + 9) % 10 + 1) % 11)' -%}
    {%- endfor -%}
    {{ product.text }}
{%- endmacro %}
