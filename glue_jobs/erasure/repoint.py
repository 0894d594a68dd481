"""Manifests that name the files of partitions which an erasure committed anew."""

import re
from collections.abc import Mapping

from clv.erased import ERASED
from clv.lake import Lake
from glue_jobs.erasure.places import partitions

MANIFESTS = ("snapshots/",)


def anew(standing: str, run_id: str) -> str:
    """Return the id under which an erasure commits what a run had committed; ValueError for another run."""
    if not run_id.startswith("erase-"):
        raise ValueError(f"{run_id}: is not the id of an erasure")
    return f"{standing.partition(ERASED)[0]}.{run_id}"


def repointed(text: str, now: Mapping[str, str]) -> str:
    """Return a text with the runs of some partitions set to those that are committed `now`."""
    for partition, run_id in now.items():
        base, mark, _ = run_id.partition(ERASED)
        if mark and partition in text:
            old = rf"{re.escape(f'{partition}/run={base}')}(?:{re.escape(ERASED)}[^/\"]*)?/"
            text = re.sub(old, f"{partition}/run={run_id}/", text)
    return text


def repoint(lake: Lake, run_id: str) -> list[str]:
    """Commit anew every list of snapshots that names files of partitions erased since; return the lists."""
    now = {name: commit.run_id for name in partitions(lake) if (commit := lake.current(name)) is not None}
    return [name for name in now if name.startswith(MANIFESTS) and _rewrite(lake, name, now, run_id)]


def _rewrite(lake: Lake, partition: str, now: Mapping[str, str], run_id: str) -> bool:
    place = f"{partition}/run={now[partition]}/"
    names = [entry.name for entry in lake.entries(place.rstrip("/"))]
    texts = {name.removeprefix(place): lake.read_text(name) or "" for name in names}
    if all(repointed(text, now) == text for text in texts.values()):
        return False
    new = anew(now[partition], run_id)
    with lake.commit(partition, new) as draft:
        for name, text in texts.items():
            (draft.folder / name).write_text(repointed(text, {**now, partition: new}), encoding="utf-8")
    return True
