"""The synthetic marketplace: keeps the contract, has the promised shape, and its truth is true."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from string import Template

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy.stats import spearmanr

from app.world import parameters as p
from app.world import seasons, tables
from app.world.build import WorldSummary, write_world
from clv.contracts import RAW_TABLES
from clv.lake import Lake
from clv.schema import Type

SEED = 5
CUSTOMERS = 20_000
BACKTEST = seasons.day_of(p.BACKTEST_AS_OF)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, WorldSummary]:
    root = tmp_path_factory.mktemp("world")
    return root, write_world(Lake.at(root), CUSTOMERS, SEED, replace=False, progress=lambda _: None)


@pytest.fixture(scope="module")
def sql(world: tuple[Path, WorldSummary]) -> Iterator[duckdb.DuckDBPyConnection]:
    root, _ = world
    with duckdb.connect() as connection:
        views = Template(Path(__file__).with_name("world_views.sql").read_text(encoding="utf-8"))
        places = {"raw": root / "raw", "truth": root / "truth", "as_of": p.BACKTEST_AS_OF, "end": p.END}
        connection.execute(views.substitute(places))
        yield connection


def one(sql: duckdb.DuckDBPyConnection, query: str) -> float:
    (value,) = sql.execute(query).fetchall()[0]
    return float(value)


def arrow_type(kind: Type) -> pa.DataType:
    return pa.float64() if kind == "float64" else tables.ARROW[kind]


@pytest.mark.parametrize("name", sorted(set(RAW_TABLES) - {"invoices"}))
def test_a_table_has_exactly_the_columns_and_types_of_its_contract(
    world: tuple[Path, WorldSummary], name: str
) -> None:
    wanted = [(column.name, arrow_type(column.type)) for column in RAW_TABLES[name].columns]
    for file in Lake.at(world[0]).raw_files(name):
        schema = pq.read_schema(file)
        assert list(zip(schema.names, schema.types, strict=True)) == wanted


def test_the_summary_counts_the_rows_that_were_written(world: tuple[Path, WorldSummary]) -> None:
    root, summary = world
    for name, rows in summary.rows.items():
        assert rows == sum(pq.read_metadata(file).num_rows for file in Lake.at(root).raw_files(name))


def test_the_lake_knows_when_its_tables_were_extracted(world: tuple[Path, WorldSummary]) -> None:
    assert Lake.at(world[0]).extracted_at() == datetime(2026, 7, 1)


def test_about_half_of_the_buyers_have_one_order(
    world: tuple[Path, WorldSummary], sql: duckdb.DuckDBPyConnection
) -> None:
    counts = "(select count(*) n from last_orders where customer_id is not null group by customer_id)"
    share = one(sql, f"select avg((n = 1)::int) from {counts}")
    assert 0.45 < share < 0.55
    assert share == pytest.approx(world[1].one_order_share, abs=0.005)
    assert 4 < one(sql, f"select sum(n) / {CUSTOMERS} from {counts}") < 6


def test_the_best_tenth_of_the_buyers_brings_most_of_the_revenue(
    world: tuple[Path, WorldSummary], sql: duckdb.DuckDBPyConnection
) -> None:
    totals = "(select sum(net_eur) v from net where customer_id is not null group by customer_id)"
    tenth = f"(select v, ntile(10) over (order by v desc) as t from {totals})"
    share = one(sql, f"select sum(v) filter (t = 1) / sum(v) from {tenth}")
    assert 0.40 < share < 0.75
    assert share == pytest.approx(world[1].top_tenth_share, abs=0.005)


def test_some_customers_never_order_and_some_orders_have_no_customer(sql: duckdb.DuckDBPyConnection) -> None:
    leads = "select count(distinct customer_id) from customers anti join last_orders using (customer_id)"
    assert 0.08 < one(sql, leads) / CUSTOMERS < 0.16
    assert 0.02 < one(sql, "select avg((customer_id is null)::int) from last_orders") < 0.05


def test_there_are_eight_countries_five_currencies_and_six_channels(sql: duckdb.DuckDBPyConnection) -> None:
    assert one(sql, "select count(distinct country) from last_orders") == 8
    assert one(sql, "select count(distinct currency) from last_orders") == 5
    assert one(sql, "select count(distinct acquisition_channel) from customers") == 6


def test_the_late_market_sells_nothing_before_its_launch(sql: duckdb.DuckDBPyConnection) -> None:
    first = sql.execute("select min(order_ts)::date from last_orders where country = 'CZ'").fetchall()[0][0]
    assert p.LATE_LAUNCH <= first < p.BACKTEST_AS_OF


def test_december_sells_far_more_than_august(sql: duckdb.DuckDBPyConnection) -> None:
    by_month = "select count(*) from last_orders where order_ts between '{}' and '{}'"
    december = one(sql, by_month.format("2025-12-01", "2026-01-01"))
    assert december > 1.6 * one(sql, by_month.format("2025-08-01", "2025-09-01"))


def test_tax_is_the_vat_of_country_and_category_contained_in_what_was_paid(
    sql: duckdb.DuckDBPyConnection,
) -> None:
    frame = sql.execute(
        "select country, category, gross_amount - discount as paid, tax, gross_amount, discount "
        "from last_lines join last_orders using (order_id) join products using (sku)"
    ).df()
    rates = {market.country: (market.vat, market.vat_books) for market in p.MARKETS}
    vat = np.array([rates[c][k == "books"] for c, k in zip(frame.country, frame.category, strict=True)])
    assert np.abs(frame.paid * vat / (1 + vat) - frame.tax).max() < 0.0051
    assert (frame.discount >= 0).all()
    assert (frame.discount > 0).mean() > 0.2
    cents = frame[["gross_amount", "discount", "tax"]] * 100
    assert (cents - cents.round()).abs().max().max() < 1e-4


def test_some_refunds_come_late_and_some_are_recorded_late(sql: duckdb.DuckDBPyConnection) -> None:
    joined = "from refunds f join last_orders o using (order_id) where refund_id not like '%-x%'"
    assert 0.05 < one(sql, f"select avg((refund_ts > order_ts + interval 35 day)::int) {joined}") < 0.20
    late = f"select avg((f.recorded_ts > refund_ts + interval 6 day)::int) {joined}"
    assert 0.05 < one(sql, late) < 0.15
    assert 0.05 < one(sql, "select (select count(*) from refunds) / count(*) from last_lines") < 0.15


def test_orders_and_lines_are_restated_under_their_own_key_later(sql: duckdb.DuckDBPyConnection) -> None:
    moved = (
        "select count(*) from (select order_id from orders where order_id not like '%-x%' group by order_id "
        "having count(distinct recorded_ts) > 1 and count(distinct coalesce(customer_id, '')) > 1)"
    )
    assert 0.001 < one(sql, moved) / one(sql, "select count(*) from last_orders") < 0.003
    changed = (
        "select count(*) from (select 1 from order_lines where line_no < 900 group by order_id, line_no "
        "having count(distinct recorded_ts) > 1 and count(distinct gross_amount) > 1)"
    )
    assert 0.002 < one(sql, changed) / one(sql, "select count(*) from last_lines") < 0.005


@pytest.mark.parametrize(
    ("table", "bad"),
    [
        ("orders", "order_id like '%-x%'"),
        ("order_lines", "order_id like '%-x%' or line_no > 900 or order_id = 'o-unknown'"),
        ("refunds", "refund_id like '%-x%'"),
        ("web_events", "customer_id = 'c-unknown'"),
        ("email_events", "customer_id = 'c-unknown'"),
    ],
)
def test_a_few_rows_are_bad_and_a_few_repeated(sql: duckdb.DuckDBPyConnection, table: str, bad: str) -> None:
    assert 0 < one(sql, f"select avg(({bad})::int) from {table}") < 0.005
    distinct = f"select count(*) from (select distinct * from {table})"
    assert (
        0
        < one(sql, f"select count(*) from {table}") - one(sql, distinct)
        < 0.002 * one(sql, f"select count(*) from {table}")
    )


def test_mails_are_opened_only_under_consent(sql: duckdb.DuckDBPyConnection) -> None:
    at_the_time = (
        "from email_events e asof join customers c on e.customer_id = c.customer_id and e.ts >= c.valid_from "
    )
    assert one(sql, f"select count(*) {at_the_time} where type = 'open' and not marketing_consent") == 0
    assert 0.4 < one(sql, "select avg(marketing_consent::int) from customers") < 0.8


def test_nothing_happens_before_signup_or_after_the_end(sql: duckdb.DuckDBPyConnection) -> None:
    for table, ts in (("last_orders", "order_ts"), ("web_events", "ts"), ("email_events", "ts")):
        early = f"from {table} t join customers c using (customer_id) where t.{ts} < c.signup_ts"
        assert one(sql, f"select count(*) {early}") == 0
        assert one(sql, f"select count(*) from {table} where {ts} >= timestamp '{p.END}'") == 0


def realised(sql: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    return sql.execute(
        f"select kind, first_order < {BACKTEST} as bought, expected_clv_eur, coalesce(v, 0) as net_eur "
        "from expected join latent using (customer_id) left join "
        "(select customer_id, sum(net_eur) v from net "
        f"where ts >= timestamp '{p.BACKTEST_AS_OF}' and ts < timestamp '{p.END}' group by customer_id) "
        "using (customer_id)"
    ).df()


def z_score(frame: pd.DataFrame) -> float:
    error = frame.net_eur - frame.expected_clv_eur
    return float(error.mean() / (error.std() / np.sqrt(len(error))))


def test_realised_revenue_of_the_raw_tables_agrees_with_the_truth_in_every_kind(
    sql: duckdb.DuckDBPyConnection,
) -> None:
    frame = realised(sql)
    assert abs(z_score(frame)) < 3
    assert frame.net_eur.sum() == pytest.approx(frame.expected_clv_eur.sum(), rel=0.06)
    for kind, rows in frame[frame.bought].groupby("kind"):
        assert abs(z_score(rows)) < 3.5, kind
    assert abs(z_score(frame[~frame.bought])) < 3.5


def test_the_truth_ranks_realised_revenue_well_but_not_perfectly(sql: duckdb.DuckDBPyConnection) -> None:
    frame = realised(sql)
    assert 0.65 < spearmanr(frame.expected_clv_eur, frame.net_eur).statistic < 0.9


def test_the_truth_covers_everyone_signed_up_at_both_t0s(
    world: tuple[Path, WorldSummary], sql: duckdb.DuckDBPyConnection
) -> None:
    signed_up = (
        f"select count(distinct customer_id) from customers where signup_ts < timestamp '{p.BACKTEST_AS_OF}'"
    )
    assert one(sql, "select count(*) from expected") == one(sql, signed_up)
    file = world[0] / "truth" / "expected_value" / f"as_of={p.FINAL_AS_OF}" / "part.parquet"
    final = pq.ParquetFile(file).read().to_pandas()
    assert len(final) == CUSTOMERS
    assert final.expected_clv_eur.notna().all()
    assert set(final.horizon_days) == {365}


def test_early_behaviour_tells_something_of_later_value_but_not_much(sql: duckdb.DuckDBPyConnection) -> None:
    frame = sql.execute(
        f"""select expected_clv_eur, any_value(acquisition_channel) channel,
            count(e.ts) filter (e.ts < c.signup_ts + interval 30 day) first_30,
            count(e.ts) filter (e.ts >= timestamp '{p.BACKTEST_AS_OF}' - interval 30 day) last_30
        from expected t join latent l using (customer_id) join customers c using (customer_id)
        left join web_events e on e.customer_id = t.customer_id and e.ts < timestamp '{p.BACKTEST_AS_OF}'
        where l.first_order < {BACKTEST} and c.valid_from = c.signup_ts
        group by t.customer_id, expected_clv_eur"""
    ).df()
    assert 0.15 < spearmanr(frame.first_30, frame.expected_clv_eur).statistic < 0.45
    assert 0.30 < spearmanr(frame.last_30, frame.expected_clv_eur).statistic < 0.65
    by_channel = frame.groupby("channel").expected_clv_eur.mean()
    assert 1.5 < by_channel.max() / by_channel.min() < 6
