"""Which categories and brands a customer buys, and how concentrated.

Σ cents² stays exact in int64 up to 9.2e18, that is EUR 30 million of one customer in one category.
"""

import ibis
import ibis.expr.types as ir

from glue_jobs.features.exact import beside, by_customer, ratio, total

_NAMES = ("category", "brand")


def distinct_products(lines: ir.Table) -> ir.Table:
    """Return customer_id and distinct_skus."""
    return by_customer(lines, {"distinct_skus": lines.sku.nunique()})


def sums(lines: ir.Table, products: ir.Table, first_orders: ir.Table) -> ir.Table:
    """Return per customer, for category and brand, the top one and the sums behind share and concentration.

    first_orders : order_id of every customer's first order.
    """
    first = first_orders.mutate(is_first=True)
    known = lines.inner_join(products, "sku")
    rows = known.left_join(first, "order_id")
    cells = rows.group_by("customer_id", *_NAMES).aggregate(
        cents=total(rows.net_eur_cents), first_cents=total(rows.net_eur_cents, where=rows.is_first)
    )
    return beside(_of(cells, "category"), _of(cells, "brand"))


def columns(row: ir.Table) -> dict[str, ir.Value]:
    """Return the features of a customer's affinities."""
    found = {name: value for each in _NAMES for name, value in _shares(row, each).items()}
    return found | {"first_order_category": row.category_first["name"]}


def _of(cells: ir.Table, name: str) -> ir.Table:
    known = cells.filter(cells[name].notnull())
    rows = known.group_by("customer_id", value=name).aggregate(
        cents=total(known.cents), first_cents=total(known.first_cents)
    )
    # The least (−cents, name) is the highest value, ties to the first name, in one exact aggregate.
    highest = ibis.struct({"debit": -rows.cents, "name": rows.value})
    of_first = ibis.struct({"debit": -rows.first_cents, "name": rows.value})
    return by_customer(
        rows,
        {
            f"{name}_top": highest.min(),
            f"{name}_first": of_first.min(where=rows.first_cents.notnull()),
            f"{name}_values": rows.count(),
            f"{name}_sum": total(rows.cents),
            f"{name}_squares": total(rows.cents * rows.cents),
        },
    )


def _shares(row: ir.Table, name: str) -> dict[str, ir.Value]:
    top, whole = row[f"{name}_top"], row[f"{name}_sum"].cast("float64")
    return {
        f"top_{name}": top["name"],
        f"top_{name}_share": ratio(0 - top["debit"], whole),
        f"distinct_{name}": row[f"{name}_values"],
        f"{name}_concentration": ratio(row[f"{name}_squares"], whole * whole),
    }
