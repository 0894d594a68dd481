"""Runs a program with a search path of its own: `python -I -S run.py PATH PROGRAM [ARGUMENT…]`.

PATH is a JSON list. `-I -S` leaves nothing of this machine's checkout, settings or packages on the path.
"""

import json
import runpy
import sys

_, path, program, *arguments = sys.argv
sys.path[:0] = json.loads(path)
sys.argv = [program, *arguments]
runpy.run_path(program, run_name="__main__")
