"""JSONata for moto's interpreter, which parses it and ships no evaluator.

moto pastes values as source text in front of an expression; here they are bound as variables, so that quotes,
nulls and Windows paths in them stay what they are. An expression that fails or gives nothing is
`States.QueryEvaluationError`, as on AWS.
"""

import copy
import hashlib
import json
import random
import threading
import uuid
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any

from jsonata.jsonata import Jsonata
from jsonata.utils import Utils
from moto.stepfunctions.parser.api import EvaluationFailedEventDetails, HistoryEventType
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import (
    FailureEvent,
    FailureEventException,
)
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import StatesErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import (
    StatesErrorNameType,
)
from moto.stepfunctions.parser.asl.component.common.string.string_expression import StringJSONata
from moto.stepfunctions.parser.asl.component.intrinsic import jsonata as intrinsic
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails
from moto.stepfunctions.parser.asl.jsonata.jsonata import extract_jsonata_variable_references

from step_functions.laptop.replaced import replaced

LONGEST_CAUSE = 32_000
STEP_FUNCTIONS_ADDS: Mapping[str, Callable[..., Any]] = {
    "uuid": lambda: str(uuid.uuid4()),
    "parse": json.loads,
    "hash": lambda text, algorithm="SHA-1": hashlib.new(
        algorithm.replace("-", "").lower(), text.encode()
    ).hexdigest(),
    "random": lambda seed=None: random.Random(seed).random(),  # noqa: S311 - jitter, no secret
}
"""The functions that Step Functions adds to JSONata; two more are written in JSONata itself."""
DECLARED = {
    "$partition(": intrinsic._DECLARATION_PARTITION,
    "$range(": intrinsic._DECLARATION_RANGE,
}

_one_at_a_time = threading.Lock()  # the evaluator keeps its parser's state in globals


def jsonata_bound() -> AbstractContextManager[None]:
    """Let moto's interpreter evaluate JSONata for the length of a block."""
    return replaced(StringJSONata, "_eval_body", _eval_body)


def evaluate(expression: str, variables: Mapping[str, Any]) -> Any:
    """Return what an expression gives as plain JSON.

    Parameters
    ----------
    expression : JSONata without its `{% %}`
    variables : value by name, without the `$`

    Raises
    ------
    ValueError
        If the expression gives nothing, or a function.
    """
    declared = "".join(text for call, text in DECLARED.items() if call in expression)
    with _one_at_a_time:
        program = Jsonata(f"({declared}{expression})" if declared else expression)
        program.output_convert_nulls = False
        for name, function in STEP_FUNCTIONS_ADDS.items():
            if f"${name}(" in expression:
                program.register_lambda(name, function)
        bound = {name: Utils.NULL_VALUE if value is None else value for name, value in variables.items()}
        found = program.evaluate(None, bound)
    if found is None:
        raise ValueError(f"the JSONata expression '{expression}' returned nothing")
    try:
        return json.loads(json.dumps(Utils.convert_nulls(found)))
    except TypeError as error:
        raise ValueError(f"the JSONata expression '{expression}' returned no JSON: {error}") from error


def _eval_body(self: Any, env: Any) -> None:
    """Evaluate one expression of the machine: what moto calls on every `{% %}` string."""
    try:
        extract_jsonata_variable_references(
            self.expression
        )  # AWS refuses a top-level $ or $$; so does moto here
        env.stack.append(evaluate(self.expression, _variables(env)))
    except Exception as error:
        cause = f"{error} [state {env.next_state_name}, expression {self.expression}]"[:LONGEST_CAUSE]
        raise _query_error(env, cause) from error


def _variables(env: Any) -> dict[str, Any]:
    """Return what an expression may read: the variables assigned so far and `$states`."""
    store = env.variable_store
    unset = {"result", "errorOutput"}
    states = {
        name: value
        for name, value in env.states._states_data.items()
        if value is not None or name not in unset
    }
    return {**store._outer_scope, **store._inner_scope, "states": copy.deepcopy(states)}


def _query_error(env: Any, cause: str) -> FailureEventException:
    kind = StatesErrorNameType.StatesQueryEvaluationError
    details = EventDetails(
        evaluationFailedEventDetails=EvaluationFailedEventDetails(error=kind.to_name(), cause=cause)
    )
    env.event_manager.add_event(
        context=env.event_history_context,
        event_type=HistoryEventType.EvaluationFailed,
        event_details=details,
    )
    return FailureEventException(
        FailureEvent(
            env=env,
            error_name=StatesErrorName(typ=kind),
            event_type=HistoryEventType.EvaluationFailed,
            event_details=details,
        )
    )
