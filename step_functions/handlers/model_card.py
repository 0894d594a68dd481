"""A training's card in the shape of the registry's model cards.

Source: Model package model card schema, Amazon SageMaker Developer Guide. Sections allow no other keys.
"""

import json
from collections.abc import Mapping
from typing import Any

LONG, SHORT = 2048, 1024
"""Characters that a text of the schema may have."""

WHY_LOW_RISK = (
    "Aggregated customer values steer marketing effort; no decision on a person rests on one alone."
)


def model_card(
    card: Mapping[str, Any], verdict: Mapping[str, Any], evaluation: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the content of a model package's card: purpose, training, the verdict's figures, limits."""
    return {
        "model_overview": {"model_creator": "clv weekly cycle"},
        "intended_uses": {
            "purpose_of_model": _text(card.get("purpose"), LONG),
            "intended_uses": _text(card.get("population"), LONG),
            "factors_affecting_model_efficiency": _text(card.get("known_limits"), LONG),
            "risk_rating": "Low",
            "explanations_for_risk_rating": WHY_LOW_RISK,
        },
        "training_details": {"training_observations": _text(_training(card), SHORT)},
        "evaluation_details": [
            {
                "name": f"out of time at {evaluation.get('evaluation_as_of') or 'no closed snapshot'}",
                "evaluation_observation": _text(verdict["reason"], LONG),
                "metric_groups": [{"name": "promotion rules", "metric_data": _figures(verdict)}],
            }
        ],
        "additional_information": {"caveats_and_recommendations": _text(card.get("known_limits"), LONG)},
    }


def _training(card: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: card[name] for name in ("segment", "horizon_days", "data_window", "parameters") if name in card
    }


def _figures(verdict: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {"name": rule["rule"], "type": "number", "value": rule["figure"], "notes": f"limit {rule['limit']}"}
        for rule in verdict["rules"]
        if isinstance(rule["figure"], int | float)
    ]


def _text(value: Any, length: int) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text[:length]
