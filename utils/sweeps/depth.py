"""How far a linear probe gets on the features of each block: feature extraction with the backbone cut at any depth.

`python -m utils.sweeps.depth` makes the stored probes again, in ten minutes on two slow cores.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict
from functools import cache
from pathlib import Path

from utils.checks import check_one_of, check_whole_number
from utils.measures import LinearProbe, linear_probe
from utils.messages import refusal
from utils.models import BACKBONES, DEFAULT_BACKBONE, pretrained
from utils.shipped import read_shipped_text, write_shipped
from utils.strategies import Settings, SettingsError
from utils.sweeps.crews import Crew
from utils.sweeps.making import making
from utils.sweeps.outcome import stamp
from utils.training.batches import choose_images

FORMAT = 1
COMMAND = "python -m utils.sweeps.depth"
STORED = Path(__file__).parent / "stored" / "depth.json"
PAIRS = ("digits-halves", "digits-drawings", "digits-fashion", "fashion-digits")
COUNTS = (100, 1000)  # images of the new task
SEEDS = range(5)
STRENGTHS = (1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0, 100.0)  # inverse penalties to choose from on validation images
BLOCKS = BACKBONES[DEFAULT_BACKBONE].layer_names


def probes_by_block(pair: str, new_images: int) -> dict[str, list[LinearProbe]]:
    """The stored probes on the features of each block, from the first to the last.

    They are fitted to the new-task images of the stored runs of `reach` with the same seeds.

    Args:
        pair: A pair in `PAIRS`.
        new_images: The number of new images, in `COUNTS`.

    Returns:
        By block, a probe for each of five seeds.

    Raises:
        ValueError: Where none are stored.
    """
    check_one_of("pair", pair, PAIRS)
    if check_whole_number("new_images", new_images) not in COUNTS:
        wanted = f"probes are stored for {' and '.join(map(str, COUNTS))} images"
        raise ValueError(refusal("new_images", new_images, wanted))
    jobs = {block: [_job(pair, new_images, block, seed) for seed in SEEDS] for block in BLOCKS}
    return {block: [store()[tuple(job.values())] for job in of_block] for block, of_block in jobs.items()}


def _job(pair, new_images, block, seed):
    return {"pair": pair, "new_images": new_images, "block": block, "seed": seed}


def probe_block(job: dict) -> dict:
    """Fit the probe of a job, {"pair", "new_images", "block", "seed"}: its fields beside those of the job."""
    settings = Settings(job["pair"], new_images=job["new_images"], seed=job["seed"])
    new, model = settings.tasks().new, pretrained(settings.tasks())
    chosen = choose_images(new.y_train, settings.new_images, settings.seed)
    parts = (new.x_train[chosen], new.y_train[chosen]), (new.x_validation, new.y_validation), (new.x_test, new.y_test)
    features = [(model.features(x)[job["block"]].reshape(len(x), -1), y) for x, y in parts]
    return job | asdict(linear_probe(*features, strengths=STRENGTHS))


@cache
def store() -> dict[tuple, LinearProbe]:
    """The stored probes by pair, number of new images, block and seed."""
    values = json.loads(read_shipped_text(STORED))
    if not isinstance(values, dict) or values.get("format") != FORMAT:
        raise SettingsError(f"format: {STORED.name} isn't a store of this version (format {FORMAT})")
    results = {}
    for probe in values["probes"]:
        job = {name: probe.pop(name) for name in ("pair", "new_images", "block", "seed")}
        results[tuple(job.values())] = LinearProbe(**probe)
    return results


def make(
    path: Path,
    log: Callable[[str], None],
    pairs: Iterable[str] = PAIRS,
    counts: Iterable[int] = COUNTS,
    crew: Crew | None = None,
) -> None:
    """Fit all probes; what is made stays beside the file until it's written at the end.

    Args:
        path: The file.
        log: Takes a line about each probe as it ends.
        pairs: The pairs of tasks.
        counts: The numbers of new images.
        crew: As in `making`.
    """
    jobs = [_job(pair, count, block, seed) for pair in pairs for count in counts for block in BLOCKS for seed in SEEDS]
    with making(path, log, crew) as made:
        probes = made.results(probe_block, jobs)
        lines = ",\n".join(json.dumps(probe, separators=(",", ":"), allow_nan=False) for probe in probes)
        head = json.dumps({"format": FORMAT, **stamp(COMMAND)})[:-1]
        write_shipped(path, f'{head},\n"probes": [\n{lines}\n]}}\n')


if __name__ == "__main__":
    make(STORED, lambda text: print(text, flush=True))
