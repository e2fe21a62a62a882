import ipywidgets as widgets
import pytest

from tests.widgets.panel import parts
from utils import Quiz

ANSWERS = {"it climbs": "No, what is gone is gone.", "it stays": "Nothing it is made of changes."}


def made(right="it stays"):
    quiz = Quiz("The old task ...", ANSWERS, right)
    inside = list(parts(quiz.widget))
    choice = next(part for part in inside if isinstance(part, widgets.RadioButtons))
    check = next(part for part in inside if isinstance(part, widgets.Button))
    verdict = next(part for part in inside if isinstance(part, widgets.HTML) and 'role="status"' in part.value)
    return quiz, choice, check, verdict


def test_nothing_is_chosen_or_said_at_first():
    _, choice, check, verdict = made()
    assert choice.value is None and list(choice.options) == list(ANSWERS) and check.description == "Check"
    assert verdict.value == '<div role="status" aria-live="polite"></div>'
    check.click()
    assert "Choose one first" in verdict.value


@pytest.mark.parametrize(("answer", "verdict_is"), [("it stays", "Right. "), ("it climbs", "Not quite. ")])
def test_each_answer_is_explained(answer, verdict_is):
    quiz, choice, check, verdict = made()
    choice.value = answer
    assert "Right" not in verdict.value and "Not quite" not in verdict.value  # not before Check
    check.click()
    explanation = verdict_is + ANSWERS[answer]
    assert verdict.value == f'<div role="status" aria-live="polite">{explanation}</div>'
    assert quiz.choose(answer) == explanation


def test_a_guess_is_judged_by_the_experiment_alone():
    quiz, *_ = made(right=None)
    assert quiz.choose("it climbs") == ANSWERS["it climbs"]


def test_a_right_answer_that_is_none_of_them():
    with pytest.raises(ValueError, match="^right='it falls' .*'it climbs', 'it stays'"):
        Quiz("?", ANSWERS, right="it falls")


def test_shown_without_widgets_it_is_still_a_question():
    quiz, *_ = made()
    shown = quiz._repr_mimebundle_()
    assert shown["text/plain"] == "The old task ...\n( ) it climbs\n( ) it stays"
    assert shown["application/vnd.jupyter.widget-view+json"]["model_id"] == quiz.widget.model_id
