"""Calls a handler as Lambda's runtime does: `function.py MODULE.NAME`, the event as JSON on standard input.

The answer is `{"result": …}`, or `{"errorType": …, "errorMessage": …}` of what the handler raised.
"""

import contextlib
import importlib
import json
import sys
import traceback


def main(handler: str) -> None:
    """Write the answer to standard output; what the handler prints goes to its log, standard error."""
    module, name = handler.rsplit(".", 1)
    with contextlib.redirect_stdout(sys.stderr):
        answer = called(module, name, json.load(sys.stdin))
    sys.stdout.write(json.dumps(answer))


def called(module: str, name: str, event: object) -> dict[str, object]:
    """Return what a handler of a module answers."""
    try:
        return {"result": getattr(importlib.import_module(module), name)(event, None)}
    except Exception as error:  # noqa: BLE001 - Lambda answers with the error, whatever it is
        traceback.print_exc()
        return {"errorType": type(error).__name__, "errorMessage": str(error)}


if __name__ == "__main__":
    main(sys.argv[1])
