"""The playground in a real browser: how fast it trains undrawn, and what its pictures cost."""

from collections.abc import Iterator

from benchmarks.panel import SPEEDS, Speeds, opened, printed_by
from benchmarks.row import Row

_PLAYGROUND = """from utils import Playground
from utils.widgets.playground import PLAYGROUND
settings = PLAYGROUND.replace(updates=100_000)
board = Playground(settings)
frames = []
board._picture.image.observe(lambda change: frames.append(1), "value")
board"""


def rows() -> Iterator[Row]:
    """Measured in JupyterLab, on a copy of the project."""
    with opened(_PLAYGROUND, SPEEDS) as notebook:
        notebook.run(0)
        notebook.page.wait_for_timeout(3000)
        speeds = Speeds.of(printed_by(notebook, 1))
    plain = f"{speeds.plain:,.0f} updates/s"
    yield Row("playground undrawn", plain, "at least 1,000 updates/s", speeds.plain >= 1000)
    met = speeds.frames >= 9.5  # ten, to the nearest whole
    yield Row("playground live at full speed, against undrawn", f"{speeds.ratio:.2f} ({speeds})", "10 frames/s", met)
