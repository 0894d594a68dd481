"""The features of one t₀ as one hand-written DuckDB statement: the yardstick for what Ibis writes for us."""

from pathlib import Path

import duckdb

from bench.files import Files
from clv.engine import MEMORY_LIMIT, literal
from clv.timeline import epoch_day, t0

_ORDERS = """
o AS (
  SELECT *, (entry_ts::DATE - DATE '1970-01-01')::INT AS day FROM read_parquet({orders})
  WHERE known_ts < {t} AND (known_until_ts IS NULL OR known_until_ts >= {t}) AND NOT cancelled
    AND customer_id IS NOT NULL),
s AS (
  SELECT *, row_number() OVER w AS no, lag(day) OVER w AS prev, lead(day) OVER w AS next,
    first_value(day) OVER w AS first
  FROM o WINDOW w AS (PARTITION BY customer_id ORDER BY entry_ts, order_id)),
os AS (
  SELECT customer_id, count(*) AS n, min(day) AS first, max(day) AS last, max(day - prev) AS gap_max,
    count(*) FILTER (day >= {d} - 30) AS n30, count(*) FILTER (day >= {d} - 90) AS n90,
    count(*) FILTER (day >= {d} - 180) AS n180, count(*) FILTER (day >= {d} - 365) AS n365,
    count(*) FILTER (day >= {d} - 360 AND day < {d} - 180) AS n_before,
    min(day) FILTER (day > first) AS second, count(*) FILTER (day > prev) AS gaps,
    sum((day - prev)::BIGINT * (day - prev)) AS gap_squares, count(*) FILTER (day < first + 30) AS n_first30,
    sum(net_eur_cents) AS net, sum(net_eur_cents * net_eur_cents) AS net_squares,
    max(net_eur_cents) AS net_max, sum(net_eur_cents) FILTER (no > 1) AS net_repeat,
    sum(net_eur_cents) FILTER (day >= {d} - 365) AS net_year,
    sum(cost_eur_cents) FILTER (day >= {d} - 365) AS cost_year,
    count(cost_eur_cents) FILTER (day >= {d} - 365) AS costed_year,
    sum(units) AS units, sum(line_count) AS line_count, sum(gross_eur_cents) AS gross,
    sum(discount_eur_cents) AS discount, count(*) FILTER (discount_eur_cents > 0) AS discounted,
    count(*) FILTER (voucher = 1) AS vouchers, count(device) AS with_device,
    count(*) FILTER (device IN ('mobile', 'app')) AS mobile,
    max(payment_method) FILTER (next IS NULL) AS last_payment,
    max(device) FILTER (next IS NULL) AS last_device,
    max(entry_ts) FILTER (no = 1) AS ts1, max(country) FILTER (no = 1) AS country1,
    max(device) FILTER (no = 1) AS device1, max(net_eur_cents) FILTER (no = 1) AS net1,
    max(gross_eur_cents) FILTER (no = 1) AS gross1, max(discount_eur_cents) FILTER (no = 1) AS discount1,
    max(voucher) FILTER (no = 1) AS voucher1, max(line_count) FILTER (no = 1) AS lines1,
    max(units) FILTER (no = 1) AS units1, count(*) FILTER (day = first) AS n1
  FROM s GROUP BY customer_id)"""

_MONEY = """
es AS (
  SELECT customer_id, sum(c) AS c, sum(c) FILTER (day >= {d} - 30) AS c30,
    sum(c) FILTER (day >= {d} - 90) AS c90,
    sum(c) FILTER (day >= {d} - 180) AS c180, sum(c) FILTER (day >= {d} - 365) AS c365,
    sum(c) FILTER (day >= {d} - 730 AND day < {d} - 365) AS c_previous,
    sum(c) FILTER (day >= {d} - 360 AND day < {d} - 180) AS c_before, sum(c) FILTER (kind = 'sale') AS sold,
    sum(c) FILTER (kind = 'refund') AS refunded, sum(c) FILTER (kind = 'cancellation') AS cancelled
  FROM (
    SELECT customer_id, kind, amount_eur_cents AS c, (entry_ts::DATE - DATE '1970-01-01')::INT AS day
    FROM read_parquet({entries}) WHERE entry_ts < {t} AND known_ts < {t} AND customer_id IS NOT NULL)
  GROUP BY customer_id)"""

