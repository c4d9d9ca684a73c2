"""What several channels are: told from the audio, or chosen by a person."""

from __future__ import annotations

import numpy as np
import pytest
from cli.running import voice, write

from speechlabel.errors import NotFoundError, OptionError
from speechlabel.segment.base import Span
from speechlabel.workflow.analyse import Task, analyse
from speechlabel.workflow.ingest import ingest
from speechlabel.workflow.options import PrepareOptions, changes_layout
from speechlabel.workflow.prepare import prepare

RATE = 8_000
FIRST = voice(6, RATE, 1)
SOUNDS = {
    "mono": FIRST,
    "same": np.stack([FIRST, FIRST], 1),
    "two": np.stack([FIRST, np.roll(voice(6, RATE, 2), RATE)], 1),
}


@pytest.fixture(scope="module")
def audio(tmp_path_factory):
    folder = tmp_path_factory.mktemp("channels")
    for name, sound in SOUNDS.items():
        write(folder / f"{name}.wav", sound, RATE)
    return folder


@pytest.mark.parametrize(
    ("name", "asked", "layout", "channels"),
    [
        ("mono", None, "mono", [None]),
        ("mono", "mixed", "mono", [None]),
        ("mono", "separate", "mono", [None]),
        ("same", None, "dual_mono", [None]),
        ("same", "mixed", "dual_mono", [None]),
        ("same", "separate", "separate", [0, 1]),
        ("two", None, "separate", [0, 1]),
        ("two", "mixed", "mixed", [None]),
        ("two", "separate", "separate", [0, 1]),
        ("two", "dual_mono", "dual_mono", [None]),
    ],
)
def test_one_pass_gives_the_lanes_that_were_asked_for(audio, name, asked, layout, channels):
    path = str(audio / f"{name}.wav")
    found = analyse(Task(path=path, segmenter="webrtc", options={}, layout=asked))
    assert (found.layout, list(found.spans)) == (layout, channels)
    assert all(spans and isinstance(spans[0], Span) for spans in found.spans.values())


def test_the_mix_holds_the_speech_of_every_channel(audio):
    path = str(audio / "two.wav")
    apart = analyse(Task(path=path, segmenter="energy", options={})).spans
    mixed = analyse(Task(path=path, segmenter="energy", options={}, layout="mixed")).spans[None]
    for span in (span for spans in apart.values() for span in spans):
        middle = (span.start_us + span.end_us) // 2
        assert any(item.start_us <= middle < item.end_us for item in mixed)


def layouts(desk):
    return {item.id: item.layout for item in desk.workspace.store.recordings("p")}


def channels(desk, id):
    return {item.channel for item in desk.open(id).segments}


def chosen(layout, **more):
    return PrepareOptions(layout=layout, **more)


def test_a_choice_prepares_again_what_has_other_lanes_and_stands_until_another(desk, audio):
    desk.take(audio)
    assert layouts(desk) == {"mono": "mono", "same": "dual_mono", "two": "separate"}
    desk.open("two")  # a look is no work: this pass makes way for the new one
    report = prepare(desk.workspace, "p", options=chosen("mixed"))
    assert (report.ready, sorted(report.unchanged)) == (["two"], ["mono", "same"])
    assert channels(desk, "two") == {None}
    prepare(desk.workspace, "p", options=PrepareOptions(again=True))  # no word of the layout
    assert layouts(desk) == {"mono": "mono", "same": "dual_mono", "two": "mixed"}
    report = prepare(desk.workspace, "p", ["same", "same"], options=chosen("separate"))
    assert report.ready == ["same"]
    assert channels(desk, "same") == {0, 1}
    assert prepare(desk.workspace, "p", options=chosen("separate")).ready == ["two"]
    report = prepare(desk.workspace, "p", options=chosen("auto"))
    assert (sorted(report.ready), report.unchanged) == (["same", "two"], ["mono"])
    assert layouts(desk) == {"mono": "mono", "same": "dual_mono", "two": "separate"}
    assert (channels(desk, "same"), channels(desk, "two")) == ({None}, {0, 1})


def test_the_first_preparation_can_be_given_a_choice(desk, audio):
    ingest(desk.workspace, "p", [audio / "two.wav"])
    assert prepare(desk.workspace, "p", options=chosen("mixed")).ready == ["two"]
    assert (layouts(desk), channels(desk, "two")) == ({"two": "mixed"}, {None})
    assert desk.workspace.store.speakers("p", "two") == []  # who speaks is open


def test_another_layout_leaves_a_persons_work_alone(desk, audio):
    desk.take(audio / "two.wav")
    desk.change("two", text="heard")
    before = desk.open("two")
    assert prepare(desk.workspace, "p", options=chosen("mixed")).ready == ["two"]
    after = desk.open("two")
    assert (after.transcript, after.segments) == (before.transcript, before.segments)
    assert after.recording.layout == "mixed"


def test_a_failure_leaves_the_layout_that_the_segments_have(desk, audio, tmp_path):
    path = write(tmp_path / "two.wav", SOUNDS["two"], RATE)
    desk.take(path)
    write(path, SOUNDS["same"], RATE)
    assert prepare(desk.workspace, "p", options=chosen("mixed")).failed
    assert layouts(desk) == {"two": "separate"}


def test_a_layout_is_shown_only_with_its_segments(desk, audio, monkeypatch):
    desk.take(audio / "two.wav")

    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(desk.workspace.store, "add_transcript", killed)
        prepare(desk.workspace, "p", options=chosen("mixed"))
    assert layouts(desk) == {"two": "separate"}
    assert prepare(desk.workspace, "p", options=chosen("mixed")).ready == ["two"]


def test_what_there_is_not_is_refused_before_any_work(desk, audio):
    desk.take(audio / "two.wav")
    with pytest.raises(OptionError, match="'layout': 'stereo' is none of auto, mixed, separate"):
        prepare(desk.workspace, "p", options=chosen("stereo"))
    with pytest.raises(NotFoundError, match="no recording 'no'"):
        prepare(desk.workspace, "p", ["two", "no"], options=chosen("mixed"))
    assert layouts(desk) == {"two": "separate"}


@pytest.mark.parametrize(
    ("choice", "changed"),
    [(None, ""), ("auto", "separate mixed"), ("mixed", "separate"), ("separate", "dual_mono mixed")],
)
def test_what_a_choice_changes(choice, changed):
    known = ("dual_mono", "separate", "mixed")
    assert [item for item in known if changes_layout(choice, item, 2)] == [
        item for item in known if item in changed.split()
    ]
    assert not changes_layout(choice, "mono", 1)
