"""Verb: raw tables → ledger, quarantine, excluded rows and their accounts. None of it depends on as_of."""

import json
from collections.abc import Callable
from dataclasses import asdict

import ibis
import ibis.expr.types as ir

from clv.conform import check_columns
from clv.contracts import RAW_TABLES
from clv.engine import Engine
from clv.erased import REASON, erased
from clv.errors import UserError
from clv.lake import Draft, Lake
from clv.schema import Table
from clv.settings import Settings
from glue_jobs.ascending_keys import repeated_where_ascending
from glue_jobs.check_files import damaged
from glue_jobs.delivered import delivered
from glue_jobs.due import due
from glue_jobs.intake.accept import ATTRIBUTES, EVENTS, Accepted, accept, accept_events
from glue_jobs.intake.accounts import Line, account, over_limit
from glue_jobs.intake.apart import ROWS_OF_PART, repeated_in_parts
from glue_jobs.intake.fates import EXCLUDED, QUARANTINED
from glue_jobs.ledger import cancellation_states, entries, refund_states, sale_states
from glue_jobs.orders import order_states
from glue_jobs.read_files import read_files, read_parts
from glue_jobs.treatments import treatment_rows

Progress = Callable[[str], None]

DELIVERED = "delivered"
"""Beside the ledger's entries: rows of each raw table by day, which monitoring reads."""


def build_ledger(engine: Engine, lake: Lake, settings: Settings, run_id: str, say: Progress) -> list[Line]:
    """Write the partitions `ledger`, `quarantine` and `excluded`; return the accounts.

    UserError where a table breaks its contract as a whole, or too much of one is bad (the quarantine is then
    written, the ledger is not), or a file cannot be read.
    """
    try:
        return _build(engine, lake, settings, run_id, say)
    except UserError:
        raise
    except Exception:
        # What an engine says of a damaged file differs from engine to engine, and names it seldom.
        found = damaged([file for name in RAW_TABLES for file in lake.raw_files(name)])
        if found is None:
            raise
        raise found from None


def _build(engine: Engine, lake: Lake, settings: Settings, run_id: str, say: Progress) -> list[Line]:
    raw = read_raw(engine, lake)
    say("input: checking every row")
    accepted = accept({k: v for k, v in raw.items() if k not in EVENTS}, lake.extracted_at(), engine.keep)
    settled = dict(accepted.settled)
    taken = dict.fromkeys(settled, 0)
    for name in EVENTS:
        if name in raw:
            say(f"input: checking {name}")
            rows = int(raw[name].count().execute())
            settled[name] = _accept_events(engine, lake, name, raw[name], rows, settled.get("customers"))
            taken[name] = rows - int(settled[name].count().execute())
    lines = [line for name, rows in settled.items() for line in account(name, rows, taken[name])]
    lines += _importer_account(lake)
    lines += [Line(of.table, EXCLUDED, REASON, of.rows, of.cents) for of in erased(lake)]
    _set_aside(engine, lake, settled, run_id)
    told = over_limit(lines, settings.quarantine_limit)
    if told is not None:
        raise UserError(f"{told}, limit {settings.quarantine_limit:.0%}; see {lake.url('quarantine')}")
    say("ledger: orders, refunds and cancellations")
    with lake.commit("ledger", run_id) as draft:
        _write_ledger(engine, draft, accepted, settings)
        for name in (name for name in EVENTS if name in raw):
            engine.write(settled[name], draft.url(f"disputed_{name}"))
        engine.write(delivered(raw), draft.url(DELIVERED))
        (draft.folder / "accounts.json").write_text(json.dumps([asdict(line) for line in lines], indent=1))
    return lines


def read_raw(engine: Engine, lake: Lake) -> dict[str, ir.Table]:
    """Return the delivered raw tables, their columns checked.

    UserError where a mandatory table is missing, or the files of one are not whole or cannot be joined.
    """
    raw = {}
    for name, table in RAW_TABLES.items():
        files = lake.raw_files(name)
        if files:
            raw[name] = read_files(engine, table, files)
            check_columns(table, raw[name], lake.url(f"raw/{name}"))
        elif table.mandatory or name == "fx_rates":
            raise UserError(f"{lake.url(f'raw/{name}')}: no Parquet or CSV file there; import data first")
    return raw


