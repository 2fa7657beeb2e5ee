"""The month on one page: what moved and why, what is off, what to do, what is not known."""

from profit.digest.page import render
from profit.digest.reading import Digest, read_digest

__all__ = ["Digest", "read_digest", "render"]
