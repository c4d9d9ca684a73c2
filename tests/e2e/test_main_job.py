"""The main job in a real browser, by keyboard alone: listen, type, tag, shape, reload, export."""

from __future__ import annotations

import json
import urllib.request
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile as sf
from playwright.sync_api import Browser, CDPSession, Page

from .conftest import Server, Watched, open_context, wait_for_editor, wait_for_saved

TYPED = "请问您的运单号是多少"


def ask(server: Server, path: str) -> Any:
    with urllib.request.urlopen(server.address + path) as answer:
        return json.load(answer)


def opened(server: Server, recording: str = "call-zh") -> dict[str, Any]:
    return ask(server, f"/api/projects/samples/recordings/{recording}/open")


def segment_of(server: Server, id: str) -> dict[str, Any]:
    return next(item for item in opened(server)["segments"] if item["id"] == id)


def current_id(page: Page) -> str:
    id = page.get_attribute(".sl-row[aria-current=true]", "data-id")
    assert id
    return id


def compose(cdp: CDPSession, page: Page, pinyin: str, text: str) -> None:
    """Type as a Chinese input method does: composition, candidate chosen by a key, commit."""
    for end in range(1, len(pinyin) + 1):
        cdp.send(
            "Input.imeSetComposition",
            {"text": pinyin[:end], "selectionStart": end, "selectionEnd": end},
        )
    cdp.send("Input.insertText", {"text": text})


@pytest.fixture(scope="module")
def page(server: Server, chromium: Browser) -> Any:
    context = open_context(chromium, "zh-CN")
    page = context.new_page()
    page.watched = Watched(page, server.address)  # type: ignore[attr-defined]
    page.goto(server.address)
    wait_for_editor(page)
    yield page
    context.close()


def test_the_server_says_where_it_is(server: Server) -> None:
    lines = server.said.strip().split("\n")[-3:]
    assert server.address in lines[0]
    assert str(server.workspace) in lines[1]
    assert "Ctrl+C" in lines[2]


def test_the_first_screen_is_the_editor_on_the_call(page: Page) -> None:
    assert "recording=call-zh" in page.url
    assert page.locator(".sl-row").count() >= 8
    states = page.eval_on_selector_all(".sl-row", "rows => rows.map(row => row.dataset.state)")
    assert "done" in states and len(set(states)) > 1
    assert page.evaluate("document.activeElement.closest('.sl-row[aria-current=true]') !== null")
    assert page.input_value(".sl-row[aria-current=true] textarea") == ""
    # Nothing to scroll to, and all that a first visitor needs is on the screen.
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    for wanted in ("标注我的音频", "导出", "English", "已保存"):
        box = page.get_by_text(wanted, exact=True).first.bounding_box()
        assert box and box["y"] + box["height"] <= 768, wanted
    strip = page.locator(".sl-strip").bounding_box()
    assert strip and strip["y"] + strip["height"] <= 768
    assert page.locator(".sl-strip .sl-key").count() >= 8


def test_enter_listens_first(page: Page) -> None:
    id = current_id(page)
    # Said where the eyes are: in the empty box.
    page.wait_for_selector('.sl-row[aria-current=true] textarea[placeholder*="Enter"]', timeout=5000)
    page.keyboard.press("Enter")
    page.wait_for_selector('.sl-tool[aria-label^="暂停"]', timeout=3000)
    assert current_id(page) == id, "the first Enter plays; it does not skip the segment"


def test_a_chinese_input_method_is_left_alone(page: Page, server: Server) -> None:
    id = current_id(page)
    cdp = page.context.new_cdp_session(page)
    cdp.send("Input.imeSetComposition", {"text": "qingwen", "selectionStart": 7, "selectionEnd": 7})
    for key, code in (("Enter", 13), ("Tab", 9), ("1", 49)):
        # While composing, the browser reports keys with code 229: they belong to the input method.
        cdp.send(
            "Input.dispatchKeyEvent",
            {"type": "rawKeyDown", "key": "Process", "code": key, "windowsVirtualKeyCode": 229},
        )
        assert code and current_id(page) == id
    cdp.send("Input.insertText", {"text": "请问"})
    compose(cdp, page, "nindeyundanhao", "您的运单号")
    compose(cdp, page, "shiduoshao", "是多少")
    assert page.input_value(".sl-row[aria-current=true] textarea") == TYPED
    wait_for_saved(page)
    assert segment_of(server, id)["text"] == TYPED


