"""The demo: everything once, on a marketplace whose truth is known."""

from app.backtest_commands import run_backtest
from app.commands import run_week, write_marketplace
from app.console import Console
from app.world.parameters import TRUTH_AS_OF
from clv.lake import Lake
from clv.models.grown_once import grown_once
from clv.settings import Settings


def show_demo(lake: Lake, customers: int, seed: int, console: Console) -> None:
    """Write a marketplace, judge last year's forecast, score this week and point to the report."""
    past, present = TRUTH_AS_OF
    write_marketplace(lake, customers, seed, console, replace=True)
    with grown_once():
        run_backtest(lake, past, Settings(), console)
        run_week(lake, present, Settings(), console, replace=False)
