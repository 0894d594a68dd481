"""docs/infrastructure.md says what deploys."""

import re

from infra.archives import CHECKOUT

PAGE = (CHECKOUT / "docs" / "infrastructure.md").read_text(encoding="utf-8")


def rows(heading: str) -> list[list[str]]:
    """Return the cells of the table below a heading, its own head left out."""
    section = PAGE.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_the_page_has_every_role_with_its_service(stacks):
    services = {
        "firehose": "Firehose", "glue": "Glue", "sagemaker": "SageMaker", "lambda": "Lambda",
        "states": "Step Functions", "scheduler": "EventBridge Scheduler",
    }  # fmt: skip
    deployed = {}
    for stack in ("ClvData", "ClvPipeline"):
        for name, told in stacks.named(stack, "AWS::IAM::Role", "RoleName").items():
            trust = told["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]
            deployed[name] = services[trust["Service"].split(".")[0]] if "Service" in trust else "people"
    assert {row[0]: row[1] for row in rows("Who may do what")} == deployed


def test_the_page_has_every_schedule(stacks):
    deployed = stacks.named("ClvPipeline", "AWS::Scheduler::Schedule", "Name")
    assert {row[0] for row in rows("When it runs")} == set(deployed)


def test_the_page_names_the_streams_and_the_queue_that_deploy(stacks):
    streams = stacks.named("ClvData", "AWS::KinesisFirehose::DeliveryStream", "DeliveryStreamName")
    queue = stacks.only("ClvPipeline", "AWS::SQS::Queue")["QueueName"]
    said = set(re.findall(r"`([a-z-]+)`", PAGE))
    assert {*streams, queue} <= said
