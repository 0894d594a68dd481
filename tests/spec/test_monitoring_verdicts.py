import pytest

from clv.errors import UserError
from monitoring.figures import read_figures
from monitoring.verdicts import (
    breaches,
    calibration_breaches,
    judged,
    mape_breaches,
    news,
    sure,
    worst_calibration_gap,
    worst_mape_ratio,
)
from tests.spec.segments_judged import figures, segment_rows


def test_calibration_within_0_8_and_1_2_passes_edges_included():
    found = figures("""
    dimension | value | customers | predicted_eur | actual_eur | calibration_ratio   | mape | material
    all       | all   | 5000      | 100           | 100        | 1.0                 | 0.5  | yes
    country   | low   | 1000      | 80            | 100        | 0.8                 | 0.5  | yes
    country   | high  | 1000      | 120           | 100        | 1.2                 | 0.5  | yes
    country   | under | 1000      | 79            | 100        | 0.79                | 0.5  | yes
    country   | over  | 1000      | 121           | 100        | 1.21                | 0.5  | yes
    """)
    assert [breach.segment for breach in calibration_breaches(found)] == ["country=under", "country=over"]
    assert calibration_breaches(found)[0].found == 0.79


def test_a_flag_is_sure_only_where_its_whole_interval_is_outside_the_limit():
    found = figures("""
    dimension | value   | customers | predicted_eur | actual_eur | calibration_ratio | calibration_low | calibration_high | mape | material
    all       | all     | 5000      | 100           | 100        | 1.0               | 0.9             | 1.1              | 0.5  | yes
    country   | lucky   | 1000      | 130           | 100        | 1.3               | 1.2             | 1.5              | 0.5  | yes
    country   | over    | 1000      | 130           | 100        | 1.3               | 1.201           | 1.5              | 0.5  | yes
    country   | unlucky | 1000      | 70            | 100        | 0.7               | 0.6             | 0.8              | 0.5  | yes
    country   | under   | 1000      | 70            | 100        | 0.7               | 0.6             | 0.799            | 0.5  | yes
    country   | either  | 1000      | 125           | 100        | 1.25              | 0.7             | -                | 0.5  | yes
    country   | inside  | 1000      | 119           | 100        | 1.19              | 1.0             | 1.4              | 0.5  | yes
    """)
    raw = calibration_breaches(found)
    assert [each.segment for each in raw] == [
        *("country=lucky", "country=over", "country=unlucky", "country=under", "country=either"),
    ]
    assert [each.segment for each in sure(raw)] == ["country=over", "country=under"]


def test_a_high_risk_is_sure_only_where_the_ratio_s_interval_is_above_the_limit():
    found = figures("""
    dimension | value | customers | predicted_eur | actual_eur | calibration_ratio | mape | mape_ratio_low | material
    all       | all   | 5000      | 100           | 100        | 1.0               | 0.5  | 1              | yes
    country   | luck  | 1000      | 100           | 100        | 1.0               | 1.0  | 1.5            | yes
    country   | risk  | 1000      | 100           | 100        | 1.0               | 1.0  | 1.501          | yes
    """)
    assert [each.segment for each in mape_breaches(found)] == ["country=luck", "country=risk"]
    assert [each.segment for each in sure(mape_breaches(found))] == ["country=risk"]
    assert mape_breaches(found)[1].low == pytest.approx(1.501 * 0.5)


def test_a_small_noisy_segment_wakes_nobody():
    found = figures("""
    dimension | value | customers | predicted_eur | actual_eur | calibration_ratio | mape | material
    all       | all   | 5000      | 100           | 100        | 1.0               | 0.5  | yes
    country   | MT    | 12        | 500           | 100        | 5.0               | 9.0  | no
    """)
    assert calibration_breaches(found) == []
    assert mape_breaches(found) == []
    assert worst_calibration_gap(found) == 0.0
    assert worst_mape_ratio(found) == 1.0


