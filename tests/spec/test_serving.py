"""The model server: Parquet in, keys and forecasts out, and one clear line where a request cannot be answered."""

import json
from datetime import date
from io import BytesIO

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from clv.errors import UserError
from clv.feature_catalogue import FEATURES
from clv.frames import arrow_schema
from clv.models.bands import Bands
from clv.models.forecast import ALL_DRIVERS, EXPLANATION, FIGURES, INTERVAL
from clv.models.label_free import LabelFree
from clv.models.priors import PRIORS
from clv.models.taught import Taught
from inference.forecast import forecast_with
from inference.handlers import PARQUET, answer, input_fn, model_fn, output_fn, predict_fn
from inference.transform import transform

INPUTS = pa.schema([*arrow_schema(FEATURES), *(pa.field(name, pa.float64()) for name in PRIORS)])
HORIZON_DAYS = 90
COLUMNS = ["customer_id", *FIGURES, *EXPLANATION, ALL_DRIVERS, "model_version"]


def rows(*customers, segment="established", **columns):
    """Return a table of the inputs partition; what is not said is null, priors are 1, 2, 3, …."""
    given = {
        "customer_id": list(customers),
        "as_of": [date(2024, 1, 7)] * len(customers),
        "segment": [segment] * len(customers),
        **{name: [float(n + 1) for n in range(len(customers))] for name in PRIORS},
        **columns,
    }
    return pa.table({f.name: pa.array(given.get(f.name, [None] * len(customers)), f.type) for f in INPUTS})


def packed(table):
    file = BytesIO()
    pq.write_table(table, file)
    return file.getvalue()


def retyped(table, name, kind):
    place = table.schema.get_field_index(name)
    return table.set_column(place, name, pa.array([None] * len(table), kind))


