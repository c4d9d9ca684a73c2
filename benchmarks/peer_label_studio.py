"""Label Studio on the sound and the segments of bench_editor.py, in the same browser and the same run.

It is installed from PyPI into a virtual environment in the benchmark's temporary folder, started with a
folder of its own, and given by its API a project with an audio template, the file, and one annotation that
holds all segments as regions with a label and a text.  Each task is opened from the loaded list, as a
recording is in bench_editor.py, once with each of its ways to decode: "webaudio", which it takes by default,
"ffmpeg", which its manual names for long files, and "none", which draws no waveform.

``open_ms`` is the time from the click on the task until the waveform has been drawn on its canvas, with the
regions on it and in the list (with "none": until the regions are in the list).  Where a step takes longer
than its limit or fails, that is told instead of figures.
"""

import contextlib
import json
import os
import signal
import statistics
import subprocess
import sys
import time
import urllib.request
import uuid

from browser import Tab, free_port
from playwright.sync_api import Error, TimeoutError

INSTALL_S = 900
START_S = 180
OPEN_S = 120
EMAIL, PASSWORD, TOKEN = "bench@example.com", "bench-it-12345", uuid.uuid4().hex + "01234567"
TEMPLATE = """<View>
  <Labels name="labels" toName="audio"><Label value="spk0"/><Label value="spk1"/></Labels>
  <Audio name="audio" value="$audio" splitchannels="true" decoder="{decoder}"/>
  <TextArea name="text" toName="audio" perRegion="true" editable="true"/>
</View>"""
# Grey columns of the waveform, coloured ones of the regions, rows of their list.
LOOK = """
window.opening = null;
window.seen = () => {
  const canvas = document.querySelector("#waveform-layer-main");
  const { width = 0, height = 0 } = canvas ?? {};
  const found = { grey: 0, coloured: 0, rows: document.querySelectorAll(".lsf-tree__node").length };
  if (!width || !height) return found;
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  for (let x = 0; x < width; x++) {
    let grey = 0, coloured = 0;
    for (let y = 34; y < height; y++) {
      const at = 4 * (y * width + x);
      const [r, g, b, a] = [data[at], data[at + 1], data[at + 2], data[at + 3]];
      if (a < 60) continue;
      if (b - g > 14) coloured++;
      else if (r < 200 && Math.abs(r - g) < 12 && Math.abs(g - b) < 12) grey++;
    }
    found.grey += grey > 4;
    found.coloured += coloured > 4;
  }
  return { ...found, grey: found.grey / width, coloured: found.coloured / width };
};
addEventListener("click", (event) => {
  if (!event.target.closest?.(".lsf-table-row") || opening) return;
  window.opening = { click: performance.now(), done: null };
  const look = () => {
    const now = seen();
    const isDrawn = now.grey > 0.1 && now.coloured > 0.1 && now.rows > 0;
    const hasFailed = /rror (while loading|occurred while decoding)/.test(document.body.innerText);
    if (isDrawn || (opening.listOnly && now.rows > 0)) opening.done = performance.now();
    else if (hasFailed) opening.failed = true;
    else setTimeout(look, 50);
  };
  requestAnimationFrame(look);
}, true);
"""


class Server:
    def __init__(self, folder):
        self.folder = folder
        self.address = f"http://127.0.0.1:{free_port()}"

    def call(self, method, path, body=None, data=None, kind="application/json"):
        content = json.dumps(body).encode() if body is not None else data
        headers = {"Authorization": f"Token {TOKEN}", "Content-Type": kind}
        request = urllib.request.Request(self.address + path, method=method, data=content, headers=headers)
        with urllib.request.urlopen(request, timeout=300) as answer:
            return json.loads(answer.read() or b"null")

    def upload(self, project, path):
        """Return the address of an uploaded file."""
        border = uuid.uuid4().hex
        head = f'--{border}\r\nContent-Disposition: form-data; name="file"; filename="{path.name}"\r\n'
        data = f"{head}Content-Type: audio/flac\r\n\r\n".encode() + path.read_bytes()
        data += f"\r\n--{border}--\r\n".encode()
        place = f"/api/projects/{project}/import?commit_to_project=false"
        made = self.call("POST", place, data=data, kind=f"multipart/form-data; boundary={border}")
        found = self.call("GET", f"/api/import/file-upload/{made['file_upload_ids'][0]}")
        return "/data/" + found["file"]


def install(folder):
    """Return the folder of its programs; raises CalledProcessError or TimeoutExpired."""
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    pip = [folder / "venv/bin/pip", "install", "--quiet", "--disable-pip-version-check", "label-studio"]
    subprocess.run(pip, check=True, timeout=INSTALL_S, capture_output=True)
    return folder / "venv/bin"


