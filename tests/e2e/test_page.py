"""The page around the editor in a real browser: own audio, projects, export, language, addresses."""

from __future__ import annotations

import base64
import json
import re
import time
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import soundfile as sf
from playwright.sync_api import Browser, Dialog, Page

from .conftest import Server, Watched, open_context, start_server, wait_for_editor, wait_for_saved
from .sounds import write_long_mp3, write_talk

DIALOGUE = "/?project=samples&recording=dialogue-en"
CURRENT = ".sl-row[aria-current=true]"
DROP = """([files]) => {
  const transfer = new DataTransfer();
  for (const [name, data] of files) {
    const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
    transfer.items.add(new File([bytes], name));
  }
  const target = document.elementFromPoint(innerWidth / 3, innerHeight * 0.8);
  for (const type of ["dragenter", "dragover", "drop"])
    target.dispatchEvent(new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true }));
}"""


WAIT_FOR_LINK = """(project) =>
  document.querySelector("#slp-recordings a")?.search.includes(`project=${project}&`)"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of the server with recordings in it, and an annotation of one."""
    made = tmp_path_factory.mktemp("calls")
    write_talk(made / "monday.wav", 20, seed=11)
    write_talk(made / "星期二.flac", 20, seed=12)
    (made / "monday.rttm").write_text("SPEAKER monday 1 0.5 1.5 <NA> <NA> anna <NA> <NA>\n", "utf-8")
    (made / "broken.wav").write_bytes(b"this is no sound at all " * 40)
    return made


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, folder: Path) -> Iterator[Server]:
    started = start_server(tmp_path_factory.mktemp("workspace"), SPEECHLABEL_ROOTS=str(folder))
    yield started
    started.stop()


@pytest.fixture
def watched() -> list[Watched]:
    """What went wrong in each tab; a test takes out what it provoked."""
    return []


@pytest.fixture
def page(server: Server, chromium: Browser, watched: list[Watched]) -> Iterator[Page]:
    """The page in English; nothing may go wrong in it, or leave this machine."""
    context = open_context(chromium, "en-US")
    context.on("page", lambda other: watched.append(Watched(other, server.address)))
    page = context.new_page()
    page.goto(server.address + DIALOGUE)
    wait_for_editor(page)
    yield page
    context.close()
    assert [error for one in watched for error in one.errors] == []
    assert [url for one in watched for url in one.foreign] == []


def ask(server: Server, path: str) -> Any:
    with urllib.request.urlopen(server.address + path) as answer:
        return json.load(answer)


