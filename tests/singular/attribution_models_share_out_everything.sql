-- Proves that the seed can be used: the models that the marts show are there, three shares are given or none, they sum to 1, and a path of
-- two touches finds somebody to credit. Returns what is wrong.

with

models as (
    select * from {{ ref('attribution_models') }}
),

shown as (
    {%- for model in shown_attribution_models() %}
    select '{{ model }}' as attribution_model
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select
    attribution_model,
    'shares are not all given, negative, do not sum to 1, or leave nothing for two touches' as problem
from models
where
    not (
        (first_share is null and middle_share is null and last_share is null)
        or (
            coalesce(first_share + middle_share + last_share, 0) = 1
            and least(first_share, middle_share, last_share) >= 0
            and first_share + last_share > 0
        )
    )

union all

select
    shown.attribution_model,
    'is not in the seed' as problem
from shown
left join models
    on shown.attribution_model = models.attribution_model
where models.attribution_model is null
