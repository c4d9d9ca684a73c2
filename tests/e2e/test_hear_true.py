"""What leaves the page is the recording: every format, channel, side and speed, recorded in a real browser.

A worklet beside the loudspeakers takes down what is sent to them.
"""

from __future__ import annotations

import base64
import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import soundfile as sf
from playwright.sync_api import Browser, Page, expect

from speechlabel.audio.base import to_int16
from speechlabel.audio.decode import open_audio
from speechlabel.store.workspace import open_workspace
from speechlabel.workflow.ingest import ingest
from speechlabel.workflow.prepare import prepare
from speechlabel.workflow.projects import create_project

from .conftest import Server, Watched, start_server, wait_for_editor
from .sounds import write_talk

RATE = 16_000
BUZZ_HZ = 150.0
FORMATS = ["wav", "flac", "mp3", "opus", "m4a", "tel"]

TAP = """
registerProcessor("tap", class extends AudioWorkletProcessor {
  process([rows]) {
    this.port.postMessage(rows.map((row) => row.slice()));
    return true;
  }
});
"""
TAPPED = """
window.tap = { left: [], right: [] };
const connect = AudioNode.prototype.connect;
AudioNode.prototype.connect = function (to, ...rest) {
  if (window.isListening && to instanceof AudioDestinationNode && !(this instanceof AudioWorkletNode)) {
    const context = this.context;
    const address = URL.createObjectURL(new Blob([tapCode], { type: "text/javascript" }));
    context.tapped ??= context.audioWorklet.addModule(address).then(() => {
      const node = new AudioWorkletNode(context, "tap", { numberOfOutputs: 0 });
      node.port.onmessage = ({ data }) => {
        for (const value of data[0] ?? new Float32Array(128)) tap.left.push(value);
        for (const value of data[1] ?? data[0] ?? new Float32Array(128)) tap.right.push(value);
      };
      return node;
    });
    window.isTapped = context.tapped.then((node) => connect.call(this, node));
  }
  return connect.call(this, to, ...rest);
};
"""
# Plays by the page's own player, with the page's own media routes, and gives what came out: both sides.
PLAY = """
async ({ opened, range, db, slow }) => {
  const names = [...document.querySelectorAll("link[rel=modulepreload]")].map((link) => link.href);
  const module = (name) => import(names.find((href) => href.endsWith(name)));
  const [{ Player }, { Media }, { Scope }] = await Promise.all(
    ["/hear/player.js", "/hear/media.js", "/editor/scope.js"].map(module));
  let compact = 0;
  const load = async (path) => {
    compact += Number(path.startsWith("flac/"));
    return (await fetch(`${opened.media}/${path}`)).arrayBuffer();
  };
  const { sample_rate: sampleRate, n_frames: nFrames } = opened.recording;
  const media = new Media(load, { sampleRate });
  if (slow) Object.defineProperty(media.line, "isSlow", { value: true });
  const scope = new Scope();
  window.isListening = true; // from here on: what the page played for itself is not looked at
  const player = new Player({ client: media, sampleRate, nFrames, scope });
  player.setLoudness(db);
  const ended = () => new Promise((go) => player.onState((state) => state.ended && go()));
  let end = ended();
  await player.play({ startUs: 0, endUs: 50_000 }); // makes the context, and with it the tap
  await Promise.all([end, isTapped]);
  const quiet = async () => { // a tenth of a second of silence has come after the last sound
    const length = Math.round(sampleRate / 10);
    const sounds = (row) => row.length < length || row.slice(-length).some((value) => Math.abs(value) > 1e-9);
    while (sounds(tap.left) || sounds(tap.right))
      await new Promise((go) => setTimeout(go, 20));
  };
  await quiet();
  tap.left.length = tap.right.length = 0;
  end = ended();
  if (!(await player.play(range))) throw new Error(player.state.error ?? "not played");
  await end;
  await quiet();
  scope.dispose();
  if (compact > 0 !== slow) throw new Error(`${compact} chunks came compact`);
  window.isListening = false;
  const coded = (row) => {
    const bytes = new Uint8Array(Float32Array.from(row).buffer);
    let text = "";
    for (let at = 0; at < bytes.length; at += 8192)
      text += String.fromCharCode(...bytes.subarray(at, at + 8192));
    return btoa(text);
  };
  return [coded(tap.left), coded(tap.right)];
}
"""