def test_speaker_label_and_done_by_key(page: Page, server: Server) -> None:
    id = current_id(page)
    page.keyboard.press("Control+2")
    page.keyboard.press("Alt+1")
    page.keyboard.press("Enter")
    assert current_id(page) != id
    wait_for_saved(page)
    saved = segment_of(server, id)
    second = opened(server)["speakers"]
    assert saved["status"] == "done" and saved["noise_labels"] == ["noise"]
    assert saved["speaker"] in {speaker["id"] for speaker in second}
    page.keyboard.press("Alt+ArrowUp")
    page.keyboard.press("Control+1")
    wait_for_saved(page)
    assert segment_of(server, id)["speaker"] != saved["speaker"]
    page.keyboard.press("Alt+ArrowDown")


def test_split_divides_the_text_and_merge_joins_it(page: Page, server: Server) -> None:
    page.keyboard.press("Alt+ArrowUp")
    id = current_id(page)
    before = segment_of(server, id)  # it plays since it was arrived at
    heard = before["start_us"] / 1e6 + 0.5
    page.wait_for_function(
        "document.querySelector('.sl-clock').textContent.split(' ')[0].split(':')"
        f".reduce((sum, part) => sum * 60 + Number(part), 0) >= {heard}"
    )
    page.keyboard.press("Tab")
    page.keyboard.press("Home")
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Alt+s")
    wait_for_saved(page)
    segments = opened(server)["segments"]
    first = next(item for item in segments if item["id"] == id)
    second = next(
        item
        for item in segments
        if item["start_us"] == first["end_us"] and item.get("channel") == first.get("channel")
    )
    assert (first["text"], second["text"]) == (TYPED[:4], TYPED[4:])
    assert before["start_us"] < first["end_us"] < before["end_us"] == second["end_us"]
    go_to(page, id)
    page.keyboard.press("Alt+m")
    wait_for_saved(page)
    joined = segment_of(server, id)
    assert joined["text"] == TYPED and joined["end_us"] == before["end_us"]
    page.keyboard.press("Enter")  # shaped anew, it has to be said to be done again
    wait_for_saved(page)
    assert segment_of(server, id)["status"] == "done"


def go_to(page: Page, id: str) -> None:
    """Walk by key to a segment."""
    for _ in range(40):
        if current_id(page) == id:
            return
        page.keyboard.press("Alt+ArrowUp")
    raise AssertionError(f"no way to {id}")


def test_invalid_with_a_reason_and_unsure(page: Page, server: Server) -> None:
    for _ in range(3):
        page.keyboard.press("Alt+ArrowDown")
    id = current_id(page)
    page.keyboard.press("Alt+x")
    page.keyboard.press("1")
    wait_for_saved(page)
    saved = segment_of(server, id)
    assert saved["is_valid"] is False and saved["invalid_reason"] == "unintelligible"
    page.keyboard.press("Alt+x")
    wait_for_saved(page)
    assert segment_of(server, id).get("is_valid", True) is True
    page.keyboard.press("Alt+u")
    wait_for_saved(page)
    assert segment_of(server, id)["status"] == "unsure"


def test_new_nudged_and_deleted_by_key(page: Page, server: Server) -> None:
    count = len(opened(server)["segments"])
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    wait_for_saved(page)
    segments = opened(server)["segments"]
    assert len(segments) == count + 1
    id = current_id(page)
    made = segment_of(server, id)
    page.keyboard.press("Escape")
    page.keyboard.press("Shift+.")
    wait_for_saved(page)
    assert segment_of(server, id)["end_us"] != made["end_us"]
    page.keyboard.press("Escape")
    page.keyboard.press("d")
    wait_for_saved(page)
    assert id not in {item["id"] for item in opened(server)["segments"]}


