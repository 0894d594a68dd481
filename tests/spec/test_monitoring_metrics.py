from datetime import date

import pytest

from clv.indicators import BY_NAME, TOP_VALUES
from monitoring.advice import advice, evidence_of
from monitoring.data_quality import (
    missing_share_worst,
    quarantined_share,
    reconciliation_gap,
    volume_change,
)
from monitoring.figures import bounded
from monitoring.metrics import Judged, metrics_of_all, model_metrics, segment_metrics
from tests.ascii_table import table
from tests.spec.segments_judged import figures

AS_OF = date(2026, 7, 6)
TRAINED = date(2026, 6, 8)
JUDGED = date(2025, 6, 1)

EARLY = """
    dimension | value | customers | predicted_eur | actual_eur | calibration_ratio | mape | mape_share | material
    all       | all   | 1000      | 150           | 100        | 1.5               | 0.8  | 0.5        | yes
    country   | DE    | 600       | 60            | 60         | 1.0               | 0.8  | 0.5        | yes
    country   | FR    | 400       | 90            | 40         | 2.25              | 0.8  | 0.5        | yes
"""
ESTABLISHED = """
    dimension | value | customers | predicted_eur | actual_eur | calibration_ratio | mape | mape_share | material
    all       | all   | 3000      | 900           | 900        | 1.0               | 0.4  | 1.0        | yes
    country   | DE    | 3000      | 900           | 900        | 1.0               | 0.7  | 1.0        | yes
"""


def model(segment, text, trained=TRAINED):
    return Judged(segment, trained, JUDGED, figures(text))


def values(metrics):
    return {metric.name: metric.value for metric in metrics}


def test_a_model_is_told_by_its_breaches_its_level_and_its_age():
    found = model_metrics(model("early", EARLY), AS_OF, 365)
    assert {metric.model for metric in found} == {"early-365"}
    assert values(found) == {
        "ModelAgeDays": 28,
        "EvaluationAgeDays": 400,
        "BreachedSegments": 2,  # all and FR
        "HighRiskSegments": 0,
        "FlaggedSegments": 2,
        "MaterialSegments": 3,
        "WorstCalibrationGap": 1.25,
        "WorstMapeRatio": 1.0,
        "GlobalMape": 0.8,
        "GlobalCalibrationRatio": 1.5,
    }


def test_both_models_together_add_counts_and_take_the_worst():
    found = metrics_of_all([model("early", EARLY), model("established", ESTABLISHED)], AS_OF, 365)
    assert {metric.model for metric in found} == {"all-365"}
    said = values(found)
    assert said["BreachedSegments"] == 2
    assert said["HighRiskSegments"] == 1  # 0.7 > 1.5 × 0.4
    assert said["FlaggedSegments"] == 3
    assert said["WorstCalibrationGap"] == 1.25
    assert said["GlobalCalibrationRatio"] == pytest.approx(1050 / 1000)
    assert said["GlobalMape"] == pytest.approx((500 * 0.8 + 3000 * 0.4) / 3500)


def test_a_model_that_could_not_be_judged_yet_still_grows_old():
    found = model_metrics(Judged("early", TRAINED, None, ()), AS_OF, 365)
    assert values(found) == {"ModelAgeDays": 28}


def test_no_model_at_all_gives_no_figures_of_models():
    assert metrics_of_all([], AS_OF, 365) == []


def many_countries():
    body = "\n".join(
        f"country | C{n:02} | 100 | {n * 10} | {n * 10} | 1.0 | 0.5 | 1.0 | no" for n in range(1, 31)
    )
    return figures(f"{EARLY.strip().splitlines()[0]}\n all|all|3000|4650|4650|1.0|0.5|1.0|yes\n{body}")


def test_the_values_with_the_most_revenue_are_kept_and_the_rest_is_other():
    found = [each for each in bounded(many_countries()) if each.dimension == "country"]
    assert [each.value for each in found] == [*(f"C{n}" for n in range(30, 22, -1)), "other"]
    other = found[-1]
    assert other.customers == 2_200
    assert other.actual_eur == sum(n * 10 for n in range(1, 23))
    assert other.calibration_ratio == 1.0
    assert other.mape == pytest.approx(0.5)
    assert other.rmse == pytest.approx(10.0)
    assert other.gini_normalised is None


