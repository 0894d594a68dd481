"""Weeks of one deployment: tables are missing, all is well, data drifts, answers and archives are damaged."""

import io
import json
import zipfile
from dataclasses import replace
from datetime import date
from types import SimpleNamespace

from clv.lake import Lake
from step_functions.handlers.store import store_at
from step_functions.laptop.cloud import client
from step_functions.rehearsal import objects
from step_functions.rehearsal.again import run_with, working
from step_functions.rehearsal.plants import PLANTS, Site
from step_functions.rehearsal.rehearse import bring_raw, copy_lake, deployed, run_week

AS_OF = date(2026, 7, 1)
SMALL = {"training_snapshots": 3, "bootstrap_resamples": 20}
"""A small training; the horizon is the deployed one."""
LOCK = "runs/lock.json"
ANSWERS = "segment=early/"
HANDLERS = "step_functions/handlers/"
FUNCTIONS = ("plan", "lock", "resolve", "verdict", "notify")


def rehearse(assembly, raw, folder):
    """Run the weeks and return each by its name, the lake after the sound one copied into a folder."""
    found, log = {}, []
    with deployed(assembly, log.append) as stacks:
        bring_raw(stacks, raw)
        for key, _ in list(objects.listed(f"{stacks.lake}/raw/orders/")):
            client("s3").delete_object(Bucket=objects.split(stacks.lake)[0], Key=key)
        found["without-orders"] = run_week(stacks, AS_OF, "run-without-orders", {"settings": SMALL})
        lock_after = store_at(stacks.lake).read(LOCK)
        bring_raw(stacks, raw)
        found["whole"] = run_week(stacks, AS_OF, f"run-{AS_OF}-1", {"settings": SMALL})
        copy_lake(stacks, folder)
        published = what_is_published(stacks)
        for damage in (lose, cut_short):
            found[damage.__name__] = half_written(stacks, damage)
        found["spoiled"] = spoiled_input(stacks)
        assert what_is_published(stacks) == published
        site = Site(stacks, raw, Lake.at(folder), AS_OF, SMALL)
        found |= {plant.name: plant.run(site) for plant in PLANTS}
        found |= corrupt(stacks)
        published_after = what_is_published(stacks)
    return SimpleNamespace(
        weeks=found, log=log, lock_after=lock_after, published=published, published_after=published_after
    )


def what_is_published(stacks):
    """Return every object of the sound week's scores and forecasts, and where the catalogue has the scores."""
    bucket = objects.split(stacks.lake)[0]
    files = {
        key: client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
        for table in ("scores", "forecasts")
        for key, _ in objects.listed(f"{stacks.lake}/{table}/")
        if f"as_of={AS_OF}/" in key
    }
    told = client("glue").get_partitions(DatabaseName="clv", TableName="scores")["Partitions"]
    locations = [each["StorageDescriptor"]["Location"] for each in told]
    return files, [place for place in locations if f"as_of={AS_OF}/" in place]


def spoiled_input(stacks):
    """Score the published week again, the input of the early segment cut short on its way to the model."""
    real, whole = stacks.jobs.runners, {}

    def transform(request):
        if ANSWERS in request.output:
            folder, _, manifest = request.manifest.rpartition("/")
            prefix, name = json.loads(store_at(folder).read(manifest))
            bucket, key = objects.split(prefix["prefix"] + name)
            whole[key] = whole.get(key) or client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
            client("s3").put_object(Bucket=bucket, Key=key, Body=whole[key][: len(whole[key]) // 2])
        real.transform(request)

    with_damage = replace(working(real, ()), transform=transform)
    week = run_with(stacks, with_damage, AS_OF, "run-spoiled", {"train": "never", "replace": True})
    for key, body in whole.items():
        client("s3").put_object(Bucket=objects.split(stacks.lake)[0], Key=key, Body=body)
    return week


def half_written(stacks, damage):
    """Score and publish the published week again, one answer of the early segment damaged on the way."""
    real = stacks.jobs.runners

    def transform(request):
        real.transform(request)
        if ANSWERS in request.output:
            (key, _), *_ = objects.listed(request.output)
            damage(objects.split(request.output)[0], key)

    with_damage = replace(working(real, {"publish"}), transform=transform)
    name = f"run-{damage.__name__}"
    return run_with(stacks, with_damage, AS_OF, name, {"train": "never", "replace": True})


def lose(bucket, key):
    """Delete an answer."""
    client("s3").delete_object(Bucket=bucket, Key=key)


def cut_short(bucket, key):
    """Leave the beginning of an answer."""
    body = client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    client("s3").put_object(Bucket=bucket, Key=key, Body=body[: len(body) // 2])


def corrupt(stacks):
    """Damage one code archive after the other, as it lies where its service takes it from."""
    machine = client("stepfunctions").describe_state_machine(stateMachineArn=stacks.machine)
    channels = json.loads(machine["definition"])["States"]["FindSnapshots"]["Assign"]["channels"]
    bucket, key = objects.split(channels[1]["DataSource"]["S3DataSource"]["S3Uri"] + "sourcedir.tar.gz")
    cut_short(bucket, key)
    without_work, found = working(stacks.jobs.runners, ()), {}
    found["training-code"] = run_with(stacks, without_work, AS_OF, "run-training-code", {"train": "always"})
    arguments = client("glue").get_job(JobName="clv-ledger")["Job"]["DefaultArguments"]
    cut_short(*objects.split(arguments["--extra-py-files"]))
    found["glue-code"] = run_week(stacks, AS_OF, "run-glue-code", {"replace": True})
    empty_handlers(["plan"])
    found["plan-code"] = run_week(stacks, AS_OF, "run-plan-code", {})
    empty_handlers(FUNCTIONS)
    found["lambda-code"] = run_week(stacks, AS_OF, "run-lambda-code", {})
    return found


def empty_handlers(names):
    """Empty the handler in the zip of each function; Lambda itself refuses a zip that is not whole."""
    for name in names:
        code, made = io.BytesIO(), f"{HANDLERS}{name}.py"
        with zipfile.ZipFile(code, "w") as archive:
            for module in ("step_functions/__init__.py", f"{HANDLERS}__init__.py", made):
                archive.writestr(module, "")
        client("lambda").update_function_code(FunctionName=f"clv-{name}", ZipFile=code.getvalue())