_LINES = """
l AS (
  SELECT s.customer_id, sku, sum(eur) AS c, sum(eur) FILTER (no = 1) AS c1
  FROM (
    SELECT s.customer_id, s.no, l.sku, round((round(gross_amount * 100) - round(discount * 100)
      - round(tax * 100)) / rate_per_eur)::BIGINT AS eur
    FROM read_parquet({lines}) l JOIN s USING (order_id)
    WHERE (l.known_ts IS NULL OR l.known_ts < {t})
      AND (l.known_until_ts IS NULL OR l.known_until_ts >= {t})) s
  GROUP BY ALL),
p AS (
  SELECT sku, category, brand FROM read_parquet({products})
  WHERE (known_ts IS NULL OR known_ts < {t}) AND (known_until_ts IS NULL OR known_until_ts >= {t})),
skus AS (SELECT customer_id, count(sku) AS skus FROM l GROUP BY customer_id)"""

_NAMED = """
{name}s AS (
  SELECT customer_id, min({{'debit': -c, 'name': {name}}}) AS {name}_top,
    min({{'debit': -c1, 'name': {name}}}) FILTER (c1 IS NOT NULL) AS {name}_first,
    count(*) AS {name}_n, sum(c)::DOUBLE AS {name}_c, sum(c * c) AS {name}_squares
  FROM (
    SELECT customer_id, {name}, sum(c)::BIGINT AS c, sum(c1)::BIGINT AS c1
    FROM l JOIN p USING (sku) WHERE {name} IS NOT NULL GROUP BY ALL)
  GROUP BY customer_id)"""

_KNOWN_EVENTS = """
  SELECT customer_id, type, device, (ts::DATE - DATE '1970-01-01')::INT AS day
  FROM read_parquet({{{name}}}) e ANTI JOIN read_parquet({{disputed_{name}}}) d USING (event_id)
  WHERE event_id IS NOT NULL AND greatest(ts, coalesce(recorded_ts, ts)) < {{t}}
  UNION ALL
  SELECT customer_id, type, device, (ts::DATE - DATE '1970-01-01')::INT AS day
  FROM read_parquet({{disputed_{name}}})
  WHERE fate = 'used' AND known_ts < {{t}} AND (known_until_ts IS NULL OR known_until_ts >= {{t}})"""

_WEB_COUNTS = {"view": "web_views", "search": "searches", "add_to_cart": "add_to_carts", "login": "logins"}
_TYPES = ", ".join(f"count(*) FILTER (type = '{kind}') AS {name}" for kind, name in _WEB_COUNTS.items())
_WEB = (*_WEB_COUNTS.values(), "sessions")
_EMAIL = ("email_opens", "email_clicks")


def _windows(names: tuple[str, ...]) -> str:
    return ", ".join(
        f"sum({n}) FILTER (day >= {{d}} - {w}) AS {n}_{w}d" for n in names for w in (30, 90, 365)
    ) + "".join(
        f", sum({n}) FILTER (day >= first AND day < first + 30) AS first_{n}" for n in names if n != "logins"
    )


_EVENTS = f"""
ws AS (
  SELECT customer_id, sum(installs) AS installs, max(day) AS last_web,
    sum(events) FILTER (day >= {{d}} - 30) AS recent,
    sum(events) FILTER (day >= {{d}} - 90 AND day < {{d}} - 30) AS before,
    sum(events) FILTER (day >= {{d}} - 365) AS web_year,
    sum(mobiles) FILTER (day >= {{d}} - 365) AS mobile_year,
    {_windows(_WEB)}
  FROM (
    SELECT customer_id, day, {_TYPES},
      count(*) FILTER (type = 'install') AS installs,
      count(*) FILTER (device IN ('mobile', 'app')) AS mobiles,
      count(*) AS events, 1 AS sessions
    FROM ({_KNOWN_EVENTS.format(name="web_events")}) GROUP BY customer_id, day) w
  LEFT JOIN (SELECT customer_id, first FROM os) USING (customer_id) GROUP BY customer_id),
ms AS (
  SELECT customer_id, max(day) FILTER (type = 'open') AS last_open,
    max(day) FILTER (type = 'click') AS last_click,
    {_windows(_EMAIL)}
  FROM (
    SELECT customer_id, day, type, (type = 'open')::INT AS email_opens, (type = 'click')::INT AS email_clicks
    FROM ({_KNOWN_EVENTS.format(name="email_events")})) m
  LEFT JOIN (SELECT customer_id, first FROM os) USING (customer_id) GROUP BY customer_id)"""

