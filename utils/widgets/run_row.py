"""A run as a row of the table: its results, and below them its settings."""

from html import escape

from utils.plots import percent
from utils.plots.changes import changes
from utils.plots.style import layer_label
from utils.strategies import Settings, write_field
from utils.training import Run
from utils.widgets.run_caption import ended_as

# Settings that a row shows where they aren't the default, with their labels there.
_SETTING_LABELS = {
    "pair_options": "", "backbone": "", "warm_up": "warm-up", "warm_up_rate": "warm-up rate",
    "unfreeze_every": "unfreeze every",
    "rate_decay": "rate decay per layer", "layer_rates": "layer rates", "patience": "patience",
    "rate_drops": "rate drops", "head_l2": "L2 of the new head", "old_loss_weight": "λ", "temperature": "T",
    "loss_options": "", "old_images": "old images", "new_images": "new images",
}  # fmt: skip
_COLUMNS = (("strategy", "minmax(0, 1fr)"), ("updates", "56px"), ("old task", "106px"), ("forgetting (points)", "72px"),
            ("new task", "56px"), ("trained", "52px"), ("time", "46px"))  # fmt: skip
_GRID = f"display:grid;grid-template-columns:{' '.join(width for _, width in _COLUMNS)};gap:4px;"
_MOST_CHANGES = 6  # in a row
TEXT = "font-size:var(--fb-text,12px);line-height:1.25;"
HEAD = (
    f'<div class="fb-row" style="{_GRID}{TEXT}font-weight:bold;margin-left:50px">'
    f"{''.join(f'<span>{name}</span>' for name, _ in _COLUMNS)}</div>"
)


def row_html(run: Run, is_best: bool) -> str:
    """The row's HTML; `is_best` for a star."""
    share = 100 * run.trained_parameters / max(1, run.total_parameters)
    cells = (
        f"<b>{escape(run.settings.strategy)}</b>{' ★' if is_best else ''}",
        f"{run.updates:,}",
        f"{percent(run.old_accuracy_before)} → {percent(run.old_accuracy)}",
        "–" if run.forgetting is None else f"{run.forgetting:+.1f}",
        percent(run.new_accuracy),
        f"{share:.0f}%" if share >= 1 else f"{share:.1f}%",
        f"{run.seconds:.1f} s",
    )
    line = "".join(f"<span>{cell}</span>" for cell in cells)
    details = f'<div class="fb-details" style="{TEXT}">{escape(_details(run))}</div>'
    return f'<div class="fb-row" style="{_GRID}{TEXT}">{line}</div>{details}'


def _details(run):
    """The settings besides the strategy, and how the run ended."""
    settings, default = run.settings, Settings()
    texts = [
        f"{settings.pair}, {settings.optimizer} {settings.learning_rate:g}, batch {settings.batch_size}, "
        f"seed {settings.seed}"
    ]
    texts += [
        f"{label} {write_field(getattr(settings, name))}".strip()
        for name, label in _SETTING_LABELS.items()
        if getattr(settings, name) != getattr(default, name)
    ]
    if settings.standardizes:
        texts.append("features standardized")
    if run.result_point != -1:
        texts.append(f"result from update {run.result_update:,}")
    if settings.label != settings.strategy:
        texts.append(layer_label(settings.label.removeprefix(f"{settings.strategy}, ")))
    by_hand = {update for update, change in run.events if not change.stop}
    made = [(update, text) for update, text in changes(run) if update in by_hand]
    texts += [f"at update {update:,}: {text}" for update, text in made[:_MOST_CHANGES]]
    texts += [f"and {len(made) - _MOST_CHANGES} more changes"] if len(made) > _MOST_CHANGES else []
    for task, value in (("old", run.old_balanced_accuracy), ("new", run.new_balanced_accuracy)):
        texts += [f"balanced accuracy of the {task} task {percent(value)}"] if value is not None else []
    if run.status != "finished":
        texts.append(ended_as(run))
    return ", ".join(texts)
