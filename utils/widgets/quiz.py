"""A question with answers to choose from, and what is to be said of each."""

from collections.abc import Mapping

import ipywidgets as widgets

from utils.widgets.view import view


class Quiz:
    """One question; the reader chooses, presses Check, and is told why the choice is right or wrong.

    question: the text. answers: each answer with what is to be said of it. right: the right one, or None where the
    question asks for a guess that the following experiment will judge.
    """

    def __init__(self, question: str, answers: Mapping[str, str], right: str | None = None):
        if right is not None and right not in answers:
            raise ValueError(f"right={right!r} is not allowed: it must be one of {', '.join(map(repr, answers))}.")
        self._answers, self._right = dict(answers), right
        self._choice = widgets.RadioButtons(options=list(answers), value=None, layout={"width": "max-content"})
        self._verdict = widgets.HTML('<div role="status" aria-live="polite"></div>')
        check = widgets.Button(description="Check", layout={"width": "80px"})
        check.on_click(lambda _: self._check())
        self.widget = widgets.VBox([widgets.HTML(f"<b>{question}</b>"), self._choice, check, self._verdict])
        self._question = question

    def choose(self, answer: str) -> str:
        """Answer in code; what is said of the answer."""
        self._choice.value = answer
        return self._check()

    def _check(self):
        chosen = self._choice.value
        if chosen is None:
            said = "Choose one first; a wrong guess teaches more than none."
        else:
            verdict = "" if self._right is None else ("Right. " if chosen == self._right else "Not quite. ")
            said = verdict + self._answers[chosen]
        self._verdict.value = f'<div role="status" aria-live="polite">{said}</div>'
        return said

    def _repr_mimebundle_(self, **options):
        choices = (f"( ) {answer}" for answer in self._answers)
        return {**view(self.widget), "text/plain": "\n".join([self._question, *choices])}
