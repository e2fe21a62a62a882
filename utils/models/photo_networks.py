"""Networks for photographs: those of `keras.applications` with ImageNet's weights, and a small one of the project's."""

from __future__ import annotations

import hashlib
import io
import json
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from utils.checks import check_one_of, check_whole_number
from utils.frameworks import keras, layers
from utils.process import check_keras
from utils.shipped import read_shipped, read_shipped_text
from utils.tasks import DownloadError, sha256
from utils.tasks.download import announce, fetch, unreachable
from utils.tasks.storage import writable_home

SHIPPED = Path(__file__).parent / "shipped" / "small-photo-net"
SMALLEST = 32  # pixels, for networks of keras.applications without their classifier
_SOURCE = "https://storage.googleapis.com/tensorflow/keras-applications/"
_INSTEAD = "shipped_photo_net(), which needs no download"
_MEAN = (123.68, 116.779, 103.939)  # of ImageNet's red, green and blue, which VGG16 expects to be subtracted


@dataclass(frozen=True)
class PhotoNetwork:
    """A network of `keras.applications`.

    Attributes:
        application: The name of its function there.
        preprocessing: Makes layers that bring values from 0 to 255 into the range on which it was trained.
        classifier: The name of the layer with ImageNet's 1,000 classes.
        url: Of its weights with the classifier and without it, with {size} for the size of photographs.
        megabytes: To download, with the classifier.
        md5: Of these two files, where Keras knows it.
        options: Further arguments of that function.
        sizes: The sizes of photographs for which there are weights.
        fixed_size: The only size that it takes with its classifier, where that doesn't work on averages over the
            picture; else None.
    """

    application: str
    preprocessing: Callable[[], list[layers.Layer]]
    classifier: str
    url: tuple[str, str]
    megabytes: int
    md5: tuple[str, str] | None = None
    options: tuple[tuple[str, object], ...] = ()
    sizes: tuple[int, ...] = (224,)
    fixed_size: int | None = None

    @property
    def make(self) -> Callable[..., keras.Model]:
        """Its function."""
        return getattr(keras.applications, self.application)


def _url(name, without, source=_SOURCE):
    return f"{source}{name}.h5", f"{source}{name}{without}.h5"


def _to_plus_minus_one():
    return [layers.Rescaling(1 / 127.5, offset=-1, name="preprocessing")]


PHOTO_NETWORKS = {
    "mobilenet_v2": PhotoNetwork(
        "MobileNetV2", _to_plus_minus_one, "predictions",
        _url("mobilenet_v2/mobilenet_v2_weights_tf_dim_ordering_tf_kernels_0.35_{size}", "_no_top"), 7,
        options=(("alpha", 0.35),), sizes=(96, 128, 160, 192, 224),
    ),
    "mobilenet": PhotoNetwork(
        "MobileNet", _to_plus_minus_one, "conv_preds",
        _url("mobilenet/mobilenet_2_5_{size}_tf", "_no_top"), 2,
        options=(("alpha", 0.25),), sizes=(128, 160, 192, 224),
    ),
    "efficientnet_b0": PhotoNetwork(
        "EfficientNetB0", list, "predictions",  # it scales values itself
        _url("efficientnetb0", "_notop", "https://storage.googleapis.com/keras-applications/"), 21,
        md5=("902e53a9f72be733fc0bcb005b3ebbac", "50bc09e76180e00e4465e1a485ddc09d"),
    ),
    "vgg16": PhotoNetwork(
        # VGG16 expects blue before red; here the channels of its first kernel are reversed instead of the picture's.
        "VGG16",
        lambda: [layers.Normalization(mean=_MEAN, variance=(1.0, 1.0, 1.0), name="preprocessing")],
        "predictions",
        _url("vgg16/vgg16_weights_tf_dim_ordering_tf_kernels", "_notop"), 553,
        md5=("64373286793e3c8b2b4e3219cbf3544b", "6d6bbae143d832006294945121d1f1fc"), fixed_size=224,
    ),
}  # fmt: skip


def photo_features(name: str = "mobilenet_v2", size: int = 96) -> keras.Model:
    """A network of `PHOTO_NETWORKS` without its classifier, with ImageNet's weights.

    Args:
        name: A name in `PHOTO_NETWORKS`.
        size: Height and width of the photographs in pixels.

    Returns:
        A model from photographs (N, size, size, 3), with values from 0 to 255, to a vector for each. Its preprocessing
        is inside.

    Raises:
        ValueError: For another name or size.
        DownloadError: Where the weights can't be fetched.
    """
    network = _find(name, size)
    base = _build(network, name, input_shape=(size, size, 3), include_top=False)
    outputs = layers.GlobalAveragePooling2D(name="average")(base.output)
    return _with_preprocessing(network, keras.Model(base.input, outputs, name=name), size)


