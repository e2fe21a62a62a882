"""A run written out as a script in plain Keras, which gives the same accuracies."""

import inspect
import re
import textwrap

from utils.models import BACKBONES, EXPANSION, NEW_HEAD, OLD_HEAD
from utils.tasks import load_pair
from utils.training import code_parts
from utils.training.layer_code import STAGE, backbone_code, written
from utils.training.phases import phases, shares_one_optimizer
from utils.training.run import Run
from utils.training.strategies import STRATEGIES

_WIDTH = 120  # of a line, as in pyproject.toml


def keras_code(run: Run) -> str:
    """The script: imports, data, model, training phase by phase, evaluation.

    Of this project it needs the pair of tasks and the checkpoint alone. Started where the project lies, it prints the
    accuracies of the run.
    Raises a ValueError where the backbone has layers that can't be written out.
    """
    return _Script(run).text()


class _Script:
    """The parts of the script, from what the run was."""

    def __init__(self, run):
        self.run, self.settings, self.strategy = run, run.settings, STRATEGIES[run.settings.strategy]
        self.phases = phases(run)
        self.layers = self.strategy.network(self.settings.backbone)
        self.rehearses = "old task" in self.strategy.losses
        learnt = {name for phase in self.phases for name in phase.trained}
        self.factors = {name: one for name, one in self.settings.rate_factors.items() if name in learnt}
        self.one_rate = len(set(self.factors.values())) <= 1
        self.together = self.one_rate and shares_one_optimizer(self.phases)
        self.several = len(self.phases) > 1

    def text(self) -> str:
        parts = [self._docstring(), code_parts.IMPORTS, self._constants(), code_parts.CHOOSE, self._data()]
        parts += [self._model(), *self._losses(), self._training_model(), self._batches()]
        parts += [self._training(), self._accuracy()]
        text, before = "", ""
        for part in (part.strip("\n") for part in parts if part):
            lines = part.splitlines()
            apart = bool(before) and (_defines(lines[0]) or before.startswith((" ", "\t")))
            text += ("\n\n\n" if apart else "\n\n" if text else "") + part
            before = lines[-1]
        return text + "\n"

    def _docstring(self):
        run = self.run
        lines = [f'"""{self.settings.strategy}, written out in plain Keras.', ""]
        if run.old_accuracy is not None and run.new_accuracy is not None:
            old, new = f"{100 * run.old_accuracy_before:.1f} -> {100 * run.old_accuracy:.1f}", 100 * run.new_accuracy
            lines.append(f"The run that it repeats: old task {old} %, new task {new:.1f} % on test images.")
        if run.status in ("stopped", "diverged"):
            lines.append(f"It {'was stopped' if run.status == 'stopped' else 'diverged'} at update {run.updates}.")
        return "\n".join(lines).strip() + ('\n"""' if len(lines) > 2 else '"""')

    def _constants(self):
        lines = [f"SEED, BATCH = {self.settings.seed}, {self.settings.batch_size}"]
        constant = [name for name in self._knobs() if name not in self._varying()]
        if "rate" in constant:
            rate = written(self._knobs()[constant.pop(0)][0])
            lines = [f"SEED, BATCH, rate = {self.settings.seed}, {self.settings.batch_size}, {rate}"]
        lines += [f"{name} = {written(self._knobs()[name][0])}{_SAID[name]}" for name in constant]
        return "\n".join(lines)

    def _knobs(self):
        """What the phases are made of besides layers, each with its values, as far as this strategy uses it."""
        found = {"rate": [phase.rate * self._factor() for phase in self.phases] or [self.settings.learning_rate]}
        if self.strategy.protects:
            found["old_loss_weight"] = [phase.weight for phase in self.phases] or [self.settings.protection]
        if "distillation" in self.strategy.losses:
            found["temperature"] = [phase.temperature for phase in self.phases] or [self.settings.temperature]
        return found

    def _factor(self):
        return next(iter(self.factors.values()), 1.0) if self.together else 1.0

    def _varying(self):
        return [name for name, values in self._knobs().items() if len(set(values)) > 1]

    # Data

    def _data(self):
        one, knobs = self.settings, inspect.signature(load_pair).parameters
        given = {name: getattr(one, name) for name in list(knobs)[1:] if getattr(one, name) is not None}
        arguments = ", ".join([written(one.pair), *(f"{name}={written(value)}" for name, value in given.items())])
        lines = [
            f"pair = load_pair({arguments})",
            f"chosen = choose(pair.new.y_train, {one.new_images})",
            "x, y = tf.constant(pair.new.x_train[chosen]), tf.constant(pair.new.y_train[chosen])",
        ]
        if self.rehearses:
            count = "len(pair.old.y_train)" if one.old_images is None else one.old_images
            lines += [
                f"chosen = choose(pair.old.y_train, {count})",
                "old_x, old_y = tf.constant(pair.old.x_train[chosen]), tf.constant(pair.old.y_train[chosen])",
            ]
        return "\n".join(lines)

    def _batches(self):
        single = self.strategy.losses in (("new task",), ("new task", "weights"))
        if not self.rehearses:
            several = "tf.nest.map_structure(lambda values: tf.gather(values, i), (x, wanted))"
            return code_parts.BATCHES.replace("{batch}", "(tf.gather(x, i), tf.gather(y, i))" if single else several)
        gathered = "{name: tf.gather(values, i) for name, values in wanted.items()}"
        if len(self.strategy.losses) > 2:
            return code_parts.BATCHES_OF_BOTH.replace("{answers}", f'{gathered} | {{"old_task": tf.gather(old_y, j)}}')
        both = '{"new_head": tf.gather(y, i), "old_task": tf.gather(old_y, j)}'
        return code_parts.BATCHES_OF_BOTH.replace("{answers}", both)

    # Model

    def _model(self):
        one = self.settings
        pair = load_pair(one.pair, **{n: getattr(one, n) for n in list(inspect.signature(load_pair).parameters)[1:]})
        blocks, expansion = backbone_code(one.backbone, pair.new.input_shape, self.strategy.expands)
        parts = dict(blocks)
        if expansion:
            parts[EXPANSION] = expansion
        parts[OLD_HEAD] = f"layers.Dense({pair.old.classes})"
        fresh = "kernel_initializer=keras.initializers.GlorotUniform(SEED)"
        parts[NEW_HEAD] = f"layers.Dense({pair.new.classes}, {fresh})"
        before = STAGE.lstrip("\n") + "\n\n" if any("stage(" in code for code in parts.values()) else ""
        lines = ["network = {", *(line for name, code in parts.items() for line in _entry(name, code)), "}"]
        names = written(BACKBONES[one.backbone].layer_names)
        kept = "BACKBONE = " if "weights" in self.strategy.losses else ""
        if expansion:
            lines += [
                f"*front, top = {kept}{names}",
                "features = image = keras.Input(x.shape[1:])",
                "for name in front:",
                "    features = network[name](features)",
                "before, features = features, network[top](features)",
                'seen = layers.Concatenate()([features, network["expansion"](before)])',
            ]
        else:
            lines += [f"BACKBONE = {names}"] if kept else []
            lines += [
                "features = image = keras.Input(x.shape[1:])",
                f"for name in {'BACKBONE' if kept else names}:",
                "    features = network[name](features)",
            ]
        seen = "seen" if expansion else "features"
        lines += [
            'old_task = keras.Model(image, network["old_head"](features))',
            f'new_task = keras.Model(image, network["new_head"]({seen}))',
            f'checkpoint = pretrained(pair, {written(one.backbone)}).keras_model("old")',
            "old_task.set_weights(checkpoint.get_weights())",
        ]
        if expansion:
            lines += [
                'for number, weight in enumerate(network["expansion"].weights, start=2):  # new units begin at random',
                '    if weight.name == "kernel":',
                "        drawn = int(np.random.SeedSequence([SEED, number]).generate_state(1)[0] >> 1)",
                "        weight.assign(keras.initializers.GlorotUniform(drawn)(weight.shape))",
            ]
        return before + "\n".join(lines)

    def _losses(self):
        losses = self.strategy.losses
        parts = [
            code_parts.LAYER_BY_LAYER if not self.together else "",
            code_parts.NEAR_THE_START if "weights" in losses else "",
            code_parts.DISTILLATION if "distillation" in losses else "",
            code_parts.DISTANCE if "features" in losses else "",
        ]
        if self.rehearses:  # the old images come behind the new ones
            parts[2:] = [re.sub("(logits|features)(?= [-/])", r"\1[:BATCH]", part) for part in parts[2:]]
        return parts

    def _training_model(self):
        """The model that is fitted, and what is wanted of it."""
        losses, kind = self.strategy.losses, "keras.Model" if self.together else "LayerByLayer"
        cross_entropy = "keras.losses.SparseCategoricalCrossentropy(from_logits=True)"
        outputs, wanted = {"new_head": "new_task.output"}, {"new_head": "y"}
        loss, weights = {"new_head": cross_entropy}, {"new_head": "1.0"}
        if "old task" in losses:
            loss = {
                "new_head": "lambda labels, logits: cross_entropy(labels, logits[:BATCH])",
                "old_task": "lambda labels, logits: cross_entropy(labels, logits[BATCH:])",
            }
            weights["old_task"] = "old_loss_weight"
        if "distillation" in losses:
            outputs["distillation"], loss["distillation"] = "old_task.output", "distillation"
            wanted["distillation"] = "checkpoint.predict(x, batch_size=250, verbose=0)"
            weights["distillation"] = "old_loss_weight"
        if "features" in losses:
            outputs["features"], loss["features"] = "features", "distance"
            wanted["features"] = "keras.Model(image, features).predict(x, batch_size=250, verbose=0)"
            weights["features"] = "old_loss_weight"
        if len(loss) == 1:
            self.compiled = ["loss"]
            model = "new_task" if self.together else "LayerByLayer(image, new_task.output)"
            return f"model = {model}\nloss = {cross_entropy}"
        self.compiled = ["loss", f"loss_weights={_mapping(weights)}"]
        if self.rehearses:
            outputs["old_task"] = "old_task.output"
        lines = [f"model = {kind}(image, {_mapping(outputs)})"]
        if self.rehearses:
            lines.insert(0, f"cross_entropy = {cross_entropy}")
        if len(wanted) > 1:
            lines += _assigned("wanted", wanted)
        lines += _assigned("loss", loss)
        return "\n".join(lines)

    # Training

    def _optimizer(self, rate="rate"):
        given = ", ".join(filter(None, [rate, "momentum=0.9" if self.settings.optimizer == "sgd" else ""]))
        return f"keras.optimizers.{'SGD' if self.settings.optimizer == 'sgd' else 'Adam'}({given})"

    def _training(self):
        if not self.phases:
            return ""
        varying = self._varying()
        lines = []
        if not self.together and not self.one_rate:
            factors = {name: f"{factor:.8g}" for name, factor in self.factors.items() if factor != 1}
            lines += _assigned("FACTORS", factors)
        loop = []
        if self.several:
            columns = ["first update", "end", *(_COLUMNS[name] for name in varying), "what learns"]
            lines += ["PHASES = [", f"    # {', '.join(columns)}"]
            values = self._knobs()
            for i, phase in enumerate(self.phases):
                row = [phase.first, phase.last, *(values[name][i] for name in varying), phase.trained]
                lines += _row(row)
            names = [_SHORT.get(name, name) for name in varying]
            lines += ["]", f"for {', '.join(['first', 'last', *names, 'trained'])} in PHASES:"]
            loop += [f"{name} = {_SHORT[name]}" for name in varying if name in _SHORT]
        else:
            lines.append(f"trained = {written(self.phases[0].trained)}")
        made = (
            f"optimizer = {self._optimizer()}"
            if self.together
            else f"optimizers = {{name: {self._optimizer('')} for name in network}}"
        )
        loop += self._anew(made)
        loop += ["for name, layer in network.items():", "    layer.trainable = name in trained"]
        if not self.together:
            factor = "" if self.one_rate else " * FACTORS.get(name, 1)"
            if self.one_rate and (same := next(iter(self.factors.values()), 1.0)) != 1:
                factor = f" * {same!r}"
            loop += [
                f"    optimizers[name].learning_rate = rate{factor}",
                "    if layer.trainable and not optimizers[name].built:",
                "        optimizers[name].build(layer.trainable_weights)",
            ]
        elif "rate" in varying and not all(phase.anew for phase in self.phases):
            loop.append("optimizer.learning_rate = rate")
        arguments = [*(["optimizer"] if self.together else ["None"]), *self.compiled]
        loop.append(f"model.compile({', '.join(arguments)})")
        span = "first, last" if self.several else f"0, {self.phases[0].last}"
        batches = f"batches({span})"
        if self.rehearses:
            loop.append(f"chosen = rows(len(x), {span}), rows(len(old_x), {span}, 1)")
            batches = "tf.data.Dataset.from_tensor_slices(chosen).map(batch)"
        loop.append(f"model.fit({batches}, shuffle=False, verbose=2)")
        return "\n".join(lines + [("    " if self.several else "") + line for line in loop])

    def _anew(self, made):
        starts = [phase.first for phase in self.phases if phase.anew]
        if len(starts) == len(self.phases):
            return [made]
        if len(starts) == 1:
            return ["if first == 0:", f"    {made}"]
        return [f"if first in {written(tuple(starts))}:  # at the start, and after the warm-up", f"    {made}"]

    def _accuracy(self):
        logits = "model.predict(task.x_test, batch_size=250, verbose=0)"
        percent = f"return 100 * np.mean({logits}.argmax(axis=1) == task.y_test)"
        if self.run.status == "diverged":  # what is no number is wrong
            finite = "np.isfinite(logits).all(axis=1)"
            percent = f"logits = {logits}\n    return 100 * np.mean((logits.argmax(axis=1) == task.y_test) & {finite})"
        return code_parts.ACCURACY.format(percent=percent, old="checkpoint" if self.strategy.keeps_copy else "old_task")


