"""What the tests compare in double precision, in a process of its own, since Keras fixes the precision early.

Started by test_double_precision.py with a JSON list of cases on stdin; prints what it found as JSON, one line each.
"""

import json
import sys
import traceback

import keras

from tests.training import keras_scripts, plain_keras

# By kind and name: what is compared with a run.
COMPARISONS = {("script", name): (keras_scripts.compare, case) for name, case in keras_scripts.CASES.items()}
IN_UINT8 = "joint training", "learning without forgetting"
COMPARISONS |= {("script", f"{name}, in uint8"): (keras_scripts.compare_in_uint8, (name,)) for name in IN_UINT8}
COMPARISONS |= {("fit", name): (plain_keras.compare, (case,)) for name, case in plain_keras.CASES.items()}


def main() -> None:
    keras.config.set_floatx("float64")
    for case in json.load(sys.stdin):
        compare, arguments = COMPARISONS[tuple(case)]
        try:
            found = compare(*arguments)
        except Exception:  # of this case alone: the others are compared all the same
            found = {"error": traceback.format_exc()}
        print(json.dumps([case, found]), flush=True)


if __name__ == "__main__":
    main()
