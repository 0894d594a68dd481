"""What the model server calls: load the model, read a request, forecast, write the answer.

The four functions have the names and arguments that SageMaker's script mode gives them. `answer` runs the
last three for one request and turns what a caller did wrong into a status and one line of text.
"""

import json
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from clv.errors import UserError
from clv.feature_catalogue import FEATURES
from clv.frames import arrow_schema
from clv.models.catalogue import load_model
from clv.models.forecast import (
    ALL_DRIVERS,
    CLV_EUR,
    EXPLAINED,
    EXPLANATION,
    FIGURES,
    INTERVAL,
    MODEL_FILE,
    P_ACTIVE,
    Model,
)
from clv.models.priors import PRIORS
from clv.tables import FORECASTS
from inference.forecast import forecast_frame

PARQUET = "application/x-parquet"
TEXT = "text/plain"
ANY = ("", "*/*")

_INPUT = pa.schema([*arrow_schema(FEATURES), *(pa.field(name, pa.float64()) for name in PRIORS)])
_ASKED = pa.field(EXPLAINED, pa.bool_())
_ALL = pa.field(ALL_DRIVERS, pa.map_(pa.string(), pa.float64()))
_SAID = ("customer_id", *FIGURES, *EXPLANATION)
_OUTPUT = pa.schema(
    [*map(arrow_schema(FORECASTS).field, _SAID), _ALL, arrow_schema(FORECASTS).field("model_version")]
)


class BadRequest(Exception):  # noqa: N818 - the name of HTTP status 400 and its kin
    """A request that cannot be answered: its HTTP status, and one line that says why."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


@dataclass(frozen=True)
class Answer:
    """What goes back to the caller: HTTP status, body and its content type."""

    status: int
    body: bytes
    content_type: str


def model_fn(model_dir: str | Path) -> Model:
    """Return the model saved in a folder; UserError where there is none or its family is unknown."""
    folder = Path(model_dir)
    return load_model(folder, _horizon_of(folder))


def input_fn(body: bytes, content_type: str) -> pd.DataFrame:
    """Return the rows of a Parquet file: the feature columns and the priors, possibly no rows.

    A column `EXPLAINED` may be there besides.

    Raises
    ------
    BadRequest
        415 for another content type; 400 for a body that is no Parquet file and for a column that is missing
        or not of the declared type.
    """
    if _essence(content_type) != PARQUET:
        raise BadRequest(415, f"content type {content_type!r}: send {PARQUET}")
    try:
        rows = pq.read_table(BytesIO(body))
    except (pa.ArrowInvalid, OSError) as error:
        raise BadRequest(
            400, f"body of {len(body)} bytes is not a Parquet file: {_one_line(error)}"
        ) from None
    wanted = [*_INPUT, _ASKED] if EXPLAINED in rows.schema.names else list(_INPUT)
    wrong = [_difference(field, rows.schema) for field in wanted]
    if any(wrong):
        raise BadRequest(400, "; ".join(said for said in wrong if said))
    frame: pd.DataFrame = rows.select([field.name for field in wanted]).to_pandas()
    return frame


def predict_fn(frame: pd.DataFrame, model: Model) -> pd.DataFrame:
    """Return the columns of `forecast_frame`, one row per row of `frame`.

    Raises
    ------
    BadRequest
        400 where a key is null, a prior is null or a row is a lead.
    ValueError
        If the model says anything that is not a number; median and interval may be unknown, in every row.
    """
    for name in FEATURES.key:
        if frame[name].isna().any():
            raise BadRequest(400, f"column {name}: {int(frame[name].isna().sum())} rows without a value")
    try:
        said = forecast_frame(model, frame)
    except UserError as error:
        raise BadRequest(400, _one_line(error)) from None
    known = [CLV_EUR, P_ACTIVE] if said[list(INTERVAL)].isna().all(axis=None) else list(FIGURES)
    if not np.isfinite(said[known].to_numpy(np.float64)).all():
        raise ValueError(f"{model.version}: a forecast is not a finite number")
    return said


def output_fn(said: pd.DataFrame, accept: str) -> bytes:
    """Return the forecasts as one Parquet file; BadRequest 406 where the caller accepts another type only."""
    wanted = [_essence(part) for part in accept.split(",")]
    if not any(kind in {PARQUET, *ANY} for kind in wanted):
        raise BadRequest(406, f"accept {accept!r}: the answer is {PARQUET}")
    file = BytesIO()
    pq.write_table(pa.Table.from_pandas(said, _OUTPUT, preserve_index=False), file)
    return file.getvalue()


def answer(model: Model, body: bytes, content_type: str, accept: str) -> Answer:
    """Return the answer to one request; what the caller did wrong becomes a status and one line of text."""
    try:
        said = predict_fn(input_fn(body, content_type), model)
        return Answer(200, output_fn(said, accept), PARQUET)
    except BadRequest as refusal:
        return Answer(refusal.status, str(refusal).encode(), TEXT)


def _horizon_of(folder: Path) -> int:
    file = folder / MODEL_FILE
    if not file.exists():
        raise UserError(f"{folder}: holds no {MODEL_FILE}; give the folder of a trained model")
    return int(json.loads(file.read_text(encoding="utf-8"))["horizon_days"])


def _difference(expected: pa.Field, found: pa.Schema) -> str:
    places = found.get_all_field_indices(expected.name)
    if len(places) != 1:
        return f"column {expected.name}: expected {expected.type}, found {len(places) or 'no'} such columns"
    kind = found.field(places[0]).type
    return (
        ""
        if _plain(kind) == expected.type
        else f"column {expected.name}: expected {expected.type}, found {kind}"
    )


def _plain(kind: pa.DataType) -> pa.DataType:
    """Return the type without its storage: text is text, however a writer packs it."""
    value = kind.value_type if pa.types.is_dictionary(kind) else kind
    packed = pa.types.is_large_string(value) or pa.types.is_string_view(value)
    return pa.string() if packed else value


def _essence(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
