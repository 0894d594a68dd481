"""A marketplace, of 5,000 customers unless told, with rows on which engines might differ."""

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from app.world.build import write_world
from clv.contracts import RAW_TABLES
from clv.lake import Lake
from tests.spec.lakes import columns_of, write_raw

CUSTOMERS = 5_000
_EVENTS_KEPT = {"web_events": 10, "email_events": 3}
"""One in so many: Spark is slow here, and a customer's events differ little from each other."""

EDGES = {
    # Known from t₀ on, never, twice alike, twice unlike, in other words.
    "customers": """
    customer_id | signup_ts           | country | device | acquisition_channel | campaign | marketing_consent | valid_from
    e-null      |                     |         |        |                     |          |                   |
    e-refund    | 2025-01-01          | DE      | mobile | direct              |          | true              |
    e-cancel    | 2025-01-01          | DE      | app    | direct              |          | true              |
    e-undone    | 2025-01-01          | DE      | app    | direct              |          | true              |
    e-tie       | 2025-01-01          | DE      | tablet | direct              | ä        | false             |
    e-dst       | 2025-03-30 01:30:00 | DE      |        | direct              |          | true              |
    e-leap      | 2024-02-29 23:59:59 | FR      |        |                     |          |                   |
    e-zero      | 2025-10-26 00:30:00 | FR      |        | organic             |          | true              |
    e-many      | 2025-01-01          |         |        | organic             |          | true              |
    e-moved     | 2025-01-01          | DE      | mobile | organic             | a        | true              |
    e-moved     | 2025-01-01          | FR      | app    | referral            | b        | false             | 2025-06-01
    e-moved     | 2025-01-01          | CZ      | tablet | affiliate           | c        | true              | 2026-01-01
    e-lead      | 2025-12-31 23:59:59 | IT      |        | direct              |          | true              | 2025-12-31 23:59:59
    e-late      | 2026-01-01          | IT      |        | direct              |          | true              | 2026-01-01
    e-twice     | 2025-01-01          | IT      |        | direct              |          | true              | 2025-01-01
    e-twice     | 2025-01-01          | IT      |        | direct              |          | true              | 2025-01-01
    e-unlike    | 2025-01-01          | IT      |        | direct              |          | true              | 2025-01-01
    e-unlike    | 2025-01-01          | FR      |        | direct              |          | true              | 2025-01-01
    Ünal ß 🛒   | 2025-01-01          | Österreich |     | direct              |          | true              |
                | 2025-01-01          | IT      |        | direct              |          | true              |
    """,
    "orders": """
    order_id | customer_id | order_ts                   | currency | country | device | payment_method | voucher_code | cancelled_ts        | recorded_ts
    n-1      | e-null      | 2025-05-05 10:00:00        | EUR      |         |        |                |              |                     |
    n-2      | e-null      | 2025-05-05 10:00:00        | EUR      |         |        |                |              |                     |
    guest    |             | 2025-05-05                 | EUR      | DE      | app    | card           | X            |                     |
    c-1      | e-cancel    | 2025-05-05                 | EUR      | DE      | app    | card           |              | 2025-05-06          |
    c-2      | e-cancel    | 2025-05-05                 | EUR      | DE      | app    | card           |              | 2025-05-05          |
    c-3      | e-undone    | 2025-12-31                 | EUR      | DE      | app    | card           |              | 2026-01-01          |
    t-1      | e-tie       | 2025-06-01 12:00:00        | EUR      | DE      | app    | card           | B            |                     |
    t-2      | e-tie       | 2025-06-01 12:00:00        | EUR      | FR      | mobile | paypal         |              |                     |
    t-3      | e-tie       | 2025-06-01 12:00:00        | EUR      |         |        |                |              |                     |
    t-4      | e-tie       | 2025-06-01 12:00:00.000001 | EUR      | CZ      | tablet | invoice        |              |                     |
    d-1      | e-dst       | 2025-03-30 01:30:00        | EUR      | DE      | app    | card           |              |                     | 2025-03-30 02:30:00
    d-2      | e-dst       | 2025-03-30 02:30:00        | EUR      | DE      | app    | card           |              |                     | 2025-03-30 03:30:00
    d-3      | e-dst       | 2025-03-29 23:30:00        | EUR      | DE      | app    | card           |              | 2025-03-30 02:00:00 |
    d-4      | e-dst       | 2025-10-26 00:30:00        | EUR      | DE      | app    | card           |              |                     | 2025-10-26 01:30:00
    d-5      | e-dst       | 2025-12-31 23:30:00        | EUR      | DE      | app    | card           |              |                     |
    l-1      | e-leap      | 2024-02-29 00:00:00        | GBP      | FR      | app    | card           |              |                     |
    l-2      | e-leap      | 2024-02-29 23:59:59.999999 | SEK      | FR      | app    | card           |              |                     |
    l-3      | e-leap      | 2025-02-28                 | PLN      | FR      | app    | card           |              |                     |
    z-1      | e-zero      | 2025-11-01                 | EUR      | FR      | app    | card           | FREE         |                     |
    z-2      | e-zero      | 2025-11-02                 | EDG      | FR      | app    | card           | FREE         |                     |
    z-3      | e-zero      | 2025-11-03                 | EUR      | FR      | app    | card           |              |                     |
    m-fri    | e-many      | 2025-10-31 23:59:59        | EDG      | GB      | app    | card           |              |                     |
    m-sat    | e-many      | 2025-11-01                 | EDG      | GB      | app    | card           |              |                     |
    m-sun    | e-many      | 2025-11-02 12:00:00        | GBP      | GB      | app    | card           |              |                     |
    m-mon    | e-many      | 2025-11-03                 | EDG      | GB      | app    | card           |              |                     |
    m-old    | e-many      | 2025-11-10                 | EDG      | GB      | app    | card           |              |                     |
    m-stale  | e-many      | 2025-11-11                 | EDG      | GB      | app    | card           |              |                     |
    m-xxx    | e-many      | 2025-11-03                 | XYZ      | GB      | app    | card           |              |                     |
    m-czk    | e-many      | 2025-11-03                 | CZK      | GB      | app    | card           |              |                     |
    r-moved  | e-moved     | 2025-07-01                 | EUR      | DE      | app    | card           |              |                     | 2025-07-01
    r-moved  | e-twice     | 2025-07-02                 | GBP      | GB      | tablet | paypal         | V            |                     | 2025-07-09
    r-moved  | e-moved     | 2025-07-02                 | GBP      | GB      | tablet | paypal         | V            | 2025-12-01          | 2026-02-01
    r-twice  | e-twice     | 2025-07-01                 | EUR      | IT      | app    | card           |              |                     |
    r-twice  | e-twice     | 2025-07-01                 | EUR      | IT      | app    | card           |              |                     |
    r-unlike | e-twice     | 2025-07-01                 | EUR      | IT      | app    | card           |              |                     |
    r-unlike | e-twice     | 2025-07-01                 | EUR      | FR      | app    | card           |              |                     |
    r-later  | e-twice     | 2025-07-01                 | EUR      | IT      | app    | card           |              |                     |
    r-later  | e-twice     | 2025-07-01                 | EUR      | IT      | app    | card           |              |                     | 2025-08-01
    r-none   | e-twice     | 2025-07-01                 | EUR      | IT      | app    | card           |              |                     |
    b-cust   | e-unlike    | 2025-07-01                 | EUR      | IT      | app    | card           |              |                     |
    b-who    | e-nobody    | 2025-07-01                 | EUR      | IT      | app    | card           |              |                     |
    b-back   | e-twice     | 2025-07-02                 | EUR      | IT      | app    | card           |              | 2025-07-01          |
    b-ahead  | e-twice     | 2026-07-02                 | EUR      | IT      | app    | card           |              |                     |
    u-1      | Ünal ß 🛒   | 2025-07-01                 | EUR      | Österreich | app | card           | É            |                     |
    old      | e-late      | 1969-12-31 23:59:59        | EUR      | IT      | app    | card           |              |                     |
             | e-late      | 2025-12-31                 | EUR      | IT      | app    | card           |              |                     |
    """,
    # Halves of a cent, and of a EUR cent at EDG 0.8; what float64 cannot hold; no product, a rare one.
    "order_lines": """
    order_id | line_no | sku   | quantity | gross_amount | discount | tax    | unit_cost | recorded_ts
    n-1      | 1       |       | 0        | 0.005        | 0        | 0      |           |
    n-1      | 2       |       | 1        | 1.005        | 0        | 0      |           |
    n-2      | 1       | e-1   | 1        | 2.675        | 0        | 0.125  |           |
    guest    | 1       | e-1   | 1        | 10           | 0        | 1.6    | 5         |
    c-1      | 1       | e-1   | 1        | 10           | 0        | 1.6    | 5         |
    c-2      | 1       | e-1   | 1        | 10           | 0        | 1.6    | 5         |
    c-3      | 1       | e-1   | 1        | 10           | 0        | 1.6    | 5         |
    t-1      | 1       | e-1   | 2        | 20           | 5        | 0.615  | 1.235     |
    t-2      | 1       | e-2   | 2        | 20           | 5        | 0.615  | 1.245     |
    t-3      | 1       | e-3   | 2        | 20           | 5        | 0.615  | 0         |
    t-4      | 1       | e-4   | 2        | 20           | 5        | 0.615  | 0         |
    d-1      | 1       | e-1   | 1        | 9999999.99   | 0        | 0.07   |           |
    d-2      | 1       | e-1   | 1        | 33.33        | 0.01     | 5.32   | 3         |
    d-3      | 1       | e-1   | 1        | 33.33        | 0.01     | 5.32   | 3         |
    d-4      | 1       | e-1   | 1        | 33.33        | 0.01     | 5.32   | 3         |
    d-5      | 1       | e-1   | 1        | 33.33        | 0.01     | 5.32   | 3         |
    l-1      | 1       | e-2   | 3        | 99.99        | 9.99     | 15     | 10        |
    l-1      | 2       | e-none | 3       | 99.99        | 9.99     | 15     | 10        |
    l-2      | 1       | e-2   | 3        | 99.99        | 9.99     | 15     |           |
    l-3      | 1       | e-2   | 3        | 99.99        | 9.99     | 15     | 10        |
    z-1      | 1       | e-1   | 1        | 0            | 0        | 0      | 2         |
    z-2      | 1       | e-1   | 1        | 10           | 10       | 0      | 2         |
    z-3      | 1       | e-1   | 0        | 0            | 0        | 0      | 0         |
    m-fri    | 1       | e-1   | 1        | 0.02         | 0        | 0      |           |
    m-sat    | 1       | e-1   | 1        | 0.06         | 0        | 0      |           |
    m-sun    | 1       | e-1   | 1        | 50           | 0        | 8      |           |
    m-mon    | 1       | e-1   | 1        | 0.10         | 0        | 0      |           |
    m-old    | 1       | e-1   | 1        | 0.10         | 0        | 0      |           |
    m-stale  | 1       | e-1   | 1        | 0.10         | 0        | 0      |           |
    m-xxx    | 1       | e-1   | 1        | 0.10         | 0        | 0      |           |
    m-czk    | 1       | e-1   | 1        | 1234.56      | 0        | 0.01   |           |
    r-moved  | 1       | e-1   | 1        | 40           | 0        | 4      | 10        | 2025-07-01
    r-moved  | 1       | e-3   | 2        | 80           | 8        | 8      | 10        | 2025-08-01
    r-moved  | 2       | e-4   | 1        | 7            | 0        | 1      |           | 2026-03-01
    r-twice  | 1       | e-1   | 1        | 5            | 0        | 0      |           |
    r-twice  | 1       | e-1   | 1        | 5            | 0        | 0      |           |
    r-twice  | 2       | e-1   | 1        | nan          | 0        | 0      |           |
    r-twice  | 3       | e-1   | 1        | inf          | 0        | 0      |           |
    r-twice  | 4       | e-1   | 1        | 5            | 0        | 0      | nan       |
    r-twice  | 5       | e-1   | -1       | 5            | 0        | 0      |           |
    r-twice  | 6       | e-1   | 1        | 5            | 6        | 0      |           |
    r-twice  | 7       | e-1   | 1        |              | 0        | 0      |           |
    r-twice  | 8       | e-1   | 1        | 1e13         | 0        | 0      |           |
    r-unlike | 1       | e-1   | 1        | 5            | 0        | 0      |           |
    r-later  | 1       | e-1   | 1        | 5            | 0        | 0      |           |
    r-later  | 1       | e-1   | 1        | 6            | 0        | 0      |           |
    b-cust   | 1       | e-1   | 1        | 5            | 0        | 0      |           |
    absent   | 1       | e-1   | 1        | 5            | 0        | 0      |           |
    u-1      | 1       | e-1   | 1        | 5            | 0        | 0      |           |
    old      | 1       | e-1   | 1        | 5            | 0        | 0      |           |
    """,
    "refunds": """
    refund_id | customer_id | order_id | line_no | refund_ts           | amount | tax  | currency | recorded_ts
    e-1       | e-refund    |          |         | 2025-06-01          | 10     | 1.6  | EUR      |
    e-2       | e-refund    |          |         | 2025-11-01          | 0.02   | 0    | EDG      | 2025-12-31 23:59:59
    e-3       | e-refund    | guest    | 1       | 2025-06-01          | 0      | 0    | EUR      |
    e-4       | e-dst       | d-1      |         | 2025-03-30 02:30:00 | 33.335 | 5.32 | EUR      | 2026-02-01
    e-5       | e-moved     | r-moved  | 1       | 2025-07-20          | 10     | 0    | GBP      | 2025-07-20
    e-5       | e-twice     | r-moved  | 1       | 2025-07-21          | 12     | 0    | GBP      | 2026-01-20
    e-6       |             | guest    |         | 2025-06-01          | 5      | 0    | EUR      |
    e-7       | e-twice     | absent   |         | 2025-06-01          | 5      | 0    | EUR      |
    e-8       | e-twice     | r-unlike |         | 2025-06-01          | 5      | 0    | EUR      |
    e-9       | e-twice     |          |         | 2025-06-01          | nan    | 0    | EUR      |
    e-10      | e-twice     |          |         | 2025-06-01          | 5      | 0    | EUR      |
    e-10      | e-twice     |          |         | 2025-06-01          | 5      | 0    | EUR      |
    """,
    "products": """
    sku | category | brand   | valid_from
    e-1 |          |         |
    e-2 | Zubehör  | a       |
    e-3 | ähnlich  | B       |
    e-4 | fashion  | b       |
    e-4 | home     | b       | 2025-09-01
    e-4 | home     | c       | 2026-02-01
    """,
    "markets": "country | launch_date\nÖsterreich | 2024-02-29\nnowhere | 2030-01-01",
    "fx_rates": """
    currency | rate_date  | rate_per_eur
    EDG      | 2025-10-31 | 0.8
    EDG      | 2025-11-03 | 1.6
    EDG      | 2025-11-02 | nan
    EDG      | 2025-11-04 | 0
    """,
    "web_events": """
    event_id | customer_id | ts                         | type        | device | metadata_json | recorded_ts
    e-1      | e-lead      | 2025-12-31 23:59:59.999999 | view        |        |               |
    e-2      | e-lead      | 2026-01-01                 | view        | app    | {"a": "b,c"}  |
    e-3      | e-lead      | 2025-12-01                 | search      | app    |               | 2026-01-02
    e-4      | e-dst       | 2025-03-30 01:30:00        | login       | mobile |               |
    e-5      | e-dst       | 2025-03-30 02:30:00        | login       | mobile |               |
    e-6      | e-dst       | 2025-12-31                 | view        | app    |               | 2025-12-31
    e-6      | e-dst       | 2025-12-31                 | search      | app    |               | 2026-01-03
    e-7      | e-dst       | 2025-12-31                 | view        | app    |               |
    e-7      | e-dst       | 2025-12-31                 | view        | app    |               |
    e-8      | e-dst       | 2025-12-31                 | view        | app    |               |
    e-8      | e-dst       | 2025-12-31                 | view        | tablet |               |
    e-9      | e-dst       | 2025-12-31                 | dance       | app    |               |
    e-10     | e-nobody    | 2025-12-31                 | view        | app    |               |
    e-11     | e-leap      | 2024-02-29 23:59:59        | install     | app    |               |
    """,
    "email_events": """
    event_id | customer_id | ts                  | type  | device
    e-1      | e-lead      | 2025-12-31 23:59:59 | open  |
    e-2      | e-leap      | 2024-03-30 00:00:00 | click | app
    """,
}


