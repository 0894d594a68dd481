"""The features of web and e-mail events in pandas."""

import pandas as pd

from bench.files import Files
from bench.pandas_tools import MOBILE, Frame, days, known, read, share
from clv.timeline import t0

EVENT_WINDOWS_DAYS = (30, 90, 365)
WEB = {"web_views": "view", "searches": "search", "add_to_carts": "add_to_cart", "logins": "login"}
EMAIL = {"email_opens": "open", "email_clicks": "click"}


def events(files: Files, name: str) -> Frame:
    """Return an event table as known at t₀: customer_id, type, device, day."""
    at = t0(files.as_of)
    rows = read(files, name, ["event_id", "customer_id", "ts", "type", "device", "recorded_ts"])
    disputed = read(files, f"disputed_{name}")
    when = rows.recorded_ts.fillna(rows.ts)
    rows = rows[rows.event_id.notna() & (rows.ts < at) & (when < at) & ~rows.event_id.isin(disputed.event_id)]
    ruled = known(disputed[(disputed.fate == "used")], files)
    columns = ["customer_id", "type", "device", "ts"]
    rows = pd.concat([rows[columns], ruled[columns]], ignore_index=True)
    return rows.assign(day=days(rows.ts)).drop(columns="ts")


def counts(rows: Frame, names: list[str], first_day: "pd.Series[float]", day: int) -> Frame:
    """Return the sums of these columns by customer in the windows before t₀ and after the first order."""
    since = rows.day - rows.customer_id.map(first_day)
    parts = {
        f"{name}_{d}d": rows[name].where(rows.day >= day - d, 0) for name in names for d in EVENT_WINDOWS_DAYS
    }
    early = {f"first_30d_{n}": rows[n].where(since.between(0, 29), 0) for n in names if n != "logins"}
    return pd.DataFrame(parts | early).groupby(rows.customer_id).sum()


def web_features(rows: Frame, first_day: "pd.Series[float]", day: int) -> Frame:
    """Return the features of web events by customer."""
    flags = {name: rows.type == kind for name, kind in WEB.items()}
    flags |= {"installs": rows.type == "install", "mobile": rows.device.isin(MOBILE)}
    rows = pd.DataFrame(flags).astype("int32").assign(events=1, customer_id=rows.customer_id, day=rows.day)
    daily = rows.groupby(["customer_id", "day"], as_index=False).sum().assign(sessions=1)
    f = counts(daily, [*WEB, "sessions"], first_day, day)
    by, of = daily.groupby("customer_id"), daily.customer_id
    recent = daily.events.where(daily.day >= day - 30, 0).groupby(of).sum()
    before = daily.events.where(daily.day.between(day - 90, day - 31), 0).groupby(of).sum()
    year = daily[daily.day >= day - 365].groupby("customer_id")[["events", "mobile"]].sum()
    f["installs"], f["days_since_web"] = by.installs.sum(), day - by.day.max()
    f["web_trend_90d"] = share(2 * recent - before, 2 * recent + before)
    f["web_mobile_share_365d"] = year.mobile / year.events
    return f


def email_features(rows: Frame, first_day: "pd.Series[float]", day: int) -> Frame:
    """Return the features of e-mail events by customer."""
    rows = rows.assign(**{name: (rows.type == kind).astype("int32") for name, kind in EMAIL.items()})
    f = counts(rows, list(EMAIL), first_day, day)
    for kind in EMAIL.values():
        f[f"days_since_email_{kind}"] = day - rows[rows.type == kind].groupby("customer_id").day.max()
    return f
