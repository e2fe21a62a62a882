"""The code keeps to the rules in pyproject.toml."""

import subprocess
import sys


def test_ruff_has_no_complaint(project):
    done = subprocess.run([sys.executable, "-m", "ruff", "check", "."], cwd=project, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
