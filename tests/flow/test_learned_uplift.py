"""`clv budget` with treatments in the lake: which of them teach, what is told, and what is refused."""

import json
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from clv.decision_tables import AUDIENCE
from clv.errors import UserError
from clv.frames import read_frame, write_frame
from clv.lake import Lake
from clv.partitions import budget_at, features_at, scores_at
from clv.tables import SCORES
from clv.timeline import parse_as_of
from decisions.actions import Action, Assumptions
from decisions.learn_uplift import fitted_by, log_of
from tests.flow.test_command_line import clv
from tests.statistics.treated import FADED, effect_eur
from tests.statistics.treated import log_of as treated

AS_OF = parse_as_of("2026-03-01")
SCORED = parse_as_of("2025-12-20")
SENT = pd.Timestamp("2026-01-01 09:00")
DAY = timedelta(days=1)
NEVER = pd.Timestamp("NaT")


def built(root, log, treatments=None, entries=None):
    """A lake with the scores of two t₀s, consents, treatments and what came after them."""
    lake, ids = Lake.at(root), log.rows["customer_id"]
    for day in (SCORED, AS_OF):
        scores = log.rows.reindex(columns=list(SCORES.names)).assign(as_of=day, horizon_days=365)
        with lake.commit(scores_at(day), "scores") as draft:
            write_frame(scores, SCORES, draft.folder)
    consents = pd.DataFrame({"customer_id": ids, "marketing_consent": True})
    with lake.commit(features_at(AS_OF), "features") as draft:
        consents.to_parquet(draft.folder / "part-000.parquet", index=False)
    tables = {
        "customers": consents.assign(known_until_ts=NEVER),
        "treatments": sent(log.rows) if treatments is None else treatments,
        "entries": paid(ids, SENT + DAY, log.rows["outcome_eur"]) if entries is None else entries,
    }
    with lake.commit("ledger", "ledger") as draft:
        for name, frame in tables.items():
            (draft.folder / name).mkdir()
            frame.to_parquet(draft.folder / name / "part-000.parquet", index=False)
    return lake


def sent(rows, at=SENT):
    return pd.DataFrame(
        {
            "customer_id": rows["customer_id"], "campaign": "summer", "treatment_ts": at,
            "purpose": np.where(rows["contacted"], "explore", "holdout"), "propensity": rows["propensity"],
            "known_ts": at, "known_until_ts": NEVER,
        }
    )  # fmt: skip


def paid(customer_id, at, eur, known=None):
    cents = (100 * np.asarray(eur)).round().astype("int64")
    return pd.DataFrame(
        {"customer_id": customer_id, "entry_ts": at, "known_ts": known or at, "amount_eur_cents": cents}
    )


def budget(monkeypatch, capsys, lake, *more):
    words = ["budget", "--lake", lake.root, "--as-of", AS_OF, "--budget-eur", 60, "--json", *more]
    return clv(monkeypatch, capsys, *words)


def test_treatments_that_carry_a_model_decide_who_is_contacted(monkeypatch, capsys, tmp_path):
    log = treated(2_500, 1)
    lake = built(tmp_path / "lake", log)
    mail = {"name": "mail", "cost_eur": 0.6, "campaigns": ["summer"]}
    everybody = {"action": "mail", "uplift": 0.05, "low": 0.0, "high": 0.1}
    (tmp_path / "mail.json").write_text(json.dumps({"actions": [mail], "uplifts": [everybody]}))
    alone = ["--assumptions", tmp_path / "mail.json"]
    code, out, _ = budget(monkeypatch, capsys, lake, *alone)
    assert code == 0
    told = json.loads(out)
    assert "uplift of mail by a model fitted on 2,500 treatments of summer" in " ".join(told["notes"])
    assert told["uplift_models"]["mail"]["over_strata"]["low"] > 0
    chosen = read_frame(lake.files(budget_at(AS_OF), f"{AUDIENCE.name}/"))
    mailed = chosen[chosen["purpose"] == "exploit"]
    assert set(mailed["uplift_source"]) == {"model summer"}
    own = log.rows.set_index("customer_id").loc[mailed["customer_id"]]
    assert (effect_eur(own) == FADED).mean() > 0.9
    code, out, _ = budget(monkeypatch, capsys, lake, *alone, "--uplift", "assumption")
    assert code == 0
    assert set(json.loads(out)["uplift_sources"]) == {"assumption"}


