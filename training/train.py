"""Verb: the models of one horizon, fitted on closed snapshots."""

import json
from datetime import date

from clv.lake import Lake
from clv.partitions import model_at
from clv.segments import SCORED
from clv.settings import Settings
from clv.timeline import Horizon
from training.fit import Trained, fit
from training.learned import training_frame

CARD = "card.json"


def train(
    lake: Lake, as_of: date, closed: list[date], horizon: Horizon, settings: Settings, run_id: str
) -> Trained:
    """Write `models/horizon_days=H/segment=S` for every scored segment and return what was trained.

    `as_of` is the day whose knowledge was used: every snapshot of `closed` had its horizon closed by then.
    """
    trained = fit(training_frame(lake, closed, horizon, settings), horizon, settings, settings.threads)
    for segment in SCORED:
        model = trained.models[segment]
        card = {
            "segment": segment,
            "model_version": model.version,
            "horizon_days": horizon.days,
            "trained_as_of": as_of,
            "training_as_ofs": closed,
            "notes": trained.notes,
            "comparisons": [c.to_dict() for c in trained.comparisons if c.segment == segment],
        }
        with lake.commit(model_at(segment, horizon), run_id) as draft:
            model.save(draft.folder)
            (draft.folder / CARD).write_text(json.dumps(card, indent=1, default=str), encoding="utf-8")
    return trained


def card_of(lake: Lake, segment: str, horizon: Horizon) -> dict[str, object] | None:
    """Return the card of the committed model of a segment, None where there is none."""
    card = lake.committed_text(model_at(segment, horizon), CARD)
    return None if card is None else dict(json.loads(card))
