"""Tables of the tests, drawn in ASCII."""

from io import StringIO

import pandas as pd


def table(text: str) -> pd.DataFrame:
    """Return the frame that `text` draws: a header and one line per row, cells parted by `|`.

    Types are those that pandas infers from CSV; an empty cell or `-` is null.
    """
    lines = [line.split("|") for line in text.strip().splitlines()]
    cells = ["\x1f".join(cell.strip() for cell in line) for line in lines]
    return pd.read_csv(StringIO("\n".join(cells)), sep="\x1f", keep_default_na=False, na_values=["", "-"])


def rows(frame: pd.DataFrame, *columns: str) -> list[tuple[object, ...]]:
    """Return the rows of the named columns as tuples of plain values, None for null."""
    named = frame[list(columns)].astype(object)
    return list(named.where(named.notna(), None).itertuples(index=False, name=None))
