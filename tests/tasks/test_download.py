"""Downloads that give up in time and say why."""

import errno
import os
import re
import socket
import threading
import time

import pytest

from utils.tasks.download import DownloadError, announce, fetch, unreachable


@pytest.fixture
def silent_server():
    """A server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"


def test_the_error_is_one_sentence_with_everything_in_it():
    message = str(DownloadError("A thing (3 MB)", "no connection", "something else"))
    assert re.fullmatch(r"A thing \(3 MB\) .*\(no connection\).*internet.*\bsomething else\.", message)


def test_certificates_have_a_remedy_of_their_own():
    message = str(DownloadError("A thing", "no connection: [SSL: CERTIFICATE_VERIFY_FAILED]", "something else"))
    assert "certifi" in message and "internet" not in message and message.endswith("something else.")


@pytest.mark.parametrize(
    ("number", "remedy"), [(errno.EACCES, "KERAS_HOME"), (errno.EROFS, "KERAS_HOME"), (errno.ENOSPC, "disk")]
)
def test_a_disk_that_takes_nothing_is_no_missing_network(number, remedy):
    message = str(DownloadError("A thing", str(OSError(number, os.strerror(number), "/a/file")), "something else"))
    assert remedy in message and "internet" not in message


def test_the_announcement_says_what_how_much_from_where_and_where_to(capsys):
    announce("A thing", 3, "https://example.org/", "/a/folder")
    assert re.search("A thing, 3 MB, .*from https://example.org/ to /a/folder$", capsys.readouterr().out)


def test_no_network_is_noticed(no_network):
    assert "Name or service not known" in unreachable("https://storage.googleapis.com/")


def test_a_silent_server_is_given_up(silent_server):
    assert unreachable(silent_server, patience=0.5) is not None


def test_a_name_server_that_never_answers_is_given_up(monkeypatch):
    release = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: release.wait(60))
    assert unreachable("https://storage.googleapis.com/", patience=0.5) == "no answer"  # not what it says in the end
    release.set()


def test_an_answer_of_any_kind_is_an_answer(web):
    assert unreachable(web.url + "there") is None
    assert unreachable(web.url + "missing") is None


# Fetching


def test_fetched_whole_into_a_folder_that_is_made(web, tmp_path, capsys):
    web.files["large"] = bytes(range(256)) * 1000
    fetch(web.url + "large", tmp_path / "a" / "b" / "file")
    assert (tmp_path / "a" / "b" / "file").read_bytes() == web.files["large"]
    assert os.listdir(tmp_path / "a" / "b") == ["file"]
    assert "256000/256000" in capsys.readouterr().out


def test_what_is_not_the_file_never_takes_its_place(web, tmp_path):
    """It's checked before it is moved, so a reader's own file, or one that another process has fetched, stays."""
    path = tmp_path / "weights.h5"
    path.write_text("of a reader")
    checked = []

    def is_right(arrived):
        checked.append(arrived.read_bytes())
        return len(checked) > 1

    web.files["weights"] = b"0123"
    with pytest.raises(ValueError, match="not the published"):
        fetch(web.url + "weights", path, is_right=is_right)
    assert path.read_text() == "of a reader" and list(tmp_path.iterdir()) == [path]
    fetch(web.url + "weights", path, is_right=is_right)
    assert path.read_bytes() == b"0123" and checked == [b"0123"] * 2


def test_the_process_s_own_time_limit_stays(web, tmp_path, monkeypatch):
    """Other connections of the process, at the same time, in other threads, have their own."""
    before, used = socket.getdefaulttimeout(), []
    monkeypatch.setattr(socket, "setdefaulttimeout", used.append)
    web.cut, web.stall = 5, threading.Event()
    with pytest.raises(TimeoutError):
        fetch(web.url + "there", tmp_path / "file", patience=0.5)
    web.stall.set()
    assert used == [] and socket.getdefaulttimeout() == before


@pytest.mark.parametrize("before", [None, b"what was there before"])
@pytest.mark.parametrize(
    ("trouble", "message"),
    [("cut", "after 5 of 9 bytes"), ("silent", "timed out"), ("missing", "404"), ("unreachable", "refused")],
)
def test_half_a_download_is_never_in_its_place(web, tmp_path, trouble, message, before):
    if before is not None:
        (tmp_path / "file").write_bytes(before)
    url = web.url + ("missing" if trouble == "missing" else "there")
    if trouble in ("cut", "silent"):
        web.cut, web.stall = 5, threading.Event() if trouble == "silent" else None
    if trouble == "unreachable":
        with socket.create_server(("127.0.0.1", 0)) as free:
            url = f"http://127.0.0.1:{free.getsockname()[1]}/"
    start = time.monotonic()
    with pytest.raises((OSError, EOFError), match=message):
        fetch(url, tmp_path / "file", patience=0.5)
    if web.stall:
        web.stall.set()
    assert time.monotonic() - start < 5
    assert [file.read_bytes() for file in tmp_path.iterdir()] == [before] * (before is not None)
