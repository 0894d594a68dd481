"""Commands about the deployed pipeline: its exchange rates, scores and costs, a training, a rehearsal."""

from pathlib import Path
from typing import Annotated

import typer

from app.console import Console
from app.options import (
    DEFAULTS,
    FAILED,
    AsJson,
    AsOf,
    Debug,
    HorizonDays,
    LakeOption,
    NewestAsOf,
    Quiet,
    Seed,
    on_disk,
)
from clv.errors import UserError
from clv.lake import Lake
from clv.settings import Settings
from clv.timeline import parse_as_of


def rates(
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Parquet file to write.")],
    source: Annotated[
        Path | None,
        typer.Option("--from", metavar="FILE", help="The ECB's eurofxref-hist.zip; default: as installed."),
    ] = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Write the table of exchange rates for a lake on S3; a local run brings its own.

    Example: `clv rates --from eurofxref-hist.zip --out part-000.parquet`
    """
    from app.commands import write_rates

    write_rates(source, out, Console(quiet, as_json))


def scores(
    lake: Annotated[str, typer.Option("--lake", metavar="DIR", help="A lake on disk.")] = "",
    athena: Annotated[bool, typer.Option("--athena", help="Ask Athena for those of the account.")] = False,
    database: Annotated[str, typer.Option("--database", help="Of the Glue catalogue.")] = "clv",
    workgroup: Annotated[str, typer.Option("--workgroup", help="Of Athena.")] = "clv",
    as_of: NewestAsOf = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write them: .csv or .parquet.")
    ] = None,
    lineage: Annotated[
        bool, typer.Option("--lineage", help="Show where they come from: code, data, models.")
    ] = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Show published scores by segment and write them to a file.

    Example: `clv scores --lake build/lake --out scores.csv`, or `clv scores --athena --out scores.parquet`
    """
    from app.scores import Athena, show_scores

    if athena == bool(lake):
        raise UserError("clv scores: say --lake DIR or --athena, one of them")
    if lineage:
        from app.lineage import show_lineage

        if athena:
            raise UserError("clv scores --lineage: say --lake, a folder or an s3:// address")
        show_lineage(Lake.at(lake), None if as_of is None else parse_as_of(as_of), Console(quiet, as_json))
        return
    source = Athena(database, workgroup) if athena else Lake.at(lake)
    show_scores(source, None if as_of is None else parse_as_of(as_of), out, Console(quiet, as_json))


def cost(
    lake: Annotated[str, typer.Option("--lake", metavar="DIR", help="Folder or s3:// address of the lake.")],
    run_id: Annotated[
        str | None, typer.Option("--run", metavar="ID", help="Which run; default: the newest published.")
    ] = None,
    customers: Annotated[
        int | None, typer.Option("--customers", min=1, help="Scale to so many; default: those of the run.")
    ] = None,
    stage: Annotated[str, typer.Option("--stage", help="Whose workers and instances: prod or dev.")] = "prod",
    months: Annotated[
        int, typer.Option("--months", min=0, help="Which month after the start: the lake grows.")
    ] = 6,
    quiet: Quiet = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Estimate what one run and one month cost on AWS, by service, from what a run measured.

    Example: `clv cost --lake build/lake --customers 300000`
    """
    from app.costs import show_costs

    show_costs(Lake.at(lake), run_id, customers, stage, months, Console(quiet, as_json))


def train(
    lake: Annotated[str, typer.Option("--lake", metavar="URL", help="Address of the lake, s3://….")],
    as_of: AsOf,
    segment: Annotated[str, typer.Option("--segment", help="early or established.")],
    on: Annotated[str, typer.Option("--on", help="Where to train: sagemaker.")],
    code: Annotated[
        str, typer.Option("--code", metavar="URL", help="S3 folder that holds sourcedir.tar.gz.")
    ],
    horizon_days: HorizonDays = DEFAULTS.horizon_days,
    role: Annotated[str, typer.Option("--role", help="Role of the job; default: yours.")] = "",
    image: Annotated[str, typer.Option("--image", help="Container; default: AWS's XGBoost 3.2-0.")] = "",
    kms_key: Annotated[str, typer.Option("--kms-key", help="Key of its volume and its output.")] = "",
    instance_type: Annotated[str, typer.Option("--instance-type", help="Machine.")] = "ml.m5.xlarge",
    seed: Seed = DEFAULTS.seed,
    quiet: Quiet = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Start one training on SageMaker by hand; the weekly cycle trains without it.

    Example: `clv train --on sagemaker --lake s3://lake --as-of 2026-07-01 --segment early --code s3://code/`
    """
    from app.train_by_hand import train_on

    settings = Settings(horizon_days=horizon_days, seed=seed)
    options = {"role": role, "image": image, "kms_key": kms_key, "instance_type": instance_type}
    name = train_on(on, Lake.at(lake), segment, parse_as_of(as_of), settings, code_folder=code, **options)
    console = Console(quiet, as_json)
    console.show({"training_job": name})
    console.tell(f"training job {name} started")


Differing = Annotated[
    str, typer.Option("--settings", metavar="JSON", help="What differs from the stage's settings.")
]
Customers = Annotated[
    int, typer.Option("--customers", min=1, help="Of a marketplace where the lake has no tables.")
]
CopyTo = Annotated[
    Path | None, typer.Option("--out", metavar="DIR", help="Copy the deployed lake to this folder.")
]
Plant = Annotated[list[str] | None, typer.Option("--plant", metavar="FAULT", help="Then plant one; or all.")]


def aws_rehearsal(
    lake: LakeOption,
    as_of: AsOf = "",
    stage: Annotated[str, typer.Option("--stage", help="Whose stacks: prod or dev.")] = "prod",
    settings: Differing = "{}",
    customers: Customers = 2_000,
    seed: Seed = 1,
    out: CopyTo = None,
    plant: Plant = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Rehearse the deployment without an account: the synthesized stacks on a moto server, one weekly run.

    Glue, SageMaker and Lambda run the deployed code, each job in a fresh process; nothing leaves this
    machine. --plant miscalibrated-country, missing-week, drifted-feature, greedy-log or all then plants
    faults one by one and ends with code 1 where one does not raise its alarm, or raises another.

    Example: `clv aws-rehearsal --lake build/rehearsal --customers 2000 --plant all`
    """
    from app.planted import chosen
    from app.rehearsal import Asked, bring_tables, require_packages, show_rehearsal
    from app.world.parameters import FINAL_AS_OF

    day = parse_as_of(as_of) if as_of else FINAL_AS_OF
    console, home = Console(quiet, as_json), on_disk(lake)
    require_packages()
    asked = Asked(day, stage, settings, out, chosen(plant or ()))
    bring_tables(home, customers, seed, console.say)
    if not show_rehearsal(home, asked, console):
        raise typer.Exit(FAILED)
