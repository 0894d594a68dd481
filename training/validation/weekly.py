"""The validation inside a training job: what its own judgement shows, and little more work."""

from collections.abc import Iterator, Mapping
from typing import Any

from clv.closed_snapshots import SnapshotPlan
from clv.models.forecast import CLV_EUR
from clv.settings import Settings
from clv.timeline import Horizon
from training.leaderboard import CHAMPION, OURS
from training.out_of_time import OutOfTime
from training.seasons import knows_last_years_season
from training.validation.checks import ADJACENT, BOOTSTRAP
from training.validation.report import not_validated, validation
from training.validation.stability import Rerun, rerun


def validated(
    judged: OutOfTime | None,
    name: str,
    plan: SnapshotPlan,
    last: Mapping[str, Any] | None,
    settings: Settings,
) -> dict[str, Any]:
    """Return `clv.validation.report.validation` of the candidate `name`, JSON-ready.

    Its t₀s are the judged one and that of `last`, the champion's evaluation.json; the champion, where it took
    part, is the neighbouring training, for other snapshots had closed when it was taught.
    """
    if judged is None or judged.unjudged:
        return not_validated(judged.unjudged if judged else "no snapshot has closed")
    customers = judged.customers(name).assign(tenure_days=judged.test["tenure_days"].to_numpy())
    return validation(customers, _t0s(judged, name, plan, last), list(_reruns(judged, name)), settings)


def _t0s(
    judged: OutOfTime, name: str, plan: SnapshotPlan, last: Mapping[str, Any] | None
) -> list[dict[str, Any]]:
    horizon = Horizon(judged.horizon_days)
    taught_by = list(plan.evaluation_training_as_ofs)
    known = knows_last_years_season(taught_by, judged.as_of, horizon)
    here = {**judged.row(name), "as_of": judged.as_of.isoformat(), "knows_last_years_season": known}
    before = _before(last) if last else None
    return [here] if before is None or before["as_of"] == here["as_of"] else [before, here]


def _before(last: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the t₀ that the champion was judged at; None where it was not, or older code did not say."""
    if "knows_last_years_season" not in last:
        return None
    row = next((row for row in last["rows"] if row["model"] == last["headline"]), None)
    if row is None:
        return None
    named = ("knows_last_years_season",)
    return {**row, "as_of": last["evaluation_as_of"], **{name: last[name] for name in named}}


def _reruns(judged: OutOfTime, name: str) -> Iterator[Rerun]:
    customer_id = judged.test["customer_id"]
    own = judged.forecasts[OURS][CLV_EUR]
    for number, said in enumerate(judged.again, start=1):
        yield rerun(BOOTSTRAP, f"draw {number} of {len(judged.again)}", customer_id, own, said[CLV_EUR])
    if CHAMPION in judged.forecasts:
        here, before = (judged.forecasts[one][CLV_EUR] for one in (name, CHAMPION))
        yield rerun(ADJACENT, "the champion's training", customer_id, here, before)
