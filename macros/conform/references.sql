{#- Select of the keys that references to a conformed entity resolve to.

    relation: CTE over the staging model.
    number: column with the natural key. -#}
{% macro reference_keys(relation, number) -%}
    select
        source_system as referred_system,
        {{ number }} as referred_number,
        {{ conformed_key('source_system', number) }} as conformed_id,
        count(*) over (partition by {{ number }}) = 1 as is_only_system
    from {{ relation }}
{%- endmacro %}


{#- Join condition of a reference: the system that the row names, else its own, else the only one that knows the number.
    Matches at most one key.

    keys: alias of a CTE made by reference_keys. -#}
{% macro refers_to(keys, number, own_system, named_system=none) -%}
    {{ keys }}.referred_number = {{ number }}
    and (
    {%- if named_system %}
        {{ keys }}.referred_system = coalesce({{ named_system }}, {{ own_system }})
        or ({{ named_system }} is null and {{ keys }}.is_only_system)
    {%- else %}
        {{ keys }}.referred_system = {{ own_system }} or {{ keys }}.is_only_system
    {%- endif %}
    )
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