def buzz(seconds: float) -> np.ndarray:
    """Give a voice-like tone whose pitch is known."""
    time = np.arange(round(seconds * RATE)) / RATE
    return sum(np.sin(2 * np.pi * BUZZ_HZ * k * time) / k for k in range(1, 15)) * 0.2  # type: ignore[return-value]


def write_recordings(folder: Path) -> None:
    """The same kind of talk in each format, and one with a buzz from 3 s to 5 s."""
    write_talk(folder / "wav.wav", 20)
    write_talk(folder / "flac.flac", 20, sample_rate=48_000, channels=2)
    write_talk(folder / "call.wav", 20, channels=2)
    talk, rate = sf.read(write_talk(folder / "talk.wav", 20, sample_rate=44_100))
    (folder / "talk.wav").unlink()
    sf.write(folder / "mp3.mp3", talk, rate, bitrate_mode="VARIABLE", compression_level=0.5)
    talk, rate = sf.read(write_talk(folder / "talk.wav", 20, sample_rate=48_000))
    sf.write(folder / "opus.opus", talk, rate, format="OGG", subtype="OPUS")
    (folder / "talk.wav").unlink()
    container: Any
    with av.open(str(folder / "m4a.m4a"), "w") as container:
        stream = container.add_stream("aac", rate=rate, layout="mono")
        frame = av.AudioFrame.from_ndarray(talk[None].astype(np.float32), "fltp", "mono")
        frame.sample_rate = rate
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    talk, rate = sf.read(write_talk(folder / "talk.wav", 20, sample_rate=8000))
    sf.write(folder / "tel.wav", talk, rate, subtype="ULAW")
    talk, rate = sf.read(write_talk(folder / "talk.wav", 20))
    talk[3 * rate : 5 * rate] = buzz(2)
    sf.write(folder / "buzz.wav", talk, rate)
    (folder / "talk.wav").unlink()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("recordings")
    write_recordings(folder)
    return folder


