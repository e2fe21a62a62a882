"""The strategies that Li & Hoiem compare, and two others of that time."""

from utils.strategies.strategy import Strategy

_WEIGHTS = {"features": 0.01, "weights": 0.001}  # λ, where none is given; utils.sweeps.table1 chooses one for each pair
_PAPER = "Li & Hoiem, Learning without Forgetting, ECCV 2016 and TPAMI 2018"


def _paper_words(new, old, train, test, storage, old_data):
    names = ("new task", "old task", "training", "testing", "storage", "old data")
    return dict(zip(names, (new, old, train, test, storage, old_data), strict=True))


# By name. Yours needs no entry, unless a panel is to offer it.
STRATEGIES: dict[str, Strategy] = {
    strategy.name: strategy
    for strategy in (
        Strategy(
            "feature extraction",
            trains=("new_head",),
            idea="the backbone is frozen; only a new output layer learns",
            source=_PAPER,
            words=_paper_words("medium", "good", "fast", "fast", "medium", "no"),
        ),
        Strategy(
            "fine-tuning",
            trains=("backbone", "new_head"),
            idea="the backbone continues to learn, on the new task alone",
            source=_PAPER,
            words=_paper_words("good", "bad", "fast", "fast", "medium", "no"),
        ),
        Strategy(
            "fine-tune-FC",
            trains=("top", "new_head"),
            idea="only the last block of the backbone continues to learn: the dense layer, where there is one",
            source=_PAPER,
        ),
        Strategy(
            "fine-tuning at a tenth of the rate",
            trains=("backbone", "new_head"),
            backbone_rate=0.1,
            idea="like fine-tuning, but the backbone learns at a tenth of the rate",
            source=_PAPER,
        ),
        Strategy(
            "duplicate and fine-tune",
            trains=("backbone", "new_head"),
            keeps_copy=True,
            idea="a copy of the network is fine-tuned; the old one is kept for the old task",
            source=_PAPER,
            words=_paper_words("good", "good", "fast", "slow", "large", "no"),
        ),
        Strategy(
            "joint training",
            trains=("backbone", "old_head", "new_head"),
            losses=("new task", "old task"),
            idea="both tasks are learned together: each update takes as many old images as new ones",
            source=f"{_PAPER}; Caruana 1997",
            words=_paper_words("best", "good", "slow", "fast", "large", "yes"),
        ),
        Strategy(
            "learning without forgetting",
            trains=("backbone", "old_head", "new_head"),
            losses=("new task", "distillation"),
            idea="everything learns, and the old head must keep its original answers to the new images",
            source=f"{_PAPER}, equations 2 to 4",
            words=_paper_words("best", "good", "fast", "fast", "medium", "no"),
        ),
        Strategy(
            "less-forgetting learning",
            trains=("backbone", "new_head"),
            losses=("new task", "features"),
            weight=_WEIGHTS["features"],
            idea="the old head is frozen, and the features of the new images must stay close to the original ones",
            source="Jung et al., Less-forgetting Learning in Deep Neural Networks, 2016",
        ),
        Strategy(
            "L2 to the start",
            trains=("backbone", "new_head"),
            losses=("new task", "weights"),
            weight=_WEIGHTS["weights"],
            idea="the backbone learns, but its weights are pulled back toward their start",
            source="Xuhong et al., Explicit Inductive Bias for Transfer Learning, ICML 2018 (L2-SP); compared in LwF",
        ),
        Strategy(
            "network expansion",
            trains=("expansion", "new_head"),
            idea="the network is frozen; new units beside its last block learn for the new head",
            source="compared in Li & Hoiem, TPAMI 2018, there with more units in several layers",
        ),
        Strategy(
            "network expansion + LwF",
            trains=("backbone", "expansion", "old_head", "new_head"),
            losses=("new task", "distillation"),
            idea="new units are added, and everything learns with the loss of learning without forgetting",
            source="compared in Li & Hoiem, TPAMI 2018, there with more units in several layers",
        ),
    )
}
BUILT_IN_STRATEGIES = tuple(STRATEGIES.values())
