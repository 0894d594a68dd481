"""What `clv experiment` shows."""

from datetime import date
from typing import Any

from rich.table import Table

from app.commands import euros
from app.console import Console, grid
from app.experiment_readout import read_experiment
from app.experiment_words import arm_lines, figures, harm_lines, lifts, percent, without_nan
from app.experiment_words import euros as exact
from app.experiments import Wanted, assign_experiment, design_experiment
from clv.lake import Lake


def run_design(lake: Lake, wanted: Wanted, console: Console, *, replace: bool) -> None:
    """Declare an experiment and show its power and how long it must run."""
    told = design_experiment(lake, wanted, console.say, replace=replace)
    power, design = told["power"], told["design"]
    console.show(without_nan(told), power_table(told), durations_table(power, design["decides"]))
    churn = power["churn"]
    console.tell(
        f"{power['members']:,} customers have an order and consent; the RFM rule names "
        f"{told['rule_names']:,}, each rule contacts the first {design['contacts']:,} in its arm"
    )
    console.tell(
        f"90-day churn of high-value customers: {percent(churn['churn'])} before; a fall of "
        f"{100 * churn['mde']:.1f} points is found "
        f"({churn['control']:,} and {churn['treatment']:,} customers)"
    )
    console.tell(seasonal(power["season"]))
    console.tell(duration(power))
    console.tell(f"design: {told['file']}")


def run_assign(lake: Lake, name: str, console: Console) -> None:
    """Draw the arms and show them."""
    told = assign_experiment(lake, name)
    rows = [
        [
            one["arm"],
            f"{one['customers']:,}",
            f"{one['contacted']:,}",
            exact(one["cost_eur"]),
            exact(one["mean_clv_eur"]),
        ]
        for one in told["arms"]
    ]
    columns = ["arm", "customers", "contacted", "cost", "mean CLV"]
    console.show(told, grid(f"Experiment {name}", columns, rows))
    console.tell(
        f"both rules name {told['named_by_both']:,} customers, one alone {told['named_by_one']:,}: "
        "only these can differ by arm"
    )
    if not told["drawn_now"]:
        console.tell("drawn before: nothing is drawn anew")
    console.tell(f"arms: {told['arms_file']}")
    console.tell(f"contacts: {told['contacts_file']}")


def run_readout(lake: Lake, name: str, as_of: date | None, seed: int, console: Console) -> None:
    """Read an experiment out and show figures and verdict."""
    told = read_experiment(lake, name, as_of, seed, console.say)
    title = f"Experiment {name} on {told['as_of']}"
    columns = ["per customer", "control", "treatment", "difference", "95 % interval", "p"]
    tables = [grid(title, columns, [list(row) for row in figures(told)])]
    segments = lifts(told)
    if segments:
        names = ["segment", "customers", "lift", "95 % interval", "p", "p (Holm)"]
        tables.append(
            grid("Lift by declared segment, smallest p first", names, [list(row) for row in segments])
        )
    console.show(without_nan(told), *tables)
    split = told["sample_ratio"]
    console.tell(f"split: {split['control']:,} and {split['treatment']:,}, p = {split['p_value']:.3g}")
    for line in (*arm_lines(told), *harm_lines(told)):
        console.tell(line)
    for line in told["warnings"]:
        console.tell(f"note: {line}")
    console.tell(told["verdict"])
    console.tell(f"readout: {told['folder']}")


def power_table(told: dict[str, Any]) -> Table:
    """Return the smallest effects that a design sees, by the way to measure."""
    design = told["design"]
    rows = [
        [
            one["method"],
            exact(one["mean_eur"]),
            exact(one["standard_deviation_eur"]),
            exact(one["mde_eur"]),
            percent(one["mde_relative"]),
        ]
        for one in told["power"]["table"]
    ]
    title = (
        f"Experiment {design['name']}: found with {design['power']:.0%} power in {design['weeks']} weeks, "
        f"capped at {euros(told['power']['cap_eur'])}"
    )
    return grid(title, ["revenue per customer", "mean", "std. dev.", "smallest effect", "of the mean"], rows)


def durations_table(power: dict[str, Any], decides: str) -> Table:
    """Return the smallest effect by the length of the experiment."""
    rows = [[str(one["weeks"]), percent(one["mde_relative"])] for one in power["durations"]]
    return grid(f"By length, {decides} customers deciding", ["weeks", "smallest effect, of the mean"], rows)


def seasonal(season: dict[str, float] | None) -> str:
    """Return what the season is expected to change, in a sentence."""
    if season is None:
        return "season: not known, the ledger does not reach a year back; it is taken that nothing changes"
    return (
        f"season: a year ago these weeks had {season['spread']:.2f} times the spread and "
        f"{season['mean']:.2f} times the mean of the weeks before them; the past is scaled by that"
    )


def duration(power: dict[str, Any]) -> str:
    """Return how long a lift takes to be found, in a sentence."""
    if power["weeks_for_lift"] is None:
        longest = power["durations"][-1]
        return (
            f"a lift of {power['lift']:.1%} of all revenue is not found within {longest['weeks']} weeks: "
            "a read-out can show only more than that, and harm"
        )
    return f"a lift of {power['lift']:.1%} of all revenue takes {power['weeks_for_lift']} weeks"
