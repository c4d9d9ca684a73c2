"""The editor's core in a real browser, on plain http: what only a browser can show.

Node tests cover the logic with a clock and a network of their own; here are the promises of the browser that
they build on: buffers that follow each other on the sample, IndexedDB, a module worker.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import numpy as np
import pytest
from playwright.sync_api import Page, Route, sync_playwright

import speechlabel

pytestmark = pytest.mark.browser

EDITOR = Path(speechlabel.__file__).parent / "web" / "static" / "editor"
ORIGIN = "http://editor.test"  # not a secure context: no Web Locks, no crypto.randomUUID
RATE = 16_000
AUDIO = np.random.default_rng(1).integers(-32768, 32768, 30 * RATE, dtype=np.int16)


class Server:
    """Answers the page's requests without a network."""

    def __init__(self) -> None:
        self.is_down = False
        self.posts: list[dict[str, Any]] = []

    def __call__(self, route: Route) -> None:
        path = urlparse(route.request.url).path
        if path == "/":
            route.fulfill(body="<!doctype html><title>x</title>", content_type="text/html")
        elif path.startswith("/editor/"):
            route.fulfill(path=EDITOR / path.removeprefix("/editor/"), content_type="text/javascript")
        elif self.is_down:
            route.abort("connectionrefused")
        elif path.endswith("/open"):
            route.fulfill(json=opened())
        elif path.endswith("/edits"):
            body = route.request.post_data_json
            assert body is not None
            self.posts.append(body)
            versions = {"segment": {"a": 1 + len(self.posts)}, "speaker": {}}
            route.fulfill(
                json={"op_id": body["op_id"], "revision": 1 + len(self.posts), "versions": versions}
            )
        else:
            index = int(path.rsplit("/", 1)[1])
            chunk = AUDIO[index * 2 * RATE : (index + 1) * 2 * RATE]
            route.fulfill(body=chunk.astype("<i2").tobytes(), content_type="application/octet-stream")


def opened() -> dict[str, Any]:
    return {
        "project": {"id": "p", "name": "p"},
        "guideline": {"languages": [], "labels": [], "invalid_reasons": [], "speaker_roles": []},
        "recording": {
            "id": "r", "name": "r", "sample_rate": RATE, "channels": 1, "n_frames": len(AUDIO),
            "duration_us": 30_000_000, "content_hash": "h",
        },
        "media": "/media/p/r/h",
        "peaks": {"tile_points": 2048, "levels": []},
        "transcript": {"id": "t", "revision": 1},
        "segments": [{"id": "a", "start_us": 0, "end_us": 1_000_000, "text": "", "version": 1}],
        "speakers": [],
        "undo": [],
        "author": "user:me",
    }  # fmt: skip


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def page(server: Server) -> Iterator[Page]:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--autoplay-policy=no-user-gesture-required"]
        )
        page = browser.new_context().new_page()
        page.route("**/*", server)
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(ORIGIN)
        yield page
        browser.close()
        assert problems == []


OPEN = """
const { Scope } = await import("/editor/scope.js");
const { Client } = await import("/editor/sync/client.js");
const { Model } = await import("/editor/model/model.js");
const { Player } = await import("/editor/hear/player.js");
const { openOutbox } = await import("/editor/sync/outbox.js");
const scope = new Scope();
const client = new Client({ scope });
const opened = await client.open("p", "r");
const model = new Model(opened);
client.attach(model);
"""


def run(page: Page, script: str) -> Any:
    return json.loads(page.evaluate(f"(async () => {{ {OPEN} {script} }})().then(JSON.stringify)"))


