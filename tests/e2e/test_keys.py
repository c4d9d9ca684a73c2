"""All keys in one place: searched, changed, taken from another tool, kept over a reload."""

from playwright.sync_api import Page

from .conftest import wait_for_editor


def open_help(page: Page) -> None:
    page.keyboard.press("Control+/")
    page.wait_for_selector(".sl-help[open]")


def close_help(page: Page) -> None:
    page.keyboard.press("Escape")
    page.wait_for_selector(".sl-help[open]", state="detached")
    wait_for_editor(page)


def change(page: Page, command: str, place: str) -> None:
    cell = page.locator(f"tr[data-command={command}] td[data-context={place}]")
    cell.locator(".sl-bind").click()
    cell.get_by_text("press a key…").wait_for()


def keys_of(page: Page, command: str, place: str) -> list[str]:
    return page.locator(f"tr[data-command={command}] td[data-context={place}] kbd").all_text_contents()


def test_a_key_is_changed_and_does_its_work_after_a_reload(page: Page) -> None:
    open_help(page)
    change(page, "split", "text")
    page.keyboard.press("k")
    page.get_by_text("K is needed for typing.").wait_for()
    page.keyboard.press("Control+w")
    page.get_by_text("Ctrl+W belongs to the browser.").wait_for()
    page.keyboard.press("F9")
    assert keys_of(page, "split", "text") == ["F9", "Alt+S"]
    close_help(page)
    assert "F9" in page.locator(".sl-strip").inner_text()
    page.reload()
    wait_for_editor(page)
    n = page.locator(".sl-row").count()
    page.keyboard.press("F9")
    page.wait_for_function(f"document.querySelectorAll('.sl-row').length === {n + 1}")


def test_a_key_that_has_an_owner_is_taken_only_when_told(page: Page) -> None:
    open_help(page)
    change(page, "split", "text")
    page.keyboard.press("Alt+m")
    page.get_by_role("button", name="Leave it there").click()
    assert keys_of(page, "mergeNext", "text") == ["Alt+M"]
    change(page, "split", "text")
    page.keyboard.press("Alt+m")
    page.get_by_role("button", name="Use it here").click()
    assert keys_of(page, "split", "text") == ["Alt+M", "Alt+S"]
    assert keys_of(page, "mergeNext", "text") == []
    page.get_by_role("button", name="Take back your own changes").click()
    assert keys_of(page, "split", "text") == ["Alt+S"]
    assert keys_of(page, "mergeNext", "text") == ["Alt+M"]


def test_the_keys_of_another_tool(page: Page) -> None:
    open_help(page)
    page.get_by_label("Keys of").select_option(label="Like Subtitle Edit")
    assert keys_of(page, "setStart", "text") == ["F11"]
    close_help(page)
    assert page.evaluate("JSON.parse(localStorage['speechlabel.settings']).keyPreset") == "subtitleEdit"


def test_search_and_print(page: Page) -> None:
    open_help(page)
    page.keyboard.type("merge")
    shown = page.locator(".sl-help tr[data-command]:visible")
    assert {row.get_attribute("data-command") for row in shown.all()} == {"mergeNext", "mergePrevious"}
    page.get_by_label("Search").fill("")
    page.emulate_media(media="print")
    sheet = page.locator(".sl-help-body").bounding_box()
    last = page.locator(".sl-help-body table").last.bounding_box()
    assert sheet and last and last["y"] + last["height"] <= sheet["y"] + sheet["height"]
    assert not page.locator(".sl-row").first.is_visible()
    assert not page.get_by_text("Label my audio").is_visible()
