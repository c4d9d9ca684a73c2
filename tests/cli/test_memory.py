"""Preparing takes the memory of a minute of sound, however long the recording is."""

from __future__ import annotations

import subprocess
import time

import numpy as np
import psutil
import pytest
import soundfile as sf

from cli.running import COMMAND, answer, environment, run, voice

HOURS = 3
RATE = 16_000
ALLOWED = 200_000_000  # bytes over a worker that has its libraries loaded


def peak_of_workers(process):
    """Largest resident size of the command's worker processes, and the size each had at its first sight."""
    peak = 0
    while process.poll() is None:
        try:
            for child in psutil.Process(process.pid).children(recursive=True):
                peak = max(peak, child.memory_info().rss)
        except psutil.NoSuchProcess:
            continue
        time.sleep(0.02)
    return peak


def prepared_peak(data):
    process = subprocess.Popen(
        [*COMMAND, "prepare", "p", "--again"], env=environment(data), stdout=subprocess.DEVNULL
    )
    peak = peak_of_workers(process)
    assert process.returncode == 0
    return peak


@pytest.mark.slow
def test_three_hours_take_hardly_more_than_ten_seconds_do(tmp_path):
    small, large = tmp_path / "small", tmp_path / "large"
    minute = voice(60, RATE)
    sf.write(tmp_path / "short.wav", minute[: 10 * RATE], RATE, subtype="PCM_16")
    with sf.SoundFile(tmp_path / "long.wav", "w", RATE, 1, "PCM_16") as file:
        for number in range(HOURS * 60):
            file.write(minute if number % 10 == 0 else np.zeros(60 * RATE, "float32"))
    for data, name in ((small, "short.wav"), (large, "long.wav")):
        run("project", "create", "p", workspace=data)
        run("ingest", "p", tmp_path / name, workspace=data)
    idle = prepared_peak(small)
    assert idle > 20_000_000  # the workers were seen
    assert prepared_peak(large) < idle + ALLOWED
    row = answer("status", "p", workspace=large)["recordings"][0]
    assert row["duration_us"] == HOURS * 3_600_000_000
    assert row["segments"] > 100