def test_a_log_that_cannot_teach_is_told_and_nothing_is_taken_from_it(monkeypatch, capsys, tmp_path):
    lake = built(tmp_path, treated(200, 1))
    summer = ["--campaign", "mail=summer"]
    code, out, _ = budget(monkeypatch, capsys, lake, *summer)
    told = json.loads(out)
    assert code == 0
    assert "no uplift model of mail from summer" in told["notes"][-1]
    assert "300 of each are needed" in told["notes"][-1]
    assert set(told["uplift_sources"]) == {"assumption"}
    code, _, err = budget(monkeypatch, capsys, lake, *summer, "--uplift", "model")
    assert code == 2
    assert "no uplift model of mail from summer" in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--uplift", "model"], "no action names campaigns"),
        (["--uplift", "magic"], "write auto, model, experiment, assumption"),
        (["--campaign", "fax=summer"], "--campaign fax=summer: write ACTION=NAME"),
    ],
)
def test_wrong_words_of_a_model_are_one_line(monkeypatch, capsys, tmp_path, more, says):
    code, _, err = budget(monkeypatch, capsys, built(tmp_path, treated(50, 1)), *more)
    assert code == 2
    assert says in err
    assert err.count("\n") == 1


def test_what_counts_is_the_first_treatment_of_a_window_with_what_came_in_it_as_known_then(tmp_path):
    log = treated(50, 1)
    one, two, *_ = ids = log.rows["customer_id"].head(4)
    rows = log.rows.head(4).assign(contacted=[True, False, True, True], propensity=0.5)
    again = sent(rows.iloc[[0, 1]].assign(contacted=[False, True]), SENT + 7 * DAY)
    late = sent(rows.iloc[[3]], SENT + 10 * DAY)
    unknown = sent(rows.iloc[[2]]).assign(known_ts=pd.Timestamp(AS_OF))
    begin, end = SENT.normalize(), SENT.normalize() + 56 * DAY
    entries = pd.concat(
        [
            paid([one], begin, [5.0]), paid([one], end - timedelta(seconds=1), [2.0]), paid([one], end, [100.0]),
            paid([one], begin - DAY, [50.0]), paid([two], begin + DAY, [30.0]),
            paid([two], begin + 2 * DAY, [-10.0]), paid([two], begin + 3 * DAY, [7.0], known=end),
            paid([None], begin + DAY, [9.0]),
        ]
    )  # fmt: skip
    treatments = pd.concat([sent(rows.iloc[[0, 1]]), again, late, unknown])
    lake = built(tmp_path, log, treatments, entries)
    found = log_of(lake, AS_OF, ["summer"], 56).rows.set_index("customer_id")
    # The third became known too late; the fourth's window has not ended.
    assert found["contacted"].to_dict() == {one: True, two: False}
    assert found["outcome_eur"].to_dict() == {one: 7.0, two: 20.0}
    assert found.loc[one, "decile"] == log.rows.loc[0, "decile"]
    assert set(ids) >= set(found.index)
    assert log_of(lake, AS_OF, ["winter"], 56) is None


def test_customers_who_had_not_been_scored_shortly_before_do_not_count(tmp_path):
    log = treated(50, 1)
    long_ago = pd.Timestamp(SCORED) - 5 * DAY
    lake = built(tmp_path, log, sent(log.rows, long_ago))
    assert log_of(lake, AS_OF, ["summer"], 56) is None
    mail = Assumptions((Action("mail", 1.0, campaigns=("summer",)),), uplift_from="model")
    with pytest.raises(UserError, match="no treatment of theirs is known with its outcome"):
        fitted_by(lake, AS_OF, mail)
