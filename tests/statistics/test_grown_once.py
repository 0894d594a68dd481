"""Trees grown once: equal ones within a block alone, and never others in their place."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier, Event

import numpy as np
import pytest

from clv.models.grown_once import booster_of, grown_once
from clv.models.trees import Batch, Growth, Target, Trainer

RNG = np.random.default_rng(5)
MATRIX = RNG.normal(size=(300, 4)).astype(np.float32)
LABEL = RNG.poisson(np.exp(MATRIX[:, 0])).astype(np.float64)
TOLD = Batch(MATRIX, LABEL, np.zeros(300))
LATER = Batch(MATRIX[:100], LABEL[:100], np.zeros(100))
TARGET = Target("count:poisson", 1.0)
TRAINER = Trainer(Growth(max_rounds=6, max_depth=2, seed=1), ["q"] * 4)
OTHERS = {
    "features": (TRAINER, TARGET, TOLD._replace(matrix=MATRIX + 1), 5),
    "labels": (TRAINER, TARGET, TOLD._replace(label=LABEL + 1), 5),
    "margin": (TRAINER, TARGET, TOLD._replace(margin=np.ones(300)), 5),
    "weights": (TRAINER, TARGET, TOLD._replace(weight=np.full(300, 2.0)), 5),
    "loss": (TRAINER, Target("reg:squarederror", 1.0), TOLD, 5),
    "leaf weight": (TRAINER, Target("count:poisson", 2.0), TOLD, 5),
    "rounds": (TRAINER, TARGET, TOLD, 4),
    "later rows": (TRAINER, TARGET, TOLD, LATER),
    "seed": (replace(TRAINER, growth=replace(TRAINER.growth, seed=2)), TARGET, TOLD, 5),
    "signs": (replace(TRAINER, monotone=(1, 0, 0, 0)), TARGET, TOLD, 5),
    "kinds of columns": (replace(TRAINER, feature_types=["float", "q", "q", "q"]), TARGET, TOLD, 5),
}
STOPPED = {
    "labels of later rows": (TRAINER, LATER._replace(label=LATER.label + 1)),
    "most rounds": (replace(TRAINER, growth=replace(TRAINER.growth, max_rounds=3)), LATER),
    "patience": (replace(TRAINER, growth=replace(TRAINER.growth, patience=1)), LATER),
}


def test_equal_trees_are_grown_once_within_a_block():
    with grown_once():
        first = TRAINER.grow(TARGET, TOLD, 5)
        with grown_once():
            same = [array.copy() for array in TOLD[:3]]
            assert TRAINER.grow(TARGET, Batch(*same), 5) is first
        assert TRAINER.grow(TARGET, TOLD, 5) is first
    with grown_once():
        anew = TRAINER.grow(TARGET, TOLD, 5)
    assert anew is not first
    assert anew.save_raw() == first.save_raw()


def test_without_a_block_nothing_is_kept():
    assert TRAINER.grow(TARGET, TOLD, 5) is not TRAINER.grow(TARGET, TOLD, 5)


@pytest.mark.parametrize("what", OTHERS)
def test_other_trees_are_grown_anew(what):
    trainer, target, told, stop = OTHERS[what]
    with grown_once():
        first = TRAINER.grow(TARGET, TOLD, 5)
        assert trainer.grow(target, told, stop) is not first


@pytest.mark.parametrize("what", STOPPED)
def test_trees_stopped_otherwise_are_grown_anew(what):
    trainer, later = STOPPED[what]
    with grown_once():
        assert trainer.grow(TARGET, TOLD, later) is not TRAINER.grow(TARGET, TOLD, LATER)


def test_threads_that_ask_for_equal_trees_at_a_time_get_the_same():
    together = Barrier(4)

    def ask(_):
        together.wait()
        return TRAINER.grow(TARGET, TOLD, 5)

    with grown_once(), ThreadPoolExecutor(4) as pool:
        assert len({id(booster) for booster in pool.map(ask, range(4))}) == 1


def test_what_failed_is_grown_anew_for_whoever_tries_again():
    def fail():
        raise MemoryError("no room for trees")

    with grown_once():
        with pytest.raises(MemoryError, match="no room for trees"):
            booster_of("recipe", [MATRIX], fail)
        grown = TRAINER.grow(TARGET, TOLD, 5)
        assert booster_of("recipe", [MATRIX], lambda: grown) is grown


def test_who_waits_for_trees_that_fail_is_told_so():
    at_work, failing = Event(), Event()

    def fail():
        at_work.set()
        failing.wait()
        raise MemoryError("no room for trees")

    with grown_once(), ThreadPoolExecutor(2) as pool:
        first = pool.submit(booster_of, "recipe", [MATRIX], fail)
        at_work.wait()
        second = pool.submit(booster_of, "recipe", [MATRIX], fail)
        failing.set()
        for asked in (first, second):
            with pytest.raises(MemoryError, match="no room for trees"):
                asked.result()
