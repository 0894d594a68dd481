"""Where a score comes from is committed with it, back to the deliveries."""

import json

import pytest

from app.console import Console
from app.lineage import show_lineage
from clv.errors import UserError
from clv.partitions import features_at, scores_at
from clv.timeline import parse_as_of
from glue_jobs.lineage import LINEAGE
from tests.flow.conftest import AS_OF


def lineage_of(lake):
    return json.loads(lake.committed_text(scores_at(AS_OF), LINEAGE))


def test_scores_name_run_code_data_and_deliveries(scored):
    lake, _ = scored
    told = lineage_of(lake)
    run = lake.current(scores_at(AS_OF)).run_id
    assert (told["as_of"], told["horizon_days"], told["run_id"]) == (str(AS_OF), 180, run)
    ledger = told["data"]["ledgers"][told["data"]["read"][features_at(AS_OF)]]
    assert ledger["run_id"] == lake.current("ledger").run_id
    assert ledger["deliveries"]["orders"]["files"] == len(lake.raw_files("orders"))
    assert len(told["code_version"]) == 12


def test_each_model_leads_from_its_package_to_the_tables_that_taught_it(scored):
    lake, _ = scored
    for segment, model in lineage_of(lake)["models"].items():
        assert model["package"] == f"clv-{segment}-180/1"
        assert model["trained_as_of"] == str(AS_OF)
        assert len(model["code_version"]) == 12
        for day in model["training_as_ofs"]:
            for name in (f"features/as_of={day}", f"labels/horizon_days=180/as_of={day}"):
                assert model["data"]["read"][name] == lake.current(name).run_id
        assert set(model["data"]["ledgers"]) == set(model["data"]["read"].values())
        assert all(ledger["run_id"] for ledger in model["data"]["ledgers"].values())


def test_the_table_beside_it_is_read_without_it(scored):
    lake, _ = scored
    assert not any(file.endswith(LINEAGE) for file in lake.files(scores_at(AS_OF)))


def test_it_is_shown_with_the_scores(scored, capsys):
    lake, _ = scored
    show_lineage(lake, None, Console(quiet=True))
    shown = capsys.readouterr().out
    for word in ("clv-early-180/1", "order_lines", lineage_of(lake)["code_version"]):
        assert word in shown
    with pytest.raises(UserError, match="publish that week again"):
        show_lineage(lake, parse_as_of("2024-01-01"), Console(quiet=True))
