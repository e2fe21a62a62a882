"""Features into another kind of model, complete: texts, statistics, encoders, pipelines, figures and a panel."""

import utils._ipywidgets  # noqa: F401  before anything else imports it
import utils._tensorflow  # noqa: F401  before anything else imports it
from utils.text.bert import MissingExtra, bert_encoder
from utils.text.comparison import TextRow, compare
from utils.text.encoder import TextEncoder, shipped_record, small_text_encoder
from utils.text.features import EncoderFeatures, encode
from utils.text.figure import plot_text_model, plot_text_rows, plot_two_meanings
from utils.text.here import measure_here
from utils.text.model import FEATURES, MODELS, VECTOR, TextModel, fit_text_model
from utils.text.panel import TextPanel
from utils.text.pipelines import PIPELINES, FeaturesIntoClassifier, Fitted, Pipeline
from utils.text.reviews import reviews
from utils.text.statistics import STATISTICS, TextStatistics
from utils.text.sweep import SETTINGS, frame, stored_rows
from utils.text.table import read_table
from utils.text.texts import TextTask, text_task
from utils.text.tuning import EncoderTraining
from utils.text.uci import uci_sentences

__all__ = [
    "FEATURES",
    "MODELS",
    "PIPELINES",
    "SETTINGS",
    "STATISTICS",
    "VECTOR",
    "EncoderFeatures",
    "EncoderTraining",
    "FeaturesIntoClassifier",
    "Fitted",
    "MissingExtra",
    "Pipeline",
    "TextEncoder",
    "TextModel",
    "TextPanel",
    "TextRow",
    "TextStatistics",
    "TextTask",
    "bert_encoder",
    "compare",
    "encode",
    "fit_text_model",
    "frame",
    "measure_here",
    "plot_text_model",
    "plot_text_rows",
    "plot_two_meanings",
    "read_table",
    "reviews",
    "shipped_record",
    "small_text_encoder",
    "stored_rows",
    "text_task",
    "uci_sentences",
]
