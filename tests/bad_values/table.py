"""Every public function and class, with good arguments; each of them is then replaced by bad values, one at a time."""

import importlib
import inspect
import math
from collections.abc import Callable
from dataclasses import dataclass, fields, replace

import numpy as np
import tensorflow as tf

from tests.bad_values.good import TINY, Good

ROOMS = (
    "tasks", "models", "freezing", "strategies", "user_model", "export", "training", "sweeps", "measures", "plots",
    "widgets", "text",
)  # fmt: skip
SURE = np.array([[0.9, 0.1], [0.2, 0.8]])
LABELS = np.array([0, 1, 0, 1])
R = np.array([[0.9, 0.1], [0.5, 0.8]])
CURVE = np.array([[(90, 50), (92, 54)], [(60, 95), (65, 93)]], float)  # (points, seeds, 2)


@dataclass(frozen=True)
class Entry:
    """How to call something.

    Attributes:
        call: From the good values to what is called.
        arguments: From the good values to good arguments by name.
        quick: Whether a call takes milliseconds: these are tried in the default part.
        fixed: Arguments that aren't replaced, since something else decides what is allowed.
        gives_lines: Whether the result has to be gone through, as of a generator.
    """

    call: Callable[[Good], Callable]
    arguments: Callable[[Good], dict]
    quick: bool = True
    fixed: tuple[str, ...] = ()
    gives_lines: bool = False


def _public(room: str, name: str) -> Callable[[Good], Callable]:
    return lambda good: getattr(importlib.import_module(f"utils.{room}"), name)


def public_callables(room: str) -> list[str]:
    """The public functions and classes of a room, without errors and warnings."""
    module = importlib.import_module(f"utils.{room}")
    found = {name: getattr(module, name) for name in module.__all__}
    is_error = {name for name, item in found.items() if inspect.isclass(item) and issubclass(item, BaseException)}
    return [name for name, item in found.items() if callable(item) and name not in is_error]


def _fields(record) -> dict:
    """The fields of a record of a dataclass by name."""
    return {field.name: getattr(record, field.name) for field in fields(record) if field.init}


def _nothing(good):
    return {}


def _task(good):
    return {
        **{f"{axis}_{part}": getattr(good.task, f"{axis}_{part}") for axis in "xy" for part in
           ("train", "validation", "test")},
        "name": "mine", "class_names": ("a", "b"), "values": (0.0, 1.0), "note": "", "contradictions": 0,
    }  # fmt: skip


def _text_task(good):
    return {
        **{f"{axis}_{part}": getattr(good.text_task, f"{axis}_{part}") for axis in ("texts", "y") for part in
           ("train", "validation", "test")},
        "name": "few", "class_names": ("bad", "good"),
    }  # fmt: skip


def _features(good):
    return {"before": good.observation, "now": good.observation, "pair": good.pair, "trained": ("conv1",),
            "view": "now"}  # fmt: skip


def _playground(good):
    return {"run": good.plane_run, "weights": good.plane_model.snapshot(), "trained": ("layer1",),
            "old_weights": None}  # fmt: skip


def _own(good):
    return {"model": good.classifier, "old_task": good.old, "new_task": good.new, "name": "mine", "outputs": "logits",
            "train_norms": True, "progress": iter}  # fmt: skip


def _batch(good):
    tensor = tf.constant([[0.0, 1.0]])
    return {"logits": {"new_head": tensor}, "labels": tf.constant([0]), "features": tensor, "weights": {},
            "old_logits": None, "old_labels": None, "recorded": {}, "prepared": {}, "options": {}}  # fmt: skip


