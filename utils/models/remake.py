"""`python -m utils.models.remake` makes the checkpoints that ship with the project again."""

import argparse

from utils.models import BACKBONES, fitting
from utils.models.checkpoints import SHIPPED, file_name
from utils.models.teaching import COMMAND, teach
from utils.shipped import write_with_record
from utils.tasks import load_pair


def main() -> None:
    """Make the checkpoints of the given pairs and backbones, in the project's own folder."""
    parser = argparse.ArgumentParser(prog=COMMAND, description=main.__doc__)
    parser.add_argument("--pairs", nargs="+", default=["digits-drawings", "digits-halves", "fashion-digits", "plane"])
    parser.add_argument("--backbones", nargs="+", default=list(BACKBONES))
    arguments = parser.parse_args()
    for pair in arguments.pairs:
        old = load_pair(pair).old
        for backbone in (name for name in arguments.backbones if name in fitting(old.input_shape)):
            data, record = teach(old, backbone)
            path = SHIPPED / file_name(old, backbone)
            write_with_record(path, data, record)
            print(f"{path.name}: {len(data) / 1e3:.0f} kB, accuracy {record['accuracy']}")


if __name__ == "__main__":
    main()
