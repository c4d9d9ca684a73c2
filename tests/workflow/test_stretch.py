"""A stretch of a recording, segmented anew with other settings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import soundfile

from speechlabel.errors import NotFoundError, OptionError, UnknownNameError
from speechlabel.segment.base import Span
from speechlabel.segment.contract import voice
from speechlabel.store.workspace import open_workspace
from speechlabel.workflow.analyse import segment_file
from speechlabel.workflow.ingest import ingest
from speechlabel.workflow.label import open_recording
from speechlabel.workflow.prepare import prepare
from speechlabel.workflow.projects import create_project
from speechlabel.workflow.segment import resegment, segment_stretch

RATE = 16_000
TURNS_S = (2, 12, 16, 30, 34)  # each lasts two seconds; the second channel has them a second later


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    sound = 5e-4 * rng.standard_normal((40 * RATE, 2))
    for number, start in enumerate(TURNS_S):
        spoken = voice(RATE, 2.0, seed=number)
        for channel in (0, 1):
            at = (start + channel) * RATE
            sound[at : at + len(spoken), channel] += spoken
    path = tmp_path / "talk.wav"
    soundfile.write(path, sound.astype(np.float32), RATE)
    return path


def starts(spans: Sequence[Span]) -> list[int]:
    return [round(span.start_us / 1e6) for span in spans]


def test_a_stretch_is_found_as_in_the_whole_and_only_there(talk: Path) -> None:
    whole = segment_file(talk).spans
    found = segment_stretch(talk, 11_000_000, 20_000_000, channel=0)
    inside = [span for span in whole[0] if 11_000_000 <= span.start_us < 20_000_000]
    assert starts(found) == starts(inside) == [12, 16]
    for here, there in zip(found, inside, strict=True):
        assert abs(here.start_us - there.start_us) <= 20_000
        assert abs(here.end_us - there.end_us) <= 20_000
    assert starts(segment_stretch(talk, 11_000_000, 20_000_000, channel=1)) == [13, 17]


def test_spans_are_cut_off_at_the_ends_of_the_stretch(talk: Path) -> None:
    (only,) = segment_stretch(talk, 12_500_000, 13_000_000, channel=0)
    assert (only.start_us, only.end_us) == (12_500_000, 13_000_000)
    assert segment_stretch(talk, 6_000_000, 8_000_000, channel=0) == []
    assert starts(segment_stretch(talk, 33_000_000, 90_000_000, channel=0)) == [34], "past the end is nothing"


def test_options_change_what_is_found(talk: Path) -> None:
    joined = segment_stretch(talk, 11_000_000, 20_000_000, channel=0, options={"min_silence_ms": 3000})
    assert starts(joined) == [12]
    other = segment_stretch(talk, 11_000_000, 20_000_000, channel=0, segmenter="energy")
    assert starts(other) == [12, 16]


def test_what_cannot_be_is_refused(talk: Path) -> None:
    with pytest.raises(OptionError, match="empty"):
        segment_stretch(talk, 5, 5)
    with pytest.raises(OptionError, match="longer than an hour"):
        segment_stretch(talk, 0, 3_600_000_001)
    with pytest.raises(OptionError, match="min_silence_ms"):
        segment_stretch(talk, 0, 1_000_000, options={"min_silence_ms": -1})
    with pytest.raises(UnknownNameError):
        segment_stretch(talk, 0, 1_000_000, segmenter="nope")
    with pytest.raises(NotFoundError):
        segment_stretch(talk, 0, 1_000_000, channel=2)


def test_a_transcript_is_asked_for_and_stays_as_it_is(talk: Path, tmp_path: Path) -> None:
    with open_workspace(tmp_path / "workspace") as workspace:
        create_project(workspace, "p")
        ingest(workspace, "p", [talk])
        prepare(workspace, "p")
        opened = open_recording(workspace, "p", "talk", author="user:me")
        before = workspace.store.segments(opened.transcript.id)
        found = resegment(workspace, opened.transcript.id, 29_000_000, 50_000_000, channel=0)
        assert starts(found) == [30, 34]
        assert workspace.store.segments(opened.transcript.id) == before
        with pytest.raises(NotFoundError):
            resegment(workspace, "nope", 0, 1_000_000)
