"""The t₀ and the settings of the small weekly run that many tests look at."""

from clv.settings import Settings
from clv.timeline import parse_as_of

AS_OF = parse_as_of("2025-07-01")
SETTINGS = Settings(horizon_days=180, training_snapshots=3, bootstrap_resamples=20)
