"""Good arguments, each built once when it is first asked for: what the table of bad values starts from."""

from dataclasses import replace
from functools import cached_property
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import tensorflow as tf

from tests.plots.made_runs import LAYERS, made_run
from utils.freezing import track_weights
from utils.models import find_backbone, observe, pretrained
from utils.plots import FeatureFigure, PlaneFigure, RaceFigure, RunFigure, plot_run
from utils.strategies import STRATEGIES, Change, Controls, Settings, timeline
from utils.sweeps import ORDERINGS, Outcome, Sweep, stored_table
from utils.tasks import digits, load_pair
from utils.training import LiveTraining, Progress, RacePlan, run
from utils.user_model import cut_model, own_model
from utils.widgets import FeatureViewer, FreezeBoard, PictureUpload, Quiz

TINY = {"updates": 2, "new_images": 10, "batch_size": 4, "evaluate_every": 2}
RNG = np.random.default_rng(5)
X = RNG.random((60, 8, 8, 1), dtype=np.float32)


class Good:
    """One of each kind. `folder` is a scratch folder."""

    def __init__(self, folder: Path):
        self.folder = folder

    # Tasks and networks

    @cached_property
    def task(self):
        return digits(range(2))

    @cached_property
    def pair(self):
        return load_pair()

    @cached_property
    def plane(self):
        return load_pair("plane")

    @cached_property
    def backbone(self):
        return find_backbone("small_cnn")

    @cached_property
    def model(self):
        return pretrained("digits-drawings")

    @cached_property
    def plane_model(self):
        return pretrained("plane")

    @cached_property
    def observation(self):
        return observe(self.model, self.pair.new.x_test[0])

    def keras_model(self):
        """A new classifier of `X`, since some functions change it."""
        keras.utils.set_random_seed(0)
        parts = [keras.layers.Conv2D(3, 3, name="conv"), keras.layers.Flatten(), keras.layers.Dense(2, name="head")]
        model = keras.Sequential([keras.Input((8, 8, 1)), *parts], name="mine")
        model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        return model

    @cached_property
    def classifier(self):
        return self.keras_model()

    @cached_property
    def old(self):
        return X[:30], (X[:30, 0, 0, 0] > 0.5).astype(int)

    @cached_property
    def new(self):
        return X[30:], (X[30:, 4, 4, 0] > 0.5).astype(int)

    @cached_property
    def own(self):
        return own_model(self.classifier, self.old, self.new)

    @cached_property
    def cut(self):
        return cut_model(self.classifier, (8, 8, 1))

    @cached_property
    def changes(self):
        with track_weights(self.classifier) as changes:
            pass
        return changes

    # Runs

    @cached_property
    def settings(self):
        return Settings(**TINY)

    @cached_property
    def strategy(self):
        return STRATEGIES["fine-tuning"]

    @cached_property
    def made(self):
        """A run made up by hand."""
        return made_run()

    @cached_property
    def run(self):
        return run(self.settings)

    @cached_property
    def plane_run(self):
        return run(Settings("plane", **TINY))

    @cached_property
    def plan(self):
        return RacePlan(self.settings, ("fine-tuning", "feature extraction"))

    @cached_property
    def spans(self):
        return timeline(self.settings, (), self.settings.updates)

    @cached_property
    def file(self):
        return self.run.save(self.folder / "run.json")

    @cached_property
    def layers(self):
        return LAYERS

    # Files

    @cached_property
    def csv(self):
        path = self.folder / "texts.csv"
        path.write_text("text,sentiment\nfine,good\npoor,bad\n", "utf-8")
        return path

    @cached_property
    def pixels(self):
        path = self.folder / "pixels.csv"
        path.write_text("label,a,b,c,d\n0,0,10,20,30\n1,90,80,70,60\n", "utf-8")
        return path

    @cached_property
    def pictures(self):
        """A folder with a folder for each of two classes."""
        for name in ("dark", "light"):
            (self.folder / "pictures" / name).mkdir(parents=True, exist_ok=True)
            image = np.full((8, 8, 3), 200 if name == "light" else 20, np.uint8)
            keras.utils.save_img(self.folder / "pictures" / name / "one.png", image)
        return self.folder / "pictures"

    @cached_property
    def keras_file(self):
        self.classifier.save(self.folder / "mine.keras")
        return self.folder / "mine.keras"

    # Texts

    @cached_property
    def table(self):
        words = ("good", "bad")
        rows = [(f"a {words[number % 2]} thing, number {number}", words[number % 2]) for number in range(20)]
        return pd.DataFrame(rows, columns=["text", "label"])

    @cached_property
    def parts(self):
        return np.array((["train"] * 6 + ["validation"] * 2 + ["test"] * 2) * 2)

    @cached_property
    def text_task(self):
        from utils.text import text_task

        return text_task("few", self.table, self.parts, ("bad", "good"))

    @cached_property
    def encoder(self):
        from utils.text import small_text_encoder

        return small_text_encoder()

    @cached_property
    def text_model(self):
        from utils.text import fit_text_model

        return fit_text_model(self.text_task, self.encoder, ("words", "commas"))

    @cached_property
    def rows(self):
        from utils.text import stored_rows

        return stored_rows("own reviews")[0]

    @cached_property
    def spare_encoder(self):
        from utils.text import small_text_encoder

        return small_text_encoder()

    @cached_property
    def old_texts(self):
        from utils.text import reviews

        return reviews("domain")

    @cached_property
    def pipeline(self):
        from dataclasses import replace

        from utils.text import PIPELINES

        return replace(PIPELINES["statistics → XGBoost"], grid={"max_depth": (2,)})

    @cached_property
    def encoder_features(self):
        from utils.text import EncoderFeatures

        return EncoderFeatures(self.encoder)

    @cached_property
    def encoder_training(self):
        from utils.text import EncoderTraining

        return EncoderTraining(self.spare_encoder, 2, ())

    @cached_property
    def ids(self):
        return self.encoder.ids(["a good thing", "a bad thing"] * 16)

    @cached_property
    def statistics(self):
        from utils.text import TextStatistics

        return TextStatistics()

    @cached_property
    def text_panel(self):
        from utils.text import TextPanel

        return TextPanel(self.text_task, self.encoder, ("words",))

    # Results, figures and panels

    @cached_property
    def spare(self):
        return pretrained("digits-drawings")

    @cached_property
    def change(self):
        return Change(learning_rate=0.1)

    @property
    def controls(self):
        return Controls()

    @property
    def live(self):
        return LiveTraining()

    @cached_property
    def progress(self):
        return Progress(2, 2, "finished", True, (), 0.1, lambda: self.made)

    @cached_property
    def outcome(self):
        return Outcome.from_run(self.run)

    @cached_property
    def two_seeds(self):
        return [replace(self.outcome, settings=self.settings.replace(seed=seed)) for seed in (0, 1)]

    @cached_property
    def swept(self):
        return Sweep.now([self.outcome], "none")

    @cached_property
    def sweep_file(self):
        self.swept.save(self.folder / "swept.json")
        return self.folder / "swept.json"

    @cached_property
    def ordering(self):
        return ORDERINGS[0]

    @cached_property
    def stored_frame(self):
        return stored_table().frame()

    @cached_property
    def step(self):
        """A step whose graph has a gradient."""
        kernel = tf.Variable(np.ones((2, 2), np.float32))

        @tf.function
        def step(x, y):
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean(tf.square(tf.nn.relu(x @ kernel) - y))
            return tape.gradient(loss, [kernel])

        return step.get_concrete_function(np.ones((3, 2), np.float32), np.ones((3, 2), np.float32))

    @cached_property
    def page(self):
        return plot_run(self.made)

    @cached_property
    def run_figure(self):
        return RunFigure()

    @cached_property
    def race_figure(self):
        return RaceFigure()

    @cached_property
    def plane_figure(self):
        return PlaneFigure()

    @cached_property
    def feature_figure(self):
        return FeatureFigure()

    @cached_property
    def board(self):
        return FreezeBoard(self.settings, driver="play")

    @cached_property
    def viewer(self):
        return FeatureViewer(driver="play")

    @cached_property
    def upload(self):
        return PictureUpload(self.classifier, ["a", "b"])

    @cached_property
    def quiz(self):
        return Quiz("?", {"a": "yes", "b": "no"}, "a")
