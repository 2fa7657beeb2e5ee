select
    cast(FactSurveyResponse.SurveyResponseKey as varchar) as survey_answer_id,
    DimCustomer.CustomerAlternateKey as customer_id,
    cast(FactSurveyResponse.Date as date) as answered_on,
    'interest' as question,
    FactSurveyResponse.EnglishProductSubcategoryName as topic,
    FactSurveyResponse.EnglishProductCategoryName as x_product_category
from dw.FactSurveyResponse
left join dw.DimCustomer on FactSurveyResponse.CustomerKey = DimCustomer.CustomerKey
