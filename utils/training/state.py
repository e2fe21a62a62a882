"""The states of a training that can be started, paused, stepped and stopped."""

import enum


class State(enum.StrEnum):
    """What a `LiveTraining` does: nothing, train, train up to the next evaluation point, wait, or end."""

    READY = "ready"
    RUNNING = "running"
    STEPPING = "stepping"
    PAUSED = "paused"
    STOPPING = "stopping"  # the result is measured
    ABANDONING = "abandoning"  # no result is wanted
