"""What the weekly runs left behind: when, how many customers, by which models, how long, at what cost."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd

from app.dashboard import queries
from app.dashboard.evaluations import EVALUATION
from app.dashboard.store import Week, glance, monitored, names_below, run_of, told
from clv.tables import METRICS

SHOWN_WEEKS = 26
STEPS = {
    "ledger": "ledger",
    "features": "features",
    "snapshots": "snapshots",
    "sagemaker": "models",
    "publish": "publishing",
    "watch": "watching",
    "decide": "deciding",
}
"""What the jobs of a run are called, in the order of work."""

COLUMNS = ["model", "made", "verdict", "why"]
VERDICT = "verdict.json"
FIGURES = {"CostEstimateEur": "cost_eur", "RunSeconds": "seconds"}


def weeks(root: str, days: Sequence[date]) -> pd.DataFrame:
    """Return a row per published week, the newest first.

    `as_of`, `run_id`, `customers`, `clv_eur`, `mean_eur`, and where the week was watched `cost_eur` and
    `seconds` of the run's jobs.
    """
    rows = []
    for day in days[:SHOWN_WEEKS]:
        week = Week(root, day, run_of(root, day))
        totals = glance(week, queries.WORTH).iloc[0]
        rows.append(
            {
                "as_of": day,
                "run_id": week.run_id,
                "customers": int(totals.customers),
                "clv_eur": totals.clv_eur,
                "mean_eur": totals.mean_eur,
                **_watched(root, day),
            }
        )
    return pd.DataFrame(rows)


def _watched(root: str, day: date) -> dict[str, float | None]:
    metrics = monitored(root, day, METRICS.name)
    if metrics is None:
        return dict.fromkeys(FIGURES.values())
    values = metrics[metrics.segment == ""].set_index("metric").value
    return {column: values.get(name) for name, column in FIGURES.items()}


def steps(week: Week) -> pd.DataFrame:
    """Return `step` and `seconds` of the jobs of one run, in the order of work; empty where none are kept."""
    folder = f"runs/{week.run_id}"
    records = [told(week.root, name) for name in names_below(week.root, folder) if name.endswith(".json")]
    found = {one["verb"]: float(one["seconds"]) for one in records if one.get("verb") in STEPS}
    rows = [(name, found[verb]) for verb, name in STEPS.items() if verb in found]
    return pd.DataFrame(rows, columns=["step", "seconds"])


def trainings(root: str) -> pd.DataFrame:
    """Return every training on record, `COLUMNS`, the newest first; empty where none is.

    Of a lake on disk they are those of its registry. On AWS that is SageMaker's, and the verdicts count that
    lie in the lake beside the models: what people approved or rejected later is in the registry alone.
    """
    groups: dict[str, Any] = told(root, "runs/registry.json") or {}
    rows = [
        {
            "model": package["ModelPackageArn"].rpartition("model-package/")[2],
            "made": package["CreationTime"][:16].replace("T", " "),
            "verdict": package["ModelApprovalStatus"],
            "why": package.get("ModelPackageDescription", ""),
        }
        for packages in groups.values()
        for package in packages
    ]
    found = pd.DataFrame(rows or _judged(root), columns=COLUMNS)
    return found.sort_values(["made", "model"], ascending=False, ignore_index=True)


def _judged(root: str) -> list[dict[str, str]]:
    """Return what the verdicts beside the models say; a training is named by its job, dated by its t₀."""
    found = []
    for name in (one for one in names_below(root, "models") if one.endswith(f"/{VERDICT}")):
        folder = name.rpartition("/")[0]
        verdict, evaluation = told(root, name), told(root, f"{folder}/{EVALUATION}") or {}
        found.append(
            {
                "model": folder.rpartition("/")[2],
                "made": str(evaluation.get("as_of", "")),
                "verdict": verdict["status"],
                "why": f"{evaluation.get('model_version', '')}: {verdict['reason']}",
            }
        )
    return found


def unfinished(root: str, published: Sequence[str]) -> list[str]:
    """Return the runs that began and left nothing but their start, other than published ones."""
    names = [n for n in names_below(root, "runs") if n.count("/") == 1 and n.startswith("runs/run-")]
    begun = (told(root, name) for name in names)
    return [
        one["run_id"] for one in begun if one.get("state") == "started" and one["run_id"] not in published
    ]
