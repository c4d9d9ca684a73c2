"""How the editor behaves is set in one place, and remembered; the page fits small and large screens."""

from playwright.sync_api import Page, expect

from .conftest import wait_for_editor

LINE = "parseFloat(getComputedStyle(document.querySelector('.sl-row textarea')).lineHeight)"


def test_settings_work_at_once_and_are_remembered(page: Page) -> None:
    page.keyboard.press("Alt+Shift+p")
    dialog = page.get_by_role("dialog", name="Settings")
    dialog.get_by_label("Size of the text").select_option("140")
    dialog.get_by_label("Going on after a pause").select_option("2000")
    dialog.get_by_label("Rows close together").check()
    dialog.get_by_label("Play on arrival").uncheck()
    assert page.evaluate(LINE) > 22
    page.keyboard.press("Escape")
    wait_for_editor(page)
    tops = [row.bounding_box() for row in page.locator(".sl-row").all()]
    ends = [box["y"] + box["height"] for box in tops if box]
    assert [box["y"] for box in tops if box][1:] == ends[:-1]  # rows neither overlap nor leave holes
    page.reload()
    wait_for_editor(page)
    assert page.evaluate(LINE) > 22
    page.keyboard.press("Alt+ArrowDown")
    expect(page.locator(".sl-play")).to_have_attribute("aria-label", "Play")
    kept = page.evaluate("JSON.parse(localStorage['speechlabel.settings'])")
    assert (kept["rewindMs"], kept["autoPlay"], kept["compact"]) == (2000, False, True)
