"""Files that a browser sends: what is on its way is known before it comes, since it may never come."""

from collections.abc import Iterator

import ipywidgets as widgets
import traitlets

MOST_BYTES = 10_000_000  # of a message: Jupyter's server refuses larger ones, and tells neither side


def announcement(upload: widgets.FileUpload) -> tuple[widgets.Widget, widgets.Widget]:
    """Link an upload button to a widget that tells which files are on their way.

    The content comes in a message of its own, which a server refuses without a word where it is too large. The browser
    itself links the two; what it can't write as JSON, the content, becomes {}.

    Returns:
        A widget whose `value` becomes the list of files when they are chosen (see `announced_files`), and the link.
    """
    chosen = _Announcement()
    source = "value" if upload.trait_metadata("value", "sync") else "metadata"  # in ipywidgets 7
    return chosen, widgets.jsdlink((upload, source), (chosen, "value"))


class _Announcement(widgets.Label):
    value = traitlets.Any(()).tag(sync=True)


def announced_files(value) -> list[tuple[str, int]] | None:
    """Name and size in bytes of each file on its way; None where another front end tells something else."""
    try:
        return [(str(file["name"]), int(file["size"])) for file in value]
    except (TypeError, KeyError, ValueError):
        return None


def uploaded_files(value) -> Iterator[tuple[str, bytes]]:
    """Name and content of each file in the value of an upload button: dicts, or a dict of them in ipywidgets 7."""
    for upload in value.values() if isinstance(value, dict) else value:
        yield str(upload.get("name") or upload.get("metadata", {}).get("name", "")), bytes(upload["content"])


def with_size(name: str, size: int) -> str:
    """A file's name, cut in the middle where it's long, and its size."""
    short = name if len(name) <= 60 else f"{name[:28]}…{name[-28:]}"
    return f"{short!r} ({size / 1e6:.1f} MB)"
