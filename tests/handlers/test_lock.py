import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from unittest.mock import Mock

import boto3
import pytest

from clv.errors import UserError
from step_functions.handlers.lock import LOCK, handler, take

MACHINE = {
    "StartAt": "Wait",
    "States": {"Wait": {"Type": "Wait", "Seconds": 60, "End": True}},
}


def event(store, action, run="run-b", execution="arn:aws:states:eu-west-1:123456789012:execution:clv:run-b"):
    return {"action": action, "lake": store.root, "run_id": run, "execution": execution}


def held_by(store, **holder):
    store.write(LOCK, json.dumps(holder))


@pytest.fixture
def running(aws):
    """The ARN of an execution at work."""
    client = boto3.client("stepfunctions")
    machine = client.create_state_machine(
        name="clv", definition=json.dumps(MACHINE), roleArn="arn:aws:iam::123456789012:role/r"
    )["stateMachineArn"]
    execution = client.start_execution(stateMachineArn=machine, name="run-a")["executionArn"]
    yield execution
    client.stop_execution(executionArn=execution)


def ended_process():
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    return child.pid


def test_a_free_lock_is_taken_and_names_run_and_execution(store):
    assert handler(event(store, "take"), None) == {"held": False}
    told = json.loads(store.read(LOCK))
    assert told == {"run_id": "run-b", "execution": event(store, "take")["execution"]}


def test_taking_twice_is_taking_once(store):
    handler(event(store, "take"), None)
    assert handler(event(store, "take"), None) == {"held": False}


def test_the_lock_of_a_running_execution_is_held_and_says_by_whom(store, running):
    held_by(store, run_id="run-a", execution=running)
    assert handler(event(store, "take"), None) == {"held": True, "holder": f"run run-a ({running})"}
    assert json.loads(store.read(LOCK))["run_id"] == "run-a"


def test_the_lock_of_a_stopped_execution_is_taken_over(store, running):
    held_by(store, run_id="run-a", execution=running)
    boto3.client("stepfunctions").stop_execution(executionArn=running)
    assert handler(event(store, "take"), None) == {"held": False}
    assert json.loads(store.read(LOCK))["run_id"] == "run-b"


def test_the_lock_of_a_forgotten_execution_is_taken_over(store):
    held_by(store, run_id="run-a", execution="arn:aws:states:eu-west-1:123456789012:execution:clv:gone")
    assert handler(event(store, "take"), None) == {"held": False}


def test_on_a_laptop_the_process_decides(store, monkeypatch):
    monkeypatch.setenv("CLV_PROCESS", str(os.getpid()))
    held_by(store, run_id="run-a", execution="arn:of:another:process", process=os.getppid())
    assert handler(event(store, "take"), None)["held"]
    held_by(store, run_id="run-a", execution="arn:of:another:process", process=ended_process())
    assert handler(event(store, "take"), None) == {"held": False}
    assert json.loads(store.read(LOCK))["process"] == os.getpid()


def test_work_of_this_process_without_an_execution_holds_the_lock(store, monkeypatch):
    monkeypatch.setenv("CLV_PROCESS", str(os.getpid()))
    held_by(store, run_id="backtest-a", execution="", process=os.getpid())
    told = handler(event(store, "take"), None)
    assert told == {"held": True, "holder": f"run backtest-a (process {os.getpid()})"}


def test_release_removes_the_own_lock_and_no_other(store):
    handler(event(store, "take"), None)
    handler(event(store, "release", run="run-c"), None)
    assert store.read(LOCK) is not None
    handler(event(store, "release"), None)
    assert store.read(LOCK) is None
    handler(event(store, "release"), None)


def test_of_many_that_take_over_at_once_one_succeeds(store):
    held_by(store, run_id="old", execution="ended")
    runs = [{"run_id": f"run-{n}", "execution": f"e{n}"} for n in range(8)]

    def try_it(mine):
        return take(store, mine, lambda holder, _: holder["run_id"] != "old")

    with ThreadPoolExecutor(8) as pool:
        holders = list(pool.map(try_it, runs))
    winners = [mine for mine, holder in zip(runs, holders, strict=True) if holder is None]
    assert [json.loads(store.read(LOCK))] == winners
    assert all(holder == winners[0] for holder in holders if holder is not None)


def test_a_lock_that_never_rests_is_an_error():
    restless = Mock(root="lake", create=Mock(return_value=False), read=Mock(return_value=None))
    with pytest.raises(UserError, match="changes hands"):
        take(restless, {"run_id": "a", "execution": "e"}, Mock())
