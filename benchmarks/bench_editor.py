"""Claim: in the editor three hours and 5,000 segments feel like three minutes.

    python benchmarks/bench_editor.py [--quick] [--peer label-studio]

A real server and a real Chromium without a window.  Two channels, 16 kHz: three minutes cut like an everyday
recording, three hours cut into 5,000 and into 20,000 segments.  Beside each figure stand the wanted one and
whether it is met.

``open_ms``     from the click on the recording in the list of the header until its waveform is on the canvas
                and the first segment sounds; median of fresh browser contexts, all recordings in turns.
                ``open_ratio`` is the median of the rounds' ratios to the three minutes.
``open_bytes``  what came over the wire, compressed, from that click to then; ``editor_bytes`` are the
                editor's own files, which the loaded page already has.
``next_ms``     from the key (Enter, Alt+Down in turns) until the next segment is painted and sounds; the
                segment was fetched ahead while the one before was heard.
``row_ms``      from the click on the play button of a row far away until it sounds; ``map_ms`` from the click
                into the map of the whole recording until the waveform of that place is on the canvas, and
                ``spot_ms`` from the double click on a segment there until it sounds.
``type_ms``     from a key, typed at a person's pace, until after the frame in which its letter is painted;
                that of ``empty page`` is the same in an empty page with one text box.
``scroll``, ``pan``, ``zoom``, ``pan_spectrogram``   frames a second and the longest frame, while each frame
                moves the list or the waveform; ``ratio`` is that to the frames of an empty page.
``redraw``      one edge is moved by a key: ``work_ms`` is what the editor takes to change the model, tell its
                parts and draw the canvas, ``drawn_ms`` the same with the wait for the browser's next frame.
``heap_mb``     the heap with its buffers after a forced collection, over that of an empty page, so Gradio's
                is in it; ``heap_over_home_mb`` over the same page with a recording of 20 s.
``hour``        the heap while a person goes through 600 segments: each is heard, typed into, given a label
                and a speaker, left by Enter; every 20th time they look elsewhere in the recording.
                ``growth_mb`` is that of the second half: the first one fills what is kept of sound and peaks.

Sound starts when ``AudioBufferSourceNode.start`` is called on a running context; every such buffer is held
against the file, sample by sample.  What the device adds is told apart (``latency``).  With the peer, Label
Studio is measured on the same sound and segments in the same run.  Prints one JSON object.
"""

import argparse
import functools
import itertools
import json
import os
import random
import statistics
import tempfile
from pathlib import Path

import measure
from browser import CLOCK, Job, Tab, chromium, make_workspace, served
from playwright.sync_api import sync_playwright

MS = 1000

