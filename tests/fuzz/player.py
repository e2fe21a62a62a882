"""Somebody who presses anything on a freeze board, at any moment."""

import re
import time
from random import Random

import ipywidgets as widgets

from tests.fuzz.watch import Watch
from tests.training.comparing import assert_same
from tests.waiting import wait_for_pause
from tests.widgets.panel import Panel, parts
from utils import EXPERIMENTS, run
from utils.widgets import FreezeBoard

# What is typed into fields, by their label: allowed for the most part, so that runs happen, and short ones.
SHORT = {
    "updates": ("8", "16", "24", "8,5", "0", "-1", "many", "", "1e400", "<b>8</b>", "100001", "１６"),
    "batch size": ("16", "16", "16", "0", "2000", "16.0"),
    "evaluate every": ("4", "8", "8", "100", "0"),
    "patience": ("0", "0", "2", "-1"),
    "warm-up": ("0", "4", "8", "99"),
    "unfreeze every": ("0", "0", "2", "-2"),
    "learning rate": ("0.001", "0,01", "1e-3", "0", "1e30", "nan", "inf", "fast", "None"),
    "rate decay": ("1", "2.6", "0.5", "1e9"),
    "layer rates": ("None", "conv1:0.1", "conv1:0.1+conv2:0", "conv9:1", "conv1", ":", "conv1:nan"),
    "new head's L2": ("0", "0.01", "-1", "None"),
    "λ": ("None", "1", "0", "10", "-1", "1e7"),
    "temperature T": ("2", "1", "0", "1001"),
    "old images": ("None", "40", "100", "0", "-5", "60001"),
    "new images": ("100", "60", "0", "100000", "None"),
    "seed": ("0", "1", "2", "-1", "9999999999"),
    "dissimilarity": ("1", "0.5", "2", "x"),
    "noise": ("0.1", "0.2", "9"),
    "distance": ("0", "1", "nan"),
}
TEXTS = (
    "pair=digits-drawings; strategy=fine-tuning; updates=16; evaluate_every=8; new_images=60; batch_size=16",
    "strategy=feature extraction; updates=8; evaluate_every=4; new_images=60; batch_size=16; trained_layers=new_head",
    "strategy=no such", "seed=1; seed=2", "", "trained_layers=", "lr=0.1", "updates=8;;", "pair=<b>", "\0", "strategy",
)  # fmt: skip
STRATEGIES = ("fine-tuning", "feature extraction", "joint training", "learning without forgetting")
LONGEST_REPLAY = 150  # updates: those of the ready-made experiments


