select
    DimCurrency.CurrencyAlternateKey as from_currency_code,
    'USD' as to_currency_code,
    cast(FactCurrencyRate.Date as date) as rate_on,
    -- US dollars for one unit: the reciprocal of the rate from USD that the database states for the same day.
    -- With all fifteen digits of the double: landing types it, and refuses what the contract cannot keep.
    FactCurrencyRate.AverageRate as exchange_rate
from dw.FactCurrencyRate
inner join dw.DimCurrency on FactCurrencyRate.CurrencyKey = DimCurrency.CurrencyKey
where DimCurrency.CurrencyAlternateKey <> 'USD'
