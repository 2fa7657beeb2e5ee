{%- set questions = "'" ~ var('feedback_questions') | join("', '") ~ "'" -%}

with

answers as (
    select
        source_system,
        survey_answer_id,
        customer_source_system,
        customer_id as source_customer_id,
        {{ counted_day('answered_on', 'delivered_on') }} as answered_on,
        score,
        score_maximum
    from {{ ref('stg_service__surveys') }}
    where
        question in ({{ questions }})
        and score is not null
        and score_maximum > 0
),

crosswalk as (
    select
        source_system,
        source_customer_id,
        customer_id
    from {{ ref('customer_crosswalk') }}
    where record_kind = 'customer'
),

final as (
    select
        {{ conformed_key('answers.source_system', 'answers.survey_answer_id') }} as survey_answer_id,
        coalesce(crosswalk.customer_id, {{ unattributed_customer() }}) as customer_id,
        answers.answered_on,
        {{ month_of('answers.answered_on') }} as month,
        -- Four decimals, so that sums are exact and a score on a threshold is on it on every engine.
        cast(
            round({{ ratio('answers.score', 'answers.score_maximum') }}, 4) as decimal(18, 4)
        ) as feedback_score
    from answers
    left join crosswalk
        on answers.customer_source_system = crosswalk.source_system
        and answers.source_customer_id = crosswalk.source_customer_id
)

select * from final
