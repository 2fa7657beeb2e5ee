{#- Contact points in one spelling, so that the same name, number or address is the same text whoever typed it. -#}

{#- Text in lower-case letters without accents, digits of full width as digits; letters of other alphabets stay as they are.
    Most text is ASCII and needs no look at its letters. -#}
{% macro folded(text) -%}
    case
        when {{ is_ascii(text) }} then lower(trim({{ text }}))
        else
            translate(
                lower({{ trimmed(text) }}),
                'àáâãäåāăąǎçćĉčďđèéêëēĕėęěĝğġģĥħìíîïĩīĭįıĵķĺļľłñńņňòóôõöøōŏőŕŗřśŝşšșßţťŧțùúûüũūŭůűųŵýÿŷźżžạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợơụủứừửữựưỳỵỷỹάέήίϊΐόύϋΰώςё０１２３４５６７８９＠．－',
                'aaaaaaaaaaccccddeeeeeeeeegggghhiiiiiiiiijkllllnnnnooooooooorrrssssssttttuuuuuuuuuuwyyyzzzaaaaaaaaaaaaeeeeeeeeiiooooooooooooouuuuuuuuyyyyαεηιιιουυυωσе0123456789@.-'
            )
    end
{%- endmacro %}


{#- Letters of a name without accents, spaces, hyphens and digits; null where none is left. -#}
{% macro name_key(text) -%}
    nullif({{ replace_all(folded(text), '[\\p{P}\\p{Z}\\p{N}\\p{S}\\p{M}]', '') }}, '')
{%- endmacro %}


{#- Words of a name in the spelling of name_key, parted by single spaces; empty where none is left.

    dropped: words that are no part of the name. -#}
{% macro name_words(text, dropped) -%}
    {%- set joined = replace_all(folded(text), '[\\p{M}\\p{N}\\x27’ʼ`´]', '') -%}
    {%- set words = replace_all(joined, '[\\p{P}\\p{Z}\\p{S}]+', ' ') -%}
    {{ trimmed(replace_all(without_words(words, dropped) if dropped else words, ' +', ' ')) }}
{%- endmacro %}


{#- What stands before a given name and is none. -#}
{% macro titles() -%}
    {{ return([
        'dr', 'doctor', 'prof', 'professor', 'mr', 'mrs', 'ms', 'miss', 'mister', 'sir', 'dame', 'lady', 'lord', 'rev', 'herr', 'frau', 'hr', 'fr',
        'mme', 'mlle', 'monsieur', 'madame', 'signor', 'signora', 'senor', 'senora', 'dipl', 'ing', 'jr', 'sr', 'iii', 'hon', 'col', 'colonel', 'capt',
        'captain', 'lt', 'lieutenant', 'sgt', 'sergeant', 'reverend', 'count', 'countess', 'viscount', 'graf', 'freiherr',
    ]) }}
{%- endmacro %}


{#- Which of several bearers of one name: Sr. is 1, Jr. and II are 2, III is 3; null where a family name ends in none of them.

    words: family name as name_words gives it. -#}
{% macro name_suffix(words) -%}
    case
        when {{ words }} like '% sr' or {{ words }} like '% senior' then '1'
        when {{ words }} like '% jr' or {{ words }} like '% junior' or {{ words }} like '% ii' then '2'
        when {{ words }} like '% iii' then '3'
        when {{ words }} like '% iv' then '4'
    end
{%- endmacro %}


{#- m or f where a title stands for a given name that is missing or an initial, as Mr R. and Mrs R. of one house; null where none does. -#}
{% macro title_gender(first_name, words) -%}
    {%- set title = "split_part(" ~ replace_all('lower(' ~ first_name ~ ')', '[. ]+', ' ') ~ ", ' ', 1)" -%}
    case
        when length({{ words }}) > 1 then null
        when {{ title }} in ('mr', 'mister', 'herr', 'hr', 'monsieur', 'signor', 'senor', 'sr') then 'm'
        when {{ title }} in ('mrs', 'ms', 'miss', 'frau', 'fr', 'mme', 'mlle', 'madame', 'signora', 'senora', 'sra') then 'f'
    end
{%- endmacro %}


{#- How a name sounds, as a text of digits by the classes of its consonants after its first letter (as Soundex, Russell 1918); null beyond ASCII. -#}
{% macro name_sound(name) -%}
    {%- set coded = "translate(replace(replace(substr(" ~ name ~ ", 2), 'ph', 'f'), 'th', 't'), 'bfpvwcgjkqsxzdtlmnraeiouyh', '11111222222223345560000000')" -%}
    {%- set single = namespace(text=coded) -%}
    {%- for digit in '123456' -%}
        {%- set single.text = replace_all(single.text, digit ~ '+', digit) -%}
    {%- endfor -%}
    case when {{ is_ascii(name) }} then translate(left({{ name }}, 1), 'ckqfvpbjgyiwz', 'kkkffpbjjiivs') || left(replace({{ single.text }}, '0', ''), 4) end
{%- endmacro %}


{#- Letters and digits of a number that people write with spaces, dots and hyphens; null where none is left. -#}
{% macro number_key(text) -%}
    nullif(upper({{ replace_all(text, '[^A-Za-z0-9]', '') }}), '')
{%- endmacro %}


{#- Postal code, letters and digits; of the nine digits of an American one the first five. -#}
{% macro postal_key(text) -%}
    {%- set key = number_key(text) -%}
    case when length({{ key }}) = 9 and {{ replace_all(key, '[0-9]', '') }} = '' then left({{ key }}, 5) else {{ key }} end
{%- endmacro %}


{#- Number that identifies somebody; null where it is too short to do so, has no digit, or repeats one character.

    shortest: characters that it has at least; four are enough for a number that the company gives out itself. -#}
{% macro identifier_key(text, shortest=5) -%}
    {%- set key = replace_all('upper(' ~ text ~ ')', '[^A-Z0-9]', '') -%}
    case
        when length({{ key }}) >= {{ shortest }} and {{ replace_all(key, '[^0-9]', '') }} <> '' and replace({{ key }}, left({{ key }}, 1), '') <> ''
            then {{ key }}
    end
{%- endmacro %}


{#- Name of an organisation in one spelling, words parted by single spaces, roman numbers in digits but for a last one of one letter. -#}
{% macro organisation_text(text) -%}
    {%- set clean = namespace(text=replace_all(folded(text), '(株式会社|有限会社|合同会社|[(]株[)])', '')) -%}
    {%- set clean.text = replace_all(replace_all(clean.text, '[.\\x27’`´\\p{M}]', ''), '[\\p{P}\\p{Z}\\p{S}\\s]+', ' ') -%}
    {%- for roman, digits in [('iii', '3'), ('ii', '2'), ('iv', '4'), ('vi', '6'), ('vii', '7'), ('viii', '8'), ('ix', '9')] -%}
        {%- set clean.text = replace_all(clean.text, ' ' ~ roman ~ '( |$)', ' ' ~ digits ~ ' ') -%}
    {%- endfor -%}
    {{ clean.text }}
{%- endmacro %}


{#- Name of an organisation with what is written short as often as in full in full, and series in digits: A and B are two, as 1 and 2 are.

    text: name as organisation_text gives it. -#}
{% macro organisation_in_full(text) -%}
    {%- set clean = namespace(text=text) -%}
    {%- for short, word in [
        ('intl', 'international'), ('natl', 'national'), ('mfg', 'manufacturing'), ('mgmt', 'management'), ('bros', 'brothers'), ('gebr', 'gebruder'),
        ('assn', 'association'), ('univ', 'university'), ('svcs', 'services'), ('(ctr|centre)', 'center'),
    ] -%}
        {%- set clean.text = replace_all(clean.text, '(^| )' ~ short ~ '( |$)', ' ' ~ word ~ ' ') -%}
    {%- endfor -%}
    {%- for letter in 'abcd' -%}
        {%- set clean.text = replace_all(
            clean.text, ' (series|serie|class|klasse|tranche|block|phase|lot|unit|plant|werk|tower|building) ' ~ letter ~ '( |$)', ' 90001' ~ loop.index ~ ' '
        ) -%}
    {%- endfor -%}
    {{ clean.text }}
{%- endmacro %}


{#- Words of the name of an organisation without its legal form and small words, parted by single spaces; a roman number is one in
    digits. Null where nothing is left.

    text: name as organisation_in_full gives it. -#}
{% macro organisation_words(text) -%}
    {%- set legal_forms = [
        'gesellschaft mbh', 's a de c v', 'sa de cv', 'pte ltd', 'pty ltd', 'incorporated', 'inc', 'limited', 'ltd', 'llc', 'llp', 'lllp', 'lp', 'plc',
        'pllc', 'pc', 'corporation', 'corp', 'company', 'co', 'gmbh', 'mbh', 'gesmbh', 'ggmbh', 'ug', 'ag', 'kg', 'kgaa', 'ohg', 'ev', 'eg', 'ek', 'gbr', 'sarl',
        'sas', 'sasu', 'eurl', 'sa', 'sci', 'snc', 'srl', 'spa', 'sl', 'slu', 'bv', 'nv', 'cv', 'vof', 'bvba', 'ab', 'oy', 'oyj', 'as', 'asa', 'aps', 'pty', 'pte', 'kft', 'zrt',
        'sp z oo', 'zoo', 'sro', 'doo', 'ltda', 'eireli', 'kk', 'gk',
    ] -%}
    {%- set small = ['the', 'a', 'an', 'and', 'und', 'et', 'y', 'e', 'of', 'for', 'der', 'die', 'das', 'de', 'la', 'le', 'del', 'di'] -%}
    {%- set clean = namespace(text=without_words(without_words(text, legal_forms), small)) -%}
    {%- for roman, digits in [('i', '1'), ('v', '5'), ('x', '10')] -%}
        {%- set clean.text = replace_all(clean.text, ' ' ~ roman ~ ' *$', ' ' ~ digits) -%}
    {%- endfor -%}
    nullif({{ trimmed(replace_all(clean.text, ' +', ' ')) }}, '')
{%- endmacro %}


{#- Words in which the names of two organisations have to agree however much else does: numbers, and what makes one a part or an owner of
    another. Empty where there are none.

    words: as organisation_words gives them.
    house_number: of its address, which some put into the name. -#}
{% macro organisation_numbers(words, house_number) -%}
    {%- set marked = namespace(text="replace(' ' || " ~ words ~ " || ' ', ' ' || coalesce(" ~ house_number ~ ", '-') || ' ', ' ')") -%}
    {%- for number, marks in [
        ('900001', 'holdings?|beteiligung(s|en|sgesellschaft)?'), ('900002', 'verwaltung(s|sgesellschaft)?'),
        ('900003', 'filiale|niederlassung|zweigstelle|zweigniederlassung|branch|sucursal|succursale'), ('900004', 'stiftung|foundation'),
        ('900005', 'fo(e)?rderverein|freundeskreis|elternverein|alumni|friends'),
    ] -%}
        {%- set marked.text = replace_all(marked.text, '(^| )(' ~ marks ~ ')( |$)', ' ' ~ number ~ ' ') -%}
    {%- endfor -%}
    {{ trimmed(replace_all(replace_all(marked.text, '[^0-9 ]+', ''), ' +', ' ')) }}
{%- endmacro %}


{#- Points of the compass in the name of an organisation, one sign each: two schools or branches of one name lie in the north and in the south. Null where
    there are none.

    words: as organisation_words gives them. -#}
{% macro organisation_directions(words) -%}
    {%- set marked = namespace(text="' ' || " ~ words ~ " || ' '") -%}
    {%- for signs, names in [
        ('^>', 'nordost|northeast|noordoost|nordest|noreste'), ('^<', 'nordwest|northwest|noordwest|nordouest|noroeste'),
        ('_>', 'sudost|suedost|southeast|zuidoost|sudest|sureste'), ('_<', 'sudwest|suedwest|southwest|zuidwest|sudouest|suroeste'),
        ('^', 'nord|north|noord|norte'), ('_', 'sud|sued|south|zuid|sul'), ('>', 'ost|east|oost|este|leste'), ('<', 'west|ouest|oeste'),
    ] -%}
        {%- set marked.text = replace_all(marked.text, ' (' ~ names ~ ')( |$)', ' ' ~ signs ~ ' ') -%}
    {%- endfor -%}
    nullif({{ replace_all(marked.text, '[^<>_^]+', '') }}, '')
{%- endmacro %}


{#- Name of a street without the house number and the words that stand for "street". -#}
{% macro street_key(text) -%}
    {%- set street_words = [
        'street', 'str', 'st', 'strasse', 'strase', 'straat', 'road', 'rd', 'avenue', 'ave', 'av', 'lane', 'ln', 'drive', 'dr', 'court', 'ct',
        'place', 'pl', 'square', 'sq', 'boulevard', 'blvd', 'rue', 'r', 'weg', 'platz', 'plein', 'laan', 'via', 'calle',
    ] -%}
    {%- set typed = namespace(text=replace_all(folded(text), '[ ,]+(([0-9a-z]+ )?floor|(apt|apartment|unit|suite|ste|flat|room|rm|fl)[. ]).*$', '')) -%}
    {#- House numbers, not the 5th and the 145th street. Run twice, because neighbours share a space. -#}
    {%- for time in range(2) -%}
        {%- set typed.text = replace_all(typed.text, '(^|[ ,])[0-9]+[a-z]?([-/][0-9]+[a-z]?)?([ ,]|$)', ' ') -%}
    {%- endfor -%}
    {%- set typed.text = replace_all(replace_all(typed.text, '[\\p{P}\\p{Z}\\p{S}\\p{M}]+', ' '), '(strasse|strase|straat|str)( |$)', ' ') -%}
    {%- for direction in ['north', 'south', 'east', 'west'] -%}
        {%- set typed.text = replace_all(typed.text, '(^| )' ~ direction ~ ' ', ' ' ~ direction[0] ~ ' ') -%}
    {%- endfor -%}
    {%- set words = typed.text -%}
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


{#- E-mail address in lower case, without what is written behind a plus and, where the provider reads past them, without
    dots; null where it is none, or says the same on both sides of the at sign, as what is typed because something must be. -#}
{% macro email_key(text) -%}
    {%- set typed = 'lower(' ~ trimmed(text) ~ ')' -%}
    {%- set plain = replace_all(replace_all(typed, '[+][^@]*@', '@'), '@googlemail[.]com$', '@gmail.com') -%}
    {%- set name = 'split_part(' ~ typed ~ ", '@', 1)" -%}
    case
        -- Found as it is written: in a pattern the underscore of a name would be any letter.
        when {{ typed }} not like '%_@_%' or instr({{ typed }}, {{ name }} || '@' || {{ name }} || '.') = 1 then null
        when {{ plain }} like '%@gmail.com' then replace(split_part({{ plain }}, '@', 1), '.', '') || '@gmail.com'
        else {{ plain }}
    end
{%- endmacro %}


{#- Telephone number as E.164 where the country is known, otherwise its digits; null where it cannot be a number.

    text: number as typed.
    dialling_code, trunk_prefix, international_prefix: of the country of the record, null where it is not known. -#}
{% macro phone_key(text, dialling_code, trunk_prefix, international_prefix) -%}
    {#- Without the (0) that is dialled at home only, and without an extension. -#}
    {%- set typed = "translate(lower(" ~ text ~ "), '０１２３４５６７８９＋', '0123456789+')" -%}
    {%- set number = replace_all("replace(" ~ typed ~ ", '(0)', '')", '(ext|x|#|durchwahl|dw|apparat|app[.]|poste|interno|int[.]|anexo).*', '') -%}
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
        {#- The country's code without a plus: longer than a number of that country without it. -#}
        when {{ digits }} like {{ dialling_code }} || '%' and length({{ digits }}) >= 11 then '+' || {{ digits }}
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
