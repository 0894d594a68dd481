"""Drivers: what moves forecasts, how one driver works, why groups differ, and whether trainings agree."""

import pandas as pd
import streamlit as st

from app.dashboard import charts, driver_charts, driver_queries
from app.dashboard.shell import Desk
from app.drivers import figures
from app.drivers.dependence import along, by_name, central, is_number
from app.drivers.sample import Sample
from app.drivers.swarm import swarm
from app.report import words

TOP, STEPS, STEADY = 10, 8, 6
"""Drivers of the overview, of the way between two groups, and of the comparison of trainings."""
SWARM = 250


def drivers(desk: Desk) -> None:
    """Show the largest drivers, one driver by its value, two groups compared, and successive trainings."""
    segments = driver_queries.explained(desk.week)
    if not segments:
        st.info(
            "All drivers of a sample of customers are not published for this week: too little had closed to "
            "say what is typical, or an older version scored it. For a later week, or to score this one "
            f"again: `clv run --lake {desk.root} --as-of {desk.week.as_of} --replace`."
        )
        return
    st.markdown(
        "A forecast starts from the typical customer of its stage; drivers lift or lower it and add up "
        "to it exactly. They say what the model looked at, not what would happen if somebody changed it."
    )
    segment = st.segmented_control("Model", segments, default=segments[-1], required=True)
    sample = driver_queries.sample(desk.week, segment)
    if sample is None:
        return
    ranked = figures.sizes(sample.eur, len(sample.everybody))
    ranked = ranked[ranked.size_eur > 0]
    _overview(sample, ranked.head(TOP))
    _one_driver(sample, list(ranked.driver))
    _compare(desk, segment)
    _stability(desk, segment)


def _overview(sample: Sample, rows: pd.DataFrame) -> None:
    left, right = st.columns(2, gap="large")
    top = rows.iloc[0]
    with left:
        charts.draw(
            f"“{top.driver}” moves {sample.segment} forecasts most: {words.eur(top.size_eur, 2)} on average",
            driver_charts.sizes(rows),
            f"Mean size of a driver (mean |SHAP| in EUR) over {words.counted(len(sample.eur), 'customer')} "
            f"drawn by lot; thin lines: 95{words.SPACE}% intervals of what the draw leaves open.",
        )
    with right:
        points = swarm(sample, list(rows.driver), SWARM)
        amounts = points.groupby("driver").eur
        low, high = amounts.quantile(0.05), amounts.quantile(0.95)
        name = str((high - low).idxmax())
        charts.draw(
            f"“{name}” differs most between customers: {words.eur(float(low[name]))} to "
            f"{words.eur(float(high[name]))} for nine in ten",
            driver_charts.swarm(points, list(rows.driver)),
            f"Each point is one of {words.number(min(SWARM, len(sample.eur)))} customers; grey: a name, or "
            "not known.",
        )


def _one_driver(sample: Sample, ranked: list[str]) -> None:
    st.markdown("#### How does one driver work?")
    driver = st.selectbox("Driver", ranked, key=f"driver-{sample.segment}")
    meaning = sample.meaning(driver)
    if is_number(sample, driver):
        rows = central(sample, driver)
        charts.draw(
            _says(rows, driver, sample.unit(driver)),
            driver_charts.dependence(rows, meaning, in_eur=sample.unit(driver) == "EUR"),
            f"Points: customers; line: median of twelfths of them. {_left_out(sample, rows)}",
        )
        return
    named = by_name(sample, driver)
    if named.empty:
        st.info("This driver has no value that differs between customers.")
        return
    best, worst = named.iloc[0], named.iloc[-1]
    charts.draw(
        f"“{driver}” adds {words.eur(best.p50, 2)} for {words.short(best['name'])}, "
        f"{words.eur(worst.p50, 2)} for {words.short(worst['name'])}",
        driver_charts.names(named),
        "Bar: the middle half of customers, tick: median.",
    )


def _says(rows: pd.DataFrame, driver: str, unit: str) -> str:
    line = along(rows)
    first, last = line.iloc[0], line.iloc[-1]
    return (
        f"“{driver}” adds {words.eur(first.eur, 2)} at {_amount(first.value, unit)} and "
        f"{words.eur(last.eur, 2)} at {_amount(last.value, unit)}"
    )