# What is measured inside the page.
PROBE = """
window.painted = () => new Promise((resolve) => requestAnimationFrame(() => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => resolve(performance.now());
  port2.postMessage(null);
}));

// From one key or click to what is shown, and to the sound.
window.probe = null;
window.arm = (type) => { window.probe = { type, at: null, shown: null, sound: null, buffer: null }; };
for (const type of ["keydown", "click", "dblclick", "pointerdown"])
  addEventListener(type, (event) => {
    const mine = window.probe;
    if (mine?.type !== type || mine.at !== null || ["Alt", "Control", "Shift"].includes(event.key)) return;
    mine.at = event.timeStamp;
    void painted().then((now) => (mine.shown = now));
  }, true);
const starts = AudioBufferSourceNode.prototype.start;
AudioBufferSourceNode.prototype.start = function (...when) {
  starts.apply(this, when);
  const mine = window.probe;
  if (!mine || mine.at === null || mine.sound !== null || this.context.state !== "running") return;
  mine.sound = performance.now();
  mine.buffer = this.buffer;
};

// From each key to its painted letter.
window.typed = [];
let stamp = null;
addEventListener("keydown", (event) => (stamp = event.timeStamp), true);
addEventListener("input", () => {
  const from = stamp;
  void painted().then((now) => typed.push(now - from));
}, true);

// Frames while something moves in each of them.
const wheel = (element, init) => {
  const { left, top, width, height } = element.getBoundingClientRect();
  const at = { clientX: left + width / 2, clientY: top + height / 2 };
  element.dispatchEvent(new WheelEvent("wheel", { bubbles: true, cancelable: true, ...at, ...init }));
};
const turn = (n, length) => (Math.floor(n / length) % 2 ? -1 : 1);
window.moves = {
  nothing: () => {},
  scroll: (n, element) => (element.scrollTop += 40 * turn(n, 150)),
  pan: (n, element) => wheel(element, { deltaY: 30 * turn(n, 150), shiftKey: true }),
  zoom: (n, element) => wheel(element, { deltaY: 40 * turn(n, 72) }),
  zoomWithCtrl: (n, element) => wheel(element, { deltaY: -40 * turn(n, 72), ctrlKey: true }),
};
window.frames_of = (move, selector, ms) => new Promise((resolve) => {
  const element = selector && document.querySelector(selector);
  const at = [];
  requestAnimationFrame(function tick(time) {
    at.push(time);
    if (time - at[0] >= ms) return resolve(at);
    moves[move](at.length, element);
    requestAnimationFrame(tick);
  });
});

// The open session, and one change of its model: begun, told to all parts, drawn.
window.redraw = null;
window.hook = async () => {
  const files = performance.getEntriesByType("resource").map((entry) => entry.name);
  const load = (name) => import(files.find((file) => file.endsWith(name)));
  const [{ Waveform }, { Session }] = await Promise.all([load("/waveform.js"), load("/session.js")]);
  const { retime } = Session.prototype;
  Session.prototype.retime = function (times) {
    const mine = (window.redraw = { begun: performance.now(), told: null, drawing: null, drawn: null });
    retime.call(this, times);
    mine.told = performance.now();
  };
  const { setHead } = Waveform.prototype; // the end of drawing while nothing plays
  Waveform.prototype.setHead = function (us) {
    setHead.call(this, us);
    window.session = this.session;
    const mine = window.redraw;
    if (mine?.told && mine.drawing && !mine.drawn) mine.drawn = performance.now();
  };
  const { clearRect } = CanvasRenderingContext2D.prototype; // its begin
  CanvasRenderingContext2D.prototype.clearRect = function (...box) {
    if (window.redraw?.told && !window.redraw.drawing && this.canvas.className === "sl-wave-canvas")
      window.redraw.drawing = performance.now();
    clearRect.apply(this, box);
  };
};
"""
OWN_FILES = """performance.getEntriesByType("resource")
  .filter((e) => /[/](editor|page|locales)[/]/.test(e.name))
  .reduce((sum, e) => sum + e.transferSize, 0)"""
MIDDLE = """() => {
  const { timeline, model, waveform } = session;
  const box = waveform.element.getBoundingClientRect();
  const places = waveform.window.between(timeline.startUs, timeline.endUs)
    .filter((segment) => segment.channel === 0)
    .map((segment) => [model.indexOf(segment.id), timeline.x((segment.start_us + segment.end_us) / 2)])
    .sort((a, b) => Math.abs(a[1] - box.width / 2) - Math.abs(b[1] - box.width / 2));
  return [places[0][0], box.left + places[0][1], box.top + 20 + (box.height - 20) / 4];
}"""
CURRENT = ".sl-row[aria-current=true]"


def percentile(values, p):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * p // 100)]


def spread(values, *wanted):
    """p50 and the given percentiles with what is wanted of them: (p, ms or None)."""
    out = {"n": len(values)}
    met = True
    for p, most in wanted:
        out[f"p{p}"] = round(percentile(values, p), 1)
        if most is not None:
            out[f"wanted_p{p}"] = f"<= {most}"
            met = met and out[f"p{p}"] <= most
    return out | {"met": met}


def figure(value, most, digits=1):
    return {"is": round(value, digits), "wanted": f"<= {most}", "met": round(value, digits) <= most}


def pulse(frames, bare_fps, least=55):
    gaps = [b - a for a, b in itertools.pairwise(frames)]
    fps = MS * len(gaps) / sum(gaps)
    return {
        "fps": round(fps, 1),
        "longest_ms": round(max(gaps), 1),
        "ratio": round(fps / bare_fps, 3),
        "wanted_fps": f">= {least}",
        "met": round(fps, 1) >= least,
    }


