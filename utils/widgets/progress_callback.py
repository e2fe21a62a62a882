"""The same line as that of a loop, for Keras's own `fit`."""

from utils.frameworks import keras
from utils.memory import give_back_memory
from utils.widgets.progress_line import ProgressLine


class ProgressCallback(keras.callbacks.Callback):
    """Such a line for `model.fit(..., verbose=0, callbacks=[ProgressCallback()])`: shorter than Keras's own bar.

    The memory of earlier fits is given back first, since this one needs some, too.
    """

    def on_train_begin(self, logs=None):
        """Begin to count."""
        give_back_memory()
        self._line, self._done, self._epoch = ProgressLine(), 0, 0

    def on_epoch_begin(self, epoch, logs=None):
        """Note the epoch's number, which doesn't begin at 0 where a fit is continued."""
        self._epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        """Count a batch, where Keras knows how many there are."""
        if self.params["steps"]:
            self._update(self._epoch + (batch + 1) / self.params["steps"])

    def on_epoch_end(self, epoch, logs=None):
        """Count an epoch."""
        self._done += 1
        if not self.params["steps"]:
            self._update(epoch + 1)

    def on_train_end(self, logs=None):
        """Say how many epochs there were: fewer than planned, with early stopping."""
        self._line.end(f"{self._done:,} epochs")

    def _update(self, done):
        total = self.params["epochs"]
        self._line.update(done, total, f"{self._epoch + 1:,} of {total:,} epochs, at most", skip_first=True)
