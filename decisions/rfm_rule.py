"""The control of an experiment: the RFM rule that marketing contacts customers by today, as code."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from clv.errors import UserError

GOLD, SILVER, BRONZE = "gold", "silver", "bronze"
TIERS = (GOLD, SILVER, BRONZE)
"""From first to last in turn; whoever has none is not contacted."""

RULE_DAYS = 180
ORDERS_IN, SPEND_IN = "orders_180d", "monetary_180d_eur"
"""Six months are the 180 days before t₀, as features count them."""


@dataclass(frozen=True)
class RfmRule:
    """Who is contacted: customers with enough orders and a spend above a limit in the last six months.

    Bronze, silver and gold begin above `spend_above_eur`, `silver_above_eur` and `gold_above_eur`.
    """

    min_orders: int = 2
    spend_above_eur: float = 100.0
    silver_above_eur: float = 250.0
    gold_above_eur: float = 500.0

    def __post_init__(self) -> None:
        limits = (self.spend_above_eur, self.silver_above_eur, self.gold_above_eur)
        if self.min_orders < 1 or list(limits) != sorted(limits):
            raise UserError(
                f"RFM rule with {self.min_orders} orders and limits {limits}: ask for at least 1 order, "
                "and for bronze ≤ silver ≤ gold"
            )

    def tiers(self, customers: pd.DataFrame) -> "pd.Series[str]":
        """Return the tier of each customer, empty for none, from the features `ORDERS_IN` and `SPEND_IN`."""
        orders, spend = customers[ORDERS_IN].to_numpy(), customers[SPEND_IN].to_numpy(np.float64)
        often = orders >= self.min_orders
        tier = np.select(
            [often & (spend > limit) for limit in (self.gold_above_eur, self.silver_above_eur)],
            [GOLD, SILVER],
            np.where(often & (spend > self.spend_above_eur), BRONZE, ""),
        )
        return pd.Series(tier, index=customers.index, dtype=object)

    def ranking(self, customers: pd.DataFrame) -> "pd.Index[int]":
        """Return the labels of the rows that the rule names, in the order in which it contacts them.

        By tier, then by spend, then by `customer_id`.
        """
        rank = self.tiers(customers).map(dict(zip(TIERS, range(len(TIERS)), strict=True)))
        named = customers.assign(rank=rank)[rank.notna()]
        ordered = named.sort_values(["rank", SPEND_IN, "customer_id"], ascending=[True, False, True])
        return ordered.index


def clv_ranking(customers: pd.DataFrame) -> "pd.Index[int]":
    """Return the labels of all rows by `clv_eur`, highest first, ties by `customer_id`: the treatment."""
    return customers.sort_values(["clv_eur", "customer_id"], ascending=[False, True]).index
