select
    cast(PromotionKey as varchar) as campaign_id,
    EnglishPromotionName as campaign_name,
    'promotion' as media_source,
    cast(StartDate as date) as starts_on,
    cast(EndDate as date) as ends_on,
    EnglishPromotionType as x_promotion_type,
    EnglishPromotionCategory as x_promotion_category,
    DiscountPct as x_discount_rate
from dw.DimPromotion
-- Promotion 1 is called 'No Discount'.
where PromotionKey <> 1
