"""A question with answers to choose from, and feedback on each."""

from collections.abc import Mapping

import ipywidgets as widgets

from utils.checks import check_mapping, check_one_of, check_text
from utils.messages import refusal
from utils.widgets.view import view


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
        self._choice = widgets.RadioButtons(options=list(answers), value=None, layout={"width": "max-content"})
        self._feedback = widgets.HTML('<div role="status" aria-live="polite"></div>')
        check = widgets.Button(description="Check", layout={"width": "80px"})
        check.on_click(lambda _: self._check())
        self.widget = widgets.VBox([widgets.HTML(f"<b>{question}</b>"), self._choice, check, self._feedback])
        self._question = question

    def choose(self, answer: str) -> str:
        """Choose an answer in code; returns the feedback."""
        self._choice.value = check_one_of("answer", answer, self._answers)
        return self._check()

    def _check(self):
        answer = self._choice.value
        if answer is None:
            feedback = "Choose one first; a wrong guess teaches more than none."
        else:
            verdict = "" if self._right is None else ("Right. " if answer == self._right else "Not quite. ")
            feedback = verdict + self._answers[answer]
        self._feedback.value = f'<div role="status" aria-live="polite">{feedback}</div>'
        return feedback

    def _repr_mimebundle_(self, **options):
        choices = (f"( ) {answer}" for answer in self._answers)
        return {**view(self.widget), "text/plain": "\n".join([self._question, *choices])}