def _accept_events(
    engine: Engine, lake: Lake, name: str, found: ir.Table, rows: int, customers: ir.Table | None
) -> ir.Table:
    table = RAW_TABLES[name]
    again = _repeated(engine, table, found, lake.raw_files(name), rows // ROWS_OF_PART)
    return accept_events(table, found, again, customers, lake.extracted_at(), engine.keep)


def _repeated(engine: Engine, table: Table, found: ir.Table, files: list[str], most: int) -> ir.Table:
    """Return the keys that several rows share, in the way that is quickest for keys and engine."""
    parts = read_parts(engine, table, files, most)
    (key,) = table.key
    again = repeated_where_ascending(files, key) if len(parts) > 1 else None
    if again is None:
        return repeated_in_parts(table, found, parts, engine.keep)
    return engine.keep(ibis.memtable({key: again}, schema={key: "string"}))


def _write_ledger(engine: Engine, draft: Draft, accepted: Accepted, settings: Settings) -> None:
    orders, lines = accepted.used("orders"), accepted.used("order_lines")
    assert orders is not None
    assert lines is not None
    states = order_states(orders, lines, accepted.used("invoices"), accepted.daily, engine.keep)
    engine.write(states, draft.url("orders"))
    states = engine.read(draft.files("orders"))
    if not states.count().execute():
        raise UserError("orders: none has a line (and an invoice, where delivered) that can be used")
    view = settings.refund_view
    facts = [sale_states(states), cancellation_states(states, view)]
    refunds = accepted.used("refunds")
    if refunds is not None:
        facts.append(refund_states(refunds, states, accepted.daily, view))
    table = facts[0].union(*facts[1:])
    engine.write(entries(table, _channels(accepted)), draft.url("entries"))
    columns = ("order_id", "line_no", "sku", "quantity", "gross_amount", "discount", "tax")
    engine.write(lines.select(*columns, "known_ts", "known_until_ts"), draft.url("lines"))
    for name in ATTRIBUTES:
        rows = accepted.used(name)
        if rows is not None:
            engine.write(rows.select(*RAW_TABLES[name].names, "known_ts", "known_until_ts"), draft.url(name))
    treatments = accepted.used("treatments")
    if treatments is not None:
        engine.write(treatment_rows(treatments, accepted.daily), draft.url("treatments"))


def _channels(accepted: Accepted) -> ir.Table | None:
    """Return each customer's acquisition channel, of the first version of its attributes."""
    customers = accepted.used("customers")
    if customers is None:
        return None
    since = [customers.valid_from.notnull(), customers.valid_from]
    turn = ibis.row_number().over(ibis.window(group_by="customer_id", order_by=since))
    numbered = customers.mutate(turn=turn)
    return numbered.filter(numbered.turn == 0).select("customer_id", channel="acquisition_channel")


def _set_aside(engine: Engine, lake: Lake, settled: dict[str, ir.Table], run_id: str) -> None:
    for partition, fate in (("quarantine", QUARANTINED), ("excluded", EXCLUDED)):
        if not due(lake, partition, run_id, replace=True):
            continue
        with lake.commit(partition, run_id) as draft:
            for name, rows in settled.items():
                bad = rows.filter(rows.fate == fate).drop("fate", "known_ts", "known_until_ts")
                engine.write(bad, draft.url(f"table={name}"))
            if fate == EXCLUDED:
                lake.download("raw/_excluded", draft.folder / "table=importer")


def _importer_account(lake: Lake) -> list[Line]:
    """Return what the importer excluded before the raw tables were written."""
    told = lake.read_text("raw/_account.json")
    excluded = {} if told is None else json.loads(told)["excluded"]
    return [Line("imported file", EXCLUDED, why, of["rows"], of["cents"]) for why, of in excluded.items()]
