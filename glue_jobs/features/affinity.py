"""Which products, categories and brands a customer buys, and how concentrated.

Σ cents² stays exact in int64 up to 9.2e18, that is EUR 30 million of one customer in one category.
"""

import ibis
import ibis.expr.types as ir

from glue_jobs.features.exact import by_customer, number, or_zero, ratio, total

_NAMES = ("category", "brand")
_FIRST_NAME = "category"
"""Of the first order too."""


def sums(lines: ir.Table, products: ir.Table | None, first_orders: ir.Table) -> list[ir.Table]:
    """Return tables of sums per customer: distinct products and, with `products`, affinities.

    first_orders : order_id of every customer's first order.
    """
    bought = _bought(lines, first_orders)
    distinct = by_customer(bought, {"distinct_skus": number(bought, bought.sku.notnull())})
    return [distinct] if products is None else [distinct, *(_of(bought, products, name) for name in _NAMES)]


def columns(row: ir.Table) -> dict[str, ir.Value]:
    """Return the features of a customer's affinities."""
    distinct = {"distinct_skus": or_zero(row, "distinct_skus")}
    if "category_first" not in row.columns:
        return distinct
    first = {"first_order_category": row.category_first["name"]}
    return distinct | first | _shares(row, "category") | _shares(row, "brand")


def _bought(lines: ir.Table, first_orders: ir.Table) -> ir.Table:
    """Return customer_id, sku, cents and, null where not in the first order, first_cents."""
    rows = lines.select("order_id", "customer_id", "sku", "net_eur_cents")
    rows = rows.left_join(first_orders.mutate(in_first=True), "order_id")
    cents = rows.net_eur_cents
    return rows.group_by("customer_id", "sku").aggregate(
        cents=total(cents), first_cents=total(cents, where=rows.in_first)
    )


def _of(bought: ir.Table, products: ir.Table, name: str) -> ir.Table:
    """Return customer_id and the sums by `name`, a column of products, of lines where it is known."""
    named = products.filter(products[name].notnull()).select("sku", value=name)
    known = bought.inner_join(named, "sku")
    firsts = {"first_cents": total(known.first_cents)} if name == _FIRST_NAME else {}
    cells = known.group_by("customer_id", "value").aggregate(cents=total(known.cents), **firsts)
    first = {f"{name}_first": _highest(cells.first_cents, cells.value)} if firsts else {}
    sums = first | {
        f"{name}_top": _highest(cells.cents, cells.value),
        f"{name}_values": cells.count(),
        f"{name}_sum": total(cells.cents),
        f"{name}_squares": total(cells.cents * cells.cents),
    }
    return by_customer(cells, sums)


def _highest(cents: ir.IntegerValue, value: ir.StringValue) -> ir.StructValue:
    """Return the value with most cents, ties to the first by name, as the least (−cents, name)."""
    return ibis.struct({"debit": -cents, "name": value}).min(where=cents.notnull())


def _shares(row: ir.Table, name: str) -> dict[str, ir.Value]:
    top, whole = row[f"{name}_top"], row[f"{name}_sum"].cast("float64")
    return {
        f"top_{name}": top["name"],
        f"top_{name}_share": ratio(0 - top["debit"], whole),
        f"distinct_{name}": or_zero(row, f"{name}_values"),
        f"{name}_concentration": ratio(row[f"{name}_squares"], whole * whole),
    }
