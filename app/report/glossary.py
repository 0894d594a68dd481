"""The words of the page, for readers who have not met them."""

from app.report import words
from app.report.blocks import Section

TERMS = {
    "t₀, as of": "The day at 00:00 UTC at which a forecast is made; only what was known before it is used.",
    "horizon H": "The days that the forecast covers: [t₀, t₀ + H).",
    "net revenue": "Amount paid less discount and VAT, in EUR at the rate of the day; refunds and cancellations lower "
    "the day on which they happen.",
    "lead, early, established": "A lead has no order and no forecast; an early customer has one order, at most 90 days "
    "old; everyone else is established.",
    "forecast (clv_eur)": "Expected net revenue of one customer in the horizon.",
    "P(order)": "Probability of at least one order in the horizon.",
    "12m": f"{words.BASELINE.removeprefix('12m = ').capitalize()}: what many teams rank by, and what the forecast has "
    "to beat.",
    "decile": "Customers ranked and cut into tenths; 10 is the highest. Leads are left out.",
    "top 10 % hold": "Share of the revenue that came which the highest-ranked tenth brought; ties share.",
    "normalised Gini": "How well a ranking orders customers: 1 as a perfect one, 0 as chance.",
    "Spearman": "Correlation of the two rankings, by forecast and by what came.",
    "RMSE, MAE": "Typical error per customer in EUR; RMSE weighs large errors more. A few giants can make most of it, "
    "so it is also given without the five largest.",
    "WAPE": "Sum of the absolute errors as a share of the revenue that came.",
    "MAPE": "Mean error in per cent of what came, over customers who brought at least €1.",
    "forecast / actual": "Sum of the forecasts over the sum of what came; 1 is right, above 1 too much.",
    "backtest": "The forecast made at a past t₀, trained only on horizons closed by then, compared with what came.",
    "95 % interval": "Where the figure would lie if other customers of the same kind had been drawn (paired bootstrap).",
    "BG/NBD × Gamma-Gamma": "A buy-till-you-die model: how often and how long customers buy, times what they spend.",
    "quarantined, excluded": "Rows that break a rule of the contract; rows that an importer leaves out by a documented "
    "rule.",
}


def glossary() -> Section:
    """Return the terms; the template writes them as a definition list."""
    return Section("glossary", "Glossary", terms=TERMS)
