"""Faults that are planted after a sound week, and the alarm that each of them must raise.

Each takes away again what it planted, so that the next one stands alone; they run in the order of `PLANTS`.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from clv.contracts import TREATMENTS
from clv.deciles import DECILES
from clv.frames import read_frame, write_file
from clv.lake import Lake
from clv.partitions import scores_at
from step_functions.laptop.cloud import client
from step_functions.rehearsal import objects
from step_functions.rehearsal.again import run_with, working
from step_functions.rehearsal.firing import ALARM, fired
from step_functions.rehearsal.rehearse import Deployed, Rehearsal, run_week

DAY, WEEK, MONTH = timedelta(days=1), timedelta(days=7), timedelta(days=30)
TIMES = 20
TOO_HIGH = {"calibration_ratio": 1.6, "calibration_low": 1.4, "calibration_high": 1.9}
FILE = "part-planted.parquet"
DRIFT = ("clv-DriftedVariables-early", "clv-DriftedVariables-established")


@dataclass(frozen=True)
class Site:
    """A deployed lake after its sound week.

    raw : folder of the raw tables that were brought; lake : the deployed lake copied after that week
    settings : what differs from the stage's
    """

    stacks: Deployed
    raw: Path
    lake: Lake
    as_of: date
    settings: dict[str, Any]


@dataclass(frozen=True)
class Plant:
    """A fault, the alarm it must raise, and others that it may raise besides, rightly."""

    name: str
    what: str
    alarm: str
    run: Callable[[Site], Rehearsal]
    besides: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shown:
    """What a plant did to the alarms.

    before, after : the right alarm's figure in the sound week and in the plant's
    fired : whether that alarm fires for the plant: it was silent before, or its figure has risen
    besides, unexpected : other alarms that fire now and did not before, those of the plant and all else
    """

    plant: Plant
    before: float | None
    after: float | None
    fired: bool
    besides: tuple[str, ...]
    unexpected: tuple[str, ...]

    @property
    def as_wanted(self) -> bool:
        """Return whether the right alarm fires, and no other that should not."""
        return self.fired and not self.unexpected


def miscalibrated_country(site: Site) -> Rehearsal:
    """Judge the published week again, a large country's forecasts found 60 % too high, surely."""
    url = _evaluation(site.stacks, "established")
    bucket, key = objects.split(url)
    body = client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    told = json.loads(body)
    countries = [row for row in told["figures"] if row["dimension"] == "country" and row["material"]]
    country = min(countries, key=lambda row: abs(row["calibration_ratio"] - 1))
    country |= TOO_HIGH
    client("s3").put_object(Bucket=bucket, Key=key, Body=json.dumps(told).encode())
    week = _judged_again(site, {"watch"}, "run-miscalibrated")
    client("s3").put_object(Bucket=bucket, Key=key, Body=body)
    return week


def missing_week(site: Site) -> Rehearsal:
    """Run a week later, with nothing new delivered."""
    return _later(site, WEEK)


def drifted_feature(site: Site) -> Rehearsal:
    """Run a day later, with the searches of the last month there many times."""
    with TemporaryDirectory() as home:
        file = Path(home) / FILE
        alike = pq.read_schema(site.raw / "web_events" / "part-000.parquet")
        rows = more_searches(site.raw, site.as_of)
        pq.write_table(pa.Table.from_pandas(rows, schema=alike), file)
        objects.put(file, _planted(site, "web_events"))
    week = _later(site, DAY)
    _take_away(site, "web_events")
    return week


def greedy_log(site: Site) -> Rehearsal:
    """Judge the published week again, with a log of contacts: the top decile for certain, nobody else."""
    with TemporaryDirectory() as home:
        write_file(greedy_contacts(site), TREATMENTS, Path(home) / FILE)
        objects.put(Path(home) / FILE, _planted(site, "treatments"))
    week = _judged_again(site, {"ledger", "watch"}, "run-greedy")
    _take_away(site, "treatments")
    return week