def imagenet_classifier(name: str = "mobilenet_v2", size: int = 96) -> keras.Model:
    """The same with ImageNet's classifier at the end: probabilities (N, 1000). VGG16 takes 224 pixels only."""
    network = _find(name, size)
    if network.fixed_size not in (None, size):
        raise ValueError(
            f"size={size!r} is not allowed for {name!r} with its classifier, which looks at every place of a picture "
            f"of {network.fixed_size} pixels: give that, or take photo_features({name!r}, {size})."
        )
    trained_at = size if size in network.sizes else 224
    whole = _build(network, name, include_top=True, input_shape=(trained_at, trained_at, 3))
    if network.fixed_size:
        return _with_preprocessing(network, whole, size)
    kernel, bias = whole.get_layer(network.classifier).get_weights()
    base = _for_size(whole, size)
    average = layers.GlobalAveragePooling2D(name="average")(base.output)
    head = layers.Dense(kernel.shape[-1], activation="softmax", name="imagenet")
    model = keras.Model(base.input, head(average), name=name)
    head.set_weights([kernel.reshape(-1, kernel.shape[-1]), bias])  # MobileNet has it as a 1 x 1 convolution
    return _with_preprocessing(network, model, size)


def small_photo_net(classes: int) -> keras.Model:
    """An untrained network for photographs (N, 64, 64, 3), 0 to 255: four convolutions with batch normalization."""
    check_keras(policy=False)
    photo = keras.Input((64, 64, 3), name="photo")
    x = layers.Rescaling(1 / 127.5, offset=-1, name="preprocessing")(photo)
    for number, width in enumerate((16, 32, 64, 96), 1):
        x = layers.Conv2D(width, 3, strides=2, padding="same", use_bias=False, name=f"block_{number}_conv")(x)
        x = layers.BatchNormalization(momentum=0.9, name=f"block_{number}_norm")(x)
        x = layers.ReLU(name=f"block_{number}_relu")(x)
    x = layers.GlobalAveragePooling2D(name="average")(x)
    return keras.Model(photo, layers.Dense(classes, name="picture")(x), name="small_photo_net")


def shipped_photo_net() -> keras.Model:
    """The network that ships with the project, trained on `patches("old")`. Each call gives a new network.

    `python -m utils.models.photo_teaching` makes it again.

    Raises:
        ValueError: Where its file isn't the one that was shipped.
    """
    record = shipped_record()
    data = read_shipped(SHIPPED.with_suffix(".npz"))
    if sha256(data) != record["sha256"]:
        raise ValueError(f"{SHIPPED.name}.npz isn't the file that was shipped: fetch the project again.")
    model = small_photo_net(record["classes"])
    with np.load(io.BytesIO(data), allow_pickle=False) as file:
        model.set_weights([file[str(i)] for i in range(len(model.weights))])
    return model


def shipped_record() -> dict:
    """How the shipped network was made: recipe, accuracies, versions."""
    return json.loads(read_shipped_text(SHIPPED.with_suffix(".json")))


def _find(name, size):
    wanted = f"it must be a whole number of pixels, {SMALLEST} to 512"
    check_whole_number("size", size, SMALLEST, 512, wanted)
    return PHOTO_NETWORKS[check_one_of("name", name, PHOTO_NETWORKS)]


def _build(network, name, **form):
    """The network with ImageNet's weights, fetched to where Keras looks for them before it would fetch them."""
    check_keras(policy=False)
    size = form["input_shape"][0]
    _fetch_weights(network, name, form["include_top"], size if size in network.sizes else 224)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # these weights were learned at 224 pixels
        model = network.make(weights="imagenet", **form, **dict(network.options))
    if network.make is keras.applications.VGG16:
        first = model.get_layer("block1_conv1")
        kernel, bias = first.get_weights()
        first.set_weights([kernel[:, :, ::-1], bias])
    return model


def _fetch_weights(network, name, with_classifier, size):
    """Fetch the file of weights to Keras's home, unless the whole file is there already."""
    index = 0 if with_classifier else 1
    url, md5 = network.url[index].format(size=size), network.md5[index] if network.md5 else None
    path = writable_home() / "models" / url.rsplit("/", 1)[-1]
    if _is_whole(path, md5):
        return
    announce(f"{name}'s ImageNet weights", network.megabytes, url, path.parent)
    what, instead = f"{name}'s ImageNet weights ({network.megabytes} MB at most)", _INSTEAD
    if reason := unreachable(url):
        raise DownloadError(what, reason, instead)
    try:
        fetch(url, path, is_right=lambda arrived: _is_whole(arrived, md5))
    except Exception as error:  # urllib, http.client and the disk have classes of their own
        raise DownloadError(what, str(error), instead) from error


def _for_size(whole, size):
    """The layers before the average over the picture, for photographs of this size."""
    average = [layer for layer in whole.layers if isinstance(layer, layers.GlobalAveragePooling2D)][-1]
    body = keras.Model(whole.input, average.input)
    copy = keras.models.clone_model(body, input_tensors=keras.Input((size, size, 3)))
    copy.set_weights(body.get_weights())
    for layer in copy.layers:
        if isinstance(layer, layers.Normalization):
            layer.finalize_state()  # it uses its new weights only after this
    return copy


def _is_whole(path, md5):
    import h5py  # only here: it takes a fifth of a second

    try:
        with h5py.File(path):
            return md5 is None or _md5(path) == md5
    except OSError:  # cut off, or no such file at all
        return False


def _md5(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def _with_preprocessing(network, model, size):
    photo = x = keras.Input((size, size, 3), name="photo")
    for layer in network.preprocessing():
        x = layer(x)
    return keras.Model(photo, model(x), name=model.name)
