"""Hearing: playing on with the list behind it, media keys and pedals from anywhere."""

from __future__ import annotations

from playwright.sync_api import Page, expect

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
