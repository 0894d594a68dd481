"""Jobs, functions, state machine and schedules as they deploy."""

import json
import re

from aws_cdk import App, Stack

from infra import judges, names
from infra.archives import CHECKOUT
from infra.assets import upload_wheels
from infra.stages import STAGES

DEFINITION = CHECKOUT / "step_functions" / "weekly.asl.json"


def assets_by_name(stacks) -> dict:
    keys = [
        next(iter(file["destinations"].values()))["objectKey"]
        for file in stacks.assets("ClvPipeline").values()
    ]
    return {key.rsplit("/", 1)[1]: key for key in keys if key.startswith("clv/")}


def test_each_verb_is_a_job_on_glue_5_1_with_its_own_timeout(stacks):
    jobs = stacks.named("ClvPipeline", "AWS::Glue::Job", "Name")
    verbs = ("ledger", "features", "snapshots", "publish", "watch", "decide")
    assert set(jobs) == {f"clv-{verb}" for verb in verbs}
    for verb, size in STAGES["prod"].jobs.items():
        told = jobs[f"clv-{verb}"]
        assert (told["GlueVersion"], told["WorkerType"], told["ExecutionClass"]) == (
            "5.1",
            "G.1X",
            "STANDARD",
        )
        assert (told["NumberOfWorkers"], told["Timeout"]) == (size.workers, size.timeout_minutes)
        assert told["SecurityConfiguration"] == "clv"
        assert told["DefaultArguments"]["--verb"] == verb
        assert told["DefaultArguments"]["--enable-auto-scaling"] == "true"


def test_jobs_install_nothing_from_the_network(stacks):
    wheels = assets_by_name(stacks)["wheels.gluewheels.zip"]
    for told in stacks.resources("ClvPipeline", "AWS::Glue::Job").values():
        arguments = told["DefaultArguments"]
        assert arguments["--python-modules-installer-option"] == "--no-index"
        assert judges.flat(arguments["--additional-python-modules"]).endswith(wheels)
        assert judges.flat(arguments["--extra-py-files"]).endswith("/glue-code.zip")


def test_without_wheels_a_deployment_names_the_make_target(stacks):
    (wheels,) = [
        file for name, file in stacks.assets("ClvPipeline").items() if name.endswith(".gluewheels.zip")
    ]
    assert "make glue-wheels" in " ".join(wheels["source"]["executable"])


def test_the_training_code_is_alone_in_its_folder_under_the_name_that_the_machine_says(stacks):
    machine = judges.state_machine(stacks.template("ClvPipeline"))
    folder = judges.flat(machine["DefinitionSubstitutions"]["CodeFolder"])
    key = assets_by_name(stacks)["sourcedir.tar.gz"]
    assert folder.endswith(f"/{key.rsplit('/', 1)[0]}/")
    assert [name for name in assets_by_name(stacks).values() if name.startswith(key.rsplit("/", 1)[0])] == [
        key
    ]
    assert "/opt/ml/input/data/code/sourcedir.tar.gz" in DEFINITION.read_text()


def test_the_machine_deploys_the_very_file_and_knows_every_placeholder(stacks):
    machine = judges.state_machine(stacks.template("ClvPipeline"))
    assert machine["DefinitionString"] == DEFINITION.read_text()
    placeholders = set(re.findall(r"\$\{(\w+)\}", machine["DefinitionString"]))
    assert placeholders == set(machine["DefinitionSubstitutions"])
    assert "${" not in judges.resolved(machine)


def test_the_machine_is_logged_and_traced(stacks):
    machine = judges.state_machine(stacks.template("ClvPipeline"))
    assert machine["TracingConfiguration"] == {"Enabled": True}
    assert machine["LoggingConfiguration"]["Level"] == "ALL"
    assert machine["LoggingConfiguration"]["Destinations"]


def test_every_log_group_is_encrypted_and_not_kept_for_ever(stacks):
    groups = [
        told
        for stack in ("ClvData", "ClvPipeline")
        for told in stacks.resources(stack, "AWS::Logs::LogGroup").values()
    ]
    assert len(groups) == 1 + 2 + 2 + len(names.HANDLERS) + 1
    assert {"/aws/sagemaker/TrainingJobs", "/aws/sagemaker/TransformJobs"} < {
        g["LogGroupName"] for g in groups
    }
    assert all(told["RetentionInDays"] == 90 and told["KmsKeyId"] for told in groups)


