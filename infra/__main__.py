"""The CDK app: `-c stage=prod|dev`, `-c alert-email=ADDRESS`, `-c wheels=ZIP`.

The CDK command line starts it; by itself `python -m infra` writes the templates to `build/cdk.out`.
"""

import os
import sys
from pathlib import Path

from aws_cdk import App

from clv.errors import UserError
from infra.app import FLAGS, WHEELS, build
from infra.archives import CHECKOUT, ArchiveError
from infra.assets import gather
from infra.stages import stage_named


def main() -> int:
    """Synthesize the stacks that the context asks for; 2 where they cannot be made."""
    # The command line names its folder for the templates.
    outdir = Path(os.environ.get("CDK_OUTDIR", CHECKOUT / "build" / "cdk.out"))  # noqa: TID251 - entry point
    app = App(outdir=str(outdir), context=FLAGS)
    told = {name: app.node.try_get_context(name) for name in ("stage", "wheels", "alert-email")}
    try:
        stage = stage_named(told["stage"] or "prod")
        files = gather(CHECKOUT / "build" / "archives", Path(told["wheels"] or WHEELS))
        build(app, stage, files, told["alert-email"] or "")
    except (UserError, ArchiveError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    app.synth()
    return 0


if __name__ == "__main__":
    sys.exit(main())
