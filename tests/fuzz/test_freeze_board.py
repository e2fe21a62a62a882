"""Whatever is pressed on freeze boards, several of them alive: nothing hangs, breaks or lies; runs are repeatable."""

from functools import partial

import pytest

from tests.fuzz.dice import dice
from tests.fuzz.player import Player, close
from tests.training.comparing import QUICK
from utils import FreezeBoard, Settings

pytestmark = [pytest.mark.exhaustive, pytest.mark.usefixtures("quick")]
PLANE = Settings("plane", updates=24, new_images=100, batch_size=16, evaluate_every=8)
CHECK_EVERY, NEW_EVERY = 25, 400  # interactions


@pytest.mark.timeout(7200)
def test_anything_is_pressed(watch):
    random, count = dice(1_000)

    def new():
        settings, driver = random.choice([QUICK, QUICK, PLANE]), random.choice(["thread", "thread", "play"])
        return Player(FreezeBoard(settings, driver=driver), random, watch)

    players = [new() for _ in range(3)]
    for number in range(1, count + 1):
        player = random.choice(players)
        player.act()
        if number % CHECK_EVERY == 0:
            player.check()
        if number % NEW_EVERY == 0:  # a cell is run again, or deleted in the middle of its run
            old = players.pop(random.randrange(len(players)))
            if closing := random.choice([None, FreezeBoard.close, close]):
                watch.attempt("close", partial(closing, old.board))
            players.append(new())
    for player in players:
        player.end()
    assert watch.counts["replays"]
