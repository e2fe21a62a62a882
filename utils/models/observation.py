"""A network and an image: what the network is (its weights), and what it detects there (its features)."""

from dataclasses import dataclass

import numpy as np

from utils.models.transfer import TransferModel


@dataclass(frozen=True, eq=False)
class Observation:
    """A network at one point of its training, looking at an image, or at several.

    image: (height, width, channels), or whatever one example of the task is; or a batch of them, (N, ...).
    weights: the arrays of each layer, as in `TransferModel.snapshot`.
    features: what comes out of each layer, a head's being its logits; with the batch's dimension if image has one.
    """

    image: np.ndarray
    weights: dict[str, list[np.ndarray]]
    features: dict[str, np.ndarray]


def observe(model: TransferModel, image: np.ndarray) -> Observation:
    """A copy of the weights as they are now, and the features of the image, or of a batch of them, under these weights.

    Raises a ValueError for an image of another shape than the network's.
    """
    image = np.asarray(image)
    if image.shape == model.input_shape:
        features = {name: output[0] for name, output in model.features(image[None]).items()}
    elif image.shape[1:] == model.input_shape and len(image):
        features = model.features(image)
    else:
        raise ValueError(f"image: the shape {image.shape} is not allowed: give {model.input_shape}, or a batch.")
    return Observation(image, model.snapshot(), features)
