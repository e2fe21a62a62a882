"""Downloads that say what they do, time out, and fail with one clear sentence."""

import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from utils.files import whole_file

# Seconds without an answer after which a network counts as absent.
PATIENCE = 15
_CHUNK = 64 * 1024  # bytes
_WRITABLE = "set the environment variable KERAS_HOME to a folder that you may write"
_REMEDIES = {  # by words of the reason: where one of the first is found, the network is there
    "certificate": "install the certificates of this machine or of its Python (the package certifi has them)",
    "no space left": "free some space on the disk",
    "quota": "free some space on the disk",
    "permission denied": _WRITABLE,
    "read-only file system": _WRITABLE,
    "": "connect this machine to the internet",
}


class DownloadError(RuntimeError):
    """Something could not be fetched. The message says what, why, and what works without it.

    Args:
        what: What could not be fetched.
        reason: Why, in a few words.
        instead: What works without it.
    """

    def __init__(self, what, reason, instead):
        cause = (cause for cause in _REMEDIES if cause in reason.lower())
        remedy = _REMEDIES[next(cause, "")]
        super().__init__(f"{what} could not be fetched ({reason}): {remedy} and run this again, or use {instead}.")


def announce(what, megabytes, source, folder) -> None:
    """Print what is downloaded, how much, from where, and where it's stored."""
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
            outcome[0] = None  # It answers; what is wrong with the download itself, the download will say.
        except urllib.error.URLError as error:
            outcome[0] = f"no connection: {error.reason}"
        except Exception as error:
            outcome[0] = f"no connection: {error}"

    # In a thread, since a socket's time limit doesn't cover looking up the name, which can take minutes.
    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(patience)
    return outcome[0]


def fetch(
    url: str, path: Path, patience: float | None = None, is_right: Callable[[Path], bool] = lambda path: True
) -> None:
    """Download a file, with progress. Afterwards the path holds the whole file, or what it held before.

    It is moved to its place once it has been checked, so that two processes can fetch it at the same time.

    Args:
        url: What to download.
        path: Where to store it; its folder is made.
        patience: Seconds without data after which it fails; `PATIENCE` unless given. It holds for this connection
            alone: the process's time limit for sockets stays as it is.
        is_right: Whether what has arrived, at a path of its own, is what was wanted.

    Raises:
        ValueError: Something else arrived.
        OSError: No connection, no answer in time, an error of the server, a file that can't be written. All errors of
            urllib are OSErrors.
        EOFError: The connection ended before the whole file had arrived.
    """
    from keras.utils import Progbar

    path.parent.mkdir(parents=True, exist_ok=True)
    with urllib.request.urlopen(url, timeout=PATIENCE if patience is None else patience) as response:
        announced = response.headers.get("Content-Length")
        progress, arrived = Progbar(int(announced) if announced else None), 0
        with whole_file(path) as file:
            while chunk := response.read(_CHUNK):
                file.write(chunk)
                arrived += len(chunk)
                progress.update(arrived)
            if announced and arrived != int(announced):
                raise EOFError(f"the connection ended after {arrived:,} of {int(announced):,} bytes")
            file.flush()
            if not is_right(Path(file.name)):
                raise ValueError(f"what {url} sent is not the published file")
