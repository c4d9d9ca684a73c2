"""What people typed survives broken lines, killed servers and browsers, closed tabs and conflicts."""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright

from .conftest import CHROMIUM, Server, open_context, start_server, wait_for_editor, wait_for_saved

CURRENT = ".sl-row[aria-current=true]"
RECORDING = "long-silences"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    started = start_server(tmp_path_factory.mktemp("workspace"))
    yield started
    if started.process.poll() is None:
        started.stop()


@pytest.fixture
def place(server: Server) -> str:
    """The address of a sample as it was at first."""
    request = urllib.request.Request(
        f"{server.address}/api/samples/reset", b"{}", {"Content-Type": "application/json"}
    )
    urllib.request.urlopen(request).close()
    return f"{server.address}/?project=samples&recording={RECORDING}"


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    context = open_context(chromium, "en-US")
    yield context
    context.close()


def open_page(context: BrowserContext, address: str) -> Page:
    page = context.new_page()
    page.crashes = []  # type: ignore[attr-defined]
    page.on("pageerror", lambda error: page.crashes.append(str(error)))  # type: ignore[attr-defined]
    page.goto(address)
    wait_for_editor(page)
    return page


def opened(server: Server) -> dict[str, Any]:
    with urllib.request.urlopen(
        f"{server.address}/api/projects/samples/recordings/{RECORDING}/open"
    ) as answer:
        return json.load(answer)


def texts(server: Server) -> list[str]:
    return [segment.get("text") or "" for segment in opened(server)["segments"]]


def shown(page: Page) -> list[str]:
    return page.eval_on_selector_all(".sl-row textarea", "boxes => boxes.map(box => box.value)")


def type_rows(page: Page, rows: list[str]) -> None:
    for row in rows:
        page.keyboard.type(row, delay=15)
        page.keyboard.press("Alt+ArrowDown")


def wait_for_state(page: Page, state: str, timeout_s: float = 20) -> None:
    page.wait_for_selector(f'.sl-save[data-state="{state}"]', timeout=timeout_s * 1000)


def test_offline_it_waits_says_so_and_is_sent_later(
    server: Server, place: str, context: BrowserContext
) -> None:
    page = open_page(context, place)
    context.set_offline(True)
    type_rows(page, ["在断网时", "写的字", "都在"])
    wait_for_state(page, "offline")
    said = re.search(r"Offline, (\d+) kept here", page.inner_text(".sl-save"))
    assert said and int(said[1]) == 3
    assert "在断网时" not in texts(server)
    assert shown(page)[:3] == ["在断网时", "写的字", "都在"]
    context.set_offline(False)
    wait_for_saved(page)
    assert texts(server)[:3] == ["在断网时", "写的字", "都在"]
    assert page.crashes == []  # type: ignore[attr-defined]


def test_the_server_is_killed_while_one_types_and_the_page_goes_on(
    server: Server, place: str, context: BrowserContext
) -> None:
    page = open_page(context, place)
    page.keyboard.type("before the crash ", delay=15)
    server.stop(signal.SIGKILL)
    page.keyboard.type("and after it", delay=15)
    page.keyboard.press("Alt+ArrowDown")
    page.keyboard.type("a second one", delay=15)
    wait_for_state(page, "offline")
    port = int(server.address.rpartition(":")[2])
    again = start_server(server.workspace, port)
    assert again.address == server.address
    server.process = again.process
    wait_for_saved(page, 40)
    assert texts(server)[:2] == ["before the crash and after it", "a second one"]
    assert page.input_value(f"{CURRENT} textarea") == "a second one"
    page.keyboard.type(", and on", delay=15)
    wait_for_state(page, "saving")
    wait_for_saved(page)
    assert texts(server)[1] == "a second one, and on"
    # The other views come back as well.
    page.click('.slp-tab[data-view="projects"]')
    page.get_by_role("link", name="Order number on the phone").wait_for(timeout=20_000)
    assert page.crashes == []  # type: ignore[attr-defined]


def test_a_recording_opens_by_itself_once_the_server_answers_again(
    place: str, context: BrowserContext
) -> None:
    page = open_page(context, place)
    page.click(".slp-picker")
    page.locator(".slp-option").first.wait_for()
    context.set_offline(True)
    page.locator(".slp-option", has_text="Order number on the phone").click()
    page.locator(".slp-notice.is-bad", has_text="The server does not answer").wait_for()
    page.click(".slp-picker")
    page.locator(".slp-list", has_text="The server does not answer").wait_for()
    page.keyboard.press("Escape")
    context.set_offline(False)
    wait_for_editor(page)
    assert "phone-8k" in page.url
    assert page.crashes == []  # type: ignore[attr-defined]


