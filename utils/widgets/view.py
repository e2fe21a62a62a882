"""How a panel tells a notebook to show its widget: the same for ipywidgets 7 (Colab's, at times) and 8."""

import ipywidgets as widgets


def view(widget: widgets.Widget) -> dict:
    """The MIME bundle of a widget's live view, to which others can be added."""
    kind = "application/vnd.jupyter.widget-view+json"
    return {kind: {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}}
