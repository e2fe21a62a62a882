"""What the tests of the tasks share."""

import hashlib
import http.server
import importlib
import threading

import pytest

from utils.tasks import load_pair


@pytest.fixture(scope="session")
def fingerprints():
    """One digest for each example of an array."""
    return lambda images: [hashlib.sha256(image.tobytes()).hexdigest() for image in images]


@pytest.fixture
def fashion_module():
    """The module, since utils.tasks.fashion is also the name of its function."""
    return importlib.import_module("utils.tasks.fashion")


@pytest.fixture
def forget_loaded(fashion_module):
    """Nothing loaded is kept in memory, before the test and after it."""
    pairs = importlib.import_module("utils.tasks.pairs")

    def forget():
        pairs._load.cache_clear()
        fashion_module.fashion.cache_clear()

    forget()
    yield forget
    forget()


@pytest.fixture
def empty_home(monkeypatch, tmp_path, fashion_module, forget_loaded):
    """An empty Keras home, and no other place to find files in."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("KERAS_HOME", str(home))
    monkeypatch.setattr(fashion_module, "_folders", lambda: [home / "datasets" / "fashion-mnist"])
    return home


@pytest.fixture
def pair(request):
    """load_pair, with a skip where a pair needs Fashion-MNIST and that can't be had."""

    def load(name, **settings):
        if "fashion" in name:
            request.getfixturevalue("fashion_mnist")
        return load_pair(name, **settings)

    return load


@pytest.fixture
def web():
    """A web server on this machine: `web.files` is what it has by name, `web.cut` where it falls silent."""

    class Server(http.server.ThreadingHTTPServer):
        files = {"there": b"something"}
        cut = None
        asked = []
        daemon_threads = True

        @property
        def url(self):
            return f"http://127.0.0.1:{self.server_port}/"

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_HEAD(self):
            self.answer(with_body=False)

        def do_GET(self):
            self.server.asked.append(self.path.strip("/"))
            self.answer(with_body=True)

        def answer(self, with_body):
            data = self.server.files.get(self.path.strip("/"))
            if data is None:
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            if with_body:
                self.wfile.write(data[: self.server.cut])
                if self.server.cut is not None and self.server.stall:
                    self.server.stall.wait(10)

        def log_message(self, *args):
            pass

    server = Server(("127.0.0.1", 0), Handler)
    server.files, server.asked, server.stall = dict(Server.files), [], None
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
