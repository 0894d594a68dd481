"""An experiment in words: the read-out as a page of text, and everything as JSON."""

import json
import math
from collections.abc import Callable, Mapping
from typing import Any

UNDEFINED = "undefined"
SEGMENTS_SHOWN = 10

Row = tuple[str, str, str, str, str, str]


def as_json(told: Mapping[str, Any]) -> str:
    """Return figures as JSON, NaN as null."""
    return json.dumps(without_nan(told), indent=1, default=str, ensure_ascii=False, allow_nan=False)


def without_nan(value: Any) -> Any:
    """Return a nested value with None in place of NaN and of infinity."""
    if isinstance(value, Mapping):
        return {str(name): without_nan(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [without_nan(one) for one in value]
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    return value


def figures(told: Mapping[str, Any]) -> list[Row]:
    """Return the figures of a read-out: name, control, treatment, difference, interval, p-value."""
    apart = told["revenue_differing"]
    rows = [
        _row(f"decides: revenue, {told['decides']} customers", told["primary"], euros),
        _row("revenue, winsorised, CUPED", told["revenue_adjusted"], euros),
        _row(f"… of {apart['customers']:,} named by one rule alone", apart, euros),
        _row("revenue, winsorised", told["revenue_winsorised"], euros),
        _row("revenue (bootstrap)", told["revenue"], euros),
        _row("conversion", told["conversion"], percent),
    ]
    if told["churn_high_value"] is not None:
        rows.append(_row("90-day churn, high value", told["churn_high_value"], percent))
    return rows


def harm_lines(told: Mapping[str, Any]) -> list[str]:
    """Return one line for each figure that is watched for harm."""
    return [
        f"{one['figure']}: control {one['control']:,.3f}, treatment {one['treatment']:,.3f}, "
        f"{percent(one['relative'])} ({percent(one['low'])} to {percent(one['high'])}): "
        f"raw {one['raw']}, sure {one['sure']}"
        for one in told["harm"]
    ]


def lifts(told: Mapping[str, Any]) -> list[Row]:
    """Return the segments with the smallest p-values: segment, customers, lift, interval, p, Holm's p."""
    known = [one for one in told["segments"] if one["p_value"] == one["p_value"]]
    known.sort(key=lambda one: (one["p_value"], one["column"], one["value"]))
    return [
        (
            f"{one['column']} = {one['value']}",
            f"{one['customers']:,}",
            euros(one["difference"]),
            f"{euros(one['low'])} to {euros(one['high'])}",
            f"{one['p_value']:.2g}",
            f"{one['p_holm']:.2g}",
        )
        for one in known[:SEGMENTS_SHOWN]
    ]


def arm_lines(told: Mapping[str, Any]) -> list[str]:
    """Return one line for each arm: who was contacted, what it cost and brought."""
    return [
        f"{one['arm']}: {one['customers']:,} customers, {one['reached']:,} of {one['planned']:,} planned "
        f"ones contacted for €{one['cost_eur']:,.2f}; net revenue of all €{one['revenue_eur']:,.2f}"
        for one in told["arms"]
    ]


def summary(told: Mapping[str, Any]) -> str:
    """Return a read-out as a page of Markdown."""
    split = told["sample_ratio"]
    return "\n".join(
        [
            f"# Experiment {told['experiment']}, read on {told['as_of']}",
            "",
            f"**{told['verdict']}**",
            "",
            *(f"- {line}" for line in told["warnings"]),
            f"- window {told['start']} to {told['end']} (excluded)",
            f"- models {', '.join(told['model_versions'])}",
            f"- split: {split['control']:,} and {split['treatment']:,}, p = {split['p_value']:.3g}",
            *(f"- {line}" for line in (*arm_lines(told), *harm_lines(told))),
            "",
            "| per customer | control | treatment | difference | interval | p |\n|---|--:|--:|--:|--:|--:|",
            *("| " + " | ".join(row) + " |" for row in figures(told)),
            "",
            "| segment | customers | lift | interval | p | p (Holm) |\n|---|--:|--:|--:|--:|--:|",
            *("| " + " | ".join(row) + " |" for row in lifts(told)),
            "",
        ]
    )


def euros(value: float) -> str:
    """Return euros and cents with a sign where negative; `undefined` for NaN."""
    return UNDEFINED if math.isnan(value) else f"{value:,.2f} €"


def percent(value: float) -> str:
    """Return a share in per cent; `undefined` for NaN."""
    return UNDEFINED if math.isnan(value) else f"{value:.2%}"


def _row(name: str, one: Mapping[str, Any], written: Callable[[float], str]) -> Row:
    interval = f"{written(one['low'])} to {written(one['high'])}"
    p_value = UNDEFINED if math.isnan(one["p_value"]) else f"{one['p_value']:.2g}"
    return (
        name,
        written(one["control"]),
        written(one["treatment"]),
        written(one["difference"]),
        interval,
        p_value,
    )
