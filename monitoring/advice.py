"""Whether monitoring advises to train anew before the next run."""

from collections.abc import Sequence
from datetime import date

from monitoring.metrics import Judged
from monitoring.verdicts import calibration_breaches, mape_breaches

MIN_AGE_DAYS = 14
"""A younger model was fitted to nearly the same snapshots: another training would say the same."""


def advice(models: Sequence[Judged], as_of: date) -> dict[str, str]:
    """Return `retrain` (`now` or `no`), the `reason`, and the t₀ it was given at, as the plan reads it."""
    reasons = []
    for model in models:
        breaches = [*calibration_breaches(model.figures), *mape_breaches(model.figures)]
        if breaches and (as_of - model.trained_as_of).days >= MIN_AGE_DAYS:
            named = ", ".join(dict.fromkeys(breach.segment for breach in breaches))
            reasons.append(f"the {model.segment} model is outside its limits in {named}")
    retrain = "now" if reasons else "no"
    return {"retrain": retrain, "reason": "; ".join(reasons) or "none", "as_of": str(as_of)}
