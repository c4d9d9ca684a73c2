"""Rooms, noises, the telephone band and the music of the sample recordings, all from seeded numpy.

Samples are float64, mono, nominal [-1, 1]; levels are RMS in dB of full scale; rates are in Hz.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

__all__ = [
    "band",
    "coloured_noise",
    "cough",
    "edges",
    "gain",
    "hum",
    "in_room",
    "knock",
    "level_of",
    "mu_law_round_trip",
    "music",
]

Samples = NDArray[np.float64]


def gain(decibels: float) -> float:
    """Amplitude factor of a change in dB."""
    return float(10 ** (decibels / 20))


def edges(samples: Samples, below_peak_db: float = 45.0) -> tuple[int, int]:
    """First sample, and one past the last sample, less than ``below_peak_db`` under the peak."""
    loud = np.flatnonzero(np.abs(samples) > np.abs(samples).max() * gain(-below_peak_db))
    return int(loud[0]), int(loud[-1]) + 1


def level_of(samples: Samples, rate: int) -> float:
    """RMS in dB over the 20 ms frames within 30 dB of the loudest, so that pauses do not count."""
    size = rate // 50
    frames = samples[: len(samples) // size * size].reshape(-1, size)
    power = (frames**2).mean(axis=1)
    return float(10 * np.log10(power[power > power.max() * 1e-3].mean()))


def band(samples: Samples, rate: int, low: float, high: float) -> Samples:
    """Keep ``low``–``high`` Hz, with raised-cosine edges a sixth of an octave wide; no phase shift."""
    octaves = np.log2(np.maximum(np.fft.rfftfreq(len(samples), 1 / rate), 1e-3))
    rise = np.clip((octaves - np.log2(low)) * 6 + 1, 0, 1)
    fall = np.clip((np.log2(high) - octaves) * 6 + 1, 0, 1)
    shape = np.sin(rise * np.pi / 2) ** 2 * np.sin(fall * np.pi / 2) ** 2
    return np.fft.irfft(np.fft.rfft(samples) * shape, len(samples))


def mu_law_round_trip(samples: Samples) -> Samples:
    """Companding to 8 bits and back with the formula behind G.711 (mu = 255)."""
    coded = np.sign(samples) * np.log1p(255 * np.abs(np.clip(samples, -1, 1))) / np.log(256)
    steps = np.rint(coded * 127) / 127
    return np.sign(steps) * (256 ** np.abs(steps) - 1) / 255


def in_room(samples: Samples, rate: int, decay_seconds: float, random: Generator) -> Samples:
    """Convolve with a made-up room whose sound falls by 60 dB in ``decay_seconds``; direct sound at 0."""
    n = int(decay_seconds * rate)
    time = np.arange(n) / rate
    response = random.standard_normal(n) * 10 ** (-3 * time / decay_seconds)
    response *= np.clip(time / 0.012, 0, 1)  # the dense tail builds up over the first 12 ms
    response *= gain(-14) / np.sqrt((response**2).sum())
    for delay in random.uniform(0.003, 0.022, 5):
        response[int(delay * rate)] += random.choice([-1, 1]) * random.uniform(0.06, 0.16)
    response[0] = 1.0
    size = 1 << (len(samples) + n).bit_length()
    wet = np.fft.irfft(np.fft.rfft(samples, size) * np.fft.rfft(response, size), size)
    return wet[: len(samples)]


def coloured_noise(n: int, rate: int, slope_db: float, level_db: float, random: Generator) -> Samples:
    """Noise whose spectrum changes by ``slope_db`` an octave above 60 Hz (pink −3, traffic about −5)."""
    spectrum = np.fft.rfft(random.standard_normal(n))
    frequency = np.maximum(np.fft.rfftfreq(n, 1 / rate), 60.0)
    noise = np.fft.irfft(spectrum * frequency ** (slope_db / 6.0206), n)
    return noise * gain(level_db) / np.sqrt((noise**2).mean())


def hum(n: int, rate: int, level_db: float) -> Samples:
    """Mains hum: 100 Hz and its harmonics."""
    time = np.arange(n) / rate
    tone = sum((np.sin(2 * np.pi * 100 * k * time + k) / k**1.5 for k in range(1, 8)), np.zeros(n))
    return tone * gain(level_db) / np.sqrt((tone**2).mean())


def knock(rate: int, random: Generator) -> Samples:
    """Three knocks on a wooden door, 0.9 s, peak 1."""
    out = np.zeros(int(0.9 * rate))
    for at, loud in ((0.0, 0.85), (0.22, 1.0), (0.43, 0.9)):
        time = np.arange(int(0.2 * rate)) / rate
        modes = ((140, 38), (265, 45), (410, 60), (890, 110))
        hit = sum((np.sin(2 * np.pi * f * time) * np.exp(-d * time) for f, d in modes), np.zeros(len(time)))
        hit += random.standard_normal(len(time)) * np.exp(-400 * time)
        first = int(at * rate)
        out[first : first + len(hit)] += loud * hit
    return out / np.abs(out).max()


def cough(rate: int, random: Generator) -> Samples:
    """Two cough-like bursts of noise through vocal-tract-like bands, 0.75 s, peak 1."""
    n = int(0.75 * rate)
    time = np.arange(n) / rate
    source = random.standard_normal(n)
    bands = ((350, 900, 1.0), (1100, 1900, 0.8), (2300, 3600, 0.5))
    voiced = sum((loud * band(source, rate, low, high) for low, high, loud in bands), np.zeros(n))
    envelope = np.zeros(n)
    for at, loud in ((0.02, 1.0), (0.38, 0.7)):
        since = np.maximum(time - at, 0)
        envelope += loud * np.clip(since / 0.008, 0, 1) * np.exp(-13 * since)
    out = voiced * envelope
    return out / np.abs(out).max()


def music(n: int, rate: int, level_db: float, random: Generator) -> Samples:
    """Play a slow piano-like bed: Am7 – Fmaj7 – C – G, two seconds each, broken chords over a soft pad."""
    chords = ((45, 57, 60, 64, 67), (41, 57, 60, 64, 65), (48, 55, 60, 64, 67), (43, 55, 59, 62, 67))
    out = np.zeros(n + 4 * rate)
    for index in range(-(-n // (2 * rate))):
        bass, *notes = chords[index % 4]
        begin = index * 2 * rate
        _add_note(out, rate, begin, bass, 0.9, 1.1)
        for note in notes:
            _add_note(out, rate, begin, note, 0.18, 0.5)
        for step, note in enumerate((*notes, *notes[::-1])):
            late = int(abs(random.normal(0, 0.006)) * rate)
            _add_note(out, rate, begin + step * rate // 4 + late, note + 12, random.uniform(0.35, 0.6), 3.0)
    out = out[:n]
    fade = int(0.4 * rate)
    out[-fade:] *= np.linspace(1, 0, fade)
    return out * gain(level_db) / np.sqrt((out**2).mean())


def _add_note(out: Samples, rate: int, begin: int, note: int, loud: float, decay: float) -> None:
    """Add a note (MIDI number) that decays by ``decay`` nepers a second, higher partials faster."""
    time = np.arange(int(2.4 * rate)) / rate
    pitch = 440 * 2 ** ((note - 69) / 12)
    tone = np.zeros(len(time))
    for k in range(1, 7):
        stiff = k * pitch * np.sqrt(1 + 4e-4 * k * k)
        tone += np.sin(2 * np.pi * stiff * time) * np.exp(-decay * (0.6 + 0.4 * k) * time) / k**1.6
    tone *= np.clip(time / 0.006, 0, 1) * np.clip((2.4 - time) / 0.2, 0, 1)
    out[begin : begin + len(tone)] += loud * tone[: len(out) - begin]