class Bare:
    """What this browser on this machine does in an empty page."""

    def __init__(self, browser, n_keys, ms):
        with Tab(browser, PROBE) as tab:
            tab.page.goto("about:blank")
            self.heap_mb = tab.heap_mb()
            frames = tab.page.evaluate("(ms) => frames_of('nothing', null, ms)", ms)
            self.fps = MS * (len(frames) - 1) / (frames[-1] - frames[0])
            self.longest_ms = max(b - a for a, b in itertools.pairwise(frames))
            tab.page.evaluate("() => document.body.append(document.createElement('textarea'))")
            tab.page.focus("textarea")
            self.type_ms = type_keys(tab.page, n_keys)

    def told(self):
        frames = {"fps": round(self.fps, 1), "longest_ms": round(self.longest_ms, 1)}
        typed = spread(self.type_ms, (50, None), (99, None))
        return frames | {"type_ms": {name: typed[name] for name in ("n", "p50", "p99")}}


def type_keys(page, n_keys):
    """Type letters 40 to 90 ms apart, each key held a while; return ms from key to paint of each."""
    chance = random.Random(3)
    page.evaluate("() => void (typed.length = 0)")
    for _ in range(n_keys):
        page.keyboard.press(chance.choice("abcdefghijklmnopqrstuvwxyz"), delay=chance.uniform(25, 50))
        page.wait_for_timeout(chance.uniform(15, 40))
    page.wait_for_function("(n) => typed.length >= n", arg=n_keys)
    return page.evaluate("typed")


def open_once(browser, address, job):
    """Open one recording in a fresh context; return what it took."""
    with Tab(browser, CLOCK) as tab:
        tab.begin(address)
        own = tab.page.evaluate(OWN_FILES)
        home_mb = tab.heap_mb()
        found = tab.choose(job)
        n_bytes = sum(tab.received)
        tab.page.wait_for_timeout(1000)
        tab.check_opened(job)
        return {
            "ms": max(found["wave"], found["sound"]) - found["click"],
            "wave_ms": found["wave"] - found["click"],
            "bytes": n_bytes,
            "own_bytes": own,
            "home_mb": home_mb,
            "heap_mb": tab.heap_mb(),
            "latency": found["latency"],
        }


def act(page, type, do, what="shown"):
    """Do something once; return ms until it is painted and until it sounds (None: nobody waited for that)."""
    page.evaluate("(type) => arm(type)", type)
    do()
    done = "probe.sound !== null && probe.shown !== null" if what == "sound" else "probe.shown !== null"
    page.wait_for_function(done, timeout=20_000)
    found = page.evaluate("({ ...probe, buffer: null })")
    sound = None if found["sound"] is None else found["sound"] - found["at"]
    return found["shown"] - found["at"], sound


def number_of(page):
    return int(page.get_attribute(CURRENT, "aria-posinset")) - 1


def check_sound(page, job):
    job.check(number_of(page), page.evaluate("samplesOf(probe.buffer)"))


def go_on(tab, job, n):
    """Go to the next segment by keys, and listen for a moment; return ms until it is painted and sounds."""
    page, taken = tab.page, []
    page.focus(f"{CURRENT} textarea")
    page.keyboard.press("Enter")
    for turn in range(n):
        page.wait_for_timeout(500)
        before = number_of(page)
        keys = ("Enter", "Alt+ArrowDown")[turn % 2]
        hit = functools.partial(page.keyboard.press, keys, delay=80)  # held as long as people do
        taken.append(max(act(page, "keydown", hit, "sound")))
        assert number_of(page) == before + 1
        check_sound(page, job)
    return taken


