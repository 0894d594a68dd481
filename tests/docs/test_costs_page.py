"""`docs/costs.md` shows the bill of a run of 300,000 customers and what would change it, as `clv cost` says today.

The run's records are in `run_of_300000.json`. `python -m tests.docs.test_costs_page` writes the page anew.
"""

import json
from dataclasses import replace
from io import StringIO
from pathlib import Path

from rich.console import Console

from app.console import grid
from app.cost_tables import lines_table, services_table, table_title
from app.costs import Measured, assumptions, bills, month_of
from clv.costs import MONTH_HOURS, added, free_eur, month_quantities, priced, total_eur
from clv.prices import read_prices
from clv.sizes import SIZES, Sizes

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "costs.md"
CUSTOMERS, MONTHS = 300_000, 6
TARGET_EUR = 10
MEASURED = Measured(**json.loads((HERE / "run_of_300000.json").read_text(encoding="utf-8")))
PROD = SIZES["prod"]
ENDPOINTS = 7 * 2
"""Glue, SageMaker, CloudWatch, its logs, KMS, STS and Step Functions, in two zones each."""


def drawn(*tables):
    out = StringIO()
    console = Console(file=out, width=110, highlight=False)
    for table in tables:
        console.print(table)
    return "\n".join(line.rstrip() for line in out.getvalue().rstrip().splitlines())


def bill():
    prices = read_prices()
    run, month = bills(MEASURED, PROD, prices, CUSTOMERS, MONTHS)
    tables = services_table(table_title(CUSTOMERS, prices), run, month), lines_table(month)
    notes = assumptions(MEASURED, PROD, prices, CUSTOMERS, MONTHS)
    return drawn(*tables) + "\n" + "\n".join(f"- {note}" for note in notes)


def month(sizes=PROD, customers=CUSTOMERS, months=MONTHS, more=None, **changes):
    """What a month costs before free tiers, and after, with something changed."""
    usage = replace(month_of(MEASURED, sizes, customers, months), **changes)
    lines = priced(added(month_quantities(usage), more or {}), read_prices())
    return total_eur(lines), total_eur(lines) - free_eur(lines)


def variants():
    as_it_is = month_of(MEASURED, PROD, CUSTOMERS, MONTHS)
    wide = Sizes({verb: 2 * count for verb, count in PROD.workers.items()})
    return {
        "as above": month(),
        "the first month": month(months=0),
        "the 24th month": month(months=24),
        "Flex: a third less for Glue, a start may wait": month(replace(PROD, flex=True)),
        "3,000,000 customers, twice the workers": month(wide, customers=3_000_000),
        "training every day": month(trainings=365 / 12),
        "no daily runs": month(daily=replace(as_it_is.daily, glue=(), transitions=0, calls=0)),
        "no events": month(events=0, event_files=0),
        "interface endpoints of a VPC": month(more={"vpc_endpoint_hours": ENDPOINTS * MONTH_HOURS}),
        "a NAT gateway": month(more={"nat_hours": MONTH_HOURS}),
        "events through two Kinesis streams": month(more={"kinesis_stream_hours": 2 * MONTH_HOURS}),
    }


def changes():
    rows = [[name, f"{total:,.2f}", f"{after:,.2f}"] for name, (total, after) in variants().items()]
    return drawn(grid("A month, EUR", ["what", "before free tiers", "after"], rows))


def page(text):
    """The page with its two tables made anew."""
    for name, made in (("bill", bill()), ("changes", changes())):
        before, mark, rest = text.partition(f"<!-- {name} -->\n```\n")
        _, fence, after = rest.partition("```\n")
        assert mark, f"no place for {name}"
        text = f"{before}{mark}{made}\n{fence}{after}"
    return text


def test_the_page_shows_the_bill_as_it_is_today():
    text = PAGE.read_text(encoding="utf-8")
    assert text == page(text), "run `python -m tests.docs.test_costs_page`"


def test_a_month_of_300_000_customers_costs_at_most_ten_euros_after_free_tiers():
    assert month()[1] <= TARGET_EUR


def test_prices_have_a_day_and_a_region():
    prices = read_prices()
    assert f"prices of {prices.as_of}" in PAGE.read_text(encoding="utf-8")
    assert prices.region in PAGE.read_text(encoding="utf-8")


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
