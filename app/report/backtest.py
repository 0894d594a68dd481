"""The backtest: a forecast of the past beside what came, beside last year's revenue and a perfect ranking."""

from datetime import timedelta

from app.report import words
from app.report.blocks import Cell, Figure, Grid, Section
from app.report.calibration import calibrated, calibration_figure, decile_grid
from app.report.canvas import BLACK, BLUE, GREEN, VERMILLION
from app.report.curves import TOPS, Curve, Words, curves_figure
from app.report.groups import group_grid
from app.report.inputs import Backtest, Inputs
from app.report.leaderboard import BASELINE_MODEL, best_btyd, differences, leaderboard, ranking_figure
from app.report.uplift import uplift_grid
from app.report.walk import walk_grid
from clv.metrics import capture

TITLE = "How good the forecast is"
VERDICTS = {
    "Approved": "this model may score",
    "PendingManualApproval": "not shown to be good enough, so another model would score",
    "Rejected": "refused, so another model would score",
}
LOOKS = ((BLUE, "-"), (VERMILLION, "--"), (GREEN, "-."))


def judgement(inputs: Inputs) -> Section:
    """Return the leaderboard, gains and calibration of the newest backtest of the same horizon."""
    back = inputs.backtest
    if back is None:
        day, horizon = inputs.as_of - timedelta(days=inputs.horizon.days), inputs.horizon.days
        missing = (
            f"No backtest of {horizon} days in this lake yet: "
            f"`clv backtest --lake DIR --as-of {day} --horizon-days {horizon}` writes it."
        )
        return Section("backtest", TITLE, [missing])
    deciles = calibrated(back)
    more = (uplift_grid(back), decile_grid(deciles), group_grid(back), walk_grid(inputs))
    blocks: list[Figure | Grid] = [leaderboard(back), differences(back), *(one for one in more if one)]
    if back.has_revenue:
        blocks[:0] = [_gains(back), ranking_figure(back), calibration_figure(back, deciles), _held(back)]
    says = [_setting(back, inputs.horizon.days), sentence(back)]
    notes = [*_gate(back), *map(str, back.leaderboard["notes"])]
    return Section("backtest", TITLE, says, blocks, notes=notes)


def _gate(back: Backtest) -> list[str]:
    """Return what the promotion rules would say to these figures, a line per segment."""
    return [
        f"Promotion rules, {segment}: {VERDICTS[told['status']]}"
        + ("." if told["status"] == "Approved" else f": {told['reason']}.")
        for segment, told in back.leaderboard.get("gate", {}).items()
    ]


def captured(back: Backtest) -> dict[str, float]:
    """Return the revenue share held by the top tenth by the forecast, by 12m and by a perfect ranking."""
    columns = {"ours": back.headline, "12m": BASELINE_MODEL, "perfect": "label_eur"}
    rows = back.customers
    return {name: capture(rows.label_eur, rows[column]) for name, column in columns.items()}


def sentence(back: Backtest) -> str:
    """Return what the ranking was worth, in euros of every hundred."""
    if not back.has_revenue:
        return "The backtest's customers brought no net revenue in total: shares of it are not defined."
    held = {name: words.eur(100 * share) for name, share in captured(back).items()}
    return (
        f"Of every €100 of net revenue that came in the {back.leaderboard['horizon_days']} days from "
        f"{words.day(back.as_of)}, the tenth of customers ranked highest by this forecast held "
        f"{held['ours']}; by last year's revenue (12m) {held['12m']}; by a perfect ranking {held['perfect']}."
    )


def _setting(back: Backtest, horizon_days: int) -> str:
    trained = back.leaderboard["training_as_ofs"]
    learned = (
        f"on {words.counted(len(trained), 'closed snapshot')} before it" if trained else "without labels"
    )
    return (
        f"Everything was trained as of {words.day(back.as_of)}, {learned}, then compared with what "
        f"{words.counted(len(back.customers), 'customer')} really brought in the {horizon_days} days after: "
        f"{words.eur_short(float(back.customers.label_eur.sum()))} of net revenue. {words.BASELINE}."
    )


def _shown(back: Backtest) -> dict[str, str]:
    """Return the columns of the customers whose rankings are shown, by the name they have on the page."""
    btyd = best_btyd(back)
    chosen = [back.headline, BASELINE_MODEL, *([btyd] if btyd else [])]
    return {**{words.model(name): name for name in chosen}, "perfect": "label_eur"}


def _gains(back: Backtest) -> Figure:
    held = {name: words.percent(share) for name, share in captured(back).items()}
    said = Words(
        f"The top tenth by this forecast held {held['ours']} of the revenue that came, by 12m {held['12m']}, "
        f"by a perfect ranking {held['perfect']}",
        f"Gains curves over all customers of the backtest. {words.BASELINE}.",
        "share of customers, highest-ranked first",
        "share of net revenue that came",
        "random",
    )
    *models, perfect = (
        (name, back.customers.label_eur, back.customers[column]) for name, column in _shown(back).items()
    )
    curves = [Curve(*model, *look) for model, look in zip(models, LOOKS, strict=False)]
    curves.append(Curve(*perfect, BLACK, ":"))
    return curves_figure("gains", curves, said)


def _held(back: Backtest) -> Grid:
    came, shown = back.customers.label_eur, _shown(back)
    body: list[list[str | Cell]] = [
        [
            f"top {words.percent(top)}",
            *(words.percent(capture(came, back.customers[c], top), 1) for c in shown.values()),
        ]
        for top in TOPS
    ]
    note = f"{words.ABOVE_ALL} {words.BASELINE}."
    return Grid(
        "Share of the revenue that came, by ranking", ("customers", *shown), body, note=note, wide=False
    )
