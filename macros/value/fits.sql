{#- Select of the fits. Dispatched by engine. -#}
{% macro value_fits() -%}
    {{- return(adapter.dispatch('value_fits')()) -}}
{%- endmacro %}


{#- A model in Python, which runs inside dbt. -#}
{% macro duckdb__value_fits() -%}
    select * from {{ ref('int_value__fits') }}
{%- endmacro %}


{#- On a Spark session dbt runs no Python: the fits are Parquet files in the folder PROFIT_VALUE_FITS, which `profit build` writes
    between two selections. Without it there are none, and customers are valued by the best baseline. -#}
{% macro spark__value_fits() -%}
    -- depends_on: {{ ref('int_value__fit_statistics') }}
    {% if env_var('PROFIT_VALUE_FITS', '') -%}
    select * from parquet.`{{ env_var('PROFIT_VALUE_FITS') }}`
    {%- else -%}
    select
        {%- for name in ['basis', 'segment', 'asked_model', 'model', 'parameters', 'standard_errors', 'log_covariance', 'bounded_parameters', 'fallback_reason'] %}
        cast(null as string) as {{ name }},
        {%- endfor %}
        {%- for name in ['r', 'alpha', 's', 'beta', 'a', 'b', 'p', 'q', 'v', 'rate', 'mean', 'retention', 'log_likelihood'] %}
        cast(null as double) as {{ name }},
        {%- endfor %}
        {%- for name in ['point', 'customer_count', 'repeat_customer_count', 'statistic_count', 'grain_days', 'iteration_count'] %}
        cast(null as bigint) as {{ name }},
        {%- endfor %}
        cast(null as boolean) as is_converged
    where 1 = 0
    {%- endif -%}
{%- endmacro %}
