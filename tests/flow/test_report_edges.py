from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from app.report.build import page, write_report
from app.report.inputs import Inputs, read_inputs
from app.report.leaderboard import ranking_figure
from clv.errors import UserError
from clv.frames import write_frame
from clv.lake import Lake
from clv.models.forecast import INTERVAL
from clv.partitions import scores_at
from clv.tables import SCORES
from clv.timeline import Horizon
from tests.flow.report_lake import (
    ACCOUNTS,
    AS_OF,
    customers,
    write_accounts,
    write_backtest,
    write_scores,
)
from tests.flow.report_page import Page


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Inputs:
    lake = Lake.at(tmp_path_factory.mktemp("lake"))
    write_scores(lake, customers(100, 1))
    write_backtest(lake, customers(100, 2))
    return read_inputs(lake, None)


def test_missing_inputs_become_sentences_that_say_what_to_run(tmp_path: Path) -> None:
    lake = Lake.at(tmp_path)
    write_scores(lake, customers(200, 3), horizon=Horizon(90))
    write_backtest(lake, customers(200, 4))  # of another horizon
    report = Page(write_report(lake))
    assert "`clv backtest --lake DIR --as-of 2026-04-02 --horizon-days 90`" in report.text
    assert "`clv run --lake DIR --as-of 2026-07-01`" in report.text
    assert "Leaderboard" not in report.tables
    assert not [title for title in report.tables if title.startswith("Accounts")]


def test_newest_scores_are_reported_unless_another_day_is_asked_for(tmp_path: Path) -> None:
    lake = Lake.at(tmp_path)
    write_scores(lake, customers(60, 3), date(2026, 6, 24))
    write_scores(lake, customers(60, 3), date(2026, 7, 1))
    assert read_inputs(lake, None).as_of == date(2026, 7, 1)
    assert read_inputs(lake, date(2026, 6, 24)).as_of == date(2026, 6, 24)


def test_newest_backtest_of_the_same_horizon_is_shown(tmp_path: Path) -> None:
    lake = Lake.at(tmp_path)
    write_scores(lake, customers(60, 3))
    for day, horizon in ((date(2024, 7, 1), 365), (date(2025, 6, 1), 365), (date(2025, 7, 1), 90)):
        write_backtest(lake, customers(60, 4), day, Horizon(horizon))
    back = read_inputs(lake, None).backtest
    assert back is not None
    assert back.as_of == date(2025, 6, 1)


def test_unscored_lake_or_day_is_one_line_that_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"nothing is scored; run `clv run --lake \S+ --as-of YYYY-MM-DD`"):
        write_report(Lake.at(tmp_path))
    write_scores(Lake.at(tmp_path), customers(60, 3))
    with pytest.raises(UserError, match="no scores of 2026-01-01, only of 2026-07-01"):
        write_report(Lake.at(tmp_path), date(2026, 1, 1))


def test_lake_of_leads_alone_is_one_line(tmp_path: Path) -> None:
    lake = Lake.at(tmp_path)
    scores = write_scores(lake, customers(60, 3))
    with lake.commit(scores_at(AS_OF), "run-2026-07-01-2") as draft:
        write_frame(scores[scores.segment == "lead"], SCORES, draft.folder)
    with pytest.raises(UserError, match="no customer had an order by then"):
        write_report(lake)


def test_hostile_names_stay_text_and_the_page_stays_small(tmp_path: Path) -> None:
    lake = Lake.at(tmp_path)
    rows = customers(1_500, 5)
    rows["customer_id"] = [f"<script>alert({i})</script>" for i in range(len(rows))]
    rows["country"] = [f"country {i}" for i in range(len(rows))]
    rows.loc[rows.index % 2 == 0, "country"] = '"><img src=x onerror=alert(1)>$x_1$'
    rows.loc[rows.index % 5 == 0, "country"] = "日本\x00\x07\u202e"
    rows.loc[rows.index % 7 == 0, "acquisition_channel"] = "&lt;" + "long" * 5_000
    write_scores(lake, rows)
    write_accounts(lake, [replace(ACCOUNTS[1], reason="</td><script>alert(1)</script>")])
    path = write_report(lake)
    report = Page(path)
    assert not {"script", "img"} & set(report.tags)
    assert not [name for _, name, _ in report.attributes if name.startswith("on")]
    assert report.column("Customers on whom the rankings differ most", "customer_id")[0].startswith(
        "<script>"
    )
    countries = report.column("Segment × country × acquisition channel, by expected net revenue", "country")
    assert '"><img src=x onerror=alert(1)>$x_1$' in countries
    assert "日本\ufffd\ufffd\ufffd" in countries
    assert path.stat().st_size < 2_000_000


@pytest.mark.parametrize("expected_eur", [5.0, 0.0])
def test_three_customers_are_enough(tmp_path: Path, expected_eur: float) -> None:
    lake = Lake.at(tmp_path)
    rows = customers(3, 1).assign(segment="established", expected=expected_eur, came=0.0)
    write_scores(lake, rows)
    write_backtest(lake, rows)
    report = Page(write_report(lake))
    assert "3 customers are expected to bring" in report.text
    assert [row[0] for row in report.tables["Deciles by forecast, beside them the deciles by 12m"][1:]] == [
        "10",
        "7",
        "4",
    ]
    assert "brought no net revenue in total" in report.text
    assert ("nobody holds a share" in report.text) is (expected_eur == 0)


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.01, 0.03, "This forecast orders customers better than 12m"),
        (-0.01, 0.03, "This forecast and 12m order customers about equally well"),
        (-0.03, -0.01, "This forecast orders customers worse than 12m"),
    ],
)
def test_title_claims_no_more_than_the_interval_bears(
    inputs: Inputs, low: float, high: float, said: str
) -> None:
    assert inputs.backtest is not None
    bounds = {"gini_normalised_vs_12m_low": low, "gini_normalised_vs_12m_high": high}
    back = replace(inputs.backtest, rows=inputs.backtest.rows.assign(**bounds))
    assert ranking_figure(back).title.startswith(said)


@pytest.mark.parametrize(
    ("change", "text", "is_there"),
    [
        (lambda scores: scores.assign(country=None), "By country, ", False),
        (lambda scores: scores.assign(p_active=np.nan), '<td class="number">–</td></tr></tfoot>', True),
        (
            lambda scores: scores.assign(**dict.fromkeys(INTERVAL, np.nan)),
            "Median and interval are null",
            True,
        ),
        (lambda scores: scores.assign(driver_start_eur=np.nan), "Drivers are null", True),
    ],
    ids=["no chart of one country", "no probabilities", "no intervals", "no drivers"],
)
def test_page_bears_columns_that_are_null_or_filled_later(
    inputs: Inputs, change: Callable[[pd.DataFrame], pd.DataFrame], text: str, is_there: bool
) -> None:
    scores = change(inputs.scores)
    html = page(replace(inputs, scores=scores, backtest=None, accounts=None))
    assert (text in html.replace("\n", "")) is is_there
