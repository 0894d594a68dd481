"""Two lakes of a few rows: CSV files with unreadable values, and orders with their lines alone."""

from pathlib import Path

from clv.lake import Lake
from tests.spec.lakes import columns_of, lake
from tests.spec.test_treatments import DELIVERED, EXTRACTED

CSV = {
    "orders": """
    order_id | customer_id | order_ts                   | currency | cancelled_ts | recorded_ts
    1        | ann         | 2024-01-10                 | EUR      |              |
    2        | ann         | 2024-1-9 3:4:5             | EUR      |              |
    3        | ann         | 2024-01-10T10:00:00Z       | GBP      |              |
    4        | bob         | 2024-01-10 10:00:00.123456 | GBP      |              | 2024-02-01
    4        | bob         | 2024-01-10 10:00:00.123456 | GBP      | 2024-01-20   | 2024-03-20
    5        | bob         | 2024-02-29 23:59:59+00:00  | EUR      |              |
    6        | bob         | 2024-01-10T10:00           | EUR      |              |
    7        | bob         | 2023-02-29                 | EUR      |              |
    8        | bob         | 2024-01-10 10:61           | EUR      |              |
    9        | bob         | 2024-01-10 10:00:00.1234567 | EUR     |              |
    10       | bob         | 2024-01-10T10:00:00+02:00  | EUR      |              |
    11       | bob         | 10.01.2024                 | EUR      |              |
    12       | bob         | 0000-01-01                 | EUR      |              |
    13       | "b, ""ob""  | 9999-12-31 23:59:59        | EUR      |              |
    14       | b, "ob"     | 2024-01-10                 | EUR      |              |
    """,
    "order_lines": """
    order_id | line_no | sku | quantity | gross_amount | discount | tax | unit_cost
    1        | 1       | a   | 1        | 12.50        | 0        | 0   | 3
    1        | 2       | a   | 1.0      | .5           | 0        | 0   |
    1        | 3       | a   | 1e0      | 5.           | 0        | 0   |
    1        | 4       | a   | +1       | +5           | -0       | 0   |
    1        | 5       | a   | 1        | 1e400        | 0        | 0   |
    1        | 6       | a   | 1        | 1e-400       | 0        | 0   |
    1        | 7       | a   | 1        | 12,50        | 0        | 0   |
    1        | 8       | a   | 1        | NaN          | 0        | 0   |
    1        | 9       | a   | 1        | Infinity     | 0        | 0   |
    1        | 10      | a   | 1.5      | 5            | 0        | 0   |
    1        | 11      | a   | 9007199254740993 | 5    | 0        | 0   |
    1        | 12      | a   | 1        | 0.1000000000000000055511151231257827 | 0 | 0 |
    1        | 13      | a   | 1        | 5            | 0        | 0   | 5 EUR
    2        | 1       | a   | 1        | 5            | 0        | 0   |
    2        | 1.0     | a   | 1.0      | 5.00         | 0        | 0   |
    2        | 01      | a   | 1e0      | 5e0          | 0        | 0   |
    3        | 1       | b   | 1        | 5            | 0        | 0   |
    4        | 1       | b   | 1        | 5            | 0        | 0   |
    5        | 1       | b   | 1        | 5            | 0        | 0   |
    6        | 1       | b   | 1        | 5            | 0        | 0   |
    9        | 1       | b   | 1        | 5            | 0        | 0   |
    12       | 1       | b   | 1        | 5            | 0        | 0   |
    13       | 1       | b   | 1        | 5            | 0        | 0   |
    14       | 1       | b   | 1        | 5            | 0        | 0   |
    """,
    "customers": """
    customer_id | signup_ts  | marketing_consent | country
    ann         | 2024-01-01 | TRUE              | Deutschland
    bob         | 2024-01-02 | 0                 |
    b, "ob"     |            | Yes               | two\\nlines
    eve         | 2024-01-02 | perhaps           |
    """,
    "invoices": """
    invoice_id | order_id | invoice_ts
    i1         | 1        | 2024-01-11 10:00
    i2         | 2        | 2024-01-11
    i3         | 3        | 2024-01-13
    i4         | 4        | 2024-01-12T00:00:00.5Z
    i5         | 5        | 2024-03-01
    i6         | 6        | someday
    i9         | 9        | 2024-01-10 10:00:00.1234567
    i14        | 14       | 2024-01-10
    """,
    "fx_rates": """
    currency | rate_date           | rate_per_eur
    GBP      | 2024-01-10          | 0.85
    GBP      | 2024-01-12 00:00:00 | 0.86
    GBP      | 2024-01-15T12:00Z   | 0.87
    GBP      | 2024-02-30          | 0.87
    GBP      | 2024-01-16          | 1e400
    """,
    "web_events": """
    event_id | customer_id | ts                   | type | device
    1        | ann         | 2024-01-31T23:59:59Z | view | app
    2        | ann         | 2024-01-31 24:00     | view | app
    3        | bob         | 2024-02-01           | view |
    """,
}
SPARSE = {
    "orders": """
    order_id | customer_id | order_ts            | currency | country | cancelled_ts
    1        | ann         | 2024-01-10 12:00:00 | EUR      | DE      |
    2        | ann         | 2024-02-20          | EUR      |         |
    3        | bob         | 2024-01-20          | EUR      |         | 2024-02-02
    4        |             | 2024-01-20          | EUR      |         |
    """,
    "order_lines": """
    order_id | line_no | sku | gross_amount | tax
    1        | 1       | a   | 100          | 19
    2        | 1       |     | 50.005       | 0
    3        | 1       | a   | 10           | 0
    4        | 1       | a   | 10           | 0
    """,
}


def csv_lake(root: Path) -> Lake:
    """Return a lake of CSV files, some of their values unreadable; a cell holds a comma, quotes, a line's end.

    Its treatments, every fault of which is set aside, are of the same customers.
    """
    tables = {name: columns_of(text.replace("\\n", "§"), {}) for name, text in CSV.items()}
    cells = tables["customers"]["country"]
    tables["customers"]["country"] = [cell.replace("§", "\n") for cell in cells]
    return lake(root, EXTRACTED, "csv", **tables, treatments=DELIVERED)


def sparse_lake(root: Path) -> Lake:
    """Return a lake of orders and their lines alone."""
    return lake(root, **SPARSE)
