"""How large the jobs of a stage are: workers and instances. The stacks deploy them, the costs count them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from clv.errors import UserError

WORKERS: Mapping[str, int] = MappingProxyType(
    {"ledger": 2, "features": 2, "snapshots": 4, "publish": 2, "watch": 2, "decide": 2}
)
"""Workers of each Glue job, of 1 DPU (4 vCPU, 16 GB) each; two at least, one of which leads.

For some 300,000 customers: their features take Spark about 240 processor seconds.
Ten times as many want four to eight.
"""

TRAINING_INSTANCE, TRANSFORM_INSTANCE = "ml.m5.xlarge", "ml.m5.large"


@dataclass(frozen=True)
class Sizes:
    """Sizes of the jobs of one stage; `flex` is Glue's spare capacity."""

    workers: Mapping[str, int] = field(default_factory=lambda: WORKERS)
    flex: bool = False
    training_instance: str = TRAINING_INSTANCE
    transform_instance: str = TRANSFORM_INSTANCE


SIZES: Mapping[str, Sizes] = MappingProxyType({"prod": Sizes(), "dev": Sizes(flex=True)})


def sizes_of(stage: str) -> Sizes:
    """Return the sizes of a stage; UserError for an unknown one."""
    if stage not in SIZES:
        raise UserError(f"stage {stage}: unknown; take one of {', '.join(SIZES)}")
    return SIZES[stage]
