{#- On-run-end hook: keeps the SQL that plans are made with in the build, landing.plan_sql (name, relation, code), so that `profit scenario` and
    `profit what-if` run the very same on other changes, without a build. Rows of models that this run has not built stay.

    results: of dbt. -#}
{% macro record_plan_sql(results) %}
    {%- if execute and flags.WHICH in ['build', 'run'] and target.type == 'duckdb' -%}
        {%- set rows = {} -%}
        {%- for result in results if result.status == 'success' and result.node.resource_type == 'model' and 'planning' in result.node.fqn -%}
            {%- do rows.update({result.node.name: [result.node.name, result.node.relation_name, result.node.compiled_code]}) -%}
        {%- endfor -%}
        {%- if rows -%}
            {%- set relation = record_of_builds('plan_sql') -%}
            {%- if columns_of_relation(relation) -%}
                {%- for row in run_query('select name, relation, code from ' ~ relation).rows if row[0] not in rows -%}
                    {%- do rows.update({row[0]: row | list}) -%}
                {%- endfor -%}
            {%- endif -%}
            {%- do write_texts(relation, ['name', 'relation', 'code'], rows.values() | list) -%}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}
