"""What a lake on disk has committed."""

import json

import pyarrow.parquet as pq

BY_THE_CLOCK = {"RunSeconds", "CostEstimateEur"}


def committed(lake):
    """Return each committed partition and the folder of its run."""
    root = lake.path("")
    return {
        file.parent.relative_to(root).as_posix(): file.parent
        / f"run={json.loads(file.read_text())['run_id']}"
        for file in root.rglob("_current.json")
    }


def tables(lake):
    """Return each committed table, its rows in the order of all its columns."""
    found = {}
    for partition, home in committed(lake).items():
        for folder in sorted({file.parent for file in home.rglob("*.parquet")}):
            frame = pq.read_table(folder, partitioning=None).to_pandas()
            if folder.name == "metrics":
                frame = frame[~frame["metric"].isin(BY_THE_CLOCK)]
            name = f"{partition} {folder.relative_to(home).as_posix()}"
            found[name] = frame.sort_values(list(frame)).reset_index(drop=True)
    return found
