{%- set amounts = plan_lines().values() | list -%}
{%- set traits = plan_traits() %}
{%- set group = ['cohort_kind', 'segment_id', 'media_source', 'named_customer_id'] %}
{%- set by_article = ['gross_sales_amount', 'discount_amount', 'cost_of_goods_amount'] %}
{%- set by_sales = 'coalesce(gross_sales_amount / nullif(sum(gross_sales_amount) over whole, 0), heads / sum(heads) over whole)' %}

with

calendar as (
    {{ plan_calendar() }}
),

customers as (
    select * from {{ ref('int_planning__customers') }}
),

order_lines as (
    select
        customer_id,
        channel_id,
        order_id,
        product_id,
        month,
        net_sales_amount,
        {{ by_article | join(',\n        ') }}
    from {{ ref('fct_order_lines') }}
    where order_id is not null
),

products as (
    select
        product_id,
        product_group
    from {{ ref('dim_product') }}
),

changes as (
    select * from {{ ref('plan_changes') }}
),

-- Everybody who is there; again, as what new ones will be like, those who were won in the window; and all, for groups that sold nothing in it.
-- What is expected of a customer's lines: what they have been so far, as often as it is expected to buy again.
members as (
    select
        customer_id,
        {{ (group + traits) | join(',\n        ') }},
        case when cohort_kind <> 'existing' then 1e0 when is_expected then alive else 0e0 end as customers,
        case when cohort_kind <> 'existing' then cast(window_order_count as double) when is_expected then purchases_1 else 0e0 end as orders,
        case when cohort_kind <> 'existing' then 1e0 when is_expected then variance_36m else 0e0 end as variance,
        case
            when cohort_kind <> 'existing' then 1e0
            when is_expected and gross_sales_amount > discount_amount
                then (net_sales_1 + contract_sales_1) / cast(gross_sales_amount - discount_amount as double)
            else 0e0
        end as times,
        {{ amounts | join(',\n        ') }}
    from customers

    union all

    select
        customer_id,
        'new' as cohort_kind,
        'new' as segment_id,
        media_source,
        '' as named_customer_id,
        {{ traits | join(',\n        ') }},
        1e0 as customers,
        cast(window_order_count as double) as orders,
        1e0 as variance,
        1e0 as times,
        {{ amounts | join(',\n        ') }}
    from customers
    where is_won_in_window

    union all

    select
        customer_id,
        {%- for column in group %}
        'all' as {{ column }},
        {%- endfor %}
        {%- for column in traits %}
        '' as {{ column }},
        {%- endfor %}
        0e0 as customers,
        0e0 as orders,
        0e0 as variance,
        0e0 as times,
        {{ amounts | join(',\n        ') }}
    from customers
),

sold as (
    select
        order_lines.customer_id,
        order_lines.channel_id,
        count(distinct order_lines.order_id) as order_count,
        greatest(cast(sum(order_lines.net_sales_amount) as double), 0e0) as net_sales
    from order_lines
    cross join calendar
    where order_lines.month > calendar.before_window and order_lines.month <= calendar.as_of_month
    group by
        order_lines.customer_id,
        order_lines.channel_id
),

sold_by_group as (
    select
        {%- for column in group %}
        members.{{ column }},
        {%- endfor %}
        sold.channel_id,
        cast(sum(sold.order_count) as double) as order_count,
        sum(cast(sold.net_sales as decimal(28, 4))) as net_sales
    from members
    inner join sold
        on members.customer_id = sold.customer_id
    group by
        {%- for column in group %}
        members.{{ column }},
        {%- endfor %}
        sold.channel_id
),

channels as (
    select
        {{ group | join(',\n        ') }},
        channel_id,
        order_count / nullif(sum(order_count) over (partition by {{ group | join(', ') }}), 0) as order_share,
        cast(net_sales as double) / nullif(cast(sum(net_sales) over (partition by {{ group | join(', ') }}) as double), 0) as sales_share
    from sold_by_group
),

groups_of_customers as (
    select distinct {{ group | join(', ') }}
    from members
    where cohort_kind <> 'all'
),

-- A group that sold nothing through any channel in the window takes the channels of all; without any sale there is none.
places as (
    select
        {%- for column in group %}
        groups_of_customers.{{ column }},
        {%- endfor %}
        {%- for column in group %}
        case when channels.channel_id is null then 'all' else groups_of_customers.{{ column }} end as like_{{ column }},
        {%- endfor %}
        coalesce(channels.channel_id, all_channels.channel_id, {{ unknown_member() }}) as channel_id,
        coalesce(channels.order_share, all_channels.order_share, 1e0) as order_share,
        coalesce(channels.sales_share, all_channels.sales_share, 1e0) as sales_share
    from groups_of_customers
    left join channels
        on {{ same_columns('groups_of_customers', 'channels', group) }}
        and channels.sales_share is not null
    left join channels as all_channels
        on case when channels.channel_id is null then 'all' end = all_channels.cohort_kind
        and all_channels.sales_share is not null
),

-- What changes name by a trait of customers or by what they buy is a part of a cell: the parts of a cell are the cell, whoever is named.
own_channels as (
    select
        customer_id,
        channel_id,
        order_count / sum(order_count) over (partition by customer_id) as order_share,
        net_sales / nullif(sum(net_sales) over (partition by customer_id), 0) as sales_share
    from sold
),

named_traits as (
    select max(coalesce({{ traits | join(', ') }})) as trait
    from changes
),