def test_the_worst_gap_counts_too_little_as_much_as_too_much():
    found = figures("""
    dimension | value | customers | predicted_eur | actual_eur | calibration_ratio | mape | material
    all       | all   | 5000      | 100           | 100        | 1.0               | 0.5  | yes
    device    | app   | 1000      | 60            | 100        | 0.6               | 0.5  | yes
    device    | web   | 1000      | 130           | 100        | 1.3               | 0.5  | yes
    """)
    assert worst_calibration_gap(found) == pytest.approx(0.4)


def test_a_model_whole_is_judged_and_counts_once():
    found = figures("""
    dimension | value | customers | predicted_eur | actual_eur | calibration_ratio | mape | material
    all       | all   | 5000      | 150           | 100        | 1.5               | 0.5  | yes
    stage     | early | 5000      | 150           | 100        | 1.5               | 0.5  | yes
    """)
    assert [breach.segment for breach in calibration_breaches(found)] == ["all"]
    assert len(judged(found)) == 1


def test_a_forecast_where_nothing_came_is_a_breach_and_silence_is_none():
    found = figures("""
    dimension | value | customers | predicted_eur | actual_eur | calibration_ratio | mape | material
    all       | all   | 5000      | 100           | 100        | 1.0               | 0.5  | yes
    channel   | ads   | 1000      | 10            | 0          | -                 | -    | yes
    channel   | press | 1000      | 0             | 0          | -                 | -    | yes
    """)
    assert [(each.segment, each.found, each.sure) for each in calibration_breaches(found)] == [
        ("channel=ads", None, True)
    ]


def test_mape_is_held_against_one_and_a_half_times_that_of_all():
    found = figures("""
    dimension | value | customers | predicted_eur | actual_eur | calibration_ratio | mape | material
    all       | all   | 5000      | 100           | 100        | 1.0               | 0.5  | yes
    clv_band  | low   | 2500      | 10            | 10         | 1.0               | 0.75 | yes
    clv_band  | high  | 1000      | 10            | 10         | 1.0               | 0.76 | yes
    """)
    assert [breach.segment for breach in mape_breaches(found)] == ["clv_band=high"]
    assert mape_breaches(found)[0].limit == "1.5 × 0.500"
    assert worst_mape_ratio(found) == pytest.approx(1.52)


def test_without_a_global_mape_none_is_too_high():
    found = figures("""
    dimension | value | customers | predicted_eur | actual_eur | calibration_ratio | mape | material
    all       | all   | 5000      | 100           | 100        | 1.0               | -    | yes
    country   | DE    | 2500      | 10            | 10         | 1.0               | 9.0  | yes
    """)
    assert mape_breaches(found) == []
    assert worst_mape_ratio(found) is None


def test_an_evaluation_without_a_figure_is_refused_by_its_name():
    rows = segment_rows("""
    dimension | value | customers | predicted_eur | actual_eur | mape | material
    all       | all   | 5000      | 100           | 100        | 0.5  | yes
    """)
    with pytest.raises(UserError, match=r"models/evaluation\.json: figures have no calibration_ratio"):
        read_figures(rows, "models/evaluation.json")


def test_an_evaluation_from_before_there_were_intervals_is_taken_as_exact():
    found = figures("""
    dimension | value | customers | predicted_eur | actual_eur | calibration_ratio | mape | material
    all       | all   | 5000      | 100           | 100        | 1.0               | 0.5  | yes
    country   | DE    | 1000      | 121           | 100        | 1.21              | 0.76 | yes
    """)
    assert found[1].wape is None
    assert len(sure(breaches(found))) == 2


def test_a_pair_is_news_only_where_neither_side_is_flagged():
    found = figures("""
    dimension        | value    | customers | predicted_eur | actual_eur | calibration_ratio | mape | material
    all              | all      | 5000      | 100           | 100        | 1.0               | 0.5  | yes
    country          | DE       | 1000      | 130           | 100        | 1.3               | 0.5  | yes
    country × device | DE × app | 500       | 140           | 100        | 1.4               | 0.5  | yes
    country × device | FR × app | 500       | 140           | 100        | 1.4               | 0.5  | yes
    """)
    assert [each.segment for each in news(calibration_breaches(found))] == [
        *("country=DE", "country=FR × device=app"),
    ]
    assert len(sure(calibration_breaches(found))) == 3
