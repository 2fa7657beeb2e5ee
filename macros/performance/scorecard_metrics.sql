{#- What a scorecard can count by unit and month: tables that metrics are sums over, and the columns by which each knows its units.

    A list of {source, units}: the semantic model of the measures, and unit kind -> column of its CTE in int_performance__unit_months. -#}
{% macro scorecard_sources() %}
    {%- set of_customers = {
        'region': 'region', 'territory': 'territory_id', 'industry': 'industry', 'segment': 'segment_id', 'sales_rep': 'sales_rep_id',
        'media_source': 'media_source',
    } -%}
    {{- return([
        {'source': 'waterfall', 'units': dict(of_customers, product_group='product_group', channel='channel_id')},
        {'source': 'customer_standing', 'units': of_customers},
        {'source': 'customer_outcomes', 'units': of_customers},
        {'source': 'acquisition', 'units': {'media_source': 'media_source'}},
    ]) -}}
{% endmacro %}


{#- Metrics of the semantic layer that a scorecard can count, read from their definitions there: sums, and ratios of two sums of one source.

    A list of {metric, source, numerator, denominator, adds_over_units, adds_over_time, positive_only, unit}: numerator and denominator are expressions
    that are summed; denominator is none for a sum; positive_only where a rate is empty without a positive denominator. -#}
{% macro scorecard_metrics() %}
    {%- set measures, sums, found = {}, {}, [] -%}
    {%- set sources = scorecard_sources() | map(attribute='source') | list -%}
    {%- for model in (graph.semantic_models.values() if execute else []) if model.name in sources -%}
        {%- for measure in model.measures if measure.agg == 'sum' -%}
            {%- do measures.update({measure.name: {
                'source': model.name,
                'expression': measure.expr or measure.name,
                'adds_over_time': 'last' if measure.non_additive_dimension else 'sum',
            }}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for metric in (graph.metrics.values() if execute else []) if metric.type == 'simple' and metric.type_params.measure.name in measures -%}
        {%- set condition = scorecard_condition(metric.filter) -%}
        {%- if condition is not none -%}
            {%- do sums.update({metric.name: dict(measures[metric.type_params.measure.name], condition=condition)}) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for metric in (graph.metrics.values() if execute else []) -%}
        {%- set parts = none -%}
        {%- if metric.name in sums -%}
            {%- set parts = [metric.name] -%}
        {%- elif metric.type == 'ratio' -%}
            {%- set parts = [metric.type_params.numerator.name, metric.type_params.denominator.name] -%}
        {%- elif metric.type == 'derived' and metric.type_params.metrics | length == 2 -%}
            {%- set names = metric.type_params.metrics | map(attribute='name') | list -%}
            {%- set rate = 'case when ' ~ names[1] ~ ' > 0 then cast(' ~ names[0] ~ ' as double) / ' ~ names[1] ~ ' end' -%}
            {%- set parts = names if metric.type_params.expr == rate else none -%}
        {%- endif -%}
        {%- set condition = scorecard_condition(metric.filter) -%}
        {%- set known = (parts or []) | select('in', sums) | list -%}
        {%- if parts and known == parts and condition is not none and (parts | length == 1 or (
            sums[parts[0]].source == sums[parts[1]].source and sums[parts[0]].adds_over_time == 'sum' and sums[parts[1]].adds_over_time == 'sum'
        )) -%}
            {%- set expressions = [] -%}
            {%- for part in parts -%}
                {%- set conditions = [sums[part].condition, condition] | unique | reject('equalto', '') | list -%}
                {%- set expression = sums[part].expression -%}
                {%- do expressions.append('case when ' ~ conditions | join(' and ') ~ ' then ' ~ expression ~ ' end' if conditions else expression) -%}
            {%- endfor -%}
            {%- do found.append({
                'metric': metric.name,
                'source': sums[parts[0]].source,
                'numerator': expressions[0],
                'denominator': expressions[1] if parts | length == 2 else none,
                'adds_over_units': 'ratio' if parts | length == 2 else 'sum',
                'adds_over_time': 'ratio' if parts | length == 2 else sums[parts[0]].adds_over_time,
                'positive_only': metric.type == 'derived',
                'unit': metric.config.meta.unit,
            }) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(found | sort(attribute='metric')) -}}
{% endmacro %}


{#- Condition of a filter of a metric on the columns of scorecard sources; empty without a filter, none where it cannot be said of them. -#}
{% macro scorecard_condition(filter) %}
    {%- set conditions = [] -%}
    {%- for part in (filter.where_filters if filter else []) -%}
        {%- set dimensions = modules.re.findall("Dimension\('\w+__(\w+)'\)", part.where_sql_template) -%}
        {%- if dimensions | reject('in', ['product_kind', 'is_unattributed']) | list -%}
            {{- return(none) -}}
        {%- endif -%}
        {%- do conditions.append(modules.re.sub("\{\{\s*Dimension\('\w+__(\w+)'\)\s*\}\}", "\\1", part.where_sql_template)) -%}
    {%- endfor -%}
    {{- return(conditions | join(' and ')) -}}
{% endmacro %}


{#- Those of the metrics that the KPIs of the seed ask for; while SQL is only compiled, one of each kind. -#}
{% macro scorecard_used_metrics() %}
    {%- set used = ['net_sales', 'gross_margin_rate', 'retention_rate', 'cac'] -%}
    {%- if execute and flags.WHICH in ['build', 'run', 'test'] -%}
        {%- set used = run_query('select distinct metric from ' ~ ref('kpis')).columns[0].values() | list or used -%}
    {%- endif -%}
    {{- return(used) -}}
{% endmacro %}


{#- The governed drill paths, a list of lists of unit kinds. -#}
{% macro scorecard_paths() %}
    {%- set paths = {} -%}
    {%- if execute and flags.WHICH in ['build', 'run', 'test'] -%}
        {%- for row in run_query('select drill_path, unit_kind from ' ~ ref('drill_paths') ~ ' order by drill_path, level').rows -%}
            {%- do paths.setdefault(row[0], []).append(row[1]) -%}
        {%- endfor -%}
    {%- else -%}
        {%- do paths.update({'territories': ['territory', 'industry', 'product_group']}) -%}
    {%- endif -%}
    {{- return(paths.values() | list) -}}
{% endmacro %}


{#- Kinds of units that a scorecard shows beside the company. -#}
{% macro scorecard_unit_kinds() %}
    {{- return(scorecard_sources()[0].units.keys() | list) -}}
{% endmacro %}


{#- Every combination of units that a source is summed by: {kinds, mask}; the mask tells the sets of `group by grouping sets` apart.

    source: one of scorecard_sources.
    paths: the drill paths. -#}
{% macro scorecard_combinations(source, paths) %}
    {%- set kinds = source.units.keys() | list -%}
    {%- set wanted = [[]] -%}
    {%- for kind in kinds -%}
        {%- do wanted.append([kind]) -%}
    {%- endfor -%}
    {%- for path in paths -%}
        {%- for length in range(2, path | length + 1) -%}
            {%- set prefix = path[:length] -%}
            {%- if prefix not in wanted and not prefix | reject('in', kinds) | list -%}
                {%- do wanted.append(prefix) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set found = [] -%}
    {%- for combination in wanted -%}
        {%- set mask = namespace(value=0) -%}
        {%- for kind in kinds if kind not in combination -%}
            {%- set mask.value = mask.value + 2 ** kinds.index(kind) -%}
        {%- endfor -%}
        {%- do found.append({'kinds': combination, 'mask': mask.value}) -%}
    {%- endfor -%}
    {{- return(found) -}}
{% endmacro %}


{#- Select of the units that a target may name: unit_kind, unit_id. -#}
{% macro scorecard_members() %}
    select distinct
        'territory' as unit_kind,
        territory_id as unit_id
    from {{ ref('dim_territory') }}
    union all
    select distinct
        'region' as unit_kind,
        coalesce(region, '(none)') as unit_id
    from {{ ref('dim_territory') }}
    union all
    select distinct
        'product_group' as unit_kind,
        product_group as unit_id
    from {{ ref('dim_product') }}
    union all
    select distinct
        'industry' as unit_kind,
        coalesce(industry, '(none)') as unit_id
    from {{ ref('dim_customer') }}
    union all
    select
        'channel' as unit_kind,
        channel_id as unit_id
    from {{ ref('dim_channel') }}
    union all
    select
        'segment' as unit_kind,
        segment_id as unit_id
    from {{ ref('segments') }}
    union all
    select
        'sales_rep' as unit_kind,
        sales_rep_id as unit_id
    from {{ ref('dim_sales_rep') }}
    union all
    select distinct
        'media_source' as unit_kind,
        media_source as unit_id
    from {{ ref('dim_campaign') }}
{% endmacro %}


{#- Last day of a period, as a date.

    kind: expression of month, quarter, year or year_to_date; a year to date is named by its last month.
    period: expression of the first day. -#}
{% macro period_end(kind, period) -%}
    {{ month_end_of(month_after(period, 'case ' ~ kind ~ " when 'quarter' then 2 when 'year' then 11 else 0 end")) }}
{%- endmacro %}


{#- A target that is a multiple of what was before: in cents where it is money; none where nothing was to grow from.

    value: expression of what was before.
    multiple: expression of the multiple.
    unit: expression of the unit of measure. -#}
{% macro scorecard_multiple(value, multiple, unit) -%}
    {%- set product = 'cast(' ~ value ~ ' as decimal(20, 6)) * cast(' ~ multiple ~ ' as decimal(12, 6))' -%}
    case
        when {{ value }} > 0 and {{ unit }} = 'reporting currency' then cast(round({{ product }}, 2) as decimal(30, 12))
        when {{ value }} > 0 then cast({{ product }} as decimal(30, 12))
    end
{%- endmacro %}
