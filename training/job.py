"""Verb: one training, fitted and judged: the model of a segment, and what its registration needs.

SageMaker starts `main` in its container; the laptop calls `train_segment` with the same folders.
"""

import json
import os
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from clv.card_page import card_page
from clv.closed_snapshots import SnapshotPlan
from clv.errors import UserError
from clv.lake import Lake
from clv.models.explain import mean_drivers
from clv.models.without_labels import WithoutLabels
from clv.partitions import snapshots_at
from clv.segments import SCORED
from clv.settings import Settings
from clv.snapshots import snapshot
from clv.timeline import Horizon, parse_as_of
from clv.training_metrics import metric_lines
from training.base import POOLED, label_free
from training.card import findings, libraries, model_card, population
from training.champion import meet, open_champion, read_leaderboard
from training.choice import Choice, choose, evidence, unjudged
from training.evaluation import drift_baseline, evaluation
from training.fit import FittedSegment, fit_segment, on_base
from training.leaderboard import OURS
from training.learned import training_frame
from training.out_of_time import OutOfTime, judge_other_half, judge_segment
from training.promotion import verdict
from training.provenance import provenance
from training.sample import sample_customers
from training.task import Task, Trial
from training.unseen import taught
from training.validation.weekly import validated
from training.young_levels import level_factors

Say = Callable[[str], None]

PLAN = "plan.json"
CARD, PAGE = "card.json", "card.html"
EVALUATION = "evaluation.json"
VERDICT = "verdict.json"
BASELINE = "baseline.json"
CUSTOMERS = "customers.parquet"

EXPLAINED = 20_000
"""Customers, at most, of whom the mean drivers are told."""


def train_segment(  # noqa: PLR0913, PLR0917 - the channels, folders and names of one training job
    snapshots: Path,
    champion: Path | None,
    leaderboard: Path | None,
    model_dir: Path,
    output_dir: Path,
    segment: str,
    as_of: date,
    settings: Settings,
    say: Say,
) -> dict[str, Any]:
    """Write a segment's model and card, and beside them evaluation, verdict, baseline and customers.

    Parameters
    ----------
    snapshots
        A small lake: the plan of `as_of`, its snapshots, and features and priors of `as_of` itself.
    champion, leaderboard
        Folders with `model.tar.gz` and `evaluation.json` of the model in force, None without one.
    model_dir, output_dir
        Existing folders; the first gets what serving needs.

    Returns
    -------
    dict
        What `verdict.json` says.

    Raises
    ------
    UserError
        If a snapshot of the plan is not there, the champion is unreadable, or a feature column is missing.
    """
    lake, horizon = Lake.at(str(snapshots)), Horizon(settings.horizon_days)
    task = Task(lake, read_plan(lake, as_of, horizon), segment, as_of, settings)
    trial = _tried(task, champion, leaderboard, say)
    frame = training_frame(lake, task.plan.training_as_ofs, horizon, settings)
    today = snapshot(lake, as_of, horizon, labelled=False)
    fitted = _fit(task, trial, frame, say).releveled(level_factors(frame, today))
    say(fitted.note)
    files = _told(task, trial, fitted, frame, today[today["segment"] == segment], say)
    fitted.model.save(model_dir)
    _write(model_dir, output_dir, files, trial)
    rows = files[EVALUATION]["rows"]
    for line in metric_lines(next((row for row in rows if row["model"] == trial.choice.name), {})):
        say(line)
    decided: dict[str, Any] = files[VERDICT]
    say(f"{segment} {fitted.model.version}: {decided['status']}: {decided['reason']}")
    return decided


def read_plan(lake: Lake, as_of: date, horizon: Horizon) -> SnapshotPlan:
    """Return the plan among the snapshots of one training; UserError where there is none."""
    files = lake.files(snapshots_at(as_of, horizon), PLAN)
    return SnapshotPlan.from_json(Path(files[0]).read_text(encoding="utf-8"))


def _tried(task: Task, champion: Path | None, leaderboard: Path | None, say: Say) -> Trial:
    incumbent = open_champion(champion, task.horizon) if champion else None
    last = read_leaderboard(leaderboard) if leaderboard else None
    judged, meeting = meet(_judge(task, say), incumbent, last)
    choice = Choice(OURS) if judged is None or judged.unjudged else choose(judged, meeting)
    return Trial(judged, meeting, last, choice)


def _judge(task: Task, say: Say) -> OutOfTime | None:
    """Judge the recipe at the newest closed snapshot, taught by those closed before it.

    Where none had, two halves of the customers stand in: a first year of labels is too good to throw away.
    """
    lake, plan, horizon, settings = task.lake, task.plan, task.horizon, task.settings
    if plan.evaluation_as_of is None:
        return None
    teachers = plan.evaluation_training_as_ofs
    say(f"judging at {plan.evaluation_as_of}: {len(teachers)} snapshots closed by then")
    test = snapshot(lake, plan.evaluation_as_of, horizon, labelled=True)
    if teachers or len(plan.training_as_ofs) == 1:
        frame = training_frame(lake, teachers, horizon, settings)
        return judge_segment(frame, test, task.segment, horizon, settings)
    frame = training_frame(lake, plan.training_as_ofs[:-1], horizon, settings)
    return judge_other_half(frame, test, task.segment, horizon, settings)


