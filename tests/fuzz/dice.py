"""What is drawn at random: FUZZ_SEED repeats a test, FUZZ_INTERACTIONS makes it shorter or longer."""

import os
import random
import time


def dice(usual: int) -> tuple[random.Random, int]:
    """A generator, and how many interactions to make. Both are printed, so that a failure can be repeated."""
    seed = int(os.environ.get("FUZZ_SEED") or time.time_ns() % 1_000_000)
    count = int(os.environ.get("FUZZ_INTERACTIONS") or usual)
    print(f"FUZZ_SEED={seed} FUZZ_INTERACTIONS={count}")
    return random.Random(seed), count