def jump(tab, job, n):
    """Go to places all over the recording; return ms of rows, of the map, and of spots in the waveform."""
    page, chance = tab.page, random.Random(5)
    rows, maps, spots = [], [], []
    for turn in range(n):
        share = (turn + chance.random()) / n if turn % 2 else 1 - (turn + chance.random()) / n
        page.eval_on_selector(
            ".sl-list", "(list, share) => (list.scrollTop = share * list.scrollHeight)", share
        )
        page.wait_for_timeout(300)
        box = page.locator(".sl-list").bounding_box()
        middle = box["y"] + box["height"] / 2
        at = page.evaluate(
            "(y) => [...document.querySelectorAll('.sl-row:not([aria-current]) .sl-num')]"
            ".map((e) => e.getBoundingClientRect())"
            ".map((b) => [b.x + b.width / 2, b.y + b.height / 2])"
            ".sort((a, b) => Math.abs(a[1] - y) - Math.abs(b[1] - y))[0]",
            middle,
        )
        rows.append(act(page, "click", lambda at=at: page.mouse.click(*at), "sound")[1])
        check_sound(page, job)
        page.wait_for_timeout(300)
        box = page.locator(".sl-map").bounding_box()
        x = box["x"] + box["width"] * (1 - share)
        page.evaluate("() => arm('pointerdown')")
        page.evaluate(
            "() => void addEventListener('pointerdown', () => requestAnimationFrame(function look() {"
            " if (isDrawn(document.querySelector('.sl-wave-canvas'))) probe.wave = performance.now();"
            " else requestAnimationFrame(look); }), { once: true })"
        )
        page.mouse.click(x, box["y"] + box["height"] / 2)
        page.wait_for_function("probe.wave", timeout=20_000)
        maps.append(page.evaluate("probe.wave - probe.at"))
        page.wait_for_timeout(300)
        spots.append(spot(page, job))
    return rows, maps, spots


def spot(page, job):
    """Double-click on the segment of the first lane that is nearest to the middle of the view."""
    number, x, y = page.evaluate(MIDDLE)
    taken = act(page, "dblclick", lambda: page.mouse.dblclick(x, y), "sound")[1]
    assert number_of(page) == number
    check_sound(page, job)
    return taken


def redraw(tab, n):
    """Move an edge there and back by keys; return ms of work, and ms until the canvas is drawn."""
    page = tab.page
    page.focus(".sl-wave")
    page.wait_for_function("!document.querySelector('.sl-play[aria-pressed=true]')")
    work, drawn = [], []
    for turn in range(n):
        page.evaluate("() => void (window.redraw = null)")
        page.keyboard.press(("Period", "Comma")[turn % 2])
        page.wait_for_function("window.redraw?.drawn")
        found = page.evaluate("redraw")
        work.append(found["told"] - found["begun"] + found["drawn"] - found["drawing"])
        drawn.append(found["drawn"] - found["begun"])
    return work, drawn