class Player:
    """Presses what there is on one board.

    Args:
        board: The board.
        random: Draws what is pressed.
        watch: Sees what goes wrong.
        strategies: Those that are chosen; each costs a trace.
    """

    def __init__(self, board: FreezeBoard, random: Random, watch: Watch, strategies: tuple[str, ...] = STRATEGIES):
        self.panel, self.board, self.random, self.watch = Panel(board), board, random, watch
        self._allowed = board.settings
        self._strategies, self._replayed, self._loaded = strategies, set(), set()
        self.panel.field("speed").label = "no limit"
        self._acts = [self._press] * 12 + [self._flip] * 10 + [self._type] * 6 + [self._choose] * 3
        self._acts += [self._wait] * 4 + [self._start] * 4 + [self._use_text, self._tick, self._load, self._look]
        self._acts += [self._flip_up_to_the_end, self._finish, self._recall] + [self._experiment] * 2

    def act(self) -> None:
        """Do one thing."""
        act = self.random.choice(self._acts)
        self.watch.attempt(act.__name__.strip("_"), act)
        if self.board._transport._clock is not None and self.board._live.active:  # the front end's clock
            for _ in range(self.random.randrange(4)):
                self.watch.attempt("tick", self._clock_ticks)

    def check(self) -> None:
        """Bring the run under way to a rest, and compare what is shown with what is so."""
        self.watch.attempt("check", self._check)

    def end(self) -> None:
        """End the run under way."""
        self.board._live.abandon()
        assert self.board._live.join(120), "a run that doesn't end"

    # What is done

    def _press(self):
        self.random.choice(buttons_but_early_stopping(self.panel)).click()

    def _start(self):
        """With what can run: whatever has been typed before."""
        if not self.board._live.active:
            self.board._set(self._allowed)
        self.panel.press(self.random.choice(["Start", "Start", "Step"]))

    def _flip(self):
        layers = [box for box in self.panel.of(widgets.Checkbox) if not box.description.isdigit()]
        switch = self.random.choice(layers)
        switch.value = not switch.value

    def _flip_up_to_the_end(self):
        """Flip until the run under way has ended: one flip falls into its last moment."""
        for _ in range(200):
            if not self.board._live.active:
                break
            self._flip()
            time.sleep(self.random.choice([0, 0.001, 0.003]))

    def _finish(self):
        self.board._live.resume()  # one that makes a step would pause
        assert self.board._live.join(120), "a run that doesn't end"

    def _tick(self):
        if ghosts := [box for box in self.panel.of(widgets.Checkbox) if box.description.isdigit()]:
            ghost = self.random.choice(ghosts)
            ghost.value = not ghost.value

    def _type(self):
        field = self.random.choice([text for text in self.panel.of(widgets.Text) if text.description in SHORT])
        values = SHORT[field.description]
        field.value = self.random.choice(values if self.random.random() < 0.3 else values[:2])

    def _choose(self):
        choices = [box for box in self.panel.of(widgets.Dropdown) if box.options and box.description != "speed"]
        choice = self.random.choice(choices)
        offered = [value[1] if isinstance(value, tuple) else value for value in choice.options]
        if choice.description == "strategy":
            offered = [value for value in offered if value in self._strategies]
        if choice.description == "tasks":
            offered = [value for value in offered if "fashion" not in value]
        if choice.description == "network":
            offered = [value for value in offered if value != "small_resnet"]  # it takes seconds
        choice.value = self.random.choice(offered)

    def _experiment(self):
        """Open the menu, choose and predict; with a run under way or a wrong field nothing starts."""
        names = [experiment.name for experiment in EXPERIMENTS]
        ready = [button for button in self.panel.of(widgets.Button) if button.description in names]
        if ready:  # the playground has none
            self.board._menu.show(True)
            self.random.choice(ready).click()
            self.random.choice(self.board._menu._answers.children).click()
            self.watch.counts["experiments"] += 1

    def _recall(self):
        """Click a row of the table."""
        rows = [button for button in self.panel.of(widgets.Button) if button.description.startswith("Show run ")]
        if rows:
            self.random.choice(rows).click()

    def _use_text(self):
        self.panel.field("next run as text").value = self.random.choice(TEXTS)
        self.panel.press("Use these settings")

    def _load(self):
        content = self.random.choice([b"", b"{}", b"\xff\xfe", b"[[[[", b'{"format": 2}', b"null"])
        if self.board.runs and self.random.random() < 0.7:
            saved = self.random.choice(self.board.runs).save("saved.json").read_bytes()
            cut = self.random.choice([len(saved), len(saved), self.random.randrange(len(saved))])
            content = saved[:cut]
        before = self.board.runs
        self.panel.load(mine=content)
        self._loaded |= {id(made) for made in self.board.runs if made not in before}

    def _look(self):
        self.random.choice([self.board.still, self.board._repr_mimebundle_, self.board.__repr__])()

    def _wait(self):
        time.sleep(self.random.choice([0, 0.001, 0.01, 0.05]))

    def _clock_ticks(self):
        clock = self.board._transport._clock
        if clock.playing:
            clock.value += 1

    # What is compared

    def _check(self):
        live, panel = self.board._live, self.panel
        if live.active and self.random.random() < 0.4:
            live.pause()
            if live.state == "paused" and self.board._transport.in_thread:
                wait_for_pause(live)
                if live.progress is not None:
                    self._compare(set(live.progress.trained_layers), "paused")
                return
        panel.press("Stop") if live.active else None
        assert live.join(120), "a run that doesn't end"
        with live._advancing:
            pass
        runs = self.board.runs
        assert len(panel.rows) == len(runs) <= 20, "rows and runs"
        for place, text in self.panel.said.items():
            assert not re.search(r"\b[a-z]+_[a-z_]+=|=''|\bNone\b is not", text), (place, text)
        learning = self.board._next.learning(self.board._display.strategy)
        self._compare(set(learning), "at rest")
        self._replay(runs)

    def _compare(self, trained, moment):
        boxes = self.panel.boxes()
        shown = {name for name, state in boxes.items() if state == "trained"}
        assert shown == {name.replace("_", " ") for name in trained} or shown == trained, (moment, shown, trained)
        self.watch.counts["comparisons"] += 1

    def _replay(self, runs):
        fresh = [made for made in runs if id(made) not in self._replayed | self._loaded and made.status != "training"]
        if fresh and fresh[-1].updates <= LONGEST_REPLAY:
            made = fresh[-1]
            self._replayed.add(id(made))
            again = run(made.settings, made.events)
            assert_same(made, again)
            self.watch.counts["replays"] += 1


def buttons_but_early_stopping(panel: Panel) -> list[widgets.Button]:
    """The panel's buttons; early stopping would make runs of thousands of updates."""
    return [button for button in panel.of(widgets.Button) if button.description != "Use early stopping"]


def close(board: FreezeBoard) -> None:
    """Close the panel's widgets, as a cell that is deleted does."""
    for part in list(parts(board.widget)):
        part.close()
