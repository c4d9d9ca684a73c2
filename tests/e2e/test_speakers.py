"""A speaker of several recordings: renamed, merged and coloured in all of them, from the editor of one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from .conftest import Open, Server, ask, serve_talks, wait_for_editor, wait_for_saved
from .sounds import write_talk
from .test_comfort import violations

PROJECT = "/api/projects/talks"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    paths = [write_talk(tmp_path / f"{name}.wav", 20, seed=seed) for seed, name in enumerate("abc")]
    with serve_talks(tmp_path, paths) as started:
        yield started


@pytest.fixture
def talk(server: Server, open_talk: Open) -> Page:
    """Recording a, open; "spk1" speaks first in all three, and in b there is an Anna beside."""
    page = open_talk("a")
    for recording in "abc":
        opened = ask(server, f"{PROJECT}/recordings/{recording}/open")
        first, second = opened["segments"][:2]
        people = {"u1": "spk1"} | ({"u2": "Anna"} if recording == "b" else {})
        edits: list[dict[str, Any]] = [
            {"action": "insert", "target": "speaker", "record": {"id": id, "name": name}}
            for id, name in people.items()
        ]
        for segment, changes in (
            (first, {"speaker": "u1"}),
            (second, {"speaker": "u1", "is_locked": recording == "b"}),
        ):
            edits.append(
                {
                    "action": "update",
                    "target": "segment",
                    "id": segment["id"],
                    "version": 0,
                    "changes": changes,
                }
            )
        address = f"/api/transcripts/{opened['transcript']['id']}/edits"
        ask(server, address, {"op_id": f"begin {recording}", "edits": edits})
    page.reload()
    wait_for_editor(page)
    return page


def names(server: Server, recording: str) -> list[str | None]:
    """Names of who speaks the first two segments."""
    opened = ask(server, f"{PROJECT}/recordings/{recording}/open")
    by_id = {item["id"]: item["name"] for item in opened["speakers"]}
    return [by_id[item["speaker"]] for item in opened["segments"][:2]]


def begin(page: Page, name: str, n: int) -> None:
    """Open the sheet of a speaker, and tick that all recordings are meant."""
    page.locator(".sl-speaker-row", has_text=name).locator("[data-rename]").click()
    page.get_by_label(f"In all {n} recordings of the project that have “{name}”").check()


def test_a_name_is_changed_in_all_recordings_and_what_was_left_is_told(talk: Page, server: Server) -> None:
    begin(talk, "spk1", 3)
    talk.get_by_label("Name of the speaker").fill("Anna")
    talk.get_by_label("Name of the speaker").press("Enter")
    dialog = talk.get_by_role("dialog")
    said = dialog.inner_text()
    assert "Rename “spk1” to “Anna” in the whole project?" in said
    assert "In 1 of them somebody is called “Anna” already" in said
    assert "is a name that programs give" in said
    assert violations(talk) == []
    talk.keyboard.press("Escape")  # nothing is done before it is confirmed
    expect(dialog).to_have_count(0)
    assert [names(server, name) for name in "abc"] == [["spk1", "spk1"]] * 3

    begin(talk, "spk1", 3)
    talk.get_by_label("Name of the speaker").fill("Anna")
    talk.get_by_label("Name of the speaker").press("Enter")
    talk.get_by_role("button", name="Rename in all 3").click()
    left = talk.get_by_role("dialog", name="Not everything could be changed")
    expect(left).to_contain_text("“spk1” is “Anna” now; recordings: 3. In 1 of them two became one.")
    expect(left).to_contain_text("Locked segments that stay with “spk1”: 1 (b)")
    left.get_by_role("button", name="Close").click()
    wait_for_saved(talk)
    assert [names(server, name) for name in "abc"] == [["Anna", "Anna"], ["Anna", "spk1"], ["Anna", "Anna"]]

    wait_for_editor(talk)  # here it is a step as any other
    talk.keyboard.press("Control+z")
    expect(talk.locator(".sl-speaker-row", has_text="spk1")).to_be_visible()
    wait_for_saved(talk)
    assert [names(server, name) for name in "ac"] == [["spk1", "spk1"], ["Anna", "Anna"]]


def test_recordings_that_the_server_did_not_change_are_named(talk: Page, server: Server) -> None:
    talk.route("**/speakers/rename", lambda route: route.abort())
    begin(talk, "spk1", 3)
    talk.get_by_label("Name of the speaker").fill("Bo")
    talk.get_by_label("Name of the speaker").press("Enter")
    talk.get_by_role("button", name="Rename in all 3").click()
    left = talk.get_by_role("dialog", name="Not everything could be changed")
    expect(left).to_contain_text("“spk1” is “Bo” now; recordings: 1.")
    for recording in "bc":
        expect(left).to_contain_text(f"Not changed: {recording}. The server does not answer.")
    wait_for_saved(talk)
    assert [names(server, name)[0] for name in "abc"] == ["Bo", "spk1", "spk1"]


def test_the_projects_view_lists_who_speaks_where(talk: Page, server: Server) -> None:
    talk.goto(f"{server.address}/?project=talks&view=projects")
    talk.get_by_role("button", name="Speakers of the project").click()
    row = talk.locator("#slp-speakers tbody tr", has_text="spk1")
    expect(row).to_contain_text("perhaps several people")
    assert row.locator("td").all_inner_texts()[:3] == ["spk1", "3", "6"]
    assert talk.locator("#slp-speakers tbody tr").count() == 2
    assert violations(talk) == []


def test_only_here_a_colour_everywhere_and_a_name_of_one_recording(talk: Page, server: Server) -> None:
    begin(talk, "spk1", 3)
    assert violations(talk) == []
    talk.get_by_role("button", name="Colour 3").click()
    talk.get_by_text("“spk1” has this colour now; recordings: 3.").first.wait_for()
    wait_for_saved(talk)
    [found] = [item for item in ask(server, f"{PROJECT}/speakers") if item["name"] == "spk1"]
    assert len(found["colors"]) == 1
    assert {item["color"] for item in ask(server, f"{PROJECT}/recordings/c/open")["speakers"]} == {
        *found["colors"]
    }

    talk.get_by_label("Name of the speaker").fill("Bo")
    talk.get_by_label("Name of the speaker").press("Enter")
    talk.get_by_role("button", name="Only in this recording").click()
    expect(talk.locator(".sl-speaker-row", has_text="Bo")).to_be_visible()
    wait_for_saved(talk)
    assert [names(server, name)[0] for name in "abc"] == ["Bo", "spk1", "spk1"]

    # Nobody is called Bo elsewhere: the server has said so, and nothing is offered.
    with talk.expect_response(lambda answer: answer.url.endswith("/speakers")):
        talk.locator(".sl-speaker-row", has_text="Bo").locator("[data-rename]").click()
    talk.get_by_label("Name of the speaker").fill("Cy")
    expect(talk.locator(".sl-everywhere-box")).to_be_hidden()
    talk.get_by_label("Name of the speaker").press("Enter")
    expect(talk.locator(".sl-speaker-row", has_text="Cy")).to_be_visible()
