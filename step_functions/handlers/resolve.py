"""Finds what the next states need: the snapshots and champions of a training, the models that score."""

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from clv.errors import UserError
from clv.partitions import inputs_at, snapshots_at
from clv.timeline import Horizon, parse_as_of
from step_functions.handlers import registry
from step_functions.handlers.registry import Package
from step_functions.handlers.store import Store, store_at

CURRENT = "_current.json"
MODEL_NAME_LENGTH = 63


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    """Return what `find` asks for: `snapshots` or `models`."""
    import boto3  # noqa: PLC0415 - made per call, so that tests and the laptop choose the endpoint

    client, store = boto3.client("sagemaker"), store_at(event["lake"])
    as_of, horizon = parse_as_of(event["as_of"]), Horizon(event["horizon_days"])
    if event["find"] == "snapshots":
        return find_snapshots(client, store, as_of, horizon, event["groups"])
    return find_models(client, store, as_of, horizon, event["groups"])


def find_snapshots(
    client: Any, store: Store, as_of: date, horizon: Horizon, groups: Mapping[str, str]
) -> dict[str, Any]:
    """Return the address of the snapshots' manifest and each segment's champion as training channels.

    A segment without an approved model has no champion and no channels: the list is empty.
    """
    folder = committed(store, snapshots_at(as_of, horizon))
    champions = {segment: registry.newest(client, group, as_of) for segment, group in groups.items()}
    return {
        "manifest": f"{store.root}/{folder}/manifest.json",
        "champions": {
            segment: []
            if champion is None
            else [
                _channel("champion", champion.artifact),
                _channel("leaderboard", champion.evaluation),
            ]
            for segment, champion in champions.items()
        },
    }


def find_models(
    client: Any, store: Store, as_of: date, horizon: Horizon, groups: Mapping[str, str]
) -> dict[str, Any]:
    """Return for each segment its customers and the newest approved model, and what is missing.

    `none_approved` is true where a segment has customers and no approved model; `reason` says what to do.
    """
    inputs = _inputs(store, inputs_at(as_of, horizon))
    wanted = {segment: group for segment, group in groups.items() if inputs[segment]["customers"]}
    models = {segment: registry.newest(client, group, as_of) for segment, group in wanted.items()}
    found = {segment: package for segment, package in models.items() if package is not None}
    missing = [_missing(client, groups[s], as_of) for s in wanted if s not in found]
    return {
        "segments": {
            s: {**inputs[s], **_model(client, found[s])} if s in found else inputs[s] for s in groups
        },
        "packages": {
            s: {"arn": package.arn, "version": package.version, "evaluation": package.evaluation}
            for s, package in found.items()
        },
        "evaluations": {s: package.evaluation for s, package in found.items()},
        "none_approved": bool(missing),
        "reason": "; ".join(missing),
    }


def committed(store: Store, partition: str) -> str:
    """Return the folder of a partition's committed run, below the lake's root; UserError if there is none."""
    told = store.read(f"{partition}/{CURRENT}")
    if told is None:
        raise UserError(
            f"{store.root}/{partition}: nothing committed there; the job before this one writes it"
        )
    return f"{partition}/run={json.loads(told)['run_id']}"


def model_name(package: Package) -> str:
    """Return the SageMaker model name of a package: its version, told apart by its artefact's address.

    A group that was deleted and made again starts at version 1, and must not meet its old models.
    """
    digest = hashlib.sha256(package.artifact.encode()).hexdigest()[:8]
    name = f"{package.group}-{package.number}"[: MODEL_NAME_LENGTH - 9].rstrip("-")
    return f"{name}-{digest}"


def _inputs(store: Store, partition: str) -> dict[str, dict[str, Any]]:
    name = f"{committed(store, partition)}/segments.json"
    told = store.read(name)
    if told is None:
        raise UserError(
            f"{store.root}/{name}: missing; the features job writes it, run it again with replace"
        )
    return dict(json.loads(told))


def _model(client: Any, package: Package) -> dict[str, Any]:
    name = model_name(package)
    return {
        "package": package.arn,
        "version": package.version,
        "model": name,
        "model_exists": registry.model_exists(client, name),
    }


def _missing(client: Any, group: str, as_of: date) -> str:
    candidate = registry.newest(client, group, as_of, status=None)
    if candidate is None:
        return f"{group} has no model trained as of {as_of} or earlier: run with train = always"
    return (
        f"{group} has no approved model; the newest is {candidate.version} of {candidate.as_of}, "
        f"{candidate.status} ({candidate.reason}): approve it or run with train = always"
    )


def _channel(name: str, address: str) -> dict[str, Any]:
    source = {"S3DataType": "S3Prefix", "S3Uri": address, "S3DataDistributionType": "FullyReplicated"}
    return {"ChannelName": name, "DataSource": {"S3DataSource": source}}
