"""Many runs: the same numbers from one process, several and a cluster; each written once, whatever happens."""

import gc
import json

import psutil
import pytest

from tests.strategies.own_term import EWC
from tests.sweeps.jobs_to_do import doubled, threads
from utils.strategies import Settings, SettingsError
from utils.sweeps import crew_choice, runs, sweep
from utils.sweeps.cluster import Cluster, connect
from utils.sweeps.crews import Here, Processes
from utils.sweeps.jobs import Jobs, job_key
from utils.sweeps.result_log import ResultLog
from utils.sweeps.worker import WorkerError, check_versions, here
from utils.training import run

pytestmark = pytest.mark.slow

QUICK = Settings("plane", learning_rate=0.1, updates=6, new_images=60, batch_size=16, evaluate_every=6)
GRID = {"strategy": ["fine-tuning", "joint training"]} | {
    name: [getattr(QUICK, name)]
    for name in ("pair", "backbone", "learning_rate", "updates", "new_images", "batch_size", "evaluate_every")
}
RESULTS = "status", "old", "new", "old_validation", "new_validation", "forgetting", "trained", "parameters"


def do(crew, numbers, path=None, **more):
    jobs = [{"number": number, **more} for number in numbers]
    with ResultLog(path) as log:
        return list(Jobs(doubled, jobs, [job_key(doubled, job) for job in jobs], log, crew))


@pytest.fixture(scope="module")
def cluster():
    """A worker of Dask on this machine, a process."""
    from distributed import LocalCluster

    with LocalCluster(n_workers=1, threads_per_worker=1, host="127.0.0.1", dashboard_address=None) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def two_workers(cluster):
    """Another worker beside it."""
    cluster.scale(2)
    cluster.wait_for_workers(2)
    return cluster


@pytest.fixture(scope="module")
def by_two(tmp_path_factory):
    """What two processes make of the grid."""
    return sweep(GRID, range(2), processes=2, path=tmp_path_factory.mktemp("two") / "a.jsonl", log=lambda text: None)


@pytest.mark.exhaustive
def test_several_processes_and_a_cluster_give_the_same_numbers(by_two, two_workers, tmp_path):
    path, heard = tmp_path / "new" / "cluster.jsonl", []
    frame = sweep(GRID, range(2), client=two_workers.scheduler_address, path=path, log=heard.append)
    assert heard == [f"4 runs are made by the cluster's workers, and stored in {path}"]
    assert list(frame["strategy"]) == ["fine-tuning"] * 2 + ["joint training"] * 2 and list(frame["seed"]) == [0, 1] * 2
    assert frame[[*RESULTS]].equals(by_two[[*RESULTS]])


@pytest.mark.exhaustive
def test_so_does_one_process_with_one_thread(by_two, tmp_path):
    frame = sweep(GRID, range(2), path=tmp_path / "one.jsonl", log=lambda text: None)
    assert frame[[*RESULTS]].equals(by_two[[*RESULTS]])
    with ResultLog(None) as log:
        assert [ended.result["threads"] for ended in Jobs(threads, [{}], [None], log, Processes(1))] == [1]


def test_a_row_is_what_the_run_came_to(by_two):
    result = run(QUICK.replace(strategy="joint training", seed=1))
    row = by_two.iloc[3]
    assert (row["status"], row["error"], row["trained"]) == ("finished", "", result.trained_parameters)
    assert row["old"] == pytest.approx(100 * result.old_accuracy, abs=0.5)  # this process may have more threads
    assert row["new"] == pytest.approx(100 * result.new_accuracy, abs=0.5)
    assert row["forgetting"] == pytest.approx(result.forgetting, abs=0.5) and abs(result.forgetting) > 1


def test_what_is_stored_is_not_made_again(tmp_path, monkeypatch):
    path = tmp_path / "runs.jsonl"
    plan = [QUICK, QUICK.replace(strategy="joint training")]
    first = sweep(plan, path=path, processes=0, log=lambda text: None)
    made_here, heard = [], []
    monkeypatch.setattr(runs, "run", lambda settings, schedule: made_here.append(settings) or run(settings, schedule))
    again = sweep([*plan, QUICK.replace(seed=1)], path=path, processes=0, log=heard.append)
    assert made_here == [QUICK.replace(seed=1)] and heard[0].startswith("2 of 3 runs are stored, 1 are made")
    assert again.iloc[:2][[*RESULTS, "seconds"]].equals(first[[*RESULTS, "seconds"]])


def test_an_interrupt_keeps_what_is_done(tmp_path, monkeypatch):
    plan, seen = [QUICK.replace(seed=seed) for seed in range(3)], []

    def stopped_at_the_last(settings, schedule):
        if settings.seed == 2 and not seen:
            seen.append(settings)
            raise KeyboardInterrupt
        return run(settings, schedule)

    monkeypatch.setattr(runs, "run", stopped_at_the_last)
    heard, frames = [], []
    with pytest.warns(UserWarning, match="1 of 3 runs weren't made"):
        frame = sweep(plan, path=tmp_path / "a.jsonl", processes=0, log=heard.append, on_result=frames.append)
    assert list(frame["seed"]) == [0, 1] and len(frames[0]) == 1
    assert list(sweep(plan, path=tmp_path / "a.jsonl", processes=0, log=heard.append)["seed"]) == [0, 1, 2]
    assert heard[1].startswith("2 of 3 runs are stored")


