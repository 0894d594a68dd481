"""The features of one t₀ in pandas, as an analyst writes them: whole tables, groupby, merge."""

import math
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from bench.files import Files
from bench.pandas_events import email_features, events, web_features
from bench.pandas_orders import order_features, orders_in_sequence
from bench.pandas_tools import WINDOWS_DAYS, Frame, days, half_up, known, read, share
from clv.timeline import epoch_day, t0


def money(files: Files, day: int) -> Frame:
    """Return the features of ledger entries by customer."""
    at = t0(files.as_of)
    columns = ["customer_id", "kind", "amount_eur_cents", "entry_ts", "known_ts"]
    rows = read(files, "entries", columns)
    rows = rows[(rows.entry_ts < at) & (rows.known_ts < at) & rows.customer_id.notna()]
    at_day, cents = days(rows.entry_ts), rows.amount_eur_cents
    parts = {f"monetary_{d}d_eur": cents.where(at_day >= day - d, 0) for d in WINDOWS_DAYS} | {
        "monetary_all_eur": cents,
        "monetary_previous_365d_eur": cents.where(at_day.between(day - 730, day - 366), 0),
        "before": cents.where(at_day.between(day - 360, day - 181), 0),
        **{kind: cents.where(rows.kind == kind, 0) for kind in ("sale", "refund", "cancellation")},
    }
    f = pd.DataFrame(parts).groupby(rows.customer_id).sum()
    now, before = f.monetary_180d_eur, f.before
    f["monetary_trend_180d"] = share(now - before, now.abs() + before.abs())
    f["refund_share"], f["cancelled_share"] = share(-f.refund, f.sale), share(-f.cancellation, f.sale)
    euros = [name for name in f.columns if name.startswith("monetary_") and name.endswith("_eur")]
    return f.assign(**{name: f[name] / 100 for name in euros}).drop(
        columns=["before", "sale", "refund", "cancellation"]
    )


def affinities(files: Files, orders: Frame) -> list[Frame]:
    """Return the features of lines by customer: products, categories, brands."""
    columns = ["order_id", "sku", "gross_amount", "discount", "tax", "known_ts", "known_until_ts"]
    rows = known(read(files, "lines", columns), files)
    rows = rows.merge(orders[["order_id", "customer_id", "rate_per_eur", "no"]], on="order_id")
    gross, discount, tax = (half_up(rows[name] * 100) for name in ("gross_amount", "discount", "tax"))
    rows["cents"] = half_up((gross - discount - tax) / rows.rate_per_eur)
    rows["first_cents"] = rows.cents.where(rows.no == 0)
    rows = rows.merge(
        known(read(files, "products"), files)[["sku", "category", "brand"]], on="sku", how="left"
    )
    skus = rows.groupby("customer_id").sku.nunique().rename("distinct_skus").to_frame()
    return [skus, *(affinity(rows, name) for name in ("category", "brand"))]


def affinity(rows: Frame, name: str) -> Frame:
    """Return the features of lines by customer for one column of products."""
    by = rows.groupby(["customer_id", name])
    cells = by.cents.sum().to_frame().assign(first=by.first_cents.sum(min_count=1)).reset_index()
    cells["squares"] = cells.cents**2
    per = cells.groupby("customer_id")
    whole = per.cents.sum()
    top = cells.sort_values(["customer_id", "cents", name], ascending=[True, False, True]).drop_duplicates(
        "customer_id"
    )
    top = top.set_index("customer_id")
    f = pd.DataFrame({f"top_{name}": top[name], f"top_{name}_share": share(top.cents, whole)})
    f[f"distinct_{name}"], f[f"{name}_concentration"] = per.size(), share(per.squares.sum(), whole**2)
    if name == "category":
        first = cells[cells["first"].notna()].sort_values(
            ["customer_id", "first", name], ascending=[True, False, True]
        )
        f["first_order_category"] = first.drop_duplicates("customer_id").set_index("customer_id")[name]
    return f


def season(day: pd.Timestamp) -> dict[str, float]:
    """Return the season of t₀."""
    fridays = [
        pd.Timestamp(year, 11, 1) + pd.offsets.WeekOfMonth(week=3, weekday=3)
        for year in (day.year, day.year + 1)
    ]
    ahead = [(friday + timedelta(days=1) - day).days for friday in fridays]
    angle = 2 * math.pi * (day.month - 1) / 12
    return {
        "t0_month_sin": round(math.sin(angle), 12),
        "t0_month_cos": round(math.cos(angle), 12),
        "t0_days_to_black_friday": min(n for n in ahead if n >= 0),
    }


def accounts(files: Files, others: list["pd.Index[str]"], day: int) -> Frame:
    """Return the population with the attributes of its accounts."""
    rows = known(read(files, "customers"), files).set_index("customer_id")
    rows["signup"] = days(rows.signup_ts)
    keys = rows.index[rows.signup.isna() | (rows.signup < day)]
    for other in others:
        keys = keys.union(other)
    names = ["country", "device", "acquisition_channel", "campaign", "marketing_consent", "signup"]
    return rows[names].reindex(keys.rename("customer_id"))


def features(files: Files) -> Frame:
    """Return the features, one row per customer."""
    day = epoch_day(files.as_of)
    orders = orders_in_sequence(files)
    bought, paid = order_features(orders, day), money(files, day)
    f = accounts(files, [bought.index, paid.index], day)
    parts = [bought, paid, *affinities(files, orders)]
    first_day = bought.first_day
    parts += [web_features(events(files, "web_events"), first_day, day)]
    parts += [email_features(events(files, "email_events"), first_day, day)]
    for part in parts:
        f = f.join(part)
    markets = known(read(files, "markets"), files).set_index("country")
    f["country"], f["device"] = f.country.fillna(f.country_1), f.device.fillna(f.device_1)
    f["market_age_days"] = day - f.country.map(days(pd.to_datetime(markets.launch_date)))
    f["signup_age_days"], f["tenure_days"] = day - f.signup, day - f.first_day.fillna(f.signup)
    early = (f.orders_all == 1) & (day - f.first_day <= 90)
    f["segment"] = np.select([f.orders_all.isna(), early], ["lead", "early"], "established")
    f["as_of"] = files.as_of
    return (
        zeros(f)
        .assign(**season(pd.Timestamp(files.as_of)))
        .drop(columns=["signup", "first_day", "country_1", "device_1"])
    )


def zeros(f: Frame) -> Frame:
    """Return the features with 0 where nothing counted; the first days stay null without a first order."""
    names = list(map(str, f.columns))
    early = [n for n in names if n.startswith("first_30d_") and not n.endswith(("orders", "complete"))]
    windows = [n for n in names if n.endswith(("_30d", "_90d", "_180d", "_365d")) and "trend" not in n]
    windows = [n for n in windows if not n.startswith(("web_mobile", "margin"))]
    money_ = [n for n in names if n.startswith("monetary_") and n.endswith("_eur")]
    others = ["orders_all", "frequency", "orders_trend_180d", "installs"]
    others += ["distinct_skus", "distinct_category", "distinct_brand"]
    f[windows + money_ + others] = f[windows + money_ + others].fillna(0)
    f[early] = f[early].fillna(0).where(f.first_day.notna())
    return f


def write(files: Files, target: Path) -> None:
    """Write the features to one Parquet file."""
    features(files).reset_index().to_parquet(target, index=False)