def post(server: Server, path: str, body: dict[str, Any]) -> Any:
    headers = {"Content-Type": "application/json"}
    asked = urllib.request.Request(server.address + path, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(asked) as answer:
        return json.load(answer)


def project_named(server: Server, name: str) -> dict[str, Any]:
    return next(item for item in ask(server, "/api/projects") if item["name"] == name)


def recordings_of(server: Server, project: str) -> dict[str, dict[str, Any]]:
    return {item["name"]: item for item in ask(server, f"/api/projects/{project}/recordings")}


def drop(page: Page, *files: Path) -> None:
    """Drop files on the list of segments, as out of a file manager."""
    page.evaluate(DROP, [[[file.name, base64.b64encode(file.read_bytes()).decode()] for file in files]])


def dialog(page: Page) -> Any:
    found = page.locator("dialog.slp-dialog")
    found.wait_for()
    return found


def to(page: Page, view: str) -> None:
    page.click(f'.slp-tab[data-view="{view}"]')


def clear(page: Page) -> None:
    """Take out what was typed, for the tests that follow."""
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    wait_for_saved(page)


# First screen


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1920, 1080)])
def test_the_first_screen_has_what_is_needed(
    server: Server, chromium: Browser, width: int, height: int
) -> None:
    context = open_context(chromium, "en-US", width, height)
    page = context.new_page()
    watched = Watched(page, server.address)
    page.goto(server.address)
    wait_for_editor(page)
    size = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
    assert size[0] <= width and size[1] <= height, "nothing to scroll to"
    in_sight = """() => {
      const list = document.querySelector(".sl-list").getBoundingClientRect();
      return [...document.querySelectorAll(".sl-row")].filter((row) => {
        const box = row.getBoundingClientRect();
        return box.top >= list.top - 1 && box.bottom <= Math.min(list.bottom, innerHeight) + 1;
      }).length;
    }"""
    page.wait_for_timeout(300)
    assert page.evaluate(in_sight) >= 8
    for wanted in ("Label my audio", "Export", "中文", "Saved", "Reset samples"):
        box = page.get_by_text(wanted, exact=True).first.bounding_box()
        assert box and box["x"] >= 0 and box["x"] + box["width"] <= width, wanted
        assert box["y"] + box["height"] <= height, wanted
    strip = page.locator(".sl-strip").bounding_box()
    assert strip and strip["y"] + strip["height"] <= height
    keys = page.eval_on_selector_all(
        ".sl-strip .sl-key",
        "keys => keys.filter(key => key.getBoundingClientRect().right <= innerWidth).length",
    )
    assert keys >= 8
    assert page.evaluate("document.activeElement.matches('textarea.sl-text')")
    page.keyboard.type("straight away")
    assert page.input_value(f"{CURRENT} textarea") == "straight away"
    clear(page)
    context.close()
    assert watched.errors == [] and watched.foreign == []


# Own audio


def test_a_dropped_minute_is_labelled_while_a_longer_file_is_prepared(
    page: Page, server: Server, tmp_path: Path
) -> None:
    long = write_long_mp3(tmp_path / "board meeting.mp3", 60)
    short = write_talk(tmp_path / "voice note.wav", 60, seed=1)
    page.set_input_files("input.slp-hidden[type=file]", long)
    dialog(page)
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelector('.slp-notice progress') !== null", timeout=30_000)
    assert "board meeting.mp3" in page.inner_text(".slp-notice")

    drop(page, short)
    asked = dialog(page)
    assert page.locator("dialog.slp-dialog").count() == 1
    assert "voice note.wav" in asked.inner_text()
    assert asked.locator(".slp-where").inner_text() == (
        "Goes into the project “board meeting”, spoken in English."
    ), "it goes on where the last one went"
    assert not asked.locator("input").is_visible()
    begun = time.monotonic()
    page.keyboard.press("Enter")
    page.wait_for_url("**recording=voice_note**", timeout=8_000)
    wait_for_editor(page)
    took = time.monotonic() - begun
    project = project_named(server, "board meeting")["id"]
    state = recordings_of(server, project)
    assert state["board meeting.mp3"]["state"] == "preparing", f"it came only after {took:.1f} s"
    assert state["voice note.wav"]["segments"] == 12
    assert page.locator(".sl-row").count() >= 8
    page.keyboard.type("typed into my own audio")
    wait_for_saved(page)
    opened = ask(server, f"/api/projects/{project}/recordings/{state['voice note.wav']['id']}/open")
    assert opened["segments"][0]["text"] == "typed into my own audio"

    # How far the long one is stands in the picker; when it is done, it opens.
    page.click(".slp-picker")
    row = page.locator(".slp-option", has_text="board meeting.mp3")
    assert re.search(r"\d+ %|\d+ of \d+", row.inner_text())
    row.click()
    page.wait_for_url("**recording=board_meeting**")
    wait_for_rows(page)


