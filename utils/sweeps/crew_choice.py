"""The crew that makes the runs: this process, others on this machine as far as memory allows, or a cluster."""

from collections.abc import Iterable

from utils.checks import check_whole_number
from utils.messages import refusal
from utils.strategies import Settings, SettingsError
from utils.strategies.saved_settings import names_suffice
from utils.sweeps.cluster import Cluster, connect
from utils.sweeps.crews import Crew, Here, Processes, affordable


def crew_for(planned: Iterable[Settings], processes: int | None, client=None) -> tuple[Crew, str]:
    """Choose who makes these runs.

    Args:
        planned: The settings of the runs.
        processes: The number of processes; 0 for this one, None for one besides this.
        client: A client or the address of a Dask cluster; None for this machine.

    Returns:
        The crew, and words for it: "by ...".

    Raises:
        SettingsError: For what isn't possible.
    """
    own = next((settings for settings in planned if not names_suffice(settings)), None)
    if processes is not None:
        processes = check_whole_number("processes", processes, 0, 10_000, error=SettingsError)
    if client is not None and processes:
        raise SettingsError(refusal("client", client, f"there is processes={processes}, too: leave one of them out"))
    if own is not None and (client is not None or processes):
        name, value = ("processes", processes) if client is None else ("client", client)
        raise SettingsError(refusal(name, value, f"only this process knows what {own.label!r} runs: leave {name} out"))
    if client is not None:
        return Cluster(connect(client)), "by the cluster's workers"
    if own is not None or processes == 0:
        return Here(), "by this process"
    wanted = processes or 1
    possible = affordable(wanted)
    if not possible:
        return Here(), "by this process, since memory is short"
    words = "by a process with one thread" if possible == 1 else f"by {possible} processes with one thread each"
    return Processes(possible), words + f" (memory is too short for {wanted})" * (possible < wanted)
