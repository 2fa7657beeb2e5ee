"""What keeps weights from being trained."""

from profit.errors import ProfitError


class TrainingError(ProfitError):
    """Weights cannot be trained; no file was written."""