def _fit(task: Task, trial: Trial, frame: pd.DataFrame, say: Say) -> FittedSegment:
    """Fit the model that was chosen; trees only where trees could be judged, so that none scores unseen."""
    segment, judged, choice = task.segment, trial.judged, trial.choice
    chosen = judged.candidates[choice.name] if judged else None
    if isinstance(chosen, WithoutLabels) and choice.refused:
        model = taught(chosen, frame)
        note = f"{segment}: the label-free {model.name} scores; {choice.in_words}"
        return FittedSegment(segment, model, model, note)
    if judged is None or not judged.trees_were_judged:
        why = unjudged(judged, task.horizon) or f"no trees could be judged at {task.plan.evaluation_as_of}"
        return on_base(label_free(task.horizon, why, frame), segment)
    say(f"fitting on {len(task.plan.training_as_ofs)} closed snapshots")
    fitted = fit_segment(frame, segment, task.horizon, task.settings, task.settings.threads)
    if choice.name == POOLED:
        note = f"{segment}: the pooled model scores; {choice.in_words}"
        fitted = replace(fitted, model=fitted.pooled, note=note)
    return fitted


def _told(
    task: Task, trial: Trial, fitted: FittedSegment, frame: pd.DataFrame, rows: pd.DataFrame, say: Say
) -> dict[str, Any]:
    """Return the JSON files of a training by name; `rows` are today's customers of the segment."""
    plan, as_of, settings, name = task.plan, task.as_of, task.settings, trial.choice.name
    told = evaluation(fitted, as_of, task.horizon, plan, trial.judged, trial.choice)
    decided = verdict(evidence(trial.judged, trial.meeting, name, fitted.model, task.horizon))
    decided |= {"refused": list(trial.choice.refused)}
    some = sample_customers(rows, as_of, EXPLAINED, settings.seed)
    told["drivers"] = mean_drivers(fitted.model.explain, some)
    baseline = drift_baseline(fitted.model, rows, as_of, task.segment)
    checked = validated(trial.judged, name, plan, trial.last, settings)
    say(f"validation: {checked['verdict']}: {checked['sentence']}")
    card = model_card(fitted, as_of, plan, population(frame), told, settings)
    card |= findings(checked, decided) | provenance(task.lake, plan, as_of, task.horizon)
    return {CARD: card, EVALUATION: told, VERDICT: decided, BASELINE: baseline}


def _write(model_dir: Path, output_dir: Path, files: Mapping[str, Any], trial: Trial) -> None:
    """Write the card for serving, and for people and registration all the files and who was judged."""
    _write_json(model_dir, {CARD: files[CARD]})
    _write_json(output_dir, files)
    (output_dir / PAGE).write_text(card_page(files[CARD]), encoding="utf-8")
    if trial.judged is not None:
        trial.judged.customers(trial.choice.name).to_parquet(output_dir / CUSTOMERS, index=False)


def _write_json(folder: Path, contents: Mapping[str, Any]) -> None:
    for name, content in contents.items():
        text = json.dumps(content, indent=1, allow_nan=False)
        (folder / name).write_text(text, encoding="utf-8")


def main() -> None:
    """Train as SageMaker's environment says; on a failure the last line of the log says what is wrong."""
    try:
        _train(os.environ)  # noqa: TID251 - the container tells everything through its environment
    except Exception as error:  # the edge: the log is all that a failed job leaves
        traceback.print_exc()
        line = " ".join(str(error).split()) or type(error).__name__
        sys.stdout.flush()
        sys.stderr.write(f"clv training failed: {line}\n")
        raise SystemExit(1) from error


def _train(environment: Mapping[str, str]) -> None:
    given = json.loads(environment["SM_HPS"])
    told = {name: value for name, value in given.items() if not name.startswith("sagemaker_")}
    segment, as_of = str(told.pop("segment", "")), parse_as_of(str(told.pop("as_of", "")))
    if segment not in SCORED:
        raise UserError(f"hyperparameter segment is {segment!r}: expected one of {', '.join(SCORED)}")
    settings = Settings.from_hyperparameters(told)
    _say(", ".join(f"{name} {version}" for name, version in libraries().items()))
    train_segment(
        Path(environment["SM_CHANNEL_SNAPSHOTS"]),
        _channel(environment, "SM_CHANNEL_CHAMPION"),
        _channel(environment, "SM_CHANNEL_LEADERBOARD"),
        Path(environment["SM_MODEL_DIR"]),
        Path(environment["SM_OUTPUT_DATA_DIR"]),
        segment,
        as_of,
        settings,
        _say,
    )


def _channel(environment: Mapping[str, str], name: str) -> Path | None:
    folder = environment.get(name)
    return Path(folder) if folder else None


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
