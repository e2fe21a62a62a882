"""A race as a sentence and as a table: what each strategy keeps of the old task, learns of the new one, and costs."""

from collections.abc import Sequence
from html import escape

from utils.measures import mean_interval
from utils.plots import examples_of
from utils.training import Run
from utils.training.race import RaceProgress

_COLUMNS = (
    "strategy", "seeds", "old task (%)", "forgetting (points)", "new task (%)", "training (s)", "weights trained",
)  # fmt: skip
_CELL = "padding:1px 10px 1px 0;text-align:left;font-size:var(--fb-text,12px);line-height:1.42"


def race_table(runs: Sequence[Run]) -> str:
    """The HTML of a table with a row for each strategy, from its runs that have ended.

    From two seeds on, values are means with their 95% intervals.
    """
    ended = [run for run in runs if run.old_accuracy is not None]
    if not ended:
        return ""
    head = "".join(f'<th style="{_CELL};font-weight:bold">{name}</th>' for name in _COLUMNS)
    rows = []
    for name in dict.fromkeys(run.settings.strategy for run in ended):
        by_name = [run for run in ended if run.settings.strategy == name]
        stopped = sum(run.status != "finished" for run in by_name)
        cells = (
            escape(name) + (f" ({stopped} ended early)" if stopped else ""),
            "one" if len(by_name) == 1 else str(len(by_name)),
            mean_text([100 * run.old_accuracy for run in by_name]),
            mean_text([run.forgetting for run in by_name]),
            mean_text([100 * run.new_accuracy for run in by_name]),
            mean_text([run.seconds for run in by_name]),
            f"{by_name[0].trained_parameters:,} of {by_name[0].total_parameters:,}",
        )
        rows.append("<tr>" + "".join(f'<td style="{_CELL}">{cell}</td>' for cell in cells) + "</tr>")
    note = f"Test {examples_of(ended[0])}. Mean ± 95% interval where there are several seeds; "
    note += "a single seed says little about which is better."
    return f'<table><tr>{head}</tr>{"".join(rows)}</table><div style="{_CELL}">{note}</div>'


def mean_text(values: Sequence[float]) -> str:
    """A single value, or the mean of several with its 95% interval."""
    return f"{values[0]:.1f}" if len(values) == 1 else str(mean_interval(values))


def summary(runs: Sequence[Run], progress: RaceProgress) -> str:
    """One or two sentences about how far the race has come, and what there is to see."""
    latest = {run.settings.strategy: run for run in runs if run.history and len(run.history["update"])}
    if progress.status != "training":
        ended = "The race is over." if progress.status == "finished" else "Stopped; the runs so far are kept."
        seeds = len({run.settings.seed for run in runs})
        basis = "a single race, with one seed"
        if seeds > 1:
            basis = f"the means of {seeds} seeds (the curves are the last one's)"
        return f"{ended} What you see is based on {basis}; the table below has the test results."
    parts = [
        f"{name} {100 * run.history['old_accuracy'][-1]:.0f} / {100 * run.history['new_accuracy'][-1]:.0f}"
        for name, run in latest.items()
    ]
    run = next(iter(latest.values()), None)
    seed, examples = (run.settings.seed, examples_of(run)) if run else (0, "images")
    return f"Seed {seed}, update {progress.update:,}. Old / new task, % of validation {examples}: {'; '.join(parts)}."
