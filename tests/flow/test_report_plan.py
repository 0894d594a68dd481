"""The report's section of decisions: the plan that was committed, how it may turn out, what experiments found."""

import json
from dataclasses import replace

import pandas as pd
import pytest

from app.report.build import page, write_report
from app.report.decisions import read_decisions
from app.report.inputs import read_inputs
from app.report.outlook_words import curve_says, frontier_says
from clv.decision_tables import AUDIENCE, PROFIT_DRAWS
from clv.frames import read_frame
from clv.partitions import decided_at, readouts_of
from decisions.decided import decided
from tests.flow.report_page import Page
from tests.flow.weekly_lake import AS_OF

CONTACTS = "Whom to contact, how, and what comes back"
EXPERIMENTS = "Experiments, as last read out"


@pytest.fixture(scope="module")
def report(tried):
    return Page(write_report(tried, AS_OF))


@pytest.fixture(scope="module")
def audience(tried):
    return read_frame(tried.files(decided_at(AS_OF), f"{AUDIENCE.name}/"))


def test_who_is_contacted_is_the_audience_that_the_weekly_run_committed(report, audience):
    sums = audience.groupby(["action", "purpose"]).agg(
        customers=("cost_eur", "size"), cost_eur=("cost_eur", "sum")
    )
    *rows, total = report.tables[CONTACTS][1:]
    assert [row[3] for row in rows] == [f"{count:,}" for count in sums.customers]
    assert [row[5] for row in rows] == [f"€{eur:,.0f}" for eur in sums.cost_eur]
    assert {row[2] for row in rows} == {"assumed"}
    assert total[3] == f"{len(audience):,}"
    assert total[5] == f"€{audience.cost_eur.sum():,.0f}"


def test_the_risk_is_that_of_the_draws(report, tried):
    profit = decided(tried, AS_OF).table(PROFIT_DRAWS).profit_eur
    lost = f"{100 * (profit < 0).mean():.1f} %"
    assert (
        f"of 4,000 simulated outcomes, in which forecasts, uplifts and luck vary, {lost} end in a loss"
        in report.text
    )
    assert f"{lost} of outcomes end in a loss" in report.captions
    worst = profit.nsmallest(200)
    for figure in (worst.max(), worst.mean()):
        assert f"a {'profit' if figure > 0 else 'loss'} of €{abs(figure):,.0f}" in report.text


def test_a_plan_that_rests_on_assumptions_says_so(report, audience):
    assert f"Uplifts of {len(audience):,} of {len(audience):,} contacts are assumed" in report.text


def test_the_frontier_of_clv_simulate_is_on_the_page_and_without_it_what_computes_it(report, tried, scored):
    assert [one for one in report.captions if one.startswith("Most profit: €")]
    assert "chart-plan-frontier" in report.source
    weekly = page(read_inputs(scored[0], AS_OF))
    assert "chart-plan-curve" in weekly
    assert "chart-plan-frontier" not in weekly
    assert f"clv simulate --lake DIR --as-of {AS_OF}" in weekly


def test_an_experiment_is_told_in_one_line(report, tried):
    told = json.loads(tried.committed_text(f"{readouts_of('spring')}/as_of=2025-10-01", "readout.json"))
    assert report.tables[EXPERIMENTS][1:] == [["spring", "2025-10-01", told["verdict"]]]


def test_without_a_plan_the_page_says_what_makes_one_and_why_there_is_none(tried):
    inputs = read_inputs(tried, AS_OF)
    why = "no plan: the setting plan_budget_eur is 0"
    html = page(replace(inputs, decisions=replace(read_decisions(tried, AS_OF), plan=None, notes=[why])))
    assert "No plan: the setting plan_budget_eur is 0. `clv run --lake DIR" in html
    assert "chart-plan" not in html


@pytest.mark.parametrize(
    ("cvar_eur", "says"),
    [
        (
            [5.0, 40.0, 100.0],
            "Most profit: €300, with €100 lost in bad outcomes; half that loss costs €100 of profit",
        ),
        ([90.0, 95.0, 100.0], "Most profit: €300, with €100 lost in bad outcomes"),
        ([-90.0, -80.0, -70.0], "Most profit: €300, and €70 even in bad outcomes"),
    ],
)
def test_the_frontier_says_what_less_risk_costs(cvar_eur, says):
    assert frontier_says(pd.DataFrame({"profit_eur": [100.0, 200.0, 300.0], "cvar_eur": cvar_eur})) == says


def test_the_spend_curve_says_where_more_money_brings_nothing():
    rows = {
        "budget_eur": [20.0, 50.0],
        "spent_eur": [20.0, 30.0],
        "profit_eur": [40.0, 45.0],
        "marginal_roi": [0.5, 0.0],
    }
    curve = pd.DataFrame(rows)
    assert curve_says(curve, 20) == "The first €20 bring €40; at €20 one euro more brings €0.50 beyond itself"
    assert curve_says(curve, 50) == "The first €20 bring €40; more than €30 would bring nothing"
