"""Writes the bundle: `python -m dashboards.superset bundle`, then `superset import-directory bundle --overwrite`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from dashboards.superset.bundle import write_bundle
from profit.errors import ProfitError
from profit.paths import Paths


def main() -> None:
    """Write what Superset imports."""
    parser = argparse.ArgumentParser(prog="python -m dashboards.superset", description=__doc__)
    parser.add_argument("target", type=Path, help="The folder to write.")
    parser.add_argument("--seen-as", help="The published file as Superset sees it; by default where it is.")
    given = parser.parse_args()
    published = Paths.from_environment().published
    try:
        count = write_bundle(published, given.seen_as or str(published.resolve()), given.target)
    except ProfitError as error:
        sys.exit(str(error))
    print(f"{given.target}: {count} datasets, one dashboard")


if __name__ == "__main__":
    main()
