"""Jobs that leave what the machine looks for, do no work and fail as told; the Lambda handlers are real."""

import io
import json
import threading
from collections import Counter, defaultdict

import boto3

from step_functions.handlers import lock, notify, plan, resolve, verdict
from step_functions.handlers.store import store_at
from step_functions.laptop.jobs import Runners
from tests.handlers.trainings import REPORTS, archive

HANDLERS = {"plan": plan, "lock": lock, "resolve": resolve, "verdict": verdict, "notify": notify}


class StubJobs:
    """What Glue and SageMaker do; `fails` holds the errors that a job's next attempts end with, by its name.

    A Glue job and a function are called by the name of their verb or handler, SageMaker's jobs by `train-early`,
    `transform-early` and so on.
    """

    def __init__(self):
        self.fails = defaultdict(list)
        self.attempts = Counter()
        self.customers = {"early": 3, "established": 5}
        self.verdict = "Approved"
        self.gate = None

    def runners(self):
        return Runners(self.glue, self.training, self.transform, self.function)

    def attempt(self, name):
        self.attempts[name] += 1
        if self.fails[name]:
            raise self.fails[name].pop(0)

    def glue(self, name, arguments):
        verb = name.removeprefix("clv-")
        if verb == "ledger" and self.gate is not None:
            self.gate.arrived.set()
            assert self.gate.opened.wait(30)
        self.attempt(verb)
        store, run = store_at(arguments["--lake"]), arguments["--run-id"]
        below = f"horizon_days=365/as_of={arguments['--as-of']}"
        if verb == "features":
            home = f"inputs/{below}/run={run}"
            told = {
                segment: {"customers": count, "manifest": f"{store.root}/{home}/manifest-{segment}.json"}
                for segment, count in self.customers.items()
            }
            store.write(f"{home}/segments.json", json.dumps(told))
        committed = {
            "features": f"inputs/{below}",
            "snapshots": f"snapshots/{below}",
            "publish": f"scores/as_of={arguments['--as-of']}",
        }
        if verb in committed:
            store.write(f"{committed[verb]}/_current.json", json.dumps({"run_id": run}))

    def training(self, request):
        self.attempt(f"train-{request.hyperparameters['segment']}")
        told = {**REPORTS, "verdict": {**REPORTS["verdict"], "status": self.verdict}}
        bucket, _, key = request.artifact.removeprefix("s3://").partition("/")
        output = key.replace("model.tar.gz", "output.tar.gz")
        boto3.client("s3").upload_fileobj(io.BytesIO(archive(told)), bucket, output)
        return {}

    def transform(self, request):
        self.attempt(f"transform-{request.name.split('-')[0]}")

    def function(self, name, event):
        handler = name.removeprefix("clv-")
        self.attempt(handler)
        if handler == "freshness":
            return {}
        return HANDLERS[handler].handler(event, None)


class Gate:
    """Holds a job until it is opened."""

    def __init__(self):
        self.arrived, self.opened = threading.Event(), threading.Event()
