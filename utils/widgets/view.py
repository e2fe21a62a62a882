"""How a notebook is asked to show a panel's widget: the same for ipywidgets 7 (on Colab at times) and 8."""

import ipywidgets as widgets


def view(widget: widgets.Widget) -> dict:
    """The MIME bundle of a widget's live view; other formats can be added to it."""
    mime_type = "application/vnd.jupyter.widget-view+json"
    return {mime_type: {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}}
