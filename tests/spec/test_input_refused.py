"""When the whole input is refused: too much quarantine, or a file that breaks the contract."""

import pytest

from clv.errors import UserError
from clv.settings import Settings
from glue_jobs.build_ledger import read_raw
from glue_jobs.intake.accounts import Line, over_limit
from tests.spec.lakes import DEFAULTS, built, columns_of, engine, lake, scratch

TOO_MUCH = {
    "orders": "order_id\no1\no2",
    "order_lines": "order_id | gross_amount\no1 | 94\no2 | 6\nabsent | 1",
}


def test_too_much_quarantine_stops_the_run_with_the_quarantine_written_and_the_ledger_as_it_was():
    on = lake(scratch() / "lake", **TOO_MUCH)
    with on.commit("ledger", "r1"):
        pass
    with pytest.raises(UserError) as error:
        built(on, Settings(quarantine_limit=0.05), run_id="r2")
    message = str(error.value)
    assert message.startswith(
        "order_lines: 33.3% of rows in quarantine (most often: unknown order_id), limit 5%"
    )
    assert str(on.path("quarantine")) in message
    assert "\n" not in message
    quarantine, ledger = on.current("quarantine"), on.current("ledger")
    assert quarantine is not None
    assert quarantine.run_id == "r2"
    assert ledger is not None
    assert ledger.run_id == "r1"


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ([("used", 95, 100), ("quarantined", 5, 0)], None),
        ([("used", 94, 100), ("quarantined", 6, 0)], "t: 6.0% of rows in quarantine (most often: why)"),
        ([("used", 99, 94_00), ("quarantined", 1, 6_00)], "t: 6.0% of money in quarantine (most often: why)"),
        (
            [("used", 99, 94_00), ("quarantined", 1, -6_00)],
            "t: 6.0% of money in quarantine (most often: why)",
        ),
        ([("used", 19, 0), ("quarantined", 1, 0), ("excluded", 80, 0)], None),
        (
            [("used", 18, 0), ("quarantined", 1, 0), ("excluded", 81, 0)],
            "t: 5.3% of rows in quarantine (most often: why)",
        ),
        ([("excluded", 10, 10)], None),
        ([], None),
    ],
)
def test_the_limit_is_on_rows_and_on_money_of_each_table_and_excluded_rows_do_not_count(lines, told):
    assert over_limit([Line("t", fate, "why", rows, cents) for fate, rows, cents in lines], 0.05) == told


def test_a_small_table_that_is_all_bad_is_not_hidden_by_a_large_one():
    lines = [Line("large", "used", "", 1000, 0), Line("small", "quarantined", "why", 1, 0)]
    assert over_limit(lines, 0.05) == "small: 100.0% of rows in quarantine (most often: why)"


def test_tables_without_a_single_order_are_one_clear_error_and_no_ledger():
    on = lake(scratch() / "lake", orders="order_id", order_lines="order_id")
    with pytest.raises(UserError, match="orders: none has a line"):
        built(on)
    assert on.current("ledger") is None


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ({"orders": "order_id\no1"}, "raw/order_lines: no Parquet or CSV file there"),
        ({"order_lines": "order_id\no1"}, "raw/orders: no Parquet or CSV file there"),
    ],
)
def test_a_missing_mandatory_table_is_named(tables, said):
    with pytest.raises(UserError, match=said):
        read_raw(engine(), lake(scratch() / "lake", **tables))


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_a_missing_column_is_named_with_what_was_expected_and_found(suffix):
    columns = columns_of("order_id\no1", DEFAULTS["orders"])
    del columns["order_ts"]
    on = lake(scratch() / "lake", suffix=suffix, orders=columns, order_lines="order_id\no1")
    with pytest.raises(UserError) as error:
        read_raw(engine(), on)
    assert str(error.value).endswith(
        "raw/orders: column order_ts expected (timestamp), found only customer_id, currency, order_id"
    )


def test_a_table_of_parquet_and_csv_files_is_refused():
    on = lake(scratch() / "lake", orders="order_id\no1", order_lines="order_id\no1")
    (on.path("raw") / "orders" / "more.csv").write_text("order_id\n")
    with pytest.raises(UserError, match="raw/orders: holds Parquet and CSV files"):
        read_raw(engine(), on)


def test_a_csv_line_that_looks_like_a_comment_is_a_row(tmp_path):
    file = tmp_path / "customers.csv"
    file.write_text("customer_id,country\nc1,DE\n#1,ann\n")
    assert engine().read([str(file)]).count().execute() == 2


@pytest.mark.parametrize("line", ["1,ann,x,y,z", "1"])
def test_a_csv_line_of_another_shape_is_refused_with_the_file_named(tmp_path, line):
    file = tmp_path / "customers.csv"
    file.write_text(f"customer_id,country\nc1,DE\n{line}\n")
    with pytest.raises(UserError, match=r"customers.csv: not a regular CSV file"):
        engine().read([str(file)])
