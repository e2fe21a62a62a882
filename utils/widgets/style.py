"""How panels look: one style sheet, which fits them into the room they have, in light and dark themes.

Lengths on a panel follow from its own width rather than the page's: notebooks have more or less beside their cells.
`--fb-u` is a 622nd of the width of a picture, the unit in which pictures and the drawing above them are laid out.
"""

from collections.abc import Iterable

import ipywidgets as widgets

from utils.plots.style import FROZEN, FROZEN_PALE, TRAINED, TRAINED_PALE
from utils.widgets.in_page import once_there

PANEL, COLUMN, TOP, FORM, CARD, WRAP = "fb-panel", "fb-column", "fb-top", "fb-form", "fb-card", "fb-wrap"
ABOVE = "fb-above"  # a field whose label is above it
STATUS = "fb-status"  # the line of words
TALL = "fb-tall"  # a column that may not be so wide that its picture is higher than the page
PROJECTED, DETAIL = "fb-projected", "fb-detail"  # a panel in projector mode; what isn't shown then
NARROW = 720  # pixels of a panel below which the fields are above the picture instead of beside it
FORM_WIDTH = 224  # pixels
CARD_FRAME = 14  # pixels that a picture's frame takes from its width

_LIGHT_ARROW = (
    "url(\"data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 18 18'%3E"
    "%3Cpath fill='%23eee' d='M5.2 5.9 9 9.7l3.8-3.8 1.2 1.2-4.9 5-4.9-5z'/%3E%3C/svg%3E\")"
)

