"""The demo company: generated, deterministic by seed, and landed like any other company's deliveries."""

from profit.connectors.demo.landing import land_demo

__all__ = ["land_demo"]
