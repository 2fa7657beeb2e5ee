{#- Measures of forecast errors, as columns of a group: root_mean_squared_error, mean_absolute_error, mean_absolute_percentage_error (a fraction) and
    mean_absolute_scaled_error (Hyndman and Koehler, 2006), in this order.

    error: expression, forecast less actual; actual: expression; scale: expression of the in-sample error of the seasonal naive forecast. All double. -#}
{% macro accuracy_measures(error, actual, scale) -%}
    sqrt(avg({{ error }} * {{ error }})) as root_mean_squared_error,
    avg(abs({{ error }})) as mean_absolute_error,
    avg(abs({{ error }}) / nullif(abs({{ actual }}), 0)) as mean_absolute_percentage_error,
    avg(abs({{ error }}) / nullif({{ scale }}, 0)) as mean_absolute_scaled_error
{%- endmacro %}


{#- Lines of which forecasts are tried on the past by customers and by segments, in the order of the waterfall. -#}
{% macro forecast_lines() -%}
    {{ return([
        'gross_sales', 'discounts', 'rebates', 'returns', 'net_revenue', 'cost_of_goods', 'gross_margin', 'commission', 'payment_fees', 'freight', 'lead_fees',
        'contribution_margin', 'cost_to_serve', 'customer_margin', 'sustaining_cost', 'customer_profit',
    ]) }}
{%- endmacro %}
