"""Runs: the weekly history, what runs cost, and where the scores come from."""

import json
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from app.dashboard import charts
from app.dashboard.runs_on_record import steps, trainings, unfinished, weeks
from app.dashboard.shell import Desk
from app.report import words
from clv.partitions import scores_at
from glue_jobs.lineage import LINEAGE


def runs(desk: Desk) -> None:
    """Show published weeks, time and cost of runs, trainings with their verdicts, and lineage."""
    rows = weeks(desk.root, desk.days)
    for run_id in unfinished(desk.root, list(rows.run_id)):
        st.warning(f"Run {run_id} began and has not ended: it is at work, or was interrupted.")
    _weeks(rows)
    left, right = st.columns(2, gap="large")
    with left:
        _cost(rows)
    with right:
        _steps(desk)
    _trainings(desk)
    _lineage(desk)


def _weeks(rows: pd.DataFrame) -> None:
    newest = rows.iloc[0]
    says = f"{words.counted(len(rows), 'published week')}, the newest of {words.day(newest.as_of)}"
    if len(rows) > 1:
        change = float(newest.clv_eur / rows.clv_eur.iloc[1] - 1)
        moved = words.signed(100 * change, 1)
        says += f": expected revenue {moved} % against {words.day(rows.as_of.iloc[1])}"
    st.markdown(f"##### {says}")
    names = {
        "as_of": "t₀",
        "customers": "customers",
        "clv_eur": "expected revenue",
        "mean_eur": "per customer",
        "seconds": "at work",
        "cost_eur": "cost",
        "run_id": "run",
    }
    number = st.column_config.NumberColumn
    st.dataframe(
        rows[list(names)].rename(columns=names),
        hide_index=True,
        column_config={
            "customers": number(format="localized"),
            "expected revenue": number(format="euro"),
            "per customer": number(format="euro"),
            "at work": number(format="%.0f s"),
            "cost": number(format="€%.2f"),
        },
    )


def _cost(rows: pd.DataFrame) -> None:
    known = rows[rows.cost_eur.notna()]
    if known.empty:
        st.info("What runs cost is not known: no week was watched.")
        return
    known = known.assign(week=known.as_of.astype(str), what="0")
    chart = (
        alt.Chart(known)
        .mark_bar(color=charts.colours().blue, size=charts.BAR)
        .encode(
            x=alt.X("week:O", title="t₀"),
            y=alt.Y("cost_eur:Q", title="EUR a run", axis=alt.Axis(format=".2f")),
            tooltip=charts.shown(week=("t₀", ""), cost_eur=("EUR", ".3f"), seconds=("seconds", ",.0f")),
        )
        .properties(height=240)
    )
    charts.draw(
        f"A run costs about {words.eur(float(known.cost_eur.median()), 2)} on AWS",
        chart,
        "Estimated from the seconds of its jobs and AWS's prices; `clv cost` says of what.",
    )


def _steps(desk: Desk) -> None:
    rows = steps(desk.week)
    if rows.empty:
        st.info("How long the jobs of this run took was not kept.")
        return
    longest = rows.loc[rows.seconds.idxmax()]
    chart = (
        alt.Chart(rows)
        .mark_bar(color=charts.colours().blue)
        .encode(
            y=alt.Y("step:N", sort=None, title=None),
            x=alt.X("seconds:Q", title="seconds at work"),
            tooltip=charts.shown(step=("step", ""), seconds=("seconds", ",.1f")),
        )
        .properties(height=240)
    )
    charts.draw(
        f"{longest.step.capitalize()} took longest: {words.number(float(longest.seconds), 1)} s", chart
    )


def _trainings(desk: Desk) -> None:
    rows = trainings(desk.root)
    if rows.empty:
        return
    refused = int((rows.verdict != "Approved").sum())
    st.markdown(f"##### {words.counted(len(rows), 'training')}, {refused or 'none'} refused")
    st.dataframe(rows, hide_index=True, column_config={"why": st.column_config.TextColumn(width="large")})


def _lineage(desk: Desk) -> None:
    text = desk.week.lake.committed_text(scores_at(desk.week.as_of), LINEAGE)
    if text is None:
        st.caption("Where these scores come from was not noted; publish that week again to have it.")
        return
    origin = _told(text)
    st.markdown(
        f"##### These scores come from code {origin['code_version']} and {len(origin['models'])} models"
    )
    models = [
        {
            "segment": segment,
            "model": of["model_version"],
            "package": of["package"],
            "trained": of["trained_as_of"],
            "taught by": _window(of["training_as_ofs"]),
            "code": of["code_version"],
        }
        for segment, of in origin["models"].items()
    ]
    st.dataframe(pd.DataFrame(models), hide_index=True)
    with st.expander("Data: what was read, and the deliveries behind it"):
        st.dataframe(_read(origin), hide_index=True)
        st.dataframe(_deliveries(origin), hide_index=True)


def _told(text: str) -> dict[str, Any]:
    return dict(json.loads(text))


def _window(days: list[str] | None) -> str:
    return f"{days[0]} to {days[-1]}" if days else "no label"


def _read(origin: dict[str, Any]) -> pd.DataFrame:
    ledgers = origin["data"]["ledgers"]
    rows = [
        (name, run, (ledgers.get(run) or {}).get("run_id")) for name, run in origin["data"]["read"].items()
    ]
    return pd.DataFrame(rows, columns=["made of", "run", "ledger"])


def _deliveries(origin: dict[str, Any]) -> pd.DataFrame:
    rows = {
        table: {"raw table": table, **of}
        for ledger in origin["data"]["ledgers"].values()
        for table, of in ((ledger or {}).get("deliveries") or {}).items()
    }
    return pd.DataFrame(rows.values())
