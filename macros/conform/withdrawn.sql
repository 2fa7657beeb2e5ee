{#- What other rows refer to: feed of the contract -> staging model that holds it, the condition of its rows of today, and whether its numbers may
    be asked of any system. -#}
{% macro referred_feeds() %}
    {{- return({
        'crm.customers': ('stg_crm__customers', 'is_current', false),
        'crm.sales_reps': ('stg_crm__sales_reps', 'true', true),
        'crm.territories': ('stg_crm__territories', 'true', true),
        'crm.opportunities': ('stg_crm__opportunities', 'is_current', false),
        'marketing.campaigns': ('stg_marketing__campaigns', 'true', true),
        'marketing.leads': ('stg_marketing__leads', 'is_current', true),
        'sales.products': ('stg_sales__products', 'true', true),
        'sales.orders': ('stg_sales__orders', 'is_withdrawn is not true', true),
        'sales.order_lines': ('stg_sales__order_lines', 'is_withdrawn is not true', false),
        'sales.returns': ('stg_sales__returns', 'is_withdrawn is not true', false),
        'finance.ledger_accounts': ('stg_finance__ledger_accounts', 'true', true),
    }) -}}
{% endmacro %}


{#- The relation of the landed rows of a feed, every version of them. -#}
{% macro landed_relation(feed) %}
    {%- for source in graph.sources.values() if source.package_name == project_name and source.source_name ~ '.' ~ source.name == feed -%}
        {{- return(api.Relation.create(database=source.database, schema=source.schema, identifier=source.identifier)) -}}
    {%- endfor -%}
{% endmacro %}


{#- Of the feeds that others refer to those of which any version withdraws a row; mostly none, and then nobody has to look for references to it.
    Without the landing views, as while SQL is only compiled, none. -#}
{% macro feeds_with_withdrawals() %}
    {%- set found = [] -%}
    {%- if execute and flags.WHICH in ['build', 'run', 'test'] -%}
        {%- set questions = [] -%}
        {%- for feed in referred_feeds() -%}
            {%- do questions.append("select '" ~ feed ~ "' as feed, count(*) as row_count from " ~ landed_relation(feed) ~ ' where is_deleted') -%}
        {%- endfor -%}
        {%- for row in run_query(questions | join(' union all ')).rows if row[1] > 0 -%}
            {%- do found.append(row[0]) -%}
        {%- endfor -%}
    {%- endif -%}
    {{- return(found) -}}
{% endmacro %}


{#- Select of the keys that a feed once had and has no more: feed, asked_system, referred_number; and once more, asked of any system, those that
    no system has any more.

    feed: `<department>.<table>`; key: its natural key; relation: its staging model; condition: that of its rows of today. -#}
{% macro withdrawn_keys(feed, key, relation, condition) %}
    select
        '{{ feed }}' as feed,
        withdrawn.source_system as asked_system,
        withdrawn.number as referred_number
    from (select distinct source_system, {{ key }} as number from {{ landed_relation(feed) }} where is_deleted) as withdrawn
    left join (select source_system, {{ key }} as number from {{ relation }} where {{ condition }}) as members
        on withdrawn.source_system = members.source_system
        and withdrawn.number = members.number
    where members.number is null
    {%- if referred_feeds()[feed][2] %}

    union all

    select
        '{{ feed }}' as feed,
        {{ any_system() }} as asked_system,
        withdrawn.number as referred_number
    from (select distinct {{ key }} as number from {{ landed_relation(feed) }} where is_deleted) as withdrawn
    left join (select distinct {{ key }} as number from {{ relation }} where {{ condition }}) as members
        on withdrawn.number = members.number
    where members.number is null
    {%- endif %}
{%- endmacro %}


{#- Key of a feed in the contract, a list of columns. -#}
{% macro contract_key(feed) %}
    {%- for source in graph.get('sources', {}).values() if source.package_name == project_name and source.source_name ~ '.' ~ source.name == feed -%}
        {{- return(source.config.meta.key) -}}
    {%- endfor -%}
    {{- return(['source_system']) -}}
{% endmacro %}


{#- What the columns of a feed refer to, by the contract: column -> feed, and the column with its system or whether another system may be meant. -#}
{% macro contract_references(feed) %}
    {%- set found = {} -%}
    {%- for source in graph.get('sources', {}).values() if source.package_name == project_name and source.source_name ~ '.' ~ source.name == feed -%}
        {%- for column in source.columns.values() -%}
            {%- set reference = column.get('config', {}).get('meta', {}).get('references') -%}
            {%- if reference -%}{%- do found.update({column.name: reference}) -%}{%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {{- return(found) -}}
{% endmacro %}


{#- The system in which a reference is looked up: the one that the row names, any where the contract lets others be meant, else its own. -#}
{% macro asked_system(reference) -%}
    {%- if reference.get('other_systems') -%}
        {{ 'coalesce(referring.' ~ reference.system ~ ', ' ~ any_system() ~ ')' if reference.get('system') else any_system() }}
    {%- else -%}
        referring.{{ reference.get('system') or 'source_system' }}
    {%- endif -%}
{%- endmacro %}


{#- Key of a record over all systems, of a natural key of one column or of several. -#}
{% macro referring_key(key) -%}
    referring.source_system
    {%- for column in key %} || '{{ ':' if loop.first else '/' }}' || {{ 'cast(referring.' ~ column ~ ' as ' ~ dbt.type_string() ~ ')' if key | length > 1 else column }}{% endfor -%}
{%- endmacro %}
