"""The waveform under the hand: edges that catch, lanes for speakers, zoom that is kept, fingers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from .conftest import Open, Server, ask, serve_talks, wait_for_editor, wait_for_saved
from .sounds import write_talk

SECONDS = 20  # as long as the first view: x = seconds * width / 20


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with a talk of four turns for each test."""
    folder = tmp_path_factory.mktemp("see")
    paths = [write_talk(folder / f"{name}.wav", SECONDS, seed=seed) for seed, name in enumerate("abcde")]
    with serve_talks(folder, paths) as started:
        yield started


def opened(server: Server, name: str) -> dict[str, Any]:
    return ask(server, f"/api/projects/talks/recordings/{name}/open")


def times(server: Server, page: Page, name: str) -> list[tuple[int, int]]:
    wait_for_saved(page)
    return [(item["start_us"], item["end_us"]) for item in opened(server, name)["segments"]]


class Wave:
    """Where times and lanes are on the page."""

    def __init__(self, page: Page) -> None:
        box = page.locator(".sl-wave").bounding_box()
        assert box
        self.page = page
        self.left, self.top, self.width = box["x"], box["y"], box["width"]
        lanes = int(page.get_attribute(".sl-wave", "data-lanes") or 1)
        self.lane_px = (box["height"] - 20) / lanes

    def at(self, us: float, lane: int = 0) -> tuple[float, float]:
        return self.left + us * self.width / (SECONDS * 1e6), self.top + 20 + self.lane_px * (lane + 0.6)

    def drag(self, start: tuple[float, float], end: tuple[float, float], key: str | None = None) -> None:
        mouse, keyboard = self.page.mouse, self.page.keyboard
        mouse.move(*start)
        if key == "Shift":
            keyboard.down(key)
        mouse.down()
        if key and key != "Shift":
            keyboard.down(key)
        mouse.move(*end, steps=5)
        mouse.up()
        if key:
            keyboard.up(key)


def test_an_edge_catches_on_the_next_one_and_a_shared_edge_moves_both(
    server: Server, open_talk: Open
) -> None:
    page = open_talk("a")
    wave = Wave(page)
    (_, end), (start, _) = times(server, page, "a")[:2]
    near = wave.at(start)[0] - 4
    wave.drag(wave.at(end), (near, wave.at(0)[1]), "Control")
    free = times(server, page, "a")[0][1]
    assert free < start, "with Ctrl it stays where the pointer is"
    wave.drag(wave.at(free), (near - 40, wave.at(0)[1]), "Control")
    wave.drag(wave.at(times(server, page, "a")[0][1]), (near, wave.at(0)[1]))
    assert [time for pair in times(server, page, "a")[:2] for time in pair][1:3] == [start, start]
    page.mouse.move(*wave.at(start))
    assert page.evaluate("document.querySelector('.sl-wave').style.cursor") == "col-resize"
    wave.drag(wave.at(start), wave.at(start - 600_000))
    (_, one), (other, _) = times(server, page, "a")[:2]
    assert one == other < start - 400_000
    wave.drag(wave.at(one), wave.at(one - 600_000), "Shift")
    moved = times(server, page, "a")[:2]
    assert (moved[0][1] == one) != (moved[1][0] == one), "with Shift only one of the two"
    page.keyboard.press("Escape")
    page.keyboard.press("Control+z")
    assert times(server, page, "a")[:2] == [(moved[0][0], one), (one, moved[1][1])]


def test_a_lane_for_each_speaker_takes_what_is_drawn_in_it_and_dragged_to_it(
    server: Server, open_talk: Open
) -> None:
    about = opened(server, "b")
    speakers = {name: f"0190a000-0000-7000-8000-00000000000{i}" for i, name in enumerate(("Ann", "Bo"))}
    edits = [
        {"action": "insert", "target": "speaker", "record": {"id": id, "name": name}}
        for name, id in speakers.items()
    ]
    ask(
        server,
        f"/api/transcripts/{about['transcript']['id']}/edits",
        {"op_id": "speakers", "edits": edits},
    )
    page = open_talk("b")
    n = len(about["speakers"])
    page.keyboard.press("Alt+y")
    expect(page.locator(".sl-wave")).to_have_attribute("data-lanes", str(n + 3))
    expect(page.locator(".sl-lane-names span").last).to_have_text("Nobody yet")
    wave = Wave(page)
    before = times(server, page, "b")
    middle = sum(before[1]) / 2
    lane = n + 2 if not opened(server, "b")["segments"][1].get("speaker") else 0
    wave.drag(wave.at(middle, lane), wave.at(middle, n + 1))
    assert times(server, page, "b") == before
    assert opened(server, "b")["segments"][1]["speaker"] == speakers["Bo"]
    wave.drag(wave.at(middle - 500_000, n), wave.at(middle + 500_000, n))
    after = times(server, page, "b")
    assert len(after) == len(before) + 1
    assert set(before) <= set(after), "the region that it lies over has not moved"
    drawn = next(
        item for item in opened(server, "b")["segments"] if (item["start_us"], item["end_us"]) not in before
    )
    assert drawn["speaker"] == speakers["Ann"]
    page.reload()
    wait_for_editor(page)
    expect(page.locator(".sl-wave")).to_have_attribute("data-lanes", str(n + 3))


