"""`clv cost` on a lake with a run: what it prints, scales and refuses."""

import json

import pytest

from app.costs import month_of, read_run, stored_bytes
from clv.costs import DAYS_A_MONTH, WEEKS_A_MONTH
from clv.errors import UserError
from clv.lake import Lake
from clv.sizes import sizes_of
from tests.flow.test_command_line import clv

RUN = "run-2026-07-06-1"


def recorded(root, customers=1_000, trained=True):
    """A lake with the records of one run: 1,000 bytes a partition, 100 days of history, 2,000 events."""
    lake = Lake.at(root)
    size = {"run_id": f"abc.{RUN}", "rows": customers, "files": 1, "bytes": 1_000}
    events = [{"table": name, "rows": 1_000} for name in ("web_events", "email_events")]
    done = {
        "ledger": {
            "seconds": 8.0,
            "first_entry": "2026-03-28",
            "last_entry": "2026-07-05",
            "accounts": [{"table": "orders", "rows": 500}, *events],
            "partitions": {"ledger": size},
        },
        "features": {"seconds": 4.0, "partitions": {"features/as_of=2026-07-06": size, "inputs/x": size}},
        "publish": {"seconds": 1.0, "partitions": {"scores/as_of=2026-07-06": size}},
        "watch": {"seconds": 1.0, "rows": 50},
    }
    if trained:
        jobs = [{"kind": "training", "segment": "early", "seconds": 30}]
        done["snapshots"] = {"seconds": 20.0, "snapshots_written": 10, "partitions": {}}
        done["sagemaker"] = {"seconds": 30, "jobs": jobs}
    for verb, told in done.items():
        work = {"processor_seconds": told["seconds"]} if "partitions" in told else {}
        engine = {"engine": "duckdb", **work} if work else {}
        record = {"run_id": RUN, "verb": verb, "as_of": "2026-07-06", **engine, **told}
        lake.write_text(f"runs/{RUN}/{verb}.json", json.dumps(record))
    lake.write_text("raw/orders/part-000.csv", "x" * 5_000)
    lake.write_text("truth/part-000.csv", "x" * 9_000)
    return lake


def asked(monkeypatch, capsys, lake, *words):
    code, out, err = clv(monkeypatch, capsys, "cost", "--lake", lake.root, "--json", *words)
    assert (code, err) == (0, "")
    return json.loads(out)


def test_the_bill_is_told_by_service_for_a_run_and_a_month(monkeypatch, capsys, tmp_path):
    told = asked(monkeypatch, capsys, recorded(tmp_path))
    assert told["run_id"] == RUN
    assert told["customers"] == 1_000
    assert {line["service"] for line in told["run"]["lines"]} >= {"Glue", "SageMaker", "S3", "Step Functions"}
    for bill in (told["run"], told["month"]):
        assert bill["eur"] == pytest.approx(sum(line["eur"] for line in bill["lines"]))
        assert 0 < bill["free_eur"] < bill["eur"]
    assert told["month"]["eur"] > 4 * told["run"]["eur"]


def test_the_table_ends_with_the_total_before_and_after_free_tiers(monkeypatch, capsys, tmp_path):
    code, out, _ = clv(monkeypatch, capsys, "cost", "--lake", recorded(tmp_path).root)
    assert code == 0
    lines = [line for line in out.splitlines() if line.startswith(("total", "free"))]
    total, free, after = (float(line.split()[-1]) for line in lines)
    assert after == pytest.approx(total + free, abs=0.011)
    assert "- measured: run run-2026-07-06-1 of 1,000 customers, " in out


def test_more_customers_cost_more_and_a_dev_stage_less(monkeypatch, capsys, tmp_path):
    lake = recorded(tmp_path)
    as_measured = asked(monkeypatch, capsys, lake)
    scaled = asked(monkeypatch, capsys, lake, "--customers", 100_000)
    dev = asked(monkeypatch, capsys, lake, "--stage", "dev")
    assert scaled["customers"] == 100_000
    assert scaled["run"]["eur"] > as_measured["run"]["eur"] > dev["run"]["eur"]
    assert any(note.startswith("scaled in proportion") for note in scaled["assumptions"])
    assert not any(note.startswith("scaled in proportion") for note in as_measured["assumptions"])


def test_the_lake_grows_by_scores_month_firsts_and_raw_tables_and_days_until_they_go(tmp_path):
    measured = read_run(recorded(tmp_path), None)
    now = sum(measured.bytes.values()) + 30 * 1_000  # and 30 versions of the ledger
    a_month = 1_000 * WEEKS_A_MONTH + 2_000 + 5_000 / 100 * DAYS_A_MONTH
    assert "truth" not in measured.bytes
    assert stored_bytes(measured, 0) == pytest.approx(now)
    assert stored_bytes(measured, 1) == pytest.approx(now + a_month + 2_000 * DAYS_A_MONTH)
    assert stored_bytes(measured, 6) == pytest.approx(now + 6 * a_month + 2_000 * (35 + 30))


def test_events_come_in_as_they_came_and_their_files_are_merged(tmp_path):
    measured = read_run(recorded(tmp_path), None)
    month = month_of(measured, sizes_of("prod"), 10_000, 2)
    assert month.events == pytest.approx(2_000 / 100 * DAYS_A_MONTH * 10)
    assert month.event_files == pytest.approx(2 * 96 * 17 + 2 * 2)
    assert month_of(measured, sizes_of("prod"), 10_000, 24).event_files == pytest.approx(2 * 96 * 17 + 2 * 24)


def test_a_run_without_training_says_what_the_month_lacks(monkeypatch, capsys, tmp_path):
    told = asked(monkeypatch, capsys, recorded(tmp_path, trained=False))
    assert any(note.startswith("this run did not train") for note in told["assumptions"])


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--run", "run-x"], "no records of run run-x; known are run-2026-07-06-1"),
        (["--stage", "live"], "stage live: unknown"),
    ],
)
def test_what_is_not_there_is_named(monkeypatch, capsys, tmp_path, words, message):
    code, _, err = clv(monkeypatch, capsys, "cost", "--lake", recorded(tmp_path).root, *words)
    assert code == 2
    assert message in err


def test_a_lake_without_a_run_says_what_to_do(tmp_path):
    with pytest.raises(UserError, match="no run has published here; run `clv run` first"):
        read_run(Lake.at(tmp_path), None)


def test_a_real_run_is_priced_with_its_training_and_transform(monkeypatch, capsys, scored):
    told = asked(monkeypatch, capsys, scored[0])
    billed = {line["name"] for line in told["run"]["lines"]}
    assert {"ml.m5.xlarge", "ml.m5.large", "glue_dpu_hours"} <= billed
    assert not any("stood" in note or "did not train" in note for note in told["assumptions"])
