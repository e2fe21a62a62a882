"""How much memory there is; and what is freed goes back to the system."""

import subprocess
import sys

import pytest

from utils.memory import available_memory

# A pool of blocks that are freed one by one, each below the C library's own limit of 32 MB: does it keep them?
_FREED = """
import ctypes, utils, psutil
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
def resident():
    return psutil.Process().memory_info().rss / 1e6
libc.free(ctypes.c_void_p(libc.malloc(30_000_000)))  # from here on the library would keep blocks as large as that
before = resident()
blocks = [libc.malloc(20_000_000) for _ in range(10)]
for block in blocks:
    ctypes.memset(block, 1, 20_000_000)
held = resident() - before
for block in blocks[:-1]:
    libc.free(ctypes.c_void_p(block))
print(held, resident() - before)
"""


def freed(**environment):
    """MB that were held, and that still are when 9 of 10 blocks are freed."""
    done = subprocess.run([sys.executable, "-c", _FREED], capture_output=True, text=True, check=True, env=environment)
    return [float(number) for number in done.stdout.split()]


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's own")
def test_large_blocks_go_back_at_once():
    held, kept = freed()
    assert held == pytest.approx(200, abs=10) and kept == pytest.approx(20, abs=10)


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's own")
def test_who_has_decided_about_it_is_not_overruled():
    held, kept = freed(MALLOC_MMAP_THRESHOLD_="100000000", MALLOC_TRIM_THRESHOLD_="1000000000")
    assert held == pytest.approx(200, abs=10) and kept == pytest.approx(200, abs=10)


def test_a_python_without_ctypes_is_none_the_worse():
    code = "import sys; sys.modules['ctypes'] = None; from utils import memory; memory.give_back_memory()"
    told = "; print(memory._LIBC)"
    done = subprocess.run([sys.executable, "-c", code + told], capture_output=True, text=True, check=True)
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
