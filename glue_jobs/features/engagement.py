"""What a customer does between orders: web and e-mail events, before t₀ and after the first order.

Events are grouped once; web events by customer and day first, because a session is such a day.
"""

from collections.abc import Iterable

import ibis
import ibis.expr.types as ir

from clv.feature_catalogue import (
    EMAIL_COUNTS,
    ENGAGEMENT_WINDOWS_DAYS,
    FIRST_DAYS,
    FIRST_DAYS_WEB_COUNTS,
    MOBILE_DEVICES,
    WEB_COUNTS,
)
from glue_jobs.features.exact import by_customer, change, number, or_zero, ratio, total, within

_WEB_NAMES = (*WEB_COUNTS.values(), "sessions")
_WEB_FIRST_NAMES = (*FIRST_DAYS_WEB_COUNTS, "sessions")
_RECENT_DAYS, _TREND_DAYS, _YEAR_DAYS = 30, 90, 365


def web_sums(web: ir.Table, firsts: ir.Table, day: int) -> list[ir.Table]:
    """Return tables of sums of web events per customer; firsts : customer_id, first_day."""
    counts = {name: number(web, web.type == kind) for kind, name in WEB_COUNTS.items()}
    counts |= {"installs": number(web, web.type == "install"), "events": web.count()}
    counts["mobile"] = number(web, web.device.isin(MOBILE_DEVICES))
    # Of one customer's day, and held by millions: half the memory of int64.
    counts = {name: count.cast("int32") for name, count in counts.items()}
    days = web.group_by("customer_id", "day").aggregate(**counts, sessions=ibis.literal(1, "int32"))
    spans = _spans(days, day)
    sums = {
        "installs": total(spans.installs),
        "last_web_day": spans.last_day.max(),
        "web_recent": total(spans.events, where=spans.span == 0),
        "web_before": total(spans.events, where=spans.span == ENGAGEMENT_WINDOWS_DAYS.index(_TREND_DAYS)),
        "web_year": total(spans.events, where=spans.span < len(ENGAGEMENT_WINDOWS_DAYS)),
        "web_mobile_year": total(spans.mobile, where=spans.span < len(ENGAGEMENT_WINDOWS_DAYS)),
    }
    windows = {
        f"{name}_{d}d": total(spans[name], where=spans.span <= number_)
        for name in _WEB_NAMES
        for number_, d in enumerate(ENGAGEMENT_WINDOWS_DAYS)
    }
    early = _first_days(days, firsts)
    first_sums = {f"first_{FIRST_DAYS}d_{name}": total(early[name]) for name in _WEB_FIRST_NAMES}
    return [by_customer(spans, sums | windows), by_customer(early, first_sums)]


def _spans(days: ir.Table, day: int) -> ir.Table:
    """Return the sums of web days between the edges of the windows, `span` 0 up to t₀; few rows a customer.

    So every day is added up once, and not once for each window that it lies in.
    """
    ages = [(days.day >= day - d, number_) for number_, d in enumerate(ENGAGEMENT_WINDOWS_DAYS)]
    span = ibis.cases(*ages, else_=len(ENGAGEMENT_WINDOWS_DAYS)).cast("int32")
    sums = {name: total(days[name]) for name in (*_WEB_NAMES, "installs", "mobile", "events")}
    return days.group_by("customer_id", span=span).aggregate(last_day=days.day.max(), **sums)


def email_sums(email: ir.Table, firsts: ir.Table, day: int) -> list[ir.Table]:
    """Return tables of sums of e-mail events per customer; firsts : customer_id, first_day."""
    last = {f"last_{kind}_day": email.day.max(where=email.type == kind) for kind in EMAIL_COUNTS}
    windows = {
        f"{name}_{d}d": number(email, (email.type == kind) & within(email.day, day - d, day))
        for kind, name in EMAIL_COUNTS.items()
        for d in ENGAGEMENT_WINDOWS_DAYS
    }
    early = _first_days(email, firsts)
    first_sums = {
        f"first_{FIRST_DAYS}d_{name}": number(early, early.type == kind)
        for kind, name in EMAIL_COUNTS.items()
    }
    return [by_customer(email, last | windows), by_customer(early, first_sums)]


def web_columns(row: ir.Table, day: int) -> dict[str, ir.Value]:
    """Return the web features."""
    share_of_days = (_TREND_DAYS - _RECENT_DAYS) // _RECENT_DAYS
    recent, before = or_zero(row, "web_recent"), or_zero(row, "web_before")
    return _counts(row, _WEB_NAMES, _WEB_FIRST_NAMES) | {
        "installs": or_zero(row, "installs"),
        "days_since_web": day - row.last_web_day,
        "web_trend_90d": change(share_of_days * recent, before),
        "web_mobile_share_365d": ratio(row.web_mobile_year, row.web_year),
    }


def email_columns(row: ir.Table, day: int) -> dict[str, ir.Value]:
    """Return the e-mail features."""
    names = tuple(EMAIL_COUNTS.values())
    since = {f"days_since_email_{kind}": day - row[f"last_{kind}_day"] for kind in EMAIL_COUNTS}
    return _counts(row, names, names) | since


def _first_days(rows: ir.Table, firsts: ir.Table) -> ir.Table:
    """Return the rows of the first days after their customer's first order: far fewer to add up."""
    joined = rows.inner_join(firsts, "customer_id")
    return joined.filter(within(joined.day, joined.first_day, joined.first_day + FIRST_DAYS))


def _counts(row: ir.Table, names: Iterable[str], first_names: Iterable[str]) -> dict[str, ir.Value]:
    """Return the counts, 0 without an event; those of the first days are null without a first order."""
    windows = [f"{name}_{d}d" for name in names for d in ENGAGEMENT_WINDOWS_DAYS]
    first = [f"first_{FIRST_DAYS}d_{name}" for name in first_names]
    ordered = row.first_day.notnull()
    return {name: or_zero(row, name) for name in windows} | {
        name: ibis.ifelse(ordered, or_zero(row, name), None) for name in first
    }
