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


class LandingGateError(ProfitError):
    """What was landed did not pass its gate; nothing was built."""

    exit_code = 5


class MartsGateError(ProfitError):
    """What was built did not pass its gate; nothing was published."""

    exit_code = 6


class PublishError(ProfitError):
    """The published file could not be made; the last good one is in place."""

    exit_code = 7


class RunningError(ProfitError):
    """Another run is at work on the same warehouse."""

    exit_code = 8
