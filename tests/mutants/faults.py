"""Single faults that a careful reviewer would call serious, each with the tests that should notice it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """A patch of a line or two.

    name: what goes wrong. file: below the project. old: text that stands there once; new: what is put in its place.
    tests: files or tests of the default suite of which one should fail.
    """

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


def _in(file: str, *faults: tuple) -> tuple[Fault, ...]:
    return tuple(Fault(name, file, old, new, tests) for name, old, new, *tests in faults)


FAULTS = (
    # What is learnt
    *_in(
        "utils/tasks/task.py",
        (
            "validation images are training images, too",
            "        used += counts\n    return tuple(parts)",
            "        used += counts * (number > 0)\n    return tuple(parts)",
            "tests/tasks/test_task.py",
        ),
        (
            "copies of an image may be in two parts",
            "        if digest not in seen:",
            "        if True:",
            "tests/tasks/test_task.py",
        ),
        (
            "labels beyond the classes are let in",
            "if y.min() < 0 or y.max() >= classes:",
            "if y.min() < 0:",
            "tests/tasks/test_task.py",
        ),
    ),
    *_in(
        "utils/tasks/fashion.py",
        (
            "the hash of a download isn't checked",
            "return content if sha256(content) == _CONTENTS[name] else None",
            "return content",
            "tests/tasks/test_fashion.py",
        ),
    ),
    *_in(
        "utils/tasks/uci.py",
        (
            "a member of an archive isn't checked",
            "if sha256(data) == _FILES[name]:",
            "if data:",
            "tests/tasks/test_uci.py",
        ),
    ),
    *_in(
        "utils/tasks/storage.py",
        (
            "an altered record is read all the same",
            "return data if digest == sha256(data).encode() else None",
            "return data",
            "tests/tasks/test_storage.py",
        ),
        (
            "a name may lead out of the folder",
            'r"[A-Za-z0-9_][A-Za-z0-9._-]*"',
            'r"[A-Za-z0-9._/-]*"',
            "tests/tasks/test_storage.py",
        ),
    ),
    # What is measured
    *_in(
        "utils/measures/forgetting.py",
        (
            "forgetting with its sign turned",
            "old[:-1].max(axis=0) - old[-1]",
            "old[-1] - old[:-1].max(axis=0)",
            "tests/measures/test_forgetting.py",
        ),
    ),
    *_in(
        "utils/measures/spread.py",
        (
            "an interval with n in place of n - 1",
            "values.std(ddof=1)",
            "values.std()",
            "tests/measures/test_spread.py",
        ),
    ),
    *_in(
        "utils/measures/drift.py",
        (
            "drift that isn't relative",
            "np.sqrt(moved / length)",
            "np.sqrt(moved)",
            "tests/measures/test_drift.py",
        ),
    ),
    *_in(
        "utils/measures/agreement.py",
        (
            "Kullback and Leibler the other way round",
            "(p * np.log(p / q))",
            "(q * np.log(q / p))",
            "tests/measures/test_agreement.py",
        ),
    ),
    *_in(
        "utils/measures/linear_probe.py",
        (
            "a penalty that is chosen on test data",
            "key=lambda probe: probe.validation",
            "key=lambda probe: probe.test",
            "tests/measures/test_linear_probe.py",
        ),
    ),
    # What learns
    *_in(
        "utils/models/checkpoints.py",
        (
            "a damaged checkpoint is used",
            '(record.get("task_sha256"), record.get("sha256")) == (digest, sha256(data))',
            'record.get("task_sha256") == digest',
            "tests/models/test_checkpoints.py",
        ),
    ),
    *_in(
        "utils/models/transfer.py",
        (
            "a new head that ignores its seed",
            "GlorotUniform(seed=drawn)",
            "GlorotUniform(seed=0)",
            "tests/models/test_backbones.py",
            "tests/training/test_loop.py",
        ),
        (
            "a snapshot that changes with the network",
            "[np.array(weight.numpy()) for weight in self.weights(name)]",
            "[weight for weight in self.weights(name)]",
            "tests/models/test_backbones.py",
            "tests/training/test_patience.py",
        ),
    ),
    *_in(
        "utils/models/standardization.py",
        (
            "a variance in place of the deviation",
            "np.where(constant, 1, features.std(axis=0))",
            "np.where(constant, 1, features.var(axis=0))",
            "tests/models/test_standardization.py",
        ),
    ),
    # How it learns
    *_in(
        "utils/training/losses.py",
        (
            "a factor T² in distillation",
            "tf.nn.log_softmax(logits / temperature), axis=1)",
            "tf.nn.log_softmax(logits / temperature) * temperature**2, axis=1)",
            "tests/training/test_losses.py",
        ),
        (
            "the penalty on weights without its half",
            "return tf.add_n(moved) / 2 if moved",
            "return tf.add_n(moved) if moved",
            "tests/training/test_losses.py",
        ),
    ),
    *_in(
        "utils/training/step.py",
        (
            "a frozen layer's optimizer that moves",
            "tf.cond(trains, learn, lambda: False)",
            "tf.cond(trains, learn, lambda: optimizer.iterations.assign_add(1) < 0)",
            "tests/training/test_frozen.py",
        ),
        (
            "batch statistics that move while frozen",
            "return tf.cond(trains, lambda: block(x, training=True), lambda: block(x))",
            "return block(x, training=True)",
            "tests/training/test_frozen.py",
            "tests/training/test_evaluation.py",
        ),
        (
            "a head without its penalty",
            'loss = terms["new task"] + head_l2 * tf.reduce_sum(tf.square(model.new_head.kernel.value))',
            'loss = terms["new task"] + 0 * head_l2',
            "tests/training/test_double_precision.py::test_the_script_does_what_the_run_did[a head to its best]",
        ),
        (
            "a λ that does nothing",
            "loss += weight * term",
            "loss += term",
            "tests/training/test_strategies.py",
        ),
    ),
    *_in(
        "utils/training/engine.py",
        (
            "features that are kept when a layer below has been trained",
            "            self.forget_features()  # what was trained meanwhile gives other features",
            "            pass",
            "tests/training/test_frozen.py",
        ),
        (
            "a warm-up after which the optimizers go on",
            "variable.assign(tf.zeros(variable.shape, variable.dtype))",
            "variable.assign(variable)",
            "tests/training/test_loop.py",
        ),
        (
            "a rate for each layer that does nothing",
            "optimizer.learning_rate.assign(rate * (factors or {}).get(name, 1.0))",
            "optimizer.learning_rate.assign(rate)",
            "tests/training/test_strategies.py",
        ),
    ),
    *_in(
        "utils/training/loop.py",
        (
            "old images from the test split",
            "as_tensor(old.x_train[chosen]), tf.constant(old.y_train[chosen])",
            "as_tensor(old.x_test[chosen % len(old.x_test)]), tf.constant(old.y_test[chosen % len(old.y_test)])",
            "tests/training/test_strategies.py",
        ),
        (
            "a stop that loses the result",
            'if self.status != "diverged" and self.record.last_evaluated != self.update:',
            'if self.status == "finished" and self.record.last_evaluated != self.update:',
            "tests/training/test_loop.py",
        ),
        (
            "a loss that is no number doesn't stop the run",
            "        if good < count:\n            self._diverge()",
            "        if good < 0:\n            self._diverge()",
            "tests/training/test_loop.py",
        ),
        (
            "best weights that aren't gone back to",
            "        self.engine.model.restore(self.patience.best_weights)\n",
            "",
            "tests/training/test_patience.py",
        ),
        (
            "a seed that ignores which images are chosen",
            "chosen = choose_images(pair.new.y_train, settings.new_images, settings.seed)",
            "chosen = choose_images(pair.new.y_train, settings.new_images, 0)",
            "tests/training/test_plain_keras.py",
            "tests/training/test_strategies.py",
        ),
    ),
    *_in(
        "utils/training/batches.py",
        (
            "a seed that ignores the order of the batches",
            "self._drawn_from = (seed, _ORDER) if task == 0",
            "self._drawn_from = (0, _ORDER) if task == 0",
            "tests/training/test_batches.py",
        ),
        (
            "an order that is the same in every epoch",
            "np.random.default_rng([*self._drawn_from, epoch])",
            "np.random.default_rng([*self._drawn_from, 0])",
            "tests/training/test_batches.py",
        ),
    ),
    *_in(
        "utils/training/controls.py",
        (
            "a schedule that takes effect one update late",
            "while self._scheduled and self._scheduled[0][0] <= update:",
            "while self._scheduled and self._scheduled[0][0] < update:",
            "tests/training/test_controls.py",
            "tests/training/test_loop.py",
        ),
    ),
    *_in(
        "utils/training/settings.py",
        (
            "a warm-up that isn't counted",
            "stages = [(0, strategy.fresh)] if self.warm_up else []",
            "stages = []",
            "tests/training/test_settings.py",
            "tests/training/test_loop.py",
        ),
    ),
    *_in(
        "utils/training/patience.py",
        (
            "a patience of one evaluation too many",
            "return 0 < self._evaluations <= self._waited",
            "return 0 < self._evaluations < self._waited",
            "tests/training/test_patience.py",
        ),
    ),
    *_in(
        "utils/training/strategies.py",
        (
            "an old head that stands still in learning without forgetting",
            'trains=("backbone", "old_head", "new_head"),\n            losses=("new task", "distillation"),',
            'trains=("backbone", "new_head"),\n            losses=("new task", "distillation"),',
            "tests/training/test_strategies.py",
        ),
    ),
    *_in(
        "utils/training/run.py",
        (
            "an interrupted write that leaves half a file",
            '            temporary.write_text(text, encoding="utf-8")\n            os.replace(temporary, path)',
            '            path.write_text(text[: len(text) // 2], encoding="utf-8")\n'
            '            path.write_text(text, encoding="utf-8")\n            os.replace(path, temporary)\n'
            "            os.replace(temporary, path)",
            "tests/training/test_run.py",
        ),
        (
            "a run from a file whose numbers aren't checked",
            "or not np.isfinite(arrays[name]).all():",
            "or False:",
            "tests/training/test_run.py",
        ),
    ),
    *_in(
        "utils/training/pool.py",
        (
            "one engine that is lent twice",
            "return _idle.pop(i)[1]",
            "return _idle[i][1]",
            "tests/training/test_loop.py",
        ),
    ),
    *_in(
        "utils/training/live.py",
        (
            "two trainings at once",
            "        stop_others(self)\n",
            "",
            "tests/training/test_live.py",
        ),
    ),
    *_in(
        "utils/training/freezing.py",
        (
            "set_trainable that doesn't compile again",
            "    if again:\n        compile_again(model, optimizer)",
            "    if again and False:\n        compile_again(model, optimizer)",
            "tests/training/test_freezing.py",
        ),
    ),
    *_in(
        "utils/training/proof.py",
        (
            "a proof that sees a fifth digit only",
            "[(array.shape, array.dtype, array.tobytes()) for array in map(np.asarray, several)]",
            "[(array.shape, array.dtype, np.round(array, 5).tobytes()) for array in map(np.asarray, several)]",
            "tests/training/test_proof.py",
        ),
    ),
    *_in(
        "utils/training/keras_code/phases.py",
        (
            "Keras code that leaves out a change of the rate",
            'return [*lines, "optimizer.learning_rate = rate"] if rates_change else lines',
            "return lines",
            "tests/training/test_keras_code.py",
            "tests/training/test_double_precision.py::test_the_script_does_what_the_run_did[gradual unfreezing]",
            "tests/training/test_double_precision.py::test_the_script_does_what_the_run_did[layers flipped]",
            "tests/training/test_double_precision.py::test_the_script_does_what_the_run_did[drawn 0]",
        ),
    ),
    *_in(
        "utils/training/keras_code/network.py",
        (
            "Keras code whose new head begins elsewhere",
            'keras.initializers.GlorotUniform(SEED)"\n    if plan',
            'keras.initializers.GlorotUniform(SEED + 1)"\n    if plan',
            "tests/training/test_double_precision.py::test_the_script_does_what_the_run_did[fine-tuning]",
        ),
    ),
    # Many runs
    *_in(
        "utils/sweeps/choice.py",
        (
            "a rate that is chosen for its worst loss",
            "    best = min(tried, key=lambda one: one.loss)\n    if best.loss",
            "    best = max(tried, key=lambda one: one.loss)\n    if best.loss",
            "tests/sweeps/test_choice.py",
        ),
    ),
    *_in(
        "utils/sweeps/seeds.py",
        (
            "stored runs that are taken for others",
            "key = settings.replace(seed=0), _as_recorded(settings, check_schedule(schedule, settings))\n    if key",
            "key = next(iter(found), (settings.replace(seed=0), ()))\n    if key",
            "tests/sweeps/test_seeds.py",
        ),
    ),
    # Runs as figures, and the panels
    *_in(
        "utils/plots/run_figure.py",
        (
            "a curve of the old task that is the new one's",
            'line.set_data(run.history.get("update", ()), run.history.get(name, ()))',
            'line.set_data(run.history.get("update", ()), run.history.get(name.replace("old", "new"), ()))',
            "tests/plots/test_run_figure.py",
        ),
    ),
    *_in(
        "utils/plots/words.py",
        (
            "a percentage that is a fraction",
            'f"{100 * fraction:.1f} %"',
            'f"{fraction:.1f} %"',
            "tests/plots/test_words.py",
            "tests/widgets/test_freeze_board.py::test_a_run_from_start_to_end",
        ),
    ),
    *_in(
        "utils/widgets/status_line.py",
        (
            "a label that reaches the page unescaped",
            "{html.escape(text)}</div>",
            "{text}</div>",
            "tests/widgets/test_freeze_board.py",
        ),
    ),
    *_in(
        "utils/widgets/kept_runs.py",
        (
            "a saved run that overwrites another",
            "    while path.exists():",
            "    while False:",
            "tests/widgets/test_freeze_board.py",
        ),
    ),
    *_in(
        "utils/exercises/start_here.py",
        (
            "an exercise that accepts who learns nothing",
            "if gain < gain_before / 2:",
            "if gain < -1:",
            "tests/exercises/test_start_here.py",
        ),
    ),
    # The machine
    *_in(
        "utils/environment.py",
        (
            "a check of the machine that takes any Python",
            "if OLDEST <= version[:2] <= NEWEST:",
            "if True:",
            "tests/test_environment.py",
        ),
    ),
    *_in(
        "utils/memory.py",
        (
            "memory that goes back after each update",
            "_LIBC.mallopt(_MMAP_THRESHOLD, 32_000_000)",
            "_LIBC.mallopt(_MMAP_THRESHOLD, 1_000_000)",
            "tests/test_memory.py",
        ),
    ),
)