TABLE: dict[str, dict[str, Callable[[Good], dict]]] = {
    "tasks": {
        "PairOption": lambda good: {"default": 0.5, "check": lambda field, value: value, "description": "",
                                    "choices": (), "label": None},
        "Task": _task,
        "TaskPair": lambda good: {"name": "mine", "old": good.task, "new": good.task, "description": ""},
        "add_pair": lambda good: {"pair": good.own.pair},
        "cached_path": lambda good: {"name": "something"},
        "check_pair": lambda good: {"name": "plane", "pair_options": {"noise": 0.1}},
        "class_counts": lambda good: {"name": "plane"},
        "csv_form": lambda good: {"path": good.csv},
        "digits": lambda good: {"classes": (0, 1)},
        "draw": lambda good: {"count": 10, "dissimilarity": 0.5, "seed": 0},
        "drawings": lambda good: {"dissimilarity": 0.5, "train": 10, "validation": 10, "test": 10, "seed": 7},
        "examples_called": lambda good: {"pair": "plane"},
        "fashion": _nothing,
        "from_images": lambda good: {"name": "mine", "images": np.zeros((6, 4, 4), np.uint8),
                                     "labels": np.array([0, 1] * 3), "parts": ([0, 1], [2, 3], [4, 5]),
                                     "class_names": ("a", "b")},
        "home": _nothing,
        "input_shape": lambda good: {"name": "plane"},
        "is_own": lambda good: {"name": "plane"},
        "labeled_examples": lambda good: {"x": good.old[0], "y": good.old[1], "name": "x, y"},
        "load_pair": lambda good: {"name": "plane", "noise": 0.1, "distance": 0.0},
        "needs_network": lambda good: {"name": "plane"},
        "patches": lambda good: {"part": "new", "size": 16, "every": 10},
        "photos": lambda good: {"source": good.pictures, "size": 8, "most_per_class": 2, "progress": iter},
        "pictures_from_csv": lambda good: {"path": good.pixels, "shape": (2, 2), "label": "label", "most": 2},
        "pictures_from_folder": lambda good: {"folder": good.pictures, "size": (8, 8), "channels": 3,
                                              "crop_to_aspect_ratio": False, "most_per_class": 2, "progress": iter},
        "points": lambda good: {"shape": "moons", "noise": 0.1, "distance": 0.0, "role": "old"},
        "read_cached": lambda good: {"name": "something"},
        "sha256": lambda good: {"source": good.csv},
        "split": lambda good: {"images": np.arange(20.0).reshape(10, 2), "labels": np.arange(10) % 2,
                               "sizes": (4, 2, 2), "seed": 0, "excluded": ()},
        "task_from": lambda good: {"data": good.old, "name": "mine", "input_shape": (8, 8, 1), "columns": 2,
                                   "class_names": ("a", "b"), "seed": 0},
        "write_cached": lambda good: {"name": "something", "data": b"x"},
    },
    "models": {
        "AddedLayers": lambda good: {"name": "more", "layer_names": lambda backbone: ("more",),
                                     "build": lambda backbone, shapes: (), "new_features": lambda *_: None,
                                     "old_features": None, "beside": None, "code": None, "words": "", "known": True},
        "Backbone": lambda good: {"name": "mine", "description": "", "layer_names": ("a", "b"),
                                  "build": lambda shape: (), "expand": lambda shape: None, "input_axes": 3,
                                  "pair": None},
        "Block": lambda good: {"name": "conv", "layers": tuple(good.classifier.layers), "frozen": ()},
        "Observation": lambda good: _fields(good.observation),
        "TransferModel": lambda good: {"backbone": good.backbone, "input_shape": (28, 28, 1), "old_classes": 2,
                                       "new_classes": 2, "added": None, "standardized": False},
        "check_backbone": lambda good: {"backbone": "small_cnn", "input_shape": (28, 28, 1), "tasks": "digits-halves"},
        "checkpoint_weights": lambda good: {"old": good.pair.old, "backbone": "small_cnn"},
        "find_backbone": lambda good: {"backbone": "small_cnn"},
        "fitting": lambda good: {"input_shape": (28, 28, 1), "tasks": "digits-halves"},
        "imagenet_classifier": lambda good: {"name": "no such", "size": 96},
        "keep_checkpoint": lambda good: {"old": good.task, "backbone": "small_cnn", "weights": good.model.snapshot()},
        "layer_names": lambda good: {"backbone": good.backbone, "added": None},
        "observe": lambda good: {"model": good.model, "image": good.pair.new.x_test[0]},
        "outputs_of": lambda good: {"model": good.classifier, "x": good.old[0], "batch_size": 10, "progress": iter},
        "photo_features": lambda good: {"name": "no such", "size": 96},
        "pretrained": lambda good: {"pair": "plane", "backbone": "small_mlp", "seed": 0, "added": None,
                                    "standardized": False},
        "shipped_photo_net": _nothing,
    },
    "freezing": {
        "ForgettingCallback": lambda good: {"old_x": good.old[0], "old_y": good.old[1], "old_model": None,
                                            "batch_size": 10, "from_logits": None, "every": 1},
        "WeightChanges": lambda good: {"rows": ()},
        "changed_weights": lambda good: {"before": good.model.snapshot(), "after": good.model.snapshot()},
        "set_trainable": lambda good: {"model": good.keras_model(), "layers": ["head"], "recompile": True},
        "track_weights": lambda good: {"model": good.classifier, "frozen": ["conv"]},
        "weights_of": lambda good: {"model": good.classifier},
    },
    "strategies": {
        "Answers": lambda good: {"model": good.model, "images": None, "features": None, "logits": {}},
        "Batch": _batch,
        "Change": lambda good: {"trained_layers": ("conv1",), "learning_rate": 0.1, "stop": False,
                                "old_loss_weight": 1.0, "temperature": 2.0, "loss_options": {"a": 1.0}},
        "CheckpointData": lambda good: {"model": good.model, "images": None, "labels": None, "old_images": None,
                                        "old_labels": None},
        "Controls": lambda good: {"schedule": [(1, {"learning_rate": 0.1})]},
        "LossOption": lambda good: {"name": "strength", "default": 1.0, "least": 0.0, "most": 2.0, "symbol": "s",
                                    "label": None, "description": ""},
        "LossTerm": lambda good: {"name": "mine", "formula": "", "value": lambda batch: 0, "source": "", "head": None,
                                  "protects": True, "old_images": None, "options": (), "record": {}, "prepare": {},
                                  "code": None, "known": True},
        "Meaning": lambda good: {"row": good.strategy, "network": good.backbone, "tasks": None, "examples": "images",
                                 "known": True},
        "OutputCode": lambda good: {"key": "a", "output": "b", "target": "c", "function": "d", "definition": ""},
        "Settings": lambda good: good.settings.to_dict() | {"trained_layers": ["conv1"]},
        "Span": lambda good: _fields(good.spans[0]),
        "Strategy": lambda good: {"name": "mine", "trains": ("backbone", "new_head"), "losses": ("new task",),
                                  "weight": 1.0, "backbone_rate": 1.0, "keeps_copy": False, "added": None, "idea": "",
                                  "source": "", "words": {}},
        "WeightCode": lambda good: {"definition": "", "setup": ""},
        "check_choice": lambda good: {"field": "name", "value": "a", "allowed": ("a", "b")},
        "check_layers": lambda good: {"layers": ["conv1"], "network": good.backbone, "strategy": good.strategy},
        "check_schedule": lambda good: {"schedule": [(1, {"learning_rate": 0.1})], "settings": good.settings},
        "check_whole": lambda good: {"field": "number", "value": 3, "least": 1, "most": 5, "limit": None},
        "cross_entropy": lambda good: {"logits": tf.constant([[1.0, 2.0]]), "labels": tf.constant([0])},
        "distillation": lambda good: {"logits": tf.constant([[1.0, 2.0]]), "recorded": tf.constant([[1.0, 2.0]]),
                                      "temperature": 2.0},
        "feature_distance": lambda good: {"features": tf.constant([[1.0, 2.0]]), "recorded": tf.constant([[1.0, 2.0]])},
        "parse_field": lambda good: {"name": "seed", "text": "3"},
        "register": lambda good: {"meaning": good.settings.meaning},
        "register_name": lambda good: {"field": "strategy", "item": good.strategy, "table": {}},
        "timeline": lambda good: {"settings": good.settings, "events": (), "end": 2},
        "trained_spans": lambda good: {"spans": good.spans, "layers": good.layers},
        "weight_distance": lambda good: {"weights": [tf.constant([1.0])], "start": [tf.constant([2.0])]},
        "write_field": lambda good: {"value": ("conv1", "conv2")},
    },
    "user_model": {
        "CutModel": lambda good: _fields(good.cut),
        "OwnModel": lambda good: {name: getattr(good.own, name) for name in ("name", "pair", "cut", "networks",
                                                                              "notes")},
        "cut_model": lambda good: {"model": good.classifier, "input_shape": (8, 8, 1), "outputs": "logits",
                                   "train_norms": True},
        "load_user_model": lambda good: {"path": good.keras_file},
        "own_model": _own,
    },
    "export": {
        "Result": lambda good: {"status": "finished", "updates": 2, "result_update": 2, "accuracies": (0.9, 0.5, 0.4)},
        "keras_code": lambda good: {"settings": good.settings, "spans": good.spans, "result": None},
    },
    "training": {
        "LiveTraining": lambda good: {"changed": lambda: None, "training": None},
        "Progress": lambda good: {"update": 1, "updates": 2, "status": "training", "evaluated": True,
                                  "trained_layers": (), "learning_rate": 0.1, "run": lambda: good.made,
                                  "pending": False, "weights": dict, "may_end_early": False},
        "RacePlan": lambda good: {"settings": good.settings, "strategies": ("fine-tuning",), "seeds": 1,
                                  "changes": {"fine-tuning": {"learning_rate": 0.1}}},
        "Run": lambda good: _fields(good.made),
        "race": lambda good: {"plan": good.plan, "controls": None},
        "run": lambda good: {"settings": good.settings, "schedule": [(1, {"learning_rate": 0.1})], "progress": iter},
        "train": lambda good: {"settings": good.settings, "controls": None},
    },
    "sweeps": {
        "Choice": lambda good: {"settings": good.settings, "points": (), "at_edge": ()},
        "GridPoint": lambda good: {"settings": good.settings, "loss": 0.5, "accuracy": 0.5},
        "Costs": lambda good: {"training": 1.0, "predicting": 1.0, "parameters": 1, "stored_bytes": 1},
        "Ordering": lambda good: {"task": "old", "better": "fine-tuning", "worse": "joint training",
                                  "or_equal": False},
        "Outcome": lambda good: {"settings": good.settings, "status": "finished", "old_before": 0.9, "old": 0.5,
                                 "new": 0.5, "old_validation": 0.5, "new_validation": 0.5, "seconds": 1.0,
                                 "trained_parameters": 1, "total_parameters": 1},
        "Sweep": lambda good: {"outcomes": (), "date": "", "command": "", "versions": {}, "machine": "", "notes": {}},
        "compare": lambda good: {"first": good.two_seeds, "second": good.two_seeds},
        "choose": lambda good: {"settings": good.settings, "grid": {"head_l2": [0.1]}, "on": "validation", "seed": 5,
                                "progress": iter, "client": None, "processes": 0, "path": good.folder / "choice.jsonl"},
        "grid": lambda good: {"settings": good.settings},
        "figure2": lambda good: {"pair": "digits-drawings"},
        "orderings": _nothing,
        "kept_more": lambda good: {"curve": CURVE, "than": CURVE + 1},
        "paper_table": _nothing,
        "probes_by_block": lambda good: {"pair": "digits-drawings", "new_images": 100},
        "reach": lambda good: {"strategy": "fine-tuning", "pair": "digits-drawings", "new_images": 1000,
                               "pair_options": {"dissimilarity": 1.0}, "same_budget": False},
        "example_run": _nothing,
        "run_seeds": lambda good: {"settings": good.settings, "fresh": True, "log": lambda text: None, "schedule": ()},
        "stored_costs": _nothing,
        "stored_table": _nothing,
        "stored_trials": _nothing,
        "subsets": _nothing,
        "sweep": lambda good: {"plan": [good.settings], "seeds": [0], "client": None, "processes": 0,
                               "path": good.folder / "sweep.jsonl", "curves": False, "progress": iter,
                               "on_result": lambda frame: None, "log": lambda text: None},
        "savings": _nothing,
        "trade_offs": lambda good: {"pair": "digits-drawings"},
        "table1": _nothing,
        "table1_settings": lambda good: {"pair": "digits-drawings", "strategy": "fine-tuning", "seed": 0,
                                         "choices": {"digits-drawings": {"fine-tuning": {"learning_rate": 0.01}}}},
    },
    "measures": {
        "LinearProbe": lambda good: {"validation": 0.5, "test": 0.5, "strength": 1.0},
        "Movement": lambda good: {"weights": 0.1, "features": 0.1},
        "Spread": lambda good: {"mean": 1.0, "half_width": 0.1},
        "activation_memory": lambda good: {"step": good.step},
        "activations": lambda good: {"weights": good.plane_model.snapshot(), "points": np.zeros((3, 2))},
        "agreement": lambda good: {"before": SURE, "after": SURE},
        "answer_information": lambda good: {"probabilities": SURE},
        "average_accuracy": lambda good: {"accuracies": R},
        "backward_transfer": lambda good: {"accuracies": R},
        "balanced_accuracy": lambda good: {"labels": LABELS, "correct": LABELS == 1},
        "confusion": lambda good: {"labels": LABELS, "predicted": LABELS, "classes": 2},
        "drift_or_zero": lambda good: {"before": [R], "after": [R]},
        "forgetting": lambda good: {"accuracies": R},
        "forward_transfer": lambda good: {"accuracies": R, "untrained": [0.1, 0.1]},
        "intransigence": lambda good: {"reference": 0.9, "reached": 0.8},
        "largest_class": lambda good: {"labels": LABELS},
        "linear_cka": lambda good: {"first": R, "second": R},
        "linear_probe": lambda good: {"train": (R, [0, 1]), "validation": (R, [0, 1]), "test": (R, [0, 1]),
                                      "strengths": (0.1, 1.0)},
        "holm": lambda good: {"p_values": [0.01, 0.2]},
        "paired_difference": lambda good: {"better": [1.0, 2.0, 4.0], "worse": [1.0, 1.0, 2.0], "confidence": 0.95},
        "paired_p_value": lambda good: {"better": [1.0, 2.0, 4.0], "worse": [1.0, 1.0, 2.0]},
        "mean_interval": lambda good: {"values": [1.0, 2.0, 4.0], "confidence": 0.95},
        "most_mistaken": lambda good: {"labels": np.array([1, 0]), "probabilities": SURE, "most": 6},
        "movement": lambda good: {"before": good.observation, "now": good.observation},
        "relative_drift": lambda good: {"before": [R], "after": [R]},
        "silent_features": lambda good: {"features": R},
        "softmax": lambda good: {"logits": R},
    },
    "plots": {
        "FeatureFigure": lambda good: {"width": 840, "scale": 1.5, "layers": 6},
        "LivePicture": lambda good: {"figure": good.run_figure, "jpeg": False},
        "PlaneFigure": lambda good: {"scale": 2},
        "RaceFigure": lambda good: {"pixels": (840, 330), "scale": 2},
        "RunFigure": lambda good: {"pixels": (640, 300), "scale": 2},
        "best": lambda good: {"runs": [good.made]},
        "describe": lambda good: {"run": good.made},
        "describe_movement": lambda good: {"before": good.observation, "now": good.observation},
        "describe_other_image": lambda good: {"before": good.observation, "now": good.observation},
        "examples_of": lambda good: {"run": good.made},
        "movement_text": lambda good: {"share": 0.5},
        "percent": lambda good: {"fraction": 0.5},
        "plot_answers": lambda good: {"images": good.pair.new.x_test[:2], "probabilities": SURE,
                                      "class_names": ("a", "b")},
        "plot_confusions": lambda good: {"tables": {"old": np.array([[1, 2], [3, 4]])}, "class_names": ("a", "b")},
        "plot_examples": lambda good: {"pair": good.pair, "columns": 2},
        "plot_features": lambda good: _features(good) | {"width": 840},
        "plot_means": lambda good: {"values": {"a": {1.0: [1, 2], 2.0: [2, 3]}}, "x_label": "x", "y_label": "y",
                                    "log": False, "pixels": (620, 290)},
        "plot_photos": lambda good: {"images": np.zeros((2, 4, 4, 3)), "captions": ["a", "b"], "columns": 8},
        "plot_plane": lambda good: {"runs": [good.made], "names": ["a"], "pixels": (240, 225)},
        "plot_playground": _playground,
        "plot_trade_offs": lambda good: {"curves": {"pair": {"fine-tuning": [(90, 50), (60, 95)]}},
                                         "pixels": (840, 300)},
        "plot_race": lambda good: {"runs": [good.made], "pixels": (840, 330)},
        "plot_run": lambda good: {"run": good.made, "ghosts": {"a": good.made}, "pixels": (760, 320)},
        "plot_stages": lambda good: {"run": good.made, "old_name": "old task"},
        "plot_weight_changes": lambda good: {"changes": good.changes, "title": ""},
        "png": lambda good: {"figure": good.page},
        "what_moves": lambda good: {"layers": ("layer1", "old_head", "new_head"), "trained": ("layer1",)},
    },
    "widgets": {
        "FeatureViewer": lambda good: {"settings": None, "view": "now", "driver": "play"},
        "Experiment": lambda good: {"name": "mine", "question": "?", "answers": {"no": 0, "yes": math.inf},
                                    "measure": "forgetting", "settings": {"updates": 20},
                                    "schedule": ((5, {"learning_rate": 0.1}),), "look_at": "there"},
        "FreezeBoard": lambda good: {"settings": good.settings, "runs": [good.made], "driver": "play", "presets": ()},
        "LiveCurves": lambda good: {"shown": False, "validation_data": None},
        "PictureUpload": lambda good: {"model": good.classifier, "class_names": ["a", "b"]},
        "Playground": lambda good: {"settings": None, "driver": "play"},
        "ProgressCallback": _nothing,
        "Quiz": lambda good: {"question": "?", "answers": {"a": "yes", "b": "no"}, "right": "a"},
        "StrategyRace": lambda good: {"settings": good.settings, "strategies": ("fine-tuning",), "seeds": 1,
                                      "changes": None, "driver": "play"},
        "show_progress": lambda good: {"items": [1, 2], "what": "steps"},
        "show_updates": lambda good: {"steps": iter([good.progress])},
    },
    "text": {
        "EncoderFeatures": lambda good: {"encoder": good.encoder},
        "EncoderTraining": lambda good: {"encoder": good.spare_encoder, "classes": 2, "trained": None},
        "FeaturesIntoClassifier": lambda good: {"name": "mine", "grid": {}, "features": ("statistics",),
                                                "keeps_old_task": False, "classifier": lambda seed: None,
                                                "count": lambda fitted: 0},
        "Fitted": lambda good: {"model": good.text_model, "inputs": {}, "trained_parameters": 1},
        "Pipeline": None,  # abstract
        "TextEncoder": lambda good: {"name": "mine", "network": good.encoder.network, "tokens": lambda text: [1],
                                     "longest": 8, "head": None, "end": None},
        "TextModel": lambda good: _fields(good.text_model),
        "TextPanel": lambda good: {"task": good.text_task, "encoder": good.encoder, "features": ("words",),
                                   "model": "logistic regression", "sentence": "Good."},
        "TextRow": lambda good: _fields(good.rows[0]),
        "TextStatistics": lambda good: {"statistics": None},
        "TextTask": _text_task,
        "bert_encoder": lambda good: {"checkpoint": good.folder, "longest": 64},
        "compare": lambda good: {"task": good.text_task, "encoder": good.encoder, "old": good.old_texts,
                                 "pipelines": [good.pipeline], "seeds": (0, 1), "report": lambda row: None,
                                 "progress": iter},
        "encode": lambda good: {"encoder": good.encoder, "texts": ["a good thing"], "progress": iter},
        "fit_text_model": lambda good: {"task": good.text_task, "encoder": good.encoder, "features": ("words",),
                                        "model": "logistic regression"},
        "frame": lambda good: {"rows": good.rows},
        "measure_here": lambda good: {"sentences": False, "checkpoint": ""},
        "plot_text_model": lambda good: {"confusion": np.array([[1, 2], [3, 4]]), "class_names": ("a", "b"),
                                         "names": ("x", "y"), "importances": np.array([1.0, 2.0]), "scale": 2},
        "plot_text_rows": lambda good: {"rows": good.rows, "guessing": 50.0},
        "plot_two_meanings": _nothing,
        "read_table": lambda good: {"path": good.csv, "text": "text", "label": "sentiment"},
        "reviews": lambda good: {"label": "domain"},
        "shipped_record": _nothing,
        "small_text_encoder": _nothing,
        "stored_rows": lambda good: {"setting": "own reviews"},
        "text_task": lambda good: {"name": "few", "table": good.table, "parts": good.parts,
                                   "class_names": ("bad", "good")},
        "uci_sentences": lambda good: {"label": "no such"},
    },
}  # fmt: skip

