"""How a run happens: the engine, the loop, the live control, the race, and the `Run` that comes out."""

from utils.training.live import LiveTraining
from utils.training.loop import Progress, run, train
from utils.training.race import RacePlan, race
from utils.training.run import Run

__all__ = ["LiveTraining", "Progress", "RacePlan", "Run", "race", "run", "train"]
