"""Killed at any moment, or stopped by a full disk: nothing is half done, and the next run completes."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from cli.running import COMMAND, answer, environment, run, voice, write
from speechlabel.audio.peaks import PeaksFile
from speechlabel.store.workspace import open_workspace
from speechlabel.workflow.ingest import check_unchanged
from speechlabel.workflow.prepare import peaks_path, playable_path

TIMES = 20


def kill_at(moment, *words, workspace):
    """Kill a command and its workers at a moment; return None, or how long it took where it was faster.

    The moment is a number of seconds, or something to ask whether it has come.
    """
    process = subprocess.Popen(
        [*COMMAND, *map(str, words)],
        env=environment(workspace),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    start = time.monotonic()
    has_come = moment if callable(moment) else lambda: time.monotonic() - start > moment
    while process.poll() is None:
        if has_come():
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return None
        time.sleep(0.005)
    return time.monotonic() - start


class Moments:
    """Times to kill at, spread over a run that takes so long, in the order of the dice.

    A busy machine is now slow, now fast: a run that ended before it was killed tells how long one takes.
    """

    def __init__(self, seconds, seed):
        self.seconds = seconds
        self.dice = random.Random(seed)
        self.killed = 0

    def __iter__(self):
        for _ in range(TIMES):
            yield self.dice.uniform(0.02, self.seconds)

    def heed(self, took):
        if took is None:
            self.killed += 1
        else:
            self.seconds = min(self.seconds, took)

    def were_enough(self):
        return self.killed > TIMES / 4


def seconds_of(*words, workspace):
    start = time.monotonic()
    run(*words, workspace=workspace)
    return time.monotonic() - start


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Recordings of several kinds, and a workspace that has them all prepared."""
    home = tmp_path_factory.mktemp("killed")
    audio = home / "audio"
    audio.mkdir()
    for number in range(12):
        write(audio / f"r{number:02}.wav", voice(3, seed=number))
    write(audio / "call.wav", np.stack([voice(60, 8_000, 1), voice(60, 8_000, 2)[::-1]], 1), 8_000)
    write(audio / "pod.mp3", voice(60, 22_050, 3), 22_050)
    run("project", "create", "p", workspace=home / "ready")
    run("ingest", "p", audio, workspace=home / "ready")
    run("prepare", "p", workspace=home / "ready")
    return home


def is_whole(data):
    """Check that whatever a workspace says it has, it has."""
    with open_workspace(data, read_only=True) as workspace:
        recordings = workspace.store.recordings("p")
        assert len({item.content_hash for item in recordings}) == len(recordings)
        for recording in recordings:
            check_unchanged(recording)
            if recording.state == "ready":
                assert workspace.store.transcripts("p", recording.id)
                peaks = PeaksFile(peaks_path(workspace, recording))
                assert peaks.channels == recording.channels
                assert playable_path(workspace, recording).is_file()
        return len(recordings), sum(item.state == "ready" for item in recordings)


@pytest.mark.slow
def test_ingest(made, tmp_path):
    data = tmp_path / "data"
    run("project", "create", "p", workspace=data)
    shutil.copytree(data, tmp_path / "fresh")
    length = seconds_of("ingest", "p", made / "audio", workspace=data)
    moments = Moments(length, 1)
    for delay in moments:
        shutil.rmtree(data)
        shutil.copytree(tmp_path / "fresh", data)
        moments.heed(kill_at(delay, "ingest", "p", made / "audio", workspace=data))
        came_in, _ = is_whole(data)
        again = answer("ingest", "p", made / "audio", workspace=data)
        assert len(again["known"]) >= came_in
        assert is_whole(data) == (14, 0)
    assert moments.were_enough()


@pytest.mark.slow
def test_prepare(made, tmp_path):
    data = tmp_path / "data"
    run("project", "create", "p", workspace=data)
    run("ingest", "p", made / "audio", workspace=data)
    shutil.copytree(data, tmp_path / "fresh")
    length = seconds_of("prepare", "p", workspace=data)
    moments = Moments(length, 2)
    partly = 0
    for number, delay in enumerate(moments):
        shutil.rmtree(data)
        shutil.copytree(tmp_path / "fresh", data)
        # Every other time at some point of the work itself, of which starting up takes the most.
        moment = partial(has_peaks, data, number) if number % 2 else delay
        moments.heed(kill_at(moment, "prepare", "p", workspace=data))
        _, ready = is_whole(data)
        partly += 0 < ready < 14
        again = answer("prepare", "p", workspace=data)
        assert (len(again["ready"]), len(again["unchanged"]), again["failed"]) == (14 - ready, ready, [])
        assert is_whole(data) == (14, 14)
    assert moments.were_enough()
    assert partly


def has_peaks(data, count):
    return len(list(data.glob("derived/*/*/peaks*"))) > count * 14 / TIMES


