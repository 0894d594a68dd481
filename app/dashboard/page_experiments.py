"""Experiments: what each was designed to find, how long that takes, and what it found."""

import json
import math
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from app.dashboard import charts
from app.dashboard.shell import Desk
from app.dashboard.store import names_below, told
from app.experiment_words import figures, harm_lines
from app.report import words
from clv.partitions import experiment_at, readouts_of

DESIGN, READOUT = "design.json", "readout.json"
FOLDER = "experiments"
EFFECTS = {
    "revenue, capped and adjusted": "revenue_adjusted",
    "where the rules differ": "revenue_differing",
    "revenue, capped": "revenue_winsorised",
    "revenue": "revenue",
}
"""What a chart calls the figures of a read-out."""


def experiments(desk: Desk) -> None:
    """Show the design, the power curve and the read-outs of the experiment that the reader chooses."""
    names = names_below(desk.root, FOLDER)
    known = [name.split("/")[1] for name in names if name.count("/") == 2 and name.endswith(f"/{DESIGN}")]
    if not known:
        st.info(
            "No experiment is declared. To compare targeting by CLV with the RFM rule, run "
            f"`clv experiment design --lake {desk.root} --name NAME`."
        )
        return
    name = st.selectbox("Experiment", known) if len(known) > 1 else known[0]
    design = told(desk.root, f"{experiment_at(name)}/{DESIGN}")
    left, right = st.columns(2, gap="large")
    with left:
        _design(desk, design)
    with right:
        _power(design["power"])
    _readout(desk, name)


def _design(desk: Desk, told_design: dict[str, Any]) -> None:
    design, power = told_design["design"], told_design["power"]
    st.markdown(
        f"##### {design['name']}: {words.counted(power['members'], 'customer')}, {design['weeks']} weeks "
        f"from {design['start']}"
    )
    rows = {
        "control: the RFM rule": words.counted(power["control"], "customer"),
        "treatment: CLV ranking": words.counted(power["treatment"], "customer"),
        "contacts by each rule": words.number(design["contacts"]),
        "cost of a contact": words.eur(design["cost_per_contact_eur"], 2),
        "decides": f"revenue per customer, {design['decides']} customers",
        "revenue capped at": words.eur(design["winsor_cap_eur"], 2),
        "level and power": f"{words.percent(design['alpha'])} and {words.percent(design['power'])}",
        "scores of": str(design["as_of"]),
    }
    st.table(pd.DataFrame(rows.items(), columns=["what", "of this design"]).set_index("what"))
    if desk.week.lake.current(f"{experiment_at(design['name'])}/arms") is None:
        st.info(
            "Arms are not drawn yet: "
            f"`clv experiment assign --lake {desk.root} --name {design['name']}` does."
        )


def _power(power: dict[str, Any]) -> None:
    rows, tone = pd.DataFrame(power["durations"]), charts.colours()
    smallest = alt.Y(
        "mde_relative:Q", title="smallest lift found", axis=alt.Axis(format="%"), scale=alt.Scale(zero=True)
    )
    curve = (
        alt.Chart(rows)
        .mark_line(point={"size": 70, "color": tone.blue}, color=tone.blue)
        .encode(
            x=alt.X("weeks:Q", title="weeks"),
            y=smallest,
            tooltip=charts.shown(weeks=("weeks", ",.0f"), mde_relative=("smallest lift found", ".1%")),
        )
    )
    wanted = alt.Chart(pd.DataFrame({"lift": [power["lift"]]}))
    line = wanted.mark_rule(color=tone.orange, strokeDash=[6, 4]).encode(y="lift:Q")
    weeks, lift = power["weeks_for_lift"], words.percent(power["lift"], 1)
    says = (
        f"A lift of {lift} is not found within {rows.weeks.max()} weeks"
        if weeks is None
        else f"A lift of {lift} takes {weeks} weeks to be found"
    )
    charts.draw(says, (curve + line).properties(height=300), f"Dashed: a lift of {lift}.")


def _readout(desk: Desk, name: str) -> None:
    lake = desk.week.lake
    days = lake.partitions(readouts_of(name), "as_of")
    if not days:
        st.info(f"Nothing is read out yet: `clv experiment readout --lake {desk.root} --name {name}` does.")
        return
    day = st.selectbox("Read on", days[::-1]) if len(days) > 1 else days[0]
    found = _numbers(lake.committed_text(f"{readouts_of(name)}/as_of={day}", READOUT))
    st.markdown(f"#### Read on {day}")
    st.info(found["verdict"], icon=":material/balance:")
    for line in found["warnings"]:
        st.warning(line)
    _effects(found)
    columns = ["per customer", "control", "treatment", "difference", "95 % interval", "p"]
    st.dataframe(pd.DataFrame(figures(found), columns=columns), hide_index=True)
    with st.expander("Watched for harm"):
        for line in harm_lines(found):
            st.markdown(f"- {line}")


def _effects(found: dict[str, Any]) -> None:
    parts = ("difference", "low", "high")
    effects = [
        {"figure": name, **{part: found[key][part] for part in parts}} for name, key in EFFECTS.items()
    ]
    main, tone = found["primary"], charts.colours()
    base = alt.Chart(charts.wrapped(pd.DataFrame(effects), "figure")).encode(y=charts.names("figure"))
    title = "EUR per customer, treatment less control"
    line = base.mark_rule(size=3, color=tone.blue).encode(x=alt.X(**charts.eur("low", title)), x2="high:Q")
    point = base.mark_point(filled=True, size=110, color=tone.blue, opacity=1).encode(
        x=alt.X(**charts.eur("difference", title)),
        tooltip=charts.shown(
            figure=("figure", ""),
            difference=("difference, €", ",.2f"),
            low=("from", ",.2f"),
            high=("to", ",.2f"),
        ),
    )
    zero = alt.Chart(pd.DataFrame({"x": [0]})).mark_rule(color=tone.orange, strokeDash=[6, 4]).encode(x="x:Q")
    charts.draw(
        f"{_says(main)}: {words.signed(main['difference'], 2)} € per customer "
        f"({words.span(words.signed(main['low'], 2), words.signed(main['high'], 2))})",
        (zero + line + point).properties(height=260),
        "Lines: 95 % intervals; dashed: no difference.",
    )


def _says(main: dict[str, float]) -> str:
    if main["low"] > 0:
        return "The CLV ranking brings more than the RFM rule"
    return "The CLV ranking brings less than the RFM rule" if main["high"] < 0 else "No difference is shown"


def _numbers(text: str | None) -> dict[str, Any]:
    """Return a read-out with NaN where the file has null, as its words expect."""
    return dict(_nan(json.loads(text or "{}")))


def _nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _nan(one) if name not in KEPT_NULL else one for name, one in value.items()}
    if isinstance(value, list):
        return [_nan(one) for one in value]
    return math.nan if value is None else value


KEPT_NULL = {"churn_high_value"}
"""Null for what is not measured yet."""
