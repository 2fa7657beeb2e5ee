"""Errors that a user can mend: each says what was found, where, and what to do."""


class ProfitError(Exception):
    """Base of all expected failures; the command line prints its text and exits with `exit_code`."""

    exit_code = 1


class LandingError(ProfitError):
    """A delivery that cannot be landed; nothing of it was."""

    exit_code = 3


class BuildError(ProfitError):
    """`dbt build` did not finish; the warehouse holds what was built before the failure."""

    exit_code = 4
