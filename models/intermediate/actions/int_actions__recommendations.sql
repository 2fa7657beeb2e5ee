with

surveys as (
    select * from {{ ref('stg_service__surveys') }}
    where question = 'recommend' and score is not null and score_maximum > 0
),

crosswalk as (
    select
        source_system,
        source_customer_id,
        customer_id
    from {{ ref('int_identity__customer_records') }}
),

calendar as (
    select as_of
    from {{ ref('int_calendar__as_of') }}
),

ranked as (
    select
        crosswalk.customer_id,
        surveys.answered_on,
        cast(surveys.score as double) / nullif(cast(surveys.score_maximum as double), 0) as score_ratio,
        row_number() over (
            partition by crosswalk.customer_id
            order by surveys.answered_on desc, surveys.source_system asc, surveys.survey_answer_id asc
        ) as answer_rank
    from surveys
    inner join calendar
        on surveys.answered_on <= calendar.as_of
    inner join crosswalk
        on surveys.customer_source_system = crosswalk.source_system
        and surveys.customer_id = crosswalk.source_customer_id
),

final as (
    select
        customer_id,
        answered_on,
        score_ratio
    from ranked
    where answer_rank = 1
)

select * from final
