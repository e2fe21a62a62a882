"""What a reader can ask of a freeze board: fields that are changed, switches that are flipped, and buttons."""

from functools import partial

from utils.frameworks import is_loaded, wait
from utils.plots.style import layer_label
from utils.strategies import STRATEGIES, Change, Settings, SettingsError, register
from utils.tasks import PAIRS, needs_network
from utils.training import Run
from utils.training.live import prepare
from utils.widgets.curves_picture import CurvesPicture
from utils.widgets.experiments import Experiment
from utils.widgets.form_panel import FormPanel
from utils.widgets.next_run import NextRun
from utils.widgets.plane_picture import PlanePicture
from utils.widgets.run_display import RunDisplay


class BoardWishes(FormPanel):
    """A live panel with a form, a network to switch and a run that is shown; `FreezeBoard` makes them."""

    settings: Settings
    _prediction: tuple[Experiment, str] | None = None  # of the run under way
    _next: NextRun
    _display: RunDisplay
    _picture: CurvesPicture | PlanePicture

    @property
    def _form(self):
        return self._next.form

    # What the reader asks for

    def _start(self, step, schedule=()):
        settings = self.settings
        self._prediction = None
        first = "Getting ready …" if is_loaded() else "Loading TensorFlow; the run then starts by itself …"
        if needs_network(settings.pair):
            first = "Downloading Fashion-MNIST first (30 MB, only this once) …"
        self._message.clear()
        self._form.messages.quiet()
        self._status.say(first, passing=True)
        self._display.code.fold()
        self._display.planned = list(schedule)
        self._live.start(settings, step=step, thread=self._transport.in_thread, schedule=schedule)
        self._display.begin(Run(settings))

    def _play(self, experiment, predicted):
        """Start the run of an experiment whose outcome the reader has predicted."""
        self._refuse_under_way("start an experiment")
        with self._showing:
            self._next.set(experiment.settings_on(self.settings), unfold=False)  # which would move what is below
        self._start(False, experiment.schedule)
        self._prediction = experiment, predicted
        self._transport.show()
        self._message.note(f"You predicted: {predicted} {experiment.look_at}".strip())

    def _judge(self):
        """Say what has become of a prediction once its run has ended."""
        if self._prediction is None or self._live.active:
            return
        (experiment, predicted), self._prediction = self._prediction, None
        if self._display.run is None or self._live.error:
            return
        right, text = experiment.verdict(self._display.run, predicted)
        (self._message.done if right else self._message.note)(text)

    def _switched(self, layers):
        try:
            if self._live.active:
                self._live.request(Change(trained_layers=layers))
            else:
                self._next.network.show(self._learning(layers))
        except SettingsError as error:
            self._complain(str(error))
            return False
        self._message.clear()
        self._form.messages.quiet()
        self._next.show_text()
        if idle := set(layers) - set(self._learning(layers)):
            names = ", ".join(map(layer_label, sorted(idle)))
            self._message.note(f"No loss of {self._display.strategy} reaches {names}, so it can't learn.")
        elif self._live.state == "paused":
            self._message.note("The switch takes effect when you press Resume or Step.")
        if self._picture.shows_next_run and not self._live.active:
            self._display.draw()
        return True

    def _learning(self, layers):
        return self._next.learning(self._display.strategy, layers)

    def _field_changed(self, name):
        self._form.messages.quiet()
        change = self._change_run if self._live.active else self._change_settings
        self._attempt(partial(change, name), partial(self._complain, changed=name))

    def _change_settings(self, name):
        with self._showing:
            self._next.note_change(name)
            self._next.draw_network(self._display.strategy)
        if name in ("strategy", "pair"):
            value = self._next.form.value(name)
            about = STRATEGIES[value].idea if name == "strategy" else PAIRS[value]
            self._next.form.messages.place(name).note(f"{about[0].upper()}{about[1:]}.")
        self.settings  # noqa: B018  its error is the message
        is_on_other_tasks = name == "pair" or name in self._form.pair_options
        if self._display.run is None and (self._picture.shows_next_run or is_on_other_tasks):
            self._display.show_ghosts()

    def _change_run(self, name):
        change = self._next.change(name, self._display.strategy)
        if change is not None:
            with self._next.form.marking():
                self._live.request(change)
            if name == "strategy":
                self._next.switch_to_strategy(change.trained_layers)
        else:
            self._next.note_change(name)
            label = self._next.form.label(name)
            text = f"The run in progress keeps its settings; {label} applies to the next."
            self._next.form.messages.place(name).note(text)
        self._next.show_text()
        self.settings  # noqa: B018  its error is the message

    def _use_text(self):
        self._refuse_under_way("set all fields and switches")
        self._set(self._next.text.settings())
        self._next.text.message.done("The fields and switches are set; press Start.")

    def _again(self, run):
        self._refuse_under_way("set all fields and switches")
        register(run.settings.meaning)
        self._set(run.settings)
        self._display.show_ghosts()

    def _shared_settings(self):
        return self.settings

    def _set(self, settings):
        with self._showing:
            self._next.set(settings)

    def _prepare(self, settings):
        wait()
        try:
            with self._showing:
                self._next.network.count()
            prepare(settings, lambda: self._live.active)
        except Exception as error:  # the reader meets the same at Start, if it still matters then
            self._message.error(f"{type(error).__name__}: {error}")

    # What is shown

    def _back(self):
        self._display.back()

    def _show_now(self):
        self._display.show_now()
        self._judge()

    def _show_between(self):
        self._display.show_layers()
