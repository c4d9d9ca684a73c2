"""How the editor behaves is set in one place, and remembered; the page fits small and large screens."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from .conftest import ROOT, Server, open_context, wait_for_editor, wait_for_saved

AXE = Path(ROOT, "tests/js/node_modules/axe-core/axe.min.js")
# Gradio's own elements are not ours to mend; docs/design/accessibility.md lists what they do.
RUN_AXE = """async () => {
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
    const { violations } = await axe.run(document, { runOnly: tags });
    return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(" ")}`));
}"""
# A control too small for a finger, with what it can be held by beside what is drawn. All of a row leads
# into its text.
SMALL = """() => [...document.querySelectorAll(
        ".sl-editor :is(button, select, textarea:not(.sl-text), input, summary)")]
    .filter((element) => element.checkVisibility())
    .map((element) => {
        const { width, height } = element.getBoundingClientRect();
        const hold = getComputedStyle(element, "::after");
        const wide = Math.max(width, parseFloat(hold.width) || 0);
        const high = Math.max(height, parseFloat(hold.height) || 0);
        return [element.ariaLabel ?? element.className, width && height && Math.min(wide, high)];
    })
    .filter(([, size]) => size > 0 && size < 40)
    .map(([name, size]) => `${name}: ${size}`)"""

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


def violations(page: Page) -> list[str]:
    page.wait_for_function("!document.querySelector('.sl-flash')")  # an animation has no contrast of its own
    page.evaluate(AXE.read_text(encoding="utf-8"))
    return page.evaluate(RUN_AXE)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_rule_of_accessibility_is_broken_anywhere(chromium: Browser, server: Server, theme: str) -> None:
    context = open_context(chromium, "en-US")
    page = context.new_page()
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    page.goto(server.address)
    wait_for_editor(page)
    assert page.evaluate("document.body.classList.contains('dark')") == (theme == "dark")
    assert violations(page) == []

    def in_dialog(open_it: Callable[[], None]) -> None:
        open_it()
        expect(page.locator("dialog[open]")).to_be_visible()
        assert violations(page) == [], page.locator("dialog[open]").get_attribute("aria-label")
        page.keyboard.press("Escape")
        wait_for_editor(page)

    for key in ("Control+/", "Alt+Shift+p", "Control+g"):
        in_dialog(lambda key=key: page.keyboard.press(key))
    in_dialog(lambda: page.locator(".sl-save").click())
    page.keyboard.press("Control+h")
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.locator("[data-rename]").first.click()
    assert violations(page) == []
    for view, shown in (
        ("Projects", ".slp-recordings tbody tr"),
        ("Export", "#slp-export-view .cm-scroller"),
    ):
        page.get_by_role("button", name=view, exact=True).click()
        page.locator(shown).first.wait_for()
        assert violations(page) == [], view
    context.close()


def test_the_export_lines_are_reached_by_key(page: Page) -> None:
    page.get_by_role("button", name="Export", exact=True).click()
    lines = page.get_by_role("region", name="The first lines")
    lines.focus()
    expect(lines).to_be_focused()


@pytest.mark.parametrize(("width", "height"), [(1024, 768), (820, 1180), (768, 1024)])
def test_on_a_tablet_fingers_find_everything_and_the_keyboard_hides_nothing(
    chromium: Browser, server: Server, width: int, height: int
) -> None:
    context = chromium.new_context(
        locale="zh-CN", viewport={"width": width, "height": height}, has_touch=True
    )
    page = context.new_page()
    page.goto(server.address)
    wait_for_editor(page)
    page.get_by_role("button", name="属性面板").click()
    expect(page.locator(".sl-panel")).to_be_visible()
    assert page.evaluate(SMALL) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    if width > 1000:  # held sideways there is no height to spare
        bar = page.locator(".sl-bar").bounding_box()
        assert bar and bar["height"] < 60
    page.locator(".sl-panel-close").click()
    page.locator(".sl-row textarea").last.click()
    keyboard = height // 2
    page.evaluate(
        """height => {
            const get = () => innerHeight - height;
            Object.defineProperty(visualViewport, "height", { get, configurable: true });
            visualViewport.dispatchEvent(new Event("resize"));
        }""",
        keyboard,
    )
    box = page.locator(".sl-text:focus").bounding_box()
    assert box
    assert box["y"] > 0
    assert box["y"] + box["height"] <= height - keyboard
    page.evaluate("delete visualViewport.height; visualViewport.dispatchEvent(new Event('resize'))")
    expect(page.locator(".sl-strip")).to_be_visible()
    context.close()


def test_a_screen_reader_is_told_of_arrivals_of_what_is_done_and_of_the_line(
    chromium: Browser, server: Server
) -> None:
    context = open_context(chromium, "en-US")
    page = context.new_page()
    page.goto(server.address)
    wait_for_editor(page)
    live = page.locator(".sl-hidden[role=status]")
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowDown")
    expect(live).to_contain_text("Segment 4")
    page.keyboard.press("Enter")
    name = page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert name.startswith("Segment 4")
    page.keyboard.type("Yes")
    page.keyboard.press("Alt+Enter")
    expect(live).to_contain_text("3 of 11 done")
    wait_for_saved(page)
    context.set_offline(True)
    page.keyboard.type("!")
    expect(live).to_contain_text("Offline", timeout=20_000)
    context.set_offline(False)
    for _ in range(3):
        page.keyboard.press("Control+z")
    wait_for_saved(page, 30)
    context.close()


def test_colours_of_the_system_and_less_motion_are_kept(page: Page) -> None:
    page.emulate_media(forced_colors="active", reduced_motion="reduce")
    row = page.locator(".sl-row[aria-current=true]")
    assert row.evaluate("row => getComputedStyle(row).outlineStyle") == "solid"
    moving = "document.getAnimations().filter(one => one.effect?.target?.closest?.('.sl-editor')).length"
    page.keyboard.press("Alt+1")
    page.keyboard.press("Control+z")
    expect(page.locator(".sl-flash").first).to_be_visible()
    assert page.evaluate(moving) == 0


def test_the_list_of_keys_by_keyboard_alone_and_a_pedal_while_a_note_is_written(page: Page) -> None:
    page.keyboard.press("Control+/")
    pencil = page.locator("tr[data-command=split] td[data-context=text] .sl-bind")
    assert "(In the text)" in (pencil.get_attribute("aria-label") or "")
    pencil.focus()
    page.keyboard.press("Enter")
    page.get_by_text("press a key…").wait_for()
    page.keyboard.press("Escape")
    expect(pencil).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("F9")
    expect(pencil).to_be_focused()
    page.keyboard.press("Escape")
    wait_for_editor(page)
    page.keyboard.press("Alt+o")
    page.keyboard.press("F4")
    expect(page.locator(".sl-rate")).to_have_value("1.1")
    expect(page.get_by_label("Note")).to_be_focused()
