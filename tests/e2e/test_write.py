"""Writing by keyboard: text given to a neighbour, further layers, proposals, signs, right to left."""

from playwright.sync_api import Page, expect

from .conftest import wait_for_saved

CURRENT = ".sl-row[aria-current=true] .sl-text"
CARET = "[document.activeElement.selectionStart, document.activeElement.closest('.sl-row').ariaPosInSet]"


def texts(page: Page) -> list[str]:
    return page.eval_on_selector_all(".sl-row .sl-text", "boxes => boxes.map(box => box.value)")


def go_to(page: Page, number: int) -> None:
    """Put the caret into the text of a segment."""
    page.locator(f".sl-row[aria-posinset='{number}'] .sl-text").focus()
    expect(page.locator(".sl-row[aria-current=true]")).to_have_attribute("aria-posinset", str(number))


def set_caret(page: Page, at: int) -> None:
    page.evaluate("at => document.activeElement.setSelectionRange(at, at)", at)


def test_text_is_given_to_the_neighbours_and_taken_back_in_one_step(page: Page) -> None:
    before = texts(page)
    go_to(page, 2)
    second = page.locator(CURRENT).input_value()
    cut = second.rindex(" ")
    set_caret(page, cut)
    page.keyboard.press("Alt+k")
    expect(page.locator(CURRENT)).to_have_value(second[:cut])
    assert page.evaluate(CARET) == [cut, "2"]  # work goes on where the cut is
    page.keyboard.press("Control+z")
    assert texts(page) == before
    expect(page.locator(CURRENT)).to_have_value(second)
    set_caret(page, second.index(" "))
    page.keyboard.press("Alt+Shift+K")
    expect(page.locator(CURRENT)).to_have_value(second[second.index(" ") + 1 :])
    assert page.evaluate(CARET) == [0, "2"]
    assert texts(page)[0].endswith(second[: second.index(" ")])
    page.keyboard.press("Control+z")
    assert texts(page) == before
    wait_for_saved(page)
