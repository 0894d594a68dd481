"""The commands `clv experiment design|assign|readout`."""

from typing import Annotated, Any, Literal

import typer

from app.console import Console
from app.options import DEFAULTS, AsJson, Debug, LakeOption, Quiet, Replace, Seed, on_disk
from clv.errors import UserError
from clv.timeline import parse_as_of
from decisions.experiment import Design
from decisions.rfm_rule import RfmRule

experiment = typer.Typer(
    help="Try targeting by CLV against the RFM rule: declare, draw arms, read out.", no_args_is_help=True
)
Name = Annotated[str, typer.Option("--name", help="Of the experiment and its campaign: a–z, 0–9 and -.")]
RankedOn = Annotated[
    str | None,
    typer.Option("--as-of", metavar="YYYY-MM-DD", help="Which scores rank; default: the newest."),
]
Start = Annotated[
    str | None, typer.Option("--start", metavar="YYYY-MM-DD", help="First day; default: --as-of.")
]
Weeks = Annotated[int, typer.Option("--weeks", min=1, help="Length of the window.")]
TreatmentShare = Annotated[
    float, typer.Option("--treatment-share", help="Share of customers targeted by CLV.")
]
BudgetEur = Annotated[
    float | None,
    typer.Option("--budget-eur", min=0, help="Of the whole campaign; default: all whom the rule names."),
]
CostPerContactEur = Annotated[float, typer.Option("--cost-per-contact-eur", min=0)]
ContactDays = Annotated[
    str, typer.Option("--contact-days", help="Days after the start on which both arms are contacted.")
]
MinOrders = Annotated[int, typer.Option("--min-orders", min=1, help="RFM rule: orders in six months.")]
SpendAboveEur = Annotated[
    float, typer.Option("--spend-above-eur", help="RFM rule: spend in six months; bronze begins here.")
]
SilverAboveEur = Annotated[float, typer.Option("--silver-above-eur")]
GoldAboveEur = Annotated[float, typer.Option("--gold-above-eur")]
Decides = Annotated[
    Literal["all", "differing"],
    typer.Option("--decides", help="Whose revenue: of all, or of those that the rules treat differently."),
]
Margin = Annotated[float, typer.Option("--margin", help="Share of net revenue that is earned, for ROI.")]
Lift = Annotated[float, typer.Option("--lift", help="Relative lift whose duration is asked for.")]
Alpha = Annotated[float, typer.Option("--alpha", help="Two-sided level.")]
Power = Annotated[float, typer.Option("--power", help="Probability that the effect is found.")]
KnownBy = Annotated[
    str | None,
    typer.Option("--as-of", metavar="YYYY-MM-DD", help="By when known; default: all the ledger has."),
]
RULE = RfmRule()
CONTACT_DAYS = ",".join(map(str, Design.contact_days))


@experiment.command()
def design(
    lake: LakeOption,
    name: Name,
    as_of: RankedOn = None,
    start: Start = None,
    weeks: Weeks = Design.weeks,
    treatment_share: TreatmentShare = Design.treatment_share,
    budget_eur: BudgetEur = None,
    cost_per_contact_eur: CostPerContactEur = Design.cost_per_contact_eur,
    contact_days: ContactDays = CONTACT_DAYS,
    min_orders: MinOrders = RULE.min_orders,
    spend_above_eur: SpendAboveEur = RULE.spend_above_eur,
    silver_above_eur: SilverAboveEur = RULE.silver_above_eur,
    gold_above_eur: GoldAboveEur = RULE.gold_above_eur,
    decides: Decides = "all",
    margin: Margin = Design.margin,
    lift: Lift = 0.05,
    alpha: Alpha = Design.alpha,
    power: Power = Design.power,
    replace: Replace = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Declare an experiment: control by the RFM rule, treatment by CLV ranking, same calendar and budget.

    Shows which effects it can see, and how long it must run, from what the lake's customers did before.
    Nothing of it can be changed once arms are drawn.

    Example: `clv experiment design --lake build/lake --name spring --start 2026-07-06 --weeks 8`

    `clv experiment design --lake build/lake --name spring --budget-eur 5000 --cost-per-contact-eur 0.8`
    """
    fixed = _fixed(weeks, treatment_share, cost_per_contact_eur, contact_days, margin, decides, alpha, power)
    rule = RfmRule(min_orders, spend_above_eur, silver_above_eur, gold_above_eur)
    _declare(
        lake, name, as_of, start, budget_eur, lift, rule, fixed, Console(quiet, as_json), replace=replace
    )


def _fixed(
    weeks: int,
    treatment_share: float,
    cost_per_contact_eur: float,
    contact_days: str,
    margin: float,
    decides: str,
    alpha: float,
    power: float,
) -> dict[str, Any]:
    """Return the fields of a design that are given as they are."""
    return {
        "weeks": weeks,
        "treatment_share": treatment_share,
        "cost_per_contact_eur": cost_per_contact_eur,
        "contact_days": _days(contact_days),
        "margin": margin,
        "decides": decides,
        "alpha": alpha,
        "power": power,
    }


def _days(text: str) -> tuple[int, ...]:
    try:
        return tuple(sorted({int(day) for day in text.split(",")}))
    except ValueError:
        raise UserError(f"--contact-days {text!r}: give whole days such as 0,28") from None


def _declare(
    lake: str,
    name: str,
    as_of: str | None,
    start: str | None,
    budget_eur: float | None,
    lift: float,
    rule: RfmRule,
    fixed: dict[str, Any],
    console: Console,
    *,
    replace: bool,
) -> None:
    from app.experiment_commands import run_design
    from app.experiments import Wanted

    days = [None if day is None else parse_as_of(day) for day in (as_of, start)]
    wanted = Wanted(name, days[0], days[1], budget_eur, lift, rule, fixed)
    run_design(on_disk(lake), wanted, console, replace=replace)


@experiment.command()
def assign(
    lake: LakeOption, name: Name, quiet: Quiet = False, as_json: AsJson = False, debug: Debug = False
) -> None:
    """Draw the arms of a declared experiment: the file of who is in which, and the contacts of each.

    Arms are drawn once; the same command later shows them and draws nothing.

    Example: `clv experiment assign --lake build/lake --name spring`
    """
    from app.experiment_commands import run_assign

    run_assign(on_disk(lake), name, Console(quiet, as_json))


@experiment.command(name="readout")
def read_out(
    lake: LakeOption,
    name: Name,
    as_of: KnownBy = None,
    seed: Seed = DEFAULTS.seed,
    quiet: Quiet = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Read an experiment out: split, balance, revenue, conversion, churn, return on spend, harm, segments.

    Costs come from the raw table `treatments` where it knows the campaign, else from the design. A look
    before the end is allowed, is kept, and makes the later ones stricter.

    Example: `clv experiment readout --lake build/lake --name spring --as-of 2026-09-01`
    """
    from app.experiment_commands import run_readout

    day = None if as_of is None else parse_as_of(as_of)
    run_readout(on_disk(lake), name, day, seed, Console(quiet, as_json))
