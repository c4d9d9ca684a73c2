"""Knowing where one is and how far: going about, the day's work, the first steps."""

from playwright.sync_api import Page, expect

from .conftest import wait_for_editor


def number(page: Page) -> str:
    return page.locator(".sl-row[aria-current=true] .sl-num").inner_text().strip()


def test_go_to_says_what_it_will_do_and_does_it(page: Page) -> None:
    page.keyboard.press("Control+g")
    dialog = page.get_by_role("dialog", name="Go to")
    page.keyboard.type("99")
    expect(dialog.get_by_text("There are only")).to_be_visible()
    page.keyboard.press("Enter")
    expect(dialog).to_be_visible()
    dialog.get_by_label("Go to").fill("5")
    expect(dialog.get_by_text("Enter: to segment 5")).to_be_visible()
    page.keyboard.press("Enter")
    wait_for_editor(page)
    assert number(page) == "5"
    page.keyboard.press("Control+g")
    page.keyboard.type("0:06.5")
    page.keyboard.press("Enter")
    wait_for_editor(page)
    assert number(page) == "2"
    expect(page.locator(".sl-clock")).to_contain_text("00:06.5")
    page.keyboard.press("Control+g")
    page.keyboard.type("riverside")
    page.keyboard.press("Enter")
    wait_for_editor(page)
    assert number(page) == "1"
    assert page.evaluate("getSelection().toString()") == "Riverside"


def test_from_empty_to_empty_and_to_the_unsure_ones(page: Page) -> None:
    page.keyboard.press("Alt+e")
    first = number(page)
    page.keyboard.press("Alt+e")
    second = number(page)
    page.keyboard.press("Alt+Shift+e")
    assert (number(page), int(second)) == (first, int(first) + 1)
    page.keyboard.press("Alt+Shift+u")
    page.get_by_text("No segment is marked unsure.").first.wait_for()
    page.keyboard.press("Alt+u")
    page.keyboard.press("Alt+ArrowDown")
    page.keyboard.press("Escape")
    page.keyboard.press("Shift+u")
    assert number(page) == first
    page.keyboard.press("u")
