"""A lake of 120 customers with a forecast and some leads: scores, features and consents, and nothing else."""

import numpy as np
import pandas as pd

from clv.deciles import decile
from clv.frames import write_frame
from clv.partitions import features_at, scores_at
from clv.tables import SCORES
from clv.timeline import parse_as_of

AS_OF = parse_as_of("2026-07-06")
SCORED, LEADS = 120, 6


def scores():
    rng = np.random.default_rng(3)
    ids = np.array([f"c{place:03d}" for place in range(SCORED)], dtype=object)
    clv = rng.lognormal(4, 1.2, SCORED).round(2)
    known = pd.DataFrame(
        {
            "customer_id": ids,
            "segment": np.where(np.arange(SCORED) % 5, "established", "early"),
            "clv_eur": clv,
            "clv_low_eur": 0.3 * clv,
            "clv_high_eur": 2.0 * clv,
            "p_active": rng.random(SCORED),
            "baseline_last_year_eur": clv / 2,
            "monetary_365d_eur": clv / 2,
            "decile": decile(clv, ids),
            "country": rng.choice(["DE", "FR"], SCORED),
            "acquisition_channel": rng.choice(["search", "email"], SCORED),
            "recency_days": rng.integers(0, 300, SCORED),
            "model_version": "m-1",
        }
    )
    leads = pd.DataFrame({"customer_id": [f"l{place}" for place in range(LEADS)], "segment": "lead"})
    rows = pd.concat([known, leads], ignore_index=True).assign(as_of=AS_OF, horizon_days=365)
    return rows.reindex(columns=list(SCORES.names))


def consents(rows):
    """Two of three agreed."""
    return rows[["customer_id"]].assign(marketing_consent=np.arange(len(rows)) % 3 > 0)


def publish(lake, rows, run_id="run-1"):
    with lake.commit(scores_at(AS_OF), run_id) as draft:
        write_frame(rows, SCORES, draft.folder)
    with lake.commit(features_at(AS_OF), run_id) as draft:
        consents(rows).to_parquet(draft.folder / "part-000.parquet", index=False)


def deliver(lake, agreed, run_id="run-1"):
    """Commit a ledger that knows these consents."""
    with lake.commit("ledger", run_id) as draft:
        (draft.folder / "customers").mkdir(parents=True)
        rows = agreed.assign(known_until_ts=pd.NaT)
        rows.to_parquet(draft.folder / "customers" / "part-000.parquet", index=False)


def deciding(lake):
    """Publish scores and consents."""
    rows = scores()
    publish(lake, rows)
    deliver(lake, consents(rows))
    return lake