def _amount(value: float, unit: str) -> str:
    if unit == "EUR":
        return words.eur(value)
    digits = 0 if float(value).is_integer() else 1 if abs(value) >= 1 else 2
    return f"{words.number(value, digits)}{words.SPACE}{unit}".rstrip()


def _left_out(sample: Sample, rows: pd.DataFrame) -> str:
    without = len(sample.eur) - len(rows)
    return f"Left out: {words.number(without)} with outermost values or amounts, or without a value."


def _compare(desk: Desk, segment: str) -> None:
    st.markdown("#### Why is one group worth more than another?")
    choices = driver_queries.choices(desk.week, segment)
    if not choices:
        st.info("There is only one group of 30 sampled customers or more.")
        return
    with st.container(horizontal=True):
        by = st.selectbox("Compare by", list(choices), key=f"by-{segment}")
        one = st.selectbox("This group", choices[by], index=0, key=f"one-{segment}-{by}")
        last = len(choices[by]) - 1
        other = st.selectbox("with this one", choices[by], index=last, key=f"other-{segment}-{by}")
    if one == other:
        st.info("Choose two groups.")
        return
    first, second = (driver_queries.group(desk.week, segment, by, name) for name in (one, other))
    rows = figures.difference(first, second, STEPS)
    means = (first.mean_eur, second.mean_eur)
    named = rows[rows.driver != figures.REST]
    largest = named.loc[named.eur.abs().idxmax()]
    charts.draw(
        f"{one} less {other}: {words.signed(means[0] - means[1], 2)} € per customer, of which "
        f"{words.signed(float(largest.eur), 2)} € are “{largest.driver}”",
        driver_charts.steps(rows, means, (f"mean of {one}", f"mean of {other}")),
        f"The steps add up to the difference of all customers of both groups; estimated on "
        f"{words.number(len(first.eur))} and {words.number(len(second.eur))} of them. Thin lines: "
        f"95{words.SPACE}% intervals of what the draw leaves open.",
    )


def _stability(desk: Desk, segment: str) -> None:
    st.markdown("#### Do the drivers stay the same from training to training?")
    found = driver_queries.agreements(desk.week, desk.days, segment)
    trained = found[found.is_new] if len(found) else found
    if trained.empty:
        st.caption("That shows once a second model has scored and its drivers are published.")
        return
    newest = trained.iloc[0]
    weeks = [driver_queries.week_at(desk.week, newest[name]) for name in ("now", "before")]
    samples = [driver_queries.sample(week, segment) for week in weeks]
    sized = [
        figures.sizes(sample.eur, len(sample.everybody)).assign(week=str(week.as_of))
        for week, sample in zip(weeks, samples, strict=True)
        if sample is not None
    ]
    steady = sized[0].head(STEADY).driver
    rows = pd.concat([one[one.driver.isin(steady)] for one in sized])
    tone = charts.colours()
    tones = dict(zip([str(week.as_of) for week in weeks], (tone.blue, tone.orange), strict=True))
    charts.draw(
        f"The models of {newest.now} and {newest.before} share {newest.shared} of their {newest.of} largest "
        f"drivers; their ranks correlate by {newest.spearman:.2f}",
        driver_charts.beside(rows, tones),
    )
    st.dataframe(_table(found), hide_index=True, width="stretch")
    st.caption(
        "Weeks next to each other, on the customers who are in both samples. Without a training between "
        "them the difference is that of a week's data alone."
    )


def _table(found: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "weeks": [f"{row.before} to {row.now}" for row in found.itertuples()],
            "new model": ["yes" if new else "no" for new in found.is_new],
            "Spearman": [f"{x:.3f}" for x in found.spearman],
            "Kendall": [f"{x:.3f}" for x in found.kendall],
            "largest shared": [f"{row.shared} of {row.of}" for row in found.itertuples()],
            "customers": [words.number(n) for n in found.customers],
            "model": found.model,
        }
    )
