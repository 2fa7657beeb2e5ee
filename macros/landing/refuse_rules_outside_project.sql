{#- On-run-start hook: stops where a folder of rules lies outside the project. dbt would write what it runs for a seed over
    the very file that it reads; `profit build` copies such a folder into the project first. -#}
{% macro refuse_rules_outside_project() %}
    {%- for variable in ['PROFIT_IDENTITY_RULES', 'PROFIT_COST_RULES'] -%}
        {%- set folder = env_var(variable, '') -%}
        {%- if folder.startswith('/') or folder.startswith('\\') or ':' in folder or '..' in folder -%}
            {{ exceptions.raise_compiler_error(
                variable ~ ' names ' ~ folder ~ ', which lies outside the project folder; dbt would overwrite its files. '
                ~ 'Call `profit build` instead of dbt, or copy the folder into the project and name it relative to that.'
            ) }}
        {%- endif -%}
    {%- endfor -%}
{% endmacro %}
