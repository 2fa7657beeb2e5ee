"""Estimates weights of identity resolution from a built warehouse, for a person to review."""
