"""The parts of a script that hardly differ from one run to another: what `script` puts together."""

IMPORTS = """
import keras
import numpy as np
import tensorflow as tf
from keras import layers

from utils.models import pretrained
from utils.tasks import load_pair
"""

CHOOSE = '''
def choose(labels, count):
    """Choose `count` images, as evenly from all classes as possible."""
    random, rank = np.random.default_rng([SEED, 1]), np.empty(len(labels))
    for label in np.unique(labels):
        rank[random.permutation(np.flatnonzero(labels == label))] = range(np.sum(labels == label))
    return np.lexsort((random.random(len(labels)), rank))[:count]
'''

BATCHES = '''
def batches(first, last):
    """The batches of these updates. Each epoch has an order of its own."""
    epochs = range(last * BATCH // len(x) + 1)
    orders = [np.random.default_rng([SEED, 2, epoch]).permutation(len(x)) for epoch in epochs]
    rows = np.concatenate(orders)[first * BATCH : last * BATCH].reshape(-1, BATCH)
    chosen = tf.data.Dataset.from_tensor_slices(rows)
    return chosen.map(lambda i: {batch})
'''

BATCHES_OF_BOTH = '''
def rows(images, first, last, *task):
    """The images of these updates, by their indices. Each epoch has an order of its own."""
    epochs = range(last * BATCH // images + 1)
    orders = [np.random.default_rng([SEED, 2, *task, epoch]).permutation(images) for epoch in epochs]
    return np.concatenate(orders)[first * BATCH : last * BATCH].reshape(-1, BATCH)


def batch(i, j):  # new images, then as many old ones
    images = tf.concat([tf.gather(x, i), tf.gather(old_x, j)], 0)
    return images, {targets}
'''

LAYER_BY_LAYER = '''
class LayerByLayer(keras.Model):
    """One optimizer per layer, which keeps its state while the layer is frozen."""

    def train_step(self, data):
        with tf.GradientTape() as tape:
            loss = self.compute_loss(y=data[1], y_pred=self(data[0], training=True))
        weights = {name: layer.trainable_weights for name, layer in network.items() if layer.trainable}
        gradients = tape.gradient(loss, {name: [w.value for w in weights[name]] for name in weights})
        for name in weights:
            optimizers[name].apply(gradients[name], weights[name])
        return {"loss": loss}
'''

ACCURACY = """
def accuracy(model, task):
    {percent}
"""

PRINTED = """
print(f"old task: {{accuracy(checkpoint, pair.old):.1f}}% before, {{accuracy({old}, pair.old):.1f}}% after")
print(f"new task: {{accuracy(new_task, pair.new):.1f}}%")
"""
