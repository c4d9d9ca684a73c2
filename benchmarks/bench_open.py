"""Claim: a recording of three hours opens as fast as one of ten minutes.

    python benchmarks/bench_open.py [--quick]

A real server and a real Chromium.  In the loaded page a prepared recording is chosen in the list of the
header; the clock runs in the page from that click to

``wave_ms``   the waveform is on the canvas: peaks have come and fill most columns of the first lane,
``sound_ms``  the exact samples of the first segment were given to the audio context and started.

Every opening is in a browser context of its own, so nothing comes from a cache; the openings of all
recordings take turns.  Two channels, 16 kHz; each recording once with few and once with many segments.
Checked: the number of segments, the length, and every sample that was started against the file.  Beside it
the bytes that were transferred from the click until a second after the sound, and the heap with the buffers
it holds after a forced collection of garbage.  ``first_ms`` is the very first opening, in which the person's
pass is made.  Prints one JSON object.
"""

import argparse
import json
import statistics
import tempfile
from pathlib import Path

import measure
from browser import CLOCK, Job, Tab, chromium, make_workspace, served
from playwright.sync_api import sync_playwright


def open_once(browser, address, job):
    """Open one recording in a fresh context; return what it took."""
    with Tab(browser, CLOCK) as tab:
        tab.begin(address)
        found = tab.choose(job)
        tab.page.wait_for_timeout(1000)
        n_bytes = sum(tab.received)
        tab.check_opened(job)
        return {
            "wave_ms": found["wave"] - found["click"],
            "sound_ms": found["sound"] - found["click"],
            "bytes": n_bytes,
            "heap_mb": tab.heap_mb(),
        }


def bench(folder, *, quick):
    minutes = (10, 30) if quick else (10, 180)
    counts, rounds = (300, 5000), 2 if quick else 7
    jobs = [Job(length, n) for n in counts for length in minutes]
    home = make_workspace(folder, jobs)
    taken = {job.key: [] for job in jobs}
    with (
        served(folder / "workspace") as address,
        sync_playwright() as playwright,
        chromium(playwright) as browser,
    ):
        for _ in range(rounds + 1):
            for job in jobs:
                taken[job.key].append(open_once(browser, address + home, job))
        version = browser.version
    out = {"rounds": rounds, "chromium": version} | measure.versions()
    for (length, n), found in taken.items():
        names = ("wave_ms", "sound_ms", "bytes", "heap_mb")
        medians = {name: round(statistics.median(one[name] for one in found[1:]), 1) for name in names}
        spread = [round(one["wave_ms"]) for one in found[1:]]
        first = {"first_ms": round(found[0]["wave_ms"]), "wave_ms_range": [min(spread), max(spread)]}
        out[f"{length} min, {n} segments"] = medians | first
    short, long = minutes
    for n in counts:
        for name in ("wave_ms", "sound_ms", "bytes", "heap_mb"):
            pairs = zip(taken[long, n][1:], taken[short, n][1:], strict=True)
            ratio = statistics.median(one[name] / other[name] for one, other in pairs)
            out[f"ratio {name}, {n} segments"] = round(ratio, 3)
    return out


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="30 minutes instead of 3 hours, two rounds")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(bench(Path(folder), quick=arguments.quick), indent=1, ensure_ascii=False))
