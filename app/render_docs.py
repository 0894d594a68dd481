"""Pages that are rendered from the code: `docs/contracts.md`."""

from pathlib import Path

from clv.contracts import RAW_TABLES
from clv.schema import Column, Table
from clv.tables import BASE_TABLES, DECISION_TABLES, EXPERIMENT_TABLES, WRITTEN_TABLES

HEAD = """# Tables and their contracts

Rendered from `clv/contracts.py`, `clv/tables.py` and `clv/feature_catalogue.py` by `make docs`; a test
keeps it fresh.

Raw tables are Parquet or CSV files in `raw/<table>/`. Only `orders` and `order_lines` are mandatory; every
other table adds features when present. Amounts are in the currency of their row; timestamps are UTC. A fact
table may carry `recorded_ts`: rows of one key with different `recorded_ts` are restatements, and the ledger
appends the difference. The files of one table are joined by the names of their columns; what a file lacks of
the optional ones is null ([which types fit together](input.md#several-files-of-one-table)). A file that
contradicts another one, or cannot be read, stops the run and is named. A row that breaks a rule goes to
`quarantine/table=<table>/` with its reason, and with the text of any value that could not be read.
"""


def contracts_page() -> str:
    """Return `docs/contracts.md`."""
    raw = "\n".join(_table(table) for table in RAW_TABLES.values())
    written = "\n".join(_table(table) for table in WRITTEN_TABLES.values())
    experiments = "\n".join(_table(table) for table in EXPERIMENT_TABLES.values())
    decisions = "\n".join(_table(table) for table in DECISION_TABLES.values())
    base = "\n".join(_table(table) for table in BASE_TABLES.values())
    parts = {
        "Raw tables": raw,
        "Written tables": written,
        "Tables of experiments": experiments,
        "Tables of budgets": decisions,
        "Tables of the customer base": base,
    }
    return HEAD + "".join(f"\n# {title}\n\n{part}" for title, part in parts.items())


def write_docs(folder: Path) -> list[Path]:
    """Write the rendered pages and return their paths."""
    page = folder / "contracts.md"
    page.write_text(contracts_page(), encoding="utf-8")
    return [page]


def _table(table: Table) -> str:
    raw = table.name in RAW_TABLES
    says = [f"One row: {table.grain}.", f"Key: `{', '.join(table.key)}`."]
    says += ["**Mandatory.**"] if table.mandatory else []
    says += [f"`{r.column}` must be in `{r.table}`, where given." for r in table.references]
    says += ["Further columns are kept, not read."] if table.open_ended else []
    lines = ["| column | type | unit | null | rule | meaning |", "|---|---|---|---|---|---|"]
    lines += [_row(column, raw=raw) for column in table.columns]
    return f"## {table.name}\n\n{' '.join(says)}\n\n" + "\n".join(lines) + "\n"


def _row(column: Column, *, raw: bool) -> str:
    name = f"{column.name} (optional)" if raw and not column.required else column.name
    null = "yes" if column.nullable else "no"
    return f"| {name} | {column.type} | {column.unit} | {null} | {column.constraint()} | {column.meaning} |"