def test_buffers_follow_each_other_on_the_sample(page: Page) -> None:
    """Playback drives an OfflineAudioContext: what it renders is what a loudspeaker would get."""
    got = run(
        page,
        f"""
        const {{ Playback }} = await import("/editor/hear/playback.js");
        const {{ Assembler }} = await import("/editor/hear/assemble.js");
        const assembler = new Assembler(client, {RATE}, {len(AUDIO)});
        const context = new OfflineAudioContext(1, 12 * {RATE}, {RATE});
        const [from, to] = [12_345, 12_345 + 10 * {RATE}];
        const plan = {{ from, to, at: from, rate: 1, loop: false }};
        const parts = {{ context, output: context.destination, sampleRate: {RATE}, plan, scope }};
        const playback = new Playback({{ ...parts, onEnd() {{}}, onStall() {{}} }});
        const cuts = [...assembler.blocks(from, to)];
        async function* blocks() {{
          for (const [a, b] of cuts) yield {{ rows: [await assembler.read(null, a, b)], frame: a }};
        }}
        await playback.playBlocks(blocks());
        await new Promise((go) => setTimeout(go, 500));
        const rendered = (await context.startRendering()).getChannelData(0);
        const first = rendered.findIndex((value) => value !== 0);
        const heard = Array.from(rendered.slice(first, first + to - from), (value) => value * 32768);
        const rest = rendered.slice(first + to - from).some((value) => value !== 0);
        return {{ heard, rest, buffers: cuts.length, first }};
        """,
    )
    assert got["buffers"] >= 3
    assert got["rest"] is False
    # A first sample of 0 would hide in the silence before it; the audio has none there.
    assert AUDIO[12_345] != 0
    np.testing.assert_array_equal(got["heard"], AUDIO[12_345 : 12_345 + 10 * RATE])


def test_one_buffer_is_exact_at_both_edges_and_loops_exactly(page: Page) -> None:
    got = run(
        page,
        f"""
        const {{ Playback }} = await import("/editor/hear/playback.js");
        const {{ Assembler }} = await import("/editor/hear/assemble.js");
        const assembler = new Assembler(client, {RATE}, {len(AUDIO)});
        const out = [];
        for (const loop of [false, true]) {{
          const context = new OfflineAudioContext(1, 9000, {RATE});
          const plan = {{ from: 31_000, to: 34_000, at: 31_000, rate: 1, loop }};
          const parts = {{ context, output: context.destination, sampleRate: {RATE}, plan, scope }};
          const playback = new Playback({{ ...parts, onEnd() {{}}, onStall() {{}} }});
          playback.playWhole([await assembler.read(0, plan.from, plan.to)]);
          out.push(Array.from((await context.startRendering()).getChannelData(0), (value) => value * 32768));
        }}
        return out;
        """,
    )
    once = AUDIO[31_000:34_000]
    np.testing.assert_array_equal(got[0], np.concatenate([once, np.zeros(6000)]))
    np.testing.assert_array_equal(got[1], np.concatenate([once, once, once]))


def test_plays_at_every_speed_with_the_worker(page: Page) -> None:
    got = run(
        page,
        f"""
        const player = new Player({{ client, sampleRate: {RATE}, nFrames: {len(AUDIO)}, scope }});
        const out = [];
        for (const rate of [1, 2, 0.75]) {{
          const ended = new Promise((go) => player.onState((state) => state.ended && go(true)));
          const started = await player.play({{ startUs: 1_000_000, endUs: 1_400_000, rate }});
          out.push([started, await ended, player.positionUs, player.state.error]);
        }}
        return out;
        """,
    )
    assert got == [[True, True, 1_400_000, None]] * 3


def test_plain_http_has_an_outbox_that_outlives_the_page(page: Page, server: Server) -> None:
    got = run(
        page,
        """
        model.setText("a", "kept");
        await new Promise((go) => setTimeout(go, 200));
        const left = await (await openOutbox()).list(`${location.origin} user:me`);
        return { secure: isSecureContext, locks: "locks" in navigator, durable: client.durable,
                 left: left.map((entry) => entry.edits[0].changes.text), readOnly: client.isReadOnly };
        """,
    )
    assert got == {"secure": False, "locks": False, "durable": True, "left": ["kept"], "readOnly": False}
    server.is_down = True
    page.evaluate("() => new Promise((go) => setTimeout(go, 1200))")
    server.is_down = False
    page.goto("about:blank")
    page.goto(ORIGIN)
    got = run(
        page, "return { text: model.byId('a').text, saved: await client.flush(), state: client.state };"
    )
    assert got == {"text": "kept", "saved": True, "state": "saved"}
    assert server.posts[-1]["edits"][0]["changes"]["text"] == "kept"


def test_a_second_tab_is_read_only_and_can_take_over(page: Page, server: Server) -> None:
    page.evaluate(f"(async () => {{ {OPEN} window.first = {{ client, model }}; }})()")
    other = page.context.new_page()
    other.route("**/*", server)
    other.goto(ORIGIN)
    got = run(
        other,
        """
        const before = [client.state, model.readOnly];
        const held = await client.takeOver();
        return { before, held, after: client.isReadOnly };
        """,
    )
    assert got == {"before": ["readonly", True], "held": True, "after": False}
    page.wait_for_function("() => window.first.client.state === 'readonly' && window.first.model.readOnly")
