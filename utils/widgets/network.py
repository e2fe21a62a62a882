"""The network drawn as a row of boxes, with a switch at each layer."""

from collections.abc import Callable
from functools import lru_cache

import ipywidgets as widgets

from utils.frameworks import is_loaded
from utils.models import BACKBONES, NEW_HEAD, OLD_HEAD, AddedLayers, TransferModel, layer_names
from utils.plots.style import layer_label
from utils.widgets.open_panels import close_widget
from utils.widgets.style import with_class

# Widths as in the playground's picture, which has the columns of the network below its boxes.
_BOX_WIDTH, _HEAD_WIDTH, _IMAGE_WIDTH, _ARROW_WIDTH = 88, 64, 54, 12
_SEVERAL_WIDTH = 100  # of added layers where there are several, in a second row
_NARROW_WIDTH, _ADDED_WIDTH, _NARROW_IMAGE_WIDTH = 65, 88, 46  # where a fifth box joins the row

_WIDE = 630  # pixels for the blocks where the drawing has the page's width
_NARROW = 65  # width of a block below which a switch's name is set smaller


class NetworkSwitches:
    """Boxes for the input, the blocks and the two heads; frozen ones blue and striped, trained ones orange.

    Args:
        switched: Called with the names of the layers that are switched on, whenever the reader flips a switch. It
            returns whether that is possible; if not, the switch springs back.

    Attributes:
        backbone: The name of the network drawn, or None.
    """

    def __init__(self, switched: Callable[[tuple[str, ...]], bool]):
        self._switched = switched
        self._is_setting = False  # while switches are set by code
        self._boxes, self._switches, self._weight_counts = {}, {}, {}
        self._drawn, self._trained = None, ()  # the network, as `_count_weights` takes it, and the layers that train
        self._added = ()  # the names of added layers
        self.backbone = None
        self.widget = widgets.HBox(layout={"align_items": "flex-start", "margin": "0 0 2px 0"})
        self.widget.add_class("fb-network")

    @property
    def switched_on(self) -> tuple[str, ...]:
        """The layers whose switch is on."""
        return tuple(name for name, switch in self._switches.items() if switch.value)

    @property
    def layer_names(self) -> tuple[str, ...]:
        """The layers of the network drawn, from the input to the heads."""
        return tuple(self._boxes)

    def build(
        self,
        backbone: str,
        input_shape: tuple[int, ...],
        classes: tuple[int, int],
        added: AddedLayers | None = None,
    ) -> bool:
        """Draw a network, with all switches off unless it's the one that is drawn already.

        Args:
            backbone: The network's name.
            input_shape: The shape of one example.
            classes: The number of classes of the old and of the new task.
            added: Layers that the strategy adds; None for none.

        Returns:
            Whether it's another network than before.
        """
        self._drawn = backbone, input_shape, classes, added
        self._weight_counts = _count_weights(*self._drawn) if is_loaded() else {}
        names = layer_names(BACKBONES[backbone], added)
        if names == self.layer_names:
            return False
        self.backbone = backbone
        self._added = added.names(BACKBONES[backbone]) if added else ()
        before = self.widget.children
        self._boxes = {name: widgets.HTML(layout=self._layout(name, names)) for name in names}
        self._switches = {name: self._switch(name) for name in names}
        image = f'<div class="fb-name">train:</div><div class="fb-box fb-input">{_input_text(input_shape)}</div>'
        columns = [widgets.HTML(image, layout=_scaled(_NARROW_IMAGE_WIDTH if added else _IMAGE_WIDTH))]
        for name in names[:-2]:
            width = self._width(name, names)
            if width < _NARROW or width == _SEVERAL_WIDTH:
                self._switches[name].add_class("fb-narrow")
            column = widgets.VBox([self._switches[name], self._boxes[name]], layout=self._layout(name, names))
            columns += [_arrow("+" if name in self._added else "→"), column]
        heads = []
        for name in (OLD_HEAD, NEW_HEAD):
            heads.append(widgets.HBox([self._boxes[name], self._switches[name]], layout={"align_items": "center"}))
        columns += [_arrow(), with_class(widgets.VBox(heads, layout=_tight("auto")), "fb-heads")]
        self.widget.children = columns
        (self.widget.add_class if self._added or self.is_wide else self.widget.remove_class)("fb-many")
        may_wrap = self.is_wide or len(self._added) > 1
        self.widget.layout.flex_flow = "row wrap" if may_wrap else "row nowrap"
        self.show(())
        for column in before:
            close_widget(column)
        return True

    def switch_on(self, layers: tuple[str, ...]) -> None:
        """Switch on these layers and no others, without calling `switched`."""
        self._is_setting = True
        try:
            for name, switch in self._switches.items():
                switch.value = name in layers
        finally:
            self._is_setting = False

    def show(self, trained: tuple[str, ...]) -> None:
        """Draw which layers train."""
        self._trained = trained
        for name, box in self._boxes.items():
            trains = name in trained
            css_class, state = ("fb-trained", "trained") if trains else ("fb-frozen", "frozen")
            count = f"{self._weight_counts[name]:,}" if self._weight_counts else "…"
            title = f"{layer_label(name)}: {count} weights, {state}"
            is_narrow = name in (OLD_HEAD, NEW_HEAD) or self._added or self.is_wide
            text = count if is_narrow else f'{count}<span class="fb-unit"> weights</span>'
            value = (
                f'<div class="fb-box {css_class}" title="{title}"><span class="fb-count">{text}<br></span>{state}</div>'
            )
            if box.value != value:
                box.value = value

    def count(self) -> None:
        """Write how many weights each layer has, which takes Keras: until then a network is drawn without."""
        if self._drawn:
            self._weight_counts = _count_weights(*self._drawn)
            self.show(self._trained)

    @property
    def is_wide(self) -> bool:
        """Whether the drawing needs the page's whole width: the reader's network may have many blocks."""
        return self.backbone is not None and BACKBONES[self.backbone].pair is not None

    def _width(self, name, names):
        if name in (OLD_HEAD, NEW_HEAD):
            return _HEAD_WIDTH
        if self.is_wide:
            return min(100, _WIDE // (len(names) - 2) - _ARROW_WIDTH)
        if self._added:
            added = _SEVERAL_WIDTH if len(self._added) > 1 else _ADDED_WIDTH
            return added if name in self._added else _NARROW_WIDTH
        return _BOX_WIDTH

    def _layout(self, name, names):
        width = self._width(name, names)
        return _tight(f"{width}px") if self.is_wide else _scaled(width)

    def _switch(self, name):
        label = layer_label(name)
        margin = "0 0 0 4px" if name in (OLD_HEAD, NEW_HEAD) else "0"  # beside its box, or over it
        layout, tooltip = _tight("auto") | {"margin": margin}, f"on: {label} trains; off: it is frozen"
        switch = widgets.Checkbox(description=label, indent=False, tooltip=tooltip, layout=layout)

        def flipped(change):
            if not self._is_setting and not self._switched(self.switched_on):
                self._is_setting = True
                switch.value = change.old
                self._is_setting = False

        switch.observe(flipped, "value")
        return switch


def _input_text(shape):
    what, size = "input", " × ".join(map(str, shape))
    if len(shape) == 3:
        what, size = "image", f"{shape[0]} × {shape[1]}"
    elif shape == (2,):
        what, size = "point", "x and y"
    return f'{what}<span class="fb-count"><br>{size}</span>'


def _scaled(width):
    return _tight(f"calc({width} * var(--fb-u))")


def _tight(width):
    return {"width": width, "margin": "0", "flex": "0 0 auto"}


def _arrow(sign="→"):
    return widgets.HTML(f'<div class="fb-arrow" aria-hidden="true">{sign}</div>', layout=_scaled(_ARROW_WIDTH))


@lru_cache(maxsize=32)
def _count_weights(backbone, input_shape, classes, added):
    """The number of weights of each layer, counted on such a network."""
    model = TransferModel(BACKBONES[backbone], input_shape, *classes, added)
    return {name: model.parameters(name) for name in model.layer_names}
