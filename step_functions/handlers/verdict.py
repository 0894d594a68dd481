"""Turns a training's verdict into a registry entry, and lays its reports beside the model."""

import hashlib
import io
import json
import re
import tarfile
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from clv.errors import UserError
from step_functions.handlers.model_card import model_card
from step_functions.handlers.store import store_at

STATUSES = ("Approved", "PendingManualApproval", "Rejected")
REPORTS = ("evaluation", "verdict", "card", "baseline")
PAGE = "card.html"
"""The governance file for people; trainings of older code left none."""
MODEL, OUTPUT = "model.tar.gz", "output.tar.gz"
DESCRIPTION_LENGTH = 1024
TEXT_LENGTH = 256
"""Of a value of the registry's metadata."""
FORBIDDEN = re.compile(r"[^\w\s.:/=+\-@]")
"""What a value of the registry's metadata may not hold (the pattern of CustomerMetadataValue)."""

Reports = dict[str, dict[str, Any]]


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    """Return what registers a training: status, reason, description, metadata, addresses, model card.

    UserError if the job left no output, or a report is missing or says what no registry takes.
    """
    folder, reports = lay_out(event["artifact"])
    verdict, evaluation = reports["verdict"], reports["evaluation"]
    if verdict["status"] not in STATUSES:
        raise UserError(
            f"{folder}/verdict.json: status {verdict['status']!r}; known are {', '.join(STATUSES)}"
        )
    reason = str(verdict["reason"])
    urls = {name: f"{folder}/{name}.json" for name in REPORTS}
    return {
        "status": verdict["status"],
        "reason": reason,
        "description": f"{evaluation['model_version']}: {verdict['status']}. {reason}"[:DESCRIPTION_LENGTH],
        "metadata": metadata(event, reports, urls),
        "urls": urls,
        "model_card": json.dumps(model_card(reports["card"], verdict, evaluation)),
        "token": hashlib.sha256(event["job"].encode()).hexdigest()[:36],
    }


def lay_out(artifact: str) -> tuple[str, Reports]:
    """Write the reports of a job's output.tar.gz beside its `output/` folder; return that place and them."""
    if not artifact.endswith(f"/output/{MODEL}"):
        raise UserError(f"{artifact}: expected …/<training job>/output/{MODEL}")
    store = store_at(artifact.removesuffix(f"/output/{MODEL}"))
    archive = store.read(f"output/{OUTPUT}")
    if archive is None:
        raise UserError(f"{store.root}/output/{OUTPUT}: missing; the training job wrote no output")
    texts = _texts(archive)
    wanted = [f"{name}.json" for name in REPORTS]
    missing = [name for name in wanted if name not in texts]
    if missing:
        raise UserError(f"{store.root}/output/{OUTPUT}: lacks {', '.join(missing)}")
    for name in (*wanted, PAGE):
        if name in texts:
            store.write(name, texts[name])
    return store.root, {name: json.loads(texts[f"{name}.json"]) for name in REPORTS}


def metadata(event: Mapping[str, Any], reports: Reports, urls: Mapping[str, str]) -> dict[str, str]:
    """Return what later runs, and people, look a package up by; texts in the registry's alphabet.

    Every setting of the training is among it, as `setting_…`; those of the weekly plan teach it nothing.
    """
    evaluation, parameters = reports["evaluation"], reports["card"]["parameters"]
    window = evaluation["training_as_ofs"]
    said = {
        "segment": event["segment"],
        "as_of": event["as_of"],
        "horizon_days": event["horizon_days"],
        "run_id": event["run_id"],
        "training_job": event["job"],
        "model_version": evaluation["model_version"],
        "reason": reports["verdict"]["reason"],
        "training_window": f"{window[0]} to {window[-1]} in {len(window)} snapshots"
        if window
        else "none closed",
        "evaluation_as_of": evaluation["evaluation_as_of"] or "none closed",
        **{f"setting_{n}": value for n, value in parameters.items() if not n.startswith("plan_")},
    }
    plain = {name: FORBIDDEN.sub(" ", str(value))[:TEXT_LENGTH] for name, value in said.items()}
    return plain | {"evaluation": urls["evaluation"], "verdict": urls["verdict"]}


def _texts(archive: bytes) -> dict[str, str]:
    """Return the JSON files of an output archive, and the page, by name without folder."""
    found = {}
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as tar:
        for member in tar:
            path = PurePosixPath(member.name)
            known = path.suffix == ".json" or path.name == PAGE
            file = tar.extractfile(member) if known else None
            if file is not None:
                found[path.name] = file.read().decode()
    return found
