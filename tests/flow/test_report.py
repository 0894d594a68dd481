import json
import shutil
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
from clv.frames import read_frame, write_frame
from clv.lake import Lake
from clv.partitions import backtest_at, scores_at
from clv.tables import SCORES
from clv.timeline import Horizon
from tests.flow.report_lake import (
    ACCOUNTS,
    AS_OF,
    BACKTEST_AS_OF,
    HORIZON,
    NOTES,
    customers,
    full_lake,
    write_accounts,
    write_backtest,
    write_scores,
)
from tests.flow.report_page import Page

BASELINE = "12m = net revenue of the last 365 days × min(1, H/365)"
DECILES = "Deciles by forecast, beside them the deciles by 12m"
SEGMENTS = "Segment × country × acquisition channel, by expected net revenue"
ACCOUNTED = "Accounts: rows in = used + quarantined + excluded, money likewise"


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return full_lake(tmp_path_factory.mktemp("lake"))


@pytest.fixture(scope="module")
def report(lake: Lake) -> Page:
    return Page(write_report(lake))


@pytest.fixture(scope="module")
def scored(lake: Lake) -> pd.DataFrame:
    scores = read_frame(lake.files(scores_at(AS_OF)))
    return scores[scores.segment != "lead"]


def _amount(text: str) -> float:
    return float(text.replace("€", "").replace(",", "").replace("−", "-").replace("%", "").replace(" ", ""))


def test_segments_table_has_the_counts_and_money_of_the_scores(report: Page, lake: Lake) -> None:
    scores = read_frame(lake.files(scores_at(AS_OF)))
    for row in report.tables["Segments: every customer is in exactly one"][1:4]:
        own = scores[scores.segment == row[0]]
        assert _amount(row[2]) == len(own)
        if row[0] == "lead":
            assert row[4:] == ["–"] * 4
        else:
            assert _amount(row[4]) == pytest.approx(own.clv_eur.sum(), abs=0.5)
            assert _amount(row[6]) == pytest.approx(own.clv_eur.mean(), abs=0.005)
            assert row[1] == f"xgb-tweedie-{row[0]}-0a1b2c3d"


def test_head_says_when_for_how_long_how_many_and_what_the_run_remarked(
    report: Page, scored: pd.DataFrame
) -> None:
    assert "Customer lifetime value as of 1 July 2026" in report.text
    assert "in the 365 days from 1 July 2026 to 30 June 2027" in report.text
    assert f"{len(scored):,} customers are expected to bring" in report.text
    assert NOTES[0] in report.text


def test_decile_table_equals_the_deciles_of_the_scores(report: Page, scored: pd.DataFrame) -> None:
    by_decile = scored.groupby("decile").clv_eur
    for row in report.tables[DECILES][1:]:
        own = by_decile.get_group(int(row[0]))
        assert _amount(row[1]) == len(own)
        assert _amount(row[2]) == own.min()
        assert _amount(row[3]) == pytest.approx(own.mean(), abs=0.005)
        assert _amount(row[4]) == pytest.approx(100 * own.sum() / scored.clv_eur.sum(), abs=0.05)
    assert report.column(DECILES, "decile") == [str(d) for d in range(10, 0, -1)]


def test_share_of_12m_by_its_own_deciles_adds_up_to_all(report: Page) -> None:
    assert sum(map(_amount, report.column(DECILES, "share of 12m"))) == pytest.approx(100, abs=0.5)


def test_customers_who_differ_most_stand_in_one_top_tenth_only(report: Page, scored: pd.DataFrame) -> None:
    rows = report.tables["Customers on whom the rankings differ most"][1:]
    assert len(rows) == 10
    for row in rows:
        own = scored[scored.customer_id == row[0]].iloc[0]
        assert own.decile == int(row[2])
        assert (int(row[2]) == 10) is (row[1] == "raised by the forecast")
        assert (int(row[3]) == 10) is (row[1] == "lowered by the forecast")
        assert _amount(row[4]) == own.clv_eur


def test_concentration_title_is_the_share_of_the_largest_tenth(report: Page, scored: pd.DataFrame) -> None:
    highest = np.sort(scored.clv_eur)[::-1]
    places = len(highest) / 10
    whole = int(places)
    held = (highest[:whole].sum() + (places - whole) * highest[whole]) / highest.sum()
    assert f"The top tenth of customers holds {100 * held:.0f} % of expected net revenue" in report.captions


