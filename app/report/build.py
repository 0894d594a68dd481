"""Verb: write the report of one t₀, a single HTML file that needs nothing else."""

import os
from datetime import date
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.report import words
from app.report.backtest import judgement
from app.report.concentration import concentration
from app.report.drivers import drivers
from app.report.glossary import glossary
from app.report.inputs import Inputs, read_inputs
from app.report.intake import intake
from app.report.intervals import intervals
from app.report.overview import overview
from app.report.plan import plan
from app.report.ranking import ranking
from app.report.segments import segments
from clv.lake import Lake

SECTIONS = (overview, concentration, ranking, intervals, drivers, plan, judgement, segments, intake)


def write_report(lake: Lake, as_of: date | None = None) -> Path:
    """Write `reports/as_of=D/report.html` for the scores of `as_of` and return its path.

    By default the newest scores. The same lake gives the same bytes. What is missing (a plan, a backtest,
    the accounts) is named on the page with the command that writes it. UserError where there are no scores.
    """
    inputs = read_inputs(lake, as_of)
    target = lake.path(f"reports/as_of={inputs.as_of}") / "report.html"
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_suffix(".draft")
    draft.write_text(page(inputs), encoding="utf-8")
    os.replace(draft, target)  # noqa: PTH105 - a reader sees the old page or the new one
    return target


def page(inputs: Inputs) -> str:
    """Return the HTML."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    sections = [*(section(inputs) for section in SECTIONS), glossary()]
    title = f"Customer lifetime value as of {words.day(inputs.as_of)}"
    return environment.get_template("report.html.j2").render(title=title, sections=sections)
