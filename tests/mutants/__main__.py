"""`python -m tests.mutants [NAME ...]` puts one fault at a time into a copy of the project: do the tests notice?"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.browser.lab import NOT_COPIED
from tests.conftest import PROJECT
from tests.mutants.faults import FAULTS, Fault

LONGEST = 900  # seconds for the tests of one fault
FIRST_FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+(?: \S+)*?)(?: - .*)?$", re.MULTILINE)


def main() -> int:
    """Print a table as it is made; exit status 1 where a fault survives, or a test fails without any."""
    ask = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    ask.add_argument("names", nargs="*", metavar="NAME", help="faults whose name has this in it; all by default")
    ask.add_argument("--jobs", type=int, default=2, help="how many at the same time")
    asked = ask.parse_args()
    chosen = [one for one in FAULTS if not asked.names or any(name in one.name for name in asked.names)]
    if not chosen:
        ask.error(f"NAME={asked.names} is not allowed: no fault has that in its name")
    begin = time.monotonic()
    tests = tuple(dict.fromkeys(test for one in chosen for test in one.tests))
    failed, _ = failing(None, tests)
    if failed:
        print(f"Without any fault, {failed} fails: mend that first.")
        return 1
    print("| fault | file | noticed by | s |\n|---|---|---|---|", flush=True)
    survived = 0
    with ThreadPoolExecutor(asked.jobs) as pool:
        for one, (test, seconds) in zip(chosen, pool.map(lambda one: failing(one, one.tests), chosen), strict=True):
            survived += not test
            print(f"| {one.name} | {one.file} | {test or '**nothing**'} | {seconds:.0f} |", flush=True)
    print(f"\n{len(chosen) - survived} of {len(chosen)} noticed, in {time.monotonic() - begin:.0f} s")
    return 1 if survived else 0


def failing(fault: Fault | None, tests: tuple[str, ...]) -> tuple[str, float]:
    """The first of these tests that fails with the fault in a copy of the project, or ""; and how long it took."""
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="fault-") as scratch:
        copy = Path(scratch, "project")
        shutil.copytree(PROJECT, copy, ignore=shutil.ignore_patterns(*NOT_COPIED))
        if (beside := PROJECT.parent / "shared").is_dir():
            Path(scratch, "shared").symlink_to(beside, target_is_directory=True)
        if fault:
            path = copy / fault.file
            path.write_text(path.read_text("utf-8").replace(fault.old, fault.new), "utf-8")
        few = dict.fromkeys(("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS"), "1")
        options = ["-x", "-q", "-p", "no:cacheprovider", "-m", "not exhaustive", "-rfE", "--tb=no"]
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *options, *tests],
            cwd=copy, env=os.environ | few | {"PYTHONPATH": str(copy)}, capture_output=True, text=True,
            timeout=LONGEST if fault else None,
        )  # fmt: skip
    if done.returncode == 0:
        return "", time.monotonic() - begin
    found = FIRST_FAILED.search(done.stdout)
    return found[1] if found else done.stdout[-500:] + done.stderr[-500:], time.monotonic() - begin


if __name__ == "__main__":
    raise SystemExit(main())
