"""Where the parts of a freeze board are."""

from collections.abc import Sequence

import ipywidgets as widgets

from utils.widgets.next_run import NextRun
from utils.widgets.projector import Projector
from utils.widgets.run_display import RunDisplay
from utils.widgets.style import COLUMN, DETAIL, TALL, TOP, panel, with_class

CAPTION_HEIGHT = 30  # pixels above the message


def lay_out(
    next_run: NextRun,
    display: RunDisplay,
    picture,
    buttons: widgets.Widget,
    menu: Sequence[widgets.Widget],
    message: widgets.Widget,
    status: widgets.Widget,
    projector: Projector,
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
        projector: Switches the board's projector mode.
        has_page: Whether the drawing of the network has the page's whole width.
    """
    message.layout.width = "100%"
    network, form = next_run.network.widget, next_run.form.widget
    texts = [display.caption, with_class(message, "fb-beside")]
    texts = with_class(widgets.VBox(texts, layout={"width": "340px", "flex": "1 1 0"}), "fb-texts")
    said = with_class(widgets.HBox([*menu, texts, projector.button]), "fb-said")
    column = [network, buttons, said, picture.widget, status]
    if picture.is_tall:
        column = [buttons, said, status, network, picture.widget]
    above = [network] if has_page else []
    right = [part for part in column if part not in above]
    right = with_class(widgets.VBox(right, layout={"width": "622px"}), COLUMN)
    if picture.is_tall:
        right.add_class(TALL)
    top = with_class(widgets.HBox([with_class(form, DETAIL), right]), TOP)
    below = [next_run.text.widget, display.code.widget, display.table.widget]
    return projector.on(panel([*above, top, *(with_class(part, DETAIL) for part in below)]))
