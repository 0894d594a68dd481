"""`clv approve`: a person approves or rejects a registered model, with name and reason."""

from app.console import Console
from app.registry import package_named, registry
from app.runs import one_run, record
from clv.errors import UserError
from clv.lake import Lake
from step_functions.approvals import decide
from step_functions.handlers.registry import require_groups

WORDS = {True: "Approved", False: "Rejected"}


def approve(lake: Lake, package: str, by: str, why: str, console: Console, *, approved: bool) -> None:
    """Note the decision in the model registry and in `runs/`, and say what follows.

    UserError where name or reason is empty, no such package is registered, or another run is at work.
    """
    group, _, number = package.rpartition("/")
    if not (group and number.isdigit()):
        raise UserError(f"--package {package}: write GROUP/NUMBER, such as clv-early-365/2")
    for option, text in (("--by", by), ("--why", why)):
        if not text.strip():
            raise UserError(f"{option} is empty: say who decides, and why")
    with registry(lake, [group]) as client:
        require_groups(client, {"": group})
        chosen = package_named(client, [group], package)
    told = {"package": package, "before": chosen.status, "status": WORDS[approved]}
    with one_run(lake, chosen.as_of, "approve") as run_id:
        with registry(lake, [group]) as client:
            decide(client, chosen.arn, WORDS[approved], by.strip(), why.strip())
        record(lake, run_id, told | {"by": by.strip(), "why": why.strip()})
    console.show(told)
    console.tell(f"{package}: {chosen.status} before, {WORDS[approved]} from the next run on")
