"""A delivered file as a frame, and its columns under the names an importer uses."""

import warnings
from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from python_calamine import CalamineError

from clv.errors import UserError

UNREADABLE = (pa.ArrowException, pd.errors.ParserError, pd.errors.ParserWarning, CalamineError)


def read_file(file: Path) -> pd.DataFrame:
    """Return all rows of a Parquet, CSV or xlsx file, in file order, with the columns as delivered.

    CSV cells stay text and only an empty cell is null, so that a bad value survives to be quarantined and
    Namibia (NA) stays a country. The sheets of a workbook are read one after the other.

    Raises
    ------
    UserError
        Where the file is missing, empty, unreadable or of another kind.
    """
    if file.suffix.lower() not in READERS:
        raise UserError(f"{file}: expected a file ending in {', '.join(READERS)}, found {file.suffix!r}")
    if not file.is_file():
        raise UserError(f"{file}: no such file; check the path")
    try:
        frame = READERS[file.suffix.lower()](file)
    except pd.errors.EmptyDataError:
        frame = pd.DataFrame()
    except UNREADABLE as error:
        reason = str(error).strip().splitlines()[0]
        raise UserError(f"{file}: cannot be read as {file.suffix}: {reason}") from error
    if frame.empty:
        raise UserError(f"{file}: holds no rows; expected a header and at least one row")
    return frame


def _read_parquet(file: Path) -> pd.DataFrame:
    # Nullable integers: as floats, long identifiers would lose their last digits.
    integers = {pa.int64(): pd.Int64Dtype(), pa.int32(): pd.Int32Dtype(), pa.uint64(): pd.UInt64Dtype()}
    frame: pd.DataFrame = (
        pq.ParquetFile(file).read().to_pandas(ignore_metadata=True, types_mapper=integers.get)
    )
    return frame


def _read_csv(file: Path) -> pd.DataFrame:
    try:
        return _read_csv_as(file, "utf-8-sig")
    except UnicodeDecodeError:  # older exports of this kind are in Latin script of one byte
        return _read_csv_as(file, "latin-1")


def _read_csv_as(file: Path, encoding: str) -> pd.DataFrame:
    with warnings.catch_warnings():
        # pandas only warns where the first row is longer than the header, and cuts it.
        warnings.simplefilter("error", pd.errors.ParserWarning)
        return pd.read_csv(
            file, dtype=str, keep_default_na=False, na_values=[""], encoding=encoding, index_col=False
        )


def _read_xlsx(file: Path) -> pd.DataFrame:
    sheets = pd.read_excel(file, sheet_name=None, engine="calamine", keep_default_na=False, na_values=[""])
    filled = [sheet for sheet in sheets.values() if not sheet.empty]
    return pd.concat(filled, ignore_index=True) if filled else pd.DataFrame()


READERS: Mapping[str, Callable[[Path], pd.DataFrame]] = {
    ".parquet": _read_parquet,
    ".csv": _read_csv,
    ".xlsx": _read_xlsx,
}


def match_columns(
    frame: pd.DataFrame,
    file: Path,
    required: Mapping[str, tuple[str, ...]],
    optional: Mapping[str, tuple[str, ...]] | None = None,
) -> dict[str, str]:
    """Return which delivered column holds each wanted one: {wanted name: name in the file}.

    Names match without case, blanks and underscores; the wanted name goes before its aliases.

    Raises
    ------
    UserError
        Where a required column is missing or two delivered columns have one name.
    """
    found = _by_plain_name(frame, file)
    matched = {}
    for wanted, aliases in {**required, **(optional or {})}.items():
        names = [plain for plain in map(_plain, (wanted, *aliases)) if plain in found]
        if names:
            matched[wanted] = found[names[0]]
        elif wanted in required:
            expected, listed = " or ".join((wanted, *aliases)), ", ".join(map(str, frame.columns))
            raise UserError(f"{file}: column {wanted} is missing; expected {expected}, found {listed}")
    return matched


def columns_not_read(frame: pd.DataFrame, matched: Mapping[str, str]) -> list[str]:
    """Return a note that names the delivered columns no rule reads; empty where all are read."""
    ignored = [str(name) for name in frame.columns if name not in matched.values()]
    return [f"columns not read: {', '.join(ignored)}"] if ignored else []


def _by_plain_name(frame: pd.DataFrame, file: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in frame.columns:
        other = found.setdefault(_plain(name), name)
        if other != name:
            raise UserError(f"{file}: columns {other} and {name} have one meaning; keep one of them")
    return found


def _plain(name: object) -> str:
    return str(name).lower().replace(" ", "").replace("_", "")
