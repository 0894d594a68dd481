"""What was scored: how many customers, by which model, worth how much."""

from datetime import timedelta

import pandas as pd

from app.report import words
from app.report.backtest import captured, sentence
from app.report.blocks import Cell, Grid, Section, Tile
from app.report.inputs import Inputs
from clv.metrics import capture
from clv.segments import EARLY, EARLY_MAX_AGE_DAYS, ESTABLISHED, LEAD

MEANINGS = {
    ESTABLISHED: "everyone else",
    EARLY: f"one order, at most {EARLY_MAX_AGE_DAYS} days old",
    LEAD: "no order yet, no forecast",
}
VERSIONS = 3


def overview(inputs: Inputs) -> Section:
    """Return the first section: headline figures, segments with their models, and what the run remarked."""
    scored = inputs.scored
    last = inputs.horizon.end(inputs.as_of) - timedelta(days=1)
    before = words.eur_short(float(scored.monetary_365d_eur.sum()))
    total = (
        f"{words.counted(len(scored), 'customer')} are expected to bring "
        f"{words.eur_short(float(scored.clv_eur.sum()))} of net revenue in the {inputs.horizon.days} days "
        f"from {words.day(inputs.as_of)} to {words.day(last)}. The same customers brought {before} in the "
        "365 days before."
    )
    says = [total] if inputs.backtest is None else [total, sentence(inputs.backtest)]
    return Section("scored", "What was scored", says, [_segments(inputs)], _tiles(inputs), list(inputs.notes))


def _tiles(inputs: Inputs) -> list[Tile]:
    scored, leads = inputs.scored, len(inputs.scores) - len(inputs.scored)
    expected, last_year = (
        words.eur_short(float(scored[c].sum())) for c in ("clv_eur", "baseline_last_year_eur")
    )
    mean, median = (words.eur(float(of), 2) for of in (scored.clv_eur.mean(), scored.clv_eur.median()))
    top = words.percent(capture(scored.clv_eur, scored.clv_eur))
    tiles = [
        Tile(
            words.number(len(scored)),
            "customers scored",
            f"and {words.counted(leads, 'lead')} without an order",
        ),
        Tile(expected, "expected net revenue", f"12m says {last_year}"),
        Tile(mean, "expected per customer", f"median {median}"),
        Tile(top, "of it in the top tenth", "of customers by forecast"),
    ]
    if inputs.backtest is not None:
        held = {name: words.percent(share) for name, share in captured(inputs.backtest).items()}
        tiles.append(Tile(held["ours"], "held by the top tenth", f"in the backtest; by 12m {held['12m']}"))
    return tiles


def _segments(inputs: Inputs) -> Grid:
    scores, total = inputs.scores, float(inputs.scored.clv_eur.sum())
    body: list[list[str | Cell]] = []
    for name, meaning in MEANINGS.items():
        group = scores[scores.segment == name]
        body.append([Cell(name, meaning), _versions(group), *_figures(group, len(scores), total)])
    columns = (
        "segment",
        "model version",
        "customers",
        "share",
        "expected €",
        "share of €",
        "mean €",
        "P(order)",
    )
    everyone: list[str | Cell] = ["all", "", *_figures(scores, len(scores), total)]
    title = "Segments: every customer is in exactly one"
    return Grid(title, columns, body, names=2, total=everyone)


def _figures(rows: pd.DataFrame, everyone: int, total: float) -> list[str]:
    expected = float(rows.clv_eur.sum(min_count=1))  # NaN, not 0, where nobody has a forecast
    return [
        words.number(len(rows)),
        words.percent(len(rows) / everyone),
        words.eur(expected),
        words.percent(words.share_of(expected, total)),
        words.eur(float(rows.clv_eur.mean()), 2),
        words.percent(float(rows.p_active.mean())),
    ]


def _versions(rows: pd.DataFrame) -> str:
    """Return the models that scored these customers, the most frequent first."""
    counts = rows.groupby("model_version").size().sort_values(ascending=False, kind="stable")
    named = ", ".join(map(words.short, counts.index[:VERSIONS]))
    rest = len(counts) - VERSIONS
    return f"{named} and {rest} more" if rest > 0 else named or words.NOTHING