@pytest.mark.slow
def test_export(made, tmp_path):
    words = ("export", "p", "--format", "native", "--include", "all", "--out")
    length = seconds_of(*words, tmp_path / "whole" / "out", workspace=made / "ready")
    whole = contents(tmp_path / "whole" / "out")
    moments = Moments(length, 3)
    for number, delay in enumerate(moments):
        out = tmp_path / str(number) / "out"
        moments.heed(kill_at(delay, *words, out, workspace=made / "ready"))
        if out.exists():
            assert contents(out) == whole
            run(*words, out, "--overwrite", workspace=made / "ready")
        else:
            run(*words, out, workspace=made / "ready")
        assert contents(out) == whole
    assert moments.were_enough()


def contents(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def test_interrupted_from_the_keyboard(made, tmp_path):
    data = tmp_path / "data"
    sound = voice(60)
    for number in range(8):
        write(tmp_path / f"{number}.wav", np.tile(np.roll(sound, number), 20))
    run("project", "create", "p", workspace=data)
    run("ingest", "p", tmp_path, workspace=data)
    process = subprocess.Popen(
        [*COMMAND, "prepare", "p"],
        env=environment(data),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # Whoever starts the tests in the background may have it ignored, which children would inherit.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    while not list(data.glob("derived/*/*/*")):  # until it is at work
        assert process.poll() is None
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)  # what Ctrl+C does: the workers get it as well
    _, told = process.communicate(timeout=30)
    assert process.returncode == 130
    assert told == "speechlabel: interrupted; what was done so far stays\n"
    is_whole(data)


def on_a_small_disk(folder: Path, size: str, script: str) -> subprocess.CompletedProcess[str]:
    """Run a shell script that sees a disk of that size at ``folder``."""
    mount = f"mount -t tmpfs -o size={size} tmpfs {folder}"
    if subprocess.run(["unshare", "-rm", "sh", "-c", mount], capture_output=True).returncode:
        pytest.skip("no user namespace with mounts here (unshare -rm): no small disk to fill")
    return subprocess.run(
        ["unshare", "-rm", "sh", "-c", f"{mount}\n{script}"],
        env=environment() | {"RUN": " ".join(COMMAND)},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_a_full_disk_in_prepare_is_told_and_blames_no_recording(tmp_path):
    disk, audio = tmp_path / "disk", tmp_path / "audio"
    disk.mkdir()
    audio.mkdir()
    write(audio / "a.mp3", np.tile(voice(60, 44_100), 8), 44_100)
    write(audio / "b.mp3", np.tile(voice(60, 44_100, 1), 8), 44_100)
    script = f"""
        $RUN project create p -w {disk}/d && $RUN ingest p {audio} -w {disk}/d || exit 9
        dd if=/dev/zero of={disk}/filler bs=1M count=2 2>/dev/null
        $RUN prepare p -w {disk}/d
        echo code $?
        find {disk} -name '*.part*'
        rm {disk}/filler
        $RUN status p -w {disk}/d
        mount -o remount,size=500m {disk}
        $RUN prepare p -w {disk}/d
    """
    done = on_a_small_disk(disk, "6m", script)
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert "full" in done.stderr
    assert "code 4" in done.stdout
    assert "failed" not in done.stdout
    assert done.stdout.splitlines()[-1] == "2 prepared, 0 were ready already"


def test_a_full_disk_in_export_is_told_and_leaves_nothing(tmp_path):
    disk, data = tmp_path / "disk", tmp_path / "data"
    disk.mkdir()
    rng = np.random.default_rng(0)  # noise does not compress
    write(
        tmp_path / "talk.wav",
        np.stack([voice(60), voice(60, seed=1)[::-1]], 1) + rng.normal(0, 0.05, (960_000, 2)),
    )
    run("project", "create", "p", workspace=data)
    run("ingest", "p", tmp_path / "talk.wav", workspace=data)
    run("prepare", "p", "--segmenter", "energy", workspace=data)
    script = f"""
        $RUN export p -w {data} --format native --include all --out {disk}/out
        echo code $?
        ls -A {disk}
        mount -o remount,size=100m {disk}
        $RUN export p -w {data} --format native --include all --out {disk}/out
    """
    done = on_a_small_disk(disk, "1m", script)
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert "full" in done.stderr or "No space left" in done.stderr
    first, *rest = done.stdout.splitlines()
    assert first == "code 4"
    assert rest[0].endswith(f"in {disk}/out")


def test_a_full_disk_in_ingest_is_told_and_blames_no_file(tmp_path):
    disk, audio = tmp_path / "disk", tmp_path / "audio"
    disk.mkdir()
    audio.mkdir()
    for number in range(300):
        write(audio / f"{number:03}.wav", np.full(100, number / 1000), 8_000)
    script = f"""
        $RUN project create p -w {disk}/d || exit 9
        $RUN ingest p {audio} -w {disk}/d
        echo code $?
        mount -o remount,size=100m {disk}
        $RUN ingest p {audio} -w {disk}/d
    """
    done = on_a_small_disk(disk, "2m", script)
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert "full" in done.stderr
    _, first, second = done.stdout.splitlines()
    assert first == "code 4"
    added = int(second.split()[0])
    assert 0 < added < 300
    assert second == f"{added} taken in, {300 - added} known already"
