"""AdventureWorks, Microsoft's fictional bicycle maker, in the shape of the contract."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from profit.connectors.sql_connector import land_sql
from profit.landing.receipts import Receipt
from profit.paths import Paths

# After the last day that any of the files speaks of; one day for all, since the files are one state of the company.
DELIVERED_ON = dt.date(2014, 12, 31)

INPUTS = (
    "dw/DimAccount.parquet",
    "dw/DimCurrency.parquet",
    "dw/DimCustomer.parquet",
    "dw/DimDepartmentGroup.parquet",
    "dw/DimGeography.parquet",
    "dw/DimOrganization.parquet",
    "dw/DimProduct.parquet",
    "dw/DimProductCategory.parquet",
    "dw/DimProductSubcategory.parquet",
    "dw/DimPromotion.parquet",
    "dw/DimReseller.parquet",
    "dw/DimSalesReason.parquet",
    "dw/DimSalesTerritory.parquet",
    "dw/DimScenario.parquet",
    "dw/FactCurrencyRate.parquet",
    "dw/FactFinance.parquet",
    "dw/FactInternetSales.parquet",
    "dw/FactInternetSalesReason.parquet",
    "dw/FactResellerSales.parquet",
    "dw/FactSalesQuota.parquet",
    "dw/FactSurveyResponse.parquet",
    "dw/ProspectiveBuyer.parquet",
    "oltp/Customer.csv",
    "oltp/EmailAddress.csv",
    "oltp/Employee.csv",
    "oltp/PersonPhone.csv",
    "oltp/SalesPerson.csv",
    "oltp/SalesPersonQuotaHistory.csv",
    "oltp/Store.csv",
)

_HELP = (
    "The folder must hold dw/ (tables of the AdventureWorks data warehouse as Parquet, named as published) and oltp/ "
    "(tables of the AdventureWorks database as CSV with a header line); profit/connectors/adventureworks/README.md "
    "says where they come from."
)


def land_adventureworks(paths: Paths, folder: Path) -> list[Receipt]:
    """Land AdventureWorks: Internet and reseller sales, products, ledger, plans, prospects and survey answers.

    Args:
        paths: Where the landing zone and the quarantine are.
        folder: Folder with `dw/*.parquet` and `oltp/*.csv`.

    Returns:
        One receipt a feed and source system; a repeated landing changes nothing.

    Raises:
        LandingError: A file is missing or cannot be read; nothing was landed.
    """
    return land_sql(
        paths,
        folder,
        connector=Path(__file__).parent,
        inputs=INPUTS,
        delivered_on=DELIVERED_ON,
        help_text=_HELP,
    )
