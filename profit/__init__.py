"""The Python side of the customer-profitability warehouse: landing, connectors, building and reporting."""

__version__ = "0.1.0"
