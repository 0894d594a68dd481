"""What is the same on every page: which week is shown, and a sentence in place of a broken page."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

import duckdb
import pyarrow as pa
import streamlit as st
from botocore.exceptions import BotoCoreError, ClientError

from app.dashboard.store import Week, run_of, scored_days
from app.report import words
from clv.errors import UserError
from clv.indicators import BY_NAME
from decisions.actions import Assumptions

UNREADABLE = (
    OSError,
    json.JSONDecodeError,
    KeyError,
    duckdb.Error,
    pa.ArrowException,
    BotoCoreError,
    ClientError,
)
"""What reading a damaged lake, or one that may not be read, ends in."""


@dataclass(frozen=True)
class Desk:
    """What a page is given: the week to show, all weeks (newest first), today, and what is assumed."""

    week: Week
    days: tuple[date, ...]
    today: date
    assumptions: Assumptions

    @property
    def root(self) -> str:
        """The address of the lake."""
        return self.week.root


Page = Callable[[Desk], None]


def show(page: Page, title: str, root: str, today: date, assumptions: Assumptions) -> None:
    """Show a page of the week that the reader chose, or a sentence that says what to do instead."""
    st.html(
        "<style>.stMainBlockContainer { padding-top: 4rem; }</style>"
    )  # its own leaves a screen's top empty
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    left.title(title)
    with sentences(root):
        with right:
            desk = _desk(root, today, assumptions)
        _say_if_stale(desk)
        page(desk)


@contextmanager
def sentences(root: str) -> Iterator[None]:
    """Say what to do where something is missing or cannot be read."""
    try:
        yield
    except UserError as error:
        st.info(_sentence(str(error)), icon=":material/info:")
    except UNREADABLE as error:
        st.error(_broken(root, error), icon=":material/error:")


def _desk(root: str, today: date, assumptions: Assumptions) -> Desk:
    days = scored_days(root)
    chosen = st.selectbox("Scores of", days, format_func=words.day, key="week")
    return Desk(Week(root, chosen, run_of(root, chosen)), tuple(days), today, assumptions)


def _say_if_stale(desk: Desk) -> None:
    """Warn where the newest scores are older than the alarm of a missed run allows."""
    newest, rule = desk.days[0], BY_NAME["DaysSinceLastPublish"].rule
    age = (desk.today - newest).days
    if rule is not None and age > rule.limit + rule.evaluation_periods:
        st.warning(
            f"The newest scores are of {words.day(newest)}, {words.number(age)} days ago. Deliver newer "
            f"tables and run `clv run --lake {desk.root} --as-of {desk.today}`.",
            icon=":material/schedule:",
        )


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}".rstrip(".") + "."


def _broken(root: str, error: Exception) -> str:
    said = " ".join(str(error).split())[:300]
    return (
        f"This lake cannot be read: {type(error).__name__}: {said}. If a file was damaged or removed by "
        f"hand, run `clv run --lake {root} --as-of YYYY-MM-DD --replace` for that week; on S3 see whether "
        "the role may read the bucket."
    )
