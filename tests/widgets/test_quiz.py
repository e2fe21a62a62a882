import re

import ipywidgets as widgets
import pytest

from tests.widgets.panel import parts, plain
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
    assert plain(verdict.value) == ""
    check.click()
    assert "Choose an answer first" in verdict.value


@pytest.mark.parametrize(("answer", "verdict_is"), [("it stays", "Right. "), ("it climbs", "Not quite. ")])
def test_each_answer_is_explained(answer, verdict_is):
    quiz, choice, check, verdict = made()
    choice.value = answer
    assert "Right" not in verdict.value and "Not quite" not in verdict.value  # not before Check
    check.click()
    words = plain(re.sub("<span aria-hidden.*?</span>", "", verdict.value))  # what a screen reader says
    assert words == verdict_is + ANSWERS[answer]
    assert quiz.choose(answer) == verdict_is + ANSWERS[answer]


def test_right_and_wrong_differ_in_color_and_sign_as_well():
    quiz, _, _, verdict = made()
    seen = []
    for answer in ANSWERS:
        quiz.choose(answer)
        seen.append((re.search("background:(#[0-9a-f]{6})", verdict.value)[1], "✓" in verdict.value))
    assert seen[0][0] != seen[1][0] and [right for _, right in seen] == [False, True]
    guess, _, _, verdict = made(right=None)
    guess.choose("it stays")
    assert "background" not in verdict.value


def test_texts_are_texts_but_for_code():
    quiz = Quiz("Is `a < b`?", {"<b>": "No: `x<y` & <i>z</i>."}, "<b>")
    quiz.choose("<b>")
    _, *texts = [part.value for part in parts(quiz.widget) if isinstance(part, widgets.HTML)]
    assert texts[0] == "<b>Is <code>a &lt; b</code>?</b>"
    assert "No: <code>x&lt;y</code> &amp; &lt;i&gt;z&lt;/i&gt;." in texts[1]


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
