{#- Select of every day of the calendar, its first and last day included, as calendar_date. -#}
{% macro calendar_days() -%}
    {%- set span = calendar_span() -%}
    {{ days_between("cast('" ~ span[0] ~ "' as date)", "cast('" ~ span[1] ~ "' as date)") }}
{%- endmacro %}


{#- First and last day of the calendar, yyyy-mm-dd: the variables calendar_starts_on and calendar_ends_on; one that is not set follows
    from what was delivered, whole years from the first event to the last.

    A placeholder must not make it centuries long: days before 1980, and days more than the variable days_ahead after their delivery (rates,
    plans and postings of the ledger: five years), do not count; facts of such a day count on that of their delivery (counted_day). Without the landing views, as while SQL is only compiled, the
    calendar is 2005 to 2035. -#}
{% macro calendar_span() -%}
    {%- set starts_on, ends_on = var('calendar_starts_on'), var('calendar_ends_on') -%}
    {%- set found = [none, none] -%}
    {%- if execute and flags.WHICH in ['build', 'run', 'test'] and not (starts_on and ends_on) -%}
        {%- set found = run_query(event_span()).rows[0] -%}
    {%- endif -%}
    {{- return([
        starts_on or (found[0].year if found[0] else 2005) ~ '-01-01',
        ends_on or (found[1].year if found[1] else 2035) ~ '-12-31',
    ]) -}}
{%- endmacro %}


{#- Select of one row: the first and the last day on which something happened, over all feeds of the source contract. -#}
{% macro event_span() -%}
    {%- set event_columns = [
        'ordered_at', 'returned_at', 'shipped_on', 'paid_on', 'posted_on', 'spent_on', 'touched_at', 'created_at', 'occurred_at', 'opened_at',
        'used_on', 'answered_on', 'claimed_on', 'budget_month', 'rate_on', 'delivered_on',
    ] -%}
    {%- set planned_columns = ['posted_on', 'budget_month', 'rate_on'] -%}
    {%- set spans = [] -%}
    {%- for feed in graph.sources.values() if feed.package_name == project_name -%}
        {%- set relation = api.Relation.create(database=feed.database, schema=feed.schema, identifier=feed.identifier) -%}
        {%- for column in feed.columns if column in event_columns -%}
            {%- set day = business_day(column) if column.endswith('_at') else column -%}
            {%- set days_ahead = ledger_days_ahead() if column in planned_columns else var('days_ahead') -%}
            {%- set plausible = 'case when not ' ~ is_impossible_day(day, 'delivered_on', days_ahead) ~ ' then ' ~ day ~ ' end' -%}
            {%- do spans.append('select min(' ~ plausible ~ ') as first_on, max(' ~ plausible ~ ') as last_on from ' ~ relation) -%}
        {%- endfor -%}
    {%- endfor -%}
    select
        min(first_on) as first_on,
        max(last_on) as last_on
    from ({{ spans | join(' union all ') }}) as spans
{%- endmacro %}


{#- Select of every day from first to last, both included, as calendar_date; the two are SQL expressions of dates. -#}
{% macro days_between(first, last) -%}
    {{ adapter.dispatch('days_between')(first, last) }}
{%- endmacro %}

{% macro default__days_between(first, last) -%}
    select cast(date_day as date) as calendar_date
    from ({{ dbt.date_spine('day', first, dbt.dateadd('day', 1, last)) }}) as spine
{%- endmacro %}

{#- One expression instead of fourteen joins. -#}
{% macro spark__days_between(first, last) -%}
    select explode(sequence({{ first }}, {{ last }}, interval 1 day)) as calendar_date
{%- endmacro %}
