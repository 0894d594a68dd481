"""A watched lake with scores of earlier weeks, the ledger since, and a closed snapshot to learn the accrual from.

All 250 customers are alike. After SNAPSHOT each brings EUR 10 on day 10 and EUR 30 on day 100: a quarter of the
horizon comes by day 30 and by day 90. After OPEN each brings EUR 5 on day 10.
"""

import json
from datetime import date, datetime, timedelta

import pandas as pd

from clv.lake import Lake
from clv.partitions import features_at, labels_at, scores_at
from clv.timeline import Horizon
from tests.flow.watched_lake import ACCOUNTS, HORIZON, watched

SNAPSHOT = date(2025, 4, 1)
CLOSED = date(2025, 6, 30)
"""Its horizon holds EUR 30 + 5."""
OPEN = date(2026, 3, 30)
"""98 days before the run."""
CUSTOMERS = [f"e-{n:03}" for n in range(250)]


def with_earlier_scores(lake: Lake, closed_eur: float = 35.0, open_eur: float = 20.0) -> Lake:
    """Return the lake, what was said of each customer at both t₀s as given."""
    watched(lake)
    paid = [(SNAPSHOT, 10, 1_000), (SNAPSHOT, 100, 3_000), (OPEN, 10, 500)]
    with lake.commit("ledger", "with-entries") as draft:
        (draft.folder / "accounts.json").write_text(json.dumps(ACCOUNTS), encoding="utf-8")
        (draft.folder / "entries").mkdir()
        pd.concat([_entries(*one) for one in paid]).to_parquet(draft.folder / "entries" / "part-000.parquet")
    people = pd.DataFrame({"customer_id": CUSTOMERS, "segment": "established"})
    _commit(lake, features_at(SNAPSHOT), people)
    _commit(lake, labels_at(SNAPSHOT, Horizon(HORIZON)), people)
    names = {"country": "DE", "acquisition_channel": "search", "device": "app", "horizon_days": HORIZON}
    for day, said in {CLOSED: closed_eur, OPEN: open_eur}.items():
        _commit(lake, scores_at(day), people.assign(clv_eur=said, **names))
    return lake


def _entries(as_of: date, day: int, cents: int) -> pd.DataFrame:
    at = datetime(as_of.year, as_of.month, as_of.day) + timedelta(days=day)
    columns = {"entry_ts": at, "known_ts": at, "amount_eur_cents": cents}
    return pd.DataFrame({"customer_id": CUSTOMERS}).assign(**columns)


def _commit(lake: Lake, partition: str, frame: pd.DataFrame) -> None:
    with lake.commit(partition, "earlier") as draft:
        frame.to_parquet(draft.folder / "part-000.parquet", index=False)
