"""Deploys synthesized stacks: assets to the bucket that the bootstrap would have made, then the templates."""

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

from moto.core import DEFAULT_ACCOUNT_ID

from clv.errors import UserError
from step_functions.laptop.cloud import REGION, client
from step_functions.rehearsal.resource_types import unknown_types

BOOTSTRAP, BOOTSTRAP_VERSION = "/cdk-bootstrap/hnb659fds/version", "30"
STACK = "aws:cloudformation:stack"
PSEUDO = {"${AWS::AccountId}": DEFAULT_ACCOUNT_ID, "${AWS::Region}": REGION, "${AWS::Partition}": "aws"}
Say = Callable[[str], None]


def deploy(assembly: Path, say: Say) -> dict[str, str]:
    """Create all stacks of a cloud assembly in their order and return their outputs by name.

    Raises
    ------
    UserError
        If a resource type is unknown to moto and to us, or a stack is not complete.
    """
    stacks = _in_order(assembly)
    templates = {name: _read(assembly / f"{name}.template.json") for name in stacks}
    unknown = sorted({kind for template in templates.values() for kind in unknown_types(template)})
    if unknown:
        raise UserError(
            f"{assembly}: {', '.join(unknown)}: cannot be rehearsed; "
            "add how it is created to step_functions/rehearsal/resource_types.py"
        )
    client("ssm").put_parameter(Name=BOOTSTRAP, Value=BOOTSTRAP_VERSION, Type="String")
    outputs: dict[str, str] = {}
    for name, template in templates.items():
        publish(assembly, _read(assembly / f"{name}.assets.json"), say)
        outputs |= _create(name, template)
        say(f"{name}: {len(template['Resources'])} resources")
    return outputs


def publish(assembly: Path, manifest: Mapping[str, Any], say: Say) -> None:
    """Put the files of an asset manifest where the template expects them."""
    for asset in manifest["files"].values():
        if "executable" in asset["source"]:
            say(f"{next(iter(asset['destinations'].values()))['objectKey']}: not built, so not uploaded")
            continue
        body = _packed(assembly / asset["source"]["path"], asset["source"]["packaging"])
        for destination in asset["destinations"].values():
            _put(_filled(destination["bucketName"]), _filled(destination["objectKey"]), body)


def _create(name: str, template: Mapping[str, Any]) -> dict[str, str]:
    formation = client("cloudformation")
    formation.create_stack(
        StackName=name, TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_NAMED_IAM"]
    )
    told = formation.describe_stacks(StackName=name)["Stacks"][0]
    if told["StackStatus"] != "CREATE_COMPLETE":
        raise UserError(f"stack {name}: {told['StackStatus']}: {told.get('StackStatusReason', 'no reason')}")
    made = formation.list_stack_resources(StackName=name)["StackResourceSummaries"]
    missing = sorted(set(template["Resources"]) - {each["LogicalResourceId"] for each in made})
    if missing:
        raise UserError(f"stack {name}: {', '.join(missing)} were not created")
    return {each["OutputKey"]: each["OutputValue"] for each in told.get("Outputs", [])}


def _in_order(assembly: Path) -> list[str]:
    """Return the stacks of an assembly, each after those it depends on."""
    artifacts = _read(assembly / "manifest.json")["artifacts"]
    stacks = {name: one for name, one in artifacts.items() if one["type"] == STACK}
    before = {name: set(one.get("dependencies", ())) & set(stacks) for name, one in stacks.items()}
    return list(TopologicalSorter(before).static_order())


def _packed(path: Path, packaging: str) -> bytes:
    if packaging == "file":
        return path.read_bytes()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for file in sorted(path.rglob("*")):
            archive.write(file, file.relative_to(path))
    return packed.getvalue()


def _put(bucket: str, key: str, body: bytes) -> None:
    storage = client("s3")
    if bucket not in {each["Name"] for each in storage.list_buckets()["Buckets"]}:
        storage.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    storage.put_object(Bucket=bucket, Key=key, Body=body)


def _filled(text: str) -> str:
    for name, value in PSEUDO.items():
        text = text.replace(name, value)
    return text


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
