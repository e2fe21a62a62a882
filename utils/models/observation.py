"""A network and an image: the network's weights, and its features of the image."""

from dataclasses import dataclass

import numpy as np

from utils.checks import check_array, check_kind
from utils.models.transfer import TransferModel


@dataclass(frozen=True, eq=False)
class Observation:
    """A network at one point of its training, and its features of an image or of several.

    Attributes:
        image: (height, width, channels), or the shape of one example of the task; or a batch of them, (N, ...).
        weights: The arrays of each layer, as in `TransferModel.snapshot`.
        features: The output of each layer, for a head its logits; with a batch axis if the image has one.
    """

    image: np.ndarray
    weights: dict[str, list[np.ndarray]]
    features: dict[str, np.ndarray]


def observe(model: TransferModel, image: np.ndarray) -> Observation:
    """Copy the weights, and compute the features of an image, or of a batch of them.

    Raises:
        ValueError: For an image of another shape than the network's.
    """
    check_kind("model", model, TransferModel, "give a TransferModel, as pretrained(...) does")
    image = check_array("image", image)
    if image.shape == model.input_shape:
        features = {name: output[0] for name, output in model.features(image[None]).items()}
    elif image.shape[1:] == model.input_shape and len(image):
        features = model.features(image)
    else:
        raise ValueError(f"image: the shape {image.shape} is not allowed: give {model.input_shape}, or a batch.")
    return Observation(image, model.snapshot(), features)
