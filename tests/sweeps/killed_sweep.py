"""A sweep in a process of its own, for the test that kills it: python -m tests.sweeps.killed_sweep FILE."""

import sys

from utils.strategies import Settings
from utils.sweeps import sweep

PLAN = [Settings(updates=4, new_images=60, batch_size=16, evaluate_every=4, strategy=name)
        for name in ("fine-tuning", "feature extraction")]  # fmt: skip
SEEDS = range(15)

if __name__ == "__main__":
    sweep(PLAN, SEEDS, processes=2, path=sys.argv[1])
