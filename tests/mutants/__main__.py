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
from dataclasses import dataclass
from pathlib import Path

from tests.browser.lab import NOT_COPIED
from tests.conftest import PROJECT
from tests.mutants.faults import FAULTS, Fault

LONGEST = 900  # seconds for the tests of one fault
# Of a test, not of a fixture or a file: these fail for other reasons, too.
FIRST_FAILED = re.compile(r"^FAILED (\S+::\S+(?: \S+)*?)(?: - .*)?$", re.MULTILINE)
PASSED = re.compile(r"\b[1-9]\d* passed\b")
OPTIONS = ["-x", "-q", "-p", "no:cacheprovider", "-n", "0", "-m", "not exhaustive", "-rfE", "--tb=no"]
ONE_THREAD = dict.fromkeys(("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS"), "1")


@dataclass(frozen=True)
class Outcome:
    """noticed_by: the first test that failed, or "". trouble: why the tests said neither yes nor no, or ""."""

    noticed_by: str
    trouble: str
    seconds: float


def main() -> int:
    """Print a table as it is made; exit status 1 where a fault survives, or a test fails without any."""
    arguments, chosen = _arguments()
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="faults-") as scratch:
        whole = Path(scratch, "whole")  # copied once: who works on the project meanwhile changes no row of the table
        shutil.copytree(PROJECT, whole, ignore=shutil.ignore_patterns(*NOT_COPIED))
        if arguments.check_first:
            tests = tuple(dict.fromkeys(test for fault in chosen for test in fault.tests))
            sound = tried(whole, None, tests)
            if sound.noticed_by or sound.trouble:
                print(f"Without any fault, {sound.noticed_by or sound.trouble} fails: fix that first.")
                return 1
        print("| fault | file | noticed by | s |\n|---|---|---|---|", flush=True)
        survived = 0
        with ThreadPoolExecutor(arguments.jobs) as pool:
            for fault, outcome in zip(chosen, pool.map(lambda fault: noticed(whole, fault), chosen), strict=True):
                survived += not outcome.noticed_by
                noticed_by = outcome.noticed_by or f"**nothing** {outcome.trouble}".strip()
                print(f"| {fault.name} | {fault.file} | {noticed_by} | {outcome.seconds:.0f} |", flush=True)
    print(f"\n{len(chosen) - survived} of {len(chosen)} noticed, in {time.monotonic() - begin:.0f} s")
    return 1 if survived else 0


def _arguments():
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="faults whose name has this in it; all by default")
    parser.add_argument("--jobs", type=int, default=2, help="how many at the same time")
    parser.add_argument(
        "--check-first", action=argparse.BooleanOptionalAction, default=True,
        help="whether the tests are first run without any fault, as one that fails anyway notices nothing",
    )  # fmt: skip
    arguments = parser.parse_args()
    chosen = [fault for fault in FAULTS if not arguments.names or any(name in fault.name for name in arguments.names)]
    if not chosen:
        parser.error(f"NAME={arguments.names} is not allowed: no fault has that in its name")
    return arguments, chosen


def noticed(whole: Path, fault: Fault) -> Outcome:
    """Which of the fault's tests fails with it, and passes without it: alone, and under the same conditions."""
    outcome = tried(whole, fault, fault.tests)
    if outcome.noticed_by:
        sound = tried(whole, None, (outcome.noticed_by,))
        if sound.noticed_by or sound.trouble:
            trouble = f"({outcome.noticed_by} fails without the fault, too {sound.trouble}".strip() + ")"
            return Outcome("", trouble, outcome.seconds + sound.seconds)
    return outcome


def tried(whole: Path, fault: Fault | None, tests: tuple[str, ...]) -> Outcome:
    """What these tests say of a copy of the project with the fault in it."""
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="fault-") as scratch:
        copy = Path(scratch, "project")
        shutil.copytree(whole, copy)
        if (beside := PROJECT.parent / "shared").is_dir():
            Path(scratch, "shared").symlink_to(beside, target_is_directory=True)
        if fault:
            path = copy / fault.file
            path.write_text(path.read_text("utf-8").replace(fault.old, fault.new), "utf-8")
        try:
            done = subprocess.run(
                [sys.executable, "-m", "pytest", *OPTIONS, *tests],
                cwd=copy, env=os.environ | ONE_THREAD | {"PYTHONPATH": str(copy)}, capture_output=True, text=True,
                timeout=LONGEST if fault else None,
            )  # fmt: skip
        except subprocess.TimeoutExpired:  # none of the faults is meant to hang, so that isn't notice taken
            return Outcome("", f"in {LONGEST} s", time.monotonic() - begin)
    seconds = time.monotonic() - begin
    if done.returncode == 0:
        trouble = "" if PASSED.search(done.stdout) else "(no test was run: all were skipped)"
        return Outcome("", trouble, seconds)
    found = FIRST_FAILED.search(done.stdout)
    if done.returncode == 1 and found:
        return Outcome(found[1], "", seconds)
    # No test has failed: there is none of that name, or a fixture, a file or pytest itself has met an error.
    last = " ".join((done.stdout + done.stderr).split())[-300:]
    return Outcome("", f"(pytest ended with {done.returncode}: {last})", seconds)


if __name__ == "__main__":
    raise SystemExit(main())
