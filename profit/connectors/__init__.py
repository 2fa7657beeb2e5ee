"""Connectors turn foreign data into the source contract, one folder each."""
