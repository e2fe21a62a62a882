"""A web server on this machine, for tests of what is fetched."""

import http.server
import threading
from contextlib import contextmanager


@contextmanager
def web_server():
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
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
