import json
import re

import pandas as pd
import pytest
from playwright.sync_api import expect

from app.dashboard.main import PAGES
from app.report import words
from clv.decision_tables import AUDIENCE
from clv.partitions import readouts_of
from clv.settings import Settings
from decisions.actions import EXAMPLE
from decisions.plan_budget import plan_budget
from decisions.spend import Wishes
from tests.flow.dashboards import CHROMIUM, DESK, NO_BROWSER, PHONE, browser, dashboard_of, screenshot, settle
from tests.flow.weekly_lake import AS_OF

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason=NO_BROWSER)
NAMES = [title for title, _, _ in PAGES]


@pytest.fixture(scope="module")
def address(tried, tmp_path_factory):
    with dashboard_of(tried, AS_OF, tmp_path_factory.mktemp("dashboard") / "log.txt") as found:
        yield found


@pytest.fixture(scope="module")
def chromium():
    with browser() as found:
        yield found


@pytest.fixture
def opened(chromium, request):
    """A page of the size and colours that the test asks for, and the errors that its scripts throw."""
    size, scheme = getattr(request, "param", (DESK, "light"))
    context = chromium.new_context(viewport=size, color_scheme=scheme, accept_downloads=True)
    page, errors = context.new_page(), []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    assert errors == []
    context.close()


def assert_shown(page, title):
    settle(page)
    assert page.locator("h1").inner_text() == title
    for broken in ("stException", "stAlertContentError"):
        assert page.get_by_test_id(broken).count() == 0, page.locator("body").inner_text()
    wide = page.evaluate(
        "(main => main.scrollWidth - main.clientWidth)(document.querySelector('[data-testid=stMain]'))"
    )
    assert wide <= 0, "the page is wider than the screen"


@pytest.mark.parametrize("opened", [(DESK, "light"), (PHONE, "dark")], indirect=True, ids=["desk", "phone"])
def test_every_page_opens_by_its_address(opened, address, request):
    for place, title in enumerate(NAMES):
        opened.goto(f"{address}/{title.lower() if place else ''}")
        opened.get_by_test_id("stVegaLiteChart").first.wait_for()
        assert_shown(opened, title)
        screenshot(opened, f"{title.lower()}-{request.node.callspec.id}")


def test_every_page_is_reached_from_the_first(opened, address):
    opened.goto(address)
    settle(opened)
    for title in NAMES[1:]:
        opened.get_by_role("link", name=re.compile(f"{title}$")).click()
        opened.wait_for_url(f"{address}/{title.lower()}")
        opened.get_by_role("heading", name=title, level=1).wait_for()
        assert_shown(opened, title)


def test_a_customer_is_found_by_the_beginning_of_the_id(opened, address):
    opened.goto(f"{address}/customer")
    settle(opened)
    opened.get_by_role("textbox", name="Customer id").fill("c0000007")
    opened.keyboard.press("Enter")
    opened.get_by_text("No customer id begins").or_(
        opened.get_by_text("c0000007", exact=True)
    ).first.wait_for()
    settle(opened)
    assert "c0000007" in opened.locator("body").inner_text()


def test_a_driver_chosen_by_its_name_shows_how_it_works_and_two_stages_are_compared(opened, address):
    opened.goto(f"{address}/drivers")
    settle(opened)
    choose(opened, "Driver", "country")
    opened.get_by_text("“country” adds").wait_for()
    choose(opened, "Compare by", "stage")
    opened.get_by_text("early less established").or_(opened.get_by_text("established less early")).wait_for()
    assert_shown(opened, "Drivers")


def choose(page, label, option):
    box = page.get_by_role("combobox", name=label)
    box.click()
    box.fill(option)
    page.get_by_role("option").filter(has_text=option).first.wait_for()
    page.keyboard.press("Enter")
    settle(page)


def test_a_slider_changes_the_audience_and_the_file_is_the_table_of_the_optimiser(
    opened, address, tried, tmp_path
):
    opened.goto(f"{address}/budget")
    settle(opened)
    whole = audience_of(opened, tmp_path / "first.csv")
    opened.get_by_role("slider", name="Budget, €").press("ArrowLeft")
    expect(opened.get_by_text(f"The audience: {len(whole):,}")).to_have_count(0)
    settle(opened)
    less = audience_of(opened, tmp_path / "second.csv")
    assert len(less) < len(whole)
    optimal = plan_budget(tried, AS_OF, Wishes(slider(opened, "Budget, €"), 0.1), EXAMPLE, Settings().seed)
    wanted = optimal.audience.assign(as_of=AS_OF)[list(AUDIENCE.names)].to_csv(index=False)
    assert (tmp_path / "second.csv").read_text() == wanted


def test_the_read_out_of_an_experiment_is_the_one_that_is_committed(opened, address, tried):
    text = tried.committed_text(f"{readouts_of('spring')}/as_of=2025-10-01", "readout.json")
    told = json.loads(text)
    opened.goto(f"{address}/experiments")
    opened.get_by_role("heading", name="Read on 2025-10-01").wait_for()
    settle(opened)
    shown = opened.locator("body").inner_text()
    assert told["verdict"] in shown
    assert f"{words.signed(told['primary']['difference'], 2)} € per customer" in shown
    assert all(line in shown for line in told["warnings"])
    opened.get_by_text("Watched for harm").click()
    opened.get_by_text(f"{told['harm'][0]['figure']}: control").first.wait_for()
    assert_shown(opened, "Experiments")


def slider(page, name):
    return float(page.get_by_role("slider", name=name).input_value())


def audience_of(page, file):
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the audience").click()
    download.value.save_as(file)
    return pd.read_csv(file)