_PEOPLE = """
a AS (
  SELECT *, (signup_ts::DATE - DATE '1970-01-01')::INT AS signup FROM read_parquet({customers})
  WHERE (known_ts IS NULL OR known_ts < {t}) AND (known_until_ts IS NULL OR known_until_ts >= {t})),
people AS (
  SELECT customer_id FROM a WHERE signup IS NULL OR signup < {d}
  UNION SELECT customer_id FROM os UNION SELECT customer_id FROM es),
m AS (
  SELECT country, (launch_date - DATE '1970-01-01')::INT AS launch FROM read_parquet({markets})
  WHERE (known_ts IS NULL OR known_ts < {t}) AND (known_until_ts IS NULL OR known_until_ts >= {t})),
wide AS (
  SELECT *, coalesce(a.country, country1) AS country_, coalesce(a.device, device1) AS device_
  FROM people LEFT JOIN a USING (customer_id) LEFT JOIN os USING (customer_id)
  LEFT JOIN es USING (customer_id)
  LEFT JOIN skus USING (customer_id) LEFT JOIN categorys USING (customer_id)
  LEFT JOIN brands USING (customer_id) LEFT JOIN ws USING (customer_id) LEFT JOIN ms USING (customer_id))"""


def _named(name: str) -> str:
    return f"""{name}_top.name AS top_{name}, -{name}_top.debit / nullif({name}_c, 0) AS top_{name}_share,
  coalesce({name}_n, 0) AS distinct_{name},
  {name}_squares / nullif({name}_c * {name}_c, 0) AS {name}_concentration"""


def _counts(names: tuple[str, ...]) -> str:
    windows = [f"coalesce({n}_{w}d, 0) AS {n}_{w}d" for n in names for w in (30, 90, 365)]
    early = [
        f"CASE WHEN first IS NOT NULL THEN coalesce(first_{n}, 0) END AS first_30d_{n}"
        for n in names
        if n != "logins"
    ]
    return ", ".join(windows + early)


