"""The pipelines on sentiment, stored for three settings.

`python -m utils.text.sweep` measures them again: minutes for the small encoder; with `--bert FOLDER`, the folder of
all-MiniLM-L6-v2, also the third setting, which takes half an hour on two slow cores.
"""

import argparse
import datetime
import json
import os
import platform
from dataclasses import asdict, replace
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

import pandas as pd

from utils.checks import check_list, check_one_of
from utils.measures.spread import mean_interval
from utils.shipped import read_shipped_text, write_shipped
from utils.sweeps.crews import Crew, Processes
from utils.sweeps.making import making
from utils.tasks import sha256
from utils.tasks.task import PARTS
from utils.text.bert import bert_encoder
from utils.text.comparison import TextRow, compare
from utils.text.encoder import small_text_encoder
from utils.text.pipelines import PIPELINES, NewHead
from utils.text.reviews import reviews
from utils.text.texts import TextTask
from utils.text.uci import uci_sentences

STORED = Path(__file__).parent / "stored" / "texts.json"
SETTINGS = {
    "own reviews": "our 600 reviews, small encoder",
    "uci": "UCI sentences, small encoder",
    "uci bert": "UCI sentences, all-MiniLM-L6-v2",
}
# An update takes milliseconds on the small encoder and about a second on this one. So it is fine-tuned with the rates
# that Devlin et al. recommend for BERT, and for two epochs at most, of which the best on validation counts.
_BERT_TUNING, _BERT_EPOCHS = {"rate": (2e-5, 3e-5, 5e-5)}, 2
_BERT_LONGEST = 64
BERT_LOWER_RATES = 1e-5, 3e-5  # of a head on its vector, which is eight times as long: tried besides the usual ones
_TUNED = "encoder fine-tuned"
ALONE = Processes(1)


def stored_rows(setting: str) -> tuple[list[TextRow], dict]:
    """Read stored rows.

    Args:
        setting: A key of `SETTINGS`.

    Returns:
        The rows, and a record of how they were measured: date, machine, versions, tasks.

    Raises:
        ValueError: For another setting, or one that isn't stored.
    """
    check_one_of("setting", setting, SETTINGS)
    record = _read().get(setting)
    if record is None:
        raise ValueError(f"setting={setting!r} isn't stored: run python -m utils.text.sweep.")
    rows = [
        TextRow(
            **row
            | {name: _tuple(row[name]) for name in ("accuracies", "forgetting")}
            | {"times_right": tuple(map(int, row["times_right"])) if "times_right" in row else None}
        )
        for row in record["rows"]
    ]
    return rows, {name: value for name, value in record.items() if name != "rows"}


def digest(task: TextTask) -> str:
    """SHA-256 of the task's texts and labels, to which stored rows belong."""
    lines = [
        f"{part}\t{label}\t{text}"
        for part in PARTS
        for text, label in zip(getattr(task, f"texts_{part}"), getattr(task, f"y_{part}"), strict=True)
    ]
    return sha256("\n".join(lines).encode())


def frame(rows: list[TextRow]) -> pd.DataFrame:
    """The rows as a table: mean test accuracy, with half the widths of its 95% intervals over seeds and over texts."""
    rows = check_list("rows", rows, TextRow, "give a list of TextRow")
    return pd.DataFrame(
        {
            row.name: {
                "test accuracy (%)": f"{row.accuracy.mean:.1f}",
                "± seeds": f"{row.accuracy.half_width:.1f}",
                "± texts": "–" if row.times_right is None else f"{row.accuracy_over_texts.half_width:.1f}",
                "forgetting (points)": "–" if row.forgetting is None else str(mean_interval(row.forgetting)),
                "training (s)": f"{row.train_seconds:.1f}",
                "parameters": f"{row.trained_parameters:,}",
            }
            for row in rows
        }
    ).T


