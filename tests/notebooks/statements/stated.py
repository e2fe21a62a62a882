"""What the notebooks state in Markdown, and the runs that they state it of: for the tests of statements."""

import re

import nbformat

from tests.conftest import PROJECT
from tests.notebooks.notebook import output_text
from utils.measures import mean_interval
from utils.strategies import Settings
from utils.sweeps import reach, run_seeds

HEAD, TUNE = "feature extraction", "fine-tuning"
FOUR = ("digits-drawings", "digits-halves", "digits-fashion", "fashion-digits")


def cells(name, kind):
    return [cell for cell in nbformat.read(PROJECT / "notebooks" / name, as_version=4).cells if cell.cell_type == kind]


def prose(name):
    """A notebook's Markdown, line breaks as spaces, and with the minus signs that are printed."""
    return " ".join(" ".join(cell.source for cell in cells(name, "markdown")).split()).replace("−", "-")


def printed(name, text):
    """What the one saved cell with this text has printed."""
    (cell,) = (cell for cell in cells(name, "code") if text in cell.source)
    return output_text(cell)


def numbers_of(name, text):
    """The numbers in it."""
    return re.findall(r"\d+\.\d+", printed(name, text))


def accuracies(results):
    return [100 * result.new_accuracy for result in results]


def new(results):
    return mean_interval(accuracies(results))


def lost(results):
    return mean_interval([result.forgetting for result in results])


def lead(frozen, tuned):
    """Fine-tuning's accuracy minus feature extraction's, seed by seed."""
    return mean_interval([b - a for a, b in zip(accuracies(frozen), accuracies(tuned), strict=True)])


def leads_by_seed(pair="digits-drawings", new_images=1000):
    frozen, tuned = best(pair, new_images)
    return [b - a for a, b in zip(accuracies(frozen), accuracies(tuned), strict=True)]


def paired(more, less):
    """The difference, seed by seed."""
    return mean_interval([a - b for a, b in zip(more, less, strict=True)])


def best(pair="digits-drawings", new_images=1000, pair_options=None):
    return [reach(name, pair, new_images, pair_options) for name in (HEAD, TUNE)]


def stored(**changes):
    return run_seeds(Settings(**changes), log=lambda text: None)


def spreads(name, text):
    """The rows of the table that the one saved cell with this text shows: name → its "mean ± half width", in order."""
    rows = {}
    for line in printed(name, text).splitlines():
        if found := re.match(r"(\S.*?) {2,}(.*±.*)", line):
            rows.setdefault(found[1], []).extend(re.findall(r"-?[\d.]+ ± [\d.]+", found[2]))
    return rows


def is_clear(spread):
    """Whether zero lies outside a printed interval."""
    mean, half_width = map(float, spread.split(" ± "))
    return abs(mean) > half_width
