"""Annotations of other programs brought in by the page: dropped or picked, shown first, taken in once."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from .conftest import Server, Watched, ask, open_context, serve_talks, wait_for_editor, wait_for_saved
from .sounds import write_talk
from .test_comfort import violations

# Loose files, or one folder whose entries are told as a browser tells them.
DROP = """([files, isFolder]) => {
  const transfer = new DataTransfer();
  const list = files.map(([path, data]) => {
    const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
    return [path, new File([bytes], path.split("/").at(-1))];
  });
  if (!isFolder) for (const [, file] of list) transfer.items.add(file);
  else {
    const tree = {};
    for (const [path, file] of list) {
      const parts = path.split("/");
      let at = tree;
      for (const part of parts.slice(0, -1)) at = at[part] ??= {};
      at[parts.at(-1)] = file;
    }
    const entry = (name, node) => node instanceof File
      ? { name, isDirectory: false, file: (give) => give(node) }
      : { name, isDirectory: true, createReader: () => {
          const left = Object.entries(node).map(([below, other]) => entry(below, other));
          return { readEntries: (give) => give(left.splice(0, 2)) };
        } };
    const [[name, top]] = Object.entries(tree);
    transfer.items.add(new File([], name));
    const real = DataTransferItem.prototype.webkitGetAsEntry;
    DataTransferItem.prototype.webkitGetAsEntry = function () {
      DataTransferItem.prototype.webkitGetAsEntry = real;
      return entry(name, top);
    };
  }
  const target = document.elementFromPoint(innerWidth / 3, innerHeight * 0.8);
  for (const type of ["dragenter", "dragover", "drop"])
    target.dispatchEvent(new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true }));
}"""
SHOWN = ".slp-dialog.is-wide .slp-import:not([aria-busy]) .slp-files"


def grid(tiers: Mapping[str, Sequence[tuple[float, float, str]]], end: float = 20) -> str:
    """Write a TextGrid as Praat does in its short form."""
    lines = [
        'File type = "ooTextFile"',
        'Object class = "TextGrid"',
        "0",
        f"{end}",
        "<exists>",
        f"{len(tiers)}",
    ]
    for name, spans in tiers.items():
        lines += ['"IntervalTier"', f'"{name}"', "0", f"{end}", f"{len(spans)}"]
        for start, stop, text in spans:
            lines += [f"{start}", f"{stop}", f'"{text}"']
    return "\n".join(lines) + "\n"


TALK = {
    "Anna": [(0, 3, "guten Morgen"), (3, 20, "")],
    "English": [(0, 3, "good morning"), (3, 20, "")],
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("talks")
    with serve_talks(
        folder, [write_talk(folder / f"known {n}.wav", 20, seed=60 + n) for n in range(3)]
    ) as made:
        yield made


@pytest.fixture
def page(server: Server, chromium: Browser) -> Iterator[Page]:
    context = open_context(chromium, "en-US")
    page = context.new_page()
    watched = Watched(page, server.address)
    page.goto(f"{server.address}/?project=talks&recording=known_0")
    wait_for_editor(page)
    yield page
    assert (watched.errors, watched.foreign) == ([], [])
    context.close()


def drop(page: Page, files: Mapping[str, bytes | str], *, is_folder: bool = False) -> None:
    raw = {path: content.encode() if isinstance(content, str) else content for path, content in files.items()}
    page.evaluate(
        DROP, [[[path, base64.b64encode(content).decode()] for path, content in raw.items()], is_folder]
    )


def preview(page: Page) -> Locator:
    """Answer where it goes with what is filled in, and wait for what was found."""
    page.locator("dialog.slp-dialog .is-primary").click()
    page.wait_for_selector(SHOWN)
    return page.locator(".slp-dialog.is-wide")


def settled(page: Page) -> None:
    page.wait_for_selector(SHOWN)


def take_in(page: Page) -> str:
    """Take in, and give what is said of it afterwards."""
    page.locator(".slp-dialog.is-wide .is-primary").click()
    page.wait_for_selector(".slp-dialog.is-wide", state="detached")
    line = page.locator(".slp-line", has_text="Recordings annotated")
    said = line.locator("span").inner_text()
    line.locator(".slp-close").click()
    return said


def wait_for_texts(page: Page, *wanted: str) -> None:
    rows = page.locator(".sl-row textarea.sl-text")
    for at, text in enumerate(wanted):
        expect(rows.nth(at)).to_have_value(text)


def row(shown: Locator, name: str) -> Locator:
    return shown.locator(".slp-files tr").filter(
        has=shown.page.get_by_role("rowheader", name=name, exact=True)
    )


def opened(server: Server, recording: str) -> dict[str, Any]:
    return ask(server, f"/api/projects/talks/recordings/{recording}/open")


def test_a_textgrid_beside_its_audio_is_shown_and_opens_with_its_texts(
    page: Page, server: Server, tmp_path: Path
) -> None:
    talk = write_talk(tmp_path / "interview.wav", 20, seed=70).read_bytes()
    drop(page, {"interview.wav": talk, "interview.TextGrid": grid(TALK)})
    shown = preview(page)
    assert re.search("Recordings: 1, segments: 2", shown.locator(".slp-where").inner_text())
    assert "interview.wav by name" in row(shown, "interview.TextGrid").inner_text()
    assert (
        shown.get_by_label("Format of interview.TextGrid").locator("option:checked").inner_text()
        == "Praat TextGrid"
    )
    assert violations(page) == []

    # One tier is a translation: the guideline gets a layer of that name, and the editor shows it.
    meaning = shown.get_by_label("What English means")
    meaning.focus()
    meaning.select_option("layer:english")
    settled(page)
    focus = page.evaluate("document.activeElement.ariaLabel")
    assert focus == "What English means", "whoever chooses by the keyboard stays where they are"
    assert take_in(page) == "Recordings annotated: 1."
    page.wait_for_url("**recording=interview**")
    wait_for_texts(page, "guten Morgen")
    [segment] = opened(server, "interview")["segments"]
    assert segment["fields"] == {"english": "good morning"}
    assert [field["name"] for field in opened(server, "interview")["guideline"]["fields"]] == ["english"]
    expect(page.locator(".sl-row .sl-layer[data-layer=english]").first).to_have_value("good morning")

    # The same again: it is there, and there is nothing to take in.
    drop(page, {"interview.TextGrid": grid(TALK)})
    shown = preview(page)
    shown.get_by_label("What English means").select_option("layer:english")
    expect(shown.locator(".slp-where")).to_contain_text("1 there already")
    expect(shown.get_by_role("button", name="Take in")).to_be_disabled()
    page.keyboard.press("Escape")
    page.wait_for_selector(".slp-dialog.is-wide", state="detached")
    for _ in range(100):
        if not list((server.workspace / "imports").iterdir()):
            break
        page.wait_for_timeout(50)
    else:
        raise AssertionError("what was given up is kept")


def test_a_folder_is_one_annotation_or_many_and_what_is_wrong_is_told_with_its_line(
    page: Page, server: Server, tmp_path: Path
) -> None:
    audio = {
        f"corpus/wav/call {n}.wav": write_talk(tmp_path / f"{n}.wav", 20, seed=80 + n).read_bytes()
        for n in (1, 2)
    }
    ids = ["call_1", "call_2", "call_3"]
    kaldi = {
        "wav.scp": "".join(f"{id} wav/{id.replace('_', ' ')}.wav\n" for id in ids),
        "segments": "".join(f"spk-{id}-{n} {id} {n}.5 {n}.9\n" for id in ids for n in range(3)),
        "text": "".join(f"spk-{id}-{n} word {n} of {id}\n" for id in ids for n in range(3)),
        "utt2spk": "".join(f"spk-{id}-{n} spk\n" for id in ids for n in range(3)),
    }
    line = "SPEAKER call_1 1 {} 1.0 <NA> <NA> anna <NA> <NA>\n"
    files = {
        **audio,
        **{f"corpus/data/{name}": text for name, text in kaldi.items()},
        "corpus/broken.rttm": line.format("0.5") + line.format("soon"),
        "corpus/table.csv": "wer,von,bis,was,datei\nBob,4.5,5.5,hallo,known 1.wav\n",
        "corpus/remarks.txt": "nothing of interest\n",
    }
    drop(page, files, is_folder=True)
    assert page.locator("dialog.slp-dialog h2").inner_text().startswith("Recordings: 2, annotation files: 7")
    shown = preview(page)
    assert violations(page) == []
    whole = row(shown, "corpus/data")
    assert "3 recordings" in whole.inner_text()
    assert "1 without audio" in whole.inner_text()
    assert "no audio found" in shown.locator("tr.is-item", has_text="call_3").inner_text()
    assert "line 2: " in row(shown, "corpus/broken.rttm").inner_text()
    assert "Not recognised" in row(shown, "corpus/remarks.txt").inner_text()
    fold = shown.get_by_role("button", name="corpus/data")
    fold.click()
    expect(shown.locator("tr.is-item").first).to_be_hidden()
    assert fold.get_attribute("aria-expanded") == "false"

    # A file by which nobody could tell what its columns are: told here, and with that it is read.
    assert "Say below" in row(shown, "corpus/table.csv").inner_text()
    for name, field in {
        "wer": "Speaker",
        "von": "Start",
        "bis": "End",
        "was": "Text",
        "datei": "Audio file",
    }.items():
        shown.get_by_label(f"What the column {name} holds").select_option(field)
        settled(page)
    expect(row(shown, "corpus/table.csv")).to_contain_text("known 1.wav")

    # A format can be corrected, and a file left out.
    shown.get_by_label("Format of corpus/broken.rttm").select_option("Leave out")
    expect(row(shown, "corpus/broken.rttm")).to_contain_text("Left out")
    shown.get_by_label("Format of corpus/remarks.txt").select_option("CTM")
    expect(row(shown, "corpus/remarks.txt")).to_contain_text("line 1: ")
    said = take_in(page)
    assert (
        "Recordings annotated: 3. Without audio, left out: 1 (call_3). Not read: 1 (corpus/remarks.txt)."
        in said
    )
    page.wait_for_url("**recording=call_1**")
    wait_for_texts(page, *(f"word {n} of call_1" for n in range(3)))
    assert [item["text"] for item in opened(server, "call_2")["segments"]] == [
        f"word {n} of call_2" for n in range(3)
    ]
    assert [item["text"] for item in opened(server, "known_1")["segments"]] == ["hallo"]


def test_a_persons_work_stays_what_is_shown(page: Page, server: Server) -> None:
    page.locator(".sl-row textarea").first.fill("my own words")
    wait_for_saved(page)
    drop(page, {"known 0.TextGrid": grid(TALK)})
    assert "known 0.TextGrid" in page.locator("dialog.slp-dialog h2").inner_text()
    assert page.get_by_label("Put it into").locator("option").all_inner_texts()[0].startswith("talks"), (
        "no new one"
    )
    preview(page)
    said = take_in(page)
    assert "Of known 0.wav, a person's own work is still what is shown" in said
    wait_for_texts(page, "my own words")


def test_the_projects_view_brings_in_picked_files_and_folders(
    page: Page, server: Server, tmp_path: Path
) -> None:
    page.click('.slp-tab[data-view="projects"]')
    page.get_by_role("button", name="Bring in annotations").click()
    offer = page.get_by_role("dialog", name="Bring in annotations")
    assert violations(page) == []
    (tmp_path / "picked").mkdir()
    (tmp_path / "picked" / "known 2.TextGrid").write_text(grid(TALK), "utf-8")
    (tmp_path / "picked" / "known 9.TextGrid").write_text(grid(TALK), "utf-8")
    with page.expect_file_chooser() as chooser:
        offer.get_by_role("button", name="Choose a folder…").click()
    chooser.value.set_files(tmp_path / "picked")
    shown = preview(page)
    assert "known 2.wav" in row(shown, "picked/known 2.TextGrid").inner_text()
    assert "no audio found" in row(shown, "picked/known 9.TextGrid").inner_text()
    said = take_in(page)
    assert said.startswith("Recordings annotated: 1. Without audio, left out: 1 (")
    assert page.locator('body[data-sl-view="projects"]').count() == 1, "one stays where one was"
    expect(page.locator('#slp-recordings tr[data-id="known_2"] .is-done')).to_have_text("0 / 2")


def test_it_speaks_chinese(server: Server, chromium: Browser) -> None:
    context = open_context(chromium, "zh-CN")
    page = context.new_page()
    page.emulate_media(color_scheme="dark")
    page.goto(f"{server.address}/?project=talks&recording=known_1")
    wait_for_editor(page)
    drop(
        page,
        {
            "known 1.TextGrid": grid(TALK),
            "无人.TextGrid": grid(TALK),
            "坏.rttm": "SPEAKER a 1 x 1 <NA> <NA> b <NA> <NA>\n",
        },
    )
    shown = preview(page)
    assert "1 条没有音频" in shown.locator(".slp-where").inner_text()
    assert "第 1 行：" in row(shown, "坏.rttm").inner_text()
    assert "未找到音频" in row(shown, "无人.TextGrid").inner_text()
    assert violations(page) == []
    shown.get_by_role("button", name="取消").click()
    page.wait_for_selector(".slp-dialog.is-wide", state="detached")
    context.close()
