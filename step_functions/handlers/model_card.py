"""A training's card in the shape of the registry's model cards.

Source: Model package model card schema, Amazon SageMaker Developer Guide. Sections allow no other keys.
"""

import json
from collections.abc import Mapping
from typing import Any

LONG, SHORT = 2048, 1024
"""Characters that a text of the schema may have."""

TRAINING = ("segment", "horizon_days", "training_as_ofs", "population")
"""Of card.json; the settings are the package's and the job's already."""

WHY_LOW_RISK = (
    "Aggregated customer values steer marketing effort; no decision on a person rests on one alone."
)


def model_card(
    card: Mapping[str, Any], verdict: Mapping[str, Any], evaluation: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the content of a model package's card: purpose, training, figures, limits.

    Parameters
    ----------
    card, verdict, evaluation
        What a training wrote into card.json, verdict.json and evaluation.json.
    """
    limits = _text(" ".join(card["known_limits"]), LONG)
    return {
        "model_overview": {"model_creator": "clv weekly cycle"},
        "intended_uses": {
            "purpose_of_model": _text(card["purpose"], LONG),
            "factors_affecting_model_efficiency": limits,
            "risk_rating": "Low",
            "explanations_for_risk_rating": WHY_LOW_RISK,
        },
        "training_details": {
            "training_observations": _text({name: card[name] for name in TRAINING}, SHORT),
        },
        "evaluation_details": [
            {
                "name": f"out of time at {evaluation['evaluation_as_of'] or 'no closed snapshot'}",
                "evaluation_observation": _text(verdict["reason"], LONG),
                "metric_groups": _metric_groups(card, verdict),
            }
        ],
        "additional_information": {"caveats_and_recommendations": limits},
    }


def _metric_groups(card: Mapping[str, Any], verdict: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the figures of verdict, validation and each judged model; what is undefined has no entry."""
    rules = {rule["rule"]: rule["figure"] for rule in verdict["rules"]}
    told = card["validation"]
    checks = {row["check"]: row["found"] for row in told["checks"]}
    named = {"promotion rules": rules, f"validation ({told['verdict']})": checks, **card["metrics"]}
    groups = {name: _numbers(figures) for name, figures in named.items()}
    return [{"name": name, "metric_data": data} for name, data in groups.items() if data]


def _numbers(figures: Mapping[str, float | None]) -> list[dict[str, Any]]:
    return [
        {"name": name, "type": "number", "value": value}
        for name, value in figures.items()
        if value is not None
    ]


def _text(value: Any, length: int) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text[:length]
