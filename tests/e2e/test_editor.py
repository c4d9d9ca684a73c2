"""What only a browser shows of the editor: on to the next recording, undo in words, lanes, unsaved work."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from .conftest import (
    Open,
    Server,
    ask,
    open_context,
    serve_talks,
    wait_for_editor,
    wait_for_saved,
    wait_until_ready,
)
from .sounds import write_talk

CURRENT = ".sl-row[aria-current=true]"
RECORDINGS = "/api/projects/talks/recordings"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server with a call on two channels and a talk on one, each of four turns."""
    paths = [write_talk(tmp_path / "a.wav", 20, channels=2), write_talk(tmp_path / "b.wav", 20, seed=5)]
    with serve_talks(tmp_path, paths) as started:
        yield started


def segments(server: Server, recording: str) -> list[dict[str, Any]]:
    return ask(server, f"{RECORDINGS}/{recording}/open")["segments"]


def wait_for_recording(page: Page, recording: str) -> None:
    page.wait_for_url(f"**recording={recording}&segment=*")
    wait_for_editor(page)


def test_enter_goes_on_to_the_next_recording_and_keys_go_back(open_talk: Open) -> None:
    page = open_talk("a")
    page.keyboard.type("one")
    page.locator(".sl-row textarea").last.click()
    page.keyboard.type("last")
    page.keyboard.press("Enter")
    end = page.locator(".sl-end")
    end.wait_for()
    assert "1 not marked as done" in end.inner_text() and "empty" in end.inner_text()
    assert "Next recording: b.wav (0 of" in end.inner_text()
    page.get_by_text("Go to what is left here").click()
    end.wait_for(state="hidden")
    assert page.input_value(f"{CURRENT} textarea") == "one"
    page.locator(".sl-row textarea").last.click()
    page.keyboard.press("Enter")
    end.wait_for()
    page.keyboard.press("Enter")
    wait_for_recording(page, "b")
    page.keyboard.press("Alt+PageUp")
    wait_for_recording(page, "a")
    page.keyboard.press("Alt+PageDown")
    wait_for_recording(page, "b")


def test_when_everything_is_done_it_is_said(server: Server, open_talk: Open) -> None:
    page = open_talk("a")
    for recording in ("a", "b"):
        about = ask(server, f"{RECORDINGS}/{recording}/open")
        edits = [
            {"action": "update", "target": "segment", "id": item["id"], "version": item.get("version", 0),
             "changes": {"text": "x", "status": "done"}}
            for item in about["segments"]
        ]  # fmt: skip
        path = f"/api/transcripts/{about['transcript']['id']}/edits"
        ask(server, path, {"op_id": f"done-{recording}", "edits": edits})
    page.reload()
    wait_for_editor(page)
    page.locator(".sl-row textarea").last.click()
    page.keyboard.press("Enter")  # the first one plays
    page.keyboard.press("Enter")
    page.locator(".sl-end", has_text="Everything in this project is done.").wait_for()
    page.locator(".sl-end", has_text="All ").wait_for()


def test_undo_says_what_came_back_and_lights_it_up(open_talk: Open) -> None:
    page = open_talk("b")
    page.keyboard.type("hello")
    page.keyboard.press("Alt+ArrowDown")
    page.keyboard.press("Control+z")
    page.locator(".sl-toast", has_text="Undone: text, segment 1. Now: empty").wait_for()
    page.wait_for_selector(".sl-row[aria-posinset='1'].sl-flash")
    page.wait_for_selector(".sl-row[aria-posinset='1'][aria-current=true]")
    page.wait_for_selector(".sl-flash", state="detached")


def test_the_state_of_a_row_is_a_button(server: Server, open_talk: Open) -> None:
    page = open_talk("b")
    page.keyboard.type("hello")
    state = page.locator(f"{CURRENT} button.sl-state")
    for shown, saved in (("done", "done"), ("unsure", "unsure"), ("draft", "draft")):
        state.click()
        page.wait_for_selector(f"{CURRENT}[data-state={shown}]")
        wait_for_saved(page)
        assert segments(server, "b")[0]["status"] == saved
    assert page.evaluate("document.activeElement.matches('.sl-row[aria-current=true] textarea')")
    state.focus()
    page.keyboard.press("Space")
    page.wait_for_selector(f"{CURRENT}[data-state=done]")
    assert "(Alt+U)" in (state.get_attribute("title") or "")


