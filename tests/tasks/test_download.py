"""Downloads that give up in time and say why."""

import re
import socket
import threading

import pytest

from utils.tasks.download import DownloadError, announce, time_limit, unreachable


@pytest.fixture
def silent_server():
    """A server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"


def test_the_error_is_one_sentence_with_everything_in_it():
    said = str(DownloadError("A thing (3 MB)", "no connection", "something else"))
    assert re.fullmatch(r"A thing \(3 MB\) .*\(no connection\).*internet.*\bsomething else\.", said)


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


def test_the_time_limit_ends_with_the_block():
    before = socket.getdefaulttimeout()
    with pytest.raises(RuntimeError, match="of the test"), time_limit(7):
        assert socket.getdefaulttimeout() == 7
        raise RuntimeError("of the test")
    assert socket.getdefaulttimeout() == before
