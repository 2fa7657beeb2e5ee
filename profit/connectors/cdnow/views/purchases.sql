-- One row a purchase. The sample's lines begin with the number in the master file and the one in the sample; the master's have
-- the first only, below a line of headings.
with fields as (
    select string_split_regex(trim(line), '\s+') as field
    from cdnow.lines
),

purchases as (
    select
        field[1] as customer_id,
        case when len(field) = 5 then field[2] end as sample_number,
        cast(strptime(field[-3], '%Y%m%d') as date) as purchased_on,
        cast(field[-2] as bigint) as unit_count,
        -- With more decimals than the contract keeps, so that landing refuses what it would have to round.
        cast(field[-1] as decimal(28, 10)) as amount
    from fields
    where len(field) >= 4 and field[1] <> 'customer_id'
)

select
    customer_id,
    sample_number,
    purchased_on,
    unit_count,
    amount,
    -- Purchases of a day in an order of their own, so that the same purchase has the same number in both files.
    row_number() over (partition by customer_id, purchased_on order by unit_count, amount) as number_of_day
from purchases