def test_everything_is_there_after_a_reload_and_can_be_undone(page: Page, server: Server) -> None:
    before = opened(server)
    here = current_id(page)
    page.reload()
    page.wait_for_selector(f'.sl-row[aria-current=true][data-id="{here}"]', timeout=10_000)
    assert opened(server)["segments"] == before["segments"]
    # Undo reaches across the reload: the deleted segment comes back, and goes again.
    page.keyboard.press("Control+z")
    wait_for_saved(page)
    assert len(opened(server)["segments"]) == len(before["segments"]) + 1
    page.keyboard.press("Control+y")
    wait_for_saved(page)
    assert {s["id"] for s in opened(server)["segments"]} == {s["id"] for s in before["segments"]}


def export(page: Page, format: str, folder: Path) -> Path:
    page.click('.slp-tab[data-view="export"]')
    page.click('#slp-export-view input[role="combobox"]')
    page.get_by_role("option", name=f"({format})").click()
    page.wait_for_timeout(800)
    page.click("#slp-export-view button.primary")
    link = page.locator("a.slp-download")
    link.wait_for()
    with page.expect_download() as fetched:
        link.click()
    target = folder / f"{format}.zip"
    fetched.value.save_as(target)
    with zipfile.ZipFile(target) as archive:
        archive.extractall(folder)
    page.click('.slp-tab[data-view="label"]')
    return next(path for path in folder.iterdir() if path.is_dir() and path.name.endswith(format))


def test_nemo_lines_point_at_the_labelled_sound(page: Page, server: Server, tmp_path: Path) -> None:
    folder = export(page, "nemo", tmp_path)
    lines = [json.loads(line) for line in next(folder.glob("*.json*")).read_text("utf-8").split("\n") if line]
    assert TYPED in {line["text"] for line in lines}
    truth, rate = sf.read(
        Path(__file__).parents[2] / "samples" / "call-zh.flac", dtype="int16", always_2d=True
    )
    by_text = {item["text"]: item for item in opened(server)["segments"] if item.get("text")}
    checked = 0
    for line in lines:
        wanted = by_text.get(line["text"])
        if wanted is None:
            continue
        sound, its_rate = sf.read(folder / line["audio_filepath"], dtype="int16", always_2d=True)
        assert its_rate == rate and sound.shape[1] == 1
        start, n = round(line["offset"] * rate), round(line["duration"] * rate)
        first = round(wanted["start_us"] * rate / 1e6)
        assert np.array_equal(sound[start : start + n, 0], truth[first : first + n, wanted["channel"]])
        checked += 1
    assert checked >= 4


def test_kaldi_rttm_and_textgrid_are_read_by_others(page: Page, tmp_path: Path) -> None:
    kaldi_native_io = pytest.importorskip("kaldi_native_io")
    folder = export(page, "kaldi", tmp_path)
    scp = next(folder.rglob("wav.scp"))
    import os

    here = Path.cwd()
    os.chdir(scp.parent)
    try:
        with kaldi_native_io.SequentialWaveReader("scp:wav.scp") as reader:
            assert len([key for key, _ in reader]) >= 2
    finally:
        os.chdir(here)
    assert TYPED in next(folder.rglob("text")).read_text("utf-8")
    rttm = export(page, "rttm", tmp_path)
    assert next(rttm.rglob("*.rttm")).read_text("utf-8").startswith("SPEAKER ")
    from praatio import textgrid

    grids = list(export(page, "textgrid", tmp_path).rglob("*.TextGrid"))
    grid = next(path for path in grids if "call" in path.name)
    read = textgrid.openTextgrid(str(grid), includeEmptyIntervals=False)
    words = [interval.label for name in read.tierNames for interval in read.getTier(name).entries]
    assert TYPED in words


def test_nothing_failed_and_nothing_left_this_machine(page: Page) -> None:
    watched: Watched = page.watched  # type: ignore[attr-defined]
    assert watched.errors == []
    assert watched.foreign == []
