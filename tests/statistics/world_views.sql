-- The delivered tables, their last versions without bad rows, and net revenue by customer and time.
create view orders as from read_parquet('$raw/orders/*.parquet');
create view order_lines as from read_parquet('$raw/order_lines/*.parquet');
create view refunds as from read_parquet('$raw/refunds/*.parquet');
create view customers as from read_parquet('$raw/customers/*.parquet');
create view web_events as from read_parquet('$raw/web_events/*.parquet');
create view email_events as from read_parquet('$raw/email_events/*.parquet');
create view products as from read_parquet('$raw/products/*.parquet');
create view latent as from read_parquet('$truth/latent/*.parquet');
create view expected as from read_parquet(
    '$truth/expected_value/as_of=$as_of/part.parquet', hive_partitioning = false);

create view rates as
select currency, rate_date::timestamp as since, rate_per_eur from read_parquet('$raw/fx_rates/*.parquet')
union all select 'EUR', timestamp '2000-01-01', 1.0;

create table last_orders as
select o.*, rate_per_eur from orders o asof join rates r on o.currency = r.currency and o.order_ts >= r.since
where order_ts < timestamp '$end' and order_id not like '%-x%'
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
