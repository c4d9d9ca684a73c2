"""Claim: memory does not grow with the recording: three hours cost what ten minutes cost.

Each measurement is a child process of its own: it imports the product, notes its resident memory, then scans
the recording (peaks, playable copy) and segments every channel in the same pass, looking at the memory after
each block and at the end.  (``ru_maxrss`` will not do: a child inherits its parent's.)  The number of frames
and the spans are checked.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import measure
import psutil

LIMIT_MB = 200


def child(path, folder):
    """Scan and segment one file; print what it took."""
    from speechlabel.audio.decode import open_audio
    from speechlabel.audio.scan import scan
    from speechlabel.segment.webrtc import WebrtcSegmenter

    class Channels:
        def __init__(self, streams):
            self.streams = streams

        def feed(self, block):
            for channel, stream in enumerate(self.streams):
                stream.feed(block[:, channel])
            seen.append(resident_mb())

    with open_audio(path) as decoder:
        info = decoder.info
    streams = [WebrtcSegmenter().open(info.sample_rate) for _ in range(info.channels)]
    before = resident_mb()
    seen = [before]
    found = scan(
        path, proxy_path=folder / "copy.flac", peaks_path=folder / "peaks", consumers=[Channels(streams)]
    )
    spans = [stream.close() for stream in streams]
    seen.append(resident_mb())
    answer = {"n_frames": found.n_frames, "spans": [len(part) for part in spans], "before_mb": before}
    print(json.dumps(answer | {"extra_mb": round(max(seen) - before, 1)}))


def resident_mb():
    return round(psutil.Process().memory_info().rss / 1e6, 1)


def run(path, folder):
    command = [sys.executable, __file__, "--child", str(path), str(folder)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="1 and 10 minutes instead of 10 and 180")
    parser.add_argument("--child", nargs=2, type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        child(*args.child)
        return
    short, long = (60, 600) if args.quick else (600, 10_800)
    results = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for kind, rate, channels in (("WAV", 16_000, 1), ("FLAC", 44_100, 2), ("MP3", 16_000, 1)):
            row = {}
            for seconds in (short, long):
                path = folder / "sound"
                frames = measure.write_long(path, rate, channels, seconds, format=kind)
                answer = run(path, folder)
                assert answer["n_frames"] == frames, (answer, frames)
                assert all(count >= seconds // 20 for count in answer["spans"]), answer
                row[f"extra_mb_{seconds}s"] = answer["extra_mb"]
                row["before_mb"] = answer["before_mb"]
            row["growth_mb"] = round(row[f"extra_mb_{long}s"] - row[f"extra_mb_{short}s"], 1)
            results[f"{kind.lower()}_{rate}x{channels}"] = row
    worst = max(row[f"extra_mb_{long}s"] for row in results.values())
    report = {
        "benchmark": "memory",
        "limit_mb": LIMIT_MB,
        "worst_extra_mb": worst,
        "holds": worst <= LIMIT_MB,
        "results": results,
        "versions": measure.versions(),
    }
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
