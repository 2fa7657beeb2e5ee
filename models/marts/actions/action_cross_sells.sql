with

calendar as (
    select as_of
    from {{ ref('int_calendar__as_of') }}
),

customers as (
    select * from {{ ref('action_customers') }}
),

purchases as (
    select
        customer_id,
        product_group,
        last_12m_gross_margin_amount
    from {{ ref('int_actions__purchases') }}
),

parameters as (
    {{ action_parameters('N-100') }}
),

-- Similar: the same kind, industry and size; where too few of these are profitable, the same kind and industry, then the same kind.
memberships as (
    select
        customer_id,
        is_profitable,
        last_12m_gross_margin_amount,
        last_12m_customer_margin_amount,
        3 as likeness,
        customer_kind || ', ' || industry || ', ' || size_class as peer_group
    from customers
    where industry is not null and size_class is not null

    union all

    select
        customer_id,
        is_profitable,
        last_12m_gross_margin_amount,
        last_12m_customer_margin_amount,
        2 as likeness,
        customer_kind || ', ' || industry as peer_group
    from customers
    where industry is not null

    union all

    select
        customer_id,
        is_profitable,
        last_12m_gross_margin_amount,
        last_12m_customer_margin_amount,
        1 as likeness,
        customer_kind as peer_group
    from customers
),

peers as (
    select
        likeness,
        peer_group,
        count(*) as peer_count,
        -- What is left of a unit of gross margin with them after selling and serving.
        greatest(
            sum(cast(last_12m_customer_margin_amount as double)) / nullif(sum(cast(last_12m_gross_margin_amount as double)), 0), 0e0
        ) as kept_share
    from memberships
    where is_profitable
    group by
        likeness,
        peer_group
),

buyers as (
    select
        memberships.likeness,
        memberships.peer_group,
        purchases.product_group,
        count(*) as buyer_count,
        sum(cast(purchases.last_12m_gross_margin_amount as double)) as gross_margin_amount
    from memberships
    inner join purchases
        on memberships.customer_id = purchases.customer_id
    where memberships.is_profitable
    group by
        memberships.likeness,
        memberships.peer_group,
        purchases.product_group
),

placed as (
    select
        memberships.customer_id,
        peers.likeness,
        peers.peer_group,
        peers.peer_count,
        peers.kept_share,
        parameters.minimum_share,
        parameters.maximum_offers,
        parameters.assumed_success,
        row_number() over (partition by memberships.customer_id order by peers.likeness desc) as likeness_rank
    from memberships
    inner join peers
        on memberships.likeness = peers.likeness
        and memberships.peer_group = peers.peer_group
    cross join parameters
    where peers.peer_count >= parameters.minimum_peers
),

-- A customer who surely loses money is to be repriced first; one who no longer buys is to be won back.
asked as (
    select placed.*
    from placed
    inner join customers
        on placed.customer_id = customers.customer_id
    where
        placed.likeness_rank = 1
        and customers.status = 'active'
        and (customers.is_profitable or customers.stability = 'depends')
),

offers as (
    select
        asked.customer_id,
        asked.peer_group,
        asked.peer_count,
        asked.maximum_offers,
        buyers.product_group,
        cast(buyers.buyer_count as double) / asked.peer_count as buyer_share,
        buyers.gross_margin_amount / buyers.buyer_count as buyer_margin_amount,
        -- Part of the peers that buys × margin of a buyer: the margin of all of them by peer.
        asked.assumed_success * asked.kept_share * buyers.gross_margin_amount / asked.peer_count as expected_margin_amount
    from asked
    inner join buyers
        on asked.likeness = buyers.likeness
        and asked.peer_group = buyers.peer_group
    left join purchases
        on asked.customer_id = purchases.customer_id
        and buyers.product_group = purchases.product_group
    where
        purchases.customer_id is null
        and cast(buyers.buyer_count as double) / asked.peer_count >= asked.minimum_share
        and buyers.gross_margin_amount > 0
),

ranked as (
    select
        *,
        row_number() over (
            partition by customer_id
            order by {{ expected_money('expected_margin_amount') }} desc, product_group asc
        ) as offer_rank
    from offers
),

final as (
    select
        {{ action_key("'N-100'", 'customer_id', 'product_group') }} as action_id,
        'N-100' as rule_id,
        customer_id,
        cast(null as {{ dbt.type_string() }}) as lead_id,
        product_group as action_target,
        {{ percent_text('buyer_share') }} || ' of ' || {{ count_text('peer_count') }} || ' profitable customers of the same kind (' || peer_group
        || ') buy ' || product_group || ', this one does not; a buyer brings ' || {{ amount_text('buyer_margin_amount') }}
        || ' of gross margin a year' as reason,
        {{ expected_money('expected_margin_amount') }} as expected_margin_amount,
        cast(peer_count as bigint) as evidence_count,
        buyer_share as evidence_rate,
        {{ expected_money('buyer_margin_amount') }} as evidence_amount,
        (select calendar.as_of from calendar) as as_of
    from ranked
    where offer_rank <= maximum_offers
)

select * from final