_SELECT = f"""
SELECT customer_id, DATE '{{as_of}}' AS as_of,
  CASE WHEN n IS NULL THEN 'lead' WHEN n = 1 AND {{d}} - first <= 90 THEN 'early'
    ELSE 'established' END AS segment,
  country_ AS country, acquisition_channel, campaign, device_ AS device, marketing_consent,
  {{d}} - signup AS signup_age_days, {{d}} - launch AS market_age_days,
  {{d}} - last AS recency_days, {{d}} - coalesce(first, signup) AS tenure_days, last - first AS t_x_days,
  coalesce(n, 0) AS orders_all, coalesce(gaps, 0) AS frequency, coalesce(n30, 0) AS orders_30d,
  coalesce(n90, 0) AS orders_90d, coalesce(n180, 0) AS orders_180d, coalesce(n365, 0) AS orders_365d,
  coalesce(n180 - n_before, 0) AS orders_trend_180d, (last - first) / nullif(gaps, 0) AS gap_mean_days,
  CASE WHEN gaps >= 2 THEN sqrt(gaps * gap_squares - (last - first) * (last - first)) / gaps END
    AS gap_spread_days,
  nullif(gap_max, 0) AS gap_max_days, second - first AS gap_first_days,
  ({{d}} - last) * nullif(gaps, 0) / nullif(last - first, 0) AS recency_to_gap,
  coalesce(c30, 0) / 100 AS monetary_30d_eur, coalesce(c90, 0) / 100 AS monetary_90d_eur,
  coalesce(c180, 0) / 100 AS monetary_180d_eur, coalesce(c365, 0) / 100 AS monetary_365d_eur,
  coalesce(c, 0) / 100 AS monetary_all_eur, coalesce(c_previous, 0) / 100 AS monetary_previous_365d_eur,
  (coalesce(c180, 0) - coalesce(c_before, 0)) / nullif(abs(coalesce(c180, 0)) + abs(coalesce(c_before, 0)), 0)
    AS monetary_trend_180d,
  -coalesce(refunded, 0) / nullif(sold, 0) AS refund_share, -coalesce(cancelled, 0) / nullif(sold, 0)
    AS cancelled_share,
  net / n / 100 AS spend_mean_eur, net_repeat / nullif(n - 1, 0) / 100 AS spend_repeat_mean_eur,
  net_max / 100 AS spend_max_eur,
  CASE WHEN n >= 2 THEN sqrt(greatest(net_squares / n - (net / n) * (net / n), 0)) END / nullif(net / n, 0)
    AS spend_spread,
  CASE WHEN costed_year = n365 THEN (net_year - cost_year) / 100 END AS margin_365d_eur,
  CASE WHEN costed_year = n365 THEN (net_year - cost_year) / nullif(net_year, 0) END AS margin_share_365d,
  units / n AS units_mean, line_count / n AS lines_mean, coalesce(skus, 0) AS distinct_skus,
  {_named("category")}, {_named("brand")},
  discount / nullif(gross, 0) AS discount_share_all, discounted / n AS discount_order_share,
  vouchers / n AS voucher_order_share, last_payment AS payment_method_last, last_device AS device_last,
  mobile / nullif(with_device, 0) AS mobile_order_share,
  net1 / 100 AS first_order_net_eur,
  CASE WHEN net1 < 2000 THEN '0-20' WHEN net1 < 5000 THEN '20-50' WHEN net1 < 10000 THEN '50-100'
    WHEN net1 < 20000 THEN '100-200' WHEN net1 < 50000 THEN '200-500' WHEN net1 IS NOT NULL THEN '500+' END
    AS first_order_value_band,
  discount1 / nullif(gross1, 0) AS first_order_discount_share, voucher1 = 1 AS first_order_voucher,
  (first + 3) % 7 AS first_order_weekday, month(ts1) AS first_order_month,
  category_first.name AS first_order_category, lines1 AS first_order_lines, units1 AS first_order_units,
  n1 AS first_order_day_orders,
  {_counts(_WEB)}, {_counts(_EMAIL)},
  coalesce(installs, 0) AS installs, {{d}} - last_web AS days_since_web,
  {{d}} - last_open AS days_since_email_open, {{d}} - last_click AS days_since_email_click,
  (2 * coalesce(recent, 0) - coalesce(before, 0)) / nullif(2 * coalesce(recent, 0) + coalesce(before, 0), 0)
    AS web_trend_90d,
  mobile_year / nullif(web_year, 0) AS web_mobile_share_365d,
  n_first30 AS first_30d_orders, first + 30 <= {{d}} AS first_30d_complete,
  sin(2 * pi() * (month(DATE '{{as_of}}') - 1) / 12) AS t0_month_sin,
  cos(2 * pi() * (month(DATE '{{as_of}}') - 1) / 12) AS t0_month_cos,
  (SELECT min(x)::DATE - DATE '{{as_of}}' FROM range(DATE '{{as_of}}', DATE '{{as_of}}' + INTERVAL 400 DAY,
    INTERVAL 1 DAY) days(x) WHERE month(x) = 11 AND dayofweek(x) = 5 AND day(x) BETWEEN 23 AND 29)
    AS t0_days_to_black_friday
FROM wide LEFT JOIN m ON m.country = wide.country_"""


def statement(files: Files) -> str:
    """Return the statement."""
    named = (_NAMED.format(name=name) for name in ("category", "brand"))
    parts = [_ORDERS, _MONEY, _LINES, _EVENTS, _PEOPLE]
    places = {name: files.literal(name) for name in files.tables}
    values = {"d": epoch_day(files.as_of), "t": f"TIMESTAMP '{t0(files.as_of)}'", "as_of": files.as_of}
    tables = [part.format(**places, **values) for part in parts[:3]]
    tables += [*named, *(part.format(**places, **values) for part in parts[3:])]
    return "WITH " + ",".join(tables) + _SELECT.format(**values)


def write(files: Files, target: Path) -> None:
    """Write the features to one Parquet file, in an engine set as ours is."""
    with duckdb.connect(config={"memory_limit": MEMORY_LIMIT}) as connection:
        connection.execute(f"SET temp_directory = {literal(str(target.parent / 'spill'))}")
        connection.execute("SET preserve_insertion_order = false")
        connection.execute(f"COPY ({statement(files)}) TO {literal(str(target))} (FORMAT parquet)")
