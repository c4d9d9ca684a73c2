"""However many recordings there are, an export holds the segments of hardly more than one at a time."""

from __future__ import annotations

import gc
from collections import Counter

import numpy as np
import pytest
import soundfile as sf

from speechlabel.errors import ExportError
from speechlabel.formats import Bundle
from speechlabel.records import Segment, Speaker, Transcript
from speechlabel.workflow.export import PREVIEW_SEGMENTS, Selection, export, plan, preview
from speechlabel.workflow.ingest import ingest
from speechlabel.workflow.outgoing import Part, Spool

RECORDINGS, EACH = 20, 25
FORMATS = ("native", "nemo", "kaldi", "rttm", "textgrid")


@pytest.fixture
def many(desk, tmp_path):
    """Twenty recordings with as many segments each, every fifth of which is not done."""
    for number in range(RECORDINGS):
        sf.write(tmp_path / f"r{number:02}.wav", np.full(8_000 * (EACH + 1), number, "int16"), 8_000)
    taken = ingest(desk.workspace, "p", [tmp_path / f"r{number:02}.wav" for number in range(RECORDINGS)])
    for recording in taken.added:
        segments = [
            Segment(
                start_us=number * 1_000_000,
                end_us=number * 1_000_000 + 900_000,
                text=f"{recording.id} {number}",
                status="done" if number % 5 else "draft",
                speaker="s1",
            )
            for number in range(EACH)
        ]
        made = Transcript(
            project_id="p", recording_id=recording.id, author="user:me", created_at="2026-11-24T08:00:00Z"
        )
        desk.workspace.store.add_transcript(made, segments, [Speaker(id="s1", name="Li")])
    return desk


def alive() -> int:
    """Number of segments that anything holds now, but for those of before ``gc.freeze``."""
    return sum(type(item) is Segment for item in gc.get_objects())


class Watch:
    """Counts reads by transcript, and the most segments that were alive whenever something was read."""

    def __init__(self, store, monkeypatch):
        self.reads, self.most, self.passes = Counter(), 0, 0
        read, stream = store.read, Bundle.stream

        def watched_read(transcript_id):
            self.look()
            self.reads[transcript_id] += 1
            reading = read(transcript_id)
            self.look()
            return reading

        def watched_stream(bundle):
            self.passes += 1
            for item in stream(bundle):
                self.look()
                yield item

        monkeypatch.setattr(store, "read", watched_read)
        monkeypatch.setattr(Bundle, "stream", watched_stream)

    def look(self):
        self.most = max(self.most, alive())


@pytest.fixture
def watch(many, monkeypatch):
    gc.collect()
    gc.freeze()  # what is there already is not looked through each time
    yield Watch(many.workspace.store, monkeypatch)
    gc.unfreeze()


def test_the_watch_sees_what_is_held(many, watch):
    store = many.workspace.store
    held = [store.read(store.transcripts("p", item.id)[0].id) for item in store.recordings("p")]
    assert watch.most == len(held) * EACH


@pytest.mark.parametrize("format", FORMATS)
def test_planning_and_writing_hold_two_recordings_at_most(many, watch, tmp_path, format):
    seen = plan(many.workspace, "p", format)
    made = export(many.workspace, "p", format, tmp_path / "out")
    assert seen.n_in == made.report.segments > RECORDINGS * EACH / 2
    assert EACH <= watch.most <= 2 * EACH
    assert set(watch.reads.values()) == {2}  # once to plan, once to export: what is written is put aside
    assert watch.passes == 2  # it is written, and its losses are counted


@pytest.mark.parametrize("format", FORMATS)
def test_a_preview_reads_all_once_to_count_and_writes_the_first_recordings_only(
    many, watch, tmp_path, format
):
    seen = preview(many.workspace, "p", format, out=tmp_path / "out")
    assert watch.most <= 2 * EACH
    again = [count for count in watch.reads.values() if count > 1]
    assert len(again) == seen.recordings == 2
    assert not seen.is_whole
    made = export(many.workspace, "p", format, tmp_path / "out")
    assert seen.plan.n_in == made.plan.n_in
    assert seen.losses == made.report.losses
    assert "snapshot.json" not in seen.files
    for name, lines in seen.files.items():
        whole = (tmp_path / "out" / name).read_text("utf-8").split("\n")
        assert lines == whole[: len(lines)]
    if format != "textgrid":
        assert max(len(lines) for lines in seen.files.values()) == PREVIEW_SEGMENTS


def test_what_goes_out_is_as_it_was_when_it_was_planned(many, tmp_path, monkeypatch):
    texts = []
    stream = Bundle.stream

    def saved_between(bundle):
        many.change("r00", text="changed since")
        for recording, segments in stream(bundle):
            texts.extend(item.text for item in segments)
            yield recording, segments

    monkeypatch.setattr(Bundle, "stream", saved_between)
    export(many.workspace, "p", "nemo", tmp_path / "out", selection=Selection(recordings=("r00",)))
    assert texts == 2 * [f"r00 {number}" for number in range(EACH) if number % 5]


def test_parts_put_aside_come_back_in_any_order():
    parts = {
        id: Part(segments=[Segment(id=id, start_us=0, end_us=9, custom={"x": [1]})], speakers=(), labelled=())
        for id in "abc"
    }
    with Spool() as spool:
        spool.put("a", parts["a"])
        spool.put("b", parts["b"])
        assert spool.get("a") == parts["a"]
        spool.put("c", parts["c"])
        assert [spool.get(id) for id in "cab"] == [parts[id] for id in "cab"]


def test_a_full_folder_of_temporary_files_is_told(monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pickle.dump", full)
    with Spool() as spool, pytest.raises(ExportError, match="temporary files: No space left"):
        spool.put("a", Part(segments=[], speakers=(), labelled=()))