def edge_world(root: Path, customers: int = CUSTOMERS) -> Lake:
    """Return a marketplace's raw lake, fewer of its events, with the edges."""
    on = Lake.at(root)
    write_world(on, customers, 7, replace=False, progress=lambda _: None)
    raw, drafts = root / "raw", root / "edges"
    drafts.mkdir()
    _thin(raw)
    for name, text in EDGES.items():
        columns = columns_of(text, {})
        rows = len(next(iter(columns.values())))
        every = {column: columns.get(column, [""] * rows) for column in RAW_TABLES[name].names}
        write_raw(drafts, name, every, "parquet")
        (drafts / name / "part-0.parquet").rename(raw / name / "part-edges.parquet")
    return on


def _thin(raw: Path) -> None:
    rates = raw / "fx_rates" / "part-000.parquet"
    table = pq.ParquetFile(rates).read()
    recent = pc.greater(table["rate_date"], pa.scalar("2023-06-01").cast(pa.date32()))
    ours = pc.is_in(table["currency"], pa.array(["GBP", "SEK", "PLN", "CZK"]))
    pq.write_table(table.filter(pc.and_(recent, ours)), rates)
    for name, one_in in _EVENTS_KEPT.items():
        file = raw / name / "part-000.parquet"
        table = pq.ParquetFile(file).read()
        number = table["event_id"].cast(pa.int64())
        kept = pc.equal(number, pc.multiply(pc.divide(number, one_in), one_in))
        pq.write_table(table.filter(kept), file)
