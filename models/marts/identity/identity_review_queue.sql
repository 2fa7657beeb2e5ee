{%- set comparisons = comparison_levels() -%}

with

scored_pairs as (
    select * from {{ ref('int_identity__scored_pairs') }}
    where valid_to = cast('9999-12-31' as date) and outcome = 'possible'
),

crosswalk as (
    select * from {{ ref('customer_crosswalk') }}
),

-- Customers that a person keeps apart, whichever of their records was looked at.
kept_apart as (
    select distinct
        least(lefts.customer_id, rights.customer_id) as first_customer_id,
        greatest(lefts.customer_id, rights.customer_id) as second_customer_id
    from {{ ref('int_identity__known_links') }} as known_links
    inner join crosswalk as lefts
        on known_links.left_record_id = lefts.record_id
    inner join crosswalk as rights
        on known_links.right_record_id = rights.record_id
    where known_links.valid_to = cast('9999-12-31' as date) and not known_links.is_match and known_links.refused_because is null
),

records as (
    select
        record_id,
        record_age
    from {{ ref('int_identity__records') }}
),

customers as (
    select
        customer_id,
        order_count,
        net_revenue_amount,
        contribution_margin_amount,
        customer_profit_amount
    from {{ ref('customer_profitability') }}
),

-- A pair is waiting while its records are two customers and nobody has decided about it.
waiting as (
    select
        scored_pairs.*,
        lefts.customer_id as left_customer_id,
        rights.customer_id as right_customer_id,
        lefts.source_system as left_source_system,
        lefts.record_kind as left_record_kind,
        lefts.source_customer_id as left_source_customer_id,
        rights.source_system as right_source_system,
        rights.record_kind as right_record_kind,
        rights.source_customer_id as right_source_customer_id
    from scored_pairs
    inner join crosswalk as lefts
        on scored_pairs.left_record_id = lefts.record_id
    inner join crosswalk as rights
        on scored_pairs.right_record_id = rights.record_id
        and lefts.customer_id <> rights.customer_id
    left join kept_apart
        on least(lefts.customer_id, rights.customer_id) = kept_apart.first_customer_id
        and greatest(lefts.customer_id, rights.customer_id) = kept_apart.second_customer_id
    where kept_apart.first_customer_id is null
),

-- The older customer would keep its number, so the younger one's money would move.
sided as (
    select
        waiting.*,
        case when left_ids.record_age < right_ids.record_age then waiting.left_customer_id else waiting.right_customer_id end as kept_customer_id,
        case when left_ids.record_age < right_ids.record_age then waiting.right_customer_id else waiting.left_customer_id end as moved_customer_id
    from waiting
    inner join records as left_ids
        on waiting.left_customer_id = left_ids.record_id
    inner join records as right_ids
        on waiting.right_customer_id = right_ids.record_id
),

-- One row for two customers: the pair of records that speaks most for them, of those that contradict nothing first.
ranked as (
    select
        *,
        row_number() over (
            partition by kept_customer_id, moved_customer_id
            order by case when contradiction_id is null then 0 else 1 end asc, probability desc, left_record_id asc, right_record_id asc
        ) as pair_rank,
        count(*) over (partition by kept_customer_id, moved_customer_id) as pair_count
    from sided
),

-- Doubt is greatest at one half, and where evidence that counts as proof is contradicted.
priced as (
    select
        ranked.*,
        coalesce(customers.order_count, 0) as moved_order_count,
        coalesce(customers.net_revenue_amount, 0) as moved_net_revenue_amount,
        coalesce(customers.contribution_margin_amount, 0) as moved_contribution_margin_amount,
        coalesce(customers.customer_profit_amount, 0) as moved_profit_amount,
        case
            when ranked.contradiction_id is not null and ranked.match_rule <> 'scored' then cast(1 as double)
            else 1 - abs(2 * ranked.probability - 1)
        end as doubt
    from ranked
    left join customers
        on ranked.moved_customer_id = customers.customer_id
    where ranked.pair_rank = 1
),

final as (
    select
        cast(
            row_number() over (
                order by
                    abs(cast(sided.moved_net_revenue_amount as double)) * sided.doubt desc, sided.doubt desc, sided.kept_customer_id asc,
                    sided.moved_customer_id asc
            ) as bigint
        ) as review_rank,
        sided.left_source_system,
        sided.left_record_kind,
        sided.left_source_customer_id,
        sided.right_source_system,
        sided.right_record_kind,
        sided.right_source_customer_id,
        sided.customer_kind,
        sided.kept_customer_id,
        sided.moved_customer_id,
        sided.pair_count,
        sided.probability as match_probability,
        sided.doubt,
        sided.contradiction_id,
        sided.valid_from as waiting_since,
        {%- for comparison, levels in comparisons %}
        sided.{{ comparison }}_level as {{ comparison }}_agreement,
        {%- endfor %}
        cast(sided.moved_order_count as bigint) as moved_order_count,
        cast(sided.moved_net_revenue_amount as decimal(18, 4)) as moved_net_revenue_amount,
        cast(sided.moved_contribution_margin_amount as decimal(18, 4)) as moved_contribution_margin_amount,
        cast(sided.moved_profit_amount as decimal(18, 4)) as moved_profit_amount
    from priced as sided
)

select * from final
