"""Downloads that say what they do, give up in time, and fail in one clear sentence."""

import contextlib
import socket
import threading
import urllib.error
import urllib.request

# Seconds without an answer after which a network counts as absent.
PATIENCE = 15


class DownloadError(RuntimeError):
    """Something could not be fetched. The message says what, why, and what works without it."""

    def __init__(self, what, reason, instead):
        super().__init__(
            f"{what} could not be fetched ({reason}): connect this machine to the internet and run this "
            f"again, or use {instead}."
        )


def announce(what, megabytes, source, folder) -> None:
    """Print what is going to be downloaded, how much, from where, and where it's kept."""
    print(f"Downloading {what}, {megabytes} MB, once, from {source} to {folder}", flush=True)


def unreachable(url, patience=PATIENCE) -> str | None:
    """Why the URL can't be reached, in a few words; None if it answers. Takes `patience` seconds at most."""
    outcome = ["no answer"]

    def ask():
        try:
            request = urllib.request.Request(url, method="HEAD")
            with urllib.request.urlopen(request, timeout=patience):
                outcome[0] = None
        except urllib.error.HTTPError:
            outcome[0] = None  # It's there; what it thinks of the download itself is for the download to say.
        except urllib.error.URLError as error:
            outcome[0] = f"no connection: {error.reason}"
        except Exception as error:
            outcome[0] = f"no connection: {error}"

    # In a thread, since a socket's time limit doesn't cover looking up the name, which can take minutes.
    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(patience)
    return outcome[0]


@contextlib.contextmanager
def time_limit(seconds=PATIENCE):
    """Within it, connections that fall silent for so long fail; Keras's downloader would wait forever."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
