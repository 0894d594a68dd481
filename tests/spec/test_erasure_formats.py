"""Which rows are a person's, in each format that a lake holds."""

import io
import json
import tarfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clv.erased import erased, note_erased
from clv.errors import UserError
from clv.lake import Lake
from glue_jobs.erasure.erase import erase
from glue_jobs.erasure.formats import clean, count
from glue_jobs.erasure.people import People, people
from tests.spec.lakes import built, lake

ANN = People(frozenset({"ann"}), frozenset({"o1"}))
CSV = (
    "event_id,customer_id,metadata_json\r\n"
    'e1,ann,\r\ne2,bob,"{""friend"": ""ann"",\n ""n"": 1}"\r\ne3,annabel,"said ""hi"""\r\n'
)


def cleaned(tmp_path, name, data):
    source, target = tmp_path / name, tmp_path / f"clean-{name}"
    source.write_bytes(data)
    counted, taken = [], count(source, name, ANN)
    assert clean(source, name, ANN, target, lambda rows: counted.append(len(rows))) == taken
    assert count(target, name, ANN) == 0
    return target, taken


def parquet(table, **options):
    out = io.BytesIO()
    pq.write_table(table, out, **options)
    return out.getvalue()


def test_rows_of_a_csv_file_go_and_all_others_stay_byte_by_byte(tmp_path):
    target, taken = cleaned(tmp_path, "part.csv", CSV.encode())
    assert taken == 2
    assert target.read_bytes().decode() == (
        'event_id,customer_id,metadata_json\r\ne2,bob,\ne3,annabel,"said ""hi"""\r\n'
    )


def test_rows_go_by_customer_and_by_order_under_any_name_of_the_column(tmp_path):
    table = pa.table({"Customer ID": ["ann", "bob", None, " ann "], "Invoice": ["o9", "o2", "o1", "o3"]})
    target, _ = cleaned(tmp_path, "part.parquet", parquet(table))
    assert pq.read_table(target).to_pydict() == {"Customer ID": ["bob"], "Invoice": ["o2"]}


def test_a_number_for_an_id_is_found_as_a_whole_number_or_a_fraction_and_not_elsewhere():
    who = people(["12345"])
    table = pa.table({"Customer ID": [12345.0, 1234.5, None], "sku": ["x", "12345", "12345"]})
    assert who.rows(table).tolist() == [True, False, False]
    assert who.rows(pa.table({"customer_id": pa.array([12345, 123], pa.int64())})).tolist() == [True, False]


def test_what_a_writer_noted_its_types_and_int96_times_stay(tmp_path):
    day = pa.array([1_700_000_000_000_000] * 2, pa.timestamp("us"))
    out = io.BytesIO()
    table = pa.table({"customer_id": ["ann", "bob"], "ts": day})
    with pq.ParquetWriter(
        out, table.schema, use_deprecated_int96_timestamps=True, store_schema=False
    ) as file:
        file.write_table(table)
        file.add_key_value_metadata({b"clv.merged": b"abc"})
    target, _ = cleaned(tmp_path, "part.parquet", out.getvalue())
    found = pq.ParquetFile(target)
    assert found.schema.column(1).physical_type == "INT96"
    assert found.metadata.metadata[b"clv.merged"] == b"abc"
    assert found.read().column("ts").cast(pa.timestamp("us")).to_pylist() == day.to_pylist()[:1]


def test_no_value_stays_behind_in_a_dictionary(tmp_path):
    table = pa.table({"customer_id": pa.array(["ann", "bob"]).dictionary_encode()})
    target, _ = cleaned(tmp_path, "part.parquet", parquet(table))
    assert b"ann" not in target.read_bytes()


def test_tables_inside_an_archive_are_cleaned_and_its_other_members_stay(tmp_path):
    out = io.BytesIO()
    members = {"card.json": b"{}", "customers.parquet": parquet(pa.table({"customer_id": ["ann", "bob"]}))}
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, data in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    target, taken = cleaned(tmp_path, "output.tar.gz", out.getvalue())
    assert taken == 1
    with tarfile.open(target) as tar:
        assert tar.getnames() == list(members)
        assert tar.extractfile("card.json").read() == b"{}"


@given(
    st.lists(st.tuples(st.sampled_from("ab1"), st.sampled_from("xyz")), max_size=30),
    st.sets(st.sampled_from("ab1")),
)
def test_exactly_the_rows_of_the_erased_go_whatever_the_table(rows, who):
    table = pa.table(
        {
            "customer_id": pa.array([c for c, _ in rows], pa.string()),
            "sku": [s for _, s in rows] or pa.array([], pa.string()),
        }
    )
    kept = [row for row, theirs in zip(rows, People(frozenset(who)).rows(table), strict=True) if not theirs]
    assert kept == [row for row in rows if row[0] not in who]


def test_an_order_that_another_customer_took_over_stays_theirs(tmp_path):
    orders = """
    order_id | customer_id | order_ts   | recorded_ts
    o1       | ann         | 2024-01-10 | 2024-01-10
    o1       | bob         | 2024-01-10 | 2024-02-01
    o2       | ann         | 2024-01-11 | 2024-01-11
    """
    lines = "order_id | gross_amount\no1 | 10\no2 | 20"
    on = lake(tmp_path / "lake", orders=orders, order_lines=lines)
    receipt = erase(on, people(["ann"]), "erase-2024-03-01-1", lambda _: None)
    assert receipt.rows == {"raw/orders": 2, "raw/order_lines": 1}
    after = built(on)
    assert [(row["order_id"], row["customer_id"]) for row in after.rows("entries")] == [("o1", "bob")]
    excluded = [(x.table, x.rows, x.cents) for x in after.accounts if x.reason.startswith("erased")]
    assert excluded == [("order_lines", 1, 2_000), ("orders", 2, 0)]


def test_a_count_is_added_once_however_often_its_erasure_was_tried(tmp_path):
    on = Lake.at(tmp_path)
    for version in ("v1", "v1", "v2"):  # killed before the file was replaced, done again, and another person
        note_erased(on, "raw/refunds/part.csv", version, 3, 500)
    assert [(of.table, of.rows, of.cents) for of in erased(on)] == [("refunds", 6, 1_000)]
    assert "v2" in json.loads(on.read_text("raw/_erased.json"))["raw/refunds/part.csv"]["replaces"]


def test_nobody_and_an_empty_name_are_refused():
    for names in ([], ["ann", " "]):
        with pytest.raises(UserError, match="name at least one customer, and no empty one"):
            people(names)
