"""The synthetic marketplace: keeps the contract, has the promised shape, and its truth is true."""

import dataclasses
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import poisson, spearmanr

from app.importers.ecb import ecb_rates
from app.world import parameters as p
from app.world import seasons, tables
from app.world.build import WorldSummary, write_world
from app.world.catalogue import draw_catalogue
from app.world.chunk import Chunk, draw_chunk
from app.world.rates import daily_rates
from app.world.truth import expected_net_eur, renewals
from app.world.write import raw_tables
from clv.contracts import RAW_TABLES
from clv.errors import UserError
from clv.lake import Lake
from clv.schema import Type

SEED = 5
CUSTOMERS = 20_000
BACKTEST = seasons.day_of(p.BACKTEST_AS_OF)

VIEWS = """
create view orders as from read_parquet('{raw}/orders/*.parquet');
create view order_lines as from read_parquet('{raw}/order_lines/*.parquet');
create view refunds as from read_parquet('{raw}/refunds/*.parquet');
create view customers as from read_parquet('{raw}/customers/*.parquet');
create view web_events as from read_parquet('{raw}/web_events/*.parquet');
create view email_events as from read_parquet('{raw}/email_events/*.parquet');
create view products as from read_parquet('{raw}/products/*.parquet');
create view latent as from read_parquet('{truth}/latent/*.parquet');
create view expected as from read_parquet(
    '{truth}/expected_value/as_of={as_of}/part.parquet', hive_partitioning = false);

create view rates as
select currency, rate_date::timestamp as since, rate_per_eur from read_parquet('{raw}/fx_rates/*.parquet')
union all select 'EUR', timestamp '2000-01-01', 1.0;

create table last_orders as
select o.*, rate_per_eur from orders o asof join rates r on o.currency = r.currency and o.order_ts >= r.since
where order_ts < timestamp '{end}' and order_id not like '%-x%'
qualify row_number() over (partition by order_id order by o.recorded_ts desc) = 1;

create table last_lines as
select l.*, (gross_amount - discount - tax) / rate_per_eur as net_eur
from order_lines l join last_orders o using (order_id)
where quantity > 0 and discount <= gross_amount
qualify row_number() over (partition by order_id, line_no order by l.recorded_ts desc) = 1;

create table used_refunds as
select distinct f.customer_id, refund_id, refund_ts, (amount - tax) / r.rate_per_eur as net_eur
from refunds f asof join rates r on f.currency = r.currency and f.refund_ts >= r.since
where refund_id not like '%-x%';

create table net as
select customer_id, order_ts as ts, sum(net_eur) as net_eur
from last_orders join last_lines using (order_id) where cancelled_ts is null
group by order_id, customer_id, order_ts
union all select customer_id, refund_ts, -net_eur from used_refunds;
"""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, WorldSummary]:
    root = tmp_path_factory.mktemp("world")
    return root, write(root, CUSTOMERS, SEED)


@pytest.fixture(scope="module")
def sql(world: tuple[Path, WorldSummary]) -> Iterator[duckdb.DuckDBPyConnection]:
    root, _ = world
    with duckdb.connect() as connection:
        connection.execute(
            VIEWS.format(raw=root / "raw", truth=root / "truth", as_of=p.BACKTEST_AS_OF, end=p.END)
        )
        yield connection


@pytest.fixture(scope="module")
def chunk() -> Chunk:
    return drawn_chunk(1, p.CHUNK_CUSTOMERS)


def write(root: Path, customers: int, seed: int) -> WorldSummary:
    return write_world(Lake.at(root), customers, seed, replace=False, progress=lambda _: None)


@cache
def rates() -> seasons.Floats:
    return daily_rates(ecb_rates())


def drawn_chunk(number: int, members: int) -> Chunk:
    return draw_chunk(SEED, number, members, draw_catalogue(SEED), rates())


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
    assert Lake.at(world[0]).extracted_at() == datetime(2026, 7, 1)  # noqa: DTZ001


def test_one_seed_gives_the_same_files_and_another_seed_others(tmp_path: Path) -> None:
    for folder, seed in (("a", 1), ("b", 1), ("c", 2)):
        write(tmp_path / folder, 300, seed)
    files = sorted(path.relative_to(tmp_path / "a") for path in (tmp_path / "a").rglob("*.parquet"))
    assert len(files) == 9 + 1 + 2
    for file in files:
        first = (tmp_path / "a" / file).read_bytes()
        assert first == (tmp_path / "b" / file).read_bytes()
        fixed = file.parts[1] in {"markets", "fx_rates"}
        assert fixed or first != (tmp_path / "c" / file).read_bytes()


def test_a_chunk_drawn_alone_equals_its_part_of_the_whole(world: tuple[Path, WorldSummary]) -> None:
    for name, table in raw_tables(
        dataclasses.replace(drawn_chunk(1, p.CHUNK_CUSTOMERS)), draw_catalogue(SEED)
    ):
        written = pq.read_table(world[0] / "raw" / name / "part-001.parquet")
        assert table.cast(written.schema).equals(written), name


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


def latent_states(chunk: Chunk) -> pd.DataFrame:
    people, purchases, size = chunk.population, chunk.purchases, len(chunk.population)
    stages = np.array([kind.stages for kind in p.KINDS])[people.kind]
    passed = np.bincount(purchases.stage_customer[purchases.stage_day < BACKTEST], minlength=size)
    recent = (purchases.day < BACKTEST) & (purchases.day >= BACKTEST - 10)
    switched = (people.switches <= (BACKTEST - people.first_order)[:, None]).sum(axis=1)
    gone = people.end <= BACKTEST
    columns = {
        "lead": people.first_order >= BACKTEST,
        "gone": gone,
        "stage of those who stay": np.where(gone, -1, passed % stages),
        "off": switched % 2 == 1,
        "recent": np.bincount(purchases.customer[recent], minlength=size) > 0,
    }
    return pd.DataFrame(columns).iloc[: chunk.members]


