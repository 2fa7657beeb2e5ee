{#- Contact points in one spelling, so that the same name, number or address is the same text whoever typed it. -#}

{#- Text in lower-case letters of the Latin alphabet without accents; letters of other alphabets stay as they are. Most text
    is ASCII and needs no look at its letters. -#}
{% macro folded(text) -%}
    case
        when {{ is_ascii(text) }} then lower(trim({{ text }}))
        else
            translate(
                lower({{ trimmed(text) }}),
                'àáâãäåāăąǎçćĉčďđèéêëēĕėęěĝğġģĥħìíîïĩīĭįıĵķĺļľłñńņňòóôõöøōŏőŕŗřśŝşšșßţťŧțùúûüũūŭůűųŵýÿŷźżž',
                'aaaaaaaaaaccccddeeeeeeeeegggghhiiiiiiiiijkllllnnnnooooooooorrrssssssttttuuuuuuuuuuwyyyzzz'
            )
    end
{%- endmacro %}


{#- Letters of a name without accents, spaces, hyphens and digits; null where none is left. -#}
{% macro name_key(text) -%}
    nullif({{ replace_all(folded(text), '[\\p{P}\\p{Z}\\p{N}\\p{S}\\p{M}]', '') }}, '')
{%- endmacro %}


{#- Letters and digits of a number that people write with spaces, dots and hyphens; null where none is left. -#}
{% macro number_key(text) -%}
    nullif(upper({{ replace_all(text, '[^A-Za-z0-9]', '') }}), '')
{%- endmacro %}


{#- Number that identifies somebody; null where it is too short to do so, has no digit, or repeats one character. -#}
{% macro identifier_key(text) -%}
    {%- set key = replace_all('upper(' ~ text ~ ')', '[^A-Z0-9]', '') -%}
    case
        when length({{ key }}) >= 5 and {{ replace_all(key, '[^0-9]', '') }} <> '' and replace({{ key }}, left({{ key }}, 1), '') <> ''
            then {{ key }}
    end
{%- endmacro %}


{#- Name of an organisation without its legal form. -#}
{% macro organisation_key(text) -%}
    {%- set legal_forms = [
        'incorporated', 'inc', 'limited', 'ltd', 'llc', 'llp', 'plc', 'corporation', 'corp', 'company', 'co',
        'gesellschaft mbh', 'gmbh', 'mbh', 'ag', 'kg', 'ohg', 'sarl', 'sas', 'sa', 'srl', 'spa', 'bv', 'nv', 'ab', 'oy', 'as', 'pty',
    ] -%}
    nullif(
        {{ replace_all(
            without_words(
                replace_all(replace_all(folded(text), '[.\\x27]', ''), '[\\p{P}\\p{Z}\\p{S}\\p{M}]+', ' '), legal_forms
            ),
            '[ ]+', ''
        ) }},
        ''
    )
{%- endmacro %}


{#- Name of a street without the house number and the words that stand for "street". -#}
{% macro street_key(text) -%}
    {%- set street_words = [
        'street', 'str', 'st', 'strasse', 'strase', 'straat', 'road', 'rd', 'avenue', 'ave', 'av', 'lane', 'ln', 'drive', 'dr', 'court', 'ct',
        'place', 'pl', 'square', 'sq', 'boulevard', 'blvd', 'rue', 'r', 'weg', 'platz', 'plein', 'laan', 'via', 'calle',
    ] -%}
    {%- set unnumbered = replace_all(folded(text), '[0-9]+[a-z]?( |,|$)', ' ') -%}
    {%- set words = replace_all(replace_all(unnumbered, '[\\p{P}\\p{Z}\\p{S}\\p{N}\\p{M}]+', ' '), '(strasse|strase|straat|str)( |$)', ' ') -%}
    nullif({{ replace_all(without_words(words, street_words), '[ ]+', '') }}, '')
{%- endmacro %}


{#- Text, words parted by single spaces, without the words of a list. Run twice, because neighbours share a space. -#}
{% macro without_words(text, words) -%}
    {%- set pattern = '(^| )(' ~ words | join('|') ~ ')( |$)' -%}
    {{ replace_all(replace_all(text, pattern, ' '), pattern, ' ') }}
{%- endmacro %}


{#- First group of digits of an address; null where there is none. -#}
{% macro house_number(text) -%}
    nullif(regexp_extract({{ text }}, '([0-9]+)', 1), '')
{%- endmacro %}


{#- E-mail address in lower case; null where it is none. -#}
{% macro email_key(text) -%}
    case when {{ trimmed(text) }} like '%_@_%' then lower({{ trimmed(text) }}) end
{%- endmacro %}


{#- Telephone number as E.164 where the country is known, otherwise its digits; null where it cannot be a number.

    text: number as typed.
    dialling_code, trunk_prefix, international_prefix: of the country of the record, null where it is not known. -#}
{% macro phone_key(text, dialling_code, trunk_prefix, international_prefix) -%}
    {#- Without the (0) that is dialled at home only, and without an extension. -#}
    {%- set number = replace_all("replace(lower(" ~ text ~ "), '(0)', '')", '(ext|x|#).*', '') -%}
    {%- set typed = replace_all(number, '[^0-9+]', '') -%}
    {%- set digits = replace_all(number, '[^0-9]', '') -%}
    case
        when length({{ digits }}) < 7 or length({{ digits }}) > 17 or replace({{ digits }}, left({{ digits }}, 1), '') = '' then null
        when {{ typed }} like '+%' then '+' || {{ digits }}
        when {{ digits }} like {{ international_prefix }} || '%' and length({{ digits }}) > 10
            then '+' || substr({{ digits }}, length({{ international_prefix }}) + 1)
        when {{ digits }} like '00%' and length({{ digits }}) > 9 then '+' || substr({{ digits }}, 3)
        when {{ dialling_code }} is null then {{ digits }}
        when {{ trunk_prefix }} <> '' and {{ digits }} like {{ trunk_prefix }} || '%'
            then '+' || {{ dialling_code }} || substr({{ digits }}, length({{ trunk_prefix }}) + 1)
        else '+' || {{ dialling_code }} || {{ digits }}
    end
{%- endmacro %}


{#- Text with every match of a regular expression replaced. The two engines share the syntax that is used here. -#}
{% macro replace_all(text, pattern, replacement) -%}
    {{ return(adapter.dispatch('replace_all')(text, pattern, replacement)) }}
{%- endmacro %}

{% macro default__replace_all(text, pattern, replacement) -%}
    {{ return("regexp_replace(" ~ text ~ ", '" ~ pattern ~ "', '" ~ replacement ~ "', 'g')") }}
{%- endmacro %}

{#- Spark replaces every match anyway, and reads a backslash in a literal as an escape. -#}
{% macro spark__replace_all(text, pattern, replacement) -%}
    {{ return("regexp_replace(" ~ text ~ ", '" ~ pattern | replace('\\', '\\\\') ~ "', '" ~ replacement ~ "')") }}
{%- endmacro %}


{#- Number of letters to change, add or drop between two texts; null where one has letters outside ASCII, which the
    engines count differently. -#}
{% macro edit_distance(left_text, right_text) -%}
    {{ return(
        'case when ' ~ is_ascii(left_text) ~ ' and ' ~ is_ascii(right_text) ~ ' then levenshtein(' ~ left_text ~ ', ' ~ right_text ~ ') end'
    ) }}
{%- endmacro %}


{#- Whether a text holds ASCII characters only. Dispatched by engine. -#}
{% macro is_ascii(text) -%}
    {{ return(adapter.dispatch('is_ascii')(text)) }}
{%- endmacro %}

{% macro default__is_ascii(text) -%}
    {{ return('strlen(' ~ text ~ ') = length(' ~ text ~ ')') }}
{%- endmacro %}

{% macro spark__is_ascii(text) -%}
    {{ return('octet_length(' ~ text ~ ') = length(' ~ text ~ ')') }}
{%- endmacro %}
