"""`python -m benchmarks [PART ...]` prints a table as it is measured."""

import argparse
import importlib
import platform

PARTS = (
    "engine", "strategies", "runs", "sweeps", "start", "photos", "pictures", "deep", "board", "playground", "notebooks",
)  # fmt: skip


def main() -> int:
    """Measure the chosen parts; exit status 1 where a wanted figure isn't met."""
    ask = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    ask.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)}; all by default")
    chosen = ask.parse_args().parts or PARTS
    for part in chosen:
        if part not in PARTS:
            ask.error(f"PART={part!r} is not allowed: it must be one of {', '.join(PARTS)}")
    met = True
    print(f"{_machine()}\n\n| what | measured | wanted | met |\n|---|---|---|---|", flush=True)
    for part in chosen:
        for row in importlib.import_module(f"benchmarks.{part}").rows():
            print(row, flush=True)
            met = met and row.met is not False
    return 0 if met else 1


def _machine():
    import psutil

    from utils.training.recorder import versions

    packages = ", ".join(f"{name} {version}" for name, version in versions().items())
    size = f"{psutil.cpu_count()} cores, {psutil.virtual_memory().total / 2**30:.0f} GB"
    return f"{platform.system()} {platform.machine()}, {size}, Python {platform.python_version()}, {packages}"


if __name__ == "__main__":
    raise SystemExit(main())
