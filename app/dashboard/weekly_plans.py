"""The plan that the weekly run made, for readers who take it as it is."""

from typing import Any

import streamlit as st

from app.dashboard.base import decided_of
from app.dashboard.shell import Desk
from app.report import words
from clv.decision_tables import AUDIENCE
from decisions.decided import Decided


def show_weekly_plan(desk: Desk) -> None:
    """Show what the plan of the week spends and brings, with its audience as a file; else why not."""
    found = decided_of(desk.week)
    if found is None:
        st.caption("The run made no plan of this week; `clv run` of the same t₀ makes one.")
        return
    if found.told["plan"] is None:
        st.caption(_sentence("; ".join(found.told["notes"])))
        return
    with st.expander(f"The plan of the week: {_figures(found.told['plan'])}"):
        _plan(desk, found)


def _plan(desk: Desk, found: Decided) -> None:
    of_models = found.told["notes"]
    for note in found.told["plan"]["notes"]:
        if note in of_models:
            st.info(_sentence(note))
        else:
            st.warning(_sentence(note), icon=":material/psychology_alt:")
    if not found.consents_stand:
        st.warning("Consents may have changed since: run the week again before contacting anybody.")
        return
    st.download_button(
        "Download the plan of the week (CSV)",
        data=lambda: found.table(AUDIENCE).to_csv(index=False),
        file_name=f"plan-{desk.week.as_of}.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
    )


def _figures(plan: dict[str, Any]) -> str:
    spent, budget, profit = (words.eur(plan[name]) for name in ("spent_eur", "budget_eur", "profit_eur"))
    return f"{words.counted(plan['contacts'], 'contact')} for {spent} of {budget}, expected profit {profit}"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
