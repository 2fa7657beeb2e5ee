"""Estimates weights of identity resolution from a built warehouse, for a person to review."""

from profit.training.identity import train_identity

__all__ = ["train_identity"]
