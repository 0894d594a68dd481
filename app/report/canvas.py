"""How every chart looks, and how it becomes SVG inside the page.

Text stays text (searchable, small, readable to a screen reader); the same numbers give the same bytes.
"""

import io
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from xml.etree import ElementTree as ET

import matplotlib as mpl
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import FuncFormatter

from app.report.blocks import Figure
from app.report.words import eur, percent

# Okabe and Ito (2008), a palette that colour-blind readers can tell apart; line styles differ as well.
BLUE, VERMILLION, GREEN, SKY, BLACK = "#0072B2", "#D55E00", "#009E73", "#56B4E9", "#000000"
GREY, FAINT = "#595959", "#D9D9D9"
WIDTH_INCHES = 5.6  # two fit side by side at 1280 px, and the letters stay readable on a phone

STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 11,
    "text.parse_math": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "axes.labelcolor": GREY,
    "axes.axisbelow": True,
    "axes.grid": True,
    "grid.color": FAINT,
    "grid.linewidth": 0.6,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelsize": 10,
    "ytick.labelsize": 10,
    "lines.linewidth": 2,
    "legend.frameon": False,
    "legend.fontsize": 10,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
}
SVG, XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
ET.register_namespace("", SVG)
ET.register_namespace("xlink", XLINK)

SHARES = FuncFormatter(lambda value, _: percent(value))
EUROS = FuncFormatter(lambda value, _: eur(value))


class Chart:
    """An axes to draw on; `figure` is set once the drawing is done."""

    def __init__(self, name: str, height_inches: float) -> None:
        self.name = name
        self.canvas = Canvas(figsize=(WIDTH_INCHES, height_inches), layout="constrained")
        self.axes: Axes = self.canvas.add_subplot()

    def figure(self, title: str, note: str = "") -> Figure:
        """Return the chart as a figure of the page."""
        return Figure(title, _svg(self.canvas, self.name, title), note)


@contextmanager
def chart(name: str, height_inches: float = 3.7) -> Iterator[Chart]:
    """Yield a chart in the page's style; `name` keeps its SVG ids apart from other charts'."""
    with mpl.rc_context({**STYLE, "svg.hashsalt": name}), warnings.catch_warnings():
        # The reader's own fonts draw the text; matplotlib's only measures it.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        yield Chart(name, height_inches)


def _svg(canvas: Canvas, name: str, title: str) -> Markup:
    buffer = io.BytesIO()
    canvas.savefig(buffer, format="svg", metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
    root = ET.fromstring(buffer.getvalue())  # noqa: S314 - matplotlib wrote it a line above
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag.endswith(("}metadata", "}style")):
                parent.remove(child)
    for element in root.iter():
        _fit_into_a_page(element)
    for size in ("width", "height"):
        del root.attrib[size]
    root.attrib.update({"role": "img", "aria-label": title, "class": f"chart chart-{name}"})
    return Markup(ET.tostring(root, encoding="unicode"))  # noqa: S704 - ElementTree escapes


def _fit_into_a_page(element: ET.Element) -> None:
    """Drop what the page decides: the font, and the ids of groups, which every chart numbers from 1."""
    if element.tag == f"{{{SVG}}}g":
        element.attrib.pop("id", None)
    if element.tag == f"{{{SVG}}}text":
        element.set("style", re.sub(r"font-family:[^;]*;?", "", element.get("style", "")))
    else:
        element.text = (element.text or "").strip()
    element.tail = (element.tail or "").strip()
    if "d" in element.attrib:
        element.set("d", " ".join(element.attrib["d"].split()))