def view(page: Page) -> tuple[str, str]:
    return page.eval_on_selector(".sl-map-view", "view => [view.style.transform, view.style.width]")


def test_the_zoom_is_each_recordings_own_and_outlives_a_reload(open_talk: Open) -> None:
    page = open_talk("c")
    whole = view(page)
    page.locator(".sl-wave").hover()
    page.keyboard.down("Control")
    page.mouse.wheel(0, -20)  # as a pinch on a trackpad
    page.keyboard.up("Control")
    page.wait_for_function(
        "before => document.querySelector('.sl-map-view').style.width !== before", arg=whole[1]
    )
    page.mouse.wheel(0, -200)
    page.wait_for_function("parseFloat(document.querySelector('.sl-map-view').style.width) < 900")
    near = view(page)
    page.reload()
    wait_for_editor(page)
    assert view(page) == near
    page.keyboard.press("Alt+PageDown")
    page.wait_for_url("**recording=d&segment=*")
    wait_for_editor(page)
    assert view(page) == whole
    page.keyboard.press("Alt+PageUp")
    page.wait_for_url("**recording=c&segment=*")
    wait_for_editor(page)
    assert view(page) == near


def test_quiet_sound_is_stretched_on_demand_and_says_how_much(open_talk: Open) -> None:
    page = open_talk("c")
    expect(page.locator(".sl-gain")).to_be_hidden()
    page.keyboard.press("Alt+Shift+g")
    expect(page.locator(".sl-gain")).to_have_text(re.compile(r"×\d"))
    page.reload()
    wait_for_editor(page)
    expect(page.locator(".sl-gain")).to_have_text(re.compile(r"×\d"))


def test_fingers_tap_pan_pinch_and_mark(server: Server, chromium: Browser, open_talk: Open) -> None:
    context = chromium.new_context(locale="en-US", viewport={"width": 1366, "height": 768}, has_touch=True)
    page = open_talk("e", context)
    wave = Wave(page)
    before = times(server, page, "e")
    devtools: Any = context.new_cdp_session(page)

    def touch(type: str, *points: tuple[float, float]) -> None:
        places = [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(points)]
        devtools.send("Input.dispatchTouchEvent", {"type": type, "touchPoints": places})

    third = wave.at(sum(before[2]) / 2)
    touch("touchStart", third)
    touch("touchEnd")
    expect(page.locator(".sl-row[aria-posinset='3']")).to_have_attribute("aria-current", "true")
    whole = view(page)
    touch("touchStart", (500, third[1]), (600, third[1]))
    touch("touchMove", (400, third[1]), (700, third[1]))
    touch("touchEnd")
    page.wait_for_function("parseFloat(document.querySelector('.sl-map-view').style.width) < 600")
    near = view(page)
    touch("touchStart", (600, third[1]))
    touch("touchMove", (500, third[1]))
    touch("touchMove", (300, third[1]))
    touch("touchEnd")
    page.wait_for_function(
        "before => document.querySelector('.sl-map-view').style.transform !== before", arg=near[0]
    )
    assert view(page)[1] == near[1], "a finger pans and does not zoom"
    assert times(server, page, "e") == before, "and moves nothing"
    page.keyboard.press("Shift+f")
    page.wait_for_function(
        "before => document.querySelector('.sl-map-view').style.width === before", arg=whole[1]
    )
    gap = wave.at((before[0][1] + before[1][0]) / 2)
    touch("touchStart", gap)
    page.wait_for_timeout(700)  # what a long press is
    touch("touchMove", (gap[0] + 60, gap[1]))
    touch("touchEnd")
    expect(page.locator(".sl-row")).to_have_count(len(before) + 1)
    context.close()
