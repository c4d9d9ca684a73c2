"""What the benchmarks of the page share: a real server, a real Chromium, recordings, what they took."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import measure
import numpy as np
import soundfile as sf

from speechlabel.records import Segment, Speaker, Transcript
from speechlabel.store.workspace import open_workspace
from speechlabel.workflow.ingest import ingest
from speechlabel.workflow.prepare import prepare
from speechlabel.workflow.projects import create_project

ROOT = Path(__file__).parents[1]
RATE = 16_000
TEXT = "今天天气很好，我们去公园吧"
VIEWPORT = {"width": 1366, "height": 768}

# Notes when the waveform of the newly opened recording is drawn, and when its sound starts.
CLOCK = """
performance.setResourceTimingBufferSize(2000); // the page has more files than are kept by default
window.clock = { click: null, wave: null, sound: null, buffer: null };
addEventListener("click", (event) => {
  if (!event.target.closest?.(".slp-option")) return;
  for (const key of Object.keys(localStorage)) if (key.includes(".place.")) localStorage.removeItem(key);
  Object.assign(clock, { click: performance.now(), wave: null, sound: null, buffer: null });
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
  clock.buffer = this.buffer;
  clock.latency = { base_ms: this.context.baseLatency * 1000, output_ms: this.context.outputLatency * 1000 };
};
window.samplesOf = (buffer) => [...buffer.getChannelData(0)].map((value) => Math.round(value * 32768));
window.isDrawn = (canvas) => {
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
};
"""


class Job:
    """A recording of two channels in a project of its own, cut into segments that take turns."""

    def __init__(self, minutes, n_segments):
        self.minutes = minutes
        self.n_segments = n_segments
        self.project = f"{minutes} min, {n_segments} segments"
        self.path = None
        self.recording = None

    @property
    def key(self):
        return self.minutes, self.n_segments

    @property
    def step_us(self):
        return 2 * self.minutes * 60_000_000 // self.n_segments

    @property
    def length_us(self):
        return min(2_000_000, self.step_us * 9 // 10)

    def segments(self):
        return [
            Segment(
                channel=number % 2,
                start_us=number // 2 * self.step_us,
                end_us=number // 2 * self.step_us + self.length_us,
                text=None if number == 0 else f"{TEXT} {number}",
                speaker=f"spk{number % 2}",
            )
            for number in range(self.n_segments)
        ]

    def samples(self, number):
        """The exact samples of a segment, as the file has them: int."""
        start = round(number // 2 * self.step_us * RATE / 1e6)
        stop = round((number // 2 * self.step_us + self.length_us) * RATE / 1e6)
        sound, _ = sf.read(self.path, start=start, stop=stop, dtype="float32", always_2d=True)
        return np.round(sound[:, number % 2] * 32768).astype(int)

    def check(self, number, samples):
        """Hold what was started against the file, sample by sample."""
        wanted = self.samples(number)
        assert len(samples) == len(wanted), f"segment {number + 1}: {len(samples)} of {len(wanted)} samples"
        assert np.abs(np.array(samples) - wanted).max() <= 1, f"segment {number + 1}: other samples"


def make_workspace(folder, jobs):
    """Prepare the recordings; return the address of a short one that the page can begin with."""
    with open_workspace(folder / "workspace") as workspace:
        for job in jobs:
            project = create_project(workspace, job.project, language="zh")
            job.path = folder / f"{job.minutes} min.flac"
            if not job.path.exists():
                measure.write_long(job.path, RATE, 2, job.minutes * 60)
            [job.recording] = ingest(workspace, project.id, [job.path]).added
            report = prepare(workspace, project.id)
            assert not report.failed, report.failed
            speakers = [Speaker(id=f"spk{n}", name=f"说话人{n}", channel=n) for n in range(2)]
            made = Transcript(project_id=project.id, recording_id=job.recording.id, author="engine:bench")
            workspace.store.add_transcript(made, job.segments(), speakers)
        project = create_project(workspace, "home", language="zh")
        path = folder / "home.flac"
        measure.write_long(path, RATE, 2, 20)
        [home] = ingest(workspace, project.id, [path]).added
        prepare(workspace, project.id)
    return f"/?project={project.id}&recording={home.id}"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def served(workspace):
    port = free_port()
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


@contextlib.contextmanager
def chromium(playwright):
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    options = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
    browser = playwright.chromium.launch(executable_path=path, args=options)
    try:
        yield browser
    finally:
        browser.close()


class Tab:
    """A page in a browser context of its own, so that nothing comes from a cache."""

    def __init__(self, browser, *scripts):
        self.context = browser.new_context(locale="en-US", viewport=VIEWPORT)
        self.page = self.context.new_page()
        for script in scripts:
            self.page.add_init_script(script)
        self.cdp = self.context.new_cdp_session(self.page)
        self.cdp.send("Network.enable")
        self.cdp.send("HeapProfiler.enable")
        self.received = []
        self.cdp.on("Network.loadingFinished", lambda event: self.received.append(event["encodedDataLength"]))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.context.close()

    def heap_mb(self):
        """The heap with the buffers it holds, after a forced collection."""
        self.cdp.send("HeapProfiler.collectGarbage")
        usage = self.cdp.send("Runtime.getHeapUsage")
        return (usage["usedSize"] + usage["backingStorageSize"]) / 1e6

    def begin(self, address):
        """Load the page with its first recording."""
        self.page.goto(address)
        self.page.wait_for_selector(".sl-row[aria-current=true] textarea")
        self.page.wait_for_timeout(800)

    def choose(self, job):
        """Choose a recording in the header; return the clock once it is seen and sounds."""
        self.page.click(".slp-picker")
        option = self.page.locator(f".slp-group:text-is('{job.project}') ~ .slp-option")
        option = option.filter(has_text=job.recording.name).first
        option.wait_for()
        self.received.clear()
        option.click()
        self.page.wait_for_function("clock.wave !== null && clock.sound !== null", timeout=30_000)
        return self.page.evaluate("({ ...clock, buffer: null })")

    def check_opened(self, job):
        """The right recording, all of its segments, and the exact samples of the first one."""
        assert f"project={job.recording.project_id}" in self.page.url, self.page.url
        assert int(self.page.get_attribute(".sl-row", "aria-setsize")) == job.n_segments
        length = job.minutes
        clock = f"{length // 60}:{length % 60:02}:00" if length >= 60 else f"{length}:00"
        assert clock in self.page.inner_text(".sl-bar"), self.page.inner_text(".sl-bar")
        job.check(0, self.page.evaluate("samplesOf(clock.buffer)"))
