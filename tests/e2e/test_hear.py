"""Hearing: playing on with the list behind it, media keys and pedals from anywhere."""

from __future__ import annotations

import json
import re
import urllib.request
from typing import Any

from playwright.sync_api import Page, expect

from .conftest import Server, wait_for_editor

CURRENT = ".sl-row[aria-current=true]"
IS_PLAYING = ".sl-play[aria-label='Pause']"


def test_playing_on_takes_the_list_along_but_not_a_text_that_is_typed_in(page: Page) -> None:
    for _ in range(5):
        page.keyboard.press("F4")  # faster
    first = page.locator(CURRENT).get_attribute("data-id")
    page.keyboard.press("Alt+c")
    page.wait_for_function(
        "first => document.querySelector('.sl-row[aria-current=true]').dataset.id !== first", arg=first
    )
    assert page.evaluate("document.activeElement.matches('.sl-row[aria-current=true] .sl-text')")
    page.keyboard.type("ab")
    held = page.locator(CURRENT).get_attribute("data-id")
    end = page.evaluate("document.querySelector('.sl-clock').textContent")
    # Further on than any one segment of the dialogue is long, and still in the same text.
    page.wait_for_function(
        """before => {
          const seconds = (text) => Number(text.slice(3, 7)) + 60 * Number(text.slice(0, 2));
          return seconds(document.querySelector(".sl-clock").textContent) > seconds(before) + 8;
        }""",
        arg=end,
    )
    assert page.locator(CURRENT).get_attribute("data-id") == held
    page.keyboard.type("c")
    expect(page.locator(f"{CURRENT} .sl-text")).to_have_value("abc")
    page.keyboard.press("Alt+c")
    expect(page.locator(IS_PLAYING)).to_have_count(0)
    page.keyboard.press("Control+z")


def press_media(page: Page, key: str) -> None:
    page.evaluate(
        "key => document.activeElement.dispatchEvent("
        "new KeyboardEvent('keydown', { key, code: key, bubbles: true, cancelable: true }))",
        key,
    )


def test_media_keys_and_pedals_work_from_a_field_of_the_panel(page: Page) -> None:
    page.keyboard.press("Alt+r")  # a loop: it plays until it is told not to
    expect(page.locator(IS_PLAYING)).to_have_count(1)
    field = page.locator(".sl-panel").locator("input, select, textarea").first
    field.focus()
    press_media(page, "MediaPlayPause")
    expect(page.locator(IS_PLAYING)).to_have_count(0)
    press_media(page, "MediaPlayPause")
    expect(page.locator(IS_PLAYING)).to_have_count(1)
    before = page.locator(".sl-rate").input_value()
    page.keyboard.press("F4")
    expect(page.locator(".sl-rate")).not_to_have_value(before)
    first = page.locator(CURRENT).get_attribute("data-id")
    press_media(page, "MediaTrackNext")
    expect(page.locator(CURRENT)).not_to_have_attribute("data-id", first or "")


NOTE_STARTS = """
window.starts = 0;
const { start } = AudioBufferSourceNode.prototype;
AudioBufferSourceNode.prototype.start = function (...when) {
  starts += 1;
  return start.apply(this, when);
};
"""


def test_on_a_slow_line_the_next_segment_is_there_before_it_is_asked_for(page: Page, server: Server) -> None:
    """5 Mbit/s, 80 ms there and back; only the channel of each segment comes over it."""
    page.add_init_script(NOTE_STARTS)
    line: Any = page.context.new_cdp_session(page)
    line.send("Network.enable")
    line.send("Network.setCacheDisabled", {"cacheDisabled": True})
    speed = {"downloadThroughput": 5e6 / 8, "uploadThroughput": 5e6 / 8}
    line.send("Network.emulateNetworkConditions", {"offline": False, "latency": 80, **speed})
    sound = re.compile("/call-zh/.*/pcm/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if sound.search(request.url) else None)
    come: list[str] = []
    page.on(
        "requestfinished", lambda request: come.append(request.url) if sound.search(request.url) else None
    )
    page.goto(f"{server.address}/?project=samples&recording=call-zh")
    wait_for_editor(page)
    address = f"{server.address}/api/projects/samples/recordings/call-zh/open"
    with urllib.request.urlopen(address) as answer:
        segments = json.load(answer)["segments"]
    here = page.locator(CURRENT).get_attribute("data-id")
    at = next(index for index, segment in enumerate(segments) if segment["id"] == here)
    soon = segments[at : at + 3]
    wanted = {
        f"/pcm/{segment['channel']}/{index}"
        for segment in soon
        for index in range(segment["start_us"] // 2_000_000, (segment["end_us"] - 1) // 2_000_000 + 1)
    }
    assert len({segment["channel"] for segment in soon}) == 2  # both have their turn
    while not all(any(url.endswith(path) for url in come) for path in wanted):
        page.wait_for_event("requestfinished")
    # What is to be heard is asked for before the samples of the picture, but for those on their way already.
    paths = [url[url.index("/pcm/") :] for url in asked]
    assert max(paths.index(path) for path in wanted) < len(wanted) + 4
    # The gesture; and back again, so that the next one is heard for the first time.
    page.keyboard.press("Alt+ArrowUp")
    page.keyboard.press("Alt+ArrowDown")
    page.wait_for_function("starts > 0")
    # From now on nothing more comes over the line, and the next one sounds all the same.
    page.route("**/pcm/**", lambda _: None)
    before = page.evaluate("starts")
    page.keyboard.press("Alt+ArrowDown")
    page.wait_for_function("before => starts > before", arg=before)


def test_a_faint_recording_is_raised_and_lowered_by_keys(page: Page) -> None:
    slider = page.get_by_label("Raise a faint recording")
    expect(slider).to_have_attribute("title", re.compile("Alt.Shift"))
    page.keyboard.press("Alt+Shift+Minus")
    expect(slider).to_have_value("0")
    page.keyboard.press("Alt+Shift+Equal")
    page.keyboard.press("Alt+Shift+Equal")
    expect(slider).to_have_value("6")
    expect(page.locator(".sl-toast")).to_contain_text("+6 dB")
    [kept] = page.evaluate("Object.values(JSON.parse(localStorage['speechlabel.sound']))")
    assert kept["db"] == 6
    page.keyboard.press("Alt+Shift+Minus")
    expect(slider).to_have_value("3")
    page.keyboard.press("Control+/")
    expect(page.locator("tr[data-command=louder] td[data-context=text] .sl-bind")).to_be_attached()