_SHEET = f"""<style>
.{PANEL} {{ container: fb-panel / inline-size; --fb-text: 12px; --fb-row: 16px; --fb-words: 13px; --fb-words-row: 18px;
  --fb-u: calc((100cqw - {CARD_FRAME}px) / 622); --fb-box: clamp(10px, calc(10.5 * var(--fb-u)), 16px); }}
.{PANEL}, .{PANEL} .widget-box, .{PANEL} .widget-html {{ overflow: visible; min-width: 0; }}
.{PANEL} .widget-html-content {{ min-width: 0; line-height: 1.4; overflow-wrap: break-word; }}
.{PANEL} .widget-button {{ padding: 0 5px; }}
.{PANEL} .widget-radio-box label {{ position: relative; height: auto; line-height: 1.35; padding: 3px 0 3px 22px;
  white-space: normal; }}
.{PANEL} .widget-radio-box input {{ position: absolute; left: 0; top: 5px; height: auto; margin: 0 2px; }}
.{PANEL} .widget-radio-box {{ min-width: 0; }}
.{PANEL} .widget-checkbox {{ max-width: 100%; }}
.{COLUMN}.{TALL} {{ max-width: 960px; }}
.{PROJECTED} .{COLUMN}.{TALL} {{ max-width: 1500px; }}
.{TALL} .fb-network {{ padding-left: {CARD_FRAME // 2}px; }}
.{PANEL} .{CARD} {{ margin: 0; }}
.{WRAP} {{ flex-flow: row wrap; }}
.{TOP} {{ align-items: flex-start; column-gap: 6px; }}
.{FORM} {{ width: {FORM_WIDTH}px; flex: 0 0 auto; }}
.{COLUMN} {{ flex: 1 1 0; width: auto !important; max-width: 1500px; container: fb-column / inline-size; }}
.{CARD} {{ display: block; box-sizing: border-box; width: 100% !important; height: auto !important;
  padding: {CARD_FRAME // 2 - 1}px; background: #fff; border-radius: 6px;
  border: 1px solid var(--jp-border-color2, #e0e0e0); }}
[data-jp-theme-light="false"] .{CARD} {{ border-color: #fff; }}
[data-jp-theme-light="false"] .{PANEL} .widget-dropdown > select {{ background-image: {_LIGHT_ARROW}; }}
.{ABOVE} {{ flex-flow: column; height: auto; align-items: stretch; }}
.{ABOVE} .widget-label {{ width: auto !important; height: 20px; line-height: 20px; text-align: left; }}
.{ABOVE} select {{ flex: 0 0 var(--jp-widgets-inline-height, 28px); padding-left: 4px; }}
.fb-said {{ align-items: center; column-gap: 8px; }}
.fb-slim {{ height: 24px; line-height: 22px; }}
.fb-ticks {{ display: grid; grid-template-columns: auto auto auto; }}
.fb-ticks .widget-checkbox {{ width: auto; }}
.{PANEL} table {{ margin: 2px 0; }}
.{PANEL} .fb-experiments {{ max-width: calc(100cqw - 4px); }}
.fb-long {{ flex: 1 1 320px; width: auto !important; }}
.fb-table {{ flex: 1 1 440px; width: auto !important; }}
.fb-plane {{ flex: 0 1 clamp(236px, 25cqw, 400px); width: auto !important; }}
.fb-row {{ max-width: 760px; }}
.fb-details {{ opacity: 0.8; }}
.fb-code {{ box-sizing: border-box; max-height: 420px; overflow: auto; padding: 8px; border-radius: 6px;
  border: 1px solid var(--jp-border-color2, #e0e0e0); background: var(--fb-paper); color: var(--fb-ink); }}
.{PANEL} .fb-code pre {{ margin: 0; font-size: 12px; line-height: 16px; background: none; color: inherit; }}
.fb-code .k, .fb-code .kn, .fb-code .kc, .fb-code .ow {{ color: var(--fb-keyword); font-weight: bold; }}
.fb-code .s1, .fb-code .s2, .fb-code .sd, .fb-code .sa {{ color: var(--fb-string); }}
.fb-code .c1 {{ color: var(--fb-comment); font-style: italic; }}
.fb-code .mi, .fb-code .mf {{ color: var(--fb-number); }}
.fb-code .nf, .fb-code .nc {{ color: var(--fb-keyword); }}
.{PANEL} {{ --fb-paper: #fff; --fb-ink: #222; --fb-keyword: #0058a3; --fb-string: #8c2f00; --fb-comment: #555;
  --fb-number: #00674b; }}
[data-jp-theme-light="false"] .{PANEL} {{ --fb-paper: #1c1c1c; --fb-ink: #eee; --fb-keyword: #7cc4f8;
  --fb-string: #ffb08a; --fb-comment: #b5b5b5; --fb-number: #7fd6b4; }}
.fb-box {{ box-sizing: border-box; color: #222; font-size: var(--fb-box); line-height: 1.333; text-align: center;
  border-radius: 4px; padding: 4px 1px; white-space: nowrap; }}
.fb-frozen {{ border: 2px solid {FROZEN};
  background: repeating-linear-gradient(135deg, #fff 0 7px, {FROZEN_PALE} 7px 11px); }}
.fb-trained {{ border: 2px solid {TRAINED}; background: {TRAINED_PALE}; }}
.fb-input {{ border: 2px solid #999; background: #f4f4f4; }}
.fb-network > :first-child {{ min-width: fit-content; }}
.fb-many > .widget-vbox > .widget-html, .fb-heads .widget-html {{ min-width: fit-content; }}
.fb-name {{ font-size: var(--fb-words); line-height: var(--jp-widgets-inline-height, 28px); text-align: center; }}
.fb-arrow {{ font-size: clamp(9px, calc(14 * var(--fb-u)), 24px); line-height: 18px; text-align: center;
  padding-top: calc(var(--jp-widgets-inline-height, 28px) + 1.333 * var(--fb-box) - 1px); }}
.fb-narrow span {{ font-size: 11px; margin-left: -3px; }}
.{PROJECTED} .fb-many > .widget-vbox:not(.fb-heads), .{PROJECTED} .fb-many > .widget-vbox:not(.fb-heads) > * {{
  width: auto !important; }}
.{PROJECTED} .fb-many {{ flex-wrap: wrap !important; }}
@container (max-width: 560px) {{
  .fb-many {{ flex-wrap: wrap !important; }}
  .fb-said {{ --fb-caption: 3.75em; }}
  .fb-many > .widget-vbox:not(.fb-heads), .fb-many > .widget-vbox:not(.fb-heads) > * {{ width: auto !important; }}
  .fb-unit {{ display: none; }}
  .{STATUS} {{ height: calc(5 * var(--fb-words-row)) !important; }}
  .{PROJECTED} .{STATUS} {{ height: calc(6 * var(--fb-words-row)) !important; }}
  .fb-input {{ font-size: 9px; line-height: 1.48; padding: 4px 0; }}
  .fb-ticks {{ grid-template-columns: auto auto; }}
  .fb-network .widget-checkbox span {{ font-size: 11px; margin-left: -2px; }}
}}
@container fb-panel (max-width: {NARROW}px) {{
  .{TOP} {{ flex-flow: column; align-items: stretch; }}
  .{COLUMN} {{ flex: 0 0 auto; }}
  .fb-row {{ grid-template-columns: 8fr 15fr 10fr 8fr 7fr 7fr !important; }}
  .fb-row > :first-child {{ grid-column: 1 / -1; }}
  .{FORM} {{ width: 100%; flex-flow: row wrap; align-items: flex-end; column-gap: 8px; }}
}}
.{PROJECTED} {{ --fb-text: 17px; --fb-row: 23px; --fb-words: 19px;
  --fb-words-row: 26px; --fb-box: clamp(16px, calc(12 * var(--fb-u)), 24px);
  --jp-widgets-font-size: 17px; --jp-widgets-inline-height: 36px; }}
.{PROJECTED} .{DETAIL}, .{PROJECTED} .fb-count {{ display: none !important; }}
.{PROJECTED} .widget-button, .{PROJECTED} .widget-dropdown, .{PROJECTED} .widget-dropdown .widget-label {{
  width: auto !important; }}
.{PROJECTED} .widget-button {{ padding: 0 14px !important; height: 36px; line-height: 34px;
  border: 1px solid currentColor; }}
.{PROJECTED} .fb-menu {{ width: auto !important; }}
.{PROJECTED} .fb-arrow {{ padding-top: calc(36px + 0.666 * var(--fb-box) - 3px); }}
.{PROJECTED} .fb-network .widget-checkbox span {{ font-size: 17px; margin-left: 0; }}
.{PROJECTED} .{TALL} .fb-beside {{ margin-top: -20px !important; }}
.{PROJECTED} .{TALL} .fb-heads {{ flex-flow: row; column-gap: 10px; align-self: flex-end; }}
@container fb-column (min-width: 714px) {{
  .{PROJECTED} .{TALL} .fb-network {{ --fb-u: calc(0.75 * (100cqw - {CARD_FRAME}px) / 622); }}
  .{PROJECTED} .{TALL} .fb-heads {{ display: grid; column-gap: 0;
    margin-left: calc(45 * (100cqw - {CARD_FRAME}px) / 622);
    grid-template-columns: calc(152 * (100cqw - {CARD_FRAME}px) / 622) auto; }}
}}
@container (max-width: 700px) {{
  .{PROJECTED} .fb-network {{ flex-wrap: wrap !important; --fb-u: 1.25px; }}
  .{PROJECTED} .{TALL} .fb-network > :nth-last-child(2) {{ display: none; }}
  .{PROJECTED} .fb-said {{ flex-wrap: wrap; }}
  .{PROJECTED} .fb-texts {{ flex: 1 0 100% !important; order: 1; }}
  .{PROJECTED} .fb-input {{ font-size: var(--fb-box); }}
}}
</style>"""


# An image widget has no alternative text of its own.
_NAME_PICTURES = once_there(
    f".{PANEL}",
    """const name = () => box.querySelectorAll('img.widget-image:not([alt])').forEach(
        image => { image.alt = 'picture, described in the words of this panel'; });
      new MutationObserver(name).observe(box, { childList: true, subtree: true });
      name();""",
)


def panel(parts: Iterable[widgets.Widget]) -> widgets.VBox:
    """A panel of these parts, from top to bottom, with the style sheet."""
    sheet = widgets.HTML(_SHEET + _NAME_PICTURES, layout={"display": "none"})
    box = widgets.VBox([sheet, *parts], layout={"width": "100%"})
    box.add_class(PANEL)
    return box


def with_class(widget: widgets.DOMWidget, *names: str) -> widgets.DOMWidget:
    """The widget, with these classes."""
    for name in names:
        widget.add_class(name)
    return widget
