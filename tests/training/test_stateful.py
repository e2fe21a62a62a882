"""A reader who flips, steps, stops, saves and starts again at random; what has to hold all the while."""

import json
import threading

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from tests.training.comparing import assert_same, settings_for, watch_engines
from utils.strategies import LOSSES, STRATEGIES, Change, Controls
from utils.training import Run, run, train

LAYERS = ("layer1", "layer2", "layer3", "old_head", "new_head")
layers = st.sets(st.sampled_from(LAYERS)).filter(lambda names: names - {"old_head"}).map(tuple)
rates = st.sampled_from([1e-4, 1e-3, 1e-2])


class Laboratory(RuleBasedStateMachine):
    """One run after another; each is made again at its end from what it wrote down.

    In the plane; a class of its own may have other tasks, and other names for the layers of `LAYERS`.
    """

    tasks, named = {"pair": "plane", "backbone": "small_mlp"}, {}

    def __init__(self):
        super().__init__()
        self.patch, self.steps = pytest.MonkeyPatch(), None
        self.engines = watch_engines(self.patch)

    @initialize(
        optimizer=st.sampled_from(["adam", "sgd"]),
        warm_up=st.sampled_from([0, 0, 7]),
        strategy=st.sampled_from([name for name, row in STRATEGIES.items() if row.added is None]),
        unfreeze_every=st.sampled_from([0, 0, 3]),
        first=st.none() | layers,
    )
    def sit_down(self, optimizer, warm_up, strategy, unfreeze_every, first):
        self.settings = settings_for(
            optimizer,
            **self.tasks,
            strategy=strategy,
            updates=24,
            warm_up=warm_up,
            unfreeze_every=unfreeze_every,
            batch_size=8,
            new_images=40,
            evaluate_every=10,
            learning_rate=1e-3,
        )
        self.begin(first)

    def begin(self, first):
        """first: what is scheduled for the very start."""
        self.controls = Controls([] if first is None else [(0, Change(self.in_network(first)))])
        self.steps = train(self.settings, self.controls)
        self.trained_at = {name: set() for name in self.in_network(LAYERS)}
        self.progress = next(self.steps)

    def in_network(self, names):
        """As they are called in this network."""
        return tuple(self.named.get(name, name) for name in names)

    @property
    def under_way(self):
        return self.steps is not None and self.progress.status == "training"

    def wish(self, change):
        """From another thread, as a panel does."""
        thread = threading.Thread(target=self.controls.request, args=(change,))
        thread.start()
        thread.join()

    @rule(names=layers)
    def flip(self, names):
        self.wish(Change(self.in_network(names)))

    @rule(rate=rates)
    def hurry(self, rate):
        self.wish(Change(learning_rate=rate))

    @rule(weight=st.sampled_from([0, 0.5, 3]), temperature=st.sampled_from([1, 2, 5]))
    def turn(self, weight, temperature):
        self.wish(Change(old_loss_weight=weight, temperature=temperature))

    @precondition(lambda self: self.under_way)
    @rule(longest=st.sampled_from([1, 2, 3, 9, None]))
    def advance(self, longest):
        self.controls.limit_chunk(longest)
        before, was = self.states(), self.progress
        self.progress = next(self.steps)
        after = self.states()
        now = self.progress
        assert was.update <= now.update <= was.update + (longest or 24)
        optimizers_anew = was.update == self.settings.warm_up > 0
        for name in self.in_network(LAYERS):
            if name not in now.trained_layers or now.update == was.update:
                assert after[name][0] == before[name][0], f"{name} moved while frozen"
                assert optimizers_anew or after[name][1] == before[name][1], f"the optimizer of {name} moved"
            else:
                # Where the old head still says what it said, distillation has nothing to teach it.
                same_as_recorded = name == "old_head" and LOSSES["distillation"] in self.settings.row.losses
                assert same_as_recorded or after[name][0] != before[name][0], f"{name} didn't train"
                self.trained_at[name].update(range(was.update, now.update))

    @precondition(lambda self: self.under_way)
    @rule()
    def stop(self):
        self.controls.stop()
        self.advance(None)
        assert self.progress.status in ("stopped", "training")  # at the very end it comes too late
        if self.progress.status == "stopped":
            assert self.progress.run().message.startswith("Stopped by hand")

    @precondition(lambda self: self.steps is not None)
    @rule()
    def save_and_load(self):
        kept = self.progress.run()
        assert_same(Run.from_text(json.dumps(kept.to_dict())), kept)

    @precondition(lambda self: self.steps is not None)
    @rule(seed=st.integers(0, 3), leave=st.booleans(), first=st.none() | layers)
    def start_again(self, seed, leave, first):
        if leave:
            self.steps.close()
        else:
            self.finish()
        self.settings = self.settings.replace(seed=seed)
        self.begin(first)

    def states(self):
        """Of each layer the weights, and what its optimizer remembers."""
        model, engine = self.engines[-1].model, self.engines[-1]
        return {
            name: (
                [weight.numpy().tobytes() for weight in model.weights(name)],
                [slot.tobytes() for slot in engine.optimizers.state(name)],
            )
            for name in self.in_network(LAYERS)
        }

    def finish(self):
        """Go on to the end; what came out is what its record makes again."""
        while self.under_way:
            self.advance(None)
        assert next(self.steps, None) is None
        done = self.progress.run()
        assert done.updates == self.progress.update == len(done.history["training_loss"])
        for name in self.trained_at:
            spans = done.trained_spans()[name]
            assert {u for start, end in spans for u in range(start, end)} == self.trained_at[name], name
        assert_same(run(done.settings, done.events), done)

    def teardown(self):
        try:
            if self.steps is not None:
                self.finish()
        finally:
            if self.steps is not None:
                self.steps.close()
            self.patch.undo()


class MoreOfIt(Laboratory):
    """The same with the default tasks and network, and with more examples."""

    tasks, named = {}, {"layer1": "conv1", "layer2": "conv3", "layer3": "dense"}


def chosen(examples):
    return settings(
        max_examples=examples,
        stateful_step_count=12,
        deadline=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],  # a dozen steps are readable as they are
        suppress_health_check=list(HealthCheck),
    )


MARKS = [pytest.mark.timeout(600), pytest.mark.slow, pytest.mark.usefixtures("few_images")]
TestLaboratory, TestMoreOfIt = Laboratory.TestCase, MoreOfIt.TestCase
TestLaboratory.settings, TestLaboratory.pytestmark = chosen(8), MARKS
TestMoreOfIt.settings, TestMoreOfIt.pytestmark = chosen(30), [*MARKS, pytest.mark.exhaustive]
