"""The terms of the strategies' losses: their functions, and everything that belongs to each term."""

from utils.checks import check_number
from utils.frameworks import keras, tf
from utils.messages import refusal
from utils.models import NEW_HEAD, OLD_HEAD
from utils.strategies.loss_code import OutputCode, WeightCode
from utils.strategies.loss_term import IN_EACH_UPDATE, LossOption, LossTerm
from utils.strategies.tensors import check_alike, check_floats, check_labels


def cross_entropy(logits, labels):
    """Softmax cross-entropy, the mean over the batch: -log softmax(logits)[label].

    It is computed from logits, which avoids the logarithm of zero.

    Args:
        logits: Floats (N, classes).
        labels: Integers (N,).
    """
    logits = check_floats("logits", logits, 2)
    labels = check_labels("labels", labels, logits)
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))


def distillation(logits, recorded, temperature):
    """Distillation loss between the old head's answers and the recorded ones: Li & Hoiem 2016, equations 3 and 4.

    -Σ y' log ŷ', the mean over the batch, with y' = softmax(recorded / T) and ŷ' = softmax(logits / T): raising
    probabilities to 1/T and dividing by their sum is the same. Unlike in Hinton 2015, there is no factor T².

    Args:
        logits: Floats (N, old classes).
        recorded: Floats (N, old classes), the logits at the checkpoint.
        temperature: T, above 0.
    """
    logits = check_floats("logits", logits, 2)
    recorded = check_alike("recorded", recorded, logits)
    if not tf.is_tensor(temperature):  # in a trace it is one, and was checked in the settings
        check_number("temperature", temperature, TEMPERATURE.least, TEMPERATURE.most)
    targets = tf.nn.softmax(recorded / temperature)
    return -tf.reduce_mean(tf.reduce_sum(targets * tf.nn.log_softmax(logits / temperature), axis=1))


def feature_distance(features, recorded):
    """½ Σ (f - f')², the mean over the batch: less-forgetting learning, Jung et al. 2016.

    Args:
        features: Floats (N, width), the input of the old head now.
        recorded: The same at the checkpoint.
    """
    features = check_floats("features", features, 2)
    recorded = check_alike("recorded", recorded, features)
    return tf.reduce_mean(tf.reduce_sum(tf.square(features - recorded), axis=1)) / 2


def weight_distance(weights, start):
    """½ Σ (θ - θ*)² over all the weights: L2-SP, Xuhong et al. 2018, without its term for the heads.

    Args:
        weights: A list of arrays; where it is empty, since everything is frozen, the distance is 0.
        start: A list of arrays of the same shapes.
    """
    if not isinstance(weights, list | tuple):
        raise ValueError(refusal("weights", weights, "give a list of arrays"))
    if not isinstance(start, list | tuple) or len(start) != len(weights):
        raise ValueError(refusal("start", start, f"give a list of {len(weights)} arrays, as many as weights"))
    pairs = [(check_floats("weights", now), then) for now, then in zip(weights, start, strict=True)]
    squares = [tf.reduce_sum(tf.square(now - check_alike("start", then, now))) for now, then in pairs]
    return tf.add_n(squares) / 2 if squares else tf.zeros((), keras.config.floatx())


TEMPERATURE = LossOption(
    "temperature",
    2.0,
    0.01,
    1000,
    symbol="T",
    label="temperature T",
    description="of the distillation; the higher it is, the more small probabilities count",
)

_DISTILLATION = '''
def distillation(recorded, logits):
    """Distillation loss between the old head's answers and the recorded ones (Li & Hoiem 2016)."""
    softened = keras.ops.softmax(recorded / temperature)
    return -keras.ops.sum(softened * keras.ops.log_softmax(logits / temperature), axis=-1)
'''

_DISTANCE = '''
def distance(recorded, features):
    """Half the squared distance of the features from the recorded ones (Jung et al. 2016)."""
    return keras.ops.sum(keras.ops.square(features - recorded), axis=-1) / 2
'''

_NEAR_THE_START = '''
class NearTheStart(keras.regularizers.Regularizer):
    """λ/2 Σ (θ − θ*)²: pulls a weight back to its start (L2-SP)."""

    def __init__(self, start):
        self.start = start

    def __call__(self, weight):
        return old_loss_weight / 2 * keras.ops.sum(keras.ops.square(weight - self.start))
'''

_PULLED_TO_THE_START = """
for name in BACKBONE:
    for weight in network[name].trainable_weights:
        weight.regularizer = NearTheStart(weight.numpy())
"""


def _flat(by_layer):
    return [array for arrays in by_layer.values() for array in arrays]


NEW_TASK = LossTerm(
    "new task",
    "−log ŷ[label], new head, new images",
    lambda batch: cross_entropy(batch.logits[NEW_HEAD], batch.labels),
    head=NEW_HEAD,
    protects=False,
    code=OutputCode("new_head", "new_task.output", "y", "cross_entropy"),
)

# By the names in notebooks and saved runs. A term of your own needs no entry.
LOSSES: dict[str, LossTerm] = {
    term.name: term
    for term in (
        NEW_TASK,
        LossTerm(
            "old task",
            "−log ŷ[label], old head, old images",
            lambda batch: cross_entropy(batch.old_logits, batch.old_labels),
            source="Caruana 1997",
            head=OLD_HEAD,
            old_images=IN_EACH_UPDATE,
            code=OutputCode("old_task", "old_task.output", "old_y", "cross_entropy"),
        ),
        LossTerm(
            "distillation",
            "−Σ y′ log ŷ′, old head, new images",
            lambda batch: distillation(batch.logits[OLD_HEAD], batch.recorded["outputs"], batch.options["temperature"]),
            source="Li & Hoiem 2016, equations 2 to 4",
            head=OLD_HEAD,
            options=(TEMPERATURE,),
            record={"outputs": lambda answers: answers.logits[OLD_HEAD]},
            code=OutputCode(
                "distillation",
                "old_task.output",
                "checkpoint.predict(x, batch_size=250, verbose=0)",
                "distillation",
                _DISTILLATION,
            ),
        ),
        LossTerm(
            "features",
            "½ Σ (f − f*)², new images",
            lambda batch: feature_distance(batch.features, batch.recorded["features"]),
            source="Jung et al. 2016",
            record={"features": lambda answers: answers.features},
            code=OutputCode(
                "features",
                "features",
                "keras.Model(image, features).predict(x, batch_size=250, verbose=0)",
                "distance",
                _DISTANCE,
            ),
        ),
        LossTerm(
            "weights",
            "½ Σ (θs − θs*)²",
            lambda batch: weight_distance(_flat(batch.weights), _flat(batch.prepared["start"])),
            source="Xuhong et al. 2018 (L2-SP)",
            prepare={"start": lambda checkpoint: checkpoint.weights()},
            code=WeightCode(_NEAR_THE_START, _PULLED_TO_THE_START),
        ),
    )
}
BUILT_IN = frozenset(LOSSES.values())
