"""cdk-nag's findings that stay, each with its reason; those of roles stand where the role is written."""

from aws_cdk import Acknowledgment, Stack, Validations
from constructs import Construct


def acknowledge(data: Stack, monitoring: Stack, pipeline: Stack) -> None:
    """Acknowledge the findings of the stacks."""
