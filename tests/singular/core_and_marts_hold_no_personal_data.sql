-- Proves that no personal data leaves staging: no column of a model in core or marts has the name of a column that the
-- source contract marks as personal (config.meta.pii), nor that name behind a prefix (parent_email), flags apart
-- (has_email), and the columns in which the contract publishes organisations (config.meta.published_as). Contracts are
-- enforced there, so the documented columns are the built ones. Returns model and column.

{%- set personal = [] %}
{%- set published = [] %}
{%- set found = [] %}
{%- if execute %}
{%- for feed in graph.sources.values() if feed.package_name == project_name %}
{%- for column in feed.columns.values() if column.config.meta.get('pii') %}
{#- Several feeds may have a column of one name, in any order; each may say where it is published. -#}
{%- do personal.append(column.name) if column.name not in personal %}
{%- do published.extend(column.config.meta.get('published_as', [])) %}
{%- endfor %}
{%- endfor %}
{%- if not personal %}
{{ exceptions.raise_compiler_error('The source contract marks no column as personal (config.meta.pii), so this test would prove nothing.') }}
{%- endif %}
{%- for node in graph.nodes.values() if node.resource_type == 'model' and node.fqn[1] in ['core', 'marts'] %}
{%- for column in node.columns if not column.startswith('has_') and not column.startswith('is_') %}
{%- for name in personal if ('_' ~ column).endswith('_' ~ name) and (node.name, column) not in found and node.name ~ '.' ~ column not in published %}
{%- do found.append((node.name, column)) %}
{%- endfor %}
{%- endfor %}
{%- endfor %}
{%- endif %}

with

personal_columns as (
    {%- for model_name, column_name in found %}
    select
        '{{ model_name }}' as model_name,
        '{{ column_name }}' as column_name

    union all
    {% endfor %}
    select
        'none' as model_name,
        'none' as column_name
)

select
    model_name,
    column_name
from personal_columns
where model_name <> 'none'
