{#- The attribution models that marts show side by side; the first is the default, whose columns bear no prefix. -#}
{% macro shown_attribution_models() -%}
    {{ return(['first_touch', 'last_touch', 'linear', 'position_based']) }}
{%- endmacro %}


{#- What touches, leads and orders have in common when they speak of the same contact: the campaign, or the media source where no
    campaign is named.

    campaign_id: expression of the campaign.
    media_source: expression of the media source. -#}
{% macro contact_source(campaign_id, media_source) -%}
    case when {{ campaign_id }} <> {{ unknown_member() }} then {{ campaign_id }} else 'media source ' || {{ media_source }} end
{%- endmacro %}


{#- Sum of the rows of one measure, zero where there are none; for tables that are long by measure.

    measure: value of the column `measure`; data_type: type of the result. -#}
{% macro sum_of_measure(measure, data_type=money_total()) -%}
    cast(sum(case when measure = '{{ measure }}' then coalesce(amount, 0) else 0 end) as {{ data_type }})
{%- endmacro %}


{#- Amount per customer, rounded to cents; null where there is no customer.

    amount: expression; customers: expression of their number, which may be a fraction. -#}
{% macro amount_per_customer(amount, customers) -%}
    {{ rounded_to_cents('cast(' ~ amount ~ ' as double) / nullif(cast(' ~ customers ~ ' as double), 0)') }}
{%- endmacro %}
