"""`python -m infra` is the CDK app: `-c stage=dev|prod`, `-c alert-email=ADDRESS`, `-c wheels=ZIP`."""

from pathlib import Path
from aws_cdk import App
