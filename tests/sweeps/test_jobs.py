"""Jobs that are done once, whoever does them in whatever order."""

import pytest

from tests.sweeps.jobs_to_do import doubled
from utils.sweeps.crews import Here
from utils.sweeps.jobs import Jobs, job_key
from utils.sweeps.result_log import ResultLog
from utils.sweeps.worker import WorkerError

JOBS = [{"number": number} for number in range(5)]


class Backwards:
    """Does the last job first."""

    def __init__(self):
        self.done = []

    def finish(self, work, jobs):
        self.done += jobs
        return reversed(list(Here().finish(work, jobs)))


def jobs_of(log, jobs=JOBS, crew=None, forgotten=()):
    keys = [None if job["number"] in forgotten else job_key(doubled, job) for job in jobs]
    return Jobs(doubled, jobs, keys, log, crew or Backwards())


def test_results_come_in_the_order_of_the_jobs(tmp_path):
    with ResultLog(tmp_path / "log.jsonl") as log:
        jobs = jobs_of(log)
        assert [ended.number for ended in jobs] == [4, 3, 2, 1, 0]
    with ResultLog(tmp_path / "log.jsonl") as log:
        crew = Backwards()
        jobs = jobs_of(log, [*JOBS[3:], {"number": 7}, *JOBS[:2]], crew)
        assert jobs.known == 4
        assert [result["doubled"] for result in jobs.results()] == [6, 8, 14, 0, 2]
        assert crew.done == [{"number": 7}]


def test_what_has_no_key_is_done_again(tmp_path):
    for _ in range(2):
        with ResultLog(tmp_path / "log.jsonl") as log:
            crew = Backwards()
            assert len(jobs_of(log, crew=crew, forgotten=(1, 2)).results()) == 5
    assert crew.done == JOBS[1:3]


def test_a_job_that_fails_is_an_error_and_the_others_are_kept(tmp_path):
    with ResultLog(tmp_path / "log.jsonl") as log, pytest.raises(WorkerError, match="number.*-1.*can't be doubled"):
        jobs_of(log, [*JOBS[:2], {"number": -1}, *JOBS[2:]], Here()).results()
    with ResultLog(tmp_path / "log.jsonl") as log:
        assert jobs_of(log).known == 2


def test_a_key_says_what_is_done_with_what():
    assert job_key(doubled, {"a": 1, "b": 2}) == job_key(doubled, {"b": 2, "a": 1})
    assert len({job_key(doubled, {"a": 1}), job_key(doubled, {"a": 2}), job_key(job_key, {"a": 1})}) == 3