@pytest.fixture(scope="module")
def server(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    place = tmp_path_factory.mktemp("workspace")
    with open_workspace(place) as workspace:
        create_project(workspace, "talks")
        assert not ingest(workspace, "talks", [folder]).failed
        assert not prepare(workspace, "talks").failed
    started = start_server(place)
    yield started
    started.stop()


@pytest.fixture(scope="module")
def page(chromium: Browser, server: Server) -> Iterator[Page]:
    # The page itself takes scripts from its server only, and so no worklet of a test.
    context = chromium.new_context(locale="en-US", bypass_csp=True)
    context.add_init_script(f"window.tapCode = {json.dumps(TAP)}; {TAPPED}")
    # Nor does the page play what it opens: at the first key that would be heard as well.
    silent = json.dumps(json.dumps({"autoPlay": False}))
    context.add_init_script(f"localStorage.setItem('speechlabel.settings', {silent})")
    page = context.new_page()
    watched = Watched(page, server.address)
    page.goto(f"{server.address}/?project=talks&recording=call")
    wait_for_editor(page)
    yield page
    assert watched.errors == []
    context.close()


def opened(server: Server, recording: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{server.address}/api/projects/talks/recordings/{recording}/open") as answer:
        return json.load(answer)


def play(page: Page, opened: dict[str, Any], db: int = 0, slow: bool = False, **range: Any) -> np.ndarray:
    """Play a stretch; what came out, ``(2, frames)``, from the first sound to the last."""
    page.keyboard.press("Shift")  # the gesture that a browser waits for
    coded = page.evaluate(PLAY, {"opened": opened, "range": range, "db": db, "slow": slow})
    sides = np.stack([np.frombuffer(base64.b64decode(row), np.float32) for row in coded])
    sides[np.abs(sides) < 1e-9] = 0  # now and then the browser's mixer leaves something at -300 dB
    [sounding] = np.nonzero(sides.any(axis=0))
    return sides[:, sounding[0] : sounding[-1] + 1]


def truth(path: Path, start_us: int, end_us: int) -> np.ndarray:
    """Give what speechlabel's own decoder gives, ``(frames, channels)``, as 16 bit hold it."""
    with open_audio(path) as decoder:
        rate = decoder.info.sample_rate
        first, last = round(start_us * rate / 1e6), round(end_us * rate / 1e6)
        return to_int16(decoder.read(first, last - first)).astype(np.float32) / 32768


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_heard_on_the_sample(page: Page, server: Server, folder: Path, name: str) -> None:
    start_us, end_us = 13_234_567, 14_345_678  # over an edge of the grid, far into the file
    heard = play(page, opened(server, name), startUs=start_us, endUs=end_us, channel=0)
    [path] = folder.glob(f"{name}.*")
    wanted = truth(path, start_us, end_us)[:, 0]
    assert np.abs(wanted[:50]).max() > 0  # there is a sound to be on time
    [sounding] = np.nonzero(wanted)
    np.testing.assert_array_equal(heard[0], wanted[sounding[0] : sounding[-1] + 1])
    np.testing.assert_array_equal(heard[1], heard[0])


@pytest.mark.parametrize("name", ["flac", "tel"])
def test_on_a_slow_line_the_samples_are_the_same(page: Page, server: Server, folder: Path, name: str) -> None:
    start_us, end_us = 13_234_567, 14_345_678
    heard = play(page, opened(server, name), slow=True, startUs=start_us, endUs=end_us, channel=0)
    [path] = folder.glob(f"{name}.*")
    np.testing.assert_array_equal(heard[0], truth(path, start_us, end_us)[:, 0])


def test_both_channels_of_a_call_are_each_on_their_side(page: Page, server: Server, folder: Path) -> None:
    start_us, end_us = 5_500_000, 6_600_000
    tracks = [{"channel": 0, "left": 1, "right": 0}, {"channel": 1, "left": 0, "right": 1}]
    heard = play(page, opened(server, "call"), startUs=start_us, endUs=end_us, tracks=tracks)
    np.testing.assert_array_equal(heard, truth(folder / "call.wav", start_us, end_us).T)


@pytest.mark.parametrize("rate", [0.5, 1.5, 3])
def test_other_speeds_keep_the_pitch_and_last_as_long_as_they_should(
    page: Page, server: Server, rate: float
) -> None:
    heard = play(page, opened(server, "buzz"), startUs=3_100_000, endUs=4_900_000, channel=0, rate=rate)[0]
    assert len(heard) / RATE == pytest.approx(1.8 / rate, rel=0.01)
    middle = heard[len(heard) // 4 : 3 * len(heard) // 4]
    lags = np.arange(RATE // 400, RATE // 60)
    likeness = np.array([np.dot(middle[:-lag], middle[lag:]) / (len(middle) - lag) for lag in lags])
    best = int(likeness.argmax())
    # The top of a parabola through three points lies between the samples.
    left, top, right = likeness[best - 1 : best + 2]
    period = lags[best] + (left - right) / (2 * (left - 2 * top + right))
    assert RATE / period == pytest.approx(BUZZ_HZ, rel=0.01)


def test_a_raised_recording_is_louder_and_never_past_full_scale(page: Page, server: Server) -> None:
    stretch: dict[str, Any] = {"startUs": 3_100_000, "endUs": 3_400_000, "channel": 0}
    plain = play(page, opened(server, "buzz"), **stretch)[0]
    raised = play(page, opened(server, "buzz"), db=6, **stretch)[0]
    most = play(page, opened(server, "buzz"), db=24, **stretch)[0]
    small = np.abs(plain) < 0.3
    np.testing.assert_allclose(raised[small], plain[small] * 10 ** (6 / 20), atol=1e-3)
    assert 0.9 < np.abs(most).max() <= 1


def test_the_buttons_of_a_channel_are_heard_named_and_kept(page: Page) -> None:
    strip = page.get_by_role("group", name="Channel 2", exact=True)
    strip.get_by_role("button", name="Hear channel 2 alone").click()
    assert page.evaluate("document.activeElement.matches('.sl-text')")  # the caret stayed
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/pcm/" in request.url else None)
    with page.expect_request("**/pcm/1/*"):
        page.reload()
    wait_for_editor(page)
    assert not [url for url in asked if "/pcm/0/" in url or "/pcm/mix/" in url]
    solo = page.get_by_role("button", name="Hear channel 2 alone")
    expect(solo).to_have_attribute("aria-pressed", "true")
    solo.focus()
    page.keyboard.press("Space")
    expect(solo).to_have_attribute("aria-pressed", "false")
    mute = page.get_by_role("button", name="Do not hear channel 1")
    mute.focus()
    page.keyboard.press("Enter")
    expect(mute).to_have_attribute("aria-pressed", "true")
    page.locator(".sl-row textarea").first.click()
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_text("The channel of this segment is muted")).to_be_visible()
    page.get_by_label("Raise a faint recording").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_label("Raise a faint recording")).to_have_attribute("aria-valuetext", "+1 dB")
