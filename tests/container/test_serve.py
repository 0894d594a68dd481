"""The model server of the container's toolkit says what the laptop says, and refuses what the laptop refuses."""

from io import BytesIO

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from inference.forecast import forecast_with
from inference.handlers import PARQUET
from tests.container.toolkit import post, served
from tests.spec.test_serving import packed, retyped
from tests.statistics.shoppers import HORIZON_DAYS

COLUMNS = [
    *("customer_id", "clv_eur", "clv_median_eur", "clv_low_eur", "clv_high_eur", "p_active"),
    *("driver_start_eur", "driver_1", "driver_1_eur", "driver_2", "driver_2_eur", "driver_3", "driver_3_eur"),
    *("all_drivers_eur", "model_version"),
]


@pytest.fixture(scope="module")
def server(trained, tmp_path_factory):
    """The address of a server of the model that the toolkit trained."""
    with served(trained.base, tmp_path_factory.mktemp("log") / "serve.log") as address:
        yield address


def test_scores_equal_those_of_the_laptop(server, trained, inputs):
    status, kind, body = post(server, packed(inputs), PARQUET)
    assert (status, kind) == (200, PARQUET)
    said = pq.read_table(BytesIO(body)).to_pandas()
    assert list(said.columns) == COLUMNS
    here = forecast_with(trained.model_dir, inputs.to_pandas(), HORIZON_DAYS)
    pd.testing.assert_frame_equal(said, here, check_exact=True)
    assert said.clv_eur.nunique() > len(said) / 2


def test_no_rows_in_give_no_rows_out(server, inputs):
    status, _, body = post(server, packed(inputs.slice(0, 0)), PARQUET)
    assert (status, pq.read_table(BytesIO(body)).num_rows) == (200, 0)


@pytest.mark.parametrize("content_type", ["text/csv", "application/json"])
def test_another_content_type_is_415(server, content_type):
    status, kind, body = post(server, b"1,2", content_type)
    assert (status, kind) == (415, "text/plain")
    assert body.decode() == f"content type '{content_type}': send application/x-parquet"


def test_another_accepted_type_is_406(server, inputs):
    assert post(server, packed(inputs), PARQUET, "text/csv")[0] == 406


def test_corrupt_body_is_400(server, inputs):
    status, kind, body = post(server, packed(inputs)[:-1], PARQUET)
    assert (status, kind) == (400, "text/plain")
    assert "is not a Parquet file" in body.decode()


def test_missing_and_mistyped_columns_are_400_with_their_names(server, inputs):
    wrong = retyped(inputs, "recency_days", pa.string()).drop_columns(["country"])
    status, kind, body = post(server, packed(wrong), PARQUET)
    assert (status, kind) == (400, "text/plain")
    assert body.decode() == (
        "column country: expected string, found no such columns; "
        "column recency_days: expected int32, found string"
    )
