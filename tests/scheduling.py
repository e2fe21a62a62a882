"""Which tests stay together where several processes share them, and which come first."""

from xdist.scheduler import LoadScopeScheduling

# What takes longest begins first, so that no process waits for the other at the end.
_NOTEBOOKS_RUN = "tests/notebooks/test_execution", "tests/notebooks/test_changed_settings"
_FIRST = (
    "tests/browser/",
    "tests/widgets/test_freeze_board",
    "tests/training/test_double_precision",
    *_NOTEBOOKS_RUN,
    *(f"tests/{room}/" for room in ("widgets", "training", "user_model", "text", "exercises", "sweeps", "freezing")),
)


class ByFile(LoadScopeScheduling):
    """A file's tests share what is costly to make, the browser's tests one JupyterLab; each notebook runs by itself."""

    def _split_scope(self, nodeid):
        if nodeid.startswith("tests/browser/"):
            return "tests/browser"
        if nodeid.startswith(_NOTEBOOKS_RUN):
            return nodeid
        return nodeid.split("::")[0]


def order(item) -> int:
    """For sorting: tests that begin early have a small number."""
    for number, start in enumerate(_FIRST):
        if item.nodeid.startswith(start):
            return number
    return len(_FIRST)
