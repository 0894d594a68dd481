"""What the XGBoost image puts around the toolkit: `python adapter.py train|serve` in the toolkit's environment.

It imports nothing of ours: the toolkit brings the code archive to its place and imports that.
"""

import collections
import collections.abc
import sys
from functools import cache

collections.Mapping = collections.abc.Mapping  # the toolkit is older than Python 3.10, which took it away

from sagemaker_containers.beta import framework  # noqa: E402
from sagemaker_containers.cli import serve, train  # noqa: E402


def train_main():
    job = framework.training_env()
    framework.modules.run_module(job.module_dir, job.to_cmd_args(), job.to_env_vars(), job.module_name)


@cache
def server():
    job = framework.env.ServingEnv()
    ours = framework.modules.import_module(job.module_dir, job.module_name)
    serving = framework.transformer.Transformer(model_fn=ours.model_fn, transform_fn=ours.transform_fn)
    serving.initialize()
    return framework.worker.Worker(transform_fn=serving.transform, module_name=job.module_name)


def serve_main(environ, start_response):
    return server()(environ, start_response)


if __name__ == "__main__":
    {"train": train, "serve": serve}[sys.argv[1]].main()
