"""Figures in boxes that wrap: five beside each other on a desk, two on a phone."""

from collections.abc import Sequence

import streamlit as st

Tile = tuple[str, str, str]
"""What it is, the figure, what stands beside it."""


def tiles(shown: Sequence[Tile]) -> None:
    """Show figures in boxes."""
    with st.container(horizontal=True, gap="small"):
        for name, figure, beside in shown:
            with st.container(border=True, width="stretch", height="stretch", gap=None):
                st.caption(name)
                st.markdown(f"### {figure}")
                st.caption(beside)
