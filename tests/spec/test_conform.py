"""How the columns of a file become those of the contract, and when the file is refused as a whole."""

from datetime import date, datetime
from typing import Any

import ibis
import pyarrow as pa
import pytest

from clv.conform import as_found, check_columns, check_written, typed, unreadable
from clv.contracts import RAW_TABLES
from clv.errors import UserError
from clv.schema import Column, Table, Type
from tests.spec.lakes import engine, pulled

READ: list[tuple[Type, str, Any]] = [
    ("money", "12.50", 12.5),
    ("money", " 12.50 ", 12.5),
    ("money", "-3", -3.0),
    ("money", "+.5", 0.5),
    ("money", "5.", 5.0),
    ("money", "1e3", 1000.0),
    ("int64", "7", 7),
    ("int64", "7.0", 7),
    ("int64", "9007199254740991", 2**53 - 1),
    ("timestamp", "2024-01-05", datetime(2024, 1, 5)),
    ("timestamp", "2024-1-5", datetime(2024, 1, 5)),
    ("timestamp", "2024-01-05 10:20", datetime(2024, 1, 5, 10, 20)),
    ("timestamp", "2024-01-05T10:20:30.5", datetime(2024, 1, 5, 10, 20, 30, 500_000)),
    ("timestamp", "2024-01-05T10:20:30Z", datetime(2024, 1, 5, 10, 20, 30)),
    ("timestamp", "2024-01-05 10:20:30+00:00", datetime(2024, 1, 5, 10, 20, 30)),
    ("timestamp", "2024-02-29 23:59:59.999999", datetime(2024, 2, 29, 23, 59, 59, 999_999)),
    ("date", "2024-01-05", date(2024, 1, 5)),
    ("boolean", "TRUE", True),
    ("boolean", "no", False),
    ("boolean", "1", True),
    ("string", "  a b ", "a b"),
    ("string", "   ", None),
    ("money", "", None),
]
# Beside plain errors: what one engine reads and another does not, or reads as something else.
UNREADABLE: list[tuple[Type, str]] = [
    *[
        ("money", text)
        for text in ("12,50", "1 000", "1_000", "1.5d", "1f", "0x1p3", "NaN", "inf", "EUR 5", "1e", ".")
    ],
    *[("int64", text) for text in ("1.5", "9007199254740992", "9007199254740993", "many", "1e400")],
    *[
        ("timestamp", text)
        for text in ("2024-01-05T10:20:30+02:00", "2024-01-05 10:20 +02:00", "infinity", "epoch")
    ],
    *[("timestamp", text) for text in ("2024", "2024-05", "12:30", "20240105", "05/01/2024", "2024/01/05")],
    *[
        ("timestamp", text)
        for text in ("2024-02-30", "2023-02-29", "2024-01-05 24:00:00", "2024-01-05 10", "now")
    ],
    *[
        ("timestamp", text)
        for text in ("-2024-01-05", "10000-01-01", "2024-01-05 (BC)", "45296", "1704448800")
    ],
    *[("date", text) for text in ("2024", "05/01/2024", "infinity", "2024-01-05BC")],
    *[("boolean", text) for text in ("perhaps", "2", "y")],
]
KINDS: tuple[Type, ...] = ("money", "int64", "timestamp", "date", "boolean", "string")


def one_column(kind: Type) -> Table:
    return Table("t", "a row", (), (Column("value", kind, "a value"),))


def read_as(kind: Type, texts: list[str]) -> list[tuple[Any, bool]]:
    """Return (value, refused) of each text."""
    table = one_column(kind)
    found = ibis.memtable({"n": range(len(texts)), "value": texts}, schema={"n": "int64", "value": "string"})
    bad = next((predicate for _, predicate in unreadable(table, found)), found.n < 0)
    rows = pulled(found.select("n", **typed(table, found), bad=bad))
    return [(row["value"], row["bad"]) for row in sorted(rows, key=lambda row: row["n"])]


@pytest.mark.parametrize("kind", KINDS)
def test_text_is_read_as_its_type(kind):
    told = [(text, value) for of, text, value in READ if of == kind]
    assert read_as(kind, [text for text, _ in told]) == [(value, False) for _, value in told]


@pytest.mark.parametrize("kind", KINDS[:-1])
def test_text_that_engines_read_differently_is_unreadable(kind):
    texts = [text for of, text in UNREADABLE if of == kind]
    assert dict(zip(texts, read_as(kind, texts), strict=True)) == dict.fromkeys(texts, (None, True))


