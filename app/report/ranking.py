"""Today's deciles by forecast against deciles by last year's revenue: who differs."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from app.report import words
from app.report.blocks import Cell, Figure, Grid, Section
from app.report.canvas import chart
from app.report.inputs import Inputs
from app.report.intervals import interval
from clv.deciles import DECILES, decile

EXAMPLES = 5
DARK = 0.5  # of the darkest cell: from there on white letters are read more easily
TITLE = "Deciles against last year's revenue"


def ranking(inputs: Inputs) -> Section:
    """Return the decile table of the scores against 12m, where the rankings differ and for whom."""
    scored = inputs.scored
    rows = scored.assign(
        decile=scored.decile.astype(np.int64),
        decile_12m=decile(scored.baseline_last_year_eur, scored.customer_id),
    )
    idle = int((rows.baseline_last_year_eur == 0).sum())
    cut = f"Both rankings cut the same customers into tenths; {DECILES} is the highest. {words.BASELINE}."
    tied = (
        f"{words.counted(idle, 'customer')} had no net revenue in that year: 12m cannot order them and "
        "places them by id, the forecast orders them."
    )
    return Section(
        "deciles", TITLE, [cut, tied], [_agreement(rows), _movers(rows), _deciles(rows), _examples(rows)]
    )


def _deciles(rows: pd.DataFrame) -> Grid:
    total, total_12m = float(rows.clv_eur.sum()), float(rows.baseline_last_year_eur.sum())
    columns = (
        *("decile", "customers", "forecast from", "mean forecast", "share of forecast", "their mean 12m"),
        *("also this decile by 12m", "mean 12m of that decile", "share of 12m"),
    )
    body: list[list[str | Cell]] = []
    for place in sorted(rows.decile.unique(), reverse=True):
        ours, by_12m = rows[rows.decile == place], rows.baseline_last_year_eur[rows.decile_12m == place]
        body.append(
            [
                str(place),
                words.number(len(ours)),
                words.eur(ours.clv_eur.min(), 2),
                words.eur(ours.clv_eur.mean(), 2),
                words.percent(words.share_of(ours.clv_eur.sum(), total), 1),
                words.eur(ours.baseline_last_year_eur.mean(), 2),
                words.percent(float((ours.decile_12m == place).mean())),
                words.eur(by_12m.mean(), 2),
                words.percent(words.share_of(by_12m.sum(), total_12m), 1),
            ]
        )
    return Grid("Deciles by forecast, beside them the deciles by 12m", columns, body)


def _agreement(rows: pd.DataFrame) -> Figure:
    counts = pd.crosstab(rows.decile, rows.decile_12m).sort_index(ascending=False)
    shares = counts.div(counts.sum(axis=1), axis=0)
    with chart("agreement", 4.2) as drawn:
        axes = drawn.axes
        axes.grid(visible=False)
        axes.spines[:].set_visible(False)
        axes.pcolormesh(shares.to_numpy(), cmap="Blues", vmin=0, vmax=1, edgecolor="white", linewidth=1)
        for (row, column), share in np.ndenumerate(shares.to_numpy()):
            color = "white" if share > DARK else "black"
            text = words.number(100 * share) if share >= 0.005 else "·"
            axes.text(column + 0.5, row + 0.5, text, ha="center", va="center", color=color, fontsize=10)
        axes.set_xticks(np.arange(shares.shape[1]) + 0.5, [str(place) for place in shares.columns])
        axes.set_yticks(np.arange(shares.shape[0]) + 0.5, [str(place) for place in shares.index])
        axes.invert_yaxis()
        axes.tick_params(length=0)
        axes.set(xlabel="decile by last year's revenue (12m)", ylabel="decile by forecast")
        same = words.percent(float(shares.to_numpy()[0, -1]))
        return drawn.figure(
            f"{same} of the top tenth by forecast is also the top tenth by last year's revenue",
            f"In the cells: of 100 customers of a decile by forecast, how many stand in each decile by 12m. "
            f"{words.BASELINE}.",
        )


def _movers(rows: pd.DataFrame) -> Grid:
    ours, theirs = rows.decile == DECILES, rows.decile_12m == DECILES
    groups = [rows[ours & theirs], rows[ours & ~theirs], rows[theirs & ~ours]]
    lines: dict[str, Callable[[pd.DataFrame], str]] = {
        "customers": lambda g: words.number(len(g)),
        "mean forecast": lambda g: words.eur(g.clv_eur.mean(), 2),
        "mean 12m": lambda g: words.eur(g.baseline_last_year_eur.mean(), 2),
        "P(order)": lambda g: words.percent(g.p_active.mean()),
        "repeat purchase days": lambda g: words.number(g.frequency.mean(), 1),
        "days since last order": lambda g: words.number(g.recency_days.mean()),
        "days since first order": lambda g: words.number(g.tenure_days.mean()),
    }
    body: list[list[str | Cell]] = [[name, *map(write, groups)] for name, write in lines.items()]
    columns = ("means", "by both", "by forecast only", "by 12m only")
    return Grid("Who is in the top tenth", columns, body, wide=False)


def _examples(rows: pd.DataFrame) -> Grid:
    """Return the customers of one top tenth that stand lowest by the other ranking."""
    rises = rows[(rows.decile == DECILES) & (rows.decile_12m < DECILES)]
    falls = rows[(rows.decile_12m == DECILES) & (rows.decile < DECILES)]
    columns = (
        *("customer_id", "", "decile", "decile by 12m", "forecast", "12m"),
        *("repeat purchase days", "days since last order", "days since first order"),
    )
    body = [
        *_furthest("raised by the forecast", rises, ["decile_12m", "clv_eur"]),
        *_furthest("lowered by the forecast", falls, ["decile", "baseline_last_year_eur"]),
    ]
    note = (
        f"The {EXAMPLES} largest moves each way between the top tenth and the rest. In small print: the "
        f"customer's 80{words.SPACE}% interval. {words.BASELINE}."
    )
    return Grid("Customers on whom the rankings differ most", columns, body, names=2, note=note)


def _furthest(move: str, rows: pd.DataFrame, by: list[str]) -> list[list[str | Cell]]:
    ordered = rows.sort_values([*by, "customer_id"], ascending=[True, False, True])
    return [
        [
            words.short(row["customer_id"]),
            move,
            *(str(row[name]) for name in ("decile", "decile_12m")),
            Cell(words.eur(row["clv_eur"], 2), interval(row)),
            words.eur(row["baseline_last_year_eur"], 2),
            *(words.number(row[name]) for name in ("frequency", "recency_days", "tenure_days")),
        ]
        for row in ordered.head(EXAMPLES).to_dict("records")
    ]