def test_of_several_files_the_broken_ones_say_why_and_the_others_come_in(
    page: Page, server: Server, watched: list[Watched], tmp_path: Path
) -> None:
    broken = tmp_path / "notes.wav"
    broken.write_bytes(b"these are notes, not sound " * 100)
    empty = tmp_path / "nothing.wav"
    empty.touch()
    good = [write_talk(tmp_path / f"take {n}.wav", 20, seed=20 + n) for n in range(2)]
    drop(page, broken, good[0], empty, good[1])
    asked = dialog(page)
    name = asked.locator("input")
    assert name.input_value()
    name.fill("Several")
    page.keyboard.press("Enter")
    page.wait_for_url("**recording=take_0**", timeout=10_000)
    wait_for_editor(page)
    page.wait_for_function("document.querySelectorAll('.slp-line.is-busy').length === 0")
    lines = page.locator(".slp-line.is-bad").all_inner_texts()
    assert any("notes.wav" in line and len(line) > len("notes.wav was not taken in: ") + 8 for line in lines)
    assert any("nothing.wav is empty" in line for line in lines)
    assert len(lines) == 2
    project = project_named(server, "Several")["id"]
    page.wait_for_timeout(500)
    assert {name: item["state"] for name, item in recordings_of(server, project).items()} == {
        "take 0.wav": "ready",
        "take 1.wav": "ready",
    }
    for left in (1, 0):
        page.locator(".slp-line .slp-close").first.click()
        assert page.locator(".slp-line").count() == left
    [refused] = watched[0].errors  # the browser's own line about the answer 422
    assert "422" in refused
    watched[0].errors.clear()

    # The same file again, under another name: known, and opened.
    again = tmp_path / "copy.wav"
    again.write_bytes(good[1].read_bytes())
    drop(page, again)
    assert "Goes into the project “Several”" in dialog(page).locator(".slp-where").inner_text()
    page.keyboard.press("Enter")
    page.wait_for_url("**recording=take_1**", timeout=10_000)
    assert "copy.wav is in this project already" in page.locator(".slp-line").inner_text()
    assert len(recordings_of(server, project)) == 2


def test_the_dialog_can_be_left_without_a_trace(page: Page, server: Server, tmp_path: Path) -> None:
    before = ask(server, "/api/projects")
    drop(page, write_talk(tmp_path / "unwanted.wav", 10, seed=30))
    dialog(page)
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog.slp-dialog", state="detached")
    assert ask(server, "/api/projects") == before
    page.keyboard.press("Enter")
    assert page.locator(CURRENT).count() == 1, "keys are the editor's again"


def test_the_dialog_says_where_it_goes_and_in_which_language(
    server: Server, chromium: Browser, tmp_path: Path
) -> None:
    context = open_context(chromium, "zh-CN")
    page = context.new_page()
    page.goto(server.address + DIALOGUE)
    wait_for_editor(page)
    talk = write_talk(tmp_path / "interview.wav", 10, seed=50)
    other = write_talk(tmp_path / "other.wav", 10, seed=51)

    # Looking at the samples: a new project, of the language of the page, named after the only file.
    drop(page, talk)
    asked = dialog(page)
    assert "interview.wav" in asked.get_by_role("heading").inner_text()
    where = asked.locator(".slp-where")
    assert where.inner_text() == "将新建项目“interview”，语言为普通话。"
    asked.get_by_label("录音的语言").select_option("en")
    assert where.inner_text() == "将新建项目“interview”，语言为英语。"
    asked.get_by_label("名称").fill("访谈")
    page.keyboard.press("Enter")
    page.wait_for_url("**recording=interview**", timeout=10_000)
    wait_for_editor(page)
    project = project_named(server, "访谈")
    assert project["language"] == "en"

    # Looking at one's own: into it, with its language, by Enter alone; a new one is a choice away.
    drop(page, talk, other)
    asked = dialog(page)
    where = asked.locator(".slp-where")
    assert where.inner_text() == "将放入项目“访谈”，语言为英语。"
    target = asked.get_by_label("放入")
    target.select_option("")
    name = asked.get_by_label("名称")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d( \d+)?", name.input_value()), "several files: of today"
    name.fill("访谈")
    page.keyboard.press("Enter")
    assert name.evaluate("input => input.validationMessage").startswith("已有同名项目")
    target.select_option(project["id"])
    assert where.inner_text() == "将放入项目“访谈”，语言为英语。"
    asked.get_by_role("button", name="开始标注").press("Enter")
    page.locator(".slp-line", has_text="interview.wav 已在该项目中").wait_for()
    page.wait_for_selector(".slp-line.is-busy", state="detached")
    assert set(recordings_of(server, project["id"])) == {"interview.wav", "other.wav"}

    # The samples again, and again a project of one's own is not taken for granted.
    page.goto(server.address + DIALOGUE)
    wait_for_editor(page)
    drop(page, other)
    assert dialog(page).locator(".slp-where").inner_text() == "将新建项目“other”，语言为普通话。"
    context.close()


