"""Every dialog keeps the rules of accessibility, light and dark; a conflict shows all that differs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from .conftest import Server, ask, open_context, wait_for_editor, wait_for_saved
from .test_comfort import violations

RULES = """
version = 1
name = "two layers"
languages = ["en"]

[[labels]]
name = "laughter"
title = { en = "Laughter", zh-CN = "笑声" }
scope = "segment"

[[fields]]
name = "translation"
title = { en = "Translation", zh-CN = "译文" }

[[fields]]
name = "mood"
title = { en = "Mood", zh-CN = "情绪" }
kind = "choice"
choices = [{ name = "calm", title = { en = "Calm", zh-CN = "平静" } }]
"""
OPENED = "/api/projects/samples/recordings/dialogue-en/open"


@pytest.fixture
def layered(server: Server) -> Iterator[Server]:
    """The samples as they were at first, with two further layers while the test lasts."""
    ask(server, "/api/samples/reset", {})
    address = "/api/projects/samples/guideline"
    before = ask(server, address)["guideline"]
    ask(server, address, {"guideline": RULES}, "PUT")
    yield server
    ask(server, address, {"guideline": before}, "PUT")
    ask(server, "/api/samples/reset", {})


def collide(page: Page, server: Server) -> None:
    """Let somebody else change the current segment in many ways, and write into it here."""
    number = int(page.locator(".sl-row[aria-current=true]").get_attribute("aria-posinset") or 0)
    opened = ask(server, OPENED)
    segment = opened["segments"][number - 1]
    changes = {
        "text": "They wrote this instead.",
        "fields": {"translation": "Sie schrieben das.", "mood": "calm"},
        "end_us": segment["end_us"] - 20_000,
        "noise_labels": ["laughter"],
        "is_valid": False,
        "speaker": None,
    }
    edit = {
        "action": "update",
        "target": "segment",
        "id": segment["id"],
        "version": segment.get("version", 0),
        "changes": changes,
    }
    ask(server, f"/api/transcripts/{opened['transcript']['id']}/edits", {"op_id": "theirs", "edits": [edit]})
    page.keyboard.press("Control+a")
    page.keyboard.type("They wrote that instead.")
    page.keyboard.press("Control+ArrowDown")
    page.keyboard.type("Meine Fassung.")
    page.locator("dialog.sl-conflict[open]").wait_for()


def open_samples(
    chromium: Browser, server: Server, theme: str = "light", recording: str = "dialogue-en"
) -> Page:
    page = open_context(chromium, "en-US").new_page()
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    page.goto(f"{server.address}/?project=samples&recording={recording}")
    wait_for_editor(page)
    return page


def test_a_conflict_shows_every_layer_and_marks_what_differs(chromium: Browser, layered: Server) -> None:
    page = open_samples(chromium, layered)
    collide(page, layered)
    dialog = page.locator("dialog.sl-conflict")

    def row(name: str) -> list[str]:
        return dialog.locator(f"tr[data-field='{name}']").locator("td").all_inner_texts()

    assert row("text") == ["They wrote that instead.", "They wrote this instead."]
    assert dialog.locator("tr[data-field=text] mark").all_inner_texts() == ["that", "this"]
    assert row("fields.translation") == ["Meine Fassung.", "Sie schrieben das."]
    assert row("fields.mood") == ["—", "Calm"]
    # What was not touched here is theirs whatever is chosen: nothing to decide.
    for name in ("time", "speaker", "is_valid"):
        expect(dialog.locator(f"tr[data-field='{name}']")).to_have_count(0)
    expect(dialog.locator(".sl-differing")).to_contain_text("Text, Translation, Mood")
    page.keyboard.press("2")
    dialog.wait_for(state="hidden")
    wait_for_saved(page)
    [kept] = [
        item for item in ask(layered, OPENED)["segments"] if item.get("text") == "They wrote this instead."
    ]
    assert kept["fields"] == {"translation": "Sie schrieben das.", "mood": "calm"}
    page.context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_dialog_breaks_a_rule_of_accessibility(chromium: Browser, layered: Server, theme: str) -> None:
    page = open_samples(chromium, layered, theme)

    def check(name: str) -> None:
        expect(page.locator("dialog[open]")).to_be_visible()
        assert violations(page) == [], name

    for name, key in (
        ("help", "Control+/"),
        ("settings", "Alt+Shift+p"),
        ("go to", "Control+g"),
        ("signs", "Alt+i"),
        ("cutting again", "Alt+Shift+s"),
    ):
        page.keyboard.press(key)
        check(name)
        page.keyboard.press("Escape")
        expect(page.locator("dialog[open]")).to_have_count(0)
        wait_for_editor(page)
    page.keyboard.press("Control+h")
    page.get_by_label("Find in all segments").fill("a")
    page.locator(".sl-find-count", has_text="of").wait_for()
    page.get_by_label("Replace by").fill("e")
    page.get_by_role("button", name="Replace all").click()
    check("replace all")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.context.set_offline(True)
    page.locator(".sl-row[aria-current=true] .sl-text").press("End")
    page.keyboard.type(" and this waits")
    page.locator(".sl-save[data-state=offline]").wait_for()
    page.locator(".sl-save").click()
    check("waiting")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+z")
    page.context.set_offline(False)
    wait_for_saved(page, 30)
    collide(page, layered)
    check("conflict")
    page.keyboard.press("2")
    wait_for_saved(page)
    page.context.close()

    page = open_samples(chromium, layered, theme, "call-zh")
    page.locator("header.sl-bar [aria-haspopup=dialog]").first.click()
    check("channels")
    page.context.close()