def measure(setting: str, bert_folder: str | None = None, crew: Crew = ALONE) -> None:
    """Measure a setting, and store its rows once all of them are measured.

    Args:
        setting: A key of `SETTINGS`.
        bert_folder: The folder of a BERT checkpoint, for "uci bert".
        crew: The crew that measures; one process unless given, since two would slow each other.
    """
    jobs = [{"setting": setting, "pipeline": name, "bert_folder": bert_folder} for name in PIPELINES]
    with making(STORED, lambda text: print(text, flush=True), crew) as made:
        rows = made.results(row_of, jobs)
        record = _record(setting, bert_folder) | {"rows": rows}
        write_shipped(STORED, json.dumps(_read() | {setting: record}, indent=1) + "\n")
    for row in rows:
        accuracy = mean_interval([100 * each for each in row["accuracies"]])
        print(f"{row['name']}: {accuracy}%, {row['train_seconds']:.1f} s, {row['choice']}", flush=True)


def row_of(job: dict) -> dict:
    """Measure a pipeline, {"setting": ..., "pipeline": its name, "bert_folder": ...}: a `TextRow` as plain values.

    How often each text was classified correctly is a digit of a string, which keeps the file short.
    """
    task, old, encoder, pipelines = _material(job["setting"], job["bert_folder"])
    (row,) = compare(task, encoder, old, [pipelines[job["pipeline"]]], report=lambda row: None)
    return asdict(row) | {"times_right": "".join(map(str, row.times_right))}


@lru_cache(maxsize=1)
def _material(setting, bert_folder):
    """The task, the old task, the encoder, and the pipelines by name."""
    if setting != "uci bert":
        task = reviews() if setting == "own reviews" else uci_sentences()
        return task, reviews("domain"), small_text_encoder(), PIPELINES
    pipelines = {name: _with_lower_rates(pipeline) for name, pipeline in PIPELINES.items()}
    pipelines[_TUNED] = replace(PIPELINES[_TUNED], grid=_BERT_TUNING, epochs=_BERT_EPOCHS)
    return uci_sentences(), uci_sentences("domain"), bert_encoder(bert_folder, _BERT_LONGEST), pipelines


def _with_lower_rates(pipeline):
    if not isinstance(pipeline, NewHead):
        return pipeline
    return replace(pipeline, grid={"rate": (*BERT_LOWER_RATES, *pipeline.grid["rate"])})


def _record(setting, bert_folder):
    """How the rows of a setting came about."""
    task, old, encoder, pipelines = _material(setting, bert_folder)
    return {
        "task": task.name,
        "texts": [len(task.y_train), len(task.y_validation), len(task.y_test)],
        "texts_sha256": digest(task),
        "old_task": old.name,
        "tuning": {name: list(values) for name, values in pipelines[_TUNED].grid.items()},
        "longest": encoder.longest,
        "encoder": repr(encoder),
        "encoder_sha256": encoder.fingerprint(),
        "date": datetime.date.today().isoformat(),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "versions": {name: version(name) for name in ("keras", "tensorflow-cpu", "numpy", "scikit-learn")},
        "command": "python -m utils.text.sweep" + (" --bert FOLDER" if setting == "uci bert" else ""),
    }


def main() -> None:
    """Measure settings and store them."""
    parser = argparse.ArgumentParser(prog="python -m utils.text.sweep", description=main.__doc__)
    parser.add_argument("--settings", nargs="+", choices=SETTINGS, default=["own reviews", "uci"])
    parser.add_argument("--bert", metavar="FOLDER", help="the checkpoint all-MiniLM-L6-v2, for 'uci bert'")
    arguments = parser.parse_args()
    settings = arguments.settings
    if arguments.bert and "uci bert" not in settings:
        settings = [*settings, "uci bert"]
    if "uci bert" in settings and not arguments.bert:
        parser.error("'uci bert' needs --bert FOLDER")
    for setting in settings:
        print(SETTINGS[setting], flush=True)
        measure(setting, arguments.bert)


def _read():
    try:
        return json.loads(read_shipped_text(STORED))
    except FileNotFoundError:
        return {}


def _tuple(values):
    return None if values is None else tuple(values)


if __name__ == "__main__":
    from utils.text import sweep  # under this name, other processes find its functions

    sweep.main()