def test_glue_security_encrypts_logs_and_output(stacks):
    told = stacks.only("ClvPipeline", "AWS::Glue::SecurityConfiguration")["EncryptionConfiguration"]
    assert told["CloudWatchEncryption"]["CloudWatchEncryptionMode"] == "SSE-KMS"
    assert told["S3Encryptions"][0]["S3EncryptionMode"] == "SSE-KMS"


def test_every_function_runs_a_handler_that_exists_under_a_role_of_its_own(stacks):
    functions = stacks.named("ClvPipeline", "AWS::Lambda::Function", "FunctionName")
    assert set(functions) == {f"clv-{handler}" for handler in names.HANDLERS}
    for told in functions.values():
        module, function = told["Handler"].rsplit(".", 1)
        source = CHECKOUT / f"{module.replace('.', '/')}.py"
        assert f"def {function}(" in source.read_text()
        assert told["Runtime"] == "python3.14"
    assert len({told["Role"]["Fn::GetAtt"][0] for told in functions.values()}) == len(functions)


def test_functions_find_in_their_environment_what_their_source_reads(stacks):
    for name, told in stacks.named("ClvPipeline", "AWS::Lambda::Function", "FunctionName").items():
        source = (CHECKOUT / "step_functions" / "handlers" / f"{name.removeprefix('clv-')}.py").read_text()
        read = set(re.findall(r'os\.environ(?:\.get)?[\[(]"(\w+)"', source)) - {"CLV_PROCESS"}
        assert set(told.get("Environment", {}).get("Variables", {})) == read


def test_the_registry_has_a_group_for_each_segment(stacks):
    groups = stacks.named("ClvPipeline", "AWS::SageMaker::ModelPackageGroup", "ModelPackageGroupName")
    assert set(groups) == {"clv-early-365", "clv-established-365"}


def test_the_machine_starts_on_mondays_at_three_in_berlin_and_builds_features_on_other_days(stacks):
    schedules = stacks.named("ClvPipeline", "AWS::Scheduler::Schedule", "Name")
    when = {name: told["ScheduleExpression"] for name, told in schedules.items()}
    assert when == {
        "clv-weekly": "cron(0 3 ? * MON *)",
        "clv-daily": "cron(0 3 ? * TUE-SUN *)",
        "clv-freshness": "cron(0 8,20 * * ? *)",
    }
    told = {name: json.loads(schedule["Target"]["Input"]) for name, schedule in schedules.items()}
    planned = {"scheduled_time": "<aws.scheduler.scheduled-time>"}
    assert told == {
        "clv-weekly": planned,
        "clv-daily": {**planned, "until": "features"},
        "clv-freshness": planned,
    }
    machine = next(iter(stacks.resources("ClvPipeline", "AWS::StepFunctions::StateMachine")))
    assert [schedules[name]["Target"]["Arn"] for name in ("clv-weekly", "clv-daily")] == [
        {"Ref": machine}
    ] * 2
    assert {told["ScheduleExpressionTimezone"] for told in schedules.values()} == {"Europe/Berlin"}


def test_a_start_that_fails_is_tried_a_few_times_and_then_kept(stacks):
    queue = next(iter(stacks.resources("ClvPipeline", "AWS::SQS::Queue")))
    for told in stacks.resources("ClvPipeline", "AWS::Scheduler::Schedule").values():
        assert told["Target"]["RetryPolicy"]["MaximumRetryAttempts"] == 3
        assert told["Target"]["DeadLetterConfig"] == {"Arn": {"Fn::GetAtt": [queue, "Arn"]}}


def test_with_wheels_the_zip_itself_is_uploaded_under_the_same_key(stacks, tmp_path):
    wheels = tmp_path / "glue-wheels.zip"
    wheels.write_bytes(b"zip")
    stack = Stack(App(outdir=str(tmp_path / "out")), "Alone")
    asset = upload_wheels(stack, wheels)
    stack.node.root.synth()
    assert asset.key == assets_by_name(stacks)["wheels.gluewheels.zip"]
    (file,) = [
        file
        for file in json.loads((tmp_path / "out" / "Alone.assets.json").read_text())["files"].values()
        if next(iter(file["destinations"].values()))["objectKey"] == asset.key
    ]
    assert file["source"] == {"path": str(wheels), "packaging": "file"}
