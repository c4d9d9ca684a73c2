"""Claim: to draw a recording costs at most 1.1 times its bare decoding and bare minima and maxima.

Bare: block decode with soundfile, and numpy's min and max over the same blocks, a point for each 128 samples,
as fast as numpy can (``reduceat`` for one channel, a transposed copy for two).  Ours: ``scan`` writing
the whole peaks file.  Both run in turn, in one process, on the same files; the ratio is of CPU time.  The
peaks that were written are compared with the bare ones, point by point.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

import measure
import numpy as np
import soundfile

from speechlabel.audio.base import BLOCK_FRAMES
from speechlabel.audio.peaks import PeaksFile
from speechlabel.audio.scan import scan

LIMIT = 1.1
POINT = 128


class Straight(soundfile.SoundFile):
    """Reads straight on; soundfile otherwise seeks after each block, which spoils MP3 and costs time."""

    def seekable(self):
        return False


def bare(path):
    """Decode, and take minima and maxima; gives float arrays (points, channels)."""
    lows, highs = [], []
    with Straight(str(path)) as file:
        block = np.empty((BLOCK_FRAMES, file.channels), np.float32)
        while n_frames := file.buffer_read_into(block, dtype="float32"):
            part = block[:n_frames]
            if file.channels == 1:
                starts = np.arange(0, n_frames, POINT)
                lows.append(np.minimum.reduceat(part[:, 0], starts)[:, None])
                highs.append(np.maximum.reduceat(part[:, 0], starts)[:, None])
            else:
                if spare := -n_frames % POINT:
                    part = np.concatenate([part, np.repeat(part[-1:], spare, axis=0)])
                planes = np.ascontiguousarray(part.T).reshape(file.channels, -1, POINT)
                lows.append(planes.min(axis=2).T)
                highs.append(planes.max(axis=2).T)
    return np.concatenate(lows), np.concatenate(highs)


def ours(path, peaks):
    scan(path, peaks_path=peaks)
    return peaks


def check(peaks, bare_peaks):
    """The tiles of level 0 hold what the bare pass found."""
    file = PeaksFile(peaks)
    count = file.levels[0][1]
    tiles = [file.tile(0, index)[24:] for index in range(-(-count // 2048))]
    points = np.frombuffer(b"".join(tiles), "<i2").reshape(count, file.channels, 2)
    for side in (0, 1):
        wanted = np.clip(np.rint(bare_peaks[side] * 32768), -32768, 32767)
        assert np.array_equal(points[..., side], wanted)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="5 minutes of audio instead of an hour")
    quick = parser.parse_args().quick
    seconds, rounds = (300, 5) if quick else (3600, 5)
    results = {}
    with tempfile.TemporaryDirectory() as folder:
        for kind in ("WAV", "FLAC", "MP3"):
            for rate, channels in ((16_000, 1), (44_100, 2)):
                path, peaks = Path(folder, "sound"), Path(folder, "peaks")
                measure.write_long(path, rate, channels, seconds, format=kind)
                sides = {
                    "ours": lambda path=path, peaks=peaks: ours(path, peaks),
                    "bare": lambda path=path: bare(path),
                }
                taken, answers = measure.interleaved(sides, rounds)
                check(peaks, answers["bare"])
                results[f"{kind.lower()}_{rate}x{channels}"] = measure.ratio(taken, "ours", "bare")
    worst = max(row["ratio"] for row in results.values())
    report = {
        "benchmark": "peaks",
        "audio_s": seconds,
        "limit": LIMIT,
        "worst_ratio": worst,
        "holds": worst <= LIMIT,
        "results": results,
        "versions": measure.versions(),
    }
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
