"""Where the parts of a freeze board are."""

from collections.abc import Sequence

import ipywidgets as widgets

from utils.widgets.next_run import NextRun
from utils.widgets.run_display import RunDisplay

_OVERLAID = {"overflow": "visible"}  # a long message may lie over what is around it


def lay_out(
    next_run: NextRun,
    display: RunDisplay,
    picture,
    buttons: widgets.Widget,
    menu: Sequence[widgets.Widget],
    message: widgets.Widget,
    status: widgets.Widget,
    has_page: bool,
) -> widgets.VBox:
    """The fields on the left; network, buttons and picture on the right; the runs below.

    Args:
        next_run: The settings of the next run.
        display: What is shown of a run.
        picture: The picture, such as a `CurvesPicture`.
        buttons: The buttons of the training.
        menu: What is to the left of the message.
        message: The place for what there is to say beside them.
        status: The status line.
        has_page: Whether the drawing of the network has the page's whole width.
    """
    network, form = next_run.network.widget, next_run.form.widget
    texts = widgets.VBox([display.caption, message], layout=_OVERLAID | {"width": "498px", "height": "36px"})
    said = widgets.HBox([*menu, texts], layout=_OVERLAID | {"height": "36px"})
    column = [network, buttons, said, picture.image, status]
    if picture.is_tall:
        column = [buttons, said, status, network, picture.image]
    above = [network] if has_page else []
    right = _column([part for part in column if part not in above])
    form.layout.flex = "0 0 auto"
    top = widgets.HBox([form, right], layout=_OVERLAID)
    below = [next_run.text.widget, display.code.widget, display.table.widget]
    return widgets.VBox([*above, top, *below], layout={"width": "100%"})


def _column(parts: Sequence[widgets.Widget]):
    return widgets.VBox(parts, layout=_OVERLAID | {"width": "628px", "flex": "0 0 auto"})