def test_sentence_of_the_backtest_is_the_revenue_of_the_highest_ranked_tenth(
    report: Page, lake: Lake
) -> None:
    judged = pd.read_parquet(lake.path(backtest_at(BACKTEST_AS_OF, HORIZON)) / "customers.parquet")
    tenth = len(judged) / 10
    held = []
    for ranking in ("ours", "label_eur"):
        came = judged.sort_values(ranking, ascending=False).label_eur.to_numpy()
        part = came[: int(tenth)].sum() + (tenth - int(tenth)) * came[int(tenth)]
        held.append(f"€{100 * part / came.sum():.0f}")
    said = f"ranked highest by this forecast held {held[0]}; by last year's revenue (12m) €"
    assert said in report.text
    assert f"by a perfect ranking {held[1]}." in report.text


def test_leaderboard_equals_the_file_of_the_backtest(report: Page, lake: Lake) -> None:
    told = json.loads((lake.path(backtest_at(BACKTEST_AS_OF, HORIZON)) / "leaderboard.json").read_text())
    names = {"ours": "ours", "12m": "12m", "rfm": "RFM bands"}
    for title, figure, digits in (
        ("Leaderboard", "gini_normalised", 3),
        ("Difference to 12m on the same customers: model − 12m", "gini_normalised_vs_12m", 3),
    ):
        shown: list[tuple[str, str, float]] = []
        for row in report.tables[title][1:]:
            if len(row) == 1:
                segment = row[0].split(":")[0].lower().replace("everyone", "all")
            else:
                shown.append((segment, row[0], _amount(row[1])))
        for row in told["rows"]:
            if row["model"] in names and (row["model"] != "12m" or title == "Leaderboard"):
                assert (row["segment"], names[row["model"]], round(row[figure], digits)) in shown


def test_every_comparison_names_the_baseline(report: Page) -> None:
    notes = [figure.split("</figure>")[0] for figure in report.source.split("<figure>")[1:]]
    compared = [note.replace("\u00a0", " ") for note in notes if "12m" in note]
    assert len(compared) >= 4
    assert all(BASELINE in note for note in compared)


def test_accounts_of_every_table_add_up_and_equal_the_ledger(report: Page) -> None:
    for row in report.tables[ACCOUNTED][1:]:
        own = [line for line in ACCOUNTS if line.table == row[0]]
        rows_in, *fates = map(_amount, row[1:5])
        assert rows_in == sum(fates) == sum(line.rows for line in own)
        for cell, fate in zip(row[5:8], ("used", "quarantined", "excluded"), strict=True):
            cents = sum(line.cents for line in own if line.fate == fate)
            assert cell == "–" if cents == 0 else _amount(cell) == cents / 100
    assert "149,019 rows came in" in report.text
    assert report.column("Rows set aside, by reason", "rows") == ["1,234", "321", "45", "12"]


def test_bad_share_is_what_the_limit_is_held_against(report: Page) -> None:
    lines = next(row for row in report.tables[ACCOUNTED] if row[0] == "order_lines")
    assert lines[8] == f"{100 * 366 / 99_131:.2f} %"
    assert lines[9] == f"{100 * (65_432 + 98_701) / (412_345_678 + 65_432 + 98_701):.2f} %"


def test_segments_table_sums_to_all_scored_customers(report: Page, scored: pd.DataFrame) -> None:
    *rows, total = map(_amount, report.column(SEGMENTS, "customers"))
    assert sum(rows) == total == len(scored)
    assert "smaller groups" in report.text


def test_rows_of_a_table_have_a_cell_for_every_heading(report: Page) -> None:
    for title, (head, *rows) in report.tables.items():
        assert {len(row) for row in rows} <= {len(head), 1}, title


def test_page_needs_nothing_but_itself(report: Page) -> None:
    assert not {"script", "link", "img", "iframe", "object", "base"} & set(report.tags)
    ids = {value for _, name, value in report.attributes if name == "id"}
    links = [value for _, name, value in report.attributes if name in {"href", "xlink:href", "src"}]
    assert links
    assert all(link.startswith("#") and link[1:] in ids for link in links)
    assert "@import" not in report.source
    assert report.source.count("url(") == report.source.count("url(#")


def test_ids_are_unique(report: Page) -> None:
    ids = [value for _, name, value in report.attributes if name == "id"]
    assert len(ids) == len(set(ids))


def test_same_lake_elsewhere_gives_the_same_bytes(report: Page, lake: Lake, tmp_path: Path) -> None:
    elsewhere = Lake(Path(shutil.copytree(lake.root, tmp_path / "copy")))
    assert write_report(elsewhere).read_text(encoding="utf-8") == report.source