# Projects


def test_a_project_is_made_and_a_folder_of_the_server_taken_in(
    page: Page, server: Server, folder: Path
) -> None:
    to(page, "projects")
    view = page.locator("#slp-projects-view")
    top = view.get_by_role("heading", name="Projects", exact=True).bounding_box()
    assert top and top["y"] < 200, "the view is where one looks"
    view.get_by_role("link", name="Booking an appointment").wait_for()
    view.get_by_label("Name", exact=True).fill("Week 一")
    view.get_by_role("button", name="Create").click()
    view.get_by_text("Project Week 一 is ready").wait_for()
    view.get_by_text("No recordings yet").wait_for()
    page.wait_for_url(re.compile(r"project=week_yi\b"))
    assert project_named(server, "Week 一")["language"] == "en", "that of the page"
    assert view.get_by_label("Project", exact=True).input_value() == "Week 一"

    # Not below the folder that was named at the start: refused in words.
    view.get_by_label("Folder on the server").fill("/etc")
    view.get_by_role("button", name="Take in").click()
    view.locator(".slp-error", has_text="not below a folder").wait_for()

    view.get_by_label("Folder on the server").fill(str(folder))
    view.get_by_role("button", name="Take in").click()
    view.get_by_text("Recordings taken in: 2.").wait_for()
    view.get_by_text("Recordings annotated: 1.").wait_for()
    assert "broken.wav" in view.locator(".slp-error").inner_text()
    view.get_by_role("link", name="monday.wav").wait_for()
    page.wait_for_function(
        """document.querySelectorAll('#slp-recordings tr[data-state="ready"]').length === 2""", timeout=20_000
    )
    assert "星期二.flac" in view.inner_text() and "Recordings: 2, 0:40" in view.inner_text()

    # The project was empty when it was chosen: labelling begins with what has come since.
    to(page, "label")
    page.wait_for_url(re.compile(r"project=week_yi&recording="))
    wait_for_editor(page)
    to(page, "projects")

    # Again: all of it is known.
    view.get_by_role("button", name="Take in").click()
    view.get_by_text("Recordings taken in: 0. Known already: 2.").wait_for()

    view.get_by_role("link", name="星期二.flac").click()
    wait_for_editor(page)
    assert page.inner_text(".slp-picker") == "星期二.flac"
    project = project_named(server, "Week 一")["id"]
    assert f"project={project}" in page.url and "view=" not in page.url


def shown_names(page: Page) -> list[str]:
    return page.locator("#slp-recordings tbody .is-name").all_inner_texts()


def test_the_recording_that_is_clicked_opens_however_the_table_is_sorted(page: Page, server: Server) -> None:
    to(page, "projects")
    view = page.locator("#slp-recordings")
    view.get_by_role("link").first.wait_for()
    by_length = sorted(recordings_of(server, "samples").values(), key=lambda item: item["duration_us"])
    assert len({item["duration_us"] for item in by_length}) > 1
    taken_in = shown_names(page)
    head = view.get_by_role("columnheader", name="Length")
    head.get_by_role("button").click()
    assert head.get_attribute("aria-sort") == "ascending"
    head.get_by_role("button").click()
    assert head.get_attribute("aria-sort") == "descending"
    longest = by_length[-1]
    first = view.locator("tbody tr").first
    assert first.get_attribute("data-id") == longest["id"] and shown_names(page)[0] == longest["title"]["en"]
    assert shown_names(page) != taken_in
    first.locator(".is-length").click()  # all of the row is the target
    page.wait_for_url(f"**recording={longest['id']}**")
    wait_for_rows(page)

    to(page, "projects")
    view.get_by_role("searchbox").fill("phone")
    [found] = shown_names(page)
    assert found == "Order number on the phone"
    view.get_by_role("link", name=found).press("Enter")
    page.wait_for_url("**recording=phone-8k**")
    wait_for_rows(page)


