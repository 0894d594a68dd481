"""Names that the stacks, the state machine and people share; each exists once.

They are explicit, so that one stack can name what another one makes and nothing is exported but the key.
Two stages therefore live in two accounts.
"""

from aws_cdk import Stack

PREFIX = "clv"
DATABASE = "clv"
WORKGROUP = "clv"
METRIC_NAMESPACE = "CLV"
TOPIC = "clv-alerts"
STATE_MACHINE = "clv-weekly"
DEAD_LETTERS = "clv-schedule-dead-letters"
DASHBOARD = "clv"

GLUE_LOGS = "/aws-glue/jobs/clv"
"""Prefix of the jobs' log groups: `/error` holds what Spark says, `/output` what the script says."""

VERBS = ("ledger", "features", "snapshots", "publish", "watch", "decide")
"""One Glue job each."""

HANDLERS = ("plan", "lock", "resolve", "verdict", "notify", "freshness")
"""One Lambda function each."""

WRITTEN_BY_GLUE = (
    "ledger",
    "quarantine",
    "excluded",
    "features",
    "labels",
    "weights",
    "priors",
    "inputs",
    "snapshots",
    "forecasts",
    "scores",
    "decisions",
    "explanations",
    "monitoring",
    "runs",
    "spill",
)
"""Folders of the lake that the Glue jobs write."""

READ_BY_GLUE = ("raw", "transform", "models", "plans", "experiments", "settings")
"""Folders that they only read."""


def lake_bucket(stack: Stack) -> str:
    """Return the name of the bucket that is the lake."""
    return f"{PREFIX}-lake-{stack.account}-{stack.region}"


def logs_bucket(stack: Stack) -> str:
    """Return the name of the bucket that holds the lake's access logs."""
    return f"{PREFIX}-logs-{stack.account}-{stack.region}"


def lake_root(stack: Stack) -> str:
    """Return the address of the lake."""
    return f"s3://{lake_bucket(stack)}"


def lake_arns(stack: Stack, *folders: str) -> tuple[str, ...]:
    """Return the patterns of everything below some folders (or single objects) of the lake."""
    bucket = f"arn:{stack.partition}:s3:::{lake_bucket(stack)}"
    return tuple(f"{bucket}/{name}" if "." in name else f"{bucket}/{name}/*" for name in folders)


def lake_arn(stack: Stack) -> str:
    """Return the ARN of the lake's bucket."""
    return f"arn:{stack.partition}:s3:::{lake_bucket(stack)}"


def job(verb: str) -> str:
    """Return the name of a verb's Glue job."""
    return f"{PREFIX}-{verb}"


def function(handler: str) -> str:
    """Return the name of a handler's Lambda function."""
    return f"{PREFIX}-{handler}"


def package_group(segment: str, horizon_days: int) -> str:
    """Return the name of a segment's registry group, whose models have one horizon."""
    return f"{PREFIX}-{segment}-{horizon_days}"


def arn(stack: Stack, service: str, resource: str) -> str:
    """Return the ARN of something of this account and region, such as `glue`, `job/clv-ledger`."""
    return f"arn:{stack.partition}:{service}:{stack.region}:{stack.account}:{resource}"


def state_machine_arn(stack: Stack) -> str:
    """Return the ARN of the weekly state machine."""
    return arn(stack, "states", f"stateMachine:{STATE_MACHINE}")