def test_a_tab_closed_at_once_loses_nothing(server: Server, place: str, context: BrowserContext) -> None:
    keeper = context.new_page()  # so that the context stays
    page = open_page(context, place)
    page.keyboard.type("closed at once")
    page.close(run_before_unload=True)
    page = open_page(context, place)
    assert page.input_value(f"{CURRENT} textarea") == "closed at once"
    wait_for_saved(page)
    assert texts(server)[0] == "closed at once"
    keeper.close()


def test_a_tab_closed_offline_loses_nothing(server: Server, place: str, context: BrowserContext) -> None:
    page = open_page(context, place)
    context.set_offline(True)
    type_rows(page, ["one", "two"])
    page.keyboard.type("three")
    page.close()
    assert "one" not in texts(server)
    context.set_offline(False)
    page = open_page(context, place)
    wait_for_saved(page)
    assert shown(page)[:3] == texts(server)[:3] == ["one", "two", "three"]


def test_a_killed_browser_keeps_what_the_server_did_not_get(
    server: Server, place: str, playwright: Playwright, tmp_path: Path
) -> None:
    profile = tmp_path / "profile"

    def launch() -> BrowserContext:
        return playwright.chromium.launch_persistent_context(
            str(profile),
            executable_path=CHROMIUM,
            locale="en-US",
            args=["--no-sandbox", "--disable-gpu", "--no-first-run"],
        )

    context = launch()
    page = open_page(context, place)
    context.route("**/edits", lambda route: route.abort())
    type_rows(page, ["kept in the browser", "this too"])
    wait_for_state(page, "offline")
    kill_browser_of(profile)
    assert "this too" not in texts(server)
    context = launch()
    page = open_page(context, place)
    wait_for_saved(page)
    assert texts(server)[:2] == shown(page)[:2] == ["kept in the browser", "this too"]
    context.close()


