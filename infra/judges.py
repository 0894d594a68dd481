"""What is wrong with the synthesized templates, by judges that need no account."""

import json
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

BIN = Path(sys.executable).parent
ACCOUNT = "111111111111"
PARTITION, REGION = "aws", "eu-central-1"

CFN_LINT_SKIPS = {
    "W3005": "CDK says twice that a function comes after its role: by the reference and by DependsOn.",
}
"""Rules of cfn-lint that we leave out, each with its reason."""

CHECKOV_SKIPS = {
    "CKV_AWS_115": "One run is at work at a time by the lock; a reserve takes from the account's quota.",
    "CKV_AWS_116": "The state machine waits for them, retries and catches; the one that a schedule calls has"
    " the schedule's dead-letter queue.",
    "CKV_AWS_117": "A VPC needs endpoints or NAT, by far the greatest cost; they speak to AWS alone.",
}
"""Checks of checkov that we leave out everywhere, each with its reason; others stand at their resource."""

PLACEHOLDER = re.compile(r"\$\{(\w+)\}")

Template = Mapping[str, Any]


def cfn_lint(templates: Sequence[Path]) -> list[str]:
    """Return what cfn-lint finds in the templates, one line each."""
    skips = [part for rule in CFN_LINT_SKIPS for part in ("--ignore-checks", rule)]
    done = _run([str(BIN / "cfn-lint"), "--format", "parseable", *skips, "--", *map(str, templates)])
    return done.stdout.splitlines() + done.stderr.splitlines()


def statelint(definition: str, folder: Path) -> list[str]:
    """Return what statelint finds in a definition without placeholders."""
    file = folder / "definition.asl.json"
    file.write_text(definition, encoding="utf-8")
    done = _run([str(BIN / "statelint"), str(file)])
    return [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]


def cdk_nag(report: Path) -> list[str]:
    """Return the findings of cdk-nag that nobody acknowledged, from the report beside the templates."""
    told = json.loads(report.read_text(encoding="utf-8"))
    return [
        f"{violation.get('ruleName')}: {violation.get('description')}"
        for plugin in told["pluginReports"]
        for violation in plugin.get("violations", [])
    ]


def checkov(program: Path, folder: Path) -> list[str]:
    """Return what checkov finds in the templates of a folder; FileNotFoundError without the program."""
    options = ["--skip-download", "--framework", "cloudformation", "--quiet", "--compact", "--output", "json"]
    done = _run([str(program), *options, "--skip-check", ",".join(CHECKOV_SKIPS), "--directory", str(folder)])
    try:
        told = json.loads(done.stdout)
    except json.JSONDecodeError:
        return [f"checkov said no JSON: {done.stdout[-500:]} {done.stderr[-500:]}"]
    if "results" not in told or not told["summary"]["passed"] or told["summary"]["parsing_errors"]:
        return [f"checkov looked at nothing or could not read all: {json.dumps(told)[:500]}"]
    return [
        f"{check['check_id']} {check['resource']}: {check['check_name']}"
        for check in told["results"]["failed_checks"]
    ]


def state_machine(template: Template) -> Mapping[str, Any]:
    """Return the properties of the one state machine of a template."""
    found = [
        resource["Properties"]
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::StepFunctions::StateMachine"
    ]
    (only,) = found
    return dict(only)


def resolved(machine: Mapping[str, Any]) -> str:
    """Return a definition as CloudFormation resolves it; KeyError for an unknown placeholder."""
    said = machine["DefinitionSubstitutions"]
    return PLACEHOLDER.sub(lambda match: stand_in(match[1], said[match[1]]), machine["DefinitionString"])


def stand_in(name: str, value: object) -> str:
    """Return a text, or an ARN in place of a reference that only a deployment resolves."""
    if isinstance(value, str):
        return value
    if name.endswith("Function"):
        return f"arn:{PARTITION}:lambda:{REGION}:{ACCOUNT}:function:{name}"
    if name.endswith("Role"):
        return f"arn:{PARTITION}:iam::{ACCOUNT}:role/{name}"
    if name == "KmsKey":
        return f"arn:{PARTITION}:kms:{REGION}:{ACCOUNT}:key/1"
    return flat(value)


def flat(value: object) -> str:
    """Return a text whose account, region and partition are filled in."""
    if isinstance(value, str):
        return re.sub(r"\$\{AWS::AccountId\}", ACCOUNT, value)
    if not isinstance(value, Mapping):
        raise TypeError(f"{value}: no text and no reference")
    if "Fn::Join" in value:
        separator, parts = value["Fn::Join"]
        return str(separator).join(flat(part) for part in parts)
    if "Fn::Sub" in value:
        return flat(value["Fn::Sub"])
    known = {"AWS::AccountId": ACCOUNT, "AWS::Partition": PARTITION, "AWS::Region": REGION}
    return known.get(str(value.get("Ref")), f"<{next(iter(value.values()))}>")


def _run(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own tools
