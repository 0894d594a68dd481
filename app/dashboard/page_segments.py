"""Segments: where the value is, whether forecasts hold in every group, and what drifts."""

import pandas as pd
import streamlit as st

from app.dashboard import charts, group_charts, queries
from app.dashboard.shell import Desk
from app.dashboard.store import monitored
from app.report import words
from clv.indicators import CALIBRATION_HIGH, CALIBRATION_LOW
from clv.monitoring_tables import HINDSIGHT, SEGMENT_REPORT
from clv.tables import DRIFT

STAGES = {
    "early and established": ("early", "established"),
    "early": ("early",),
    "established": ("established",),
}
FIGURES = {
    "mean": ("mean_eur", "per customer", ("€", ",.0f")),
    "total": ("clv_eur", "in total", ("€", ".3~s")),
    "customers": ("customers", "customers", ("", ",.0f")),
}
"""Column, what it is, and how a figure is written."""

WIDEST = 12
"""Rows of a chart of groups, those with the most revenue."""


def segments(desk: Desk) -> None:
    """Show value by country and channel, calibration by group with its limits, hindsight and drift."""
    _map(desk)
    _calibration(monitored(desk.root, desk.week.as_of, SEGMENT_REPORT.name))
    _hindsight(monitored(desk.root, desk.week.as_of, HINDSIGHT.name))
    _drift(monitored(desk.root, desk.week.as_of, DRIFT.name))


def _map(desk: Desk) -> None:
    with st.container(horizontal=True):
        stage = st.segmented_control("Stage", list(STAGES), default=next(iter(STAGES)), required=True)
        figure = st.segmented_control("Show", list(FIGURES), default="mean", required=True)
    rows = queries.groups(desk.week, STAGES[stage])
    if rows.empty:
        st.info(f"No country × channel has {queries.SMALLEST_GROUP} customers of this stage.")
        return
    value, what, written = FIGURES[figure]
    best = rows.loc[rows[value].idxmax()]
    most = words.number(float(best[value])) if figure == "customers" else words.eur_short(float(best[value]))
    charts.draw(
        f"{words.short(best.country)} × {words.short(best.channel)} leads: {most} {what}",
        group_charts.heat(rows, value, written),
        f"Groups of fewer than {queries.SMALLEST_GROUP} customers are left out: their means are luck.",
    )


def _calibration(report: pd.DataFrame | None) -> None:
    if report is None or report.empty:
        st.info("Forecasts by group are not judged yet: too little has closed, or nobody watched this week.")
        return
    judged = report[(report.source == "evaluation") & ~report.dimension.isin(["all", "stage"])]
    models = sorted(judged.model.unique())
    model = st.segmented_control("Model", models, default=models[-1], required=True)
    rows = judged[(judged.model == model) & judged.material & judged.calibration_ratio.notna()]
    if rows.empty:
        st.info(f"No group of the {model} model is large enough to be judged.")
        return
    flagged, sure = (int(rows[flag].sum()) for flag in ("out_of_calibration", "surely_out_of_calibration"))
    shown = _ratios(rows.sort_values("share_of_revenue", ascending=False).head(WIDEST))
    charts.draw(
        f"{words.counted(len(rows), 'group')} judged: {flagged or 'none'} outside the limits, "
        f"{sure or 'none'} surely",
        group_charts.banded(shown, "forecast / what came", (CALIBRATION_LOW, CALIBRATION_HIGH)),
        f"Out of time, of {rows.judged_as_of.iloc[0]}, with 95 % intervals; the {len(shown)} groups with the "
        f"most revenue. Shaded: {CALIBRATION_LOW} to {CALIBRATION_HIGH}. Surely: the whole interval is.",
    )


def _ratios(rows: pd.DataFrame) -> pd.DataFrame:
    luck = rows.out_of_calibration.map({True: group_charts.LUCK, False: group_charts.WITHIN})
    return rows.assign(
        group=rows.dimension.str.replace("clv_band", "band") + " " + rows.value,
        low=rows.calibration_low,
        high=rows.calibration_high,
        value=rows.calibration_ratio,
        verdict=luck.mask(rows.surely_out_of_calibration, group_charts.SURE),
    )


def _hindsight(rows: pd.DataFrame | None) -> None:
    if rows is None or rows.empty:
        st.caption("Earlier scores cannot be held against what came since: none are old enough.")
        return
    rows = rows.sort_values("days").groupby(["scored_as_of", "segment"], as_index=False).last()
    luck = rows.flag.map({True: group_charts.LUCK, False: group_charts.WITHIN})
    shown = rows.assign(
        group=rows.segment + ", scores of " + rows.scored_as_of.astype(str),
        low=rows.ratio_low,
        high=rows.ratio_high,
        value=rows.ratio,
        verdict=luck.mask(rows.sure, group_charts.SURE),
    ).sort_values(["scored_as_of", "segment"], ignore_index=True)
    first = shown.iloc[0]
    charts.draw(
        f"Of what should have come by now of the scores of {words.day(first.scored_as_of)}, "
        f"{words.percent(float(first.value))} came ({first.segment} customers)",
        group_charts.banded(
            shown.head(WIDEST), "came / should have come by now", (CALIBRATION_LOW, CALIBRATION_HIGH)
        ),
        "What should have come by now follows from how revenue came in over earlier horizons.",
    )


def _drift(rows: pd.DataFrame | None) -> None:
    if rows is None or rows.empty:
        st.caption("Drift is not known yet: there is no earlier profile to compare with.")
        return
    moved = rows[rows.flag != "stable"]
    if moved.empty:
        st.success(
            f"No drift: none of {words.number(rows.variable.nunique())} variables has moved since the model "
            "was made or since the week before.",
            icon=":material/check:",
        )
        return
    st.markdown(f"##### {words.counted(moved.variable.nunique(), 'variable')} moved")
    names = {
        "segment": "model",
        "against": "compared with",
        "variable": "variable",
        "flag": "verdict",
        "psi": "PSI",
    }
    st.dataframe(
        moved.sort_values("psi", ascending=False)[list(names)].rename(columns=names),
        hide_index=True,
        column_config={"PSI": st.column_config.NumberColumn(format="%.3f")},
    )