PLANTS = (
    Plant(
        "miscalibrated-country",
        "a large country's forecasts are 60 % above what came",
        "clv-BreachedSegments-established",
        miscalibrated_country,
    ),
    Plant(
        "missing-week",
        "a week later nothing new is there",
        "clv-DataFaults",
        missing_week,
        DRIFT,  # days since the last event are a week more of everybody
    ),
    Plant(
        "drifted-feature",
        f"searches of the last month are there {TIMES + 1} times",
        DRIFT[1],
        drifted_feature,
        (DRIFT[0], "clv-DataFaults"),  # of other customers too, and far more rows than usual
    ),
    Plant(
        "greedy-log",
        "the top decile was contacted for certain, nobody else",
        "clv-DecilesWithoutOverlap",
        greedy_log,
    ),
)
NAMES = tuple(plant.name for plant in PLANTS)


def shown(plant: Plant, sound: Rehearsal, week: Rehearsal) -> Shown:
    """Return what the week of a plant did to the alarms of the sound week."""
    before, after = ({alarm.name: alarm for alarm in fired(one)} for one in (sound, week))
    was, now = before[plant.alarm], after[plant.alarm]
    rose = was.state != ALARM or (was.value is not None and now.value is not None and now.value > was.value)
    new = [
        name
        for name, alarm in after.items()
        if alarm.state == ALARM and before[name].state != ALARM and name != plant.alarm
    ]
    return Shown(
        plant,
        was.value,
        now.value,
        week.succeeded and now.state == ALARM and rose,
        tuple(name for name in new if name in plant.besides),
        tuple(name for name in new if name not in plant.besides),
    )


def more_searches(raw: Path, as_of: date) -> pd.DataFrame:
    """Return the searches of the month before a day, so many times, as events of their own."""
    events = pd.concat([pd.read_parquet(file) for file in sorted((raw / "web_events").glob("*.parquet"))])
    since = pd.Timestamp(as_of) - MONTH
    rows = events[
        (events["type"] == "search") & (events["ts"] >= since) & (events["ts"] < pd.Timestamp(as_of))
    ]
    again = [rows.assign(event_id=rows["event_id"].astype(str) + f"-{turn}") for turn in range(TIMES)]
    return pd.concat(again, ignore_index=True)


def greedy_contacts(site: Site) -> pd.DataFrame:
    """Return treatments of a week ago: the whole top decile, each with propensity 1."""
    scores = read_frame(site.lake.files(scores_at(site.as_of)), ["customer_id", "decile"])
    best = scores.loc[scores["decile"] == DECILES, "customer_id"].reset_index(drop=True)
    return pd.DataFrame({"treatment_id": "newsletter/" + best, "customer_id": best}).assign(
        campaign="newsletter",
        treatment_ts=pd.Timestamp(site.as_of - WEEK).as_unit("us"),
        rule="top_decile",
        purpose="exploit",
        propensity=1.0,
        cost=0.8,
        currency="EUR",
        recorded_ts=pd.Series(pd.NaT, best.index, dtype="datetime64[us]"),
    )


def _later(site: Site, by: timedelta) -> Rehearsal:
    """Score another day by the models in force."""
    day = site.as_of + by
    return run_week(site.stacks, day, f"run-{day}-1", {"train": "never", "settings": site.settings})


def _judged_again(site: Site, verbs: Iterable[str], name: str) -> Rehearsal:
    runners = working(site.stacks.jobs.runners, set(verbs))
    return run_with(site.stacks, runners, site.as_of, name, {"train": "never"})


def _evaluation(stacks: Deployed, segment: str) -> str:
    keys = [key for key, _ in objects.listed(f"{stacks.lake}/models/") if key.endswith("evaluation.json")]
    (key,) = [key for key in keys if f"segment={segment}/" in key]
    return f"s3://{objects.split(stacks.lake)[0]}/{key}"


def _planted(site: Site, table: str) -> str:
    return f"{site.stacks.lake}/raw/{table}/{FILE}"


def _take_away(site: Site, table: str) -> None:
    bucket, key = objects.split(_planted(site, table))
    client("s3").delete_object(Bucket=bucket, Key=key)
