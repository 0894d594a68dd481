"""Buy till you die: expected purchases times expected spend from Gamma-Gamma, without any label.

Purchases come from BG/NBD, MBG/NBD or Pareto/NBD.

A purchase is a day with at least one order (the papers' models see one purchase per period), so spend is per
order day too: spend per order × the customer's orders per order day. The level then holds for customers who
order several times a day.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, Self, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from clv.errors import UserError
from clv.models.bg_nbd import BgNbd, fit_bg_nbd
from clv.models.gamma_gamma import GammaGamma, fit_gamma_gamma
from clv.models.maximum_likelihood import Fit
from clv.models.mbg_nbd import MbgNbd, fit_mbg_nbd
from clv.models.pareto_nbd import ParetoNbd, fit_pareto_nbd
from clv.models.purchase_fit import PurchaseModel
from clv.models.triples import Triples, unique_triples

Floats = npt.NDArray[np.float64]
SpendOrders = Literal["all", "repeat"]
Purchases = Literal["bgnbd", "mbgnbd", "paretonbd"]

FAMILY = "btyd"
FORMAT_VERSION = 1

FREQUENCY = "frequency"
T_X_DAYS = "t_x_days"
TENURE_DAYS = "tenure_days"
ORDERS_ALL = "orders_all"
SPEND_MEAN_EUR = "spend_mean_eur"
SPEND_REPEAT_MEAN_EUR = "spend_repeat_mean_eur"
MONETARY_ALL_EUR = "monetary_all_eur"
FEATURES = (
    FREQUENCY,
    T_X_DAYS,
    TENURE_DAYS,
    ORDERS_ALL,
    SPEND_MEAN_EUR,
    SPEND_REPEAT_MEAN_EUR,
    MONETARY_ALL_EUR,
)


@dataclass(frozen=True)
class PurchaseKind:
    """One purchase process: what people call it, its class, and how it is fitted."""

    title: str
    model: Callable[..., PurchaseModel]
    fit: Callable[[Floats, Floats, Floats, Floats], Fit[Any]]


PURCHASE_MODELS: Mapping[str, PurchaseKind] = {
    "bgnbd": PurchaseKind("BG/NBD", BgNbd, fit_bg_nbd),
    "mbgnbd": PurchaseKind("MBG/NBD", MbgNbd, fit_mbg_nbd),
    "paretonbd": PurchaseKind("Pareto/NBD", ParetoNbd, fit_pareto_nbd),
}


@dataclass(frozen=True)
class BuyTillYouDie:
    """A fitted purchase process and spend model; times in days, money in EUR.

    `spend_orders` says whether spend was learnt from all orders or only from those after the first.
    `net_share` is net revenue after refunds over revenue of the orders, at most 1.
    `notes` are one-line cautions for a reader.
    """

    purchases: PurchaseModel
    spend: GammaGamma
    spend_orders: SpendOrders
    net_share: float
    notes: tuple[str, ...] = ()

    @property
    def version(self) -> str:
        """Name of the model in scores and leaderboards."""
        return f"{FAMILY}-{_name_of(self.purchases)}-gg-{self.spend_orders}"

    def forecast(self, features: pd.DataFrame, horizon_days: int) -> pd.DataFrame:
        """Return the forecast of the next `horizon_days` days, one row per row of `features`, same index.

        Columns: `p_active`, P(at least one order); `expected_orders`, in order days; `expected_spend_eur`,
        net revenue per order day, the population's where the customer's own is null or not positive;
        `clv_eur`, the product of the last two.

        Raises
        ------
        UserError
            If a column is missing, a row is no purchase history, or the horizon is not positive.
        """
        if horizon_days <= 0:
            raise UserError(f"horizon_days is {horizon_days}: give a positive number of days")
        triples = _triples(features)
        history = triples.x, triples.t_x, triples.T
        orders = triples.spread(self.purchases.expected_purchases(horizon_days, *history))
        p_active = triples.spread(self.purchases.p_active(horizon_days, *history))
        spend = self.net_share * self.spend.expected_spend(*_spend_per_order_day(features, self.spend_orders))
        columns = {
            "clv_eur": orders * spend,
            "p_active": p_active,
            "expected_orders": orders,
            "expected_spend_eur": spend,
        }
        return pd.DataFrame(columns, index=features.index)

    def to_dict(self) -> dict[str, Any]:
        """Return the model as JSON-ready values; `from_dict` restores it exactly."""
        purchases = {"model": _name_of(self.purchases), "parameters": vars(self.purchases)}
        return {
            "family": FAMILY,
            "version": FORMAT_VERSION,
            "purchases": purchases,
            "spend": asdict(self.spend),
            "spend_orders": self.spend_orders,
            "net_share": self.net_share,
            "notes": list(self.notes),
        }

    @classmethod
    def from_dict(cls, saved: dict[str, Any]) -> Self:
        """Restore what `to_dict` returned; UserError for another family, version or purchase model."""
        found = saved.get("family"), saved.get("version")
        name = saved.get("purchases", {}).get("model")
        if found != (FAMILY, FORMAT_VERSION) or name not in PURCHASE_MODELS:
            raise UserError(
                f"saved model is {found[0]} version {found[1]} with purchases {name}: expected {FAMILY} "
                f"version {FORMAT_VERSION} with one of {', '.join(PURCHASE_MODELS)}; train again"
            )
        purchases = PURCHASE_MODELS[name].model(**saved["purchases"]["parameters"])
        spend = GammaGamma(**saved["spend"])
        return cls(purchases, spend, saved["spend_orders"], saved["net_share"], tuple(saved["notes"]))


def fit_btyd(
    features: pd.DataFrame, spend_orders: SpendOrders, purchases: Purchases = "bgnbd"
) -> BuyTillYouDie:
    """Fit both models on customers with at least one order.

    Parameters
    ----------
    features
        The columns `FEATURES`, one row per customer: order days after the first; days from the first order
        day to the last and to t0; orders; net revenue per order, over all orders and over those after the
        first (null if none); net revenue of all time after refunds.
    spend_orders
        "all" lets the first order speak about spend; "repeat" leaves it out, as the papers do.
    purchases
        "bgnbd", "mbgnbd" or "paretonbd".

    Raises
    ------
    UserError
        If a column is missing, no customer is given, a row is no purchase history, or no spend is positive.
    """
    _require("spend_orders", spend_orders, get_args(SpendOrders))
    _require("purchases", purchases, get_args(Purchases))
    triples = _triples(features)
    if features.empty:
        raise UserError("no customer with an order before t0: buy-till-you-die models need at least one")
    net_share = _net_share(features)
    kind = PURCHASE_MODELS[purchases]
    bought = kind.fit(triples.x, triples.t_x, triples.T, triples.weight)
    spend = fit_gamma_gamma(*_spend_per_order_day(features, spend_orders))
    notes = [*_cautions(kind.title, bought), *_cautions("Gamma-Gamma", spend)]
    if spend.dropped_customers:
        notes.append(f"Gamma-Gamma: {spend.dropped_customers} customers without positive spend left out")
    if spend.model.q <= 1:
        notes.append("Gamma-Gamma: q <= 1, the mean spend is infinite; its mode stands in")
    return BuyTillYouDie(bought.model, spend.model, spend_orders, net_share, tuple(notes))


def _require(name: str, said: str, allowed: tuple[str, ...]) -> None:
    if said not in allowed:
        raise UserError(f"{name} is {said!r}: expected one of {', '.join(allowed)}")


def _cautions(name: str, fit: Fit[Any]) -> list[str]:
    stopped = [] if fit.converged else [f"{name}: the search did not converge ({fit.status})"]
    weak = (
        [f"{name}: data hardly determine {', '.join(fit.weak_parameters)}"] if fit.weakly_identified else []
    )
    return stopped + weak


def _name_of(purchases: PurchaseModel) -> str:
    return next(name for name, kind in PURCHASE_MODELS.items() if type(purchases) is kind.model)


def _triples(features: pd.DataFrame) -> Triples:
    missing = [name for name in FEATURES if name not in features.columns]
    if missing:
        raise UserError(f"customer features lack the columns {', '.join(missing)}: build the features again")
    frequency, orders = _column(features, FREQUENCY), _column(features, ORDERS_ALL)
    if not (orders >= frequency + 1).all():
        raise UserError(f"customer features: {ORDERS_ALL} must be at least {FREQUENCY} + 1 in every row")
    try:
        return unique_triples(frequency, _column(features, T_X_DAYS), _column(features, TENURE_DAYS))
    except ValueError as error:
        raise UserError(f"customer features {FREQUENCY}, {T_X_DAYS}, {TENURE_DAYS}: {error}") from error


def _spend_per_order_day(features: pd.DataFrame, spend_orders: SpendOrders) -> tuple[Floats, Floats]:
    """Return the number of observed order days and their mean revenue in EUR (null where unknown)."""
    days = _column(features, FREQUENCY) + 1
    orders_per_day = _column(features, ORDERS_ALL) / days
    if spend_orders == "all":
        return days, _column(features, SPEND_MEAN_EUR) * orders_per_day
    return days - 1, _column(features, SPEND_REPEAT_MEAN_EUR) * orders_per_day


def _net_share(features: pd.DataFrame) -> float:
    """Return Σ net revenue after refunds / Σ revenue of the orders; 1 if spend means are net of refunds."""
    ordered = _column(features, ORDERS_ALL) * _column(features, SPEND_MEAN_EUR)
    net = _column(features, MONETARY_ALL_EUR)
    known = np.isfinite(ordered) & np.isfinite(net)
    total_net, total_ordered = math.fsum(net[known]), math.fsum(ordered[known])
    if total_net <= 0 or total_ordered <= 0:
        raise UserError("net revenue of all customers together is not positive: no spend can be forecast")
    return min(1.0, total_net / total_ordered)


def _column(features: pd.DataFrame, name: str) -> Floats:
    return features[name].to_numpy(dtype=np.float64, na_value=np.nan)
