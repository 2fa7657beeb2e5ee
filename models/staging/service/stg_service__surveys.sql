{{ config(materialized='table') }}

with

versions as (
    select * from {{ source('service', 'surveys') }}
),

newest as (
    {{ newest_version('versions', ['survey_answer_id']) }}
),

final as (
    select
        source_system,
        survey_answer_id,
        customer_id,
        coalesce(customer_source_system, source_system) as customer_source_system,
        answered_on,
        nullif(lower({{ trimmed('question') }}), '') as question,
        topic,
        score,
        score_maximum
        {{- extension_columns(source('service', 'surveys')) }},
        delivered_on
    from newest
)

select * from final
