"""The governance file of a model for people, and the page of a validation: one HTML text each."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from clv.card_style import STYLE
from clv.html import NONE, Cell, folded, listed, page, said, table

Row = Mapping[str, Any]
SMALL = 0.0005
"""Below it three decimals would show nothing."""
FIGURES = (
    ("n", "customers", ",d"),
    ("gini_normalised", "norm. Gini", ".3f"),
    ("capture_top10", "top 10 %", ".1%"),
    ("rmse", "RMSE €", ",.1f"),
    ("mae", "MAE €", ",.1f"),
    ("mape", "MAPE", ".2f"),
)
HOW = (
    "With an interval (95 %), fail: all of it is beyond the limit; warn: the figure is, which may be luck. "
    "Without one, warn: beyond the limit; fail: beyond the one in brackets."
)


def validation_page(told: Mapping[str, Any]) -> str:
    """Return the page of a `validation.json`."""
    title = f"Validation at {told['as_of']}, {told['horizon_days']} days"
    models = ", ".join(f"{segment}: {version}" for segment, version in told["model_versions"].items())
    return page(title, STYLE, [f"<p>{escape(models)}</p>", *_validation(told)])


def card_page(card: Mapping[str, Any], approval: Mapping[str, Any] | None = None) -> str:
    """Return the governance file of a model.

    Parameters
    ----------
    card
        What a training wrote into card.json.
    approval
        Of the registry, where the model is in one: `package`, `status` and texts to show by name.
    """
    title = f"Model card: {card['segment']}, {card['horizon_days']} days"
    parts = [
        f"<p><b>{escape(card['model_version'])}</b>, trained as of {card['trained_as_of']}</p>",
        *_approval(card["verdict"], approval),
        _head("What it is for"),
        f"<p>{escape(card['purpose'])}</p>",
        listed(card["intended_use"]),
        "<h3>Not for</h3>",
        listed(card["not_intended"]),
        *_learned(card),
        *_figures(card),
        _head("Validation"),
        *_validation(card["validation"]),
        _head("Known limits"),
        listed([*card["known_limits"], *card["notes"]]),
        *_origin(card),
    ]
    return page(title, STYLE, parts)


def figure(row: Row) -> str:
    """Return what a check found, with its interval, for a reader."""
    if row["found"] is None:
        return NONE
    known = row["low"] is not None and row["high"] is not None
    within = f" ({_number(row['low'])} to {_number(row['high'])})" if known else ""
    return _number(row["found"]) + within


def _number(value: float) -> str:
    if abs(value) >= 10:
        return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"
    return f"{value:.3f}" if abs(value) >= SMALL or value == 0 else f"{value:.1g}"


def _validation(told: Mapping[str, Any]) -> Iterable[str]:
    yield f'<p>{_mark(told["verdict"])} {escape(told["sentence"])}.</p><p class="note">{HOW}</p>'
    rows = [
        (
            _mark(row["verdict"]),
            row["check"] + "<br>" + _long(f"{row['area']}: {row['says']}"),
            *(escape(text) for text in (figure(row), row["limit"], row["detail"] or NONE)),
            _long(row["source"]),
        )
        for row in told["checks"]
    ]
    columns = ("", "check", "found", "limit", "of", "source of the limit")
    yield _table(columns, rows, ("left", "left", "", "", "left", "left"))
    if told["reruns"]:
        yield "<h3>Trained again</h3>"
        yield _table(
            ("", "data", "two deciles away or more", "rank correlation"),
            [
                (
                    escape(one["kind"]),
                    escape(one["what"]),
                    f"{one['moved']:.1%}",
                    said(one["rank_correlation"], ".4f"),
                )
                for one in told["reruns"]
            ],
            ("left", "left", "", ""),
        )


def _approval(verdict: Mapping[str, Any], approval: Mapping[str, Any] | None) -> Iterable[str]:
    yield _head("Approval")
    yield f"<p>By the rules: <b>{escape(verdict['status'])}</b>. {escape(verdict['reason'])}</p>"
    if approval is None:
        yield '<p class="note">Written at training: what became of it since stands in the registry.</p>'
    else:
        yield _table(
            ("in the registry", ""),
            [(escape(name.replace("_", " ")), escape(str(value))) for name, value in approval.items()],
            ("left", "left"),
        )
    yield _table(
        ("rule", "status", "figure", "why"),
        [
            (
                escape(rule["rule"].replace("_", " ")),
                escape(rule["status"]),
                NONE if rule["figure"] is None else _number(rule["figure"]),
                _long(rule["says"]),
            )
            for rule in verdict["rules"]
        ],
        ("left", "left", "", "left"),
    )


def _learned(card: Mapping[str, Any]) -> Iterable[str]:
    yield _head("What taught it")
    days = card["training_as_ofs"]
    window = f"{len(days)} snapshots, {days[0]} to {days[-1]}" if days else "no label: nothing had closed"
    yield f"<p>{window}, each with the {card['horizon_days']} days after it.</p>"
    rows = [
        (
            escape(name),
            f"{of['rows']:,}",
            f"{of['customers']:,}",
            said(of["share_with_revenue"], ".1%"),
            said(of["mean_label_eur"], ",.2f"),
        )
        for name, of in card["population"].items()
    ]
    yield _table(
        ("customers of", "rows", "customers", "with revenue", "mean €"), rows, ("left", "", "", "", "")
    )


def _figures(card: Mapping[str, Any]) -> Iterable[str]:
    yield _head("How good it was")
    if not card["metrics"]:
        yield "<p>Nothing could be judged out of time.</p>"
        return
    yield f"<p>Out of time at {card['evaluation_as_of']}; 12m is last year's revenue.</p>"
    yield _of(card["metrics"].items())
    yield "<h3>By material group</h3>"
    yield '<p class="note">Forecast / came with its 95 % bootstrap interval over customers.</p>'
    yield _of((_group(row), row) for row in card["metrics_by_segment"])


def _group(row: Row) -> str:
    return (
        row["value"]
        if row["dimension"] == row["value"]
        else f"{row['dimension'].replace('_', ' ')} {row['value']}"
    )


def _ratio(row: Row) -> str:
    """Return forecast / came, with its interval where the row has one."""
    ends = [row.get(f"calibration_{end}") for end in ("low", "high")]
    within = "" if None in ends else f" ({ends[0]:.2f} to {ends[1]:.2f})"
    return said(row["calibration_ratio"], ".2f") + within


def _of(named: Iterable[tuple[str, Row]]) -> str:
    heads = ("", *(heading for _, heading, _ in FIGURES), "forecast / came")
    rows = [
        (escape(name), *(said(row[key], form) for key, _, form in FIGURES), _ratio(row))
        for name, row in named
    ]
    return _table(heads, rows, ("left", *[""] * (len(FIGURES) + 1)))


def _origin(card: Mapping[str, Any]) -> Iterable[str]:
    yield _head("Where it comes from")
    yield f"<p>Code {escape(card['code_version'])}.</p>"
    named = (("Runs that wrote what it read", "read"), ("Settings", "parameters"), ("Libraries", "libraries"))
    for summary, key in named:
        rows = [(escape(name), escape(str(value))) for name, value in card[key].items()]
        yield folded(summary, _table(("", ""), rows, ("left", "left")))


def _long(text: str) -> str:
    return f'<span class="long">{escape(text)}</span>'


def _mark(verdict: str) -> str:
    return f'<span class="mark {verdict.replace(" ", "-")}">{verdict}</span>'


def _head(text: str) -> str:
    return f"<h2>{text}</h2>"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]], of: Sequence[str]) -> str:
    """Return a table of HTML texts, `of` being the class of each column."""
    return table(map(Cell, heads, of), (map(Cell, row, of) for row in rows))
