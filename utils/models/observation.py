"""A network and one image: what the network is (its weights), and what it detects there (its features)."""

from dataclasses import dataclass

import numpy as np

from utils.models.transfer import TransferModel


@dataclass(frozen=True, eq=False)
class Observation:
    """A network at one point of its training, looking at one image.

    image: (height, width, channels), or whatever one example of the task is.
    weights: the arrays of each layer, as in `TransferModel.snapshot`.
    features: what comes out of each layer for this image, without the batch's dimension; a head's are its logits.
    """

    image: np.ndarray
    weights: dict[str, list[np.ndarray]]
    features: dict[str, np.ndarray]


def observe(model: TransferModel, image: np.ndarray) -> Observation:
    """A copy of the weights as they are now, and the features of the image under them.

    Raises a ValueError for an image of another shape than the network's.
    """
    image = np.asarray(image)
    if image.shape != model.input_shape:
        raise ValueError(f"image: the shape {image.shape} is not allowed: give one image of {model.input_shape}.")
    features = {name: output[0] for name, output in model.features(image[None]).items()}
    return Observation(image, model.snapshot(), features)
