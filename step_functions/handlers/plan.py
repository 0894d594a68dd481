"""Plans a run: what is asked, where things go, and whether a training is due."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from clv.partitions import model_at, scores_at, transform_at
from clv.segments import SCORED
from clv.timeline import Horizon
from step_functions.handlers import registry
from step_functions.handlers.request import Request, read_request, run_id, short_id
from step_functions.handlers.store import Store, store_at

CURRENT = "_current.json"
ADVICE = "monitoring/advice.json"
"""Monitoring leaves `{"retrain": "now", "reason": …}` here: how soon it wants new models."""
DUE_AFTER_DAYS = {"weekly": 6, "monthly": 28, "quarterly": 91}
"""Age up to which a model is young enough by each advice; the setting `train_max_age_days` caps them all.

A weekly run finds the model of the week before 7 days old."""


@dataclass(frozen=True)
class Training:
    """Whether a training is due, and why."""

    due: bool
    reason: str


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    """Return the plan that every later state reads; UserError for an input that cannot be run."""
    import boto3  # noqa: PLC0415 - made per call, so that tests and the laptop choose the endpoint

    deployed = json.loads(os.environ.get("CLV_SETTINGS", "{}"))  # noqa: TID251 - a Lambda's edge
    request = read_request(event["input"], event["execution"]["started"], deployed)
    client, store = boto3.client("sagemaker"), store_at(event["lake"])
    groups = registry.groups(event["registry_prefix"], request.settings.horizon_days)
    if request.until != "features":
        registry.require_groups(client, groups)
    published = not request.replace and store.read(f"{scores_at(request.as_of)}/{CURRENT}") is not None
    training = decide(client, store, request, groups, published=published)
    return {
        **_named(request, event["execution"]["name"], store.root),
        "groups": groups,
        "published": published,
        "training": asdict(training),
    }


def decide(
    client: Any, store: Store, request: Request, groups: Mapping[str, str], *, published: bool
) -> Training:
    """Return whether a training is due: asked for, or no approved model, or an old one, or advised."""
    if request.until == "features":
        return Training(due=False, reason="the run ends after the features")
    if request.train != "auto":
        return Training(due=request.train == "always", reason=f"train is {request.train}")
    if published:
        return Training(due=False, reason=f"the scores of {request.as_of} are published")
    if _trained(client, groups, request.as_of):
        return Training(due=False, reason=f"trained as of {request.as_of} already")
    advice = json.loads(store.read(ADVICE) or "{}")
    return (
        _by_age(client, groups, request, advice)
        or _by_advice(advice)
        or Training(due=False, reason="the approved models are young enough")
    )


def _trained(client: Any, groups: Mapping[str, str], as_of: date) -> bool:
    found = [registry.newest(client, group, as_of, status=None) for group in groups.values()]
    return all(package is not None and package.as_of == as_of for package in found)


def _by_age(
    client: Any, groups: Mapping[str, str], request: Request, advice: Mapping[str, str]
) -> Training | None:
    limit, whose = _age_limit(request, advice)
    for segment, group in groups.items():
        package = registry.newest(client, group, request.as_of)
        if package is None:
            return Training(due=True, reason=f"no approved {segment} model in {group}")
        age = (request.as_of - package.as_of).days
        if age > limit:
            return Training(
                due=True, reason=f"{package.version} is {age} days old, more than the {limit} {whose}"
            )
    return None


def _age_limit(request: Request, advice: Mapping[str, str]) -> tuple[int, str]:
    """Return the age in days at which a model is still young enough, and who says so."""
    allowed = request.settings.train_max_age_days
    advised = DUE_AFTER_DAYS.get(advice.get("retrain", ""), allowed)
    if advised >= allowed:
        return allowed, "allowed"
    return advised, f"that monitoring advises: {advice.get('reason', 'no reason given')}"


def _by_advice(advice: Mapping[str, str]) -> Training | None:
    if advice.get("retrain") != "now":
        return None
    return Training(due=True, reason=f"monitoring advises it: {advice.get('reason', 'no reason given')}")


def _named(request: Request, execution_name: str, lake: str) -> dict[str, Any]:
    """Return the request in the words of the machine: texts, numbers and addresses."""
    run, horizon = run_id(execution_name), Horizon(request.settings.horizon_days)
    return {
        "run_id": run,
        "short_id": short_id(run),
        "as_of": request.as_of.isoformat(),
        "horizon_days": horizon.days,
        "until": request.until,
        "replace": str(request.replace).lower(),
        "settings": request.settings.to_json(),
        "hyperparameters": request.settings.hyperparameters(),
        "paths": {
            "models": {segment: f"{lake}/{model_at(segment, horizon)}" for segment in SCORED},
            "transform": f"{lake}/{transform_at(request.as_of, horizon, run)}",
        },
    }
