"""The panel "Speakers of the project": counted when it is opened, in both languages, safe with any name."""

from __future__ import annotations

import gc

import pytest
from watching import speechlike

from speechlabel.edits import Insert, Update
from speechlabel.records import Speaker
from speechlabel.store.base import Batch
from speechlabel.workflow.label import open_recording, save


@pytest.fixture
def panel(client, app, monkeypatch):
    monkeypatch.setenv("GRADIO_ANALYTICS_ENABLED", "False")  # before the first import: it calls other hosts
    import gradio as gr

    from speechlabel.web.pages.speakers import SpeakersPanel

    with gr.Blocks(analytics_enabled=False):
        # What the import left is taken away here: CPython 3.11 trips over it when pytest parses a file later.
        gc.collect()
        yield SpeakersPanel(app.state.site)


def name_first(workspace, recording, *names):
    """Give a recording speakers; the first of them speaks its first segment."""
    opened = open_recording(workspace, "p", recording.id, author="user:me")
    people = [Speaker(id=f"u{n}", name=name, role="agent") for n, name in enumerate(names)]
    first = opened.segments[0]
    edits = [Insert(target="speaker", record=item) for item in people]
    given = Update(target="segment", id=first.id, version=first.version, changes={"speaker": "u0"})
    batch = Batch(op_id=f"begin {recording.id}", author="user:me", edits=[*edits, given])
    save(workspace, opened.transcript.id, batch)


def test_speakers_are_shown_with_what_is_known_of_them(panel, workspace, take):
    assert "Nobody is named" in panel._table("p", {"locale": "en"})
    assert "还没有" in panel._table(None, {"locale": "zh-CN"})
    for seed, name in enumerate("ab", 3):
        name_first(workspace, take(f"{name}.wav", speechlike(seed)), "spk1", "<b>Li</b>")
    shown = panel._table("p", {"locale": "en"})
    assert "<td>spk1</td><td>2</td><td>2</td>" in shown
    assert "<td>agent, perhaps several people</td>" in shown
    assert "<td>&lt;b&gt;Li&lt;/b&gt;</td><td>2</td><td>0</td><td>0:00:00</td><td>agent</td>" in shown
    assert "agent、可能是不同的人" in panel._table("p", {"locale": "zh-CN"})


def test_nothing_is_counted_while_it_is_shut(panel):
    from speechlabel.web.pages.updates import SKIP  # as the panel: it imports Gradio

    place = {"locale": "en", "view": "projects", "project": "p"}
    shown, is_open = panel._opened("p", place)
    assert is_open and "Nobody is named" in shown
    assert panel._moved(place, True) == panel._chosen("p", place, True) == shown
    assert panel._shut() == ["", False]
    for nothing in (
        panel._moved(place, False),
        panel._chosen("p", place, False),
        panel._moved(place | {"view": "label"}, True),
    ):
        assert nothing == SKIP
