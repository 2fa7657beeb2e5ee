{#- Asked of any system: the literal that stands for it among the systems of int_references__keys. No system has an empty name. -#}
{% macro any_system() -%}
    ''
{%- endmacro %}


{#- Joins that resolve a reference: the system that the row names, else its own, else the only one that knows the number. Two joins by
    equality, as a join by one or the other would compare every row with every key.

    keys: CTE of the rows of one entity in int_references__keys; it is joined under its name and as only_<name>.
    number: expression of the number referred to; own_system, named_system: expressions of the row's system and of the one it names. -#}
{% macro resolve_reference(keys, number, own_system, named_system=none) -%}
    left join {{ keys }}
        on {{ number }} = {{ keys }}.referred_number
        and {{ 'coalesce(' ~ named_system ~ ', ' ~ own_system ~ ')' if named_system else own_system }} = {{ keys }}.asked_system
    left join {{ keys }} as only_{{ keys }}
        on {{ 'case when ' ~ named_system ~ ' is null then ' ~ number ~ ' end' if named_system else number }} = only_{{ keys }}.referred_number
        and only_{{ keys }}.asked_system = {{ any_system() }}
{%- endmacro %}


{#- The conformed key that a reference resolved to, null where nobody knows the number.

    keys: as given to resolve_reference. -#}
{% macro referred_id(keys) -%}
    coalesce({{ keys }}.conformed_id, only_{{ keys }}.conformed_id)
{%- endmacro %}


{#- Key of an entity over all systems: `<system>:<number>`. -#}
{% macro conformed_key(system, number) -%}
    {{ system }} || ':' || {{ number }}
{%- endmacro %}


{#- Key of the member that stands for everything that is not named or not known. -#}
{% macro unknown_member() -%}
    'unknown'
{%- endmacro %}


{#- Key of the member that bears the money of transactions without a known customer. -#}
{% macro unattributed_customer() -%}
    'unattributed'
{%- endmacro %}


{#- How a transaction knows its customer: known, unnamed (it names none), or unknown (it names one that no system delivers). -#}
{% macro customer_reference_of(named, found) -%}
    case
        when {{ found }} is not null and {{ found }} <> {{ unattributed_customer() }} then 'known'
        when {{ named }} is null then 'unnamed'
        else 'unknown'
    end
{%- endmacro %}
