"""Figures of drift and of faulty data; `clv.indicators` has them among all others."""

from clv.alarm_rules import MODEL, Indicator, Rule

DRIFT_FIGURES = (
    Indicator(
        "DriftedVariables",
        "Count",
        (MODEL,),
        "Features and scores surely drifted (PSI from 0.25 on) since the first scores of the model in force",
        Rule("drift", "GreaterThanThreshold", 0),
    ),
    Indicator(
        "WorstFeaturePsi", "None", (MODEL,), "Greatest PSI of a feature since the model's first scores"
    ),
    Indicator("ScorePsi", "None", (MODEL,), "Greater PSI of clv_eur and p_active since the first scores"),
)
"""By model, against the profile that its training left."""

FAULT_FIGURES = (
    Indicator(
        "DataFaults",
        "Count",
        (),
        "Raw tables without news or with odd volume, and columns with over 5 % more empty cells than before",
        Rule("data-faults", "GreaterThanThreshold", 0),
    ),
)
"""One for all of them, for an alarm costs money; `summary.json` names each."""
