"""The six ways to tell a sentiment, stored for three settings.

`python -m utils.text.sweep` measures them again: minutes for the small encoder; with `--bert FOLDER`, where
a BERT checkpoint lies, also the third setting, which takes half an hour on two slow cores.
"""

import argparse
import datetime
import json
import os
import platform
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

import pandas as pd

from utils.measures.spread import mean_interval
from utils.tasks import sha256
from utils.text.bert import bert_encoder
from utils.text.comparison import TUNING, TextRow, compare
from utils.text.encoder import small_text_encoder
from utils.text.reviews import reviews
from utils.text.texts import TextTask
from utils.text.uci import uci_sentences

STORED = Path(__file__).parent / "stored" / "texts.json"
SETTINGS = {
    "own reviews": "our 600 reviews, small encoder",
    "uci": "UCI sentences, small encoder",
    "uci bert": "UCI sentences, BERT checkpoint",
}
# Updates take milliseconds on the small encoder, and about a second on BERT: there it's one pass, without a choice, at
# a rate that Devlin et al. recommend.
_BERT_TUNING = {"rate": (5e-5,), "epochs": (1,)}
_BERT_LONGEST = 64


def stored_rows(setting: str) -> tuple[list[TextRow], dict]:
    """The rows of a setting, a key of `SETTINGS`, and how they came about: date, machine, versions, tasks."""
    if setting not in SETTINGS:
        raise ValueError(f"setting={setting!r} is not allowed: it must be one of {', '.join(SETTINGS)}.")
    record = _read().get(setting)
    if record is None:
        raise ValueError(f"setting={setting!r} isn't stored: run python -m utils.text.sweep.")
    rows = [
        TextRow(**row | {name: _tuple(row[name]) for name in ("accuracies", "forgetting")}) for row in record["rows"]
    ]
    return rows, {name: value for name, value in record.items() if name != "rows"}


def digest(task: TextTask) -> str:
    """SHA-256 of the task's texts and labels: stored rows belong to these and to no others."""
    parts = [
        f"{part}\t{label}\t{text}"
        for part in ("train", "validation", "test")
        for text, label in zip(getattr(task, f"texts_{part}"), getattr(task, f"y_{part}"), strict=True)
    ]
    return sha256("\n".join(parts).encode())


def frame(rows: list[TextRow]) -> pd.DataFrame:
    """The rows as a table: means with 95 % intervals over the seeds, from the test texts."""
    return pd.DataFrame(
        {
            row.name: {
                "test accuracy (%)": str(row.accuracy),
                "forgetting (points)": "–" if row.forgetting is None else str(mean_interval(row.forgetting)),
                "training (s)": f"{row.train_seconds:.1f}",
                "prediction (s)": f"{row.predict_seconds:.2f}",
                "trained parameters": f"{row.trained_parameters:,}",
            }
            for row in rows
        }
    ).T


def measure(setting: str, bert_folder: str | None = None) -> None:
    """Measure a setting here and now, and store its rows when all are there: a half is of no use."""
    tuning = None
    if setting == "uci bert":
        task, old, encoder = uci_sentences(), uci_sentences("domain"), bert_encoder(bert_folder, _BERT_LONGEST)
        tuning = _BERT_TUNING
    else:
        task, old = reviews() if setting == "own reviews" else uci_sentences(), reviews("domain")
        encoder = small_text_encoder()
    record = {
        "task": task.name,
        "texts": [len(task.y_train), len(task.y_validation), len(task.y_test)],
        "texts_sha256": digest(task),
        "old_task": old.name,
        "tuning": {name: list(values) for name, values in (tuning or TUNING).items()},
        "longest": encoder.longest,
        "encoder": repr(encoder),
        "encoder_sha256": encoder.fingerprint(),
        "date": datetime.date.today().isoformat(),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "versions": {name: version(name) for name in ("keras", "tensorflow-cpu", "numpy", "scikit-learn")},
        "command": "python -m utils.text.sweep" + (" --bert FOLDER" if setting == "uci bert" else ""),
    }
    rows = []

    def report(row):
        rows.append(asdict(row))
        print(f"{row.name}: {row.accuracy} %, {row.train_seconds:.1f} s", flush=True)

    compare(task, encoder, old, tuning=tuning, report=report)
    STORED.write_text(json.dumps(_read() | {setting: record | {"rows": rows}}, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    """Measure settings and store them."""
    ask = argparse.ArgumentParser(prog="python -m utils.text.sweep", description=main.__doc__)
    ask.add_argument("--settings", nargs="+", choices=SETTINGS, default=["own reviews", "uci"])
    ask.add_argument("--bert", metavar="FOLDER", help="a BERT checkpoint, for 'uci bert'")
    chosen = ask.parse_args()
    for setting in [*chosen.settings, *(["uci bert"] if chosen.bert and "uci bert" not in chosen.settings else [])]:
        if setting == "uci bert" and not chosen.bert:
            ask.error("'uci bert' needs --bert FOLDER")
        print(SETTINGS[setting], flush=True)
        measure(setting, chosen.bert)


def _read():
    return json.loads(STORED.read_text(encoding="utf-8")) if STORED.exists() else {}


def _tuple(values):
    return None if values is None else tuple(values)


if __name__ == "__main__":
    main()