def test_a_recording_of_the_same_id_in_another_project_is_not_mistaken(
    page: Page, server: Server, folder: Path
) -> None:
    call = write_talk(folder / "twin.wav", 10, seed=70)
    made = [
        post(server, "/api/projects", {"name": name, "language": "en"})["id"] for name in ("Twin A", "Twin B")
    ]
    for project in made:
        assert post(server, f"/api/projects/{project}/ingest", {"path": str(call)})["added"] == ["twin"]
    page.goto(f"{server.address}/?project={made[0]}&view=projects")
    view = page.locator("#slp-projects-view")
    link = view.get_by_role("link", name="twin.wav")
    page.wait_for_function(WAIT_FOR_LINK, arg=made[0])
    choice = view.get_by_label("Project", exact=True)
    choice.click()
    page.get_by_role("option", name="Twin B").click()
    page.wait_for_function(WAIT_FOR_LINK, arg=made[1])
    page.wait_for_url(f"**project={made[1]}&**recording=twin**")
    link.click()
    page.wait_for_url(lambda url: f"project={made[1]}&recording=twin" in url and "view=" not in url)
    wait_for_editor(page)


def test_recordings_are_cut_again_but_for_those_that_somebody_worked_on(
    page: Page, server: Server, tmp_path: Path
) -> None:
    drop(page, *(write_talk(tmp_path / f"cut {n}.wav", 20, seed=40 + n) for n in range(2)))
    dialog(page).locator("input").fill("Cut again")
    page.keyboard.press("Enter")
    page.wait_for_url("**recording=cut_0**", timeout=10_000)
    wait_for_editor(page)
    page.keyboard.type("mine")
    wait_for_saved(page)
    project = project_named(server, "Cut again")["id"]
    page.wait_for_function(
        """async (url) => {
          const rows = await (await fetch(url)).json();
          return rows.filter((row) => row.state === "ready").length === 2;
        }""",
        arg=f"/api/projects/{project}/recordings",
    )
    # The other one is open, untouched, when it is cut anew.
    page.goto(f"{server.address}/?project={project}&recording=cut_1")
    wait_for_editor(page)
    before = recordings_of(server, project)
    assert before["cut 1.wav"]["segments"] > 1
    to(page, "projects")
    page.locator("#slp-recordings").get_by_role("link", name="cut 1.wav").wait_for()  # the view is filled
    panel = page.locator("#slp-cutting")
    panel.get_by_role("button", name="Cut again with other settings").click()
    promise = panel.get_by_text("To be cut again: 1 recordings")
    promise.wait_for()
    assert "Left as they are: 1" in promise.inner_text()
    silence = panel.get_by_label("Shortest pause (ms)")
    press = panel.get_by_role("button", name="Cut again", exact=True)
    silence.fill("99999")
    press.click()
    panel.locator(".slp-error", has_text="Shortest pause must be from 0 to 10000 ms").wait_for()
    assert recordings_of(server, project) == before
    silence.fill("10000")
    panel.get_by_label("Shortest speech (ms)").fill("0")
    press.click()
    panel.get_by_text("Being cut again: 1").wait_for()
    page.locator('#slp-recordings tr[data-id="cut_1"] .is-done', has_text="0 / 1").wait_for(timeout=20_000)
    assert recordings_of(server, project)["cut 0.wav"] == before["cut 0.wav"]
    to(page, "label")
    wait_for_editor(page)
    assert page.locator(".sl-row[data-id]").count() == 1

    # One by name: the one with work in it has nothing to press.
    to(page, "projects")
    panel.get_by_label("Which recordings").click()
    page.get_by_role("option", name="cut 0.wav").click()
    panel.get_by_text("cut 0.wav stays as it is").wait_for()
    assert press.is_disabled()


