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
import contextlib
import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import measure
import numpy as np
import soundfile as sf
from playwright.sync_api import sync_playwright

from speechlabel.records import Segment, Speaker, Transcript
from speechlabel.store.workspace import open_workspace
from speechlabel.workflow.ingest import ingest
from speechlabel.workflow.prepare import prepare
from speechlabel.workflow.projects import create_project

ROOT = Path(__file__).parents[1]
RATE = 16_000
TEXT = "今天天气很好，我们去公园吧"

# Notes when the waveform of the newly opened recording is drawn, and when its sound starts.
CLOCK = """
window.clock = { click: null, wave: null, sound: null, samples: null };
addEventListener("click", (event) => {
  if (!event.target.closest?.(".slp-option")) return;
  for (const key of Object.keys(localStorage)) if (key.includes(".place.")) localStorage.removeItem(key);
  Object.assign(clock, { click: performance.now(), wave: null, sound: null, samples: null });
  const old = document.querySelector(".sl-wave-canvas");
  requestAnimationFrame(function look() {
    const canvas = document.querySelector(".sl-wave-canvas");
    if (canvas && canvas !== old && isDrawn(canvas)) clock.wave = performance.now();
    else requestAnimationFrame(look);
  });
}, true);
const start = AudioBufferSourceNode.prototype.start;
AudioBufferSourceNode.prototype.start = function (...when) {
  start.apply(this, when);
  if (clock.click === null || clock.sound !== null || this.context.state !== "running") return;
  clock.sound = performance.now();
  clock.samples = [...this.buffer.getChannelData(0)].map((value) => Math.round(value * 32768));
};
function isDrawn(canvas) {
  if (canvas.width < 300 || canvas.height < 60) return false;
  const ratio = canvas.width / canvas.clientWidth;
  const lane = (canvas.height / ratio - 20) / 2;
  const context = canvas.getContext("2d");
  const line = (y) => context.getImageData(0, Math.round(y * ratio), canvas.width, 1).data.buffer;
  const row = (y) => new Uint32Array(line(y));
  const [ground, ...middle] = [20 + lane - 5, ...[-1, 0, 1].map((by) => 20 + lane / 2 + 8.5 + by)].map(row);
  let columns = 0;
  for (let x = 0; x < canvas.width; x++) columns += middle.some((other) => other[x] !== ground[x]);
  return columns > canvas.width / 2;
}
"""


def make_workspace(folder, minutes, counts):
    """Prepare a recording of each length in a project for each number of segments."""
    plan = []
    with open_workspace(folder / "workspace") as workspace:
        for n_segments in counts:
            project = create_project(workspace, f"{n_segments} segments", language="zh")
            for length in minutes:
                path = folder / f"{length} min.flac"
                if not path.exists():
                    measure.write_long(path, RATE, 2, length * 60)
                [recording] = ingest(workspace, project.id, [path]).added
                plan.append((length, n_segments, project.id, recording, path))
            report = prepare(workspace, project.id)
            assert not report.failed, report.failed
        for length, n_segments, project_id, recording, _ in plan:
            add_segments(workspace.store, project_id, recording.id, length * 60_000_000, n_segments)
        project = create_project(workspace, "home", language="zh")
        path = folder / "home.flac"
        measure.write_long(path, RATE, 2, 20)
        [home] = ingest(workspace, project.id, [path]).added
        prepare(workspace, project.id)
    return plan, f"/?project={project.id}&recording={home.id}"


def add_segments(store, project_id, recording_id, duration_us, n_segments):
    step = 2 * duration_us // n_segments
    segments = [
        Segment(
            channel=number % 2,
            start_us=number // 2 * step,
            end_us=number // 2 * step + min(2_000_000, step * 9 // 10),
            text=None if number == 0 else f"{TEXT} {number}",
            speaker=f"spk{number % 2}",
        )
        for number in range(n_segments)
    ]
    speakers = [Speaker(id=f"spk{number}", name=f"说话人{number}", channel=number) for number in range(2)]
    made = Transcript(project_id=project_id, recording_id=recording_id, author="engine:bench")
    store.add_transcript(made, segments, speakers)


@contextlib.contextmanager
def served(workspace):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    given = {"SPEECHLABEL_WORKSPACE": str(workspace), "SPEECHLABEL_PORT": str(port)}
    process = subprocess.Popen(
        [sys.executable, "app.py"],
        cwd=ROOT,
        env=os.environ | given,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        for line in process.stdout:
            if "Ctrl+C" in line:
                break
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=20)


def open_once(browser, address, home, job):
    """Open one recording in a fresh context; return what it took."""
    length, n_segments, project_id, recording, path = job
    context = browser.new_context(locale="en-US", viewport={"width": 1366, "height": 768})
    try:
        page = context.new_page()
        page.add_init_script(CLOCK)
        page.goto(address + home)
        page.wait_for_selector(".sl-row[aria-current=true] textarea")
        page.wait_for_timeout(800)
        network = context.new_cdp_session(page)
        network.send("Network.enable")
        received = []
        network.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
        page.click(".slp-picker")
        group = page.locator(f".slp-group:text-is('{n_segments} segments') ~ .slp-option")
        group.filter(has_text=recording.name).first.wait_for()
        received.clear()
        group.filter(has_text=recording.name).first.click()
        page.wait_for_function("clock.wave !== null && clock.sound !== null", timeout=30_000)
        page.wait_for_timeout(1000)
        n_bytes = sum(received)
        assert f"project={project_id}" in page.url, page.url
        found = page.evaluate("clock")
        check(page, found["samples"], length, n_segments, path)
        network.send("HeapProfiler.enable")
        network.send("HeapProfiler.collectGarbage")
        usage = network.send("Runtime.getHeapUsage")
        heap = usage["usedSize"] + usage["backingStorageSize"]
        return {
            "wave_ms": found["wave"] - found["click"],
            "sound_ms": found["sound"] - found["click"],
            "bytes": n_bytes,
            "heap_mb": heap / 1e6,
        }
    finally:
        context.close()


def check(page, samples, length, n_segments, path):
    assert int(page.get_attribute(".sl-row", "aria-setsize")) == n_segments
    clock = f"{length // 60}:{length % 60:02}:00" if length >= 60 else f"{length}:00"
    assert clock in page.inner_text(".sl-bar"), page.inner_text(".sl-bar")
    wanted, _ = sf.read(path, stop=len(samples), dtype="float32", always_2d=True)
    step = 2 * length * 60_000_000 // n_segments
    assert len(samples) == round(min(2_000_000, step * 9 // 10) * RATE / 1e6)
    assert np.abs(np.array(samples) - np.round(wanted[:, 0] * 32768)).max() <= 1


def bench(folder, *, quick):
    minutes = (10, 30) if quick else (10, 180)
    counts, rounds = (300, 5000), 2 if quick else 7
    plan, home = make_workspace(folder, minutes, counts)
    taken = {(length, n): [] for length, n, *_ in plan}
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with served(folder / "workspace") as address, sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=chromium, args=options)
        for _ in range(rounds + 1):
            for job in plan:
                taken[job[:2]].append(open_once(browser, address, home, job))
        version = browser.version
        browser.close()
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
