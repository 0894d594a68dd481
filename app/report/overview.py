"""What was scored: how many customers, by which model, worth how much."""

import math
from datetime import timedelta

import pandas as pd

from app.report import words
from app.report.backtest import captured, sentence
from app.report.blocks import Cell, Grid, Section, Tile
from app.report.inputs import Inputs
from clv.metrics import capture
from clv.segments import EARLY, EARLY_MAX_AGE_DAYS, LEAD, SEGMENTS

MEANINGS = {
    LEAD: "no order yet, no forecast",
    EARLY: f"one order, at most {EARLY_MAX_AGE_DAYS} days old",
    "established": "everyone else",
}
VERSIONS = 3


def overview(inputs: Inputs) -> Section:
    """Return the first section: headline figures, segments and models, and what to know when reading on."""
    scored, expected = inputs.scored, float(inputs.scored.clv_eur.sum())
    last = inputs.horizon.end(inputs.as_of) - timedelta(days=1)
    before = words.eur_short(float(scored.monetary_365d_eur.sum()))
    total = (
        f"{words.counted(len(scored), 'customer')} are expected to bring {words.eur_short(expected)} of net "
        f"revenue in the {inputs.horizon.days} days from {words.day(inputs.as_of)} to {words.day(last)}. "
        f"The same customers brought {before} in the 365 days before."
    )
    says = [total]
    if inputs.backtest is not None:
        says.append(sentence(inputs.backtest))
    return Section("scored", "What was scored", says, [_segments(inputs)], _tiles(inputs), _notes(inputs))


def _tiles(inputs: Inputs) -> list[Tile]:
    scored = inputs.scored
    leads = len(inputs.scores) - len(scored)
    baseline = float(scored.baseline_last_year_eur.sum())
    expected = float(scored.clv_eur.sum())
    tiles = [
        Tile(
            words.number(len(scored)),
            "customers scored",
            f"and {words.counted(leads, 'lead')} without an order",
        ),
        Tile(words.eur_short(expected), "expected net revenue", f"12m says {words.eur_short(baseline)}"),
    ]
    if inputs.backtest is not None:
        held = captured(inputs.backtest)
        tiles.append(
            Tile(
                words.percent(held["ours"]),
                "held by the top tenth",
                f"in the backtest; 12m {words.percent(held['12m'])}",
            )
        )
    return tiles


def _segments(inputs: Inputs) -> Grid:
    scores, total = inputs.scores, float(inputs.scored.clv_eur.sum())
    rows = [_segment(scores[scores.segment == name], name, len(scores), total) for name in reversed(SEGMENTS)]
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
    everyone = _segment(scores, "all", len(scores), total)
    return Grid("Segments: every customer is in exactly one", columns, rows, names=2, total=everyone)


def _segment(rows: pd.DataFrame, name: str, everyone: int, total: float) -> list[str | Cell]:
    expected, has_money = float(rows.clv_eur.sum()), bool(rows.clv_eur.notna().any())
    return [
        Cell(name, MEANINGS.get(name, "")),
        _versions(rows) if name in SEGMENTS else "",
        words.number(len(rows)),
        words.percent(len(rows) / everyone),
        words.eur(expected) if has_money else words.NOTHING,
        words.percent(words.share_of(expected, total)) if has_money else words.NOTHING,
        words.eur(float(rows.clv_eur.mean()), 2),
        words.percent(float(rows.p_active.mean())),
    ]


def _versions(rows: pd.DataFrame) -> str:
    """Return the models that scored these customers, the most frequent first."""
    versions = (
        rows.model_version.value_counts(sort=False).sort_index().sort_values(ascending=False, kind="stable")
    )
    named = ", ".join(map(words.short, versions.index[:VERSIONS]))
    rest = len(versions) - VERSIONS
    return f"{named} and {rest} more" if rest > 0 else named or words.NOTHING


def _notes(inputs: Inputs) -> list[str]:
    """Return what a reader must know: fallbacks, missing intervals, and what the backtest remarked."""
    scored = inputs.scored
    notes = []
    for prefix, why in FALLBACKS.items():
        fallen = scored[scored.model_version.fillna("").str.startswith(prefix)]
        if len(fallen):
            who = " and ".join(sorted(fallen.segment.unique()))
            notes.append(f"{words.counted(len(fallen), 'customer')} ({who}) have a forecast of {why}")
    if len(scored) and scored.clv_low_eur.isna().all():
        notes.append("Intervals of single customers are not estimated yet; none are shown.")
    if not math.isfinite(float(scored.p_active.mean())):
        notes.append("The models used give no probability of an order.")
    return notes


FALLBACKS = {
    "btyd": (
        "the buy-till-you-die model, which needs no labels: no past horizon of this length "
        "has closed, or it was the better one. A shorter --horizon-days may have one that did."
    ),
    "pooled": "the pooled model: their segment has too few customers to train its own, or its own was worse.",
}
