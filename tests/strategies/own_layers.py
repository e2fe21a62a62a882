"""A strategy that changes the network in a way that the project doesn't have, as a reader would write it: adapters.

Bottleneck adapters behind every block (Houlsby et al., ICML 2019): the network is frozen, and small layers that begin
as the identity learn between its blocks. The old task is answered without them.
"""

from keras import layers

from utils.models import AddedLayers, Block
from utils.strategies import Strategy

WIDTH = 4


def names(backbone):
    """A name for the adapter behind each block."""
    return tuple(f"{name}_adapter" for name in backbone.layer_names)


def build(backbone, shapes):
    """Down to a few units and up again to as many as the block has; these begin with zeros."""
    return tuple(
        Block(name, (layers.Dense(WIDTH, activation="relu"), layers.Dense(shape[-1], kernel_initializer="zeros")))
        for name, shape in zip(names(backbone), shapes[1:], strict=True)
    )


def features(x, blocks, added, call):
    """The new head sees the network with the adapters; the old one, for which nothing is said, without them."""
    for block in blocks:
        x = call(block, x)
        x = x + call(added[f"{block.name}_adapter"], x)
    return x


IN_KERAS = """\
for name in BACKBONE:
    features = network[name](features)
seen = image
for name in BACKBONE:
    seen = network[name](seen)
    seen = layers.Add()([seen, network[f"{name}_adapter"](seen)])"""

ADAPTERS = Strategy(
    "adapters",
    trains=("adapters", "new_head"),
    added=AddedLayers("adapters", names, build, features, code=IN_KERAS, words="adapters between"),
    idea="the network is frozen; small layers between its blocks learn for the new head",
    source="Houlsby et al., Parameter-Efficient Transfer Learning for NLP, ICML 2019",
)
