"""Single faults that a careful reviewer would call serious, each with the tests that should notice it."""

from dataclasses import dataclass

_SCRIPT = "tests/training/test_double_precision.py::test_the_script_does_what_the_run_did"
_ROW = "tests/training/test_strategies.py::test_what_trains_moves_and_all_else_stays"


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
    # What is learned
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
            "        if digest not in digests:",
            "        if True:",
            "tests/tasks/test_task.py",
        ),
    ),
    *_in(
        "utils/tasks/task_form.py",
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
        "utils/tasks/download.py",
        (
            "half a download takes its place",
            "if announced and arrived != int(announced):",
            "if False:",
            "tests/tasks/test_download.py::test_half_a_download_is_never_in_its_place",
        ),
    ),
    *_in(
        "utils/text/uci.py",
        (
            "a member of an archive isn't checked",
            "if sha256(data) == _FILES[name]:",
            "if data:",
            "tests/text/test_uci.py",
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
    *_in(
        "utils/tasks/photos.py",
        (
            "photographs that land outside of their folder",
            'is_safe = len(parts) == 3 and parts[0] == inside and not any(part.startswith(".") for part in parts)',
            "is_safe = len(parts) >= 3",
            "tests/tasks/test_photos.py::test_only_pictures_in_their_class_are_unpacked",
        ),
        (
            "photographs whose hash isn't checked",
            "if sha256(archive) != photo_set.sha256:",
            "if False:",
            "tests/tasks/test_photos.py::test_what_is_not_whole_is_not_used",
        ),
        (
            "a file of any size out of an archive",
            "if entry.isreg() and entry.size <= LARGEST_FILE:",
            "if entry.isreg():",
            "tests/tasks/test_photos.py::test_a_file_that_is_too_large_is_left_out",
        ),
    ),
    *_in(
        "utils/tasks/csv_pictures.py",
        (
            "a table of any size is read",
            "if most is None and file.stat().st_size > LARGEST_CSV:",
            "if most is None and file.stat().st_size < 0:",
            "tests/tasks/test_csv_pictures.py",
        ),
    ),
    *_in(
        "utils/tasks/arrays.py",
        (
            "copies among the reader's own examples",
            "    unique = np.flatnonzero(firsts == np.arange(len(x)))\n",
            "    unique = np.arange(len(x))\n",
            "tests/tasks/test_arrays.py",
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
            "np.sqrt(squares_of_change / squares_before)",
            "np.sqrt(squares_of_change)",
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
        "utils/models/pooled_convolution.py",
        (
            "pooling sees the same two columns twice",
            "(right, 1 - right)) for down",
            "(0, 1)) for down",
            "tests/models/test_pooled_convolution.py::test_it_is_both_layers_and_so_are_its_gradients",
        ),
    ),
    *_in(
        "utils/models/checkpoints.py",
        (
            "a damaged checkpoint is used",
            '(record.get("task_sha256"), record.get("sha256")) == (digest, sha256(data))',
            'record.get("task_sha256") == digest',
            "tests/models/test_checkpoints.py::test_a_damaged_checkpoint_is_made_again_once_and_kept",
        ),
    ),
    *_in(
        "utils/models/transfer.py",
        (
            "a new head that ignores its seed",
            "GlorotUniform(seed=kernel_seed)",
            "GlorotUniform(seed=0)",
            "tests/models/test_backbones.py::test_the_new_head_is_drawn_from_the_seed_alone",
        ),
        (
            "added layers that don't begin with the zeros they ask for",
            "            if fixed is not None:\n                weight.assign(fixed)",
            "            if False:\n                weight.assign(fixed)",
            "tests/widgets/test_own_layers.py::test_they_learn_for_the_new_task_and_the_old_one_stays",
        ),
        (
            "blocks beside added layers that count as untouched",
            "max(len(self.blocks) - beside, 0)",
            "len(self.blocks)",
            f"{_ROW}[network expansion-small_cnn]",
        ),
        (
            "a snapshot that changes with the network",
            "[np.array(weight.numpy()) for weight in self.weights(name)]",
            "[weight for weight in self.weights(name)]",
            "tests/models/test_backbones.py::test_a_snapshot_is_a_copy_and_restoring_it_is_exact",
        ),
    ),
    *_in(
        "utils/models/added_layers.py",
        (
            "new units that the new head doesn't see",
            "[call(top, x), call(added[EXPANSION], x)]",
            "[call(top, x), 0 * call(added[EXPANSION], x)]",
            f"{_ROW}[network expansion-small_cnn]",
        ),
    ),
    *_in(
        "utils/models/standardization.py",
        (
            "a variance in place of the deviation",
            "np.where(vary_by_rounding(features), 1, features.std(axis=0))",
            "np.where(vary_by_rounding(features), 1, features.var(axis=0))",
            "tests/models/test_standardization.py",
        ),
    ),
    *_in(
        "utils/models/teaching.py",
        (
            "a checkpoint that is chosen on test images",
            "validation_data=(old.x_validation, old.y_validation),",
            "validation_data=(old.x_test, old.y_test),",
            "tests/models/test_checkpoints.py",
        ),
    ),
    *_in(
        "utils/text/transformer.py",
        (
            "padding that is read as words",
            "attention_mask=real[:, None, :], training",
            "training",
            "tests/text/test_encoder.py::test_padding_and_company_change_nothing",
        ),
    ),
    *_in(
        "utils/user_model/cut_model.py",
        (
            "a batch normalization that trains though it must not change",
            "norms = [] if self.train_norms else",
            "norms = [] if True else",
            "tests/user_model/test_model.py::test_still_norms_stay_whatever_trains",
        ),
    ),
    # How it learns
    *_in(
        "utils/strategies/losses.py",
        (
            "a factor T² in distillation",
            "tf.nn.log_softmax(logits / temperature), axis=1)",
            "tf.nn.log_softmax(logits / temperature) * temperature**2, axis=1)",
            "tests/strategies/test_losses.py",
        ),
        (
            "the penalty on weights without its half",
            "return tf.add_n(squares) / 2 if squares",
            "return tf.add_n(squares) if squares",
            "tests/strategies/test_losses.py",
        ),
        (
            "recorded answers that aren't softened",
            "tf.nn.softmax(recorded / temperature)",
            "tf.nn.softmax(recorded)",
            "tests/strategies/test_losses.py",
        ),
    ),
    *_in(
        "utils/training/step.py",
        (
            "a frozen layer's optimizer that moves",
            "tf.cond(trains, learn, lambda: False)",
            "tf.cond(trains, learn, lambda: optimizer.iterations.assign_add(1) < 0)",
            "tests/training/test_frozen.py::test_a_frozen_layer_stays_and_a_trained_one_moves[small_cnn-adam]",
        ),
        (
            "a head without its penalty",
            "loss = terms[NEW_TASK.name] + head_l2 * tf.reduce_sum(tf.square(model.new_head.kernel.value))",
            "loss = terms[NEW_TASK.name] + 0 * head_l2",
            f"{_SCRIPT}[a head to its best]",
        ),
        (
            "a λ that does nothing",
            "loss += weight * terms[term.name] if term.protects",
            "loss += terms[term.name] if term.protects",
            "tests/training/test_strategies.py::test_learning_without_forgetting_trains_as_a_plain_loop_does",
        ),
        (
            "a frozen layer that rolls on with its momentum",
            "tf.cond(trains, learn, lambda: False)",
            "tf.cond(trains, learn, lambda: optimizer.apply([0 * one for one in gradients], weights) is None)",
            "tests/training/test_frozen.py::test_a_frozen_layer_stays_and_a_trained_one_moves[small_cnn-adam]",
        ),
    ),
    *_in(
        "utils/training/engine.py",
        (
            "features that are kept when a layer below has been trained",
            "            self.forget_features()  # a block that trained in between has other outputs now",
            "            pass",
            "tests/training/test_frozen.py::test_kept_outputs_are_those_of_the_network_as_it_is_now",
        ),
        (
            "a new head that goes on from the run before",
            "        self.model.initialize_new_head(head_seed)\n",
            "",
            "tests/training/test_loop.py::test_a_seed_gives_the_same_run_to_the_last_bit",
        ),
    ),
    *_in(
        "utils/training/engine.py",
        (
            "random layers that go on where the run before has ended",
            "self.model.seed_random_layers(head_seed)",
            "pass",
            "tests/user_model/test_as_fit.py",
        ),
    ),
    *_in(
        "utils/training/forward.py",
        (
            "measuring that draws random numbers",
            "state.assign(value)",
            "pass",
            "tests/user_model/test_as_fit.py",
        ),
    ),
    *_in(
        "utils/training/preparation.py",
        (
            "what is recorded is the new head's answer",
            "{OLD_HEAD: old, NEW_HEAD: new}",
            "{OLD_HEAD: new, NEW_HEAD: old}",
            "tests/training/test_strategies.py::test_what_is_recorded_is_the_checkpoints_answer_and_stays_so",
        ),
        (
            "old images for a loss term that says it needs none",
            "function(checkpoint if term.old_images else without)",
            "function(checkpoint)",
            "tests/widgets/test_own_term.py::test_a_term_sees_old_images_only_if_it_says_so",
        ),
    ),
    *_in(
        "utils/training/held_images.py",
        (
            "pictures in uint8 become floats all at once",
            "return tf.uint8 if images.dtype == np.uint8 else tf.as_dtype(keras.config.floatx())",
            "return tf.as_dtype(keras.config.floatx())",
            "tests/training/test_held_images.py::test_nothing_is_copied_as_a_whole",
        ),
        (
            "pictures in uint8 get the labels of others",
            "lambda values: tf.gather(values, needed), others)",
            "lambda values: values, others)",
            "tests/training/test_held_images.py::test_the_same_as_with_floats_to_the_last_bit",
        ),
    ),
    *_in(
        "utils/training/loop.py",
        (
            "an option of a loss term that can't be turned on the way",
            "check_loss_options(options, self.settings.row) if options else None",
            "None",
            "tests/widgets/test_own_term.py::test_on_the_board_with_a_field_that_turns_it_on_the_way",
        ),
        (
            "old images from the test split",
            "        return hold(task.x_train, chosen), tf.constant(task.y_train[chosen])\n",
            "        part = 'test' if task is self.pair.old else 'train'\n"
            "        x, y = getattr(task, f'x_{part}'), getattr(task, f'y_{part}')\n"
            "        return hold(x, chosen % len(x)), tf.constant(y[chosen % len(y)])\n",
            "tests/training/test_strategies.py::test_joint_training_trains_as_a_plain_loop_does",
        ),
        (
            "a stop that loses the result",
            'if self.status != "diverged" and self.record.last_evaluated != self.update:',
            'if self.status == "finished" and self.record.last_evaluated != self.update:',
            "tests/training/test_loop.py::test_a_stop_ends_the_run_with_a_result",
        ),
        (
            "a loss that is no number doesn't stop the run",
            "finite = count if is_finite.all() else int(np.argmin(is_finite))",
            "finite = count",
            "tests/training/test_loop.py::test_a_loss_that_is_no_number_ends_the_run_with_the_reason",
        ),
        (
            "best weights that aren't gone back to",
            "        self.engine.model.restore(self.patience.best_weights)\n",
            "",
            "tests/training/test_patience.py::test_its_result_is_that_of_the_best_point",
        ),
        (
            "a seed that ignores which images are chosen",
            "chosen = choose_images(task.y_train, count, self.settings.seed)",
            "chosen = choose_images(task.y_train, count, 0)",
            "tests/training/test_double_precision.py::test_the_engine_trains_as_fit_does[fine-tuning, sgd, warm-up 30]",
        ),
    ),
    *_in(
        "utils/training/batches.py",
        (
            "a seed that ignores the order of the batches",
            "self._seed = (seed, _ORDER) if task == 0",
            "self._seed = (0, _ORDER) if task == 0",
            "tests/training/test_batches.py",
        ),
        (
            "an order that is the same in every epoch",
            "np.random.default_rng([*self._seed, epoch])",
            "np.random.default_rng([*self._seed, 0])",
            "tests/training/test_batches.py",
        ),
    ),
    *_in(
        "utils/strategies/controls.py",
        (
            "a schedule that takes effect one update late",
            "while self._scheduled and self._scheduled[0][0] <= update:",
            "while self._scheduled and self._scheduled[0][0] < update:",
            "tests/strategies/test_controls.py",
        ),
        (
            "a stop that a later wish takes back",
            "stop=later.stop or self.stop",
            "stop=later.stop",
            "tests/strategies/test_controls.py",
        ),
    ),
    *_in(
        "utils/strategies/stages.py",
        (
            "a warm-up that isn't counted",
            "planned = [(0, fresh)] if warm_up else []",
            "planned = []",
            "tests/training/test_loop.py::test_only_the_head_moves_in_the_warm_up",
        ),
        (
            "rates that grow toward the input",
            "len(blocks) - blocks.index(name) if name in blocks",
            "blocks.index(name) + 1 if name in blocks",
            "tests/training/test_strategies.py::test_a_rate_for_each_layer",
        ),
    ),
    *_in(
        "utils/measures/comparison.py",
        (
            "p values that are all corrected alike",
            "factors = np.arange(len(values), 0, -1)",
            "factors = np.full(len(values), len(values))",
            "tests/measures/test_comparison.py",
        ),
        (
            "a p value of one side",
            "float(2 * stdtr(",
            "float(stdtr(",
            "tests/measures/test_comparison.py",
        ),
    ),
    *_in(
        "utils/training/patience.py",
        (
            "a rate that falls once too often",
            "drops = self._has_waited and self._drops > 0",
            "drops = self._has_waited and self._drops >= 0",
            "tests/training/test_patience.py::test_the_rate_falls_as_often_as_it_may_and_then_the_run_ends",
        ),
        (
            "a patience of one evaluation too many",
            "return 0 < self._evaluations <= self._waited",
            "return 0 < self._evaluations < self._waited",
            "tests/training/test_patience.py::test_it_waits_as_keras_does",
        ),
        (
            "a patience that doesn't begin anew at a switch",
            'has changed or is about to."""\n        self._waited = 0',
            'has changed or is about to."""',
            "tests/training/test_patience.py::test_it_waits_afresh_after_every_switch",
        ),
    ),
    *_in(
        "utils/strategies/table.py",
        (
            "an old head that stands still in learning without forgetting",
            'trains=("backbone", "old_head", "new_head"),\n            losses=("new task", "distillation"),',
            'trains=("backbone", "new_head"),\n            losses=("new task", "distillation"),',
            f"{_ROW}[learning without forgetting-small_cnn]",
        ),
    ),
    *_in(
        "utils/training/run_file.py",
        (
            "a run from a file whose numbers aren't checked",
            "or not np.isfinite(arrays[name]).all():",
            "or False:",
            "tests/training/test_run.py::test_a_wrong_curve_is_named",
        ),
        (
            "a run from a file whose fields aren't checked",
            "if not fits(values[name]):",
            "if False:",
            "tests/training/test_run.py::test_a_wrong_value_is_named",
        ),
    ),
    *_in(
        "utils/training/trained_model.py",
        (
            "a trained network with the checkpoint's weights",
            "    model.restore(weights)\n",
            "",
            "tests/training/test_run.py::test_the_trained_network_goes_elsewhere",
        ),
    ),
    *_in(
        "utils/strategies/timeline.py",
        (
            "a plan that overrules what was switched by hand",
            "if update <= by_hand]",
            "if True]",
            "tests/strategies/test_timeline.py",
        ),
        (
            "an optimizer that goes on after the warm-up",
            "fresh or first == settings.warm_up",
            "fresh",
            "tests/strategies/test_timeline.py",
        ),
    ),
    *_in(
        "utils/strategies/meaning.py",
        (
            "a saved strategy that is taken for another of its name",
            "return same_name if _equal(values, saved) else strategy",
            "return same_name",
            "tests/training/test_run.py::test_a_strategy_of_a_known_name_stays_what_it_was",
        ),
    ),
    *_in(
        "utils/training/pool.py",
        (
            "one engine that is lent twice",
            "return _idle.pop(i)[1]",
            "return _idle[i][1]",
            "tests/training/test_loop.py::test_two_runs_in_turns_don_t_disturb_each_other",
            "tests/training/test_loop.py::test_only_a_few_idle_engines_are_kept",
        ),
        (
            "large engines that fill the memory",
            "sum(total <= LAYERS_AT_MOST for total in layers)",
            "len(layers)",
            "tests/training/test_loop.py::test_only_a_few_idle_engines_are_kept",
        ),
    ),
    *_in(
        "utils/training/live.py",
        (
            "two trainings at once",
            "        stop_others(self)\n",
            "",
            "tests/training/test_live.py::test_only_one_training_at_a_time",
        ),
        (
            "a switch that waits as long as the pace wants",
            "is_free or is_ending or self._controls.waiting",
            "is_free or is_ending",
            "tests/training/test_live.py::test_a_request_waits_for_no_pace_and_those_after_it_wait_longer",
        ),
        (
            "a second start in the middle of a training",
            'if self.active:\n            raise RuntimeError("A run is under way: Stop it before you start',
            'if False:\n            raise RuntimeError("A run is under way: Stop it before you start',
            "tests/training/test_live.py::test_start_twice_is_refused_and_harms_nothing",
        ),
    ),
    *_in(
        "utils/freezing/trainable.py",
        (
            "set_trainable that doesn't compile again",
            "    if needs_compilation:\n        compile_again(model, optimizer)",
            "    if needs_compilation and False:\n        compile_again(model, optimizer)",
            "tests/freezing/test_trainable.py::test_exactly_these_layers_move",
        ),
        (
            "set_trainable under which batch statistics move",
            "    if not trains and not any(inside_train):\n        layer.trainable = False\n",
            "",
            "tests/freezing/test_trainable.py::test_exactly_these_layers_move",
            "tests/freezing/test_trainable.py::test_our_own_networks_too",
        ),
    ),
    *_in(
        "utils/freezing/proof.py",
        (
            "a proof that sees a fifth digit only",
            "[(array.shape, array.dtype, array.tobytes()) for array in map(np.asarray, several)]",
            "[(array.shape, array.dtype, np.round(array, 5).tobytes()) for array in map(np.asarray, several)]",
            "tests/freezing/test_proof.py",
        ),
    ),
    *_in(
        "utils/export/phases.py",
        (
            "Keras code that leaves out a change of the rate",
            'return f"{_FLAGS}\\noptimizer.learning_rate = rate"',
            "return _FLAGS",
            f"{_SCRIPT}[a warm-up at a rate of its own]",
        ),
        (
            "Keras code that leaves out a layer's rate",
            'factor = " * FACTORS.get(name, 1)"',
            'factor = ""',
            f"{_SCRIPT}[layers flipped]",
        ),
        (
            "Keras code that leaves out the rate",
            'arguments = ["rate"] if plan.one_optimizer else []',
            "arguments = []",
            f"{_SCRIPT}[joint training, in uint8]",
        ),
    ),
    *_in(
        "utils/export/network.py",
        (
            "Keras code whose new head begins elsewhere",
            'keras.initializers.GlorotUniform(SEED)"\n    if plan',
            'keras.initializers.GlorotUniform(SEED + 1)"\n    if plan',
            f"{_SCRIPT}[layers flipped]",
        ),
    ),
    *_in(
        "utils/training/optimizers.py",
        (
            "a warm-up after which the optimizers go on",
            "variable.assign(tf.zeros(variable.shape, variable.dtype))",
            "variable.assign(variable)",
            "tests/training/test_loop.py::test_only_the_head_moves_in_the_warm_up",
        ),
        (
            "a rate for each layer that does nothing",
            "optimizer.learning_rate.assign(rate * (factors or {}).get(layer, 1.0))",
            "optimizer.learning_rate.assign(rate)",
            "tests/training/test_strategies.py::test_a_rate_for_each_layer",
        ),
        (
            "Adam in place of SGD",
            "_alone(optimizers.SGD)(momentum=0.9)",
            "_alone(optimizers.Adam)()",
            "tests/training/test_strategies.py::test_learning_without_forgetting_trains_as_a_plain_loop_does",
        ),
        (
            "SGD without its momentum",
            "_alone(optimizers.SGD)(momentum=0.9)",
            "_SGD()",
            "tests/training/test_strategies.py::test_learning_without_forgetting_trains_as_a_plain_loop_does",
        ),
    ),
    *_in(
        "utils/training/evaluation.py",
        (
            "a point isn't measured again after its head has moved",
            "measured and all(map(np.array_equal, before, states)))",
            "measured)",
            "tests/training/test_evaluation.py::test_accuracies_and_losses_are_those_of_keras",
        ),
        (
            "a moved backbone measured as it was at the checkpoint",
            "return self._engine.heads_need_only_features and all(",
            "return self._engine.heads_need_only_features or all(",
            "tests/training/test_evaluation.py::test_accuracies_and_losses_are_those_of_keras",
        ),
        (
            "a result that is told of validation images",
            """        labels = getattr(self._pair, task).y_test
        correct = _correct(self._logits(task, "test", self._backbone_is_unchanged()), labels)
""",
            """        labels = getattr(self._pair, task).y_validation[:_CURVE_IMAGES]
        correct = _correct(self._logits(task, "validation", False), labels)
""",
            "tests/training/test_evaluation.py::test_accuracies_and_losses_are_those_of_keras",
        ),
    ),
    *_in(
        "utils/training/race.py",
        (
            "races that all have the same seed",
            "seed = self.settings.seed + number",
            "seed = self.settings.seed",
            "tests/training/test_race.py::test_every_lane_is_the_run_it_would_be_alone",
        ),
    ),
    *_in(
        "utils/freezing/recompile.py",
        (
            "a schedule of rates that begins anew with each switch",
            "            new.iterations.assign(old.iterations)\n",
            "            pass\n",
            "tests/freezing/test_recompile.py",
        ),
    ),
    *_in(
        "utils/freezing/callbacks.py",
        (
            "forgetting that is counted from the latest fit on",
            "        if self.before is None:\n",
            "        if True:\n",
            "tests/freezing/test_callbacks.py::test_the_first_before_stays_in_a_second_fit",
        ),
    ),
    *_in(
        "utils/user_model/digest.py",
        (
            "networks with other weights that are taken for one",
            "arrays = [*model.get_weights()]",
            "arrays = []",
            "tests/user_model/test_digest.py",
        ),
    ),
    *_in(
        "utils/text/features.py",
        (
            "vectors of the encoder as it was before it was trained",
            "[encoder.fingerprint(), str(encoder.longest), *digests]",
            "[encoder.name, str(encoder.longest), *digests]",
            "tests/text/test_features.py::test_an_encoder_that_was_trained_gives_new_ones",
        ),
    ),
    *_in(
        "utils/text/experiment.py",
        (
            "settings that are chosen on test texts",
            'cross_entropy(fitted.probabilities("validation"), self.labels["validation"])',
            'cross_entropy(fitted.probabilities("test"), self.labels["test"])',
            "tests/text/test_comparison.py::test_settings_come_from_validation_texts_alone",
        ),
    ),
    *_in(
        "utils/text/experiment.py",
        (
            "the encoder's old accuracy measured only after it was trained",
            "            _ = self.old_accuracy_before  # while the encoder still has the weights that it came with\n",
            "",
            "tests/text/test_comparison.py::test_forgetting_is_what_the_encoder_has_lost",
        ),
        (
            "forgetting of texts with its sign turned",
            "100 * (self.old_accuracy_before - self._old_accuracy(self.encoder.vectors(self.old.texts_test)))",
            "100 * (self._old_accuracy(self.encoder.vectors(self.old.texts_test)) - self.old_accuracy_before)",
            "tests/text/test_comparison.py::test_forgetting_is_what_the_encoder_has_lost",
        ),
    ),
    *_in(
        "utils/text/pipelines.py",
        (
            "a probe whose settings come from the first of its grid",
            "**experiment.choice(self.probe)",
            "**{name: values[0] for name, values in self.probe.grid.items()}",
            "tests/text/test_comparison.py::test_fine_tuning_starts_from_the_chosen_probe",
        ),
    ),
    *_in(
        "utils/strategies/losses.py",
        (
            "Keras code whose distillation has forgotten its T",
            "keras.ops.log_softmax(logits / temperature)",
            "keras.ops.log_softmax(logits)",
            f"{_SCRIPT}[a warm-up at a rate of its own]",
        ),
    ),
    *_in(
        "utils/export/script.py",
        (
            "Keras code whose old images are those of the test",
            'tf.constant(pair.old.x_train[chosen]), tf.constant(pair.old.y_train[chosen])"',
            'tf.constant(pair.old.x_test[chosen]), tf.constant(pair.old.y_test[chosen])"',
            f"{_SCRIPT}[joint training, in uint8]",
        ),
    ),
    # Many runs
    *_in(
        "utils/sweeps/choice.py",
        (
            "a rate that is chosen for its worst loss",
            "best = min(points, key=rule)",
            "best = max(points, key=rule)",
            "tests/sweeps/test_choice.py::test_a_rate_at_the_edge_makes_the_grid_grow",
        ),
    ),
    *_in(
        "utils/sweeps/runs.py",
        (
            "settings that are chosen on test images",
            '"loss": None if run.status == "diverged" else loss, "accuracy"',
            '"loss": None if run.status == "diverged" else 1 - run.new_accuracy, "accuracy"',
            "tests/sweeps/test_choice.py",
        ),
        (
            "a stored run that is taken for one with another strategy of the same name",
            "job_key(make_run, job) if names_suffice(settings) else None",
            "job_key(make_run, job)",
            "tests/sweeps/test_sweep.py::test_a_strategy_of_ones_own_runs_here_and_is_not_stored",
        ),
    ),
    *_in(
        "utils/sweeps/result_log.py",
        (
            "half a line of a killed process that is written on",
            "        if rest:\n            self._file.truncate(self._end)",
            "        if rest:\n            pass",
            "tests/sweeps/test_result_log.py",
        ),
        (
            "half a line that a full disk leaves",
            "            self._file.truncate(self._end)\n            reason",
            "            reason",
            "tests/sweeps/test_result_log.py",
        ),
        (
            "results of other versions that are taken for these",
            "if made_by != here:",
            "if made_by[0] != FORMAT:",
            "tests/sweeps/test_result_log.py",
        ),
    ),
    *_in(
        "utils/sweeps/jobs.py",
        (
            "results in the order in which they came",
            "[results[number] for number in range(len(self))]",
            "list(results.values())",
            "tests/sweeps/test_jobs.py",
        ),
        (
            "a run that is made again although it's stored",
            "left = [number for number, key in enumerate(self._keys) if key not in self._log.results]",
            "left = list(range(len(self._keys)))",
            "tests/sweeps/test_sweep.py::test_what_is_stored_is_not_made_again",
        ),
    ),
    *_in(
        "utils/sweeps/worker.py",
        (
            "a worker with other versions that is let in",
            "    if other:\n        listed",
            "    if not expected:\n        listed",
            "tests/sweeps/test_sweep.py::test_a_worker_with_other_versions_is_named",
        ),
    ),
    *_in(
        "utils/sweeps/seeds.py",
        (
            "stored runs that are taken for others",
            "key = settings.replace(seed=0), _as_recorded(settings, check_schedule(schedule, settings))\n    if key",
            "key = next(iter(stored), (settings.replace(seed=0), ()))\n    if key",
            "tests/sweeps/test_seeds.py::test_other_settings_are_run_here",
        ),
    ),
    *_in(
        "utils/sweeps/trials.py",
        (
            "a table whose rates are chosen on test images",
            "return fmean(trial.new_validation)",
            "return fmean(trial.new)",
            "tests/sweeps/test_trials.py::test_test_images_and_the_old_task_choose_nothing",
        ),
        (
            "a grid whose end is chosen",
            "if next_weight is None:",
            "if next_weight is not None:",
            "tests/sweeps/test_trials.py::test_a_grid_grows_until_no_end_of_it_is_chosen",
        ),
    ),
    *_in(
        "utils/sweeps/trade_offs.py",
        (
            "old and new task are swapped on the curves",
            "(100 * outcome.old, 100 * outcome.new) for outcome in curve",
            "(100 * outcome.new, 100 * outcome.old) for outcome in curve",
            "tests/sweeps/test_trade_offs.py::test_curves_have_the_points_of_their_settings",
        ),
        (
            "the interval of what is kept is too narrow",
            "mean_interval((seeds - 1) * (np.mean(without) - without))",
            "mean_interval(np.mean(without) - without)",
            "tests/sweeps/test_trade_offs.py::test_the_interval_is_that_of_the_mean_where_only_the_old_task_differs",
        ),
    ),
    *_in(
        "utils/training/pace.py",
        (
            "a switch that waits for a fifth of a second",
            "return CHUNK_SECONDS if self._attended else UNATTENDED_SECONDS",
            "return UNATTENDED_SECONDS",
            "tests/training/test_pace.py",
        ),
    ),
    *_in(
        "utils/training/loop.py",
        (
            "panels whose chunks are those of runs that can't be changed",
            "attended = controls is not None",
            "attended = False",
            "tests/training/test_pace.py",
        ),
    ),
    *_in(
        "utils/sweeps/claims.py",
        (
            "differences of other seeds",
            "worse.reindex(better.index).to_numpy()",
            "worse.to_numpy()[::-1]",
            "tests/sweeps/test_table1.py",
        ),
        (
            "many comparisons, none corrected",
            "p_values = holm([ordering.p_value(frame, pair) for ordering, pair in compared])",
            "p_values = [ordering.p_value(frame, pair) for ordering, pair in compared]",
            "tests/sweeps/test_table1.py",
        ),
    ),
    *_in(
        "utils/sweeps/outcome.py",
        (
            "a stored accuracy that can't be is let in",
            "if not isinstance(values[name], int | float) or not 0 <= values[name] <= 1:",
            "if not isinstance(values[name], int | float):",
            "tests/sweeps/test_outcome.py",
        ),
    ),
    # Runs as figures, and the panels
    *_in(
        "utils/plots/run_curves.py",
        (
            "a curve of the old task that is the new one's",
            'line.set_data(run.history.get("update", ()), run.history.get(name, ()))',
            'line.set_data(run.history.get("update", ()), run.history.get(name.replace("old", "new"), ()))',
            "tests/plots/test_run_figure.py::test_lines_are_the_history",
        ),
    ),
    *_in(
        "utils/plots/description.py",
        (
            "a percentage that is a fraction",
            'f"{fraction:.1%}"',
            'f"{fraction:.1f}%"',
            "tests/plots/test_description.py",
        ),
    ),
    *_in(
        "utils/widgets/message.py",
        (
            "a label that reaches the page unescaped",
            "{escape(text)}</div>",
            "{text}</div>",
            "tests/widgets/test_freeze_board.py::test_what_a_file_says_is_not_taken_for_markup",
        ),
    ),
    *_in(
        "utils/widgets/experiments.py",
        (
            "an experiment that finds every prediction right",
            "return right == predicted, f",
            "return True, f",
            "tests/widgets/test_experiments.py",
        ),
    ),
    *_in(
        "utils/widgets/field_messages.py",
        (
            "an error that is said at the other end of the fields",
            "return self.lower if name in self._lower() else self._upper",
            "return self._upper if name in self._lower() else self.lower",
            "tests/widgets/test_freeze_board.py::test_an_error_goes_with_its_cause",
        ),
    ),
    *_in(
        "utils/widgets/ghosts.py",
        (
            "ghosts of runs on other tasks",
            "if text == on and number != shown",
            "if number != shown",
            "tests/widgets/test_freeze_board.py",
        ),
    ),
    *_in(
        "utils/widgets/run_files.py",
        (
            "a saved run that overwrites another",
            "    while path.exists():",
            "    while False:",
            "tests/widgets/test_freeze_board.py::test_saved_and_loaded_the_row_is_the_same",
        ),
    ),
    *_in(
        "utils/exercises/start_here.py",
        (
            "an exercise that accepts who learns nothing",
            "if gain < gain_before / 2:",
            "if gain < -1:",
            "tests/exercises/test_start_here.py::test_learning_nothing_is_no_way_not_to_forget",
        ),
        (
            "an exercise that takes a rate of 0 for training",
            " or factors[name] == 0 for name",
            " for name",
            "tests/exercises/test_start_here.py::test_what_is_not_right_is_explained",
        ),
    ),
    *_in(
        "utils/widgets/fitted_picture.py",
        (
            "a picture that forgets the projector where its room changes",
            "self._lay_out(pixels, self._projected)",
            "self._lay_out(pixels, False)",
            "tests/widgets/test_fitted_picture.py::test_for_a_projector_and_back_in_the_room_there_is",
        ),
    ),
    *_in(
        "utils/plots/labels.py",
        (
            "names of ghosts beyond the axes",
            "if is_inside and not",
            "if not",
            "tests/plots/test_run_figure.py::test_names_of_ghosts_neither_overlap_nor_leave_the_axes",
        ),
    ),
    *_in(
        "utils/plots/plane.py",
        (
            "a run that is called best though another beats it",
            "q[0] >= p[0] and q[1] >= p[1] and q != p",
            "q[0] > p[0] and q[1] > p[1]",
            "tests/plots/test_plane.py::test_best",
        ),
    ),
    *_in(
        "utils/widgets/network.py",
        (
            "a drawing in which frozen and trained change places",
            'if trains else ("fb-frozen", "frozen")',
            'if not trains else ("fb-frozen", "frozen")',
            "tests/widgets/test_freeze_board.py::test_frozen_and_trained_are_told_in_words_and_patterns",
        ),
    ),
    *_in(
        "utils/widgets/progress_line.py",
        (
            "a line of progress that never ends",
            "    if latest is not None:\n",
            "    if latest is None:\n",
            "tests/widgets/test_progress_line.py",
        ),
        (
            "a line that says an interrupted loop is done",
            '        line.end(f"stopped at {number:,} of {len(items):,} {what}")\n',
            "",
            "tests/widgets/test_progress_line.py::test_what_is_left_early_says_so",
        ),
    ),
    *_in(
        "utils/widgets/picture_upload.py",
        (
            "an upload of any size is decoded",
            "if len(content) > MOST_BYTES:",
            "if not content:",
            "tests/widgets/test_picture_upload.py::test_too_large_a_file_is_not_decoded",
        ),
        (
            "a file's name that reaches the page unescaped",
            "self._reset(html.escape(f\"The network can't classify this: ",
            "self._reset(str(f\"The network can't classify this: ",
            "tests/widgets/test_picture_upload.py",
        ),
    ),
    *_in(
        "utils/exercises/joint_training.py",
        (
            "an exercise that accepts whatever is forgotten",
            "    if lost[more] > MOST_FORGETTING:\n",
            "    if lost[more] > 100:\n",
            "tests/exercises/test_joint_training.py",
        ),
    ),
    *_in(
        "utils/exercises/learning_without_forgetting.py",
        (
            "an exercise that accepts a factor T²",
            "return all(np.isclose(losses[t], others[t], rtol=1e-4) for t in losses)",
            "return any(np.isclose(losses[t], others[t], rtol=1e-4) for t in losses)",
            "tests/exercises/test_learning_without_forgetting.py::test_the_temperature_by_hand",
        ),
    ),
    *_in(
        "utils/exercises/verdict.py",
        (
            "exercises that are judged on test images",
            "return 100 * (curve[0] - curve[run.result_point])",
            "return run.forgetting + 0 * curve[0]",
            "tests/exercises/test_joint_training.py::test_the_curves_decide_and_not_the_test_images",
        ),
    ),
    # The machine
    *_in(
        "utils/environment.py",
        (
            "a check of the machine that takes any Python",
            "if OLDEST <= version[:2] <= NEWEST:",
            "if True:",
            "tests/test_environment.py::test_python",
        ),
        (
            "a machine with too little memory is ready",
            "if available >= MEMORY_NEEDED:",
            "if available >= 0:",
            "tests/test_environment.py::test_memory",
        ),
    ),
    *_in(
        "utils/process.py",
        (
            "another backend than TensorFlow is let in",
            "    if backend == BACKEND:\n        return None",
            "    if backend:\n        return None",
            "tests/test_process.py::test_another_backend_is_named",
        ),
        (
            "a mixed dtype policy is let in",
            "if (chosen.compute_dtype, chosen.variable_dtype) != (floats, floats):",
            "if chosen.variable_dtype != floats:",
            "tests/test_process.py::test_networks_say_what_keras_is_set_to",
        ),
    ),
    *_in(
        "utils/shipped.py",
        (
            "an altered file that ships is taken for the right one",
            "        if _sha256(data) != digest:",
            "        if not data:",
            "tests/test_shipped.py::test_one_bit_that_is_turned_is_noticed",
        ),
        (
            "storing a sweep makes a damaged file the right one",
            "            _write(digests() | {_name(path): _sha256(path.read_bytes())})",
            "            _write({_name(file): _sha256(file.read_bytes()) for file in shipped_files()})",
            "tests/test_shipped.py::test_what_is_stored_again_is_entered_and_nothing_else",
        ),
    ),
    *_in(
        "utils/files.py",
        (
            "an interrupted write that leaves half a file",
            'with open(temporary, "xb") as file:',
            'with open(path, "wb") as file:',
            "tests/test_files.py::test_an_interrupted_write_leaves_what_was_there",
        ),
        (
            "what another process is writing is cleared away",
            "        except BlockingIOError:\n            is_left = False",
            "        except BlockingIOError:\n            is_left = True",
            "tests/test_files.py::test_what_a_killed_process_left_is_cleared_by_the_next_and_not_before",
            "tests/test_files.py::test_what_another_thread_writes_stays",
        ),
    ),
    *_in(
        "utils/comfort.py",
        (
            "a program that imports utils is silenced like a notebook",
            'return shell if hasattr(shell, "kernel") else None',
            "return shell",
            "tests/test_comfort.py",
        ),
    ),
    *_in(
        "utils/frameworks.py",
        (
            "a panel is seen only when TensorFlow is imported",
            "and not _scheduled and events is not None",
            "and False",
            "tests/test_frameworks.py",
        ),
    ),
    *_in(
        "utils/keras_internals.py",
        (
            "what is left out of weight decay isn't handed on",
            "if hasattr(source, name):",
            "if hasattr(target, name):",
            "tests/test_keras_internals.py",
        ),
    ),
    *_in(
        "utils/training/block_calls.py",
        (
            "batch statistics that move while frozen",
            "nullcontext() if trains else frozen(block):\n        output = block(x, training=trains or ",
            "nullcontext():\n        output = block(x, training=True or ",
            "tests/training/test_frozen.py::test_a_frozen_layer_stays_and_a_trained_one_moves[small_resnet-adam]",
        ),
        (
            "dropout that ends where a block is frozen",
            "training=trains or block.is_active_when_frozen",
            "training=trains",
            "tests/user_model/test_as_fit.py",
        ),
        (
            "layers whose own losses don't count",
            "losses = [loss for layer in block.layers for loss in _losses(layer, again)]",
            "losses = []",
            "tests/user_model/test_as_fit.py",
        ),
    ),
    *_in(
        "utils/training/continuation.py",
        (
            "a run that goes on as if nothing had been switched where it ended",
            "events.append((run.updates, Change(trained_layers=layers)))",
            "pass",
            "tests/widgets/test_feature_viewer.py::test_at_the_end_of_all_updates",
        ),
    ),
    *_in(
        "utils/collection_map.py",
        (
            "a title on the map as HTML",
            "<b>{escape(name[:2])} {escape(title)}</b>",
            "<b>{name[:2]} {title}</b>",
            "tests/test_navigation.py::test_titles_are_no_html",
        ),
    ),
    *_in(
        "utils/navigation.py",
        (
            "links to the notebook itself in place of the next",
            "paths[number + 1 : number + 2]",
            "paths[number : number + 1]",
            "tests/test_navigation.py::test_each_notebook_leads_to_the_next_and_back",
        ),
        (
            "a solution without a link to the glossary",
            'f"{back} · [contents](../{_CONTENTS}) · [glossary](../{GLOSSARY})"',
            'f"{back} · [contents](../{_CONTENTS})"',
            "tests/test_navigation.py::test_each_notebook_leads_to_the_glossary_and_that_to_the_contents",
        ),
    ),
    *_in(
        "utils/messages.py",
        (
            "an error with all that TensorFlow puts around its reason",
            '_FRAMES.sub("", line)',
            "line",
            "tests/test_checks.py::test_the_reason_of_an_error_is_one_short_line",
        ),
    ),
    *_in(
        "utils/checks.py",
        (
            "True that counts as 1",
            "isinstance(value, numbers.Integral) and not isinstance(value, bool | np.bool_)",
            "isinstance(value, numbers.Integral)",
            "tests/test_checks.py::test_a_whole_number",
        ),
        (
            "not a number that is a number in a range",
            "if not (least <= number <= most and math.isfinite(number)):",
            "if number < least or number > most:",
            "tests/test_checks.py::test_a_number",
        ),
        (
            "a text that is taken for a list of letters",
            "if isinstance(value, str | bytes | Mapping) or",
            "if isinstance(value, Mapping) or",
            "tests/test_checks.py::test_a_list",
        ),
        (
            "a progress function that leaves something out",
            "    if came != count:",
            "    if False:",
            "tests/test_checks.py::test_a_progress_function_gives_each_item_again",
        ),
    ),
    *_in(
        "utils/names.py",
        (
            "names that a text takes for two fields",
            "if character in separators)",
            "if character in ())",
            "tests/widgets/test_own_term.py::test_what_cannot_be_is_named",
        ),
    ),
    *_in(
        "utils/widgets/open_panels.py",
        (
            "panels that are never freed",
            "        leave(panel.close)\n        panel.close()\n",
            "        leave(panel.close)\n",
            "tests/widgets/test_open_panels.py",
        ),
        (
            "what a panel doesn't show at the moment stays for good",
            "type(part).__module__.startswith(_ROOM)",
            "False",
            "tests/widgets/test_open_panels.py",
        ),
    ),
    *_in(
        "utils/measures/balance.py",
        (
            "one class that outnumbers the others in a balanced accuracy, too",
            "np.mean([np.mean(correct[labels == label]) for label in np.unique(labels)])",
            "np.mean(correct)",
            "tests/measures/test_balance.py",
        ),
    ),
    *_in(
        "utils/user_model/pieces.py",
        (
            "names of cells and inner layers instead of the reader's",
            "            yield operation\n",
            "            yield _weighted_layers(operation)[0]\n",
            "tests/user_model/test_cut_model.py",
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
        (
            "the limit of a container that doesn't count",
            "available = min(available, left)",
            "available = max(available, left)",
            "tests/test_memory.py::test_memory_in_a_container_is_what_its_limit_leaves",
        ),
    ),
)
