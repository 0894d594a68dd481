"""The published drivers of sampled customers are those of the scores, and go with an erased person."""

import json
import shutil

import pandas as pd
import pyarrow.parquet as pq
import pytest

from app.cli import cli
from app.console import Console
from app.erasure import erase_people
from clv.errors import UserError
from clv.explanation_tables import EXPLANATIONS
from clv.frames import arrow_schema, read_frame
from clv.lake import Lake
from clv.partitions import explanations_at, scores_at
from tests.flow.glue_runs import AS_OF as GLUE_AS_OF
from tests.flow.glue_runs import answers, job, publish_arguments, told
from tests.flow.weekly_lake import AS_OF


@pytest.fixture(scope="module")
def tables(scored):
    lake = scored[0]
    return read_frame(lake.files(scores_at(AS_OF))), read_frame(lake.files(explanations_at(AS_OF)))


def test_start_and_published_drivers_add_up_to_the_published_forecast(tables):
    scores, drivers = tables
    known = scores[scores.driver_start_eur.notna()].set_index("customer_id")
    assert set(drivers.customer_id) == set(known.index)  # fewer than the sample's size
    total = known.driver_start_eur + drivers.groupby("customer_id").eur.sum()
    pd.testing.assert_series_equal(total, known.clv_eur, rtol=1e-9, check_names=False)


def test_the_largest_driver_of_the_scores_is_the_largest_of_the_published_ones(tables):
    scores, drivers = tables
    known = scores[scores.driver_1.notna()].set_index("customer_id")
    largest = drivers.loc[drivers.eur.abs().groupby(drivers.customer_id).idxmax()].set_index("customer_id")
    pd.testing.assert_series_equal(largest.eur, known.driver_1_eur, check_names=False, rtol=1e-12)
    pd.testing.assert_series_equal(largest.driver, known.driver_1, check_names=False)


def test_the_table_has_the_declared_columns_and_models(scored, tables):
    (file,) = scored[0].files(explanations_at(AS_OF))
    assert pq.read_schema(file).equals(arrow_schema(EXPLANATIONS))
    said = tables[1].merge(tables[0], on=["customer_id", "model_version"])
    assert len(said) == len(tables[1])
    assert not tables[1].duplicated(list(EXPLANATIONS.key)).any()


def test_the_command_tells_sizes_and_what_makes_two_stages_differ(scored, tables, capsys):
    def told(*more):
        cli(["drivers", "--lake", scored[0].root, "--json", *more], standalone_mode=False)
        return json.loads(capsys.readouterr().out)["drivers"]

    early, established = told("--top", "3")
    assert (early["segment"], len(established["rows"])) == ("early", 3)
    mine = tables[1][tables[1].segment == "established"]
    largest = mine.eur.abs().groupby(mine.driver).sum().max() / mine.customer_id.nunique()
    assert established["rows"][0]["size_eur"] == pytest.approx(largest)
    (stages,) = told("--by", "stage", "--of", "established", "early")
    first, second = stages["mean_clv_eur"]
    assert sum(row["eur"] for row in stages["rows"]) == pytest.approx(first - second)
    with pytest.raises(UserError, match=r"--of DE Atlantis: nobody to compare; known are .*DE"):
        told("--by", "country", "--of", "DE", "Atlantis")
    with pytest.raises(UserError, match="--by and --of go together"):
        told("--by", "country")


def test_models_served_by_older_code_publish_an_empty_table(copy):
    job(copy, "publish", *publish_arguments(str(answers(copy, "run-1"))))
    assert read_frame(copy.files(explanations_at(GLUE_AS_OF))).empty
    assert told(copy, "publish")["explained"] == 0


def test_an_erased_person_has_no_drivers_left(scored, tables, tmp_path):
    lake = Lake.at(tmp_path / "own")
    for part in ("explanations", "scores"):
        shutil.copytree(scored[0].path(part), lake.path(part))
    who = tables[1].customer_id.iloc[0]
    erase_people(lake, [who], None, AS_OF, "", Console(quiet=True, as_json=True))
    left = read_frame(lake.files(explanations_at(AS_OF)))
    expected = tables[1][tables[1].customer_id != who].reset_index(drop=True)
    pd.testing.assert_frame_equal(left, expected)