@contextlib.contextmanager
def running(folder):
    server = Server(folder)
    port = server.address.rpartition(":")[2]
    given = {"COLLECT_ANALYTICS": "false", "DATA_UPLOAD_MAX_MEMORY_SIZE": "4000000000", "SENTRY_DSN": ""}
    arguments = ["start", "--no-browser", "--port", port, "--data-dir", folder / "data"]
    arguments += ["--username", EMAIL, "--password", PASSWORD, "--user-token", TOKEN]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [folder / "venv/bin/label-studio", *arguments, "--enable-legacy-api-token"],
            env=os.environ | given,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        until = time.monotonic() + START_S
        while True:
            try:
                server.call("GET", "/api/projects/")
                break
            except OSError:
                if time.monotonic() > until or process.poll() is not None:
                    raise
                time.sleep(1)
        yield server
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=30)


def regions(job):
    """All segments in Label Studio's form."""
    out = []
    for segment in job.segments():
        place = {"start": segment.start_us / 1e6, "end": segment.end_us / 1e6, "channel": segment.channel}
        common = {"id": segment.id, "to_name": "audio", "original_length": job.minutes * 60}
        label = {"from_name": "labels", "type": "labels", "value": place | {"labels": [segment.speaker]}}
        text = {"from_name": "text", "type": "textarea", "value": place | {"text": [segment.text or ""]}}
        out += [common | label, common | text]
    return out


def open_task(tab, server, project, decoder, most_s):
    """Click the task in the loaded list; return (ms, None) or (None, why not)."""
    page = tab.page
    page.goto(f"{server.address}/projects/{project}/data")
    page.wait_for_selector(".lsf-table-row", timeout=60_000)
    page.wait_for_timeout(2000)
    tab.received.clear()
    page.click(".lsf-table-row >> nth=0", position={"x": 200, "y": 12})
    if decoder == "none":
        page.evaluate("() => void (opening.listOnly = true)")
    try:
        page.wait_for_function("opening.done !== null || opening.failed", timeout=most_s * 1000, polling=100)
    except TimeoutError:
        return None, f"timeout after {most_s} s"
    if page.evaluate("Boolean(opening.failed)"):
        words = page.evaluate("document.body.innerText.match(/Error while loading.*|An error occurred.*/g)")
        return None, "it says: " + " ".join(words)
    return page.evaluate("opening.done - opening.click"), None


def sign_in(page, server):
    page.goto(server.address + "/user/login/")
    page.fill("input[name=email]", EMAIL)
    page.fill("input[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_url(lambda url: "/user/login" not in url, timeout=60_000, wait_until="commit")


def measure(browser, server, project, decoder, bare, probe, pulse, *, rounds, ms):
    """Open a task some times and move in it; return the figures, or why there are none."""
    found = []
    try:
        for _ in range(rounds):
            with Tab(browser, LOOK, probe) as tab:
                sign_in(tab.page, server)
                taken, why_not = open_task(tab, server, project, decoder, OPEN_S)
                if why_not:
                    return {"open": why_not, "bytes": sum(tab.received)}
                n_bytes = sum(tab.received)
                tab.page.wait_for_timeout(1000)
                heap_mb = tab.heap_mb() - bare.heap_mb
                found.append({"open_ms": taken, "bytes": n_bytes, "heap_mb": heap_mb})
                if len(found) < rounds:
                    continue
                out = {name: round(statistics.median(one[name] for one in found), 1) for name in found[0]}
                moves = [("scroll", "scroll", ".lsf-tree-list-holder")]
                moves += [("zoom", "zoomWithCtrl", "#waveform-layer-main")] * (decoder != "none")
                for name, move, element in moves:
                    frames = tab.page.evaluate("(given) => frames_of(...given)", [move, element, ms])
                    told = pulse(frames, bare.fps)
                    out[name] = {key: told[key] for key in ("fps", "longest_ms", "ratio")}
    except Error as error:
        return {"failed": str(error).partition("\n")[0]}
    return out


def bench(browser, folder, jobs, bare, probe, pulse, *, quick):
    own = folder / "label-studio"
    own.mkdir()
    try:
        install(own)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        return {"install": str(error)}
    rounds, ms = (1, 1500) if quick else (2, 5000)
    out = {}
    try:
        with running(own) as server:
            out["version"] = (
                server.call("GET", "/api/version").get("label-studio-os-package", {}).get("version")
            )
            for job in jobs:
                results, address, decoders = regions(job), None, ("webaudio", "ffmpeg", "none")
                for decoder in decoders:
                    config = TEMPLATE.format(decoder=decoder)
                    made = {"title": f"{job.minutes} {decoder}", "label_config": config}
                    project = server.call("POST", "/api/projects/", made)["id"]
                    address = address or server.upload(project, job.path)
                    task = {"data": {"audio": address}, "annotations": [{"result": results}]}
                    server.call("POST", f"/api/projects/{project}/import", [task])
                    out[f"{job.project}, {decoder}"] = measure(
                        browser, server, project, decoder, bare, probe, pulse, rounds=rounds, ms=ms
                    )
    except OSError as error:
        out["start"] = str(error)
    return out
