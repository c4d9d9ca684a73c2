"""Knowing where one is and how far: going about, the day's work, the first steps."""

import re

from playwright.sync_api import Browser, Page, expect

from .conftest import Server, open_context, wait_for_editor, wait_for_saved


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


def test_the_foot_tells_the_pace_of_the_day_and_proposes_a_break(page: Page) -> None:
    line = page.locator(".sl-pace")
    expect(line).to_have_text("0.1 of 0.6 min of audio")
    today = page.evaluate("new Date().toLocaleDateString('sv')")  # as 2026-11-24
    worked = {today: {"workMs": 600_000, "audioUs": 150_000_000}}
    page.evaluate("days => (localStorage['speechlabel.days'] = JSON.stringify(days))", worked)
    page.keyboard.type("Yes")
    expect(line).to_have_text(re.compile(r"0\.1 of 0\.6 min of audio · 4\.0× · about 2 min left"))
    page.keyboard.press("Alt+Enter")
    expect(line).not_to_contain_text("0.1 of")
    page.keyboard.press("Alt+Enter")
    expect(line).to_contain_text("0.1 of")
    for _ in range(4):
        page.keyboard.press("Control+z")


def test_breaks_are_proposed_by_a_calm_line(page: Page) -> None:
    page.clock.install()
    page.reload()
    wait_for_editor(page)
    page.keyboard.press("Alt+Shift+p")
    page.get_by_label("Propose a break after").select_option("25")
    page.keyboard.press("Escape")
    for _ in range(27):
        page.clock.fast_forward(60_000)
        page.keyboard.press("ArrowLeft")
    page.clock.fast_forward(1000)
    expect(page.locator(".sl-pace")).to_contain_text("minutes without a break")
    page.clock.fast_forward(300_000)
    page.keyboard.press("ArrowLeft")
    page.clock.fast_forward(1000)
    expect(page.locator(".sl-pace")).not_to_contain_text("break")


def test_first_steps_tick_themselves_and_go_for_good(chromium: Browser, server: Server) -> None:
    context = open_context(chromium, "en-US")
    page = context.new_page()  # not the fixture: Gradio complains when a reload cuts off what it waits for
    page.goto(server.address)
    wait_for_editor(page)
    steps = page.get_by_role("region", name="First steps")
    done = steps.locator("[data-done]")
    expect(steps).to_be_visible()
    assert page.evaluate("document.activeElement.matches('.sl-text')")
    expect(done).to_have_count(0)
    page.keyboard.press("Shift+Tab")  # Tab would pause what may play already
    expect(done).to_have_count(1)
    page.keyboard.type("Yes")
    page.keyboard.press("Control+1")
    page.keyboard.press("Alt+1")
    expect(done).to_have_count(4)
    page.get_by_role("button", name="Export", exact=True).click()
    page.get_by_role("button", name="Label", exact=True).click()
    expect(done).to_have_count(5)
    page.reload()
    wait_for_editor(page)
    expect(done).to_have_count(5)
    steps.get_by_role("button", name="Do not show this any more").click()
    expect(steps).to_be_hidden()
    page.reload()
    wait_for_editor(page)
    expect(steps).to_be_hidden()
    page.keyboard.press("Alt+1")
    page.keyboard.press("Control+1")
    page.locator(".sl-row[aria-current=true] textarea").fill("")
    wait_for_saved(page)
    context.close()
