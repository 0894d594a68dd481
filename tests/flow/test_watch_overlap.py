"""The monitoring job with treatments: what it reads of them, and the alarm of a greedy log."""

import json
from datetime import timedelta

import pandas as pd
import pytest

from clv.partitions import monitoring_at, scores_at
from monitoring.job import main
from monitoring.treated import RECENT_DAYS, recent_treatments
from tests.flow.test_watch import arguments, told_by
from tests.flow.watched_lake import ACCOUNTS, AS_OF, BEFORE, customers, watched

NEVER = pd.Timestamp("NaT")


def treated(lake, rows):
    """Commit a ledger with treatments, and scores whose decile is the same for everyone: 3 before, 7 now."""
    watched(lake)
    frame = pd.DataFrame(rows, columns=["customer_id", "purpose", "propensity", "treatment_ts"])
    sent = pd.to_datetime(frame["treatment_ts"])
    frame = frame.assign(treatment_ts=sent, known_ts=sent, known_until_ts=pd.Series(NEVER, frame.index))
    with lake.commit("ledger", "with-treatments") as draft:
        (draft.folder / "accounts.json").write_text(json.dumps(ACCOUNTS), encoding="utf-8")
        (draft.folder / "treatments").mkdir()
        frame.to_parquet(draft.folder / "treatments" / "part-000.parquet", index=False)
    for day, decile in ((BEFORE, 3), (AS_OF, 7)):
        with lake.commit(scores_at(day), "with-deciles") as draft:
            customers().assign(decile=decile).to_parquet(draft.folder / "part-000.parquet", index=False)
    return lake


def test_a_wave_counts_in_the_decile_of_its_own_week_and_for_eight_weeks(any_lake):
    day = timedelta(days=1)
    lake = treated(
        any_lake,
        [
            ("early-001", "exploit", 1.0, BEFORE),
            ("early-002", "explore", 0.1, BEFORE - day),  # no scores of that day: those of t0 stand in
            ("early-003", "explore", 0.1, AS_OF - RECENT_DAYS * day),
            ("early-004", "explore", 0.1, AS_OF - (RECENT_DAYS + 1) * day),  # too long ago
            ("early-005", "explore", 0.1, AS_OF),  # not before t0
            ("nobody", "explore", 0.1, BEFORE),
        ],
    )
    found = recent_treatments(lake, AS_OF)
    assert sorted(found["decile"].dropna()) == [3, 7, 7]
    assert found["decile"].isna().sum() == 1


def test_what_became_known_after_t0_plays_no_part(any_lake):
    lake = treated(any_lake, [("early-001", "exploit", 1.0, AS_OF + timedelta(days=1))])
    assert recent_treatments(lake, AS_OF) is None


def test_without_treatments_there_is_no_figure(any_lake):
    lake = watched(any_lake)
    main(arguments(lake, {}))
    assert not [name for name, _, _ in told_by(lake) if "Overlap" in name]
    assert json.loads(lake.committed_text(monitoring_at(AS_OF), "summary.json"))["overlap"] is None


@pytest.mark.parametrize(("propensity", "without"), [(1.0, 10), (0.9, 9)])
def test_the_job_counts_the_deciles_without_overlap_and_tells_each(any_lake, propensity, without):
    lake = treated(any_lake, [(f"early-{n:03}", "exploit", propensity, BEFORE) for n in range(50)])
    main(arguments(lake, {}))
    assert told_by(lake)["DecilesWithoutOverlap", "", ""] == without
    told = json.loads(lake.committed_text(monitoring_at(AS_OF), "summary.json"))["overlap"]
    assert {row["decile"]: row["contacted"] for row in told}[3] == 50
