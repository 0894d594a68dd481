import json
import shutil
import sys
from datetime import timedelta
from fnmatch import fnmatch

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from app.dashboard import driver_queries
from app.dashboard.main import PAGES
from app.dashboard.page_overview import NOT_SUMMED_UP
from app.dashboard.runs_on_record import trainings
from app.dashboard.store import Week
from app.dashboard_cli import dashboard
from clv.errors import UserError
from clv.frames import read_frame
from clv.lake import CURRENT, Lake
from clv.partitions import SHOWN, decided_at, explanations_at, scores_at
from tests.flow.weekly_lake import AS_OF

NAMES = [title for title, _, _ in PAGES]


SCRIPT = """
from datetime import date
from app.dashboard.main import PAGES
from app.dashboard.shell import show
from decisions.actions import EXAMPLE
show(next(page for name, _, page in PAGES if name == {0!r}), {0!r}, {1!r}, date.fromisoformat({2!r}), EXAMPLE)
"""


def opened(title, lake, today=AS_OF):
    return AppTest.from_string(SCRIPT.format(title, lake.root, str(today)), default_timeout=60).run()


def said(page):
    return " ".join(one.value for kind in (page.info, page.warning, page.error, page.success) for one in kind)


@pytest.fixture
def own(scored, tmp_path):
    """The scored lake as a copy that a test may damage."""
    shutil.copytree(scored[0].root, tmp_path / "own")
    return Lake.at(tmp_path / "own")


@pytest.mark.parametrize("title", NAMES)
def test_every_page_shows_a_lake_with_one_week(title, scored):
    page = opened(title, scored[0])
    assert not page.exception
    assert not page.error


@pytest.mark.parametrize("title", NAMES)
def test_every_page_opens_where_seven_customers_are_scored_and_nothing_else_is_there(title, scored, tmp_path):
    lake, rows = Lake.at(tmp_path), read_frame(scored[0].files(scores_at(AS_OF)))
    with lake.commit(scores_at(AS_OF), "run-1") as draft:
        rows[rows.clv_eur.notna()].head(7).to_parquet(draft.folder / "part-000.parquet", index=False)
    page = opened(title, lake)
    assert not page.exception
    assert not page.error


@pytest.mark.parametrize("title", NAMES)
def test_an_empty_lake_says_what_to_run(title, tmp_path):
    page = opened(title, Lake.at(tmp_path))
    assert not page.exception
    assert f"clv run --lake {tmp_path}" in said(page)


@pytest.mark.parametrize("damage", ["no file", "no parquet", "no json"])
def test_a_broken_lake_says_what_is_wrong_and_what_to_run(own, damage):
    file = own.files(scores_at(AS_OF))[0]
    if damage == "no file":
        shutil.os.remove(file)
    elif damage == "no parquet":
        own.write_text(file.removeprefix(f"{own.root}/"), "not a table")
    else:
        own.write_text(f"{scores_at(AS_OF)}/{CURRENT}", "{")
    page = opened("Customer", own)
    assert not page.exception
    assert "This lake cannot be read" in said(page)
    assert "--replace" in said(page)


def test_stale_scores_are_named_with_the_run_that_is_due(scored):
    later = AS_OF + timedelta(days=10)
    assert f"--as-of {later}" in said(opened("Overview", scored[0], later))
    assert "--as-of" not in said(opened("Overview", scored[0], AS_OF + timedelta(days=7)))


def test_a_training_between_two_weeks_is_told_with_how_alike_its_drivers_are(scored, tmp_path):
    lake = Lake.at(tmp_path / "two")
    for name in (scores_at(AS_OF), explanations_at(AS_OF)):
        shutil.copytree(scored[0].path(name), lake.path(name))
        earlier = lake.path(name.replace(str(AS_OF), str(AS_OF - timedelta(days=7))))
        shutil.copytree(scored[0].path(name), earlier)
        (file,) = earlier.glob("run=*/part-000.parquet")
        older = pd.read_parquet(file)
        older.assign(model_version=older.model_version + "0").to_parquet(file, index=False)
    days = [AS_OF, AS_OF - timedelta(days=7)]
    found = driver_queries.agreements(
        Week(lake.root, AS_OF, lake.current(scores_at(AS_OF)).run_id), days, "established"
    )
    assert found[["before", "now", "is_new"]].to_numpy().tolist() == [[days[1], days[0], True]]
    assert (found.spearman[0], found.shared[0], found.same_customers[0]) == (1.0, 10, True)
    assert "share 10 of their 10 largest" in " ".join(one.value for one in opened("Drivers", lake).markdown)


