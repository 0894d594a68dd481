"""Which products, categories and brands a customer buys, and how concentrated.

Σ cents² stays exact in int64 up to 9.2e18, that is EUR 30 million of one customer in one category.
"""

import ibis
import ibis.expr.types as ir

from glue_jobs.features.exact import by_customer, number, or_zero, ratio, total

_NAMES = ("category", "brand")


def sums(lines: ir.Table, products: ir.Table | None, first_orders: ir.Table) -> list[ir.Table]:
    """Return tables of sums per customer: distinct products and, with `products`, affinities.

    first_orders : order_id of every customer's first order.
    """
    bought = _cells(lines, "sku", lines.net_eur_cents)
    distinct = by_customer(bought, {"distinct_skus": number(bought, bought.value.notnull())})
    if products is None:
        return [distinct]
    skus = bought.rename(sku="value")
    return [distinct, *(_of(skus, products, name) for name in _NAMES), _first(lines, products, first_orders)]


def columns(row: ir.Table) -> dict[str, ir.Value]:
    """Return the features of a customer's affinities."""
    distinct = {"distinct_skus": or_zero(row, "distinct_skus")}
    if "category_first" not in row.columns:
        return distinct
    first = {"first_order_category": row.category_first["name"]}
    return distinct | first | _shares(row, "category") | _shares(row, "brand")


def _cells(rows: ir.Table, column: str, cents: ir.IntegerValue) -> ir.Table:
    """Return the cents of every customer and value of a column: customer_id, value, cents."""
    return rows.group_by("customer_id", value=rows[column]).aggregate(cents=total(cents))


def _of(bought: ir.Table, products: ir.Table, name: str) -> ir.Table:
    """Return customer_id and the sums by `name`, a column of products, of lines where it is known."""
    known = bought.inner_join(_named(products, name), "sku")
    cells = _cells(known, name, known.cents)
    sums = {
        f"{name}_top": _highest(cells),
        f"{name}_values": cells.count(),
        f"{name}_sum": total(cells.cents),
        f"{name}_squares": total(cells.cents * cells.cents),
    }
    return by_customer(cells, sums)


def _first(lines: ir.Table, products: ir.Table, first_orders: ir.Table) -> ir.Table:
    """Return customer_id and the category of the first order."""
    first = lines.select("order_id", "customer_id", "sku", "net_eur_cents")
    known = first.inner_join(first_orders, "order_id").inner_join(_named(products, "category"), "sku")
    cells = _cells(known, "category", known.net_eur_cents)
    return by_customer(cells, {"category_first": _highest(cells)})


def _named(products: ir.Table, name: str) -> ir.Table:
    return products.filter(products[name].notnull()).select("sku", name)


def _highest(cells: ir.Table) -> ir.StructValue:
    """Return the value with most cents, ties to the first by name, as the least (−cents, name)."""
    return ibis.struct({"debit": -cells.cents, "name": cells.value}).min()


def _shares(row: ir.Table, name: str) -> dict[str, ir.Value]:
    top, whole = row[f"{name}_top"], row[f"{name}_sum"].cast("float64")
    return {
        f"top_{name}": top["name"],
        f"top_{name}_share": ratio(0 - top["debit"], whole),
        f"distinct_{name}": or_zero(row, f"{name}_values"),
        f"{name}_concentration": ratio(row[f"{name}_squares"], whole * whole),
    }