def kill_browser_of(profile: Path) -> None:
    """Kill every process of the browser that was started with this profile."""
    found: list[int] = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            command = (folder / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if f"--user-data-dir={profile}" in command:
            found.append(int(folder.name))
    assert found
    for pid in found:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue  # went with its parent


def test_a_second_tab_reads_only_and_can_take_over(
    server: Server, place: str, context: BrowserContext
) -> None:
    first = open_page(context, place)
    first.keyboard.type("by the first")
    second = open_page(context, place)
    wait_for_state(second, "readonly")
    assert "edited in another tab" in second.inner_text(".sl-banner >> nth=0")
    assert second.evaluate(f"document.querySelector('{CURRENT} textarea').readOnly")
    second.get_by_text("Edit here instead").click()
    second.wait_for_selector('.sl-save[data-state="saved"]', timeout=10_000)
    wait_for_state(first, "readonly")
    assert texts(server)[0] == "by the first"
    assert shown(second)[0] == "by the first"
    wait_for_editor(second)
    second.keyboard.press("End")
    second.keyboard.type(" and the second")
    wait_for_saved(second)
    assert texts(server)[0] == "by the first and the second"
    second.close()
    assert first.locator(".sl-banner").first.is_visible(), "it does not write again on its own"


@pytest.mark.parametrize(("key", "stays"), [("1", "mine"), ("2", "theirs")])
def test_two_browsers_in_conflict_show_both_and_one_key_chooses(
    server: Server, place: str, chromium: Browser, context: BrowserContext, key: str, stays: str
) -> None:
    elsewhere = open_context(chromium, "en-US")
    mine = open_page(context, place)
    theirs = open_page(elsewhere, place)
    theirs.keyboard.type("what theirs is")
    wait_for_saved(theirs)
    mine.keyboard.type("what mine is")
    dialog = mine.locator("dialog.sl-conflict[open]")
    dialog.wait_for(timeout=10_000)
    assert "what mine is" in dialog.inner_text() and "what theirs is" in dialog.inner_text()
    assert mine.get_attribute(".sl-save", "data-state") == "conflict"
    mine.keyboard.press(key)
    dialog.wait_for(state="hidden")
    wait_for_saved(mine)
    assert texts(server)[0] == shown(mine)[0] == f"what {stays} is"
    assert mine.evaluate("document.activeElement.matches('textarea.sl-text')")
    # Neither is gone: the journal has what was saved, the side drafts have what was refused.
    with sqlite3.connect(f"file:{server.workspace}/speechlabel.db?mode=ro", uri=True) as database:
        journal = str(database.execute("SELECT after FROM journal").fetchall())
        drafts = str(database.execute("SELECT * FROM side_draft").fetchall())
    assert "what theirs is" in journal and "what mine is" in drafts
    # And one types on.
    mine.keyboard.press("End")
    mine.keyboard.type(" on")
    wait_for_state(mine, "saving")
    wait_for_saved(mine)
    assert texts(server)[0] == f"what {stays} is on"
    elsewhere.close()


def test_an_undo_chain_goes_on_after_a_reload(server: Server, place: str, context: BrowserContext) -> None:
    page = open_page(context, place)
    states = [opened(server)["segments"]]

    def note() -> None:
        wait_for_saved(page)
        states.append(opened(server)["segments"])

    page.keyboard.type("one")
    note()
    page.keyboard.press("Alt+u")
    note()
    page.keyboard.press("Escape")
    page.keyboard.press("m")
    note()
    page.keyboard.press("Shift+.")
    note()
    page.keyboard.press("d")
    note()

    def content(segments: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{name: value for name, value in segment.items() if name != "version"} for segment in segments]

    def step(keys: str, wanted: list[dict[str, Any]]) -> None:
        page.keyboard.press("Escape")  # out of the text, where the browser has an undo of its own
        page.keyboard.press(keys)
        wait_for_saved(page)
        assert content(opened(server)["segments"]) == content(wanted)

    step("Control+z", states[4])
    step("Control+z", states[3])
    page.reload()
    page.wait_for_selector(CURRENT)
    wait_for_saved(page)
    for wanted in (states[2], states[1]):
        step("Control+z", wanted)
    page.reload()
    page.wait_for_selector(CURRENT)
    wait_for_saved(page)
    step("Control+z", states[0])
    for wanted in states[1:]:
        step("Control+y", wanted)


# In the page: every request that saves is 150 ms late on its way and 150 ms late on its way back.
SLOW_SAVES = """
const real = globalThis.fetch;
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
globalThis.fetch = async (address, options) => {
  if (!String(address).endsWith("/edits")) return real(address, options);
  await sleep(150);
  const answer = await real(address, options);
  await sleep(150);
  return answer;
};
"""
# Whenever the mark says saved, what every box holds must be what the server has at that very moment: nothing
# in the page can move while it asks, for it asks without letting go of the thread.
WATCH_THE_MARK = """(address) => {
  const seen = (window.seen = { saved: 0, other: 0, lies: [] });
  window.watching = setInterval(() => {
    if (document.querySelector(".sl-save").dataset.state !== "saved") return void seen.other++;
    seen.saved++;
    const request = new XMLHttpRequest();
    request.open("GET", address, false);
    request.send();
    const { segments } = JSON.parse(request.responseText);
    const server = new Map(segments.map((item) => [item.id, item.text ?? ""]));
    for (const row of document.querySelectorAll(".sl-row")) {
      const box = row.querySelector("textarea").value;
      if (box !== server.get(row.dataset.id)) seen.lies.push([box, server.get(row.dataset.id)]);
    }
  }, 23);
}"""


def test_the_mark_never_says_saved_before_the_server_has_it(
    server: Server, place: str, context: BrowserContext
) -> None:
    context.add_init_script(SLOW_SAVES)
    page = open_page(context, place)
    page.evaluate(WATCH_THE_MARK, f"{server.address}/api/projects/samples/recordings/{RECORDING}/open")
    for row in range(4):
        for word in ("slowly ", "typed ", "with ", "rests ", "between"):
            page.keyboard.type(word, delay=25)
            time.sleep(0.15 * (row + 1))
        page.keyboard.press("Enter" if row % 2 else "Alt+ArrowDown")
        if row == 2:
            wait_for_saved(page)
            time.sleep(0.2)
    page.keyboard.press("Alt+u")
    page.keyboard.press("Control+z")
    wait_for_saved(page)
    time.sleep(0.3)
    seen = page.evaluate("(clearInterval(window.watching), window.seen)")
    assert seen["lies"] == []
    assert seen["saved"] >= 10 and seen["other"] >= 20, "both were looked at"
    assert texts(server)[:4] == ["slowly typed with rests between"] * 4


def notes(server: Server) -> list[str | None]:
    return [segment.get("note") for segment in opened(server)["segments"]]


def test_a_note_stays_at_the_segment_that_it_was_typed_at(
    server: Server, place: str, context: BrowserContext
) -> None:
    page = open_page(context, place)
    page.locator(".sl-note").click()
    page.keyboard.type("of the first", delay=15)
    page.locator(".sl-row .sl-time").nth(2).click()
    page.locator(".sl-note").click()
    page.keyboard.type("of the third", delay=15)
    page.close(run_before_unload=False)  # the caret never left the box
    page = open_page(context, place)
    wait_for_saved(page)
    assert notes(server)[:3] == ["of the first", None, "of the third"]


def test_the_panel_is_reached_and_left_by_keys(place: str, context: BrowserContext) -> None:
    page = open_page(context, place)
    held = "() => [...document.querySelectorAll('.sl-panel, .sl-wave, .sl-text')]"
    held += ".find((part) => part.contains(document.activeElement))?.className.split(' ')[0]"
    seen = []
    for _ in range(3):
        page.keyboard.press("F6")
        seen.append(page.evaluate(held))
    assert seen == ["sl-panel", "sl-wave", "sl-text"]
