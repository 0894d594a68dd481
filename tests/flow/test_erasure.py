"""Erasure: nothing of a person is left in any file, and what is built again is the old less the erased."""

import io
import json
import re
import shutil
import tarfile
from itertools import groupby

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from app.console import Console
from app.erasure import erase_people
from app.weekly import run_once
from clv.errors import UserError
from clv.frames import read_frame
from clv.lake import Lake
from clv.parquet import row_count
from clv.timeline import parse_as_of
from glue_jobs.erasure import erase as verb
from glue_jobs.erasure.places import partitions
from tests.flow import glue_runs
from tests.flow.conftest import AS_OF, SETTINGS, silent

QUIET = Console(quiet=True, as_json=True)
DAY = parse_as_of("2025-07-10")
TABLES = ("entries", "orders", "lines", "customers", "disputed_web_events", "disputed_email_events")


@pytest.fixture(scope="module")
def before(scored, tmp_path_factory):
    """The weekly run's lake with a page and query results, untouched."""
    lake = Lake.at(tmp_path_factory.mktemp("before") / "lake")
    shutil.copytree(scored[0].root, lake.root)
    lake.write_text("reports/page.html", "<td>c0000955</td>")
    lake.write_text("athena/1.csv", "customer_id,clv_eur\nc0000955,3\n")
    return lake


@pytest.fixture
def lake(before, tmp_path):
    found = Lake.at(tmp_path / "lake")
    shutil.copytree(before.root, found.root)
    return found


@pytest.fixture(scope="module")
def erased(before):
    """The three of most orders, who are in every table, and the ids of their orders."""
    orders = read_frame(before.raw_files("orders"))
    people = set(orders.customer_id.value_counts().index[:3])
    assert len(people) == 3
    return people, set(orders.order_id[orders.customer_id.isin(people)])


def erase(lake, people):
    erase_people(lake, sorted(people), None, DAY, "", QUIET)


def contents(path):
    """Every text in a file: its bytes, and those of packed columns and members, unpacked."""
    return unpacked(path.read_bytes())


def unpacked(data):
    if data[:4] == b"PAR1":
        rows = pq.ParquetFile(io.BytesIO(data)).read()
        texts = [column for column in rows.columns if pa.types.is_string(column.type)]
        cells = [chunk.buffers()[2] for column in texts for chunk in column.chunks]
        return b"\n".join([data, *(held.to_pybytes() for held in cells if held)])
    if data[:2] == b"\x1f\x8b":
        with tarfile.open(fileobj=io.BytesIO(data)) as tar:
            members = [tar.extractfile(member) for member in tar if member.isfile()]
            return b"".join(unpacked(member.read()) for member in members)
    return data


def naming(lake, words):
    wanted = [re.compile("|".join(alike).encode()) for alike in by_beginning(words)]
    files = [path for path in sorted(lake.path("").rglob("*")) if path.is_file()]
    texts = ((path, contents(path)) for path in files)
    return [path for path, text in texts if any(word.search(text) for word in wanted)]


def by_beginning(words):
    """Words that begin alike together: a pattern of such is found far faster."""
    return [list(alike) for _, alike in groupby(sorted(words), lambda word: word[0])]


def parquet(lake, partition, name=""):
    return [file for file in lake.files(partition, name) if file.endswith(".parquet")]


def table(lake, partition, name=""):
    rows = read_frame(parquet(lake, partition, name))
    return rows.sort_values(list(rows.columns), ignore_index=True)


def without(rows, people, orders):
    theirs = pd.Series(data=False, index=rows.index)
    for column, ids in (("customer_id", people), ("order_id", orders)):
        if column in rows:
            theirs |= rows[column].isin(ids)
    return rows[~theirs].reset_index(drop=True)


def same(left, right):
    pd.testing.assert_frame_equal(left, right, check_exact=True)


