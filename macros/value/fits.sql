{#- Select of the fits. On DuckDB they are a model in Python, which runs inside dbt. Elsewhere dbt cannot run Python: the fits
    are Parquet files in the folder PROFIT_VALUE_FITS, which `profit build` writes between two selections; without it there are none, and
    customers are valued by the best baseline. -#}
{% macro value_fits() -%}
    {%- if target.type == 'duckdb' -%}
    select * from {{ ref('int_value__fits') }}
    {%- else -%}
    {%- set folder = env_var('PROFIT_VALUE_FITS', '') -%}
    {%- if folder -%}
    -- depends_on: {{ ref('int_value__fit_statistics') }}
    select * from parquet.`{{ folder }}`
    {%- else -%}
    select
        {%- for name in ['basis', 'segment', 'asked_model', 'model', 'parameters', 'standard_errors', 'log_covariance', 'bounded_parameters', 'fallback_reason'] %}
        cast(null as {{ dbt.type_string() }}) as {{ name }},
        {%- endfor %}
        {%- for name in ['r', 'alpha', 's', 'beta', 'a', 'b', 'p', 'q', 'v', 'rate', 'mean', 'retention', 'log_likelihood'] %}
        cast(null as double) as {{ name }},
        {%- endfor %}
        {%- for name in ['point', 'customer_count', 'repeat_customer_count', 'statistic_count', 'grain_days', 'iteration_count'] %}
        cast(null as bigint) as {{ name }},
        {%- endfor %}
        cast(null as boolean) as is_converged
    from {{ ref('int_value__fit_statistics') }}
    where 1 = 0
    {%- endif -%}
    {%- endif -%}
{%- endmacro %}
