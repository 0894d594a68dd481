"""What pages of plain HTML are made of: tables, lists, folded parts, and their common look.

Strings of the standard library, because training, the registry's Lambda and the laptop all write pages.
Content is HTML and goes in as it is; titles, summaries and lines of lists are text.
"""

from collections.abc import Iterable
from html import escape
from typing import NamedTuple

NONE = "–"


class Cell(NamedTuple):
    """A cell of a table: its content, and the class that it is drawn by."""

    content: str
    of: str = ""


def said(value: float | None, form: str) -> str:
    """Return a number in a format, a dash for none."""
    return NONE if value is None else format(value, form)


def table(heads: Iterable[Cell], rows: Iterable[Iterable[Cell]]) -> str:
    """Return a table that scrolls where it is wider than the page; numbers stand to the right."""
    head = "".join(_cell("th", cell) for cell in heads)
    body = "".join(f"<tr>{''.join(_cell('td', cell) for cell in row)}</tr>" for row in rows)
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def listed(lines: Iterable[str], of: str = "") -> str:
    """Return texts as a list."""
    return f"<ul{_class(of)}>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>"


def folded(summary: str, content: str) -> str:
    """Return content that is shown when its summary is clicked."""
    return f"<details><summary>{escape(summary)}</summary>{content}</details>"


def page(title: str, style: str, parts: Iterable[str]) -> str:
    """Return a whole page under its title; `style` comes after `STYLE`."""
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{STYLE}{style}</style>'
    body = f"<h1>{escape(title)}</h1>{''.join(parts)}"
    return f'<!doctype html><html lang="en"><head>{head}</head><body>{body}</body></html>\n'


def _cell(tag: str, cell: Cell) -> str:
    return f"<{tag}{_class(cell.of)}>{cell.content}</{tag}>"


def _class(of: str) -> str:
    return f' class="{of}"' if of else ""


STYLE = """
:root { --ink: #1a1a1a; --soft: #595959; --line: #d9d9d9; --wash: #f5f7f9; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1320px; padding: 1.5rem 1.25rem 4rem; background: #fff; color: var(--ink);
  font: 16px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
h1 { margin: 0 0 .5rem; font-size: 1.9rem; line-height: 1.2; }
h2 { margin: 2.25rem 0 .75rem; padding-top: .75rem; border-top: 2px solid var(--ink); font-size: 1.4rem; }
h3 { margin: 1rem 0 .5rem; font-size: 1rem; }
p, ul { margin: 0 0 .75rem; max-width: 90ch; }
.note { color: var(--soft); font-size: .85rem; }
.scroll { overflow-x: auto; margin-bottom: 1rem; }
table { border-collapse: collapse; font-size: .82rem; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .55rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap;
  vertical-align: top; }
th { border-bottom: 2px solid var(--soft); vertical-align: bottom; }
.left { text-align: left; }
summary { cursor: pointer; margin: .5rem 0; }
"""