def test_no_file_of_the_lake_names_them_and_what_is_rebuilt_is_the_old_less_them(before, lake, erased):
    people, orders = erased
    assert len(naming(before, people)) > 30
    erase(lake, people)
    assert naming(lake, people | orders) == []
    for name in ("scores", "features"):
        found = table(lake, f"{name}/as_of={AS_OF}")
        same(found, without(table(before, f"{name}/as_of={AS_OF}"), people, orders))
    told = run_once(lake, AS_OF, SETTINGS, silent)
    for name in TABLES:
        same(table(lake, "ledger", f"{name}/"), without(table(before, "ledger", f"{name}/"), people, orders))
    assert naming(lake, people | orders) == []
    then = json.loads(before.committed_text("ledger", "accounts.json"))
    for name in {line["table"] for line in then}:
        for what in ("rows", "cents"):
            sums = [sum(x[what] for x in lines if x["table"] == name) for lines in (then, told["accounts"])]
            assert sums[0] == sums[1], (name, what)


def test_features_and_labels_made_anew_are_the_old_less_them(before, lake, erased):
    people, orders = erased
    erase(lake, people)
    for folder in ("features", "labels", "priors", "snapshots"):
        shutil.rmtree(lake.path(folder))
    for name in glue_runs.FIRST:
        glue_runs.job(lake, name, "--replace", "true", run_id="anew", settings=SETTINGS)
    for day in before.partitions("features", "as_of"):
        same(table(lake, f"features/as_of={day}"), without(table(before, f"features/as_of={day}"), *erased))
    for day in before.partitions("labels/horizon_days=180", "as_of"):
        place = f"labels/horizon_days=180/as_of={day}"
        same(table(lake, place), without(table(before, place), *erased))
    assert naming(lake, people | orders) == []


def test_the_list_of_snapshots_names_the_files_that_are_there(lake, erased):
    erase(lake, erased[0])
    (place,) = lake.path("snapshots").rglob("manifest.json")
    head, *names = json.loads(place.read_text())
    assert head["prefix"].rstrip("/") != lake.root  # the copy still names the lake it was made of
    assert names
    assert all(lake.path(name).is_file() for name in names)


def test_the_receipt_counts_and_names_nobody_and_a_second_erasure_finds_nothing(lake, erased):
    people, orders = erased
    passing = [path.name for path in naming(lake, people) if path.suffix in {".html", ".csv"}]
    assert {"page.html", "1.csv"} <= set(passing), passing
    erase(lake, people)
    text = lake.read_text(f"runs/erase-{DAY}-1.json")
    told = json.loads(text)
    assert (told["people"], told["left"], told["files"]) == (3, [], len(passing))
    assert told["rows"]["raw/orders"] >= len(orders)
    assert not any(word in text for word in people | orders)
    assert lake.read_text("runs/lock.json") is None
    commits = {path: path.read_bytes() for path in lake.path("").rglob("_current.json")}
    erase(lake, people)
    assert json.loads(lake.read_text(f"runs/erase-{DAY}-2.json"))["rows"] == {}
    assert commits == {path: path.read_bytes() for path in lake.path("").rglob("_current.json")}


@pytest.mark.parametrize("step", [1, 12, 28, 33, 36])
def test_a_killed_erasure_is_completed_by_the_next(before, lake, erased, monkeypatch, step):
    people, orders = erased
    left = [step]

    def dying(file, name, *rest):
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        return clean(file, name, *rest)

    clean = verb.formats.clean
    monkeypatch.setattr(verb.formats, "clean", dying)
    with pytest.raises(KeyboardInterrupt):
        erase(lake, people)
    for partition in partitions(lake):
        assert sum(map(row_count, parquet(lake, partition))) == lake.current(partition).row_count
    monkeypatch.undo()
    erase(lake, people)
    assert naming(lake, people | orders) == []
    counts = json.loads(lake.read_text("raw/_erased.json"))
    lines = read_frame(before.raw_files("order_lines"))
    assert counts["raw/order_lines/part-000.parquet"]["rows"] == lines.order_id.isin(orders).sum()


def test_nobody_erases_while_a_run_is_at_work(lake, erased):
    holder = {"run_id": "run-x", "execution": "arn", "process": 1}
    lake.write_text("runs/lock.json", json.dumps(holder))
    with pytest.raises(UserError, match=r"run run-x \(process 1\) is at work"):
        erase(lake, erased[0])


def test_a_text_of_no_table_that_names_somebody_is_told(lake, erased):
    (person, *_) = erased[0]
    lake.write_text("raw/note.txt", f"call {person} back\n")
    with pytest.raises(UserError, match=r"1 files still name one of them, such as raw/note\.txt"):
        erase(lake, erased[0])
