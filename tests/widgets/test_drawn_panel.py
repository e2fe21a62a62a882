"""A panel drawn as a picture has what the page has: texts, ticks, fields, pictures, and nothing that is hidden."""

import io

import ipywidgets as widgets
import numpy as np
import pytest
from PIL import Image

from utils.widgets.drawn_panel import draw_panel
from utils.widgets.drawn_text import pieces


def drawn(widget, note="A picture", **instead):
    return np.asarray(Image.open(io.BytesIO(draw_panel(widget, note, instead.get("pictures", {})))).convert("RGB"), int)


def test_a_table_s_row_has_cells_and_styles_are_no_text():
    markup = (
        "<style>.a { color: red }</style>"
        '<div style="display:grid;grid-template-columns:minmax(0, 1fr) 56px;font-size:12px">'
        "<span><b>fine-tuning</b> ★</span><span>400</span></div><div>below &amp; after</div>"
    )
    row, line = pieces(markup)
    assert (row.looks, row.size, row.texts) == ("row", 12, [[("fine-tuning", True), ("★", False)], [("400", False)]])
    assert (line.looks, line.plain()) == ("line", "below & after")


def test_a_box_of_the_network_has_its_lines():
    (box,) = pieces('<div class="fb-box fb-frozen" title="conv1">160 weights<br>frozen</div>')
    assert (box.looks, [part[0][0] for part in box.texts]) == ("frozen", ["160 weights", "frozen"])


@pytest.mark.parametrize(
    ("make", "change"),
    [
        (lambda: widgets.Checkbox(description="conv1"), {"value": True}),
        (lambda: widgets.Text(value="0.001", description="learning rate"), {"value": "0.01"}),
        (lambda: widgets.Dropdown(options=["adam", "sgd"], description="optimizer"), {"value": "sgd"}),
        (lambda: widgets.Button(description="Start"), {"description": "Loading"}),
        (lambda: widgets.HTML("<b>Finished</b>"), {"value": "<b>Running</b>"}),
    ],
)
def test_what_a_widget_shows_is_drawn_unless_it_is_hidden(make, change):
    widget = make()  # those of one test are closed before the next
    page = widgets.VBox([widget, widgets.HTML("below")])
    before = drawn(page)
    for name, value in change.items():
        setattr(widget, name, value)
    after = drawn(page)
    assert before.shape == after.shape and (before != after).any()
    widget.layout.display = "none"
    hidden = drawn(page)
    assert len(hidden) < len(after)
    assert (hidden == drawn(widgets.VBox([widgets.HTML("below")]))).all()


def test_pictures_are_where_the_widgets_are():
    def png(color):
        file = io.BytesIO()
        Image.new("RGB", (4, 4), color).save(file, "PNG")
        return file.getvalue()

    image = widgets.Image(value=png("#0000ff"), layout={"width": "100px", "height": "50px"})
    beside = widgets.HBox([widgets.Image(layout={"width": "200px", "height": "50px"}), image])
    blue = np.argwhere((drawn(beside) == (0, 0, 255)).all(axis=2))
    height, width = np.ptp(blue, axis=0) + 1
    assert (round(height / 1.5), round(width / 1.5)) == (50, 100) and blue[:, 1].min() >= 1.5 * 200
    green = drawn(beside, pictures={image: png("#00ff00")})
    assert (green[tuple(blue[0])] == (0, 255, 0)).all()


def test_a_long_text_stays_in_its_field():
    field = widgets.Text(value="short", description="text", layout={"width": "200px"})
    end = round(1.5 * (8 + 200)) + 3
    before = drawn(widgets.HBox([field]))
    field.value = "a long text " * 30
    after = drawn(widgets.HBox([field]))
    assert (before[:, end:] == after[:, end:]).all() and (before != after).any()


def test_lengths_that_follow_from_the_page_have_their_usual_value():
    wide, usual = (
        widgets.HBox([widgets.HTML("a", layout={"width": width}), widgets.HTML("b")])
        for width in ("calc(88 * var(--fb-u))", "88px")
    )
    assert (drawn(wide) == drawn(usual)).all()
    heights = "calc(3 * var(--fb-row,16px))", "48px"
    high, low = (widgets.VBox([widgets.HTML(layout={"height": height})]) for height in heights)
    assert drawn(high).shape == drawn(low).shape
