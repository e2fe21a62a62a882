"""Waiting for what other threads do."""

import time


def wait_until(condition, seconds=120.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.002)


def wait_for_pause(live) -> None:
    """Until the training is paused, its last chunk with its point of the curves is over, and that has been told."""
    wait_until(lambda: live.state == live._reported == "paused" and not (live.progress and live.progress.pending))
    with live._advancing:
        pass
