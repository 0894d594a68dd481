"""The words of the page, for readers who have not met them."""

from app.report.blocks import Section
from clv.segments import EARLY_MAX_AGE_DAYS

TERMS = {
    "t₀, as of": "The day at 00:00 UTC at which a forecast is made; only what was known before it is used.",
    "horizon H": "The days that the forecast covers: [t₀, t₀ + H).",
    "net revenue": "Amount paid less discount and VAT, in EUR at the rate of the day. Refunds and "
    "cancellations lower the day on which they happen.",
    "lead, early, established": "A lead has no order and no forecast. An early customer has one order, at "
    f"most {EARLY_MAX_AGE_DAYS} days old. Everyone else is established.",
    "forecast (clv_eur)": "Expected net revenue of one customer in the horizon.",
    "median (clv_median_eur)": "What a customer of this kind typically brings: half of them bring less.",
    "80 % interval": "From clv_low_eur to clv_high_eur: with a chance of 80 % the customer brings an amount "
    "within it.",
    "driver": "What lifts or lowers a forecast from that of the typical customer, in EUR; all drivers of a "
    "customer add up to the difference. It is what the model looked at, not a cause.",
    "P(order)": "Probability of at least one order in the horizon.",
    "12m": "Net revenue of the last 365 days × min(1, H/365): what many teams rank by, and what the forecast "
    "has to beat.",
    "decile": "Customers ranked and cut into tenths; 10 is the highest. Leads are left out.",
    "top 10 % hold": "Share of the revenue that came which the highest-ranked tenth brought.",
    "Gini, normalised Gini": "How unequally revenue falls to customers along a ranking. Normalised "
    "by the perfect ranking's it says how well the ranking orders them: 1 perfect, 0 random.",
    "Spearman": "Correlation of the ranks by forecast and by what came.",
    "RMSE, MAE": "Typical error per customer in EUR; RMSE weighs large errors more. A few giants can make "
    "most of it, so it is also given without the five largest.",
    "WAPE": "Sum of the absolute errors as a share of the revenue that came.",
    "MAPE": "Mean error as a share of what came, over customers who brought at least €1.",
    "forecast / actual": "Sum of the forecasts over the sum of what came: 1 is right, above 1 too much.",
    "backtest": "The forecast of a past t₀, trained only on horizons closed by then, beside what came.",
    "walk forward": "Backtests at several t₀s, each trained only on what had closed by then.",
    "promotion rules": "What a model must show out of time before it may score: one that learned from labels "
    "must beat 12m and the best buy-till-you-die model beyond the luck of the sample.",
    "material segment": "At least 2 % of customers or of revenue, and 200 customers.",
    "95 % interval": "Where the figure would lie had other customers of the same kind been drawn (paired "
    "bootstrap). All customers live through the same future, so it knows nothing of calendar risk.",
    "BG/NBD, MBG/NBD, Pareto/NBD × Gamma-Gamma": "Buy-till-you-die models: how often and how long "
    "customers buy, times their spend.",
    "RFM bands": "Mean revenue of customers alike in recency, frequency and monetary value.",
    "quarantined, excluded": "Rows that break a rule of the contract; rows left out by a documented "
    "rule, such as exact duplicates.",
}


def glossary() -> Section:
    """Return the terms; the template writes them as a definition list."""
    return Section("glossary", "Glossary", terms=TERMS)
