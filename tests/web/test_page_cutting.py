"""The panel "Cut again": fields for every option, in both languages, and errors beside them."""

from __future__ import annotations

import gc
import threading

import numpy as np
import pytest
from watching import speechlike

from speechlabel import registry
from speechlabel.edits import Insert
from speechlabel.records import Segment
from speechlabel.segment.base import describe_options
from speechlabel.store.base import Batch
from speechlabel.web.words import word
from speechlabel.workflow.label import open_recording, save, shown_transcript

PLACES = {locale: {"locale": locale} for locale in ("en", "zh-CN")}


@pytest.fixture
def panel(client, app, monkeypatch):
    monkeypatch.setenv("GRADIO_ANALYTICS_ENABLED", "False")  # before the first import: it calls other hosts
    import gradio as gr

    from speechlabel.web.editor import make_editor, make_recordings
    from speechlabel.web.pages.cutting import CuttingPanel

    with gr.Blocks(analytics_enabled=False):
        # What the import left is taken away here: CPython 3.11 trips over it when pytest parses a file later.
        gc.collect()
        yield CuttingPanel(app.state.site, make_editor(), make_recordings())


def press(panel, segmenter, values, *, what="*", layout="auto", locale="en"):
    """Press the button with some values, the others as they come; returns what is said, and what goes on."""
    given = [
        values.get(option.name, option.described["default"]) if option.segmenter == segmenter else None
        for option in panel.options
    ]
    said, table, editor = panel._cut("p", PLACES[locale], what, segmenter, layout, *given)
    return said, table, editor


@pytest.mark.parametrize("locale", PLACES)
def test_every_option_has_a_field_with_words_and_its_range(panel, locale):
    fields = {(option.segmenter, option.name): option.in_words(locale) for option in panel.options}
    for segmenter in ("webrtc", "energy"):
        assert word(locale, f"page.segmenter_{segmenter}") != f"page.segmenter_{segmenter}"
        for about in describe_options(registry.load("segmenter", segmenter)):
            texts = fields[segmenter, about["name"]]
            assert "page." not in texts["label"] + texts["info"]
            assert texts["label"].endswith(f"({about['unit']})") or not about["unit"]
            assert texts["info"].endswith(f"{about['min']:g} – {about['max']:g}")
    assert len(fields) == sum(
        len(describe_options(registry.load("segmenter", name))) for name in registry.names("segmenter")
    )


@pytest.mark.parametrize(
    ("segmenter", "values", "en", "zh"),
    [
        (
            "webrtc",
            {"min_silence_ms": -1},
            "Shortest pause must be from 0 to 10000 ms.",
            "“最短停顿”须在 0 到",
        ),
        ("webrtc", {"mode": 1.5}, "Strictness must be a whole number from 0 to 3", "“严格程度”须为 0 到 3"),
        ("webrtc", {"on": 0.1, "off": 0.5}, "End below does not fit the other", "“结束阈值”与其他设置不相容"),
        (
            "energy",
            {"on_db": 81},
            "Start above the noise must be from 0 to 80 dB.",
            "“起始音量”须在 0 到 80 dB",
        ),
        ("energy", {"on_db": 1}, "End above the noise does not fit the other", "“结束音量”与其他设置不相容"),
    ],
)
def test_what_does_not_fit_is_said_and_nothing_is_cut(panel, workspace, recording, segmenter, values, en, zh):
    for locale, words in (("en", en), ("zh-CN", zh)):
        said, *rest = press(panel, segmenter, values, locale=locale)
        assert words in said and "slp-error" in said
        assert not any("nonce" in item for item in rest)
    assert workspace.store.recording("p", recording.id).state == "ready"
    assert len(workspace.store.transcripts("p", recording.id)) == 1


def test_two_values_that_are_wrong_are_both_named(panel, recording):
    said, *_ = press(panel, "webrtc", {"pad_before_ms": 9999, "pad_after_ms": 9999})
    assert "Keep before" in said and "Keep after" in said


def test_an_empty_field_is_as_it_comes_and_the_editor_is_told(panel, workspace, recording, app):
    app.state.site.preparer.close()  # what is queued stays queued: it is only asked what was
    said, table, editor = press(panel, "energy", {"range_db": None}, what=recording.id)
    assert "slp-error" not in said
    assert table["project"] == "p" and editor["recut"]["project"] == "p"


def test_a_project_without_recordings_has_nothing_to_press(panel):
    promise, button, _ = panel._promise("p", PLACES["en"], "*")
    assert button["interactive"] is False and "Nothing to cut again" in promise
    assert panel._promise(None, PLACES["en"], "*")[1]["interactive"] is False
    assert panel._promise("p", PLACES["en"], "gone")[1]["interactive"] is False


def test_lanes_and_options_reach_the_recording_and_a_worked_on_one_is_left(panel, workspace, take, client):
    voices = np.column_stack([speechlike(4, seed=1), speechlike(4, seed=2)])
    call = take("call.wav", voices)
    other = take("other.wav", voices * 0.5)
    opened = open_recording(workspace, "p", other.id, author="user:me")
    made = Segment(channel=0, start_us=0, end_us=500_000, text="mine")
    batch = Batch(op_id="o", author="user:me", edits=[Insert(target="segment", record=made)])
    save(workspace, opened.transcript.id, batch)
    left = workspace.store.recording("p", other.id)
    said, _, editor = press(panel, "energy", {"min_speech_ms": 10_000}, layout="mixed")
    assert "Being cut again: 1" in said and editor["recut"]["recordings"] == [call.id]
    for _ in range(1200):
        now = workspace.store.recording("p", call.id)
        if now.state == "ready" and now.layout == "mixed":
            break
        threading.Event().wait(0.05)
    assert (now.state, now.layout) == ("ready", "mixed")
    shown = shown_transcript(workspace, "p", call.id)
    assert shown.author == "vad:energy" and workspace.store.segments(shown.id) == []
    assert workspace.store.recording("p", other.id) == left
    assert "stays as it is" in panel._promise("p", PLACES["en"], other.id)[0]
    assert press(panel, "energy", {}, what=other.id)[2]["recut"]["recordings"] == []
