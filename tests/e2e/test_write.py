"""Writing by keyboard: text given to a neighbour, further layers, proposals, signs, right to left."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from .conftest import wait_for_editor, wait_for_saved

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


RULES = """
version = 1
name = "field-work"
languages = ["en", "ar"]
terms = ["Kubernetes cluster"]

[[fields]]
name = "normalised"
title = { en = "Normalised", zh-CN = "规范文本" }
required = true

[[fields]]
name = "emotion"
title = { en = "Emotion", zh-CN = "情绪" }
kind = "choice"
choices = [
  { name = "calm", title = { en = "Calm", zh-CN = "平静" } },
  { name = "angry", title = { en = "Angry", zh-CN = "生气" } },
]

[[fields]]
name = "translation"
title = { en = "Translation", zh-CN = "翻译" }
language = "zh-CN"
multiline = true

[[snippets]]
short = "ty"
text = "thank you very much"
"""


@pytest.fixture
def field_work(page: Page) -> Iterator[Page]:
    """The page, with a guideline of several layers in force."""
    give = (
        "rules => fetch('/api/projects/samples/guideline', {method: 'PUT',"
        " headers: {'content-type': 'application/json'}, body: JSON.stringify({guideline: rules})})"
    )
    before = page.evaluate(
        "fetch('/api/projects/samples/guideline').then(answer => answer.json()).then(data => data.guideline)"
    )
    page.evaluate(give, RULES)
    page.reload()
    wait_for_editor(page)
    yield page
    page.evaluate(give, before)


def lies_in(inner: Locator, outer: Locator) -> bool:
    """Whether all lines of what is drawn lie in a box."""
    lines = inner.evaluate(
        "node => [...node.getClientRects()].map(({x, y, right, bottom}) => [x, y, right, bottom])"
    )
    box = outer.bounding_box()
    assert box and lines
    right, bottom = box["x"] + box["width"], box["y"] + box["height"]
    return all(x >= box["x"] and y >= box["y"] and end <= right and low <= bottom for x, y, end, low in lines)


def layer(page: Page, name: str) -> Locator:
    return page.locator(".sl-row[aria-current=true]").get_by_label(name)


def test_layers_are_written_below_the_text_by_keyboard(field_work: Page) -> None:
    page = field_work
    go_to(page, 2)
    before = texts(page)
    layers = page.locator(".sl-row[aria-current=true] .sl-layer")
    expect(layers).to_have_count(3)
    page.keyboard.press("Control+ArrowDown")
    expect(layer(page, "Normalised")).to_be_focused()
    expect(layer(page, "Normalised")).to_have_attribute("aria-invalid", "true")
    page.keyboard.type("first normal text")
    page.keyboard.press("Control+ArrowDown")
    layer(page, "Emotion").select_option("Calm")
    page.keyboard.press("Control+ArrowDown")
    expect(layer(page, "Translation")).to_be_focused()
    page.keyboard.insert_text("第一句")
    page.keyboard.press("Enter")  # done: on to the next segment, in the same layer
    expect(page.locator(".sl-row[aria-current=true]")).to_have_attribute("aria-posinset", "3")
    expect(layer(page, "Translation")).to_be_focused()
    expect(layer(page, "Translation")).to_have_value("")
    page.keyboard.press("Control+ArrowDown")
    expect(page.locator(CURRENT)).to_be_focused()
    assert texts(page) == before
    wait_for_saved(page)
    page.reload()
    wait_for_editor(page)
    go_to(page, 2)
    expect(layer(page, "Normalised")).to_have_value("first normal text")
    expect(layer(page, "Emotion")).to_have_value("calm")
    page.keyboard.press("Control+h")
    page.get_by_label("Where to look").select_option("Translation")
    page.get_by_label("Find in all segments").fill("第一")
    page.locator(".sl-find-count", has_text="of 1").wait_for()
    marked = page.locator(".sl-row[aria-current=true] .sl-layer-mirror .sl-found-here")
    expect(marked).to_have_text("第一")
    assert lies_in(marked, layer(page, "Translation"))
    page.get_by_label("Replace by").fill("第二")
    page.get_by_role("button", name="Replace", exact=True).click()
    expect(layer(page, "Translation")).to_have_value("第二句")
    wait_for_saved(page)


def test_proposals_and_abbreviations_are_taken_by_key(field_work: Page) -> None:
    page = field_work
    go_to(page, 4)
    before = page.locator(CURRENT).input_value()
    row = page.locator(".sl-row[aria-current=true]")
    page.keyboard.press("End")
    page.keyboard.type(" our Kub")
    expect(row.locator(".sl-ghost")).to_have_text("ernetes cluster")
    expect(page.locator(CURRENT)).to_have_value(before + " our Kub")  # nothing is taken unasked
    page.keyboard.press("ArrowLeft")
    expect(row.locator(".sl-ghost")).to_have_count(0)
    page.keyboard.press("ArrowRight")
    page.keyboard.type("e")
    page.keyboard.press("ArrowRight")
    expect(page.locator(CURRENT)).to_have_value(before + " our Kubernetes cluster")
    page.keyboard.type(" ty")
    page.keyboard.press("Alt+/")
    expect(page.locator(CURRENT)).to_have_value(before + " our Kubernetes cluster thank you very much")
    page.keyboard.press("Control+z")
    expect(page.locator(CURRENT)).to_have_value(before + " our Kubernetes cluster ty")
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(before)
    wait_for_saved(page)


def test_a_proposal_at_the_end_of_a_line_goes_on_in_the_next(field_work: Page) -> None:
    page = field_work
    go_to(page, 4)
    before = page.locator(CURRENT).input_value()
    ghost = page.locator(".sl-row[aria-current=true] .sl-ghost")
    lines = set[int]()
    for letters in range(60, 130, 3):
        page.keyboard.press("Control+a")
        page.keyboard.insert_text("x" * letters + " our Kub")
        expect(ghost).to_have_text("ernetes cluster")
        assert lies_in(ghost, page.locator(CURRENT)), letters
        # What lies below gives way.
        page.wait_for_function(
            """() => {
                const [row, next] = ["4", "5"].map((n) =>
                    document.querySelector(`.sl-row[aria-posinset='${n}']`));
                return row.getBoundingClientRect().bottom <= next.getBoundingClientRect().top + 0.5;
            }"""
        )
        lines.add(ghost.evaluate("node => node.getClientRects().length"))
    assert max(lines) > 1  # it was at the end of a line once
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(before)
    wait_for_saved(page)


def test_right_to_left_text_and_what_is_marked_in_it(field_work: Page) -> None:
    page = field_work
    go_to(page, 5)
    before = page.locator(CURRENT).input_value()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text("مرحبا بك في Berlin يا صديقي")
    box, mirror = page.locator(CURRENT), page.locator(".sl-row[aria-current=true] .sl-mirror")
    direction = "node => getComputedStyle(node).direction"
    assert box.evaluate(direction) == mirror.evaluate(direction) == "rtl"
    page.keyboard.press("Control+f")
    page.get_by_label("Find in all segments").fill("مرحبا")
    page.locator(".sl-find-count", has_text="of 1").wait_for()
    at = mirror.locator(".sl-found-here, .sl-found").bounding_box()
    around = box.bounding_box()
    assert at is not None
    assert around is not None
    right = around["x"] + around["width"]
    assert right - 14 < at["x"] + at["width"] <= right  # the first word begins at the right
    page.get_by_label("Find in all segments").press("Escape")
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(before)
    expect(box).to_have_value(before)
    wait_for_saved(page)


def test_signs_are_found_by_name_and_put_in_at_the_caret(page: Page) -> None:
    go_to(page, 4)
    before = page.locator(CURRENT).input_value()
    set_caret(page, 0)
    loaded = "[...document.fonts].some(font => /Speechlabel/.test(font.family) && font.status != 'unloaded')"
    assert not page.evaluate(loaded)  # the font comes with the first sign
    page.keyboard.press("Alt+i")
    palette = page.get_by_role("dialog", name="Signs")
    expect(palette.get_by_role("combobox")).to_be_focused()
    page.keyboard.type("open-mid back round")
    expect(palette.get_by_role("option")).to_have_text(["ɔ"])
    page.keyboard.press("Shift+Enter")
    expect(page.locator(CURRENT)).to_have_value("ɔ" + before)
    palette.get_by_role("combobox").fill("nasalised")
    page.keyboard.press("Enter")
    expect(palette).to_be_hidden()
    expect(page.locator(CURRENT)).to_be_focused()
    expect(page.locator(CURRENT)).to_have_value("ɔ\u0303" + before)
    page.wait_for_function(loaded)
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("document.activeElement.selectionStart") == 0  # never inside a sign
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Backspace")  # takes a wrong diacritic off
    expect(page.locator(CURRENT)).to_have_value("ɔ" + before)
    page.keyboard.insert_text("\u0303")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Delete")  # takes the whole sign
    expect(page.locator(CURRENT)).to_have_value(before)
    page.keyboard.press("Alt+i")
    expect(palette.get_by_role("option").first).to_have_text("◌\u0303")  # used last
    page.keyboard.press("Escape")
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(before)
    wait_for_saved(page)


def test_an_input_method_sees_no_proposal_and_gets_no_key(field_work: Page) -> None:
    page = field_work
    go_to(page, 6)
    before = page.locator(CURRENT).input_value()
    ghost = page.locator(".sl-row[aria-current=true] .sl-ghost")
    page.keyboard.press("End")
    page.keyboard.type(" Kub")
    expect(ghost).to_have_count(1)
    method = page.context.new_cdp_session(page)
    method.send("Input.imeSetComposition", {"text": "er", "selectionStart": 2, "selectionEnd": 2})
    expect(ghost).to_have_count(0)
    method.send("Input.insertText", {"text": "er"})
    expect(ghost).to_have_text("netes cluster")
    expect(page.locator(CURRENT)).to_have_value(before + " Kuber")
    page.keyboard.press("Control+ArrowDown")
    method.send("Input.imeSetComposition", {"text": "gui", "selectionStart": 3, "selectionEnd": 3})
    method.send("Input.insertText", {"text": "规范"})
    expect(layer(page, "Normalised")).to_have_value("规范")
    page.keyboard.press("Control+z")
    expect(layer(page, "Normalised")).to_have_value("")
    page.keyboard.press("Control+ArrowUp")
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(before)
    expect(page.locator(CURRENT)).to_have_value(before)
    wait_for_saved(page)


def test_spelling_is_checked_by_wish_where_words_have_letters(page: Page) -> None:
    go_to(page, 2)
    expect(page.locator(CURRENT)).to_have_attribute("lang", "en")
    expect(page.locator(CURRENT)).to_have_attribute("spellcheck", "false")
    page.evaluate(
        "() => localStorage.setItem('speechlabel.settings', JSON.stringify("
        "{...JSON.parse(localStorage.getItem('speechlabel.settings') ?? '{}'), spellCheck: true}))"
    )
    page.reload()
    wait_for_editor(page)
    go_to(page, 2)
    expect(page.locator(CURRENT)).to_have_attribute("spellcheck", "true")
    language = page.locator(".sl-panel").get_by_label("Language", exact=True)
    language.select_option("zh")
    expect(page.locator(CURRENT)).to_have_attribute("lang", "zh")
    expect(page.locator(CURRENT)).to_have_attribute("spellcheck", "false")
    language.select_option("en")
    expect(page.locator(CURRENT)).to_have_attribute("spellcheck", "true")
    wait_for_saved(page)