def future_net_eur(chunk: Chunk, days: int) -> seasons.Floats:
    orders, refunds, size = chunk.orders, chunk.refunds, len(chunk.population)
    sold = (orders.day >= BACKTEST) & (orders.day < BACKTEST + days) & np.isnan(orders.cancelled)
    back = (refunds.day >= BACKTEST) & (refunds.day < BACKTEST + days)
    refunder = orders.customer[chunk.lines.order[refunds.line[back]]]
    net = np.bincount(orders.customer[sold], orders.net_eur[sold], size)
    return np.asarray(net - np.bincount(refunder, refunds.net_eur[back], size))[: chunk.members]


@pytest.mark.parametrize("name", [kind.name for kind in p.KINDS])
def test_the_truth_agrees_with_simulation_in_every_latent_state_of_a_kind(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = {"orders_at_signup": 0.4, "conversions_per_year": 0.8}  # else too few are leads to judge
    alone = (dataclasses.replace(k, share=float(k.name == name), **waiting) for k in p.KINDS)
    monkeypatch.setattr(p, "KINDS", tuple(alone))
    chunk = drawn_chunk(7, 7_000)
    states = latent_states(chunk)
    for days in (40, 365):
        # In units of the customer's own basket, lest a few large ones hide the rest.
        error = future_net_eur(chunk, days) - expected_net_eur(chunk, BACKTEST, days)
        error /= chunk.population.basket_eur[: chunk.members]
        for state in states:
            for value, rows in states[~np.isnan(error)].groupby(state).groups.items():
                found = error[rows]
                if len(rows) >= 300 and (found > 0).sum() >= 30:
                    assert abs(found.mean()) < 4 * found.std() / np.sqrt(len(rows)), (days, state, value)


def test_the_truth_sees_nothing_that_was_realised_after_t0(chunk: Chunk) -> None:
    before = expected_net_eur(chunk, BACKTEST, 365)
    people, later = chunk.population, chunk.orders.day >= BACKTEST
    stays = people.end > BACKTEST
    other = dataclasses.replace(
        chunk,
        population=dataclasses.replace(
            people,
            lifetime=np.where(stays, people.lifetime + 1000, people.lifetime),
            first_order=np.where(
                people.first_order >= BACKTEST, people.first_order + 500, people.first_order
            ),
        ),
        orders=dataclasses.replace(chunk.orders, net_eur=chunk.orders.net_eur * np.where(later, 10, 1)),
        lines=dataclasses.replace(
            chunk.lines, net_eur=chunk.lines.net_eur * np.where(later[chunk.lines.order], 10, 1)
        ),
    )
    np.testing.assert_array_equal(before, expected_net_eur(other, BACKTEST, 365))


def test_who_has_left_is_worth_only_the_refunds_still_to_come(chunk: Chunk) -> None:
    expected = expected_net_eur(chunk, BACKTEST, 365)
    people = chunk.population.take(np.arange(chunk.members))
    left = (people.end <= BACKTEST) & (people.kind != [kind.name for kind in p.KINDS].index("business"))
    assert left.sum() > 500
    assert (expected[left] <= 0).all()


@settings(max_examples=60, deadline=None)
@given(events=st.floats(0, 60), stages=st.integers(1, 5), stage=st.integers(0, 4))
def test_expected_renewals_equal_the_sum_over_the_poisson_distribution(
    events: float, stages: int, stage: int
) -> None:
    stage = min(stage, stages - 1)
    counts = np.arange(400)
    direct = (poisson.pmf(counts, events) * ((stage + counts) // stages)).sum()
    got = renewals(np.array([[events]]), np.array([stages]), np.array([stage]))
    assert got[0, 0] == pytest.approx(direct, abs=1e-9)


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


def test_replenishers_come_more_regularly_than_bargain_hunters(chunk: Chunk) -> None:
    kinds = [kind.name for kind in p.KINDS]
    gaps = pd.DataFrame({"who": chunk.purchases.customer, "day": chunk.purchases.day})
    gaps["gap"] = gaps.groupby("who").day.diff()
    spread = gaps.dropna().groupby("who").gap.agg(["mean", "std", "count"]).query("count >= 8")
    variation = spread["std"] / spread["mean"]
    kind = chunk.population.kind[variation.index]
    regular = variation[kind == kinds.index("replenisher")].median()
    assert 0.4 < regular < 0.7
    assert variation[kind == kinds.index("bargain_hunter")].median() > regular + 0.2


@pytest.mark.parametrize(("customers", "seed"), [(0, 1), (-5, 1), (10, -1)])
def test_a_number_out_of_range_is_one_clear_error(tmp_path: Path, customers: int, seed: int) -> None:
    with pytest.raises(UserError, match="at least 1 customer"):
        write(tmp_path, customers, seed)


def test_a_lake_in_use_is_left_as_it_is_unless_replace_is_said(tmp_path: Path) -> None:
    lake = Lake.at(tmp_path)
    said: list[str] = []
    write_world(lake, 50, 1, replace=False, progress=said.append)
    latent = tmp_path / "truth" / "latent" / "part-000.parquet"
    before = latent.read_bytes()
    with pytest.raises(UserError, match="--replace"):
        write_world(lake, 50, 2, replace=False, progress=said.append)
    assert latent.read_bytes() == before
    write_world(lake, 50, 2, replace=True, progress=said.append)
    assert latent.read_bytes() != before
    assert said == ["world: 50 of 50 customers"] * 2
