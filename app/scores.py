"""Published scores for whoever uses them: from a lake on disk, or through Athena from the deployed one."""

from dataclasses import dataclass
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pandas as pd

from app.commands import segments_table
from app.console import Console
from clv.errors import UserError
from clv.frames import read_frame
from clv.lake import Lake
from clv.partitions import scores_at
from clv.tables import SCORES
from clv.timeline import parse_as_of
from glue_jobs.weekly import by_segment

WRITERS = {".csv", ".parquet"}


@dataclass(frozen=True)
class Athena:
    """Where Athena finds the catalogue, and the workgroup that pays and limits the query."""

    database: str
    workgroup: str


def show_scores(source: Lake | Athena, as_of: date | None, out: Path | None, console: Console) -> None:
    """Show the scores of one t₀ by segment, the newest by default, and write them to a file if one is given.

    UserError where nothing is published, AWS says no, or the file is neither CSV nor Parquet.
    """
    if out is not None and out.suffix not in WRITERS:
        raise UserError(f"--out {out}: end the name in {' or '.join(sorted(WRITERS))}")
    rows = from_lake(source, as_of) if isinstance(source, Lake) else from_athena(source, as_of)
    segments = by_segment(rows)
    told: dict[str, Any] = {"as_of": str(rows.as_of.iloc[0]), "segments": segments}
    if out is not None:
        write(rows, out)
        told["out"] = str(out)
    console.show(told, segments_table(segments))
    console.tell(f"scores of {told['as_of']}" + (f": {out}" if out else "; --out FILE writes them"))


def from_lake(lake: Lake, as_of: date | None) -> pd.DataFrame:
    """Return the committed scores of a lake, those of the newest t₀ by default; UserError without any."""
    if not lake.is_local:
        raise UserError(f"{lake.root}: this needs a lake on disk; ask for those of the account by --athena")
    days = lake.partitions(SCORES.name, "as_of")
    chosen = str(as_of) if as_of else max(days, default="")
    if chosen not in days:
        raise UserError(_none(lake.root, as_of, days))
    return read_frame(lake.files(scores_at(parse_as_of(chosen))))


def from_athena(athena: Athena, as_of: date | None) -> pd.DataFrame:
    """Return the scores that the catalogue lists, those of the newest t₀ by default.

    UserError without awswrangler, where AWS refuses, and where the catalogue lists none.
    """
    if find_spec("awswrangler") is None:
        raise UserError("clv scores --athena needs awswrangler: `make .venv/.aws` installs it")
    import awswrangler as wr  # noqa: PLC0415 - only the group aws has it
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    try:
        listed = wr.catalog.get_partitions(database=athena.database, table=SCORES.name)
        days = sorted(values[0] for values in listed.values())
        chosen = str(as_of) if as_of else max(days, default="")
        if chosen not in days:
            raise UserError(_none(f"{athena.database}.{SCORES.name}", as_of, days))
        rows = wr.athena.read_sql_query(
            query(chosen), database=athena.database, workgroup=athena.workgroup, ctas_approach=False
        )
    except (BotoCoreError, ClientError, wr.exceptions.QueryFailed) as error:
        raise UserError(f"Athena: {error}; check --database, --workgroup, region and credentials") from error
    return rows[list(SCORES.names)]


def query(as_of: str) -> str:
    """Return the query of one t₀'s scores, which reads that partition alone."""
    return f"SELECT {', '.join(SCORES.names)} FROM {SCORES.name} WHERE as_of = DATE '{as_of}'"  # noqa: S608


def write(rows: pd.DataFrame, out: Path) -> None:
    """Write scores as CSV or Parquet, by the name's ending; a file of that name is replaced in one step."""
    draft = out.with_name(f".{out.name}")
    if out.suffix == ".csv":
        rows.to_csv(draft, index=False)
    else:
        rows.to_parquet(draft, index=False)
    draft.replace(out)


def _none(where: str, as_of: date | None, days: list[str]) -> str:
    asked = f" of {as_of}" if as_of else ""
    known = f"; there are those of {', '.join(days[-5:])}" if days else ""
    return f"{where}: no scores{asked} are published{known or '; start a weekly run first'}"
