"""How much memory there is; and what is freed goes back to the system."""

import subprocess
import sys

import pytest

from utils import Settings
from utils.memory import available_memory
from utils.training import pool

# What an update of the engine does: blocks of 1 to 2 MB, taken and freed. How often does the system hand out a page?
_PAGES = """
import ctypes, resource
from utils.memory import give_back_early
give_back_early()
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
def update():
    blocks = [libc.malloc(1_600_000) for _ in range(9)]
    for block in blocks:
        ctypes.memset(block, 1, 1_600_000)
    for block in blocks:
        libc.free(ctypes.c_void_p(block))
def pages():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
update()
before = pages()
for _ in range(100):
    update()
print((pages() - before) / 100)
"""
# Blocks that are freed one by one, below the last: given back when they are asked for?
_FREED = """
import ctypes, psutil
from utils.memory import give_back_early, give_back_freed_memory
give_back_early()
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
def resident():
    return psutil.Process().memory_info().rss / 1e6
before = resident()
blocks = [libc.malloc(20_000_000) for _ in range(10)]
for block in blocks:
    ctypes.memset(block, 1, 20_000_000)
held = resident() - before
for block in blocks[:-1]:
    libc.free(ctypes.c_void_p(block))
give_back_freed_memory()
print(held, resident() - before)
"""


def printed(code, **environment):
    """The numbers that a Python of its own prints."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    return [float(number) for number in done.stdout.split()]


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's own")
def test_what_an_update_takes_stays_in_the_process():
    """3,600 pages for each update if not, which is a third of all speed on a virtual machine."""
    (pages,) = printed(_PAGES)
    assert pages < 50


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's own")
def test_importing_utils_leaves_the_c_library_as_it_is():
    (pages,) = printed(_PAGES.replace("give_back_early()", "import utils"))
    assert pages > 3000


def test_the_first_engine_asks_for_it(monkeypatch):
    asked = []
    monkeypatch.setattr(pool, "give_back_early", lambda: asked.append("for an engine"))
    monkeypatch.setattr(pool, "_idle", [])
    with pool.borrow_engine_for(Settings("plane")):
        assert asked == ["for an engine"]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="glibc's own")
def test_who_has_decided_about_it_is_not_overruled():
    (pages,) = printed(_PAGES, MALLOC_MMAP_THRESHOLD_="100000", MALLOC_TRIM_THRESHOLD_="100000")
    assert pages > 3000


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's own")
def test_what_is_freed_goes_back_when_it_is_asked_for():
    held, kept = printed(_FREED)
    assert held == pytest.approx(200, abs=10) and kept == pytest.approx(20, abs=10)


def test_a_python_without_ctypes_is_none_the_worse():
    code = "import sys; sys.modules['ctypes'] = None; from utils import memory; memory.give_back_memory()"
    report = "; print(memory._LIBC)"
    done = subprocess.run([sys.executable, "-c", code + report], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "None"


@pytest.mark.parametrize(
    "names", [("memory.max", "memory.current", "memory.stat"), None], ids=["cgroup v2", "cgroup v1"]
)
def test_memory_in_a_container_is_what_its_limit_leaves(tmp_path, names):
    limit, used, statistics = names or (
        f"memory/memory.{name}" for name in ("limit_in_bytes", "usage_in_bytes", "stat")
    )
    (tmp_path / limit).parent.mkdir(exist_ok=True)
    (tmp_path / limit).write_text("900000000\n")
    (tmp_path / used).write_text("500000000\n")
    (tmp_path / statistics).write_text("anon 300000000\ninactive_file 200000000\nactive_file 0\n")
    assert available_memory(tmp_path) == 600_000_000
    (tmp_path / limit).write_text("max\n")
    assert available_memory(tmp_path) > 600_000_000
