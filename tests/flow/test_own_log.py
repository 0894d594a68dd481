import numpy as np
import pandas as pd
import pytest

from app.importers.transactions import import_transactions
from app.weekly import run_once
from clv.errors import UserError
from clv.frames import read_frame
from clv.lake import Lake
from clv.partitions import scores_at
from clv.settings import Settings
from clv.timeline import parse_as_of
from tests.flow.conftest import silent

DAYS = 200


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    """A log of 400 customers over 200 days from 2024-01-01, too short for any 365-day label."""
    rng = np.random.default_rng(5)
    rows = [
        (f"c{customer:03d}", pd.Timestamp("2024-01-01") + pd.Timedelta(days=int(day)), round(float(spend), 2))
        for customer in range(400)
        for day, spend in zip(
            rng.integers(0, DAYS, 1 + rng.poisson(2.0)), rng.lognormal(3, 0.6, 99), strict=False
        )
    ]
    file = tmp_path_factory.mktemp("log") / "log.csv"
    pd.DataFrame(rows, columns=["customer_id", "ts", "amount"]).to_csv(file, index=False)
    return file


def test_a_short_log_is_scored_by_the_label_free_model_which_says_so(log, tmp_path):
    lake = Lake.at(tmp_path)
    import_transactions(log, lake, "EUR")
    as_of = parse_as_of("2024-07-19")
    told = run_once(lake, as_of, Settings(), silent)
    scores = read_frame(lake.files(scores_at(as_of)))
    assert set(scores.model_version) == {
        "btyd-paretonbd-gg-12m@clv-early-365/1",
        "btyd-paretonbd-gg-12m@clv-established-365/1",
    }
    assert any("no snapshot has closed a horizon of 365 days" in note for note in told["notes"])


def test_too_short_a_history_names_the_as_of_that_would_work(log, tmp_path):
    lake = Lake.at(tmp_path)
    import_transactions(log, lake, "EUR")
    with pytest.raises(UserError, match=r"take --as-of 2024-0\d-\d\d or later"):
        run_once(lake, parse_as_of("2024-02-01"), Settings(), silent)
