"""What a reader should know of single layers: where a run of theirs isn't what `fit` does, or can't be repeated."""

from utils.frameworks import keras
from utils.keras_internals import flat_layers, global_seed_state, set_global_seed_state
from utils.models.block import is_of_keras
from utils.user_model.cut_model import CutModel


def notes_of_layers(cut: CutModel) -> list[str]:
    """A sentence for each kind of such layers, with their names."""
    notes = [_of_frozen_layers(cut), *_of_single_layers(cut), _of_unseeded_draws(cut)]
    return [note for note in notes if note]


def _of_frozen_layers(cut):
    norms = [layer.name for layer in flat_layers(cut.source) if isinstance(layer, keras.layers.BatchNormalization)]
    names = [name for name in cut.frozen_by_hand if cut.train_norms or name not in norms]
    if not names:
        return ""
    way_out = " train_norms=False keeps batch normalization as it is." if set(names) & set(norms) else ""
    return (
        f"frozen by hand in the model: {', '.join(names)}. Here the switches decide, so each trains with its block."
        + way_out
    )


def _of_single_layers(cut):
    for layer in flat_layers(cut.source):
        if isinstance(layer, keras.layers.SpectralNormalization):
            yield (
                f"{layer.name}: in fit, SpectralNormalization divides its kernel in every update, frozen or not; here "
                "a frozen one stays as it is."
            )
        if isinstance(layer, keras.layers.AugMix):
            yield (
                f"{layer.name}: AugMix draws with Python's random module, not with Keras's: the same settings give "
                "other numbers in another kernel."
            )


def _of_unseeded_draws(cut):
    """Only layers of the reader's own can draw without a generator of their own, which no seed resets."""
    if all(map(is_of_keras, flat_layers(cut.source))):
        return ""
    x, names = keras.ops.zeros((2, *cut.input_shape), cut.source.inputs[0].dtype), []
    begin = global_seed_state()
    try:
        for block in cut.backbone(cut.source.name, cut.source.name).build(cut.input_shape):
            before = global_seed_state()
            x = block(x, training=True)
            names += [block.name] if global_seed_state() != before else []
    except Exception:  # a layer of the reader's own may raise anything, zeros being none of its examples
        return ""
    finally:
        set_global_seed_state(begin)  # the reader's own draws go on as if nothing had been tried
    if not names:
        return ""
    return (
        f"in {', '.join(names)}, a layer draws random numbers without a seed, so the same settings give other numbers "
        "each time. Give it a generator of its own: self.seed = keras.random.SeedGenerator(1), then seed=self.seed."
    )