# What readers call on an object: how to get the function, and good arguments.
METHODS: dict[str, dict[str, tuple[Callable[[Good], Callable], Callable[[Good], dict]]]] = {
    "models": {
        "TransferModel.keras_model": (lambda good: good.model.keras_model, lambda good: {"task": "old"}),
        "TransferModel.layers": (lambda good: good.model.layers, lambda good: {"name": "conv1"}),
        "TransferModel.weights": (lambda good: good.model.weights, lambda good: {"name": "conv1"}),
        "TransferModel.parameters": (lambda good: good.model.parameters, lambda good: {"name": "conv1"}),
        "TransferModel.features": (lambda good: good.model.features, lambda good: {"images": good.pair.new.x_test[:2]}),
        "TransferModel.restore": (lambda good: good.spare.restore, lambda good: {"snapshot": good.model.snapshot()}),
        "TransferModel.initialize_new_head": (lambda good: good.spare.initialize_new_head, lambda good: {"seed": 0}),
    },
    "strategies": {
        "Settings.replace": (lambda good: good.settings.replace, lambda good: {"updates": 3, "seed": 4, "strategy":
                             "fine-tuning", "pair": "digits-drawings", "trained_layers": ["conv1"]}),
        "Settings.until_converged": (lambda good: good.settings.until_converged, lambda good: {"patience": 3}),
        "Settings.from_dict": (lambda good: type(good.settings).from_dict, lambda good: {
                               "values": good.settings.to_dict(), "meaning": None}),
        "Settings.from_text": (lambda good: type(good.settings).from_text, lambda good: {"text": "seed=3"}),
        "Change.then": (lambda good: good.change.then, lambda good: {"later": good.change}),
        "Change.from_dict": (lambda good: type(good.change).from_dict, lambda good: {"values": {"stop": True}}),
        "Controls.request": (lambda good: good.controls.request, lambda good: {"change": good.change}),
        "Controls.limit_chunk": (lambda good: good.controls.limit_chunk, lambda good: {"updates": 3}),
        "Controls.take": (lambda good: good.controls.take, lambda good: {"update": 3}),
        "Strategy.layers": (lambda good: good.strategy.layers, lambda good: {"backbone": "small_cnn"}),
        "Strategy.network": (lambda good: good.strategy.network, lambda good: {"backbone": "small_cnn"}),
        "Strategy.learning": (lambda good: good.strategy.learning, lambda good: {"layers": ("conv1",),
                              "backbone": "small_cnn"}),
        "Strategy.from_dict": (lambda good: type(good.strategy).from_dict, lambda good: {
                               "values": good.strategy.to_dict(good.backbone)}),
        "LossTerm.from_dict": (lambda good: type(good.strategy.losses[0]).from_dict, lambda good: {
                               "values": good.strategy.losses[0].to_dict()}),
        "Meaning.from_dict": (lambda good: type(good.settings.meaning).from_dict, lambda good: {
                              "values": good.settings.meaning.to_dict(), "backbone": "small_cnn",
                              "pair": "digits-drawings"}),
    },
    "user_model": {
        "OwnModel.settings": (lambda good: good.own.settings, lambda good: {"updates": 3}),
        "OwnModel.opened": (lambda good: good.own.opened, lambda good: {"block": "no such"}),
    },
    "training": {
        "LiveTraining.start": (lambda good: good.live.start, lambda good: {"settings": good.settings, "step": False,
                               "thread": False}),
        "LiveTraining.request": (lambda good: good.live.request, lambda good: {"change": good.change}),
        "LiveTraining.set_pace": (lambda good: good.live.set_pace, lambda good: {"updates_per_second": 5}),
        "LiveTraining.join": (lambda good: good.live.join, lambda good: {"seconds": 0}),
        "RacePlan.heat": (lambda good: good.plan.heat, lambda good: {"number": 0}),
        "Run.model": (lambda good: good.run.model, lambda good: {"task": "old"}),
        "Run.save": (lambda good: good.run.save, lambda good: {"path": good.folder / "again.json"}),
        "Run.load": (lambda good: type(good.run).load, lambda good: {"path": good.file}),
        "Run.from_dict": (lambda good: type(good.run).from_dict, lambda good: {"values": good.run.to_dict()}),
        "Run.from_text": (lambda good: type(good.run).from_text, lambda good: {"text": good.file.read_text()}),
    },
    "sweeps": {
        "Outcome.from_run": (lambda good: good.outcome.from_run, lambda good: {"run": good.run}),
        "Outcome.from_dict": (lambda good: good.outcome.from_dict, lambda good: {"values": good.outcome.to_dict()}),
        "Sweep.now": (lambda good: good.swept.now, lambda good: {"outcomes": [good.outcome], "command": "x",
                      "notes": {}}),
        "Sweep.save": (lambda good: good.swept.save, lambda good: {"path": good.folder / "sweep.json"}),
        "Sweep.load": (lambda good: good.swept.load, lambda good: {"path": good.sweep_file}),
        "Ordering.difference": (lambda good: good.ordering.difference, lambda good: {"frame": good.stored_frame,
                                "pair": "digits-drawings"}),
    },
    "plots": {
        "FeatureFigure.show": (lambda good: good.feature_figure.show, _features),
        "PlaneFigure.show": (lambda good: good.plane_figure.show, _playground),
        "RaceFigure.show": (lambda good: good.race_figure.show, lambda good: {"runs": [good.made]}),
        "RunFigure.show": (lambda good: good.run_figure.show, lambda good: {"run": good.made,
                           "ghosts": {"a": good.made}}),
    },
    "widgets": {
        "FreezeBoard.run": (lambda good: good.board.run, lambda good: {"settings": good.settings, "schedule": ()}),
        "FreezeBoard.show": (lambda good: good.board.show, lambda good: {"run": good.made}),
        "FreezeBoard.for_model": (lambda good: type(good.board).for_model, lambda good: {"model": good.classifier,
                                  "old_task": good.old, "new_task": good.new, "settings": TINY, "driver": "play"}),
        "FeatureViewer.look_at": (lambda good: good.viewer.look_at, lambda good: {"task": "old", "label": "3",
                                  "number": 0}),
        "FeatureViewer.run": (lambda good: good.viewer.run, lambda good: {"trained_layers": ["no such"]}),
        "PictureUpload.ask": (lambda good: good.upload.ask, lambda good: {
                              "source": good.pictures / "dark" / "one.png"}),
        "Quiz.choose": (lambda good: good.quiz.choose, lambda good: {"answer": "a"}),
    },
    "text": {
        "EncoderFeatures.transform": (lambda good: good.encoder_features.transform, lambda good: {"X": ["a"]}),
        "EncoderTraining.fit": (lambda good: good.encoder_training.fit, lambda good: {"ids": good.ids,
                                "labels": np.array([0, 1] * 16), "rate": 0.01, "epochs": 1, "seed": 0, "head": None}),
        "EncoderTraining.predict": (lambda good: good.encoder_training.predict, lambda good: {"ids": good.ids}),
        "TextStatistics.transform": (lambda good: good.statistics.transform, lambda good: {"X": ["a"]}),
        "TextEncoder.ids": (lambda good: good.encoder.ids, lambda good: {"texts": ["a"]}),
        "TextEncoder.too_long": (lambda good: good.encoder.too_long, lambda good: {"texts": ["a"]}),
        "TextEncoder.vectors": (lambda good: good.encoder.vectors, lambda good: {"texts": ["a"], "progress": iter}),
        "TextModel.predict": (lambda good: good.text_model.predict, lambda good: {"text": "a"}),
        "TextModel.nearest": (lambda good: good.text_model.nearest, lambda good: {"text": "a", "count": 3}),
        "TextPanel.run": (lambda good: good.text_panel.run, lambda good: {"features": ("words",), "model": "XGBoost"}),
        "TextPanel.ask": (lambda good: good.text_panel.ask, lambda good: {"sentence": "Good."}),
    },
}  # fmt: skip

