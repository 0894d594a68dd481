"""A bill as tables: by service, and by what is billed."""

from rich.table import Table

from app.console import grid
from clv.costs import Line, free_eur, total_eur
from clv.prices import Prices


def table_title(customers: int, prices: Prices) -> str:
    """Return what the bill is of."""
    return f"{customers:,} customers, EUR without tax, {prices.region}, prices of {prices.as_of}"


def services_table(title: str, run: list[Line], month: list[Line]) -> Table:
    """Return the money by service, with and without free tiers."""
    names = list(dict.fromkeys(line.service for line in month + run))
    rows = [[name, *(_money(_of(lines, name)) for lines in (run, month))] for name in names]
    rows.append(["total", _money(total_eur(run)), _money(total_eur(month))])
    rows.append(["free tiers of AWS", "", _money(-free_eur(month))])
    rows.append(["total after free tiers", "", _money(total_eur(month) - free_eur(month))])
    return grid(title, ["service", "one run", "one month"], rows)


def lines_table(month: list[Line]) -> Table:
    """Return the month by what is billed, from one cent on."""
    rows = [
        [f"{line.service}: {line.unit}", f"{line.units:,.2f}", _money(line.eur), _money(line.free_eur)]
        for line in month
        if line.eur >= 0.01
    ]
    return grid("The month by what is billed", ["service: unit", "units", "EUR", "of it free"], rows)


def _of(lines: list[Line], service: str) -> float:
    return sum(line.eur for line in lines if line.service == service)


def _money(eur: float) -> str:
    return f"{eur:,.2f}"
