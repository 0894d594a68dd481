"""The tables of a budget: returns, the chosen audience, and what more, less or riskier spend would bring."""

from clv.contracts import EXPLOIT, EXPLORE, HOLDOUT
from clv.schema import Column, Table, Type


def _of(name: str, meaning: str, kind: Type = "string", unit: str = "") -> Column:
    return Column(name, kind, meaning, unit, required=True, nullable=False)


def _eur(name: str, meaning: str) -> Column:
    return Column(name, "float64", meaning, "EUR", required=True, nullable=False)


_CUSTOMER = _of("customer_id", "the customer")
_AS_OF = _of("as_of", "t₀ of the scores", "date")
_RETURN = (
    _of("action", "what is done"),
    _of("stratum", "the line of uplift that counts for the customer"),
    _of("uplift", "what contacting adds, as a share of the customer's CLV", "float64"),
    _of("uplift_source", "assumption, experiment or model, and whose"),
    _eur("gain_eur", "uplift × CLV × margin"),
    _eur("cost_eur", "of contact and voucher, expected"),
    _eur("return_eur", "gain − cost, expected"),
    _eur("return_sd_eur", "standard deviation of what the customer returns"),
    _eur("return_low_eur", "lower end of its 80 % interval"),
    _eur("return_high_eur", "upper end of its 80 % interval"),
)
_RISK = (
    _of("loss_probability", "P(profit below 0)", "float64"),
    _eur("cvar_eur", "mean loss in the worst 5 % of draws; negative where even these earn"),
)
_SPENT = (
    _eur("spent_eur", "expected cost of the plan"),
    _of("contacts", "customers contacted", "int64"),
)

RETURNS = Table(
    "returns",
    "one customer who may be contacted and one action that is for them",
    ("as_of", "customer_id", "action"),
    (_AS_OF, _CUSTOMER, *_RETURN),
)

AUDIENCE = Table(
    "audience",
    "one contact of the chosen audience",
    ("as_of", "customer_id"),
    (
        _AS_OF,
        _CUSTOMER,
        _of("segment", "early or established"),
        _of("country", "market of the customer; unknown where not known"),
        _of("acquisition_channel", "how the customer came; unknown where not known"),
        _of("decile", "of the scores, 10 = highest", "int32"),
        _eur("clv_eur", "expected net revenue in the horizon"),
        Column(
            "purpose",
            "string",
            "exploit: chosen for the return; explore: drawn by lot",
            required=True,
            nullable=False,
            values=(EXPLOIT, EXPLORE),
        ),
        _of("propensity", "P(contacted) before the lot; 1 for the chosen", "float64"),
        *_RETURN,
    ),
)

HELD_OUT = Table(
    "held_out",
    "one customer of the standing holdout, who might be contacted and is not",
    ("as_of", "customer_id"),
    (
        _AS_OF,
        _CUSTOMER,
        _of("segment", "early or established"),
        _of("decile", "of the scores, 10 = highest", "int32"),
        _eur("clv_eur", "expected net revenue in the horizon"),
        Column("purpose", "string", "why not", required=True, nullable=False, values=(HOLDOUT,)),
    ),
)

CONTACTABLE = Table(
    "contactable",
    "one customer who may be contacted, with what its returns are computed of and fitted uplifts look at",
    ("as_of", "customer_id"),
    (
        _AS_OF,
        _CUSTOMER,
        _of("horizon_days", "length of the horizon", "int32", "days"),
        _of("segment", "early or established"),
        _of("country", "market of the customer; unknown where not known"),
        _of("acquisition_channel", "how the customer came; unknown where not known"),
        _of("value_band", "low, medium or high, by decile of the forecast"),
        _of("decile", "of the scores, 10 = highest", "int32"),
        _eur("clv_eur", "expected net revenue in the horizon"),
        Column("clv_low_eur", "float64", "lower end of its 80 % interval; null where not known", "EUR"),
        Column("clv_high_eur", "float64", "upper end of its 80 % interval; null where not known", "EUR"),
        Column("p_active", "float64", "P(an order in the horizon); null where not known"),
        Column(
            "baseline_last_year_eur", "float64", "net revenue of the last 365 days × min(1, H/365)", "EUR"
        ),
        Column("device", "string", "device class"),
        _of("recency_days", "since the last order", "int32", "days"),
        Column("frequency", "int64", "repeat purchase days", "days"),
        Column("monetary_365d_eur", "float64", "net revenue of the last 365 days", "EUR"),
        Column("tenure_days", "int32", "since the first order", "days"),
    ),
)
"""Its value_band is not of the scores; everything else is."""

SPEND_CURVE = Table(
    "spend_curve",
    "the best plan of one budget",
    ("as_of", "budget_eur"),
    (
        _AS_OF,
        _eur("budget_eur", "what may be spent"),
        *_SPENT,
        _eur("gain_eur", "expected gain, before costs"),
        _eur("profit_eur", "expected gain − cost"),
        Column("roi", "float64", "profit per EUR spent; null where nothing is spent"),
        _of("marginal_roi", "profit that one EUR more of budget would add", "float64"),
        _of("gap", "duality gap: no plan is better by more than this share", "float64"),
        *_RISK,
    ),
)

FRONTIER = Table(
    "frontier",
    "one plan between most profit and least risk",
    ("as_of", "budget_eur", "aversion"),
    (
        _AS_OF,
        _eur("budget_eur", "what may be spent"),
        _of("aversion", "weight of CVaR against expected profit", "float64"),
        *_SPENT,
        _eur("profit_eur", "expected gain − cost"),
        _RISK[1],
        _eur("profit_bound_eur", "no plan within the budget with no more CVaR has more expected profit"),
        _of("efficient", "no plan found has more profit at no more risk", "boolean"),
    ),
)

SENSITIVITY = Table(
    "sensitivity",
    "one figure, turned down and up with the audience kept; widest first",
    ("as_of", "figure"),
    (
        _AS_OF,
        _of("figure", "uplift, margin, cost, response or horizon"),
        _of("low", "what it is turned to where that lowers profit"),
        _of("high", "what it is turned to where that raises profit"),
        _eur("profit_low_eur", "expected profit at low"),
        _eur("profit_high_eur", "expected profit at high"),
    ),
)

PROFIT_DRAWS = Table(
    "profit_draws",
    "one draw of the Monte Carlo simulation of the plan",
    ("as_of", "draw"),
    (_AS_OF, _of("draw", "its number", "int64"), _eur("profit_eur", "profit of the plan in this draw")),
)

TABLES = (RETURNS, AUDIENCE, HELD_OUT, CONTACTABLE, SPEND_CURVE, FRONTIER, SENSITIVITY, PROFIT_DRAWS)
