"""What the audio benchmarks share: interleaved timing, made-up recordings, versions."""

from __future__ import annotations

import gc
import platform
import statistics
import time
from importlib.metadata import version

import numpy as np
import soundfile

from speechlabel.segment.contract import voice

PACKAGES = ("speechlabel", "numpy", "soundfile", "soxr", "webrtcvad-wheels", "av")


def versions():
    import importlib

    found = {"python": platform.python_version(), "machine": platform.machine()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = importlib.import_module(name).__version__
    return found | {"libsndfile": soundfile.__libsndfile_version__}


def interleaved(sides, rounds):
    """Run each side once a round, in turn; give {name: seconds of each round} and the last answers.

    CPU time of the process is taken, so that a neighbour on the machine changes little.
    """
    seconds = {name: [] for name in sides}
    answers = {}
    for number in range(rounds + 1):
        for name, side in sides.items():
            gc.collect()
            start = time.process_time()
            answers[name] = side()
            taken = time.process_time() - start
            if number:  # the first round warms caches
                seconds[name].append(taken)
    return seconds, answers


def ratio(seconds, ours, bare):
    """Compare the least disturbed round of each side; the median of the rounds' ratios stands beside it."""
    pairs = [a / b for a, b in zip(seconds[ours], seconds[bare], strict=True)]
    return {
        "ratio": round(min(seconds[ours]) / min(seconds[bare]), 3),
        "median_ratio": round(statistics.median(pairs), 3),
        f"{ours}_s": round(min(seconds[ours]), 4),
        f"{bare}_s": round(min(seconds[bare]), 4),
    }


def conversation(sample_rate, channels):
    """Make 20 s of turns over a hiss: float32 (frames, channels), and (start, end, channel) of each in s."""
    rng = np.random.default_rng(5)
    sound = 5e-4 * rng.standard_normal((20 * sample_rate, channels))
    turns = []
    at = 0.6
    while at < 17:
        length = 0.8 + 1.6 * rng.random()
        part = voice(sample_rate, length, seed=len(turns))
        first = round(at * sample_rate)
        sound[first : first + len(part), len(turns) % channels] += part
        turns.append((at, at + length, len(turns) % channels))
        at += length + 0.5 + 0.7 * rng.random()
    return sound.astype(np.float32), turns


def write_long(path, sample_rate, channels, seconds, **kwargs):
    """Write the conversation over and over; give the number of frames."""
    sound, _ = conversation(sample_rate, channels)
    rounds = round(seconds / 20)
    with soundfile.SoundFile(str(path), "w", sample_rate, channels, **kwargs) as file:
        for _ in range(rounds):
            file.write(sound)
    return rounds * len(sound)