-- Who bought nothing in the window buys where its group does.
parted as (
    select
        {%- for column in group + traits %}
        members.{{ column }},
        {%- endfor %}
        coalesce(own_channels.channel_id, places.channel_id) as channel_id,
        {%- for count in ['customers', 'orders'] %}
        sum(members.{{ count }} * coalesce(own_channels.order_share, places.order_share)) as {{ count }},
        {%- endfor %}
        {%- for amount in amounts %}
        sum(members.times * greatest(cast(members.{{ amount }} as double), 0e0) * coalesce(own_channels.sales_share, places.sales_share)) as {{ amount }},
        {%- endfor %}
        sum(members.variance * coalesce(own_channels.sales_share, places.sales_share)) as variance,
        sum(coalesce(own_channels.order_share, places.order_share)) as heads
    from members
    cross join named_traits
    left join own_channels
        on members.customer_id = own_channels.customer_id
        and own_channels.sales_share is not null
    left join places
        on case when own_channels.customer_id is null then members.cohort_kind end = places.cohort_kind
        and {{ same_columns('members', 'places', group[1:]) }}
    where members.cohort_kind <> 'all' and named_traits.trait is not null
    group by
        {%- for column in group + traits %}
        members.{{ column }},
        {%- endfor %}
        coalesce(own_channels.channel_id, places.channel_id)
),

-- Channels have each line of the plan at the rate of the group. What a channel had less of it in the window than that is of all parts by their sales.
parts as (
    select
        {{ (group + traits) | join(',\n        ') }},
        {%- for weight in ['customers', 'orders', 'variance'] %}
        coalesce({{ weight }} / nullif(sum({{ weight }}) over whole, 0), {{ by_sales }}) as {{ weight }},
        {%- endfor %}
        {{ by_sales }} as gross_sales_amount,
        {%- for amount in amounts if amount != 'gross_sales_amount' %}
        {{ share_of_line(amount, by_sales) }} as {{ amount }},
        {%- endfor %}
        channel_id
    from parted
    window
        whole as (partition by {{ group | join(', ') }}, channel_id),
        of_group as (partition by {{ group | join(', ') }})
),

named_articles as (
    select distinct product_group
    from changes
    where product_group is not null
),

any_article as (
    select max(product_group) as product_group
    from changes
),

bought as (
    select
        order_lines.customer_id,
        order_lines.channel_id,
        coalesce(named_articles.product_group, '') as product_group,
        {%- for amount in by_article %}
        cast(sum(greatest(order_lines.{{ amount }}, 0)) as double) as {{ amount }},
        {%- endfor %}
        count(*) as heads
    from order_lines
    cross join calendar
    cross join any_article
    left join products
        on order_lines.product_id = products.product_id
    left join named_articles
        on products.product_group = named_articles.product_group
    where any_article.product_group is not null and order_lines.month > calendar.before_window and order_lines.month <= calendar.as_of_month
    group by
        order_lines.customer_id,
        order_lines.channel_id,
        coalesce(named_articles.product_group, '')
),

bought_by_group as (
    select
        {%- for column in group %}
        members.{{ column }},
        {%- endfor %}
        bought.channel_id,
        bought.product_group,
        {%- for amount in by_article %}
        sum(bought.{{ amount }}) as {{ amount }},
        {%- endfor %}
        cast(sum(bought.heads) as double) as heads
    from members
    inner join bought
        on members.customer_id = bought.customer_id
    group by
        {%- for column in group %}
        members.{{ column }},
        {%- endfor %}
        bought.channel_id,
        bought.product_group
),

articles as (
    select
        {{ group | join(',\n        ') }},
        channel_id,
        {{ by_sales }} as gross_sales_amount,
        {%- for amount in by_article if amount != 'gross_sales_amount' %}
        {{ share_of_line(amount, by_sales) }} as {{ amount }},
        {%- endfor %}
        product_group
    from bought_by_group
    window
        whole as (partition by {{ group | join(', ') }}, channel_id),
        of_group as (partition by {{ group | join(', ') }})
),

-- Of the group in its channel: of counts, of each line, and of what is uncertain of it.
final as (
    select
        places.cohort_kind,
        places.segment_id,
        places.media_source,
        places.named_customer_id,
        places.channel_id,
        {%- for trait in traits %}
        coalesce(parts.{{ trait }}, '') as {{ trait }},
        {%- endfor %}
        coalesce(articles.product_group, '') as product_group,
        {%- for count in ['customers', 'orders'] %}
        round(places.order_share * coalesce(parts.{{ count }}, 1e0) * coalesce(articles.gross_sales_amount, 1e0), 14) as {{ count }},
        {%- endfor %}
        {%- for amount in by_article %}
        round(places.sales_share * coalesce(parts.{{ amount }}, 1e0) * coalesce(articles.{{ amount }}, 1e0), 14) as {{ amount }},
        {%- endfor %}
        {%- for amount in amounts if amount not in by_article %}
        round(places.sales_share * coalesce(parts.{{ amount }}, 1e0) * coalesce(articles.gross_sales_amount, 1e0), 14) as {{ amount }},
        {%- endfor %}
        round(places.sales_share * coalesce(parts.variance, 1e0) * coalesce(articles.gross_sales_amount, 1e0), 14) as variance
    from places
    left join parts
        on {{ same_columns('places', 'parts', group + ['channel_id']) }}
    left join articles
        on places.channel_id = articles.channel_id
        and places.like_cohort_kind = articles.cohort_kind
        and places.like_segment_id = articles.segment_id
        and places.like_media_source = articles.media_source
        and places.like_named_customer_id = articles.named_customer_id
)

select * from final