def test_drivers_of_a_week_that_published_none_say_what_to_run(own):
    own.remove(explanations_at(AS_OF))
    assert f"clv run --lake {own.root} --as-of {AS_OF} --replace" in said(opened("Drivers", own))


def test_without_streamlit_the_command_names_what_installs_it(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "streamlit", None)
    with pytest.raises(UserError, match=r"make .venv/.dashboard"):
        dashboard(str(tmp_path))


def may_see(name):
    """What `clv-reader` may read."""
    return any(fnmatch(name, shown if "." in shown else f"{shown}/*") for shown in SHOWN)


@pytest.fixture
def read_only(scored, s3, monkeypatch):
    """What a reader may see of the lake, on S3, where every write is refused."""
    lake = Lake.at(s3)
    for entry in scored[0].entries(""):
        if may_see(entry.name) and not entry.name.endswith("registry.json"):
            lake.storage.write(entry.name, scored[0].storage.read(entry.name).data)

    def refuse(*given, **named):
        raise AssertionError("a reader wrote")

    for name in ("write", "write_if", "remove", "delete", "writing"):
        monkeypatch.setattr(type(lake.storage), name, refuse)
    return lake


def test_a_reader_of_the_lake_on_s3_sees_what_its_owner_does_on_disk_and_writes_nothing(scored, read_only):
    for title in NAMES:
        disk, cloud = opened(title, scored[0]), opened(title, read_only)
        assert not cloud.exception
        assert not cloud.error, [one.value for one in cloud.error]
        if title != "Runs":  # registry and verdicts name a training differently
            assert [one.value for one in cloud.markdown] == [one.value for one in disk.markdown]


def test_without_a_registry_trainings_are_told_by_the_verdicts_beside_the_models(scored, read_only):
    kept, told = trainings(scored[0].root), trainings(read_only.root)
    assert sorted(told.verdict) == sorted(kept.verdict)
    assert set(told.made) == {str(AS_OF)}
    assert told.why.str.contains(": .+").all()


def test_a_week_that_the_run_did_not_sum_up_is_computed_and_says_so(own):
    whole = opened("Overview", own)
    assert NOT_SUMMED_UP not in [one.value for one in whole.caption]
    own.remove(decided_at(AS_OF))
    st.cache_resource.clear()  # a look at the lake is believed for a minute
    anew = opened("Overview", own)
    assert [one.value for one in anew.markdown] == [one.value for one in whole.markdown]
    assert anew.caption[-1].value == NOT_SUMMED_UP
    assert "The run made no plan" in opened("Budget", own).caption[0].value


def test_the_plan_of_the_week_is_offered_until_consents_may_be_others(own):
    page = opened("Budget", own)
    (plan,) = (one.label for one in page.expander)
    audience = read_frame(own.files(decided_at(AS_OF), "audience/"))
    assert f"{len(audience):,}".replace(",", "\u202f") in plan or f"{len(audience):,}" in plan
    assert "Uplifts" in said(page) or "uplifts" in said(page)
    assert "Consents may have changed" not in said(page)
    shutil.copytree(own.path(f"ledger/run={own.current('ledger').run_id}"), own.path("ledger/run=later"))
    current = json.loads(own.read_text("ledger/_current.json"))
    files = [name.replace(current["run_id"], "later") for name in current["files"]]
    own.write_text("ledger/_current.json", json.dumps(current | {"run_id": "later", "files": files}))
    st.cache_data.clear()
    st.cache_resource.clear()
    assert "Consents may have changed" in said(opened("Budget", own))
