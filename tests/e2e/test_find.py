"""Find and replace over all segments, marks in the text; by keyboard, undone in one step."""

from playwright.sync_api import Page

from .conftest import wait_for_saved

BOXES = "boxes => boxes.map(box => box.value)"


def texts(page: Page) -> list[str]:
    return page.eval_on_selector_all(".sl-row textarea", BOXES)


def number(page: Page) -> str:
    return page.locator(".sl-row[aria-current=true] .sl-num").inner_text().strip()


def found(page: Page, words: str) -> None:
    page.locator(".sl-find-count", has_text=words).wait_for()


def test_find_walks_all_segments_and_leaves_the_match_selected(page: Page) -> None:
    page.keyboard.press("Control+f")
    page.keyboard.type("good morning")
    found(page, "of 2")
    assert page.locator(".sl-found, .sl-found-here").count() == 2
    page.keyboard.press("Enter")
    first = number(page)
    page.keyboard.press("Enter")
    assert {first, number(page)} == {"1", "2"}
    page.keyboard.press("Escape")
    picked = page.evaluate(
        "(({ value, selectionStart, selectionEnd }) => value.slice(selectionStart, selectionEnd))"
        "(document.activeElement)"
    )
    assert picked == "Good morning"
    assert page.locator(".sl-found").count() == 0


def test_a_wrong_and_an_endless_expression_are_told(page: Page) -> None:
    page.keyboard.press("Control+f")
    page.get_by_role("button", name="Regular expression").click()
    field = page.get_by_label("Find in all segments")
    field.fill("(")
    found(page, "Not a regular expression")
    field.fill("^(([a-zA-Z., ?]+)+)+;$")
    found(page, "takes too long")
    field.fill("[A-Z]nna")
    found(page, "of 1")


def test_replace_one_then_all_with_a_preview_then_undo(page: Page) -> None:
    before = texts(page)
    page.keyboard.press("Control+h")
    page.get_by_label("Find in all segments").fill("Good (\\w+)")
    page.get_by_role("button", name="Regular expression").click()
    found(page, "of 2")
    page.get_by_label("Replace by").fill("Fine $1")
    page.get_by_role("button", name="Replace all…").click()
    preview = page.locator(".sl-find-all[open]")
    assert preview.locator("li").count() == 2
    assert preview.locator("ins").first.inner_text() == "Fine morning"
    preview.locator("li input").first.uncheck()
    preview.get_by_role("button", name="Replace 1").click()
    assert [text.startswith("Fine morning") for text in texts(page)][:2] == [False, True]
    page.get_by_label("Replace by").press("Escape")
    page.keyboard.press("Control+z")
    assert texts(page) == before
    wait_for_saved(page)


def test_a_mark_is_put_in_by_key_painted_and_erased_whole(page: Page) -> None:
    box = page.locator(".sl-row[aria-current=true] textarea")
    page.keyboard.type("well ")
    page.keyboard.press("Control+Shift+1")
    page.keyboard.type(" [oops]")
    assert box.input_value() == "well [NOISE] [oops]"
    row = page.locator(".sl-row[aria-current=true]")
    assert row.locator(".sl-mark").inner_text() == "[NOISE]"
    assert row.locator(".sl-mark-unknown").inner_text() == "[oops]"
    for _ in range(len(" [oops]")):
        page.keyboard.press("Backspace")
    page.keyboard.press("Backspace")
    assert box.input_value() == "well "
    page.keyboard.press("Control+z")
    assert "[NOISE]" in box.input_value()
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    wait_for_saved(page)


def test_a_term_is_replaced_everywhere_without_the_mouse(page: Page) -> None:
    before = texts(page)
    page.keyboard.press("Control+h")
    page.keyboard.type("Good morning")
    found(page, "of 2")
    page.keyboard.press("Tab")
    page.keyboard.type("Hello")
    page.keyboard.press("Control+Enter")
    page.locator(".sl-find-all[open]").wait_for()
    page.keyboard.press("Enter")
    assert [text.startswith("Hello") for text in texts(page)][:2] == [True, True]
    page.keyboard.press("Escape")
    page.keyboard.press("Control+z")
    assert texts(page) == before
    wait_for_saved(page)
