"""The topic that wakes people."""

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from infra import names


def alert_topic(scope: Construct, key: kms.IKey, alert_email: str) -> sns.Topic:
    """Return the topic: encrypted, by SSL only; one mailbox hears of it where an address is given."""
    topic = sns.Topic(
        scope, "Alerts", topic_name=names.TOPIC, display_name="CLV", master_key=key, enforce_ssl=True
    )
    # A policy of its own takes the place of the default one, which lets the account's alarms in.
    topic.add_to_resource_policy(
        iam.PolicyStatement(
            sid="AlarmsOfThisAccount",
            principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
            actions=["sns:Publish"],
            resources=[topic.topic_arn],
            conditions={"StringEquals": {"aws:SourceAccount": Stack.of(scope).account}},
        )
    )
    if alert_email:
        topic.add_subscription(subscriptions.EmailSubscription(alert_email))
    return topic
