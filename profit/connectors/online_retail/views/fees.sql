-- What is booked under a code that is no article. Every other code begins with five digits or is an article of the
-- shop's own label (DCGS..., PADS).
select
    listed.product_id,
    listed.product_kind,
    listed.product_group,
    listed.product_category
from (
    values
    ('POST', 'fee', 'postage', 'fees'),
    ('DOT', 'fee', 'postage', 'fees'),
    ('C2', 'fee', 'postage', 'fees'),
    ('AMAZONFEE', 'fee', 'commission and bank charges', 'fees'),
    ('CRUK', 'fee', 'commission and bank charges', 'fees'),
    ('BANK CHARGES', 'fee', 'commission and bank charges', 'fees'),
    ('D', 'fee', 'corrections', 'fees'),
    ('M', 'fee', 'corrections', 'fees'),
    ('B', 'fee', 'corrections', 'fees'),
    ('S', 'fee', 'samples', 'fees'),
    ('GIFT_0001_10', 'service', 'gift vouchers', 'vouchers'),
    ('GIFT_0001_20', 'service', 'gift vouchers', 'vouchers'),
    ('GIFT_0001_30', 'service', 'gift vouchers', 'vouchers'),
    ('GIFT_0001_40', 'service', 'gift vouchers', 'vouchers'),
    ('GIFT_0001_50', 'service', 'gift vouchers', 'vouchers')
) as listed (product_id, product_kind, product_group, product_category)
