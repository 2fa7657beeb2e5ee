with

costs as (
    select
        source_system,
        product_id,
        product_source_system,
        valid_from,
        unit_cost_amount,
        currency_code
    from {{ ref('stg_finance__product_costs') }}
),

product_keys as (
    select * from {{ ref('int_references__keys') }}
    where entity = 'product'
),

resolved as (
    select
        {{ referred_id('product_keys') }} as product_id,
        costs.valid_from,
        costs.unit_cost_amount,
        costs.currency_code,
        row_number() over (
            partition by {{ referred_id('product_keys') }}, costs.valid_from
            order by costs.source_system, costs.product_id
        ) as cost_rank
    from costs
    {{ resolve_reference('product_keys', 'costs.product_id', 'costs.source_system', 'costs.product_source_system') }}
    where {{ referred_id('product_keys') }} is not null
),

final as (
    select
        product_id,
        valid_from,
        coalesce(
            lead(valid_from) over (partition by product_id order by valid_from),
            cast('9999-12-31' as date)
        ) as superseded_on,
        unit_cost_amount,
        currency_code
    from resolved
    where cost_rank = 1
)

select * from final
