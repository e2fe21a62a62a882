"""Colors and line styles of figures and panels (Okabe & Ito 2008: distinguishable for color-blind readers)."""

FROZEN, TRAINED = "#0072B2", "#E69F00"
FROZEN_PALE, TRAINED_PALE = "#cfe3f1", "#fbe3ae"
OLD_TASK, NEW_TASK = "#D55E00", "#009E73"
TRAINING = "#999999"
# Marker and color of two classes in the plane: the ends of the scale in which maps and weights are drawn.
CLASS_LOOKS = (("o", "#40004b"), ("^", "#00441b"))
INK, GRID = "#222222", "#dddddd"
# Line styles mean the same as the colors, for prints without color.
OLD_STYLE, NEW_STYLE = (0, (4, 1.5)), "-"
DOTS_PER_INCH = 100
TITLE = {"fontsize": 7.5, "loc": "left", "pad": 4, "color": INK}  # of axes


def pale(color: str, share: float = 0.42) -> str:
    """A color mixed with white: unlike one that is transparent, it stays as pale where several lie over another."""
    parts = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    return "#" + "".join(f"{round(255 - share * (255 - part)):02x}" for part in parts)


def layer_label(name: str) -> str:
    """A layer's name as readers see it: "new_head" becomes "new head"."""
    return name.replace("_", " ")
