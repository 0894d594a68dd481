"""Weeks of one deployment: tables are missing, all is well, data drifts, answers and archives are damaged."""

import io
import json
import re
import zipfile
from contextlib import contextmanager
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


@contextmanager
def sound_week(assembly, raw, folder):
    """Deploy, run a week without orders, then a sound one; copy the lake to a folder, and yield all of it."""
    log = []
    with deployed(assembly, log.append) as stacks:
        failed = without_orders(stacks, raw)
        lock_after = store_at(stacks.lake).read(LOCK)
        bring_raw(stacks, raw)
        whole = run_week(stacks, AS_OF, f"run-{AS_OF}-1", {"settings": SMALL})
        copy_lake(stacks, folder)
        yield SimpleNamespace(
            stacks=stacks,
            raw=raw,
            lake=Lake.at(folder),
            whole=whole,
            log=log,
            failed=failed,
            lock_after=lock_after,
        )


def planted_weeks(sound):
    """Run the week of every plant and return each by its name."""
    site = Site(sound.stacks, sound.raw, sound.lake, AS_OF, SMALL)
    return {plant.name: plant.run(site) for plant in PLANTS}


def damaged(sound):
    """Run the weeks of damaged answers, inputs, archives and raw tables, what is published looked at between."""
    stacks, found = sound.stacks, {}
    published = what_is_published(stacks)
    for damage in (lose, cut_short):
        found[damage.__name__] = half_written(stacks, damage)
    found["spoiled"] = spoiled_input(stacks)
    found |= corrupt(stacks)
    return SimpleNamespace(weeks=found, published=published, published_after=what_is_published(stacks))


def without_orders(stacks, raw):
    """Run the week before the orders are there."""
    bring_raw(stacks, raw)
    for key, _ in list(objects.listed(f"{stacks.lake}/raw/orders/")):
        client("s3").delete_object(Bucket=objects.split(stacks.lake)[0], Key=key)
    return run_week(stacks, AS_OF, "run-without-orders", {"settings": SMALL})


def told(week, state, cause):
    """Say that a week failed in a state for a cause, and that a message told both and the log."""
    assert (week.status, week.error) == ("FAILED", f"Clv.{state}Failed")
    (message,) = week.messages
    line = next(line for line in message.splitlines() if line.startswith("Cause: "))
    assert re.search(cause, line), line
    assert f"State: {state}\n" in message
    assert "Log: https://" in message


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
