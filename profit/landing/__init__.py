"""Typed, versioned deliveries: what departments hand over, checked against the contract and never overwritten."""
