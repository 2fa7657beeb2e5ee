"""Superset on the published file: a connection, datasets with their meaning, and one dashboard, as code."""
