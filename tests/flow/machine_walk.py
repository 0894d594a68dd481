"""Walks the machine's states with the real Lambda handlers and services that answer as AWS does."""

import json

import boto3

from step_functions.handlers import lock, notify, plan, resolve, verdict
from step_functions.handlers.store import store_at
from tests.flow.machine import evaluate, load, states, substitute
from tests.handlers.trainings import REPORTS, leave_output, make_groups, register

LAKE = "s3://clv-lake"
ROLE = "arn:aws:iam::123456789012:role/clv"
EXECUTION = "arn:aws:states:eu-west-1:123456789012:execution:clv-weekly:run-a"
HANDLERS = {"plan": plan, "lock": lock, "resolve": resolve, "verdict": verdict, "notify": notify}
NAMES = {
    "LakeRoot": LAKE,
    "RegistryPrefix": "clv",
    "CatalogueDatabase": "clv",
    "MetricNamespace": "CLV",
    "TrainingRole": ROLE,
    "TransformRole": ROLE,
    "ModelImage": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-xgboost:3.2-0",
    "CodeFolder": "s3://clv-code/abc/",
    "KmsKey": "arn:aws:kms:eu-west-1:123456789012:key/1",
    "TrainingInstance": "ml.m5.xlarge",
    "TransformInstance": "ml.m5.large",
    **{
        f"{verb}Job": f"clv-{verb.lower()}"
        for verb in ("Ledger", "Features", "Snapshots", "Publish", "Watch", "Decide")
    },
    **{
        f"{name.capitalize()}Function": f"arn:aws:lambda:eu-west-1:123456789012:function:{name}"
        for name in HANDLERS
    },
}
WALK = (
    "Plan", "TakeLock", "BuildLedger", "BuildFeatures", "BuildSnapshots", "FindSnapshots",
    "TrainEarly", "JudgeEarly", "RegisterEarly", "TrainEstablished", "JudgeEstablished", "RegisterEstablished",
    "TellVerdicts", "ResolveModels", "CreateModelEarly", "TransformEarly", "CreateModelEstablished", "TransformEstablished",
    "PublishScores", "Watch", "Decide", "ReleaseLock", "ReleaseLockAfterFailure", "Notify",
)  # fmt: skip
"""Every task in an order in which each finds what it reads."""


class Walk:
    """The arguments of each task, and what a run knows after it."""

    def __init__(self, execution_input, *, champions):
        self.machine = substitute(load(), NAMES)
        self.input = execution_input
        self.known = {"failure": {"state": "Train", "error": "States.TaskFailed", "cause": "exit 1"}}
        self.arguments = {}
        where = {"LocationConstraint": "eu-west-1"}
        boto3.client("s3").create_bucket(Bucket="clv-lake", CreateBucketConfiguration=where)
        make_groups()
        for segment in ("early", "established") if champions else ():
            register(segment, "2025-01-06")
        self.registered = []
        for name in WALK:
            self.step(name, states(self.machine)[name])

    def step(self, name, state):
        """Do one task: evaluate its arguments, let the service answer, keep what it assigns."""
        if name == "TellVerdicts":
            self.judge()
        bindings = {**self.known, "states": self.told(name)}
        asked = evaluate(state["Arguments"], bindings)
        self.arguments[name] = asked
        bindings["states"]["result"] = self.answer(state["Resource"].rsplit(":", 1)[1], asked)
        self.known |= evaluate(state.get("Assign", {}), bindings)
        output = evaluate(state.get("Output", {}), bindings)
        if name.startswith("Register"):
            self.registered.append(output)

    def judge(self):
        """Know what the two branches of the training leave, had one of the models been rejected."""
        result = [{**self.registered[0], "status": "Rejected"}, self.registered[1]]
        assign = states(self.machine)["Train"]["Assign"]
        self.known |= evaluate(assign, {**self.known, "states": {"result": result}})

    def told(self, name):
        """Return what Step Functions says in `$states`."""
        execution = {"Id": EXECUTION, "Name": "run-a", "StartTime": "2025-07-07T01:00:00.000Z"}
        state = {"Name": name, "RetryCount": 1, "EnteredTime": "2025-07-07T01:00:00.000Z"}
        return {"input": self.input, "context": {"Execution": execution, "State": state}}

    def answer(self, api, asked):
        """Return what the service answers, doing of its work what later states look for."""
        if api == "invoke":
            module = HANDLERS[asked["FunctionName"].rsplit(":", 1)[1]]
            return {"Payload": json.loads(json.dumps(module.handler(asked["Payload"], None)))}
        if api == "startJobRun.sync":
            self.commit(asked["Arguments"])
            return {"JobRunState": "SUCCEEDED"}
        if api == "createTrainingJob.sync":
            job = asked["TrainingJobName"]
            artifact = leave_output(LAKE, job, REPORTS)
            arn = f"arn:aws:sagemaker:eu-west-1:123456789012:training-job/{job}"
            return {
                "TrainingJobName": job,
                "TrainingJobArn": arn,
                "ModelArtifacts": {"S3ModelArtifacts": artifact},
            }
        if api == "createModelPackage":
            made = boto3.client("sagemaker").create_model_package(**asked)
            return {"ModelPackageArn": made["ModelPackageArn"]}
        return {"TransformJobName": asked.get("TransformJobName"), "ModelArn": "arn"}

    def commit(self, asked):
        """Commit what the features and snapshots jobs leave for the machine."""
        run, store = asked["--run-id"], store_at(LAKE)
        below = f"horizon_days=365/as_of={asked['--as-of']}"
        if asked["--verb"] == "features":
            home = f"inputs/{below}/run={run}"
            told = {
                segment: {"customers": 3, "manifest": f"{LAKE}/{home}/manifest-{segment}.json"}
                for segment in ("early", "established")
            }
            store.write(f"{home}/segments.json", json.dumps(told))
        if asked["--verb"] in {"features", "snapshots"}:
            table = "inputs" if asked["--verb"] == "features" else "snapshots"
            store.write(f"{table}/{below}/_current.json", json.dumps({"run_id": run}))