def test_a_value_that_is_called_other_is_part_of_the_rest():
    found = bounded(
        figures("""
    dimension | value | customers | predicted_eur | actual_eur | calibration_ratio | mape | material
    country   | other | 100       | 900           | 300        | 3.0               | 0.5  | no
    country   | A     | 100       | 50            | 50         | 1.0               | 0.5  | no
    country   | B     | 100       | 30            | 40         | 0.75              | 0.5  | no
    """),
        top=1,
    )
    assert [each.value for each in found] == ["A", "other"]
    assert found[1].customers == 200
    assert found[1].calibration_ratio == pytest.approx(930 / 340)


def test_metrics_by_segment_are_bounded_and_leave_out_what_is_undefined():
    found = segment_metrics(Judged("early", TRAINED, JUDGED, many_countries()), 365)
    names = {metric.segment for metric in found}
    assert len(names) == 1 + TOP_VALUES + 1
    assert ("NormalisedGini", "country=other") not in {(m.name, m.segment) for m in found}
    assert all(BY_NAME[metric.name].dimensions == ("Model", "Segment") for metric in found)


ACCOUNTS = """
    table   | fate        | reason  | rows | cents
    orders  | used        |         | 90   | 0
    orders  | quarantined | unknown | 10   | 0
    refunds | used        |         | 99   | 700
    refunds | quarantined | unknown | 1    | -300
    refunds | excluded    | rule    | 900  | 9000
    file    | excluded    | rule    | 5    | 5
"""


def test_the_worst_table_tells_the_quarantined_share_and_excluded_rows_do_not_count():
    lines = table(ACCOUNTS).to_dict("records")
    assert quarantined_share(lines, "rows") == 0.1
    assert quarantined_share(lines, "cents") == 0.3
    assert quarantined_share([], "rows") == 0.0


FEATURES = """
    customer_id | segment
    ann         | early
    bob         | established
    cat         | lead
"""


@pytest.mark.parametrize(
    ("scores", "gap"),
    [
        ("ann|early|5 \n bob|established|7 \n cat|lead|-", 0),
        ("ann|early|5 \n cat|lead|-", 1),  # bob is missing
        ("ann|early|5 \n bob|established|7 \n cat|lead|- \n eve|early|1", 1),  # nobody knows eve
        ("ann|early|5 \n ann|early|5 \n bob|established|7 \n cat|lead|-", 1),  # ann twice
        ("ann|early|- \n bob|established|7 \n cat|lead|-", 1),  # ann without a forecast
        ("ann|early|5 \n bob|established|7 \n cat|lead|3", 1),  # a lead with one
        ("ann|established|5 \n bob|early|7 \n cat|lead|-", 2),  # in each other's segment
    ],
)
def test_every_customer_is_scored_once_as_what_they_are(scores, gap):
    assert reconciliation_gap(table(FEATURES), table(f"customer_id|segment|clv_eur\n{scores}")) == gap


def test_empty_cells_count_where_a_forecast_is_and_a_value_may_be_expected():
    scores = table("""
    customer_id | segment | clv_eur | clv_low_eur | device
    ann         | early   | 5       | -           | app
    bob         | early   | 5       | -           | -
    cat         | lead    | -       | -           | -
    """)
    assert missing_share_worst(scores) == 0.5
    assert missing_share_worst(scores[scores.segment == "lead"]) == 0.0


def test_volume_is_told_against_the_time_before():
    assert volume_change(80, 100) == pytest.approx(-0.2)
    assert volume_change(80, None) is None


@pytest.mark.parametrize(
    ("trained", "retrain"),
    [(date(2026, 6, 22), "now"), (date(2026, 6, 23), "monthly")],
    ids=["14 days", "13 days"],
)
def test_training_is_advised_for_a_breach_of_a_model_that_is_two_weeks_old(trained, retrain):
    models = [model("early", EARLY, trained), model("established", ESTABLISHED, AS_OF)]
    given = advice([evidence_of(each, AS_OF) for each in models], AS_OF)
    assert given["retrain"] == retrain
    assert given["as_of"] == "2026-07-06"
    assert ("all, country=FR" in given["reason"]) == (retrain == "now")


def test_no_hurry_is_advised_for_a_sound_model():
    sound = "\n".join(ESTABLISHED.splitlines()[:3])
    assert advice([evidence_of(model("established", sound), AS_OF)], AS_OF)["retrain"] == "monthly"
