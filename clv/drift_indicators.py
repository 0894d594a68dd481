"""Figures of drift and deliveries; `clv.indicators` has them among all others."""

from clv.alarm_rules import MODEL, Indicator, Rule

DRIFT_FIGURES = (
    Indicator(
        "DriftedFeatures",
        "Count",
        (MODEL,),
        "Features surely drifted (PSI from 0.25 on) from those the model in force scored first",
        Rule("drift", "GreaterThanThreshold", 0),
    ),
    Indicator(
        "WorstFeaturePsi", "None", (MODEL,), "Greatest PSI of a feature since the model's first scores"
    ),
    Indicator(
        "DriftedScores",
        "Count",
        (MODEL,),
        "clv_eur and p_active, where surely drifted from the first scores of the model in force",
        Rule("drift", "GreaterThanThreshold", 0),
    ),
    Indicator("ScorePsi", "None", (MODEL,), "Greater PSI of clv_eur and p_active since the first scores"),
)
"""By model, against the profile that its training left."""

DELIVERY_FIGURES = (
    Indicator(
        "StaleTables",
        "Count",
        (),
        "Raw tables, or types of events, without news for longer than ever in the year before",
        Rule("delivery", "GreaterThanThreshold", 0),
    ),
    Indicator(
        "OddVolumes",
        "Count",
        (),
        "Raw tables, or types of events, with under half or over twice the usual rows in 7 days",
        Rule("delivery", "GreaterThanThreshold", 0),
    ),
    Indicator(
        "NewlyMissingColumns",
        "Count",
        (),
        "Features and scores with over 5 % more empty cells than before",
        Rule("delivery", "GreaterThanThreshold", 0),
    ),
)
"""Of the raw tables by day, and of the cells of features and scores."""
