"""Settings: every number a user may want to change, with its default and its reason."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Settings:
    """Settings of one run; the command line and the deployed stack fill the same class."""

    horizon_days: int = 365
    quarantine_limit: float = 0.05
    """Share of rows or money in quarantine above which a run stops."""
    refund_view: Literal["cash", "order"] = "cash"
    """cash: a refund or cancellation lowers the window in which it happens; order: that of its order."""
    training_snapshots: int = 12
    """Monthly closed snapshots to train on, at most."""
    training_rows_per_snapshot: int = 60_000
    """Customers drawn per snapshot for training, which bounds memory."""
    minimum_history_days: int = 90
    """Days of history a training snapshot needs."""
    minimum_training_rows: int = 500
    """Below this a segment is scored by the pooled model."""
    bootstrap_resamples: int = 200
    threads: int = 1
    """Of XGBoost; no figure depends on it. Threads wait busily: two are far slower on a busy machine."""
    seed: int = 20_111_209
