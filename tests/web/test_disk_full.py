"""A full disk refuses with 507 in plain words, acknowledges nothing, and heals without a restart."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("fill_disk.py")


@pytest.mark.slow
def test_a_full_disk_is_said_and_heals(tmp_path):
    small = tmp_path / "small"
    small.mkdir()
    mount = f"mount -t tmpfs -o size=16m tmpfs {small}"
    trial = ["unshare", "-rm", "sh", "-c", mount]
    if not shutil.which("unshare") or subprocess.run(trial, capture_output=True).returncode:
        pytest.skip("no user namespace with mounts here (unshare -rm): no small disk to fill")
    audio = tmp_path / "audio"
    audio.mkdir()
    run = f"{mount} && exec {sys.executable} {SCRIPT} {small}/w {audio}"
    done = subprocess.run(["unshare", "-rm", "sh", "-c", run], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"save": 3, "begin": 1, "piece": 1, "prepare": 1, "export": 2}
