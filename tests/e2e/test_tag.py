"""Who speaks, by one key: people, several segments, nobody in particular, two that are one; notes, locks."""

import re

from playwright.sync_api import Page, expect

from .conftest import wait_for_editor, wait_for_saved


def speakers(page: Page) -> list[str]:
    return page.locator(".sl-who-name").all_inner_texts()


def here(page: Page) -> int:
    return int(page.locator(".sl-row[aria-current=true] .sl-num").inner_text()) - 1


def test_unknown_several_and_outside_are_there_by_one_key(page: Page) -> None:
    at, before = here(page), speakers(page)
    keys = page.locator(".sl-speakers kbd").all_inner_texts()
    for digit, name in ((1, "Unknown"), (2, "Several"), (3, "Outside")):
        page.keyboard.press(f"Alt+Shift+{digit}")
        expect(page.locator(".sl-who-name").nth(at)).to_have_text(name)
        expect(page.get_by_role("button", name=name, exact=True)).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Alt+Shift+3")
    expect(page.locator(".sl-who-name").nth(at)).to_have_text("—")
    page.keyboard.press("Escape")
    page.keyboard.press("Shift+1")
    expect(page.locator(".sl-who-name").nth(at)).to_have_text("Unknown")
    assert page.locator(".sl-speakers kbd").all_inner_texts() == keys  # people keep their keys
    wait_for_saved(page)
    page.reload()
    page.wait_for_selector(".sl-row")
    expect(page.locator(".sl-who-name").nth(at)).to_have_text("Unknown")
    for _ in range(5):
        page.keyboard.press("Control+z")
    assert speakers(page) == before


def test_a_run_of_segments_gets_a_speaker_at_once_and_another_up_to_the_next_change(page: Page) -> None:
    before = speakers(page)
    page.locator(".sl-num").nth(3).click()
    page.locator(".sl-num").nth(5).click(modifiers=["Shift"])
    page.keyboard.press("Control+2")
    after = speakers(page)
    assert after[3] == after[4] == after[5] != "—"
    assert after[:3] + after[6:] == before[:3] + before[6:]
    page.locator(".sl-num").nth(2).click()
    page.keyboard.press("Control+1")
    first = speakers(page)[2]
    page.keyboard.press("Alt+Shift+a")
    expect(page.locator(".sl-who-name").nth(5)).to_have_text(first)
    assert speakers(page) == [*before[:2], *[first] * 4, *before[6:]]
    for _ in range(3):
        page.keyboard.press("Control+z")
    assert speakers(page) == before


def test_two_speakers_that_are_one_are_merged_in_one_step(page: Page) -> None:
    before = speakers(page)
    first, second = page.locator(".sl-speakers .sl-grow-text").all_inner_texts()[:2]
    page.locator(".sl-speaker-row", has_text=second).locator("[data-rename]").click()
    page.get_by_label("The same person as").select_option(label=first)
    page.get_by_text(f"{second} is {first} now").first.wait_for()
    assert speakers(page) == [first if name == second else name for name in before]
    wait_for_editor(page)
    page.keyboard.press("Control+z")
    expect(page.locator(".sl-speaker-row", has_text=second)).to_be_visible()
    assert speakers(page) == before
    wait_for_saved(page)


def test_a_segment_is_locked_by_mouse_and_what_is_refused_names_the_key_that_unlocks(page: Page) -> None:
    locked = page.locator(".sl-panel").get_by_role("button", name="Lock")
    expect(locked).to_have_text("LockAlt+L")
    expect(locked).to_have_attribute("aria-pressed", "false")
    expect(locked).to_have_attribute("title", re.compile(r"\(Alt\+L\)$"))
    locked.click()
    expect(locked).to_have_attribute("aria-pressed", "true")
    expect(locked).to_have_text("LockedAlt+L")
    expect(locked).to_be_enabled()
    assert page.evaluate("document.activeElement.matches('.sl-text')")  # the caret stayed
    page.keyboard.press("Control+/")
    page.locator("tr[data-command=lock] td[data-context=text] .sl-bind").focus()
    page.keyboard.press("Enter")
    page.get_by_text("press a key…").wait_for()
    page.keyboard.press("F9")
    page.keyboard.press("Escape")
    wait_for_editor(page)
    page.keyboard.press("Alt+x")
    expect(page.locator(".sl-toast")).to_contain_text("Unlock it first: F9.")
    page.keyboard.press("Alt+u")
    expect(page.locator(".sl-toast")).to_contain_text("Unlock it first: F9.")
    assert page.evaluate("document.activeElement.matches('.sl-text')")  # no reason is asked for
    locked.click()
    expect(locked).to_have_attribute("aria-pressed", "false")
    expect(locked).to_have_attribute("title", re.compile(r"\(F9\)$"))
    wait_for_saved(page)


def test_merging_speakers_leaves_what_is_locked_and_says_so(page: Page) -> None:
    before = speakers(page)
    first, second = page.locator(".sl-speakers .sl-grow-text").all_inner_texts()[:2]
    page.locator(".sl-row textarea").nth(before.index(second)).click()
    page.keyboard.press("Alt+l")
    page.locator(".sl-speaker-row", has_text=second).locator("[data-rename]").click()
    page.get_by_label("The same person as").select_option(label=first)
    expect(page.locator(".sl-toast")).to_contain_text("Locked segments stay as they are: 1")
    assert speakers(page)[before.index(second)] == second
    wait_for_editor(page)
    page.keyboard.press("Alt+l")
    wait_for_saved(page)


def test_a_note_by_key_and_back(page: Page) -> None:
    at = here(page)
    page.keyboard.press("Alt+o")
    expect(page.get_by_label("Note")).to_be_focused()
    page.keyboard.type("which clinic?")
    page.keyboard.press("Enter")
    wait_for_editor(page)
    chip = page.locator(".sl-row").nth(at).locator(".sl-chip")
    expect(chip).to_have_attribute("title", "which clinic?")
    page.keyboard.press("Escape")
    page.keyboard.press("o")
    page.keyboard.press("Escape")
    expect(page.locator(".sl-wave")).to_be_focused()
    page.keyboard.press("Control+z")
    expect(chip).to_have_count(0)
