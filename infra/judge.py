"""`make judge`: synthesize every stage and print what the judges say; 1 where one of them finds something."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path

from aws_cdk import App

from infra import judges
from infra.app import FLAGS, WHEELS, build
from infra.archives import CHECKOUT
from infra.assets import gather
from infra.stages import STAGES, Stage

CHECKOV = CHECKOUT / ".venv-judge" / "bin" / "checkov"
WORK = CHECKOUT / "build" / "judge"
SHOWN = 20
"""Findings printed of one judge."""


def synthesize(stage: Stage, folder: Path) -> None:
    """Write the templates of a stage; findings of cdk-nag go to the report beside them and raise nothing."""
    app = App(outdir=str(folder), context=FLAGS)
    build(app, stage, gather(WORK / "archives", WHEELS), alert_email="alerts@example.com")
    try:
        app.synth()
    except RuntimeError as error:
        if "validation-report.json" not in str(error):
            raise


def judge(folder: Path) -> dict[str, list[str]]:
    """Return the findings of each judge on the templates of a folder."""
    templates = sorted(folder.glob("*.template.json"))
    pipeline = json.loads((folder / "ClvPipeline.template.json").read_text(encoding="utf-8"))
    return {
        "cfn-lint": judges.cfn_lint(templates),
        "statelint": judges.statelint(judges.resolved(judges.state_machine(pipeline)), WORK),
        "cdk-nag": judges.cdk_nag(folder / "validation-report.json"),
        "checkov": judges.checkov(CHECKOV, folder),
    }


def main() -> int:
    """Judge every stage."""
    found = 0
    for name, stage in STAGES.items():
        folder = WORK / name
        synthesize(stage, folder)
        verdicts = judge(folder)
        found += sum(len(findings) for findings in verdicts.values())
        sys.stdout.write(summary(name, verdicts))
    for judged, skips in (("cfn-lint", judges.CFN_LINT_SKIPS), ("checkov", judges.CHECKOV_SKIPS)):
        for rule, reason in skips.items():
            sys.stdout.write(f"left out of {judged}: {rule}: {reason}\n")
    return 1 if found else 0


def summary(stage: str, verdicts: Mapping[str, list[str]]) -> str:
    """Return a line for each judge, and its first findings below."""
    lines = []
    for judged, findings in verdicts.items():
        lines.append(f"{stage:5} {judged:10} {len(findings) or 'no'} findings")
        lines += [f"      {finding}" for finding in findings[:SHOWN]]
    return "".join(f"{line}\n" for line in lines)


if __name__ == "__main__":
    sys.exit(main())
