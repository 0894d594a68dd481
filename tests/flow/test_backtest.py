"""`clv backtest`: forecasts of past t₀s beside what came, one by one and as a walk."""

import json
import shutil
import sys
from datetime import timedelta

import pandas as pd
import pytest

from app.backtests import backtest_once, backtest_walk
from app.cli import main
from clv.errors import UserError
from clv.lake import Lake
from clv.models.last_year import LastYear
from clv.partitions import backtest_at, backtests_of
from clv.timeline import Horizon, parse_as_of
from tests.flow.conftest import AS_OF, SETTINGS, silent

HORIZON = Horizon(180)
EARLIER = parse_as_of("2025-05-01")


@pytest.fixture(scope="module")
def walked(scored, tmp_path_factory):
    """A copy of the scored lake with a walk over two t₀s, what the walk returned, and what it said."""
    lake, said = Lake.at(tmp_path_factory.mktemp("walk") / "copy"), []
    shutil.copytree(scored[0].root, lake.root)
    return lake, backtest_walk(lake, [EARLIER, AS_OF], SETTINGS, said.append), said


def test_all_forecasts_of_a_t0_are_judged_on_the_same_customers(walked):
    lake, told, _ = walked
    for as_of, one in zip((EARLIER, AS_OF), told["backtests"], strict=True):
        folder = lake.path(backtest_at(as_of, HORIZON))
        assert json.loads((folder / "leaderboard.json").read_text())["rows"] == one["rows"]
        everybody = [row for row in one["rows"] if row["segment"] == "all"]
        assert {row["model"] for row in everybody} >= {
            *("ours", "12m", "rfm", "btyd-bgnbd-gg-all", "btyd-bgnbd-gg-repeat"),
            *("btyd-mbgnbd-gg-all", "btyd-mbgnbd-gg-repeat"),
            *("btyd-paretonbd-gg-all", "btyd-paretonbd-gg-repeat"),
        }
        customers = pd.read_parquet(folder / "customers.parquet")
        assert {row["n"] for row in everybody} == {one["n_customers"], len(customers)}


def test_everything_was_taught_by_horizons_closed_before_its_t0(walked):
    for one in walked[1]["backtests"]:
        as_of = parse_as_of(one["as_of"])
        assert one["training_as_ofs"]
        assert all(parse_as_of(day) + timedelta(days=180) <= as_of for day in one["training_as_ofs"])
        assert one["knows_last_years_season"] == any(
            abs((parse_as_of(day) - as_of).days + 365) <= 45 for day in one["training_as_ofs"]
        )


def test_the_summary_has_each_t0s_differences_with_intervals_and_lies_beside_the_leaderboards(walked):
    lake, told, said = walked
    written = json.loads((lake.path(backtests_of(HORIZON)) / "walk.json").read_text())
    assert written == {name: told[name] for name in ("horizon_days", "as_ofs", "sentence", "t0s")}
    for one, back in zip(written["t0s"], told["backtests"], strict=True):
        [row] = [r for r in back["rows"] if (r["segment"], r["model"]) == ("all", "ours")]
        for reference in ("12m", "btyd"):
            for end in ("", "_low", "_high"):
                name = f"gini_normalised_vs_{reference}{end}"
                assert one[name] == row[name]
        assert one["as_of"] in one["sentence"]
    assert any("(2 of 2)" in line for line in said)


def test_a_t0_alone_gives_the_same_leaderboard_as_in_a_walk(walked):
    lake, told, _ = walked
    assert backtest_once(lake, EARLIER, SETTINGS, silent) == told["backtests"][0]


def test_contenders_are_judged_beside_the_others_where_asked_for(walked, tmp_path, monkeypatch):
    lake = Lake.at(tmp_path / "copy")
    shutil.copytree(walked[0].root, lake.root)

    def one_more(learned_from, test, horizon, settings):
        assert learned_from["as_of"].max() + timedelta(days=180) <= EARLIER
        return {"last-year": LastYear(horizon.days).forecast(test)}

    monkeypatch.setattr("training.backtest.fit_contenders", one_more)
    told = backtest_once(lake, EARLIER, SETTINGS, silent, contenders=True)
    rows = {row["model"]: row for row in told["rows"] if row["segment"] == "all"}
    assert rows["last-year"]["gini_normalised"] == pytest.approx(rows["12m"]["gini_normalised"], abs=0.01)


def test_a_horizon_that_is_still_open_names_the_last_t0_that_works(scored):
    with pytest.raises(
        UserError, match=r"end on 2026-11-28, the data on 2026-0\d-\d\d; take --as-of 202\d-\d\d-\d\d"
    ):
        backtest_once(scored[0], parse_as_of("2026-06-01"), SETTINGS, silent)


def test_a_walk_that_starts_before_there_is_history_names_the_first_day_that_works(scored):
    with pytest.raises(UserError, match=r"the data begin on .*, a forecast needs 90 days .* t₀s from 20"):
        backtest_walk(scored[0], [parse_as_of("2021-01-01"), AS_OF], SETTINGS, silent)


def test_a_walk_from_a_day_after_its_last_is_refused_in_one_line(scored, monkeypatch, capsys):
    command = ["clv", "backtest", "--lake", scored[0].root, "--as-of", "2025-07-01", "--from", "2025-07-02"]
    monkeypatch.setattr(sys, "argv", command)
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert capsys.readouterr().err == (
        "clv: --from 2025-07-02 lies after --as-of 2025-07-01: give an earlier day\n"
    )
