"""Recordings made for a test: turns of a voice-like sound over a faint hiss."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile as sf

from speechlabel.segment.contract import voice

ROUND_S = 10


def write_talk(
    path: Path, seconds: int, *, sample_rate: int = 16_000, channels: int = 1, seed: int = 0
) -> Path:
    """Write ``seconds`` of talk, a turn every five seconds, each channel in turn; another seed differs."""
    rng = np.random.default_rng(seed)
    sound = 5e-4 * rng.standard_normal((ROUND_S * sample_rate, channels))
    for turn in range(2):
        spoken = voice(sample_rate, 2.0 + turn, seed=seed + turn)
        start = round((0.8 + 5 * turn) * sample_rate)
        sound[start : start + len(spoken), turn % channels] += spoken
    with sf.SoundFile(str(path), "w", sample_rate, channels) as file:
        for _ in range(seconds // ROUND_S):
            file.write(sound.astype(np.float32))
    return path


def write_long_mp3(path: Path, minutes: int) -> Path:
    """Write an MP3 of many minutes in a moment: the frames of twenty seconds, over and over."""
    write_talk(path, 20, sample_rate=48_000, channels=2)
    frames = path.read_bytes()
    frames = frames[frames.index(frames[:3], 4) :]  # without the first one, which states a length
    path.write_bytes(frames * (3 * minutes))
    return path