def test_report_lies_at_its_as_of_and_is_small(report: Page, lake: Lake) -> None:
    assert (lake.root / "reports" / "as_of=2026-07-01" / "report.html").stat().st_size < 2_000_000


def test_missing_inputs_become_sentences_that_say_what_to_run(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    write_scores(lake, customers(200, 3), horizon=Horizon(90))
    write_backtest(lake, customers(200, 4))  # of another horizon
    report = Page(write_report(lake))
    assert "`clv backtest --lake DIR --as-of 2026-04-02 --horizon-days 90`" in report.text
    assert "`clv run --lake DIR --as-of 2026-07-01`" in report.text
    assert "Leaderboard" not in report.tables
    assert ACCOUNTED not in report.tables


def test_newest_scores_are_reported_unless_another_day_is_asked_for(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    write_scores(lake, customers(60, 3), date(2026, 6, 24))
    write_scores(lake, customers(60, 3), date(2026, 7, 1))
    assert read_inputs(lake, None).as_of == date(2026, 7, 1)
    assert read_inputs(lake, date(2026, 6, 24)).as_of == date(2026, 6, 24)


def test_newest_backtest_of_the_same_horizon_is_shown(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    write_scores(lake, customers(60, 3))
    for day, horizon in ((date(2024, 7, 1), 365), (date(2025, 6, 1), 365), (date(2025, 7, 1), 90)):
        write_backtest(lake, customers(60, 4), day, Horizon(horizon))
    back = read_inputs(lake, None).backtest
    assert back is not None
    assert back.as_of == date(2025, 6, 1)


def test_unscored_lake_or_day_is_one_line_that_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"nothing is scored; run `clv run --lake \S+ --as-of YYYY-MM-DD`"):
        write_report(Lake(tmp_path))
    write_scores(Lake(tmp_path), customers(60, 3))
    with pytest.raises(UserError, match="no scores of 2026-01-01, only of 2026-07-01"):
        write_report(Lake(tmp_path), date(2026, 1, 1))


def test_lake_of_leads_alone_is_one_line(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    scores = write_scores(lake, customers(60, 3))
    with lake.commit(scores_at(AS_OF), "run-2026-07-01-2") as folder:
        write_frame(scores[scores.segment == "lead"], SCORES, folder)
    with pytest.raises(UserError, match="no customer had an order by then"):
        write_report(lake)


def test_hostile_names_stay_text_and_the_page_stays_small(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    rows = customers(3_000, 5)
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
    assert '"><img src=x onerror=alert(1)>$x_1$' in report.column(SEGMENTS, "country")
    assert "日本\ufffd\ufffd\ufffd" in report.column(SEGMENTS, "country")
    assert path.stat().st_size < 2_000_000


@pytest.mark.parametrize("expected_eur", [5.0, 0.0])
def test_three_customers_are_enough(tmp_path: Path, expected_eur: float) -> None:
    lake = Lake(tmp_path)
    rows = customers(3, 1).assign(segment="established", expected=expected_eur, came=0.0)
    write_scores(lake, rows)
    write_backtest(lake, rows)
    report = Page(write_report(lake))
    assert "3 customers are expected to bring" in report.text
    assert [row[0] for row in report.tables[DECILES][1:]] == ["10", "7", "4"]
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


@pytest.fixture(scope="module")
def inputs(lake: Lake) -> Inputs:
    return read_inputs(lake, None)


@pytest.mark.parametrize(
    ("change", "text", "is_there"),
    [
        (lambda scores: scores.assign(country=None), "<td>not given</td>", True),
        (lambda scores: scores.assign(country=None), "of expected net revenue with", False),
        (lambda scores: scores.assign(p_active=np.nan), '<td class="number">–</td></tr></tfoot>', True),
        (lambda scores: scores.assign(clv_low_eur=1.0, clv_high_eur=2.0), "not estimated yet", False),
    ],
    ids=["country named", "no chart of one country", "no probabilities", "intervals estimated"],
)
def test_page_bears_columns_that_are_null_or_filled_later(
    inputs: Inputs, change: Callable[[pd.DataFrame], pd.DataFrame], text: str, is_there: bool
) -> None:
    scores = change(inputs.scores.head(100))
    html = page(replace(inputs, scores=scores, backtest=None, accounts=None))
    assert (text in html.replace("\n", "")) is is_there
