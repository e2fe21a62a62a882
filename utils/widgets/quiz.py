"""A question with answers to choose from, and feedback on each."""

import html
import math
import re
from collections.abc import Mapping

import ipywidgets as widgets

from utils.checks import check_mapping, check_one_of, check_text
from utils.messages import refusal
from utils.widgets.style import panel
from utils.widgets.view import view

_CHOOSE = "Choose an answer first; even a wrong guess helps you learn."
# White on these has a contrast of more than 4.5, and they stand out from light and dark pages alike.
_RIGHT, _WRONG = ("✓", "Right", "#00795a"), ("✗", "Not quite", "#b34a00")
_LINE, _LETTERS = 20, 85  # pixels; letters that fit on a line, at the least


class Quiz:
    """One question: the reader chooses an answer, presses Check, and reads why it is right or wrong.

    Args:
        question: The text.
        answers: Each answer with the feedback on it.
        right: The right answer, or None where the question asks for a guess that an experiment will check.

    Raises:
        ValueError: Where `right` isn't one of the answers.
    """

    def __init__(self, question: str, answers: Mapping[str, str], right: str | None = None):
        check_text("question", question)
        for answer, feedback in check_mapping("answers", answers, "give a mapping of answers to feedback").items():
            check_text(f"answers: {answer!r}", feedback)
        if not answers:
            raise ValueError(refusal("answers", answers, "give one answer or more"))
        if right is not None:
            check_one_of("right", right, answers)
        self._answers, self._right = dict(answers), right
        self._choice = widgets.RadioButtons(options=list(answers), value=None, layout={"width": "auto"})
        lines = max(math.ceil(len(text) / _LETTERS) for text in [_CHOOSE, *answers.values()])
        room = f"{(lines + (right is not None)) * _LINE + 4}px"  # so that a verdict moves nothing
        self._feedback = widgets.HTML(_status(""), layout={"max_width": "720px", "min_height": room})
        check = widgets.Button(description="Check", layout={"width": "80px"})
        check.on_click(lambda _: self._check())
        title = widgets.HTML(f"<b>{_marked_up(question)}</b>")
        self.widget = panel([title, self._choice, check, self._feedback])
        self._question = question

    def choose(self, answer: str) -> str:
        """Choose an answer in code; returns the feedback."""
        self._choice.value = check_one_of("answer", answer, self._answers)
        return self._check()

    def _check(self):
        answer = self._choice.value
        if answer is None:
            self._feedback.value = _status(_marked_up(_CHOOSE))
            return _CHOOSE
        text = self._answers[answer]
        if self._right is None:
            self._feedback.value = _status(_marked_up(text))
            return text
        verdict = _RIGHT if answer == self._right else _WRONG
        self._feedback.value = _status(_verdict_html(*verdict, text))
        return f"{verdict[1]}. {text}"

    def _repr_mimebundle_(self, **options):
        choices = (f"( ) {answer}" for answer in self._answers)
        return {**view(self.widget), "text/plain": "\n".join([self._question, *choices])}


def _status(inside):
    return f'<div role="status" aria-live="polite" style="line-height:{_LINE}px">{inside}</div>'


def _verdict_html(icon, word, color, text):
    """The verdict in color, as an icon and in words, and below it the explanation."""
    badge = (
        f'<b style="background:{color};color:white;border-radius:3px;padding:1px 8px">'
        f'<span aria-hidden="true">{icon}</span> {word}.</b>'
    )
    return f'<div style="border-left:4px solid {color};padding-left:8px">{badge}<div>{_marked_up(text)}</div></div>'


def _marked_up(text):
    """Plain text as HTML, in which `code` looks like code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))
