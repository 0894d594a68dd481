"""At the root of the code archive: the program that SageMaker's script mode runs to train."""

import os
from pathlib import Path

from training.code import copy_code
from training.job import main

if __name__ == "__main__":
    main()
    copy_code(Path(os.environ["SM_MODEL_DIR"]))  # noqa: TID251 - the container says it nowhere else
