"""A lake of many customers out of one of few: `python -m tests.flow.large_lake SOURCE TARGET AS_OF` copies a week's
scores, consents and ledger fifteen times under other ids, and decides on them; a look at speed needs no more."""

import shutil
import sys
from pathlib import Path

import pandas as pd

from clv.deciles import decile
from clv.frames import read_frame, write_frame
from clv.lake import Lake
from clv.partitions import features_at, scores_at
from clv.tables import SCORES
from clv.timeline import parse_as_of
from decisions.job import main

TIMES = 15
LEFT = (
    "raw",
    "labels",
    "priors",
    "snapshots",
    "inputs",
    "transform",
    "truth",
    "features",
    "ledger",
    "decisions",
)
CONSENTS = ["customer_id", "segment", "marketing_consent"]


def often(frame):
    parts = [frame.assign(customer_id=frame.customer_id + f"x{time:02d}") for time in range(TIMES)]
    return pd.concat(parts, ignore_index=True)


def enlarge(source, target, as_of):
    shutil.copytree(source.root, target.root, ignore=shutil.ignore_patterns(*LEFT))
    rows = often(read_frame(source.files(scores_at(as_of))))
    known = rows.clv_eur.notna()
    rows["decile"] = rows["decile"].astype("float64")
    rows.loc[known, "decile"] = decile(rows.clv_eur[known], rows.customer_id[known])
    run = source.current(scores_at(as_of)).run_id
    with target.commit(scores_at(as_of), f"{run}-often") as draft:
        write_frame(rows, SCORES, draft.folder)
    with target.commit(features_at(as_of), run) as draft:
        consents = often(read_frame(source.files(features_at(as_of)), CONSENTS))
        consents.to_parquet(draft.folder / "part-000.parquet", index=False)
    with target.commit("ledger", run) as draft:
        for table in ("entries", "customers"):
            (draft.folder / table).mkdir(parents=True)
            found = often(read_frame(source.files("ledger", f"{table}/")))
            found.to_parquet(draft.folder / table / "part-000.parquet", index=False)
    main(["--verb", "decide", "--lake", target.root, "--as-of", str(as_of), "--run-id", run])


if __name__ == "__main__":
    home = Path(sys.argv[2])
    home.parent.mkdir(parents=True, exist_ok=True)
    enlarge(Lake.at(sys.argv[1]), Lake.at(home), parse_as_of(sys.argv[3]))
