"""Lakes as the monitoring job finds them: ledger accounts, features, scores, records and evaluations."""

import json
from datetime import date, timedelta

import numpy as np
import pandas as pd

from clv.drift_profile import profile
from clv.lake import Lake
from clv.partitions import features_at, scores_at
from clv.segment_report import segment_report
from clv.timeline import EPOCH

AS_OF = date(2026, 7, 6)
BEFORE = AS_OF - timedelta(days=7)
RUN = "run-2026-07-06-1"
HORIZON = 365
ACCOUNTS = [
    {"table": "orders", "fate": "used", "reason": "", "rows": 97, "cents": 9_700},
    {"table": "orders", "fate": "quarantined", "reason": "unknown currency", "rows": 3, "cents": 300},
]


def watched(lake: Lake, features: pd.DataFrame | None = None, delivered: pd.DataFrame | None = None) -> Lake:
    """Return the lake with 300 customers of each segment scored, and a record of 40 + 2.5 seconds.

    features, delivered : what the week brought, instead of `features()` and `delivered()`
    """
    with lake.commit("ledger", RUN) as draft:
        (draft.folder / "accounts.json").write_text(json.dumps(ACCOUNTS), encoding="utf-8")
        (draft.folder / "delivered").mkdir()
        arrived = usual_deliveries() if delivered is None else delivered
        arrived.to_parquet(draft.folder / "delivered" / "part-000.parquet", index=False)
    people = customers()
    _commit(lake, features_at(AS_OF), usual_features() if features is None else features)
    _commit(lake, scores_at(AS_OF), people)
    _commit(lake, scores_at(BEFORE), people[people.segment != "early"])
    for verb, seconds in {"ledger": 40, "features": 2.5}.items():
        lake.write_text(f"runs/{RUN}/{verb}.json", json.dumps({"verb": verb, "seconds": seconds}))
    return lake


def customers() -> pd.DataFrame:
    """Return 300 customers of each scored segment and 10 leads, as published."""
    parts = [
        pd.DataFrame({"customer_id": [f"{segment}-{n:03}" for n in range(count)], "segment": segment})
        for segment, count in {"early": 300, "established": 300, "lead": 10}.items()
    ]
    people = pd.concat(parts, ignore_index=True)
    said = [None if s == "lead" else 5.0 for s in people.segment]
    deciles = [None if s == "lead" else n % 10 + 1 for n, s in enumerate(people.segment)]
    names = {"country": "DE", "acquisition_channel": "search", "device": "app"}
    return people.assign(clv_eur=said, horizon_days=HORIZON, decile=deciles, **names)


def usual_features(seed: int = 1) -> pd.DataFrame:
    """Return the features of everybody: a skewed one, one that is mostly 0, a name."""
    people, draw = customers()[["customer_id", "segment"]], np.random.default_rng(seed)
    return people.assign(
        recency_days=draw.exponential(40, len(people)),
        searches_30d=draw.poisson(3, len(people)) * (draw.random(len(people)) < 0.2),
        country=draw.choice(["DE", "FR", "PL"], len(people), p=[0.6, 0.3, 0.1]),
    )


def usual_deliveries(days: int = 100) -> pd.DataFrame:
    """Return raw tables that got 20 orders and 50 searches on each of the days before t₀."""
    rows = {("orders", ""): 20, ("web_events", "search"): 50}
    return pd.DataFrame(
        [
            {"source": source, "type": kind, "day": (AS_OF - EPOCH).days - age, "rows": count}
            for (source, kind), count in rows.items()
            for age in range(1, days + 1)
        ]
    )


def evaluation(lake: Lake, segment: str, said: pd.DataFrame | None, trained: date = AS_OF) -> str:
    """Write the evaluation of a segment's model, None for one that was not judged; return its address."""
    figures = [] if said is None else json.loads(segment_report(said).to_json(orient="records"))
    told = {
        "segment": segment,
        "as_of": str(trained),
        "evaluation_as_of": None if said is None else str(AS_OF - timedelta(days=HORIZON)),
        "unjudged": "no snapshot has closed a horizon of 365 days" if said is None else "",
        "figures": figures,
    }
    name = f"models/horizon_days={HORIZON}/segment={segment}/train-1/evaluation.json"
    lake.write_text(name, json.dumps(told))
    lake.write_text(name.replace("evaluation", "baseline"), json.dumps(_baseline(segment)))
    return lake.url(name)


def _baseline(segment: str) -> dict[str, object]:
    """Return the profile that training left: of other customers of the same kind."""
    people = usual_features(seed=2)
    own = people[people["segment"] == segment].assign(clv_eur=5.0)
    return profile(own, ["recency_days", "searches_30d", "clv_eur"], ["country"])


def forecasts(segment: str, **countries: tuple[int, float]) -> pd.DataFrame:
    """Return judged customers: of each country how many there are, and what was said of each.

    What came is 6 and 14 in turn, 10 on average: relative errors are far from 0.
    """
    parts = [
        pd.DataFrame(
            {"customer_id": [f"{country}-{n:05}" for n in range(count)], "country": country, "clv_eur": said}
        )
        for country, (count, said) in countries.items()
    ]
    people = pd.concat(parts, ignore_index=True)
    came = [(6.0, 14.0)[n % 2] for n in range(len(people))]
    return people.assign(segment=segment, acquisition_channel="search", device="app", label_eur=came)


def _commit(lake: Lake, partition: str, frame: pd.DataFrame) -> None:
    with lake.commit(partition, RUN) as draft:
        frame.to_parquet(draft.folder / "part-000.parquet", index=False)
