"""The judges that run without an account find nothing, and would find something."""

import json

import pytest
from aws_cdk import App, Stack, Validations
from aws_cdk.aws_s3 import Bucket
from cdk_nag import AwsSolutionsChecks

from infra import judges


def test_cfn_lint_finds_nothing(stacks):
    assert judges.cfn_lint(sorted(stacks.folder.glob("*.template.json"))) == []


def test_cfn_lint_would_find_a_property_that_does_not_exist(stacks, tmp_path):
    template = stacks.template("ClvMonitoring")
    kinds = template["Resources"].items()
    name, alarm = next(found for found in kinds if found[1]["Type"] == "AWS::CloudWatch::Alarm")
    alarm["Properties"]["Treshold"] = 1
    template = {**template, "Resources": {name: alarm}, "Outputs": {}}
    broken = tmp_path / "broken.template.json"
    broken.write_text(json.dumps(template))
    assert any("Treshold" in line for line in judges.cfn_lint([broken]))


def test_statelint_finds_nothing_in_the_resolved_definition(stacks, tmp_path):
    definition = judges.resolved(judges.state_machine(stacks.template("ClvPipeline")))
    assert judges.statelint(definition, tmp_path) == []


def test_statelint_would_find_a_state_that_nobody_declares(stacks, tmp_path):
    definition = json.loads(judges.resolved(judges.state_machine(stacks.template("ClvPipeline"))))
    definition["StartAt"] = "Nowhere"
    assert any("Nowhere" in line for line in judges.statelint(json.dumps(definition), tmp_path))


def test_cdk_nag_finds_nothing_that_is_not_acknowledged_with_a_reason(stacks):
    assert judges.cdk_nag(stacks.folder / "validation-report.json") == []


def test_cdk_nag_would_find_a_bucket_without_ssl(tmp_path):
    app = App(outdir=str(tmp_path))
    Bucket(Stack(app, "Careless"), "Open")
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    with pytest.raises(RuntimeError, match=r"validation-report\.json"):
        app.synth()
    assert any("AwsSolutions-S10" in line for line in judges.cdk_nag(tmp_path / "validation-report.json"))
