"""What the commands do, and what they show."""

from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq
from rich.table import Table

from app.console import Console, grid
from app.importers.ecb import ecb_rates
from app.importers.online_retail import import_online_retail
from app.importers.transactions import import_transactions
from app.report.build import write_report
from app.weekly import Train, run_once
from app.world.build import write_world
from clv.lake import Lake
from clv.partitions import monitoring_at
from clv.settings import Settings
from monitoring.watch import PAGE

IMPORTERS = {"online-retail": import_online_retail, "transactions": import_transactions}


def write_marketplace(lake: Lake, customers: int, seed: int, console: Console, *, replace: bool) -> None:
    """Write the synthetic marketplace and show its size."""
    summary = write_world(lake, customers, seed, replace, console.say)
    rows = [[name, f"{count:,}"] for name, count in summary.rows.items()]
    console.show(asdict(summary), grid(f"Marketplace in {lake.root}", ["table", "rows"], rows))


def import_file(
    importer: str,
    file: Path,
    lake: Lake,
    currency: str,
    extracted_at: datetime | None,
    console: Console,
    *,
    replace: bool,
) -> None:
    """Import a file and show its account: every row handed on or excluded."""
    console.say(f"reading {file}")
    account = IMPORTERS[importer](file, lake, currency, extracted_at=extracted_at, replace=replace)
    counts = {**{f"to {name}": c for name, c in account.handed.items()}, **account.excluded}
    rows = [[name, f"{c.rows:,}", money(c.cents)] for name, c in counts.items()]
    rows.append(["rows in", f"{account.rows_in:,}", money(account.cents_in)])
    console.show(asdict(account), grid(f"Imported into {lake.root}", ["rows", "count", "amount"], rows))
    for note in account.notes:
        console.tell(note)


def run_week(
    lake: Lake, as_of: date, settings: Settings, console: Console, train: Train = "auto", *, replace: bool
) -> None:
    """Run the weekly cycle and show accounts, new models, segments and the report's place."""
    told = run_once(lake, as_of, settings, console.say, train=train, replace=replace)
    told["report"] = str(write_report(lake, as_of))
    watched = monitoring_page(lake, as_of)
    told["monitoring"] = None if watched is None else str(watched)
    tables = [accounts_table(told["accounts"]), segments_table(told["segments"])]
    console.show(told, *tables, *([models_table(told["models"])] if told["models"] else []))
    for model in told["models"]:
        console.tell(f"{model['package']}: {model['status']}: {model['reason']}")
    for note in told["notes"]:
        console.tell(f"note: {note}")
    console.tell(f"report: {told['report']}")
    if watched is not None:
        console.tell(f"monitoring: {watched}")


def monitoring_page(lake: Lake, as_of: date) -> Path | None:
    """Return where the page of a watched run lies, None where it was not watched."""
    commit = lake.current(monitoring_at(as_of))
    return None if commit is None else lake.path(f"{monitoring_at(as_of)}/run={commit.run_id}/{PAGE}")


def make_report(lake: Lake, as_of: date | None, console: Console) -> None:
    """Write the report and show where it lies."""
    console.say("drawing")
    path = write_report(lake, as_of)
    console.show({"report": str(path)})
    console.tell(f"report: {path}")


def write_rates(source: Path | None, out: Path, console: Console) -> None:
    """Write the raw table of exchange rates and show how far it reaches."""
    rates = ecb_rates() if source is None else ecb_rates(source)
    draft = out.with_name(f".{out.name}")
    pq.write_table(rates, draft)
    draft.replace(out)
    newest = str(pc.max(rates["rate_date"]))
    console.show({"out": str(out), "rows": rates.num_rows, "newest": newest})
    console.tell(f"rates: {rates.num_rows:,} up to {newest} in {out}")


def accounts_table(lines: list[dict[str, Any]]) -> Table:
    """Return the three accounts of the input as a table."""
    rows = [
        [f"{line['table']}: {line['fate']}", line["reason"], f"{line['rows']:,}", money(line["cents"])]
        for line in lines
    ]
    return grid("What became of the input", ["table", "reason", "rows", "amount, own currencies"], rows)


def segments_table(segments: list[dict[str, Any]]) -> Table:
    """Return the published scores by segment."""
    rows = [
        [
            line["segment"],
            f"{line['customers']:,}",
            euros(line["clv_eur"]),
            euros(line["baseline_last_year_eur"]),
            line["model_version"] or "no score",
        ]
        for line in segments
    ]
    columns = ["segment", "customers", "expected net revenue", "12m baseline", "model"]
    return grid("Scores", columns, rows)


def models_table(models: list[dict[str, Any]]) -> Table:
    """Return the models that the run trained, and what became of them."""
    rows = [[line["package"], line["model_version"], line["status"]] for line in models]
    return grid("Models trained", ["registered as", "model", "status"], rows)


def money(cents: int) -> str:
    """Return cents as an amount with thousands separated."""
    return f"{cents / 100:,.2f}"


def euros(amount: float | None) -> str:
    """Return whole euros with thousands separated, a dash where there is none."""
    return "–" if amount is None else f"€{amount:,.0f}"