@pytest.mark.parametrize(
    ("kind", "column_type", "values", "read"),
    [
        ("string", "int64", [7], ["7"]),
        ("string", "uint32", [7], ["7"]),
        ("int64", "float64", [7.0, None], [7, None]),
        ("int64", "decimal(10, 0)", [7], [7]),
        ("int64", "int8", [7], [7]),
        ("money", "int32", [7], [7.0]),
        ("money", "decimal(10, 2)", [7.25], [7.25]),
        ("timestamp", "date", [date(2024, 1, 5)], [datetime(2024, 1, 5)]),
        ("timestamp", "timestamp(9)", [datetime(2024, 1, 5, 1)], [datetime(2024, 1, 5, 1)]),
        ("date", "timestamp", [datetime(2024, 1, 5, 23)], [date(2024, 1, 5)]),
    ],
)
def test_columns_of_a_neighbouring_type_are_taken(kind, column_type, values, read):
    table = one_column(kind)
    found = ibis.memtable({"value": values}, schema={"value": column_type})
    check_columns(table, found, "f")
    assert [row["value"] for row in pulled(found.select(**typed(table, found)))] == read


def test_a_zoned_timestamp_is_read_as_utc():
    table = one_column("timestamp")
    found = ibis.memtable({"value": [datetime(2024, 1, 5, 10)]}, schema={"value": "timestamp('UTC')"})
    assert pulled(found.select(**typed(table, found))) == [{"value": datetime(2024, 1, 5, 10)}]


def test_a_fraction_where_a_whole_number_belongs_is_unreadable():
    table = one_column("int64")
    found = ibis.memtable(pa.table({"value": [1.5, 2.0, float("nan"), None]}))
    ((reason, bad),) = unreadable(table, found)
    assert reason == "value is not a whole number"
    assert as_found(table, found) == ["value"]
    read = pulled(found.select(**typed(table, found), bad=bad).order_by("value"))
    assert sorted((row["value"], row["bad"]) for row in read if row["value"] is not None) == [(2, False)]
    assert sorted(row["bad"] for row in read if row["value"] is None) == [False, True, True]


@pytest.mark.parametrize(
    ("kind", "column_type", "value", "found_name"),
    [
        ("timestamp", "int64", 1704448800, "int64"),
        ("money", "boolean", True, "boolean"),
        ("string", "float64", 7.0, "float64"),
        ("boolean", "int64", 1, "int64"),
        ("int64", "timestamp", datetime(2024, 1, 5), "timestamp"),
    ],
)
def test_a_column_of_another_type_refuses_the_file_naming_file_column_expected_and_found(
    kind, column_type, value, found_name
):
    found = engine().keep(ibis.memtable({"value": [value]}, schema={"value": column_type}))
    with pytest.raises(UserError) as error:
        check_columns(one_column(kind), found, "raw/t")
    assert str(error.value) == f"raw/t: column value expected {kind}, found {found_name}"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("column_type", ["int32", "float64", "string"])
def test_an_empty_column_is_null_whatever_its_type(kind, column_type):
    table = one_column(kind)
    found = engine().keep(ibis.memtable({"value": [None]}, schema={"value": column_type}))
    check_columns(table, found, "raw/t")
    rows = found.select(**typed(table, found))
    assert pulled(rows) == [{"value": None}]
    assert rows.value.type() == ibis.dtype("float64" if kind == "money" else kind)


def test_a_missing_required_column_is_named_and_a_missing_optional_one_is_null():
    found = ibis.memtable({"order_id": ["o1"], "more": [1]})
    with pytest.raises(UserError) as error:
        check_columns(RAW_TABLES["orders"], found, "raw/orders")
    assert str(error.value) == "raw/orders: column customer_id expected (string), found only order_id, more"
    assert pulled(found.select(typed(one_column("money"), found)["value"].name("value"))) == [{"value": None}]


def test_a_table_we_write_must_have_the_declared_columns_in_order_and_type():
    table = Table("t", "a row", (), (Column("a", "int64", "a"), Column("b", "string", "b")))
    check_written(table, ibis.table({"a": "int64", "b": "string"}, name="t"))
    for other in ({"b": "string", "a": "int64"}, {"a": "float64", "b": "string"}, {"a": "int64"}):
        with pytest.raises(TypeError, match="t: written columns differ from the contract"):
            check_written(table, ibis.table(other, name="t"))