# A call of these takes tenths of a second or more: only in the exhaustive part.
SLOW = {
    "Block", "EncoderTraining", "EncoderTraining.fit", "EncoderTraining.predict", "FeatureViewer", "FreezeBoard",
    "FreezeBoard.for_model", "FreezeBoard.run", "Playground", "StrategyRace", "TextPanel", "TextPanel.run",
    "TransferModel", "choose", "compare", "cut_model", "fashion", "fit_text_model", "linear_probe", "orderings",
    "own_model", "patches", "pretrained", "race", "run", "run_seeds", "set_trainable", "sweep", "table1", "train",
    "uci_sentences", "imagenet_classifier", "photo_features", "Run.model", "LiveTraining.start", "load_user_model",
    "RaceFigure", "RunFigure", "PlaneFigure", "plot_photos", "plot_examples", "photos",
}  # fmt: skip
# What only a program gives, never a reader.
_FIXED = {"check_choice": ("field", "allowed"), "check_whole": ("field", "least", "most", "limit"),
          "register_name": ("field",)}  # fmt: skip


def entries(room: str) -> dict[str, Entry]:
    """The entries of a room by name."""
    found = {
        name: Entry(_public(room, name), arguments, name not in SLOW, _FIXED.get(name, ()))
        for name, arguments in TABLE[room].items()
        if arguments is not None
    }
    found |= {
        name: Entry(call, arguments, name not in SLOW) for name, (call, arguments) in METHODS.get(room, {}).items()
    }
    for name in ("race", "show_progress", "show_updates", "train"):
        if name in found:
            found[name] = replace(found[name], gives_lines=True)
    return found