_SAID = {
    "old_loss_weight": "  # λ: how much the old task's part of the loss counts",
    "temperature": "  # T of the distillation",
}
_SHORT = {"old_loss_weight": "λ", "temperature": "T"}  # what a loop calls those that its functions look up
_COLUMNS = {"rate": "learning rate"} | _SHORT


def _defines(line):
    return line.startswith(("def ", "class "))


def _mapping(values):
    return "{" + ", ".join(f"{written(name)}: {value}" for name, value in values.items()) + "}"


def _assigned(name, values):
    """Lines that give a mapping a name, broken where they'd be too long."""
    line = f"{name} = {_mapping(values)}"
    if len(line) <= _WIDTH:
        return [line]
    return [f"{name} = {{", *(f"    {written(key)}: {value}," for key, value in values.items()), "}"]


def _indented(lines):
    return textwrap.indent("\n".join(lines), "    ") + "\n"


def _row(values):
    """A phase as a line of the table, or as several where it'd be too long."""
    line = f"    {written(tuple(values))},"
    return [line] if len(line) <= _WIDTH else ["    (", *(f"        {written(value)}," for value in values), "    ),"]


def _entry(name, code):
    """A layer's line, or three where it'd be too long."""
    line = f"    {written(name)}: {code},"
    if len(line) <= _WIDTH:
        return [line]
    call, _, inside = code.partition("(")
    return [f"    {written(name)}: {call}(", f"        {inside[:-1]}", "    ),"]