def test_why_a_recording_failed_is_told_in_the_language_of_the_page(
    server: Server, chromium: Browser, folder: Path
) -> None:
    moved = write_talk(folder / "moved.wav", 10, seed=60)
    still = write_talk(folder / "still.wav", 10, seed=61)
    project = post(server, "/api/projects", {"name": "Moved", "language": "en"})["id"]
    for path in (moved, still):
        post(server, f"/api/projects/{project}/ingest", {"path": str(path)})
    context = open_context(chromium, "zh-CN", 1920, 1080)
    page = context.new_page()
    page.goto(f"{server.address}/?project={project}&view=projects")
    rows = page.locator("#slp-recordings")
    rows.locator('tr[data-id="still"][data-state="ready"]').wait_for(timeout=20_000)
    rows.locator('tr[data-id="moved"][data-state="ready"]').wait_for(timeout=20_000)
    moved.unlink()
    panel = page.locator("#slp-cutting")
    panel.get_by_role("button", name="用其他设置重新切分").click()
    panel.get_by_text("将重新切分 2 条").wait_for()
    panel.get_by_role("button", name="重新切分", exact=True).click()
    row = rows.locator('tr[data-id="moved"][data-state="warned"]')
    row.wait_for(timeout=20_000)
    assert "就绪：录音文件已被改动或移走" in row.inner_text()
    english = row.locator("small")
    assert not english.is_visible()
    row.get_by_text("详情").click()
    assert "moved.wav" in english.inner_text()
    assert f"project={project}&view=projects" in page.url, "a click on the details opens nothing else"
    still.unlink()
    context.close()


# Language, light and dark


def test_the_language_changes_everywhere_and_stays(page: Page) -> None:
    page.click(".slp-button[lang='zh-CN']")
    page.get_by_text("标注我的音频", exact=True).wait_for()
    wait_for_editor(page)
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    assert "已保存" in page.inner_text(".sl-save")
    to(page, "projects")
    view = page.locator("#slp-projects-view")
    view.get_by_role("heading", name="项目", exact=True).wait_for()
    view.get_by_role("link", name="预约门诊（英语对话）").wait_for()
    english = re.compile(r"[A-Za-z]{4,}")
    assert english.findall(view.inner_text()) == []
    assert view.locator("input").first.input_value() == "示例"
    to(page, "export")
    view = page.locator("#slp-export-view")
    view.get_by_role("heading", name="导出", exact=True).wait_for()
    page.wait_for_selector("#slp-export-view .slp-facts")
    assert "示例" in view.inner_text()
    assert "未完成" in view.inner_text() or "未" in view.inner_text()
    assert not {"Format", "Export", "untouched"} & set(re.findall(r"\w+", view.inner_text()))
    page.reload()
    page.get_by_text("标注我的音频", exact=True).wait_for()
    assert "view=export" in page.url
    page.locator("#slp-export-view").get_by_role("heading", name="导出", exact=True).wait_for()
    page.click(".slp-button[lang=en]")
    page.get_by_text("Label my audio", exact=True).wait_for()
    page.locator("#slp-export-view").get_by_role("heading", name="Export", exact=True).wait_for()
    page.reload()
    page.get_by_text("Label my audio", exact=True).wait_for()


def test_typing_goes_on_after_the_language_is_changed(page: Page, server: Server) -> None:
    page.keyboard.type("half a ")
    page.click(".slp-button[lang='zh-CN']")
    page.get_by_text("标注我的音频", exact=True).wait_for()
    wait_for_editor(page)
    page.keyboard.type("sentence")
    assert page.input_value(f"{CURRENT} textarea") == "half a sentence"
    wait_for_saved(page)
    clear(page)


