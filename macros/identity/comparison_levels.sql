{#- The comparisons of two records, each with its levels from the strongest to `different`; a field that one of the two
    does not have is `missing` and says nothing. Weights of the levels are the seed identity_weights.

    left, right: aliases of two relations with the standardised contact points.

    Returns a list of (comparison, list of (level, condition)); the first condition that holds decides. The condition of
    `different`, the last, is that both records have the field: without it none of the others holds. -#}
{% macro comparison_levels(left='lefts', right='rights') -%}
    {%- set l = left ~ '.' -%}
    {%- set r = right ~ '.' -%}
    {#- In each other's place, one of them perhaps mistyped. -#}
    {%- set crossed = [] -%}
    {%- for first, second in [(l, r), (r, l)] -%}
        {%- do crossed.append('(' ~ within_edits(first ~ 'first_name', second ~ 'last_name', 1, alphabets=true) ~ ' and (' ~ first ~ 'last_name = ' ~ second
            ~ 'first_name or ' ~ garbled_name(first ~ 'last_name', second ~ 'first_name') ~ '))') -%}
    {%- endfor -%}
    {%- set swapped = l ~ 'first_name <> ' ~ r ~ 'first_name and length(' ~ l ~ 'first_name) > 2 and length(' ~ r ~ 'first_name) > 2 and ('
        ~ crossed | join(' or ') ~ ')' -%}
    {#- Who gives one name only may give it in the place of the other. -#}
    {%- set alone = [] -%}
    {%- for mine, other in [('first_name', 'last_name'), ('last_name', 'first_name')] -%}
        {%- do alone.append('(' ~ l ~ other ~ ' is null and ' ~ l ~ mine ~ ' = ' ~ r ~ other ~ ') or (' ~ r ~ other ~ ' is null and ' ~ r ~ mine ~ ' = ' ~ l ~ other ~ ')') -%}
    {%- endfor -%}
    {#- Two names that many bear are no typing error of each other; Robert and Bob are forms of one. Of a name that
        nobody knows it is not known whose it is. -#}
    {%- set both_known = '(' ~ l ~ 'given_name_forms is not null and ' ~ r ~ 'given_name_forms is not null)' -%}
    {%- set other_form = 'contains(' ~ l ~ "given_name_forms, ' ' || " ~ r ~ "given_name || ' ')" -%}
    {%- set one_of_several = '(length(' ~ l ~ 'given_name) > 1 and length(' ~ r ~ 'given_name) > 1 and (' ~ l ~ 'given_name = ' ~ r ~ 'given_name or '
        ~ l ~ 'second_name = ' ~ r ~ 'given_name or ' ~ l ~ 'given_name = ' ~ r ~ 'second_name))' -%}
    {%- set years_apart = 'abs(extract(year from ' ~ l ~ 'birth_date) - extract(year from ' ~ r ~ 'birth_date))' -%}
    {#- Sr. is nobody's Jr., Mr R. not Mrs R.; a title and a Jr. say nothing of each other. -#}
    {%- set other_suffix = 'coalesce(' ~ l ~ 'name_suffix <> ' ~ r ~ 'name_suffix and (' ~ l ~ "name_suffix in ('m', 'f')) = (" ~ r
        ~ "name_suffix in ('m', 'f')), false)" -%}
    {%- set same_numbers = '(coalesce(' ~ l ~ "organisation_numbers, '') = coalesce(" ~ r ~ "organisation_numbers, ''))" -%}
    {#- North of one name and South of it; a name that says nothing of it may be either. -#}
    {%- set directions = [l ~ 'organisation_directions', r ~ 'organisation_directions'] -%}
    {%- set same_side = 'coalesce(contains(' ~ directions[0] ~ ', ' ~ directions[1] ~ ') or contains(' ~ directions[1] ~ ', ' ~ directions[0] ~ '), true)' -%}
    {#- Handed out one after the other, as to twins and sister companies: but for a check digit the last two digits are less than two tens apart. -#}
    {%- set ends = [] -%}
    {%- for record in [l, r] -%}
        {%- do ends.append('10 * ascii(left(right(' ~ record ~ 'tax_number, 2), 1)) + ascii(right(' ~ record ~ 'tax_number, 1))') -%}
    {%- endfor -%}
    {%- set in_a_row = '(length(' ~ l ~ 'tax_number) = length(' ~ r ~ 'tax_number) and left(' ~ l ~ 'tax_number, length(' ~ l ~ 'tax_number) - 2) = left('
        ~ r ~ 'tax_number, length(' ~ r ~ 'tax_number) - 2) and abs(' ~ ends[0] ~ ' - (' ~ ends[1] ~ ')) < 20)' -%}
    {#- gkrause238 and greta.krause238: the initial for the name, and the same number. -#}
    {%- set shortened_address = '(' ~ l ~ 'email_digits = ' ~ r ~ 'email_digits and length(' ~ l ~ 'email_digits) > 1 and left(' ~ l ~ 'email_name, 1) = left('
        ~ r ~ 'email_name, 1) and length(' ~ l ~ 'email_name) > 7 and length(' ~ r ~ 'email_name) > 7 and (' ~ ends_with(l ~ 'email_name', 'substr(' ~ r
        ~ 'email_name, 2)') ~ ' or ' ~ ends_with(r ~ 'email_name', 'substr(' ~ l ~ 'email_name, 2)') ~ '))' -%}
    {%- set same_house = l ~ 'house_number = ' ~ r ~ 'house_number' -%}
    {%- set same_ordinal = 'coalesce(' ~ l ~ "street_digits, '') = coalesce(" ~ r ~ "street_digits, '')" -%}
    {%- set same_address = same_house ~ ' and (' ~ l ~ 'street = ' ~ r ~ 'street or (' ~ same_ordinal ~ ' and ' ~ within_edits(l ~ 'street', r ~ 'street', 1) ~ '))' -%}
    {#- Main Street 10 is in every town. -#}
    {%- set same_place = '(' ~ l ~ 'postal_code = ' ~ r ~ 'postal_code or ' ~ l ~ 'city = ' ~ r ~ 'city or ' ~ within_edits(l ~ 'city', r ~ 'city', 1)
        ~ ' or (length(' ~ l ~ 'postal_code) = length(' ~ r ~ 'postal_code) and ' ~ within_edits(l ~ 'postal_code', r ~ 'postal_code', 1) ~ '))' -%}
    {%- set both_placed = '((' ~ l ~ 'postal_code is not null and ' ~ r ~ 'postal_code is not null) or (' ~ l ~ 'city is not null and ' ~ r ~ 'city is not null))' -%}
    {%- set born = [] -%}
    {%- for record in [l, r] -%}
        {%- do born.append('cast(' ~ record ~ 'birth_date as ' ~ dbt.type_string() ~ ')') -%}
    {%- endfor -%}
    {#- 1 January is what systems write where only the year is known: that both have it says nothing. -#}
    {%- set both_new_year = '(right(' ~ born[0] ~ ", 5) = '01-01' and right(" ~ born[1] ~ ", 5) = '01-01')" -%}
    {#- 1918 and 1981, on the same day: two digits exchanged, not a parent and a child. -#}
    {%- set exchanged_year = '(right(' ~ born[0] ~ ', 5) = right(' ~ born[1] ~ ', 5) and left(' ~ born[0] ~ ', 2) = left(' ~ born[1] ~ ', 2) and substr('
        ~ born[0] ~ ', 3, 1) = substr(' ~ born[1] ~ ', 4, 1) and substr(' ~ born[0] ~ ', 4, 1) = substr(' ~ born[1] ~ ', 3, 1))' -%}
    {%- set levels = [
        ('first_name', [
            ('exact', l ~ 'first_name = ' ~ r ~ 'first_name and (length(' ~ l ~ 'first_name) > 1 or not ' ~ is_ascii(l ~ 'first_name') ~ ')'),
            ('swapped', '(' ~ swapped ~ ') or ' ~ alone[0]),
            ('nickname', other_form),
            ('close', 'not ' ~ both_known ~ ' and ' ~ mistyped_name(l ~ 'first_name', r ~ 'first_name')),
            ('shortened', one_of_several ~ ' or (not ' ~ both_known ~ ' and (' ~ begins_with(l ~ 'first_name', r ~ 'first_name') ~ ' or '
                ~ begins_with(r ~ 'first_name', l ~ 'first_name') ~ '))'),
            ('garbled', 'not ' ~ both_known ~ ' and ' ~ garbled_name(l ~ 'first_name', r ~ 'first_name')),
            ('unlisted', 'not ' ~ both_known),
            ('different', l ~ 'first_name is not null and ' ~ r ~ 'first_name is not null'),
        ]),
        ('last_name', [
            ('exact', l ~ 'last_name = ' ~ r ~ 'last_name'),
            ('swapped', '(' ~ swapped ~ ') or ' ~ alone[1]),
            ('close', mistyped_name(l ~ 'last_name', r ~ 'last_name')),
            ('part', 'length(' ~ l ~ 'last_name) > 3 and length(' ~ r ~ 'last_name) > 3 and ('
                ~ begins_with(l ~ 'last_name', r ~ 'last_name') ~ ' or ' ~ begins_with(r ~ 'last_name', l ~ 'last_name') ~ ' or '
                ~ ends_with(l ~ 'last_name', r ~ 'last_name') ~ ' or ' ~ ends_with(r ~ 'last_name', l ~ 'last_name') ~ ')'),
            ('garbled', garbled_name(l ~ 'last_name', r ~ 'last_name')),
            ('different', l ~ 'last_name is not null and ' ~ r ~ 'last_name is not null'),
        ]),
        ('organisation_name', [
            ('numbered', 'not (' ~ same_numbers ~ ' and ' ~ same_side ~ ')'),
            ('exact', l ~ 'organisation_words = ' ~ r ~ 'organisation_words and ' ~ l ~ 'organisation_weight = ' ~ r ~ 'organisation_weight'),
            ('close', within_edits(l ~ 'organisation_name', r ~ 'organisation_name', '(case when length(' ~ l
                ~ 'organisation_name) > 7 then 2 else 1 end)')),
            ('part', shared_words(l, r)),
            ('different', l ~ 'organisation_name is not null and ' ~ r ~ 'organisation_name is not null'),
        ]),
        ('birth_date', [
            ('generation', '(' ~ years_apart ~ ' between 14 and 75 and not (' ~ within_edits(born[0], born[1], 1) ~ ' or right(' ~ born[0] ~ ', 5) = right(' ~ born[1] ~ ', 5))) or ' ~ other_suffix),
            ('decade', years_apart ~ ' between 14 and 75 and not ' ~ exchanged_year),
            ('exact', l ~ 'birth_date = ' ~ r ~ 'birth_date'),
            ('new_year', both_new_year ~ ' and ' ~ within_edits(born[0], born[1], 1)),
            ('close', 'left(' ~ born[0] ~ ', 7) = left(' ~ born[1] ~ ', 7) or (right(' ~ born[0] ~ ', 5) = right(' ~ born[1] ~ ', 5) and not '
                ~ both_new_year ~ ') or left(' ~ born[0] ~ ', 4) || right(' ~ born[0] ~ ', 2) = left(' ~ born[1] ~ ', 4) || right(' ~ born[1] ~ ', 2) or left(' ~ born[0]
                ~ ', 5) || right(' ~ born[0] ~ ", 2) || '-' || substr(" ~ born[0] ~ ', 6, 2) = ' ~ born[1] ~ ' or '
                ~ within_edits(born[0], born[1], 1)),
            ('different', '(' ~ l ~ 'birth_date is not null and ' ~ r ~ 'birth_date is not null) or ' ~ other_suffix),
        ]),
        ('email', [
            ('exact', l ~ 'email = ' ~ r ~ 'email'),
            ('close', '(' ~ l ~ 'email_digits = ' ~ r ~ 'email_digits and ' ~ within_edits(l ~ 'email', r ~ 'email', 2) ~ ') or ('
                ~ l ~ 'email_name = ' ~ r ~ 'email_name and length(' ~ l ~ 'email_name) > 7) or ' ~ shortened_address),
            ('different', l ~ 'email is not null and ' ~ r ~ 'email is not null'),
        ]),
        ('phone', [
            ('exact', l ~ 'phone = ' ~ r ~ 'phone'),
            ('close', 'right(' ~ l ~ 'phone, 7) = right(' ~ r ~ 'phone, 7) or ' ~ within_edits(l ~ 'phone', r ~ 'phone', 1)),
            ('different', l ~ 'phone is not null and ' ~ r ~ 'phone is not null'),
        ]),
        ('address', [
            ('exact', same_place ~ ' and ' ~ same_address),
            ('close', same_place ~ ' and ' ~ same_house ~ ' and ' ~ same_ordinal ~ ' and (' ~ within_edits(l ~ 'street', r ~ 'street', 3)
                ~ ' or left(' ~ l ~ 'street, 4) = left(' ~ r ~ 'street, 4))'),
            ('unplaced', 'not coalesce(' ~ both_placed ~ ', false) and ' ~ same_address),
            ('elsewhere', same_address),
            ('street', l ~ 'street = ' ~ r ~ 'street'),
            ('different', l ~ 'street is not null and ' ~ r ~ 'street is not null'),
        ]),
        ('place', [
            ('exact', l ~ 'postal_code = ' ~ r ~ 'postal_code'),
            ('close', 'length(' ~ l ~ 'postal_code) = length(' ~ r ~ 'postal_code) and ' ~ within_edits(l ~ 'postal_code', r ~ 'postal_code', 1)),
            ('area', l ~ 'postal_area = ' ~ r ~ 'postal_area'),
            ('city', l ~ 'city = ' ~ r ~ 'city or ' ~ within_edits(l ~ 'city', r ~ 'city', 1)),
            ('different', both_placed),
        ]),
        ('tax_number', [
            ('exact', l ~ 'tax_number = ' ~ r ~ 'tax_number'),
            ('close', 'length(' ~ l ~ 'tax_number) > 5 and ' ~ within_edits(l ~ 'tax_number', r ~ 'tax_number', 2) ~ ' and not ' ~ in_a_row),
            ('row', 'length(' ~ l ~ 'tax_number) > 5 and ' ~ in_a_row),
            ('different', l ~ 'tax_number is not null and ' ~ r ~ 'tax_number is not null'),
        ]),
        ('loyalty_number', [
            ('exact', l ~ 'loyalty_number = ' ~ r ~ 'loyalty_number'),
            ('different', l ~ 'loyalty_number is not null and ' ~ r ~ 'loyalty_number is not null'),
        ]),
    ] -%}
    {{ return(levels) }}
{%- endmacro %}


{#- Whether at most so many letters have to be changed, added or left out. Texts whose lengths differ by more need no
    comparison letter by letter.

    edits: number, or an expression.
    alphabets: whether equal texts of other alphabets, whose letters are not counted, are within them too. -#}
{% macro within_edits(left_text, right_text, edits, alphabets=false) -%}
    {{ return(
        ('(' ~ left_text ~ ' = ' ~ right_text ~ ' or ' if alphabets else '') ~ '(abs(length(' ~ left_text ~ ') - length(' ~ right_text ~ ')) <= ' ~ edits ~ ' and ' ~ edit_distance(left_text, right_text) ~ ' <= ' ~ edits ~ ')' ~ (')' if alphabets else '')
    ) }}
{%- endmacro %}


{#- Whether two names differ by what a clerk mistypes in a name of that length: two letters in five, one in four. -#}
{% macro mistyped_name(left_name, right_name) -%}
    {{ return(
        'length(' ~ left_name ~ ') > 2 and length(' ~ right_name ~ ') > 2 and length(' ~ left_name ~ ') + length(' ~ right_name ~ ') > 6 and ' ~ within_edits(
            left_name, right_name, '(case when length(' ~ left_name ~ ') > 4 and length(' ~ right_name ~ ') > 4 then 2 else 1 end)'
        )
    ) }}
{%- endmacro %}


{#- Whether half of the letters of two names, or more, stand where they do in the other. -#}
{% macro garbled_name(left_name, right_name) -%}
    {{ return(
        'length(' ~ left_name ~ ') > 2 and length(' ~ right_name ~ ') > 2 and 2 * ' ~ edit_distance(left_name, right_name) ~ ' <= greatest(length('
        ~ left_name ~ '), length(' ~ right_name ~ '))'
    ) }}
{%- endmacro %}


{#- Whether two names of organisations share words that weigh, by their rarity, at least half of the lighter name. -#}
{% macro shared_words(left, right) -%}
    {%- set terms = [] -%}
    {%- for number in range(1, organisation_word_count() + 1) -%}
        {%- set word = 'split_part(' ~ left ~ "organisation_words, ' ', " ~ number ~ ')' -%}
        {%- set weight = "coalesce(cast(nullif(split_part(" ~ left ~ "organisation_word_weights, ' ', " ~ number ~ "), '') as double), 0)" -%}
        {%- do terms.append('case when contains(' ~ right ~ "all_organisation_words, ' ' || " ~ word ~ " || ' ') then " ~ weight ~ ' else 0 end') -%}
    {%- endfor -%}
    {{ return('2 * (' ~ terms | join(' + ') ~ ') >= least(' ~ left ~ 'organisation_weight, ' ~ right ~ 'organisation_weight)') }}
{%- endmacro %}


{#- How many of the words of an organisation's name are compared, the rarest first. -#}
{% macro organisation_word_count() -%}
    {{ return(6) }}
{%- endmacro %}


{#- By kind of customer the comparisons of what a household or a building has in common; the others are evidence of one's own. -#}
{% macro shared_comparisons() -%}
    {{ return({
        'person': ['last_name', 'phone', 'address', 'place'],
        'organisation': ['first_name', 'last_name', 'email', 'phone', 'address', 'place'],
    }) }}
{%- endmacro %}


{#- Value of a threshold, aggregated over the rows of the seed identity_thresholds: what is said of a kind of customer counts for it alone.

    threshold: its name.
    customer_kind: expression of the kind. -#}
{% macro threshold_of(threshold, customer_kind) -%}
    coalesce(
        max(case when identity_thresholds.threshold = {{ customer_kind }} || '_{{ threshold }}' then cast(identity_thresholds.value as double) end),
        max(case when identity_thresholds.threshold = '{{ threshold }}' then cast(identity_thresholds.value as double) end)
    )
{%- endmacro %}


{#- Every (comparison, level) of comparison_levels, in its order. -#}
{% macro comparison_level_names() -%}
    {%- set names = [] -%}
    {%- for comparison, levels in comparison_levels() -%}
        {%- for level, condition in levels -%}
            {%- do names.append((comparison, level)) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(names) }}
{%- endmacro %}


{#- Whether a text begins with another one. -#}
{% macro begins_with(text, beginning) -%}
    {{ return('left(' ~ text ~ ', length(' ~ beginning ~ ')) = ' ~ beginning) }}
{%- endmacro %}


{#- Whether a text ends with another one. -#}
{% macro ends_with(text, ending) -%}
    {{ return('right(' ~ text ~ ', length(' ~ ending ~ ')) = ' ~ ending) }}
{%- endmacro %}


{#- Level of a pair in a comparison; most fields of most pairs are empty on one side, which is asked first.

    levels: the comparison's, as comparison_levels gives them. -#}
{% macro level_of(levels) -%}
    case
        when not coalesce({{ levels[-1][1] }}, false) then 'missing'
        {%- for level, condition in levels[:-1] %}
        when {{ condition }} then '{{ level }}'
        {%- endfor %}
        else '{{ levels[-1][0] }}'
    end
{%- endmacro %}


{#- Probability of a weight in bits, 2^w / (1 + 2^w), without an overflow for strong evidence. -#}
{% macro probability_of(weight) -%}
    case
        when {{ weight }} > 60 then cast(1 as double)
        when {{ weight }} < -60 then cast(0 as double)
        else round(1 / (1 + power(cast(2 as double), -({{ weight }}))), 9)
    end
{%- endmacro %}


{#- Select of the levels in which two states contradict each other: customer_kind, the level of every comparison, and the first of the
    contradictions. Pairs are many, but few levels meet, so that the rules are looked at once for each such meeting.

    pairs: CTE with customer_kind and the level of every comparison.
    rules: CTE of the seed identity_contradictions. -#}
{% macro contradicted_levels(pairs, rules) -%}
    {%- set comparisons = comparison_levels() -%}
    select
        met.customer_kind,
        {%- for comparison, levels in comparisons %}
        met.{{ comparison }}_level,
        {%- endfor %}
        min(rules.contradiction_id) as contradiction_id
    from (
        select distinct
            customer_kind,
            {%- for comparison, levels in comparisons %}
            {{ comparison }}_level{{ ',' if not loop.last }}
            {%- endfor %}
        from {{ pairs }}
    ) as met
    inner join {{ rules }} as rules
        on met.customer_kind = rules.customer_kind
        and rules.level = case rules.comparison
            {%- for comparison, levels in comparisons %}
            when '{{ comparison }}' then met.{{ comparison }}_level
            {%- endfor %}
        end
    where
        (
            rules.and_comparison is null
            or rules.and_level = case rules.and_comparison
                {%- for comparison, levels in comparisons %}
                when '{{ comparison }}' then met.{{ comparison }}_level
                {%- endfor %}
            end
        )
        and (
            rules.unless_exact is null
            or 0
            {%- for comparison, levels in comparisons %}
            + case
                -- What is marked is enough by itself: with a plus where it is exact, with a tilde where it is close too.
                when met.{{ comparison }}_level in ('exact', 'close') and ' ' || rules.unless_exact || ' ' like '% {{ comparison }}~ %'
                    then coalesce(rules.unless_count, 1)
                when met.{{ comparison }}_level <> 'exact' then 0
                when ' ' || rules.unless_exact || ' ' like '% {{ comparison }} %' then 1
                when ' ' || rules.unless_exact || ' ' like '% {{ comparison }}+ %' then coalesce(rules.unless_count, 1)
                else 0
            end
            {%- endfor %} < coalesce(rules.unless_count, 1)
        )
    group by
        met.customer_kind,
        {%- for comparison, levels in comparisons %}
        met.{{ comparison }}_level{{ ',' if not loop.last }}
        {%- endfor %}
{%- endmacro %}


{#- Condition that a pair has the levels that contradicted_levels gives.

    pairs, contradicted: aliases. -#}
{% macro has_levels_of(pairs, contradicted) -%}
    {{ pairs }}.customer_kind = {{ contradicted }}.customer_kind
    {%- for comparison, levels in comparison_levels() %}
        and {{ pairs }}.{{ comparison }}_level = {{ contradicted }}.{{ comparison }}_level
    {%- endfor %}
{%- endmacro %}
