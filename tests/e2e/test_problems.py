"""What needs a second look is marked, explained and walked by F8."""

from playwright.sync_api import Page, expect

from .conftest import wait_for_saved


def test_problems_are_counted_explained_and_walked(page: Page) -> None:
    count = page.locator(".sl-problems")
    expect(count).to_be_hidden()
    page.keyboard.type("a [HM]")
    expect(count).to_have_text("1")
    here = page.locator(".sl-row[aria-current=true]")
    expect(here.locator(".sl-problem")).to_have_text("[HM] is no mark of this project")
    first = here.get_attribute("data-id")
    page.keyboard.press("Alt+ArrowDown")
    page.keyboard.press("Alt+u")
    expect(count).to_have_text("2")
    second = page.locator(".sl-row[aria-current=true]").get_attribute("data-id")
    page.keyboard.press("F8")
    assert page.locator(".sl-row[aria-current=true]").get_attribute("data-id") == first
    page.keyboard.press("Shift+F8")
    assert page.locator(".sl-row[aria-current=true]").get_attribute("data-id") == second
    page.keyboard.press("Alt+u")
    page.keyboard.press("F8")
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    expect(count).to_be_hidden()
    wait_for_saved(page)
