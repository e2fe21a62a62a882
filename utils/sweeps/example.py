"""The run with which the freeze board's notebook begins: stored, so that the board appears at once.

`python -m utils.sweeps.example` makes it again.
"""

import json
from pathlib import Path

from utils.shipped import read_shipped_text, write_shipped
from utils.strategies import Settings
from utils.sweeps.outcome import stamp
from utils.training import Run, run

STORED = Path(__file__).parent / "stored" / "example.json"
_SETTINGS = Settings(updates=400, evaluate_every=20)
_SCHEDULE = [(150, {"trained_layers": ["dense", "new_head"]})]


def example_run() -> Run:
    """A stored run: fine-tuning, in which from update 150 on only `dense` and the new head train."""
    return Run.from_dict(json.loads(read_shipped_text(STORED))["run"])


def _make():
    contents = {**stamp("python -m utils.sweeps.example"), "run": run(_SETTINGS, _SCHEDULE).to_dict()}
    write_shipped(STORED, json.dumps(contents, allow_nan=False) + "\n")


if __name__ == "__main__":
    _make()
