"""The file of a sweep: whatever happens to its process, what was written whole is read again, and nothing else."""

import json
import resource

import pytest

from utils.strategies import SettingsError
from utils.sweeps.result_log import ResultLog

RESULTS = {f"job {number}": {"number": number, "name": "é" * number} for number in range(4)}


def written(path, results=RESULTS):
    with ResultLog(path) as log:
        for key, result in results.items():
            log.add(key, result)
    return path.read_bytes()


def read(path, check=dict):
    with ResultLog(path, check) as log:
        return log


def test_what_was_written_is_read(tmp_path):
    path = tmp_path / "new folder" / "log.jsonl"
    written(path)
    assert read(path).results == RESULTS


def test_a_process_may_be_killed_at_any_byte(tmp_path):
    """Each beginning of the file is read as the whole lines that it has; then writing goes on, and nothing is lost."""
    path = tmp_path / "log.jsonl"
    data = written(path)
    for size in range(len(data) + 1):
        path.write_bytes(data[:size])
        lines = data[:size].count(b"\n")
        whole = dict(list(RESULTS.items())[: max(0, lines - 1)])
        assert read(path).results == whole
        written(path, dict(list(RESULTS.items())[len(whole) :]))
        assert path.read_bytes() == data


def test_damaged_lines_are_left_out_and_counted(tmp_path):
    path = tmp_path / "log.jsonl"
    lines = written(path).split(b"\n")
    lines[2] = lines[2][:-5] + b"\0\0\0\0\0"  # as a file system leaves it after a power cut
    path.write_bytes(b"\n".join(lines))
    log = read(path)
    assert log.damaged == 1 and log.results == {key: RESULTS[key] for key in RESULTS if key != "job 1"}

    def is_even(result):
        if result["number"] % 2:
            raise SettingsError("odd")

    log = read(path, is_even)
    assert log.damaged == 2 and list(log.results) == ["job 0", "job 2"]


@pytest.mark.parametrize(
    "data",
    [
        b"seed,accuracy\n0,0.9\n",
        b"notes",
        b"[1, 2]\n",
        b'{"format": 1}\n',
        json.dumps({"format": 99, "versions": {}}).encode() + b"\n",
        json.dumps({"format": 1, "versions": {"keras": "2.0"}}).encode() + b"\n",
    ],
)
def test_other_files_are_refused_and_left_as_they_are(tmp_path, data):
    path = tmp_path / "log.jsonl"
    path.write_bytes(data)
    with pytest.raises(SettingsError, match=r"path=.*log\.jsonl.*another path") as error:
        read(path)
    assert path.read_bytes() == data
    assert ("keras 2.0" in str(error.value)) == (b"2.0" in data)


def test_a_full_disk_costs_the_result_that_does_not_fit(tmp_path):
    path = tmp_path / "log.jsonl"
    size = len(written(path))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    with ResultLog(path) as log:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 50, limits[1]))
        try:
            with pytest.raises(OSError, match="4 results before are kept"):
                log.add("long", {"text": "x" * 100})
            log.add("short", {})
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert read(path).results == RESULTS | {"short": {}}


def test_two_at_a_time_are_noticed(tmp_path):
    path = tmp_path / "log.jsonl"
    with ResultLog(path), pytest.raises(SettingsError, match="another sweep"):
        read(path)
    assert read(path).results == {}


def test_without_a_file_results_are_held(tmp_path):
    with ResultLog(None) as log:
        log.add("one", {"pair": (1, 2)})
    assert log.results == {"one": {"pair": [1, 2]}}
