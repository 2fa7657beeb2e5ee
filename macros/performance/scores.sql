{#- How much of a target is reached, as a fraction: actual ÷ target, for either direction; against a target below zero one and what the loss is smaller by.

    value: expression, double.
    target: expression. None where the target is zero or missing. -#}
{% macro attainment(value, target) -%}
    case
        when {{ target }} > 0 then {{ value }} / cast({{ target }} as double)
        when {{ target }} < 0 then 2 - {{ value }} / cast({{ target }} as double)
    end
{%- endmacro %}


{#- Attainment as bands and scores judge it. Of a target of zero nothing is a share: met exactly it is reached, and what lies off it lies as far off as any
    band goes, so that bands and direction say which side is the good one.

    value: expression, double.
    target: expression. None where the target is missing. -#}
{% macro judged_attainment(value, target) -%}
    case
        when {{ target }} = 0 then 1 + sign({{ value }}) * 1e9
        else {{ attainment(value, target) }}
    end
{%- endmacro %}


{#- Whether a value lies in a band. One on the edge of two has the better of both: a target that is met is met, whichever direction is better.

    value: expression, double.
    bands: alias with from_value and to_value.
    direction: expression, higher or lower. -#}
{% macro lies_in_band(value, bands, direction) -%}
    (
        ({{ direction }} = 'lower' and {{ value }} > coalesce({{ bands }}.from_value, -1e300) and {{ value }} <= coalesce({{ bands }}.to_value, 1e300))
        or (
            {{ direction }} <> 'lower' and {{ value }} >= coalesce({{ bands }}.from_value, -1e300)
            and {{ value }} < coalesce({{ bands }}.to_value, 1e300)
        )
    )
{%- endmacro %}


{#- Score from 0 at the worst to 1 at the best value, linear between them, whichever is higher.

    value, worst, best: expressions, double. -#}
{% macro linear_score(value, worst, best) -%}
    greatest(0.0, least(1.0, ({{ value }} - {{ worst }}) / ({{ best }} - {{ worst }})))
{%- endmacro %}


{#- Score by bands of equal weight, linear within each; the open ends reach to the worst and the best value.

    value: expression of the value that lies in the band.
    bands: alias with from_value, to_value, place (1 the lowest) and band_count.
    kpi: alias with worst_value and best_value. -#}
{% macro band_score(value, bands, kpi) -%}
    {%- set is_rising = kpi ~ '.best_value > ' ~ kpi ~ '.worst_value' -%}
    {%- set lower = 'coalesce(' ~ bands ~ '.from_value, least(' ~ kpi ~ '.worst_value, ' ~ kpi ~ '.best_value))' -%}
    {%- set upper = 'coalesce(' ~ bands ~ '.to_value, greatest(' ~ kpi ~ '.worst_value, ' ~ kpi ~ '.best_value))' -%}
    {%- set within = 'greatest(0.0, least(1.0, coalesce((' ~ value ~ ' - ' ~ lower ~ ') / nullif(' ~ upper ~ ' - ' ~ lower ~ ', 0), 0.5)))' -%}
    case
        when {{ is_rising }} then ({{ bands }}.place - 1 + {{ within }}) / {{ bands }}.band_count
        else 1 - ({{ bands }}.place - 1 + {{ within }}) / {{ bands }}.band_count
    end
{%- endmacro %}


{#- Name of a period for people, as `profit scorecard --period` takes it: 2025-07, 2025-Q3, 2025; `to 2025-07` for a year to date.

    kind, period: expressions of its kind and first day. -#}
{% macro period_name(kind, period) -%}
    {%- set month = 'substring(cast(' ~ period ~ ' as ' ~ dbt.type_string() ~ '), 1, 7)' -%}
    {%- set year = 'cast(extract(year from ' ~ month_after(fiscal_year_start_of(period), 11) ~ ') as ' ~ dbt.type_string() ~ ')' -%}
    case {{ kind }}
        when 'month' then {{ month }}
        when 'quarter' then {{ year }} || '-Q' || cast(cast(floor(({{ fiscal_month_of(period) }} + 2) / 3) as integer) as {{ dbt.type_string() }})
        when 'year' then {{ year }}
        else 'to ' || {{ month }}
    end
{%- endmacro %}