def test_light_and_dark_stay(page: Page) -> None:
    background = "getComputedStyle(document.querySelector('.sl-editor')).backgroundColor"
    light = page.evaluate(background)
    page.get_by_label("Light or dark").click()
    assert page.evaluate("document.body.classList.contains('dark')")
    page.wait_for_function(f"{background} !== {json.dumps(light)}")
    page.reload()
    wait_for_editor(page)
    assert page.evaluate(background) != light
    page.get_by_label("Light or dark").click()
    page.reload()
    wait_for_editor(page)
    assert page.evaluate(background) == light


# Samples, addresses


def test_reset_samples_undoes_the_play(page: Page, server: Server) -> None:
    place = "/api/projects/samples/recordings/dialogue-en/open"
    page.keyboard.type("only played with")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    page.keyboard.press("d")
    wait_for_saved(page)
    played = ask(server, place)
    assert "only played with" in [item.get("text") for item in played["segments"]]
    asked: list[str] = []

    def answer(question: Dialog) -> None:
        asked.append(question.message)
        question.accept()

    page.on("dialog", answer)
    page.get_by_text("Reset samples", exact=True).click()
    page.wait_for_function(
        """(n) => document.querySelectorAll(".sl-row").length === n
          && !document.querySelector(".sl-list").innerText.includes("only played")""",
        arg=len(played["segments"]) + 1,
        timeout=20_000,
    )
    assert len(asked) == 1
    fresh = ask(server, place)
    assert "only played with" not in [item.get("text") for item in fresh["segments"]]
    # And it is not a dead picture: what is typed now is saved.
    wait_for_editor(page)
    page.keyboard.type("again")
    wait_for_saved(page)
    assert "again" in [item.get("text") for item in ask(server, place)["segments"]]
    clear(page)


def test_back_and_forward_walk_the_places(page: Page) -> None:
    first = page.inner_text(".slp-picker")
    page.click(".slp-picker")
    page.locator(".slp-option", has_text="Order number on the phone").click()
    page.wait_for_url("**recording=phone-8k**")
    wait_for_editor(page)
    to(page, "export")
    page.locator("#slp-export-view").get_by_role("heading", name="Export").wait_for()
    page.go_back()
    page.wait_for_url(lambda url: "view=" not in url)
    wait_for_rows(page)
    assert page.inner_text(".slp-picker") == "Order number on the phone"
    page.go_back()
    page.wait_for_url("**recording=dialogue-en**")
    wait_for_editor(page)
    assert page.inner_text(".slp-picker") == first
    page.go_forward()
    page.wait_for_url("**recording=phone-8k**")
    wait_for_editor(page)
    assert page.inner_text(".slp-picker") == "Order number on the phone"


def wait_for_rows(page: Page) -> None:
    page.locator(f"{CURRENT} textarea").wait_for(state="visible", timeout=90_000)


def test_an_address_opens_there_in_a_new_tab(page: Page) -> None:
    rows = page.locator(".sl-row")
    wanted = rows.nth(5).get_attribute("data-id")
    rows.nth(5).locator(".sl-time").click()
    page.wait_for_url(f"**segment={wanted}**")
    address = page.url
    page.keyboard.press("Alt+ArrowUp")
    page.wait_for_url(lambda url: url != address)
    page.goto("about:blank")
    other = page.context.new_page()
    other.goto(address)
    wait_for_editor(other)
    assert other.get_attribute(CURRENT, "data-id") == wanted
    box = other.locator(CURRENT).bounding_box()
    assert box and 0 < box["y"] < 740


