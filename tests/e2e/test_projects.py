"""The projects view in a real browser: the guideline; names and the end of projects and recordings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from .conftest import Server, Watched, ask, open_context, serve_talks, wait_for_editor, wait_until_ready
from .sounds import write_talk


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("talks")
    paths = [write_talk(folder / f"{name}.wav", 10, seed=seed) for seed, name in enumerate(("one", "two"))]
    with serve_talks(folder, paths) as server:
        yield server


@pytest.fixture
def page(server: Server, chromium: Browser) -> Iterator[Page]:
    """The view of "talks" in English; nothing may go wrong in it."""
    context = open_context(chromium, "en-US")
    page = context.new_page()
    watched = Watched(page, server.address)
    wait_until_ready(server, page)
    page.goto(f"{server.address}/?project=talks&view=projects")
    page.wait_for_selector("#slp-recordings a")
    yield page
    assert (watched.errors, watched.foreign) == ([], [])
    context.close()


def press(page: Page, words: str) -> None:
    page.locator("#slp-projects-view").get_by_role("button", name=words, exact=True).click()


def test_a_guideline_is_downloaded_changed_loaded_and_used(
    server: Server, page: Page, tmp_path: Path
) -> None:
    panel = page.locator("#slp-guideline")
    page.get_by_role("button", name="Guideline: labels, reasons, further fields").click()
    expect(panel.locator(".slp-rules")).to_contain_text("Other voices")

    # What is wrong is said with its line, and nothing is stored.
    box = panel.locator(".cm-content")
    box.click()
    page.keyboard.press("Control+Home")
    page.keyboard.insert_text("colour = 1\n")
    expect(panel).to_contain_text("Changed here, not saved yet.")
    press(page, "Save")
    expect(panel.locator(".slp-error").first).to_contain_text("Line 1, colour: there is no such field")
    before = ask(server, "/api/projects/talks/guideline")["guideline"]
    assert "colour" not in before
    # It is still there after a look at another view.
    page.get_by_role("button", name="Export", exact=True).first.click()
    page.get_by_role("button", name="Projects", exact=True).click()
    expect(box).to_contain_text("colour = 1")
    press(page, "Discard my changes")
    expect(box).not_to_contain_text("colour = 1")

    with page.expect_download() as download:
        press(page, "Download")
    assert download.value.suggested_filename == "talks.toml"
    text = Path(download.value.path()).read_text("utf-8")
    assert text == before
    mine = tmp_path / "mine.toml"
    mine.write_text(re.sub(r'en = "Echo".*', 'en = "Ringing", zh-CN = "铃声" }', text), encoding="utf-8")
    with page.expect_file_chooser() as chooser:
        press(page, "Load a file…")
    chooser.value.set_files(mine)
    expect(panel).to_contain_text("The guideline is right.")
    press(page, "Save")
    expect(panel).to_contain_text("Saved. The editor offers this from now on.")
    expect(panel.locator(".slp-rules")).to_contain_text("Ringing")
    page.locator("#slp-recordings a").first.click()
    wait_for_editor(page)
    expect(page.locator(".sl-editor")).to_contain_text("Ringing")


def test_a_recording_is_renamed_and_deleted_under_an_open_editor_that_loses_nothing(
    server: Server, page: Page
) -> None:
    other = page.context.new_page()
    other.goto(f"{server.address}/?project=talks&recording=two")
    wait_for_editor(other)

    row = page.locator("#slp-recordings tbody tr", has_text="two.wav")
    row.get_by_role("button", name="Rename or delete the recording").click()
    dialog = page.locator("dialog[open]")
    dialog.get_by_role("textbox").fill("Tuesday’s talk")
    page.keyboard.press("Enter")
    row = page.locator("#slp-recordings tbody tr", has_text="Tuesday’s talk")
    expect(row).to_have_count(1)
    assert ask(server, "/api/projects/talks/recordings")[1]["name"] == "Tuesday’s talk"

    row.get_by_role("button", name="Rename or delete the recording").click()
    dialog.get_by_role("button", name="Delete…").click()
    expect(dialog).to_contain_text("Delete “Tuesday’s talk”?")
    expect(dialog).to_contain_text("0:10 of sound")
    dialog.get_by_role("button", name="Delete", exact=True).click()
    expect(row).to_have_count(0)
    assert [item["id"] for item in ask(server, "/api/projects/talks/recordings")] == ["one"]

    # Who was at work on it is told, and what was typed is kept in the browser.
    other.keyboard.insert_text("typed too late")
    expect(other.locator(".slp-stage")).to_contain_text("This recording is gone", timeout=15_000)
    other.goto(f"{server.address}/?project=talks&recording=one")
    wait_for_editor(other)
    other.click('.sl-save[data-state="elsewhere"]', timeout=20_000)
    panel = other.locator("dialog.sl-waiting[open]")
    expect(panel.locator("section", has_text="two.wav")).to_contain_text("no longer on the server")
    with other.expect_download() as fetched:
        panel.get_by_text("Save to a file").click()
    assert "typed too late" in Path(fetched.value.path()).read_text("utf-8")
    other.close()


def test_a_project_is_renamed_and_deleted_only_by_its_name(server: Server, page: Page) -> None:
    page.goto(f"{server.address}/?project=talks&recording=one")
    wait_for_editor(page)
    page.keyboard.insert_text("somebody’s work")
    page.wait_for_selector('.sl-save[data-state="saved"]')
    page.get_by_role("button", name="Projects", exact=True).click()
    more = page.get_by_role("button", name="Rename or delete the project")
    more.click()
    dialog = page.locator("dialog[open]")
    box = dialog.get_by_role("textbox")
    box.fill("通话 of May")
    dialog.get_by_role("button", name="Rename", exact=True).click()
    expect(
        page.get_by_role("listbox", name="Project").or_(page.get_by_label("Project", exact=True)).first
    ).to_have_value("通话 of May")
    more.click()
    expect(box).to_have_value("通话 of May")
    dialog.get_by_role("button", name="Delete…").click()
    expect(dialog).to_contain_text("Recordings with somebody’s work: 1.")
    sure = dialog.get_by_role("button", name="Delete", exact=True)
    expect(sure).to_be_disabled()
    box.fill("通话")
    expect(sure).to_be_disabled()
    box.fill("通话 of May")
    sure.click()
    expect(page.locator("#slp-recordings")).not_to_contain_text("one.wav")
    assert "talks" not in {item["id"] for item in ask(server, "/api/projects")}
    page.wait_for_function("!location.search.includes('talks')")
    audio = server.workspace.parent / "one.wav"
    assert audio.is_file()
