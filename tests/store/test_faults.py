"""A full disk, a failing disk and a killed process: what was acknowledged is there, and saving heals."""

import json
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from speechlabel.store.workspace import open_workspace

pytestmark = pytest.mark.slow
SAVER = str(Path(__file__).with_name("saver.py"))
FAULTS = [
    ("pwrite64:error=ENOSPC:when=20+71", "full"),
    ("pwrite64:error=EIO:when=20+73", "unwritable"),
    ("fsync,fdatasync:error=EIO:when=6+5", "unwritable"),
]


def check_saves(folder, at_least):
    """Every save up to some number is there once, in order, and nothing else."""
    with open_workspace(folder) as workspace:
        store = workspace.store
        [transcript] = store.transcripts("p", "r")
        done = transcript.revision
        assert done >= at_least
        found = {item.id: item for item in store.segments(transcript.id)}
        assert set(found) == {"a", *(f"new-{number}" for number in range(1, done + 1))}
        assert found["a"].text == str(done)
        entries = store.history(transcript.id)[::-1]
        wanted = [(f"op-{number}", number) for number in range(1, done + 1) for _ in range(2)]
        assert [(entry.op_id, entry.revision) for entry in entries] == wanted


def on_small_disk(folder, script):
    """Output of a shell script that has ``folder`` as a disk of 3 MB of its own."""
    mount = f"mount -t tmpfs -o size=3m tmpfs {folder}"
    trial = ["unshare", "-rm", "sh", "-c", mount]
    if not shutil.which("unshare") or subprocess.run(trial, capture_output=True).returncode:
        pytest.skip("no user namespace with mounts here (unshare -rm): no small disk to fill")
    run = ["unshare", "-rm", "sh", "-ec", f"{mount}\n{script}"]
    done = subprocess.run(run, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_full_disk_refuses_and_heals(tmp_path):
    out = on_small_disk(tmp_path, f"{sys.executable} {SAVER} fill {tmp_path}/w")
    assert json.loads(out) == {"full": 3, "blob full": 3}


def test_a_disk_that_cannot_be_written_is_read(tmp_path):
    script = f"""
        {sys.executable} {SAVER} retry {tmp_path}/w 5
        mount -o remount,ro {tmp_path}
        {sys.executable} {SAVER} look {tmp_path}/w
    """
    assert on_small_disk(tmp_path, script).splitlines()[-1] == "unwritable 5 6"


@pytest.mark.parametrize(("fault", "reason"), FAULTS)
def test_a_failing_disk_loses_nothing_acknowledged(tmp_path, fault, reason):
    if not shutil.which("strace"):
        pytest.skip("strace is not installed: no faults to inject")
    strace = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={fault.partition(':')[0]}"]
    command = [*strace, "-e", f"inject={fault}", sys.executable, SAVER, "retry", str(tmp_path / "w"), "30"]
    done = subprocess.run(command, capture_output=True, text=True)
    if "ptrace" in done.stderr:
        pytest.skip(f"strace may not trace here: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr
    refused = json.loads(done.stdout)
    assert refused.get(reason, 0) >= 2, refused
    assert set(refused) <= {"full", "unwritable"}
    check_saves(tmp_path / "w", 30)


def test_a_killed_process_loses_nothing_acknowledged(tmp_path):
    seed = random.randrange(1 << 32)
    chance = random.Random(seed)
    for run in range(4):
        folder = tmp_path / str(run)
        arguments = [sys.executable, SAVER, "steps", str(folder), "100000"]
        with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
            last = 0
            for _ in range(chance.randrange(2, 60)):
                last = int(process.stdout.readline().split()[1])
            process.kill()
            # What it had written before it died counts as acknowledged too.
            last = max([last, *(int(line.split()[1]) for line in process.stdout if line.endswith("\n"))])
        try:
            check_saves(folder, last)
        except AssertionError as error:
            raise AssertionError(f"with seed {seed}") from error
