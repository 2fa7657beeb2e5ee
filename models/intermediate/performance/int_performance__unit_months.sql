-- depends_on: {{ ref('int_performance__rule_problems') }}
-- depends_on: {{ ref('drill_paths') }}
{%- set used = scorecard_used_metrics() -%}
{%- set metrics = scorecard_metrics() | selectattr('metric', 'in', used) | list -%}
{%- set paths = scorecard_paths() -%}
{%- set sources = scorecard_sources() | selectattr('source', 'in', metrics | map(attribute='source') | list) | list %}

with

kpis as (
    select
        kpi_id,
        metric
    from {{ ref('kpis') }}
),

territories as (
    select
        territory_id as known_territory_id,
        region
    from {{ ref('dim_territory') }}
),

products as (
    select
        product_id as known_product_id,
        product_group,
        product_kind
    from {{ ref('dim_product') }}
),

acquired as (
    select
        customer_id as acquired_customer_id,
        media_source
    from {{ ref('customer_acquisition') }}
),

customers as (
    select
        customers.customer_id as known_customer_id,
        customers.industry,
        customers.territory_id as customer_territory_id,
        customers.sales_rep_id as customer_sales_rep_id,
        territories.region as customer_region,
        acquired.media_source
    from {{ ref('dim_customer') }} as customers
    left join acquired
        on customers.customer_id = acquired.acquired_customer_id
    left join territories
        on customers.territory_id = territories.known_territory_id
),

waterfall as (
    select
        entries.*,
        territories.region,
        customers.industry,
        customers.media_source,
        products.product_group,
        products.product_kind
    from {{ ref('waterfall_entries') }} as entries
    left join territories
        on entries.territory_id = territories.known_territory_id
    left join customers
        on entries.customer_id = customers.known_customer_id
    left join products
        on entries.product_id = products.known_product_id
),

customer_standing as (
    select
        standings.*,
        customers.customer_region as region,
        customers.customer_territory_id as territory_id,
        customers.customer_sales_rep_id as sales_rep_id,
        customers.industry,
        customers.media_source
    from {{ ref('customer_segments') }} as standings
    left join customers
        on standings.customer_id = customers.known_customer_id
),

-- What became of customers counts in the segment that they were in before.
customer_outcomes as (
    select
        month,
        region,
        territory_id,
        sales_rep_id,
        industry,
        media_source,
        previous_segment_id as segment_id,
        status,
        previous_status,
        is_churning
    from customer_standing
),

acquisition as (
    select * from {{ ref('campaign_performance_monthly') }}
),
{% for source in sources %}
{%- set own = metrics | selectattr('source', 'equalto', source.source) | list %}
{%- set combinations = scorecard_combinations(source, paths) %}
{{ source.source }}_units as (
    select
        {%- for kind, column in source.units.items() %}
        coalesce({{ column }}, '(none)') as {{ kind }}_unit,
        {%- endfor %}
        {%- for metric in own %}
        {{ metric.numerator }} as numerator_{{ loop.index }},
        {{ (metric.denominator or 'cast(null as decimal(18, 4))') }} as denominator_{{ loop.index }},
        {%- endfor %}
        month
    from {{ source.source }}
),

{{ source.source }}_sums as (
    select
        {%- for kind in source.units %}
        {{ kind }}_unit,
        {%- endfor %}
        cast(
            {%- for kind in source.units %}
            {{ '+ ' if not loop.first }}grouping({{ kind }}_unit) * {{ 2 ** loop.index0 }}
            {%- endfor %}
            as integer
        ) as mask,
        {%- for metric in own %}
        cast(sum(numerator_{{ loop.index }}) as {{ money_total() }}) as numerator_{{ loop.index }},
        cast(sum(denominator_{{ loop.index }}) as {{ money_total() }}) as denominator_{{ loop.index }},
        {%- endfor %}
        month
    from {{ source.source }}_units
    -- Grouping sets are SQL of both engines; the linter's grammar of DuckDB does not know them.
    group by grouping sets (  -- noqa: PRS
        {%- for kinds in combinations | map(attribute='mask') | unique %}
        {%- set kinds = (combinations | selectattr('mask', 'equalto', kinds) | first).kinds %}
        (month{% for kind in kinds %}, {{ kind }}_unit{% endfor %}){{ ',' if not loop.last }}
        {%- endfor %}
    )
),

{{ source.source }}_named as (
    {%- for combination in combinations %}
    {%- set kinds = combination.kinds %}
    {%- set above = kinds[:-1] %}
    {%- set nothing = 'cast(null as ' ~ dbt.type_string() ~ ')' %}
    {%- set unit_id = kinds | join("_unit || ' / ' || ") ~ '_unit' if kinds else "'company'" %}
    {%- set parent_id = above | join("_unit || ' / ' || ") ~ '_unit' if above else "'company'" %}
    select
        '{{ kinds | join('/') or 'company' }}' as unit_kind,
        {{ unit_id }} as unit_id,
        {{ "'" ~ (above | join('/') or 'company') ~ "'" if kinds else nothing }} as parent_unit_kind,
        {{ parent_id if kinds else nothing }} as parent_unit_id,
        {{ kinds | length }} as unit_level,
        '{{ kinds | last or 'company' }}' as member_kind,
        {{ kinds[-1] ~ '_unit' if kinds else "'company'" }} as member_id,
        sums.*
    from {{ source.source }}_sums as sums
    where sums.mask = {{ combination.mask }}
    {{- ' union all' if not loop.last }}
    {%- endfor %}
),

{{ source.source }}_kpis as (
    select
        kpis.kpi_id,
        kpis.metric,
        named.unit_kind,
        named.unit_id,
        named.parent_unit_kind,
        named.parent_unit_id,
        named.unit_level,
        named.member_kind,
        named.member_id,
        named.month,
        case kpis.metric
            {%- for metric in own %}
            when '{{ metric.metric }}' then named.numerator_{{ loop.index }}
            {%- endfor %}
        end as numerator,
        case kpis.metric
            {%- for metric in own %}
            when '{{ metric.metric }}' then named.denominator_{{ loop.index }}
            {%- endfor %}
        end as denominator
    from {{ source.source }}_named as named
    cross join kpis
    where kpis.metric in ({{ sql_literals(own | map(attribute='metric')) }})
),
{% endfor %}
final as (
    {%- for source in sources %}
    select * from {{ source.source }}_kpis
    {{- ' union all' if not loop.last }}
    {%- endfor %}
)

select * from final