def test_lanes_are_changed_where_they_are_seen_to_be_wrong(server: Server, open_talk: Open) -> None:
    page = open_talk("a")
    page.wait_for_selector('.sl-wave[data-lanes="2"]')
    page.get_by_role("button", name="This recording has 2 channels").click()
    page.locator("dialog[open]", has_text="cut into segments anew").wait_for()
    page.click("[data-layout=mixed]")
    page.wait_for_selector('.sl-wave[data-lanes="1"]', timeout=30_000)
    assert {item.get("channel") for item in segments(server, "a")} == {None}
    wait_for_editor(page)
    page.keyboard.type("kept")
    wait_for_saved(page)
    before = segments(server, "a")
    page.get_by_role("button", name="This recording has 2 channels").click()
    page.locator("dialog[open]", has_text="stays exactly as it is").wait_for()
    page.click("[data-layout=separate]")
    page.wait_for_selector('.sl-wave[data-lanes="2"]', timeout=30_000)
    assert segments(server, "a") == before
    page.locator(f"{CURRENT} .sl-chip", has_text="All channels").wait_for()
    assert page.input_value(f"{CURRENT} textarea") == "kept"


def test_work_on_a_pass_that_was_replaced_goes_into_the_new_one(server: Server, open_talk: Open) -> None:
    page = open_talk("b")
    old = page.get_attribute(CURRENT, "data-id")
    ask(server, f"{RECORDINGS}/b/prepare", {"options": {"min_silence_ms": 3000}})
    wait_until_ready(server, page)
    assert old not in [item["id"] for item in segments(server, "b")], "another tab has opened it"
    page.keyboard.type("mine")
    page.locator(".sl-toast", has_text="prepared anew").wait_for(timeout=20_000)
    wait_for_saved(page)
    assert next(item["text"] for item in segments(server, "b") if item["id"] == old) == "mine"


def test_unsaved_work_is_shown_kept_in_a_file_and_brought_back(
    server: Server, open_talk: Open, tmp_path: Path
) -> None:
    page = open_talk("a")
    page.route("**/edits", lambda route: route.abort())
    page.keyboard.type("in a")
    page.wait_for_selector('.sl-save[data-state="offline"]')
    page.keyboard.press("Alt+PageDown")
    wait_for_recording(page, "b")
    page.wait_for_selector('.sl-save[data-state="elsewhere"]', timeout=20_000)
    page.click(".sl-save")
    panel = page.locator("dialog.sl-waiting[open]")
    panel.locator("section", has_text="a.wav").wait_for()
    with page.expect_download() as fetched:
        panel.get_by_text("Save to a file").click()
    kept = tmp_path / "kept.json"
    fetched.value.save_as(kept)
    [step] = json.loads(kept.read_text("utf-8"))["steps"]
    assert [item["text"] for item in step["after"]["segment"].values()] == ["in a"]

    # Another browser, which knows nothing of it.
    browser = page.context.browser
    assert browser
    other_context = open_context(browser, "en-US")
    other = other_context.new_page()
    other.goto(f"{server.address}/?project=talks&recording=a")
    wait_for_editor(other)
    other.click(".sl-save")
    with other.expect_file_chooser() as chooser:
        other.get_by_text("Bring back a file…").click()
    chooser.value.set_files(kept)
    other.wait_for_function("document.querySelector('.sl-row textarea')?.value === 'in a'")
    wait_for_saved(other)
    other_context.close()
    assert segments(server, "a")[0]["text"] == "in a"

    page.unroute("**/edits")
    panel.get_by_text("Try now").click()
    panel.get_by_text("All of it is saved now.").wait_for()
    assert segments(server, "a")[0]["text"] == "in a"
