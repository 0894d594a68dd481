"""Decile migration: a reshuffle of the ranking is told from an ordinary week."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from clv.errors import UserError
from clv.lake import Lake
from clv.migration import migration
from clv.partitions import scores_at
from glue_jobs.publish import check_migration

AS_OF, BEFORE = date(2026, 7, 13), date(2026, 7, 6)


def scores(deciles, horizon_days=365):
    people = [f"c{n:04}" for n in range(len(deciles))]
    frame = pd.DataFrame({"customer_id": people, "horizon_days": horizon_days, "decile": deciles})
    return frame.astype({"decile": "Int32"})


def tenths(customers=1_000):
    return np.arange(customers) * 10 // customers + 1


def test_only_moves_of_more_than_two_deciles_count():
    before, now = tenths(), tenths()
    now[:300] += 2  # from 1 to 3, 2 to 4, 3 to 5
    now[900:925] -= 3
    found = migration(scores(now), AS_OF, scores(before), BEFORE)
    assert (found.customers, found.share, found.skipped) == (1_000, 0.025, "")


def test_leads_and_customers_of_one_week_alone_do_not_count():
    before, now = scores(tenths()), scores(tenths())
    before.loc[:99, "decile"] = pd.NA
    now.loc[900:, "customer_id"] = "new"
    assert migration(now, AS_OF, before, BEFORE).customers == 800


def test_row_order_does_not_matter():
    now = scores(tenths()).sample(frac=1, random_state=3)
    assert migration(now, AS_OF, scores(tenths()), BEFORE).share == 0.0


@pytest.mark.parametrize(
    ("now", "before", "day", "why"),
    [
        (scores(tenths()), None, None, "no scores of an earlier t₀"),
        (scores(tenths()), scores(tenths(), 90), BEFORE, "the scores before are of 90 days, these of 365"),
        (scores(tenths()), scores(tenths()), date(2026, 6, 7), "36 days older, more than the 35 compared"),
        (scores(tenths(199)), scores(tenths(199)), BEFORE, "only 199 customers are ranked at both"),
    ],
)
def test_what_cannot_be_compared_is_not_and_says_why(now, before, day, why):
    found = migration(now, AS_OF, before, day)
    assert found.share is None
    assert why in found.skipped


def test_a_drawn_ranking_stops_and_an_ordinary_week_does_not(tmp_path):
    lake = Lake.at(tmp_path)
    with lake.commit(scores_at(BEFORE), "run-1") as draft:
        scores(tenths()).to_parquet(draft.folder / "part-000.parquet")
    drawn = scores(np.random.default_rng(4).permutation(tenths()))
    with pytest.raises(UserError, match=r"5\d\.\d% of 1000 customers moved .* since 2026-07-06, limit 5.0%"):
        check_migration(lake, drawn, AS_OF, 0.05)
    assert check_migration(lake, drawn, AS_OF, 1.0).share > 0.5
    assert check_migration(lake, scores(tenths()), AS_OF, 0.05).share == 0.0