def test_a_run_that_fails_is_a_row_and_is_tried_again(tmp_path, monkeypatch):
    def failing(settings, schedule):
        if settings.seed == 1:
            raise MemoryError("no memory")
        return run(settings, schedule)

    monkeypatch.setattr(runs, "run", failing)
    arguments = {"path": tmp_path / "a.jsonl", "processes": 0, "curves": True, "log": lambda text: None}
    with pytest.warns(UserWarning, match="1 of 2 runs failed"):
        frame = sweep([QUICK], range(2), **arguments)
    assert list(frame["error"]) == ["", "no memory"] and frame["old"].isna().tolist() == [False, True]
    assert list(frame["run"][0].history["update"]) == [0, 6]
    monkeypatch.undo()
    assert list(sweep([QUICK], range(2), **arguments)["error"]) == ["", ""]


def test_a_strategy_of_ones_own_runs_here_and_is_not_stored(tmp_path):
    plan = [QUICK.replace(strategy=EWC, loss_options={"floor": 0.5}), QUICK]
    frame = sweep(plan, path=tmp_path / "a.jsonl", log=lambda text: None)
    assert list(frame["strategy"]) == [EWC.name, "fine-tuning"] and set(frame["error"]) == {""}
    lines = (tmp_path / "a.jsonl").read_text().splitlines()
    assert [json.loads(line)["result"]["settings"]["strategy"] for line in lines[1:]] == ["fine-tuning"]
    with pytest.raises(SettingsError, match="processes=2"):
        sweep(plan, processes=2, path=tmp_path / "a.jsonl")


@pytest.mark.exhaustive
@pytest.mark.parametrize("crew", ["processes", "cluster"])
def test_a_worker_that_dies_is_replaced(crew, request, tmp_path):
    """The job that killed it is done again, and so is what the other was doing: each has one result."""
    crew = (
        Processes(2)
        if crew == "processes"
        else Cluster(connect(request.getfixturevalue("two_workers").scheduler_address))
    )
    numbers = [*range(6), -1, -2, *range(6, 12)]
    ended = do(crew, numbers, tmp_path / "log.jsonl", once=str(tmp_path / "died"))
    assert sorted(each.number for each in ended) == list(range(len(numbers)))
    for each in ended:
        if numbers[each.number] == -1:
            assert each.result is None and "-1 can't be doubled" in each.error
        else:
            assert each.result["doubled"] == 2 * numbers[each.number] and each.error == ""
    with ResultLog(tmp_path / "log.jsonl") as log:
        assert len(log.results) == len(numbers) - 1


@pytest.mark.exhaustive
def test_a_job_that_always_kills_its_worker_fails_alone():
    ended = {each.number: each for each in do(Processes(2), [1, -2, 3])}
    assert "ended without a result" in ended[1].error
    assert [ended[number].result["doubled"] for number in (0, 2)] == [2, 6]


@pytest.mark.exhaustive
def test_its_workers_end_with_a_sweep():
    before = set(psutil.Process().children(recursive=True))
    iterator = Processes(2).finish(doubled, [{"number": number} for number in range(50)])
    worker = psutil.Process(next(iterator).result["process"])
    iterator.close()
    _, alive = psutil.wait_procs(set(psutil.Process().children(recursive=True)) - before, timeout=10)
    assert not worker.is_running() and not [one for one in alive if "loky" in " ".join(one.cmdline())]


def test_where_memory_is_short_it_says_who_makes_the_runs(monkeypatch):
    for available, wanted, crew, words in (
        (0.5e9, 2, Here(), "by this process, since memory is short"),
        (0.8e9, None, Processes(1), "by a process with one thread"),
        (0.8e9, 2, Processes(1), "by a process with one thread (memory is too short for 2)"),
        (9e9, 3, Processes(3), "by 3 processes with one thread each"),
        (9e9, 0, Here(), "by this process"),
    ):
        monkeypatch.setattr("utils.sweeps.crews.available_memory", lambda available=available: available)
        assert crew_choice.crew_for([QUICK], wanted) == (crew, words)


def test_what_no_cluster_is_is_named(monkeypatch):
    from distributed import Client

    monkeypatch.setattr("utils.sweeps.cluster._SECONDS", 0.5)
    with pytest.raises(SettingsError, match="client='tcp://127.0.0.1:1'.*no scheduler answers"):
        sweep([QUICK], client="tcp://127.0.0.1:1")
    with pytest.raises(SettingsError, match="client='no address'.*no scheduler answers") as refused:
        sweep([QUICK], client="no address")
    # The client is closed, although the error still holds it: if the garbage collector closed it, this could happen
    # while the next client starts, and nothing would ever go on.
    assert refused.value.__context__
    assert "connecting" not in {one.status for one in gc.get_objects() if issubclass(type(one), Client)}
    with pytest.raises(SettingsError, match="client=7"):
        sweep([QUICK], client=7)
    with pytest.raises(SettingsError, match="client=.*processes=2"):
        sweep([QUICK], client="tcp://127.0.0.1:1", processes=2)


def test_a_worker_with_other_versions_is_named(cluster, monkeypatch):
    with pytest.raises(WorkerError, match=r"worker 7 has other versions.*keras 2.0 there, 3.0 here"):
        check_versions({"keras": "2.0", "numpy": "1"}, {"keras": "3.0", "numpy": "1"}, "worker 7")
    monkeypatch.setattr("utils.sweeps.cluster.here", lambda: here() | {"keras": "0.1"})
    with pytest.raises(WorkerError, match=r"worker tcp://127\.0\.0\.1.*keras .* there, 0\.1 here"):
        do(Cluster(connect(cluster.scheduler_address)), [1])


@pytest.mark.exhaustive
def test_a_cluster_without_workers_is_an_error():
    from distributed import LocalCluster

    with (
        LocalCluster(n_workers=0, host="127.0.0.1", dashboard_address=None) as empty,
        pytest.raises(WorkerError, match="no workers.*dask worker"),
    ):
        do(Cluster(connect(empty.scheduler_address)), [1])