def work_on(browser, address, job, bare, *, quick):
    """All that is measured in one open recording."""
    ms, n = (1500, 6) if quick else (5000, 30)
    n_keys = 60 if quick else 330
    with Tab(browser, CLOCK, PROBE) as tab:
        page = tab.page
        tab.begin(address)
        page.evaluate("hook()")
        tab.choose(job)
        page.wait_for_timeout(1500)
        out = {"next_ms": spread(go_on(tab, job, n), (50, None), (95, 50))}
        rows, maps, spots = jump(tab, job, n)
        out["row_ms"] = spread(rows, (50, None), (95, 200))
        out["map_ms"] = spread(maps, (50, None), (95, 200))
        out["spot_ms"] = spread(spots, (50, None), (95, 200))
        page.keyboard.press("Enter")
        page.wait_for_timeout(2500)  # until it is heard
        typed = []
        for _ in range(6):
            typed += type_keys(page, n_keys // 6)
            page.keyboard.press("Alt+ArrowDown")
            page.wait_for_timeout(2500)
        out["type_ms"] = spread(typed, (50, 16), (99, 33))
        work, drawn = redraw(tab, 10 if quick else 60)
        out["redraw"] = {
            "work_ms": spread(work, (50, None), (95, 16)),
            "drawn_ms": spread(drawn, (50, 16), (95, None)),
        }
        for name, element in (("scroll", ".sl-list"), ("pan", ".sl-wave"), ("zoom", ".sl-wave")):
            frames = page.evaluate("(given) => frames_of(...given)", [name, element, ms])
            out[name] = pulse(frames, bare.fps)
        page.keyboard.press("g")
        page.wait_for_timeout(1500)
        frames = page.evaluate("(given) => frames_of(...given)", ["pan", ".sl-wave", ms])
        out["pan_spectrogram"] = pulse(frames, bare.fps)
        return out


def hour(browser, address, job, n):
    """Work through many segments; return the heap over the time."""
    with Tab(browser, CLOCK, PROBE) as tab:
        page = tab.page
        tab.begin(address)
        tab.choose(job)
        page.focus(f"{CURRENT} textarea")
        heaps, nodes, chance = [], [], random.Random(7)
        for turn in range(n + 1):
            if turn % (n // 6) == 0:
                page.wait_for_selector('.sl-save[data-state="saved"]')
                page.wait_for_timeout(500)
                heaps.append(tab.heap_mb())
                nodes.append(tab.cdp.send("Memory.getDOMCounters"))
            page.keyboard.press("Alt+1")
            page.keyboard.press("Control+1")
            page.keyboard.type(chance.choice(["hao", "shi de", "wo men", "ting"]))
            if turn % 20 == 19:
                box = page.locator(".sl-map").bounding_box()
                page.mouse.click(box["x"] + box["width"] * chance.random(), box["y"] + 10)
            act(page, "keydown", lambda: page.keyboard.press("Enter"), "sound")
        assert number_of(page) >= n
        counts = [{name: one[name] for name in ("nodes", "jsEventListeners")} for one in nodes]
        return {
            "segments": n,
            "heap_mb": [round(one, 1) for one in heaps],
            "growth_mb": figure(heaps[-1] - heaps[3], 5),
            "nodes_and_listeners": [counts[1], counts[-1]],
        }


def openings(taken, short, bare):
    """Put together what the openings took."""
    out = {}
    for key, found in taken.items():
        found = found[1:]  # the first of each makes the person's pass
        median = {
            name: statistics.median(one[name] for one in found) for name in found[0] if name != "latency"
        }
        pairs = zip(found, taken[short][1:], strict=True)
        ms = [round(one["ms"]) for one in found]
        out[key] = {
            "open_ms": figure(median["ms"], 500)
            | {"range": [min(ms), max(ms)], "wave_ms": round(median["wave_ms"])},
            "open_ratio": figure(statistics.median(one["ms"] / other["ms"] for one, other in pairs), 1.2, 2),
            "open_bytes": figure(median["bytes"], 3_000_000, 0),
            "editor_bytes": round(median["own_bytes"]),
            "heap_mb": figure(median["heap_mb"] - bare.heap_mb, 50),
            "heap_over_home_mb": round(median["heap_mb"] - median["home_mb"], 1),
        }
    return out


def bench(folder, *, quick, peer):
    long = 30 if quick else 180
    jobs = [Job(3, 84), Job(long, 5000)] + ([] if quick else [Job(180, 20_000)])
    rounds = 2 if quick else 5
    home = make_workspace(folder, jobs)
    taken = {job.project: [] for job in jobs}
    load = [os.getloadavg()[0]]
    with (
        served(folder / "workspace") as server,
        sync_playwright() as playwright,
        chromium(playwright) as browser,
    ):
        address = server + home
        bare = Bare(browser, 60 if quick else 330, 1500 if quick else 5000)
        for _ in range(rounds + 1):
            for job in jobs:
                taken[job.project].append(open_once(browser, address, job))
        out = openings(taken, jobs[0].project, bare)
        for job in jobs:
            out[job.project] |= work_on(browser, address, job, bare, quick=quick)
        out[jobs[1].project]["hour"] = hour(browser, address, jobs[1], 60 if quick else 600)
        version = browser.version
        latency = {name: round(ms, 1) for name, ms in taken[jobs[1].project][-1]["latency"].items()}
        head = {"rounds": rounds, "chromium": version, "latency": latency, "empty page": bare.told()}
        if peer:
            import peer_label_studio

            out["Label Studio"] = peer_label_studio.bench(
                browser, folder, jobs[:2], bare, PROBE, pulse, quick=quick
            )
    load.append(os.getloadavg()[0])
    return head | {"load_average": [round(one, 2) for one in load]} | measure.versions() | out


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="30 minutes instead of 3 hours, few rounds")
    parser.add_argument("--peer", choices=["label-studio"], help="install and measure it too")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = bench(Path(folder), quick=arguments.quick, peer=arguments.peer)
    print(json.dumps(result, indent=1, ensure_ascii=False))
