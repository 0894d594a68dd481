"""Other worlds that were the same until t₀: raw tables of which nothing known before t₀ differs."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

EVENT_TS = {"orders": "order_ts", "refunds": "refund_ts", "web_events": "ts", "email_events": "ts"}
DAY = pd.Timedelta(days=1)


def read_raw(lake):
    """Return the raw tables as frames."""
    return {
        folder.name: pa.concat_tables(
            [pq.ParquetFile(file).read() for file in sorted(folder.glob("*.parquet"))]
        ).to_pandas(types_mapper=lambda kind: pd.BooleanDtype() if kind == pa.bool_() else None)
        for folder in sorted((lake.path("raw")).iterdir())
        if folder.is_dir()
    }


def write_raw(lake, like, tables):
    """Write raw tables with the types of another lake, and its extraction time."""
    for name, frame in tables.items():
        schema = pq.read_schema(next((like.path("raw") / name).glob("*.parquet")))
        folder = lake.path("raw") / name
        folder.mkdir(parents=True)
        pq.write_table(pa.Table.from_pandas(frame, schema, preserve_index=False), folder / "part-000.parquet")
    extraction = (like.path("raw") / "extraction.json").read_text()
    (lake.path("raw") / "extraction.json").write_text(extraction)


def known(frame, name):
    """Return from when on each row of a fact table is known, null for a line known with its order."""
    recorded = frame.get("recorded_ts", pd.Series(pd.NaT, frame.index))
    if name not in EVENT_TS:
        return recorded
    event = frame[EVENT_TS[name]]
    return event.where(recorded.isna() | (recorded < event), recorded)


def without_future(raw, t0):
    """Delete everything that was not known before t₀."""
    kept = {
        name: frame[~(known(frame, name) >= t0)].copy() for name, frame in raw.items() if name in EVENT_TS
    }
    kept["orders"]["cancelled_ts"] = kept["orders"].cancelled_ts.where(kept["orders"].cancelled_ts < t0)
    lines = raw["order_lines"]
    of_kept = ~lines.order_id.isin(raw["orders"].order_id) | lines.order_id.isin(kept["orders"].order_id)
    kept["order_lines"] = lines[of_kept & ~(known(lines, "order_lines") >= t0)]
    customers = raw["customers"]
    # Who ordered before signing up stays: an order of somebody who is not delivered would be quarantined.
    ordered = customers.customer_id.isin(kept["orders"].customer_id)
    late = (customers.valid_from >= t0) | (customers.signup_ts >= t0)
    first = customers.valid_from == customers.groupby("customer_id").valid_from.transform("min")
    kept["customers"] = customers[~late | (ordered & first)]
    return raw | kept


def another_future(raw, t0, seed):
    """Multiply, re-assign and re-type everything that happened after t₀."""
    rng = np.random.default_rng(seed)
    tables = {name: frame.copy() for name, frame in raw.items()}
    late = set(raw["orders"].order_id) - set(raw["orders"].order_id[known(raw["orders"], "orders") < t0])
    lines = tables["order_lines"]
    rows = lines.order_id.isin(late)
    lines.loc[rows, ["gross_amount", "discount", "tax"]] *= 7
    somebody = raw["customers"].customer_id[raw["customers"].signup_ts < t0].unique()
    for name in ("orders", "refunds"):
        rows = known(tables[name], name) >= t0
        tables[name].loc[rows, "customer_id"] = rng.choice(somebody, rows.sum())
    events = tables["web_events"]
    events.loc[events.ts >= t0, "type"] = "login"
    return tables


def history_revised(raw, t0, seed):
    """Cancel, restate, re-attribute and refund after t₀ what happened before it, and change its customers."""
    tables = {name: frame.copy() for name, frame in raw.items()}
    orders, lines, people = tables["orders"], tables["order_lines"], tables["customers"]
    old = orders[(known(orders, "orders") < t0) & orders.customer_id.notna()]
    chosen = old.sample(frac=0.3, random_state=seed)
    uncancelled = orders.order_id.isin(chosen.order_id) & orders.cancelled_ts.isna() & (orders.order_ts < t0)
    orders.loc[uncancelled, "cancelled_ts"] = t0 + 5 * DAY
    changed = people[~(people.valid_from >= t0)].drop_duplicates("customer_id").head(200)
    changed = changed.assign(valid_from=t0 + 2 * DAY, country="ZZ", acquisition_channel="other")
    events = tables["web_events"]
    again = events[known(events, "web_events") < t0].drop_duplicates("event_id").head(500)
    again = again.assign(type="login", recorded_ts=t0 + 4 * DAY)
    return tables | {
        "orders": pd.concat([orders, _moved(old, t0, seed)]),
        "order_lines": pd.concat([lines, _doubled(lines, old, t0, seed)]),
        "refunds": pd.concat([tables["refunds"], _refunded(tables["refunds"], old, t0)]),
        "customers": pd.concat([people, changed]),
        "web_events": pd.concat([events, again]),
    }


def _moved(old, t0, seed):
    """Return some orders as somebody else's, elsewhere and earlier."""
    rng = np.random.default_rng(seed)
    moved = old.sample(frac=0.3, random_state=seed + 1).drop_duplicates("order_id")
    return moved.assign(
        customer_id=rng.permutation(moved.customer_id),
        order_ts=moved.order_ts - 3 * DAY,
        country=rng.permutation(moved.country),
        recorded_ts=t0 + 10 * DAY,
    )


def _doubled(lines, old, t0, seed):
    """Return some lines of the orders as twice as dear."""
    doubled = lines[lines.order_id.isin(old.order_id)].sample(frac=0.3, random_state=seed + 2)
    doubled = doubled.drop_duplicates(["order_id", "line_no"]).assign(recorded_ts=t0 + 11 * DAY)
    doubled[["gross_amount", "discount", "tax"]] *= 2
    return doubled


def _refunded(refunds, old, t0):
    """Return refunds of the first fifty orders."""
    return (
        refunds.iloc[[0] * 50]
        .reset_index(drop=True)
        .assign(
            refund_id=[f"late-{n}" for n in range(50)],
            order_id=old.order_id.to_numpy()[:50],
            customer_id=old.customer_id.to_numpy()[:50],
            currency=old.currency.to_numpy()[:50],
            refund_ts=t0 + 12 * DAY,
            recorded_ts=pd.NaT,
            amount=5.0,
            tax=1.0,
        )
    )
