"""Stages that cannot be deployed say why."""

import pytest

from clv.errors import UserError
from clv.sizes import SIZES, Sizes
from infra.log_groups import RETENTION
from infra.names import VERBS
from infra.stages import STAGES, Stage, stage_named


def test_an_unknown_stage_is_named_with_those_there_are():
    with pytest.raises(UserError, match=r"stage live: unknown; take one of dev, prod"):
        stage_named("live")


def test_a_region_whose_image_account_is_unknown_says_where_to_add_it():
    with pytest.raises(UserError, match=r"ap-south-1; add it to IMAGE_ACCOUNTS .* or set model_image"):
        _ = Stage("test", region="ap-south-1").image


def test_an_own_image_needs_no_account_of_aws():
    own = "111111111111.dkr.ecr.ap-south-1.amazonaws.com/clv:1"
    assert Stage("test", region="ap-south-1", model_image=own).image == own


@pytest.mark.parametrize("stage", STAGES.values(), ids=STAGES)
def test_every_stage_sizes_every_job_and_keeps_logs_for_a_period_there_is(stage):
    assert set(stage.jobs) == set(VERBS)
    assert all(job.workers >= 2 for job in stage.jobs.values())
    assert stage.log_days in RETENTION


@pytest.mark.parametrize("name", STAGES)
def test_the_costs_count_the_sizes_that_are_deployed(name):
    stage = STAGES[name]
    workers = {verb: job.workers for verb, job in stage.jobs.items()}
    deployed = Sizes(workers, stage.flex, stage.training_instance, stage.transform_instance)
    assert SIZES[name] == deployed
