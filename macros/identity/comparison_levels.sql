{#- The comparisons of two records, each with its levels from the strongest to `different`; a field that one of the two
    does not have is `missing` and says nothing. Weights of the levels are the seed identity_weights.

    left, right: aliases of two relations with the standardised contact points.

    Returns a list of (comparison, list of (level, condition)); the first condition that holds decides. The condition of
    `different`, the last, is that both records have the field: without it none of the others holds. -#}
{% macro comparison_levels(left='lefts', right='rights') -%}
    {%- set l = left ~ '.' -%}
    {%- set r = right ~ '.' -%}
    {%- set swapped = l ~ 'first_name = ' ~ r ~ 'last_name and ' ~ l ~ 'last_name = ' ~ r ~ 'first_name and ' ~ l ~ 'first_name <> ' ~ r ~ 'first_name' -%}
    {%- set born = [] -%}
    {%- for record in [l, r] -%}
        {%- do born.append('cast(' ~ record ~ 'birth_date as ' ~ dbt.type_string() ~ ')') -%}
    {%- endfor -%}
    {%- set levels = [
        ('first_name', [
            ('swapped', swapped),
            ('exact', l ~ 'first_name = ' ~ r ~ 'first_name and length(' ~ l ~ 'first_name) > 1'),
            ('close', mistyped_name(l ~ 'first_name', r ~ 'first_name')),
            ('shortened', begins_with(l ~ 'first_name', r ~ 'first_name') ~ ' or ' ~ begins_with(r ~ 'first_name', l ~ 'first_name')),
            ('different', l ~ 'first_name is not null and ' ~ r ~ 'first_name is not null'),
        ]),
        ('last_name', [
            ('swapped', swapped),
            ('exact', l ~ 'last_name = ' ~ r ~ 'last_name'),
            ('close', mistyped_name(l ~ 'last_name', r ~ 'last_name')),
            ('part', 'length(' ~ l ~ 'last_name) > 3 and length(' ~ r ~ 'last_name) > 3 and ('
                ~ begins_with(l ~ 'last_name', r ~ 'last_name') ~ ' or ' ~ begins_with(r ~ 'last_name', l ~ 'last_name') ~ ' or '
                ~ ends_with(l ~ 'last_name', r ~ 'last_name') ~ ' or ' ~ ends_with(r ~ 'last_name', l ~ 'last_name') ~ ')'),
            ('different', l ~ 'last_name is not null and ' ~ r ~ 'last_name is not null'),
        ]),
        ('organisation_name', [
            ('exact', l ~ 'organisation_name = ' ~ r ~ 'organisation_name'),
            ('close', within_edits(l ~ 'organisation_name', r ~ 'organisation_name', 2)),
            ('part', begins_with(l ~ 'organisation_name', r ~ 'organisation_name') ~ ' or ' ~ begins_with(r ~ 'organisation_name', l ~ 'organisation_name')),
            ('different', l ~ 'organisation_name is not null and ' ~ r ~ 'organisation_name is not null'),
        ]),
        ('birth_date', [
            ('exact', l ~ 'birth_date = ' ~ r ~ 'birth_date'),
            ('close', 'left(' ~ born[0] ~ ', 7) = left(' ~ born[1] ~ ', 7) or right(' ~ born[0] ~ ', 5) = right(' ~ born[1] ~ ', 5) or left('
                ~ born[0] ~ ', 4) || right(' ~ born[0] ~ ', 2) = left(' ~ born[1] ~ ', 4) || right(' ~ born[1] ~ ', 2) or left(' ~ born[0]
                ~ ', 5) || right(' ~ born[0] ~ ", 2) || '-' || substr(" ~ born[0] ~ ', 6, 2) = ' ~ born[1] ~ ' or '
                ~ within_edits(born[0], born[1], 1)),
            ('different', l ~ 'birth_date is not null and ' ~ r ~ 'birth_date is not null'),
        ]),
        ('email', [
            ('exact', l ~ 'email = ' ~ r ~ 'email'),
            ('close', '(' ~ l ~ 'email_digits = ' ~ r ~ 'email_digits and ' ~ within_edits(l ~ 'email', r ~ 'email', 2) ~ ') or ('
                ~ l ~ 'email_name = ' ~ r ~ 'email_name and length(' ~ l ~ 'email_name) > 7)'),
            ('different', l ~ 'email is not null and ' ~ r ~ 'email is not null'),
        ]),
        ('phone', [
            ('exact', l ~ 'phone = ' ~ r ~ 'phone'),
            ('close', 'right(' ~ l ~ 'phone, 7) = right(' ~ r ~ 'phone, 7) or ' ~ within_edits(l ~ 'phone', r ~ 'phone', 1)),
            ('different', l ~ 'phone is not null and ' ~ r ~ 'phone is not null'),
        ]),
        ('address', [
            ('exact', l ~ 'house_number = ' ~ r ~ 'house_number and (' ~ l ~ 'street = ' ~ r ~ 'street or ' ~ within_edits(l ~ 'street', r ~ 'street', 1) ~ ')'),
            ('close', l ~ 'street = ' ~ r ~ 'street or (' ~ l ~ 'house_number = ' ~ r ~ 'house_number and (' ~ within_edits(l ~ 'street', r ~ 'street', 3)
                ~ ' or left(' ~ l ~ 'street, 4) = left(' ~ r ~ 'street, 4)))'),
            ('different', l ~ 'street is not null and ' ~ r ~ 'street is not null'),
        ]),
        ('place', [
            ('exact', l ~ 'postal_code = ' ~ r ~ 'postal_code'),
            ('close', 'length(' ~ l ~ 'postal_code) = length(' ~ r ~ 'postal_code) and ' ~ within_edits(l ~ 'postal_code', r ~ 'postal_code', 1)),
            ('city', l ~ 'city = ' ~ r ~ 'city or ' ~ within_edits(l ~ 'city', r ~ 'city', 1)),
            ('different', '(' ~ l ~ 'postal_code is not null and ' ~ r ~ 'postal_code is not null) or (' ~ l ~ 'city is not null and ' ~ r ~ 'city is not null)'),
        ]),
        ('tax_number', [
            ('exact', l ~ 'tax_number = ' ~ r ~ 'tax_number'),
            ('close', 'length(' ~ l ~ 'tax_number) > 5 and ' ~ within_edits(l ~ 'tax_number', r ~ 'tax_number', 2)),
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

    edits: number, or an expression. -#}
{% macro within_edits(left_text, right_text, edits) -%}
    {{ return(
        '(abs(length(' ~ left_text ~ ') - length(' ~ right_text ~ ')) <= ' ~ edits ~ ' and ' ~ edit_distance(left_text, right_text) ~ ' <= ' ~ edits ~ ')'
    ) }}
{%- endmacro %}


{#- Whether two names differ by what a clerk mistypes in a name of that length: two letters in five, one in three. -#}
{% macro mistyped_name(left_name, right_name) -%}
    {{ return(
        'length(' ~ left_name ~ ') > 2 and length(' ~ right_name ~ ') > 2 and ' ~ within_edits(
            left_name, right_name, '(case when length(' ~ left_name ~ ') > 4 and length(' ~ right_name ~ ') > 4 then 2 else 1 end)'
        )
    ) }}
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