@pytest.fixture
def model_dir(tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    LabelFree(HORIZON_DAYS).save(folder)
    return folder


@pytest.fixture
def model(model_dir):
    return model_fn(str(model_dir))


def refusal(model, body, content_type=PARQUET, accept=PARQUET):
    said = answer(model, body, content_type, accept)
    assert said.content_type == "text/plain"
    return said.status, said.body.decode()


def test_answer_carries_key_forecast_and_model_in_the_order_of_the_rows(model):
    said = answer(model, packed(rows("zoe", "ann")), PARQUET, PARQUET)
    assert (said.status, said.content_type) == (200, PARQUET)
    table = pq.read_table(BytesIO(said.body))
    assert table.schema.names == COLUMNS
    more = dict.fromkeys((*INTERVAL, *EXPLANATION, ALL_DRIVERS)) | {"model_version": "btyd-paretonbd-gg-12m"}
    assert table.to_pylist() == [
        {"customer_id": "zoe", "clv_eur": 1.0, "p_active": 1.0, **more},
        {"customer_id": "ann", "clv_eur": 2.0, "p_active": 2.0, **more},
    ]


def test_answer_carries_median_and_interval_where_the_model_knows_them(tmp_path):
    bands = Bands((0.0, 4.0), (0.0, 0.0), (0.5, 0.5), (1.0, 3.0))
    LabelFree(HORIZON_DAYS, Taught(bands=bands)).save(tmp_path)
    said = answer(model_fn(tmp_path), packed(rows("zoe", "ann")), PARQUET, PARQUET)
    found = pq.read_table(BytesIO(said.body)).select(["clv_eur", *INTERVAL]).to_pylist()
    assert [list(row.values()) for row in found] == [[1.0, 0.5, 0.0, 1.5], [2.0, 1.0, 0.0, 4.0]]


def test_four_functions_say_what_the_lake_verb_says(model, model_dir):
    body = packed(rows("ann", "bob", "cid"))
    frame = input_fn(body, PARQUET)
    said = pq.read_table(BytesIO(output_fn(predict_fn(frame, model), PARQUET))).to_pandas()
    pd.testing.assert_frame_equal(said, forecast_with(model_dir, frame, HORIZON_DAYS), check_exact=True)


def test_model_is_loaded_for_the_horizon_it_was_trained_for(model):
    assert model.horizon_days == HORIZON_DAYS


def test_folder_without_a_model_is_named(tmp_path):
    with pytest.raises(UserError, match=r"holds no model\.json"):
        model_fn(str(tmp_path))


def test_no_rows_in_give_no_rows_out(model):
    said = answer(model, packed(rows()), PARQUET, PARQUET)
    assert said.status == 200
    table = pq.read_table(BytesIO(said.body))
    assert (table.num_rows, table.schema.names) == (0, COLUMNS)


def test_content_type_may_carry_parameters_and_capitals(model):
    assert answer(model, packed(rows("ann")), "Application/X-Parquet; v=1", "*/*").status == 200


@pytest.mark.parametrize("content_type", ["text/csv", "application/json", ""])
def test_another_content_type_is_unsupported(model, content_type):
    status, text = refusal(model, packed(rows("ann")), content_type)
    assert status == 415
    assert text == f"content type {content_type!r}: send application/x-parquet"


def test_caller_who_accepts_another_type_only_is_told(model):
    assert refusal(model, packed(rows("ann")), accept="text/csv") == (
        406,
        "accept 'text/csv': the answer is application/x-parquet",
    )


@pytest.mark.parametrize("body", [b"", b"customer_id,recency_days", packed(rows("ann"))[:-9]])
def test_corrupt_body_is_a_bad_request(model, body):
    status, text = refusal(model, body)
    assert status == 400
    assert text.startswith(f"body of {len(body)} bytes is not a Parquet file: ")
    assert "\n" not in text


def test_missing_column_is_named_with_its_type(model):
    body = packed(rows("ann").drop_columns(["recency_days"]))
    assert refusal(model, body) == (400, "column recency_days: expected int32, found no such columns")


@pytest.mark.parametrize(
    ("name", "kind", "said"),
    [
        ("recency_days", pa.string(), "expected int32, found string"),
        ("country", pa.int64(), "expected string, found int64"),
        ("monetary_365d_eur", pa.decimal128(12, 2), "expected double, found decimal128(12, 2)"),
        ("btyd_clv_eur", pa.string(), "expected double, found string"),
        ("first_order_voucher", pa.int32(), "expected bool, found int32"),
    ],
)
def test_mistyped_column_is_named_with_what_was_found(model, name, kind, said):
    assert refusal(model, packed(retyped(rows("ann"), name, kind))) == (400, f"column {name}: {said}")


def test_all_wrong_columns_are_named_at_once(model):
    table = retyped(rows("ann"), "country", pa.int64()).drop_columns(["device"])
    assert refusal(model, packed(table)) == (
        400,
        "column country: expected string, found int64; column device: expected string, found no such columns",
    )


def test_text_is_text_however_it_is_packed(model):
    table = rows("ann", "bob", country=["DE", "FR"])
    place = table.schema.get_field_index("country")
    for kind in (pa.large_string(), pa.dictionary(pa.int32(), pa.string())):
        other = table.set_column(place, "country", table["country"].combine_chunks().cast(kind))
        assert answer(model, packed(other), PARQUET, PARQUET).status == 200


def test_null_prior_is_refused_and_never_forecast_as_nothing(model):
    status, text = refusal(model, packed(rows("ann", "bob", btyd_clv_eur=[1.0, None])))
    assert status == 400
    assert text.startswith("btyd_clv_eur is null in 1 rows")


def test_row_without_a_key_is_refused(model):
    assert refusal(model, packed(rows("ann", None))) == (400, "column customer_id: 1 rows without a value")


def test_lead_is_refused(model):
    status, text = refusal(model, packed(rows("ann", segment="lead")))
    assert status == 400
    assert text.startswith("1 leads among the customers to score")


@pytest.mark.parametrize("broken", ["clv_eur", "clv_low_eur"])
def test_forecast_that_is_no_number_is_an_error_of_the_server(broken):
    class Broken:
        version, horizon_days = "broken", HORIZON_DAYS

        def tell(self, frame):
            said = dict.fromkeys(FIGURES, 0.5) | {broken: float("nan")}
            return pd.DataFrame(said, index=frame.index), None

    with pytest.raises(ValueError, match="broken: a forecast is not a finite number"):
        answer(Broken(), packed(rows("ann")), PARQUET, PARQUET)


def write_inputs(folder, parts):
    folder.mkdir()
    for name, table in parts.items():
        pq.write_table(table, folder / name)
    manifest = folder.parent / "manifest-early.json"
    manifest.write_text(json.dumps([{"prefix": f"{folder}/"}, *parts]))
    return manifest


def test_transform_answers_every_file_of_the_manifest_beside_its_name(tmp_path, model_dir):
    parts = {"part-000.parquet": rows("ann", "bob"), "part-001.parquet": rows("cid")}
    manifest = write_inputs(tmp_path / "inputs", parts)
    (tmp_path / "inputs" / "_SUCCESS").touch()
    written = transform(manifest, model_dir, tmp_path / "out")
    assert written == [str(tmp_path / "out" / f"{name}.out") for name in parts]
    assert [pq.read_table(file)["customer_id"].to_pylist() for file in written] == [["ann", "bob"], ["cid"]]
    assert len(list((tmp_path / "out").iterdir())) == len(parts)


def test_transform_reads_and_writes_by_address_where_told_how(tmp_path, model_dir):
    store = {
        "s3://lake/manifest.json": json.dumps([{"prefix": "s3://lake/in/"}, "a.parquet"]).encode(),
        "s3://lake/in/a.parquet": packed(rows("ann")),
    }
    written = transform(
        "s3://lake/manifest.json", model_dir, "s3://lake/out/", store.__getitem__, store.__setitem__
    )
    assert written == ["s3://lake/out/a.parquet.out"]
    assert pq.read_table(BytesIO(store[written[0]]))["customer_id"].to_pylist() == ["ann"]


def test_refused_file_stops_the_transform_with_the_servers_words(tmp_path, model_dir):
    bad = rows("ann").drop_columns(["device"])
    manifest = write_inputs(tmp_path / "inputs", {"part-000.parquet": rows("bob"), "part-001.parquet": bad})
    with pytest.raises(UserError, match=r"part-001\.parquet: status 400: column device: expected string"):
        transform(manifest, model_dir, tmp_path / "out")


@pytest.mark.parametrize("text", ["", "[]", '{"prefix": "x"}', '["part-000.parquet"]'])
def test_malformed_manifest_is_named(tmp_path, model_dir, text):
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(UserError, match=r"manifest\.json: not a manifest"):
        transform(tmp_path / "manifest.json", model_dir, tmp_path / "out")
