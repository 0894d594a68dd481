import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from app.report.build import write_report
from clv.frames import read_frame
from clv.lake import Lake
from clv.partitions import backtest_at, scores_at
from tests.flow.report_lake import (
    ACCOUNTS,
    AS_OF,
    BACKTEST_AS_OF,
    HORIZON,
    NOTES,
    full_lake,
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
    elsewhere = Lake.at(shutil.copytree(lake.root, tmp_path / "copy"))
    assert write_report(elsewhere).read_text(encoding="utf-8") == report.source


def test_report_lies_at_its_as_of_and_is_small(report: Page, lake: Lake) -> None:
    assert lake.path("reports/as_of=2026-07-01/report.html").stat().st_size < 2_000_000


UPLIFT = "What the forecast adds to the best buy-till-you-die model (BTYD), by decile of each ranking"
GROUPS = "Forecast against what came, by segment"
WALK = "Walk forward: the same judgement at several t₀s"


def _told(lake: Lake) -> dict:
    return json.loads((lake.path(backtest_at(BACKTEST_AS_OF, HORIZON)) / "leaderboard.json").read_text())


def test_decile_table_against_the_classical_model_holds_what_came_by_both_rankings(
    report: Page, lake: Lake
) -> None:
    judged = pd.read_parquet(lake.path(backtest_at(BACKTEST_AS_OF, HORIZON)) / "customers.parquet")
    assert report.column(UPLIFT, "decile") == [str(d) for d in range(10, 0, -1)]
    for row in report.tables[UPLIFT][1:]:
        assert _amount(row[2]) * _amount(row[1]) == pytest.approx(_amount(row[3]), rel=1e-3, abs=2)
    for column in (3, 6):
        total = sum(_amount(row[column]) for row in report.tables[UPLIFT][1:])
        assert total == pytest.approx(judged.label_eur.sum(), abs=6)
    top = f"{100 * _told(lake)['uplift']['top_overlap']:.0f} % of the forecast's top decile"
    assert top in report.text


def test_only_material_segments_are_shown_with_their_calibration(report: Page, lake: Lake) -> None:
    shown = {row[0] for row in report.tables[GROUPS][1:] if len(row) > 1}
    groups = _told(lake)["calibration"]["groups"]
    kept = [g for g in groups if g["material"] and g["share_of_customers"] < 1]
    assert len(shown) == len({g["value"] for g in kept})
    assert "CZ" not in shown
    [early] = [row for row in report.tables[GROUPS][1:] if row[0] == "early"]
    [told] = [g for g in kept if g["value"] == "early"]
    assert _amount(early[5]) == pytest.approx(told["calibration_ratio"], abs=0.005)


def test_the_gate_and_the_walk_are_told(report: Page, lake: Lake) -> None:
    assert "Promotion rules, established: " in report.text
    [row] = report.tables[WALK][1:]
    assert row[0] == str(BACKTEST_AS_OF)
    assert "these are no independent trials" in report.text