def test_a_wrong_address_says_so_in_words(server: Server, chromium: Browser) -> None:
    context = open_context(chromium, "en-US")
    page = context.new_page()
    failed: list[str] = []
    page.on("pageerror", lambda error: failed.append(str(error)))
    page.goto(f"{server.address}/?project=samples&recording=gone")
    page.locator(".slp-notice.is-bad", has_text="There is no recording gone").wait_for()
    page.goto(f"{server.address}/?project=gone&recording=gone")
    page.locator(".slp-notice.is-bad", has_text="gone").wait_for()
    assert "no project" in page.inner_text(".slp-notice")
    page.goto(f"{server.address}/?project=samples&recording=phone-8k&segment=gone")
    wait_for_editor(page)  # a segment that was deleted since: the recording opens all the same
    # And out of a dead end one gets by the header.
    page.goto(f"{server.address}/?project=gone&recording=gone")
    page.click(".slp-picker")
    page.locator(".slp-option", has_text="Booking an appointment").click()
    wait_for_editor(page)
    context.close()
    assert failed == []


# Export


def facts(page: Page) -> tuple[int, int, dict[str, int]]:
    numbers = [int(text) for text in page.locator("#slp-export-view .slp-facts b").all_inner_texts()]
    reasons: dict[str, int] = {}
    for line in page.locator("#slp-export-view .slp-reasons li").all_inner_texts():
        reason, _, count = line.rpartition(": ")
        reasons[reason] = int(count)
    return numbers[0], numbers[1], reasons


def test_export_counts_follow_the_ticks_and_the_zip_stands_alone(
    page: Page, server: Server, tmp_path: Path
) -> None:
    page.keyboard.type("typed, not done")
    page.keyboard.press("Alt+ArrowDown")
    page.keyboard.type("not sure")
    page.keyboard.press("Alt+u")
    wait_for_saved(page)
    to(page, "export")
    page.wait_for_selector("#slp-export-view .slp-facts")
    n_in, n_out, reasons = facts(page)
    assert n_in > 0 and sum(reasons.values()) == n_out
    assert reasons["not done yet"] == 1 and reasons["unsure"] == 1
    page.get_by_role("checkbox", name="unsure").check()
    wait_for_facts(page, n_in + 1)
    assert facts(page) == (n_in + 1, n_out - 1, {k: v for k, v in reasons.items() if k != "unsure"})
    page.get_by_role("checkbox", name="not done yet").check()
    wait_for_facts(page, n_in + 2)
    page.get_by_role("checkbox", name="unsure").uncheck()
    wait_for_facts(page, n_in + 1)
    assert "typed, not done" in page.inner_text("#slp-export-view .cm-content")

    page.click('#slp-export-view input[role="combobox"]')
    page.get_by_role("option", name="(nemo)").click()
    page.wait_for_function(
        "document.querySelector('#slp-export-view .cm-content').innerText.includes('audio_filepath')"
    )
    wait_for_facts(page, n_in + 1)
    page.click("#slp-export-view button.primary")
    link = page.locator("a.slp-download")
    link.wait_for()
    assert str(n_in + 1) in link.inner_text()
    with page.expect_download() as fetched:
        link.click()
    fetched.value.save_as(tmp_path / "out.zip")
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        assert archive.testzip() is None
        archive.extractall(tmp_path / "out")
    [manifest] = list((tmp_path / "out").rglob("*manifest*.json*"))
    lines = [json.loads(line) for line in manifest.read_text("utf-8").splitlines()]
    assert len(lines) == n_in + 1
    root = (tmp_path / "out").resolve()
    for line in lines:
        audio = (manifest.parent / line["audio_filepath"]).resolve()
        assert audio.is_relative_to(root) and audio.is_file(), line["audio_filepath"]
        about = sf.info(str(audio))
        assert about.channels == 1
        assert line["offset"] + line["duration"] <= about.duration + 1e-6
    # Change of place: what was made for the other is not offered here.
    to(page, "label")
    to(page, "export")
    page.wait_for_selector("a.slp-download", state="detached")


def wait_for_facts(page: Page, n_in: int) -> None:
    page.wait_for_function(
        f"document.querySelector('#slp-export-view .slp-facts b')?.innerText === '{n_in}'", timeout=10_000
    )
