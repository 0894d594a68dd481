"""A machine of the weekly one's kinds of states, small enough to see through."""

import json

CAUGHT = [
    {
        "ErrorEquals": ["States.ALL"],
        "Assign": {
            "failure": {
                "state": "{% $states.context.State.Name %}",
                "error": "{% $states.errorOutput.Error %}",
                "cause": "{% $states.errorOutput.Cause %}",
            }
        },
        "Next": "Failed",
    }
]
RETRIED = [
    {"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 1, "IntervalSeconds": 30, "BackoffRate": 2.0}
]


def _task(resource, arguments, **fields):
    return {
        "Type": "Task",
        "Resource": f"arn:aws:states:::{resource}",
        "TimeoutSeconds": 60,
        "Arguments": arguments,
        **fields,
    }


def _train(segment):
    train = _task(
        "sagemaker:createTrainingJob.sync",
        _training_job(segment.lower()),
        Retry=RETRIED,
        Output={
            "model": "{% $states.result.ModelArtifacts.S3ModelArtifacts %}",
            "metrics": "{% $states.result.FinalMetricDataList %}",
        },
        End=True,
    )
    return {"StartAt": f"Train{segment}", "States": {f"Train{segment}": train}}


def _training_job(segment):
    snapshots = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "${LakeRoot}/snapshots"}}
    return {
        "TrainingJobName": f"{{% 'train-{segment}-' & $run & '-' & $states.context.State.RetryCount %}}",
        "RoleArn": "${Role}",
        "AlgorithmSpecification": {
            "TrainingImage": "image",
            "TrainingInputMode": "File",
            "MetricDefinitions": [{"Name": "gini", "Regex": "gini:([0-9.]+)"}],
        },
        "HyperParameters": "{% $merge([$hyper, {'segment': '" + segment + "'}]) %}",
        "InputDataConfig": [{"ChannelName": "snapshots", "DataSource": snapshots}],
        "OutputDataConfig": {"S3OutputPath": f"${{LakeRoot}}/models/{segment}"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10},
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
    }


def _invoke(function, payload, **fields):
    arguments = {"FunctionName": f"${{{function}}}", "Payload": payload}
    return _task("lambda:invoke", arguments, Catch=CAUGHT, **fields)


STATES = {
    "TakeLock": _invoke(
        "Lock",
        {"run_id": "{% $states.context.Execution.Name %}"},
        Assign={
            "run": "{% $states.context.Execution.Name %}",
            "hyper": {"as_of": "{% $states.input.as_of %}", "quoted": 'a "quoted" \\ value'},
            "lock": "{% $states.result.Payload %}",
        },
        Next="Held?",
    ),
    "Held?": {
        "Type": "Choice",
        "Choices": [
            {
                "Condition": "{% $lock.held_by != null %}",
                "Next": "AnotherRunIsAtWork",
                "Output": "{% $lock %}",
            }
        ],
        "Default": "Build",
    },
    "AnotherRunIsAtWork": {"Type": "Succeed"},
    "Build": _task(
        "glue:startJobRun.sync",
        {"JobName": "build", "Arguments": {"--lake": "${LakeRoot}", "--run-id": "{% $run %}"}},
        Retry=RETRIED,
        Catch=CAUGHT,
        Next="Train",
    ),
    "Train": {
        "Type": "Parallel",
        "Branches": [_train("Early"), _train("Established")],
        "Catch": CAUGHT,
        "Assign": {"trained": "{% $states.result %}"},
        "Next": "Register",
    },
    "Register": _task(
        "aws-sdk:sagemaker:createModelPackage",
        {
            "ModelPackageGroupName": "clv-early-180",
            "ModelApprovalStatus": "Approved",
            "InferenceSpecification": {
                "Containers": [
                    {"Image": "image", "ModelDataUrl": "{% $trained[0].model %}", "Environment": {"A": "1"}}
                ],
                "SupportedContentTypes": ["application/x-parquet"],
                "SupportedResponseMIMETypes": ["application/x-parquet"],
            },
        },
        Catch=CAUGHT,
        Assign={"package": "{% $states.result.ModelPackageArn %}"},
        Next="Resolve",
    ),
    "Resolve": _invoke(
        "Resolve",
        {"package": "{% $package %}"},
        Assign={"approved": "{% $states.result.Payload.approved %}"},
        Next="Approved?",
    ),
    "Approved?": {
        "Type": "Choice",
        "Choices": [{"Condition": "{% $approved %}", "Next": "CreateModel"}],
        "Default": "Failed",
        "Assign": {
            "failure": {
                "state": "Resolve",
                "error": "NoApprovedModel",
                "cause": "no approved model of 180 days",
            }
        },
    },
    "CreateModel": _task(
        "sagemaker:createModel",
        {
            "ModelName": "clv-early",
            "ExecutionRoleArn": "${Role}",
            "PrimaryContainer": {"ModelPackageName": "{% $package %}"},
        },
        Catch=CAUGHT,
        Next="Transform",
    ),
    "Transform": _task(
        "sagemaker:createTransformJob.sync",
        {
            "TransformJobName": "{% 'transform-early-' & $run & '-' & $states.context.State.RetryCount %}",
            "ModelName": "clv-early",
            "TransformInput": {
                "DataSource": {
                    "S3DataSource": {"S3DataType": "ManifestFile", "S3Uri": "${LakeRoot}/manifest.json"}
                }
            },
            "TransformOutput": {"S3OutputPath": "${LakeRoot}/transform"},
            "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
        },
        Retry=RETRIED,
        Catch=CAUGHT,
        Output={
            "run": "{% $run %}",
            "package": "{% $package %}",
            "trained": "{% $trained %}",
            "hyper": "{% $hyper %}",
        },
        Next="Done",
    ),
    "Done": {"Type": "Succeed"},
    "Failed": {
        "Type": "Fail",
        "Error": "{% $failure.error = 'NoApprovedModel' ? 'NoApprovedModel' : 'WeeklyRunFailed' %}",
        "Cause": "{% $failure.state & ': ' & $failure.cause %}",
    },
}
SMALL_MACHINE = json.dumps({"QueryLanguage": "JSONata", "StartAt": "TakeLock", "States": STATES})
