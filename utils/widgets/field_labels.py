"""The fields for `Settings`: their labels, their order, and what each is for."""

from utils.models import BACKBONES
from utils.strategies import OPTIMIZERS, STRATEGIES
from utils.tasks import PAIRS

AUTOMATIC = "automatic"  # for None, which empties a list
# Field of `Settings` → its label and its options.
CHOICES = {
    "strategy": ("strategy", STRATEGIES),
    "optimizer": ("optimizer", OPTIMIZERS),
    "pair": ("tasks", PAIRS),
    "backbone": ("network", BACKBONES),
    "standardize": ("features", (("automatic", AUTOMATIC), ("as they are", False), ("standardized", True))),
}
# Field of `Settings` → its label and its meaning.
TYPED = {
    "old_loss_weight": ("λ", "weight of the loss that protects the old task; empty for the strategy's own"),
    "temperature": ("temperature T", "of the distillation; at a higher T, small probabilities count for more"),
    "old_images": ("old images", "images of the old task that are available: a number, or all"),
    "learning_rate": ("learning rate", "the size of the steps"),
    "updates": ("updates", "steps in all, including a warm-up"),
    "patience": ("patience", "end after this many evaluations without a lower validation loss; 0 turns it off"),
    "rate_drops": ("rate drops", "how often the rate drops to a tenth when patience runs out, before the run ends"),
    "warm_up": ("warm-up", "updates at the start in which only the new head trains"),
    "warm_up_rate": ("warm-up rate", "the learning rate during the warm-up, if it differs: a number, or same"),
    "unfreeze_every": ("unfreeze every", "updates until one more layer trains, from the top down; 0: all at once"),
    "rate_decay": ("rate decay", "the learning rate falls by this factor from each layer to the one below it"),
    "layer_rates": ("layer rates", "factors of the rate by layer, such as conv1:0.1+conv2:0.5; 1: the same for all"),
    "head_l2": ("new head's L2", "penalty: this factor times the sum of its squared weights; 0 for none"),
    "batch_size": ("batch size", "images per update"),
    "new_images": ("new images", "training images of the new task"),
    "evaluate_every": ("evaluate every", "updates between two points of the curves"),
    "seed": ("seed", "determines the new head, the choice of images and their order"),
}  # fmt: skip
ORDER = ("strategy", "old_loss_weight", "temperature", "old_images", "learning_rate", "updates", "warm_up",
          "batch_size", "optimizer", "new_images", "seed", "pair", "backbone")  # fmt: skip
# Hidden until the reader asks for more settings.
MORE = ("patience", "rate_drops", "evaluate_every", "standardize", "head_l2", "warm_up_rate",
        "unfreeze_every", "rate_decay", "layer_rates")  # fmt: skip
# What stands in a field for None, besides that of λ.
UNSET = {"old_images": "all", "layer_rates": "1", "warm_up_rate": "same"}
