"""A file is written whole, or it stays as it was."""

import os
import stat
import subprocess
import sys
import threading

import pytest

from utils import files
from utils.files import write_whole


def test_bytes_and_text_are_written_as_they_are(tmp_path):
    write_whole(tmp_path / "bytes", b"\x00\r\n\xff")
    write_whole(str(tmp_path / "text"), "ä\n–\r\n")
    assert (tmp_path / "bytes").read_bytes() == b"\x00\r\n\xff"
    assert (tmp_path / "text").read_bytes() == "ä\n–\r\n".encode()
    assert sorted(os.listdir(tmp_path)) == ["bytes", "text"]


def test_a_long_name_is_no_reason_to_fail(tmp_path):
    write_whole(tmp_path / ("n" * 255), b"data")
    assert os.listdir(tmp_path) == ["n" * 255]


class Interrupted:
    """An open file in which writing stops half-way."""

    def __init__(self, *given):
        self.file = open(*given)  # noqa: SIM115  closed where the block ends

    def __enter__(self):
        return self

    def __exit__(self, *caught):
        self.file.close()

    def write(self, data):
        self.file.write(data[: len(data) // 2])
        self.file.flush()
        raise KeyboardInterrupt


@pytest.mark.parametrize("before", [None, b"what was there before"])
def test_an_interrupted_write_leaves_what_was_there(monkeypatch, tmp_path, before):
    path = tmp_path / "file"
    if before is not None:
        path.write_bytes(before)
    monkeypatch.setattr(files, "open", Interrupted, raising=False)
    with pytest.raises(KeyboardInterrupt):
        write_whole(path, b"what should be there" * 1000)
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("file", before)] * (before is not None)


def test_a_move_that_fails_leaves_what_was_there(monkeypatch, tmp_path):
    (tmp_path / "file").write_bytes(b"before")

    def denied(*places):
        raise PermissionError("of the test")

    monkeypatch.setattr(os, "replace", denied)
    with pytest.raises(PermissionError, match="of the test"):
        write_whole(tmp_path / "file", b"after")
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("file", b"before")]


def test_a_folder_that_is_not_there_is_said(tmp_path):
    with pytest.raises(FileNotFoundError):
        write_whole(tmp_path / "nowhere" / "file", b"data")


def test_two_threads_at_once(tmp_path):
    path, wrong = tmp_path / "file", []
    contents = [bytes([letter]) * 300_000 for letter in b"ab"]
    together = threading.Barrier(2)

    def write(content):
        try:
            for _ in range(20):
                together.wait(10)
                write_whole(path, content)
                if path.read_bytes() not in contents:
                    wrong.append("half a file")
        except BaseException as error:
            wrong.append(error)
            together.abort()

    threads = [threading.Thread(target=write, args=(content,)) for content in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == [] and os.listdir(tmp_path) == ["file"]


def test_containers_that_share_a_folder_and_a_process_number(monkeypatch, tmp_path):
    """Another process writes at the same time, with the same number and thread: it gets another name beside."""
    used = []
    monkeypatch.setattr(os, "getpid", lambda: 1)
    monkeypatch.setattr(os, "replace", lambda temporary, path: used.append(temporary))
    for _ in range(2):
        write_whole(tmp_path / "file", b"data")
    assert len(set(used)) == 2


@pytest.mark.skipif(os.name == "nt", reason="Windows has no umask")
@pytest.mark.parametrize("umask", [0o022, 0o077, 0o002])
def test_permissions_are_those_of_any_new_file(tmp_path, umask):
    before = os.umask(umask)
    try:
        write_whole(tmp_path / "file", b"data")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o666 & ~umask


# What processes that ended half-way leave behind


def left_over(path, content=b"half of it"):
    """What a killed process leaves beside `path`."""
    scratch = files._scratch_name(path)
    scratch.write_bytes(content)
    return scratch


posix = pytest.mark.skipif(files.fcntl is None, reason="Windows has other locks")
KILLED = """
import os, signal, sys
from pathlib import Path
from utils.files import scratch_folder, whole_file
with whole_file(sys.argv[1]) as file, scratch_folder(sys.argv[2]) as folder:
    file.write(b"half of it")
    file.flush()
    (folder / "archive").write_bytes(b"half of it")
    print("writes", flush=True)
    sys.stdin.read()
"""


@posix
def test_what_a_killed_process_left_is_cleared_by_the_next_and_not_before(tmp_path, project):
    """While it lives, its scratch files are in use, however many others begin and end the same work."""
    command = [sys.executable, "-c", KILLED, str(tmp_path / "file"), str(tmp_path / "folder")]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, cwd=project, env=os.environ | {"PYTHONPATH": str(project)}, **pipes) as process:
        assert process.stdout.readline() == b"writes\n"
        used = set(os.listdir(tmp_path))
        assert len(used) == 2
        write_whole(tmp_path / "file", b"mine")
        with files.scratch_folder(tmp_path / "folder"):
            pass
        assert set(os.listdir(tmp_path)) == used | {"file"}
        process.kill()
    write_whole(tmp_path / "another file", b"another work")
    assert used < set(os.listdir(tmp_path))
    write_whole(tmp_path / "file", b"mine")
    with files.scratch_folder(tmp_path / "folder") as folder:
        assert folder.is_dir()
    assert sorted(os.listdir(tmp_path)) == ["another file", "file"]


@posix
def test_what_another_thread_writes_stays(tmp_path):
    with files.whole_file(tmp_path / "file") as file:
        file.write(b"the later one")
        file.flush()
        write_whole(tmp_path / "file", b"the sooner one")
        assert (tmp_path / "file").read_bytes() == b"the sooner one"
    assert (tmp_path / "file").read_bytes() == b"the later one" and os.listdir(tmp_path) == ["file"]


@pytest.mark.parametrize("case", ["another machine", "another user", "no locks", "not yet locked", "not yet marked"])
def test_what_may_be_somebody_elses_stays(monkeypatch, tmp_path, case):
    if files.fcntl is None and case in ("another user", "no locks"):
        pytest.skip("not on Windows")
    with monkeypatch.context() as patch:
        if case == "another machine":
            patch.setattr(files, "_machine", lambda: "01234567")
        scratch = left_over(tmp_path / "file", b"" if case == "not yet locked" else b"half of it")
    if case == "not yet marked":
        scratch.unlink()
        scratch.mkdir()
    if case == "another user":
        monkeypatch.setattr(os, "getuid", lambda: scratch.stat().st_uid + 1)
    if case == "no locks":

        def refused(*given):
            raise OSError(37, "No locks available")

        monkeypatch.setattr(files.fcntl, "flock", refused)
    write_whole(tmp_path / "file", b"data")
    assert scratch.exists()
    os.utime(scratch, (0, 0))  # more than a day ago
    write_whole(tmp_path / "file", b"data")
    assert scratch.exists() == (case == "another user")


def test_a_folder_that_is_no_longer_used_is_removed_with_what_is_in_it(tmp_path):
    with pytest.raises(KeyError), files.scratch_folder(tmp_path / "photos") as folder:
        (folder / "inside").mkdir()
        (folder / "inside" / "file").write_bytes(b"data")
        raise KeyError
    assert os.listdir(tmp_path) == []
