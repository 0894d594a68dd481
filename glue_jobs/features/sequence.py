"""The orders of a customer in their order of time."""

import ibis
import ibis.expr.types as ir


def in_sequence(orders: ir.Table) -> ir.Table:
    """Return the orders with order_no (from 0), previous_day, next_day and first_day of the customer.

    Orders of one instant follow each other by order_id.
    """
    turn = ibis.window(group_by="customer_id", order_by=["entry_ts", "order_id"])
    return orders.mutate(
        order_no=ibis.row_number().over(turn),
        previous_day=orders.day.lag().over(turn),
        next_day=orders.day.lead().over(turn),
        first_day=orders.day.first().over(turn),
    )
