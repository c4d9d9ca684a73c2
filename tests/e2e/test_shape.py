"""Segments made, cut, joined and locked by keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from .conftest import Open, Server, serve_talks, wait_for_saved
from .sounds import write_talk
from .test_see import opened, times

CLOCK_S = "() => parseFloat(document.querySelector('.sl-clock').textContent.split(':')[1])"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with a talk of eight turns for each test."""
    folder = tmp_path_factory.mktemp("shape")
    paths = [write_talk(folder / f"{name}.wav", 40, seed=seed) for seed, name in enumerate("abcde")]
    with serve_talks(folder, paths) as started:
        yield started


def fields(server: Server, page: Page, name: str, field: str) -> list[Any]:
    wait_for_saved(page)
    return [item.get(field) for item in opened(server, name)["segments"]]


def said(page: Page, words: str) -> None:
    expect(page.locator(".sl-toast")).to_contain_text(words)


def test_edges_are_nudged_by_10_and_100_ms(server: Server, open_talk: Open) -> None:
    page = open_talk("a")
    start, end = times(server, page, "a")[0]
    page.keyboard.press("Alt+.")
    page.keyboard.press("Control+.")
    page.keyboard.press("Alt+Shift+,")
    page.keyboard.press("Control+Shift+,")
    assert times(server, page, "a")[0] == (start + 110_000, end - 110_000)


def test_taps_make_segments_while_one_listens(server: Server, open_talk: Open) -> None:
    page = open_talk("b")
    n = page.locator(".sl-row").count()
    page.keyboard.press("Escape")
    for key, more in (("t", 0), ("Shift+t", 1), ("t", 2)):
        now = page.evaluate(f"({CLOCK_S})()")
        if more:  # the sound has gone on
            page.wait_for_function(f"now => ({CLOCK_S})() > now + 0.2", arg=now)
        page.keyboard.press(key)
        expect(page.locator(".sl-row")).to_have_count(n + more)
    page.keyboard.press("Control+z")
    expect(page.locator(".sl-row")).to_have_count(n + 1)
    page.keyboard.press("t")
    said(page, "A segment begins here.")
    page.keyboard.press("Escape")
    page.keyboard.press("t")
    said(page, "A segment begins here.")


def test_a_range_is_picked_by_keys_locked_and_joined(server: Server, open_talk: Open) -> None:
    page = open_talk("c")
    before = times(server, page, "c")
    page.keyboard.press("Alt+Shift+ArrowDown")
    page.keyboard.press("Alt+Shift+ArrowDown")
    expect(page.locator(".sl-row.sl-picked")).to_have_count(3)
    page.keyboard.press("Alt+Shift+ArrowUp")
    expect(page.locator(".sl-row.sl-picked")).to_have_count(2)
    page.keyboard.press("Alt+l")
    expect(page.locator(".sl-row .sl-chip", has_text="Locked")).to_have_count(2)
    page.keyboard.press("Alt+m")
    said(page, "locked")
    assert times(server, page, "c") == before
    page.keyboard.press("Alt+l")
    page.keyboard.press("Alt+m")
    said(page, "2 segments merged into one")
    assert times(server, page, "c") == [(before[0][0], before[1][1]), *before[2:]]
    page.keyboard.press("Control+z")
    assert times(server, page, "c") == before


def test_what_is_too_long_is_cut_where_it_is_quiet(server: Server, open_talk: Open) -> None:
    page = open_talk("d")
    before = times(server, page, "d")
    page.keyboard.press("Escape")
    for _ in range(len(before) - 1):
        page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("m")
    expect(page.locator(".sl-row")).to_have_count(1)
    page.keyboard.press("Shift+d")
    expect(page.locator(".sl-row")).to_have_count(2)
    (_, cut), _ = times(server, page, "d")
    assert cut <= before[0][0] + 30_000_000
    assert not any(start < cut < end for start, end in before), "the cut lies in a pause"
    page.keyboard.press("Control+z")
    expect(page.locator(".sl-row")).to_have_count(1)


def test_a_stretch_is_cut_again_and_work_stays(server: Server, open_talk: Open) -> None:
    page = open_talk("e")
    page.keyboard.type("mine")
    before = times(server, page, "e")
    page.keyboard.press("Alt+Shift+0")
    page.keyboard.press("Alt+Shift+s")
    dialog = page.get_by_role("dialog", name="Cut this stretch again")
    dialog.get_by_label("Stretch").select_option(label="The part in view")
    dialog.get_by_label("Shortest pause (ms)").fill("9000")
    dialog.get_by_label("Longest segment (s)").fill("60")
    count = dialog.get_by_role("status")
    expect(count).to_have_text(f"Go: {len(before) - 1}. New: 1. Stay as they are: 1.")
    dialog.get_by_label("Also segments with text").check()
    expect(count).to_have_text(f"Go: {len(before)}. New: 1. Stay as they are: 0.")
    dialog.get_by_label("Also segments with text").uncheck()
    dialog.get_by_role("button", name="Cut again").click()
    expect(page.locator(".sl-row")).to_have_count(2)
    after = times(server, page, "e")
    assert after[0] == before[0]
    assert (after[1][0], after[1][1]) == (before[0][1], before[-1][1])
    assert fields(server, page, "e", "text") == ["mine", None]
    page.keyboard.press("Control+z")
    said(page, "cutting again")
    assert times(server, page, "e") == before
