"""Contracts that plug-ins and stores keep, as classes to subclass in a test suite.

Each states its laws as tests; pytest runs them against the fixture that the subclass gives.
"""
# ruff: noqa: D102 - the name of a law says what it asks

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from speechlabel.edits import Delete, Edit, Insert, Update, edit_from_dict, split
from speechlabel.errors import ConflictError, NotFoundError, RecordError
from speechlabel.formats.contract import FormatContract
from speechlabel.records import Event, Project, Recording, Segment, Speaker, Transcript, Word, new_id
from speechlabel.segment.contract import SegmenterContract
from speechlabel.store.base import Batch, Spoken, Store

__all__ = ["FormatContract", "SegmenterContract", "StoreContract"]


# The store's contract.  Times are in milliseconds here, to read easily.


def make_segment(id: str, start_ms: int = 0, end_ms: int = 1000, **fields: Any) -> Segment:  # noqa: ANN401
    """Make a segment for a test; ``fields`` are those of ``Segment``."""
    return Segment(id=id, start_us=start_ms * 1000, end_us=end_ms * 1000, **fields)


def make_transcript(
    store: Store, segments: Iterable[Segment], speakers: Iterable[Speaker] = (), author: str = "user:li"
) -> Transcript:
    """Add a transcript of recording ``r`` (60 s at 16 kHz) in project ``p``, both made if need be."""
    if not any(project.id == "p" for project in store.projects()):
        store.create_project(Project(id="p", name="计划", language="zh", guideline=""))
    if not store.recordings("p"):
        store.add_recording(
            Recording(
                id="r",
                project_id="p",
                name="录音.wav",
                path="/audio/录音.wav",
                content_hash="ab" * 32,
                size_bytes=1,
                modified_ns=1,
                container="WAV",
                codec="PCM_16",
                sample_rate=16000,
                channels=1,
                n_frames=960_000,
            )
        )
    made = Transcript(project_id="p", recording_id="r", author=author)
    return store.add_transcript(made, segments, speakers)


def make_batch(*edits: Edit, **fields: Any) -> Batch:  # noqa: ANN401 - fields of Batch
    """Make a batch by ``user:li`` under a new op id."""
    whole: dict[str, Any] = {"op_id": new_id(), "author": "user:li", "edits": edits} | fields
    return Batch(**whole)


def set_text(id: str, version: int, text: str) -> Update:
    """Make the edit that types a text."""
    return Update(target="segment", id=id, version=version, changes={"text": text})


class StoreContract:
    """Laws of ``store.base.Store``: subclass it and give a fixture ``store`` that makes an empty store."""

    def test_every_field_of_every_record_comes_back(self, store: Store) -> None:
        full = make_segment(
            "s",
            channel=1,
            kind="noise",
            text="你好\tmañana\n😀",
            language="zh",
            speaker="k",
            noise_labels=("cough", "door"),
            tags=("b", "a"),
            events=(Event(label="beep", start_us=5), Event(label="x", end_us=7, score=0.5)),
            is_valid=False,
            invalid_reason="overlap",
            fields={"emotion": ""},
            words=(Word(word="你", start_us=1, end_us=2, score=0.25), Word(word="好")),
            status="unsure",
            is_locked=True,
            confidence=0.125,
            note="?",
            tier="t",
            parent_id="q",
            custom={"a": [1, None, {"b": 0.1}]},
        )
        voice = Speaker(id="k", name="客服", role="agent", gender="female", channel=0, custom={"x": 1})
        transcript = make_transcript(store, [make_segment("bare", text=""), full], [voice])
        found = store.read(transcript.id)
        assert (found.transcript, found.segments) == (transcript, [make_segment("bare", text=""), full])
        assert found.speakers == store.speakers("p", "r") == [voice]
        assert store.transcripts("p", "r") == [transcript]

    def test_projects_and_recordings_change_and_go(self, store: Store) -> None:
        transcript = make_transcript(store, [make_segment("s")])
        assert store.update_project("p", name="新") == store.project("p") == store.projects()[0]
        changed = store.update_recording("p", "r", state="failed", error="?", metadata={"n": 1})
        assert changed == store.recording("p", "r") == store.find_recording("p", "ab" * 32)
        assert store.find_recording("p", "cd" * 32) is None
        for wrong in ({"id": "q"}, {"nope": 1}, {"name": ""}, {"name": 1}):
            with pytest.raises(RecordError):
                store.update_project("p", **wrong)
        with pytest.raises(RecordError, match="taken"):
            store.add_recording(changed)
        store.delete_project("p")
        assert (store.projects(), store.recordings("p"), store.segments(transcript.id)) == ([], [], [])
        for gone in (
            lambda: store.project("p"),
            lambda: store.recording("p", "r"),
            lambda: store.transcript(transcript.id),
            lambda: store.save(transcript.id, make_batch(set_text("s", 0, "x"))),
            lambda: store.delete_recording("p", "r"),
        ):
            with pytest.raises(NotFoundError):
                gone()

    def test_only_a_transcript_that_nobody_saved_to_counts_as_untouched(self, store: Store) -> None:
        untouched, saved, refused = (make_transcript(store, [make_segment("s")]) for _ in range(3))
        store.save(saved.id, make_batch(set_text("s", 0, "x")))
        with pytest.raises(ConflictError):
            store.save(refused.id, make_batch(set_text("s", 7, "x")))
        assert store.delete_untouched(untouched.id)
        assert not any(store.delete_untouched(item.id) for item in (saved, refused))
        assert not store.delete_untouched(untouched.id)
        assert {item.id for item in store.transcripts("p", "r")} == {saved.id, refused.id}
        assert store.segments(untouched.id) == []

    def test_segments_come_sorted_by_start_end_and_id(self, store: Store) -> None:
        wanted = [
            make_segment("c"),
            make_segment("B", 0, 2000),
            make_segment("a", 0, 2000),
            make_segment("d", 9),
        ]
        transcript = make_transcript(store, reversed(wanted))
        assert [item.id for item in store.segments(transcript.id)] == ["c", "B", "a", "d"]

    def test_a_transcript_is_added_whole_or_not_at_all(self, store: Store) -> None:
        for wrong in ([make_segment("s"), make_segment("s")], [make_segment("s", 59_000, 60_001)]):
            with pytest.raises(RecordError):
                make_transcript(store, wrong, [Speaker(id="k", name="k")])
        assert (store.transcripts("p", "r"), store.speakers("p", "r")) == ([], [])

    def test_a_pass_is_a_copy_made_once(self, store: Store) -> None:
        source = make_transcript(store, [make_segment("s", text="x", tags=("t",))], author="vad:webrtc")
        store.save(source.id, make_batch(set_text("s", 0, "y")))
        own = store.open_pass("p", "r", "user:wang", source.id)
        assert (own.parent_id, own.parent_revision, own.revision) == (source.id, 1, 0)
        assert store.segments(own.id) == store.segments(source.id)
        assert [item.version for item in store.segments(own.id)] == [0]
        store.save(own.id, make_batch(set_text("s", 0, "z"), author="user:wang"))
        assert store.open_pass("p", "r", "user:wang", source.id).revision == 1
        assert store.segments(source.id)[0].text == "y"
        assert store.segments(store.open_pass("p", "r", "user:new", None).id) == []

    def test_a_batch_raises_the_revision_and_the_versions_it_touched(self, store: Store) -> None:
        transcript = make_transcript(store, [make_segment("a"), make_segment("b")])
        batch = make_batch(set_text("a", 0, "x"), Insert(target="segment", record=make_segment("c")))
        saved = store.save(transcript.id, batch)
        assert (saved.revision, saved.versions, saved.dup) == (
            1,
            {"segment": {"a": 1, "c": 1}, "speaker": {}},
            False,
        )
        assert store.transcript(transcript.id).revision == 1
        assert {item.id: item.version for item in store.segments(transcript.id)} == {"a": 1, "b": 0, "c": 1}

    def test_a_segment_is_on_a_channel_that_there_is(self, store: Store) -> None:
        transcript = make_transcript(store, [make_segment("a", channel=1)])
        store.update_recording("p", "r", channels=2)
        add = Insert(target="segment", record=make_segment("b", channel=2))
        move = Update(target="segment", id="a", version=0, changes={"channel": 2})
        for edit in (add, move):
            with pytest.raises(RecordError, match="channel"):
                store.save(transcript.id, make_batch(edit))
        with pytest.raises(RecordError, match="channel"):
            make_transcript(store, [make_segment("c", channel=2)])
        assert len(store.transcripts("p", "r")) == 1

    def test_a_resend_answers_the_same_and_changes_nothing(self, store: Store) -> None:
        transcript = make_transcript(store, [make_segment("a")])
        batch = make_batch(set_text("a", 0, "x"))
        first = store.save(transcript.id, batch)
        store.save(transcript.id, make_batch(set_text("a", 1, "y")))
        again = store.save(transcript.id, dataclasses.replace(batch, lease="later"))
        assert (again.dup, again.revision, again.versions) == (True, first.revision, first.versions)
        assert (store.segments(transcript.id)[0].text, store.transcript(transcript.id).revision) == ("y", 2)
        for other in ({"edits": [set_text("a", 0, "other")]}, {"visit": "v"}, {"author": "user:wang"}):
            with pytest.raises(ConflictError) as caught:
                store.save(transcript.id, dataclasses.replace(batch, **other))
            assert caught.value.data["reason"] == "op_reused"

    def test_a_stale_edit_refuses_the_batch_and_keeps_it(self, store: Store) -> None:
        transcript = make_transcript(store, [make_segment("a"), make_segment("b")])
        store.save(transcript.id, make_batch(set_text("a", 0, "theirs")))
        batch = make_batch(set_text("b", 0, "x"), set_text("a", 0, "mine"))
        with pytest.raises(ConflictError):
            store.save(transcript.id, batch)
        with pytest.raises(ConflictError) as caught:
            store.save(transcript.id, batch)
        [conflict] = caught.value.data["conflicts"]
        assert (conflict["theirs"]["text"], conflict["theirs"]["version"]) == ("theirs", 1)
        assert {item.id: item.text for item in store.segments(transcript.id)} == {"a": "theirs", "b": None}
        [draft] = store.side_drafts(transcript.id)
        assert [edit["changes"]["text"] for edit in draft.edits] == ["x", "mine"]
        assert (draft.op_id, draft.reason, draft.revision) == (batch.op_id, "stale", 1)
        with pytest.raises(ConflictError) as caught:
            store.save(transcript.id, make_batch(Update(target="segment", id="a", changes={"text": "z"})))
        assert caught.value.data["reason"] == "version_missing"

    def test_bad_batches_are_refused(self, store: Store) -> None:
        transcript = make_transcript(store, [make_segment("a")])
        past = Update(target="segment", id="a", version=0, changes={"end_us": 60_000_001})
        for batch in (
            make_batch(),
            make_batch(set_text("a", 0, "x"), op_id=""),
            make_batch(set_text("a", 0, "x"), op_id="x" * 1000),
            make_batch(past),
            make_batch(Insert(target="segment", record=make_segment("z", 0, 60_001))),
            make_batch(Update(target="segment", id="a", version=0, changes={"start_us": 1_000_000})),
            make_batch(Update(target="segment", id="a", version=0, changes={"custom": {"x": 1 << 70}})),
            make_batch(Update(target="segment", id="a", version=0, changes={"channel": 1 << 70})),
            make_batch(Update(target="segment", id="a", version=0, changes={"custom": {"x": "\ud800"}})),
        ):
            with pytest.raises(RecordError):
                store.save(transcript.id, batch)
        assert (store.transcript(transcript.id).revision, store.history(transcript.id)) == (0, [])

    def test_speakers_change_under_versions_of_their_recording(self, store: Store) -> None:
        one = make_transcript(store, [make_segment("a", speaker="k")], [Speaker(id="k", name="k")])
        other = make_transcript(store, [], author="user:wang")
        version = store.speakers("p", "r")[0].version

        def rename(name: str, version: int) -> Batch:
            return make_batch(Update(target="speaker", id="k", version=version, changes={"name": name}))

        first = store.save(one.id, rename("x", version)).versions["speaker"]["k"]
        second = store.save(other.id, rename("y", first)).versions["speaker"]["k"]
        assert len({version, first, second}) == 3
        with pytest.raises(ConflictError):
            store.save(one.id, rename("z", first))
        assert [(item.name, item.version) for item in store.speakers("p", "r")] == [("y", second)]

    def test_a_speaker_who_is_named_stays(self, store: Store) -> None:
        voices = [Speaker(id="k", name="k"), Speaker(id="m", name="m")]
        make_transcript(store, [make_segment("a", speaker="k")], voices, author="engine:x")
        own = store.open_pass("p", "r", "user:li", store.transcripts("p", "r")[0].id)
        versions = {item.id: item.version for item in store.speakers("p", "r")}
        remove = Delete(target="speaker", id="k", version=versions["k"])
        with pytest.raises(RecordError, match="merge"):
            store.save(own.id, make_batch(remove))
        relabel = Update(target="segment", id="a", version=0, changes={"speaker": "m"})
        store.save(own.id, make_batch(relabel, remove))
        assert [item.id for item in store.speakers("p", "r")] == ["m"]
        [step] = store.undo_steps(own.id, "user:li")
        assert [edit["action"] for edit in step["inverse"]] == ["insert", "update"]

    def test_typing_in_one_visit_is_one_step(self, store: Store) -> None:
        transcript = make_transcript(store, [make_segment("a", text="")])
        for version, text in enumerate(["今", "今天", "今天好"]):
            store.save(transcript.id, make_batch(set_text("a", version, text), visit="v1"))
        status = Update(target="segment", id="a", version=3, changes={"status": "done"})
        store.save(transcript.id, make_batch(status, visit="v1"))
        store.save(transcript.id, make_batch(set_text("a", 4, "!"), visit="v2"))
        newest, grown = store.history(transcript.id, segment_id="a")
        assert (grown.step, grown.revision, newest.step, newest.revision) == ("v1", 4, "v2", 5)
        assert grown.before == {"text": "", "status": "machine"}
        assert grown.after == {"text": "今天好", "status": "done"}

    def test_a_step_stands_where_it_was_last_gone_on_with(self, store: Store) -> None:
        transcript = make_transcript(store, [make_segment(id, text="") for id in "abc"])
        for op_id, id, visit in (("1", "a", "v"), ("2", "b", None), ("3", "c", "v")):
            store.save(transcript.id, make_batch(set_text(id, 0, "x"), op_id=op_id, visit=visit))
        assert [step["step"] for step in store.undo_steps(transcript.id, "user:li")] == ["2", "v"]
        assert [step["step"] for step in store.undo_steps(transcript.id, "user:li", limit=1)] == ["v"]

    def test_a_pass_that_is_opened_many_times_at_once_is_one(self, store: Store) -> None:
        source = make_transcript(store, [make_segment("a")], author="vad:x")

        def opened(author: str) -> str:
            return store.open_pass("p", "r", author, source.id).id

        with ThreadPoolExecutor(8) as threads:
            for number in range(5):
                assert len(set(threads.map(opened, [f"user:{number}"] * 8))) == 1

    def test_a_visit_does_not_grow_across_others(self, store: Store) -> None:
        transcript = make_transcript(store, [make_segment("a", text="")])
        store.save(transcript.id, make_batch(set_text("a", 0, "x"), visit="v"))
        store.save(transcript.id, make_batch(set_text("a", 1, "y"), visit="v", author="user:wang"))
        store.save(transcript.id, make_batch(set_text("a", 2, "z"), visit="v"))
        assert [entry.after for entry in store.history(transcript.id)] == [
            {"text": "z"},
            {"text": "y"},
            {"text": "x"},
        ]
        assert len(store.history(transcript.id, author="user:wang")) == 1
        assert len(store.history(transcript.id, limit=2)) == 2

    def test_steps_lead_back_and_forth(self, store: Store) -> None:
        before = [make_segment("a", text="x y", tags=("t",)), make_segment("b", 2000, 3000, speaker="k")]
        transcript = make_transcript(store, before, [Speaker(id="k", name="k")])
        cut = split(before[0], 500_000, caret=1, id="c")
        store.save(transcript.id, make_batch(*cut, op_id="cut"))
        store.save(transcript.id, make_batch(Delete(target="segment", id="b", version=0), op_id="gone"))
        after = store.segments(transcript.id)
        steps = store.undo_steps(transcript.id, "user:li")
        assert [(step["step"], step["undoes"]) for step in steps] == [("cut", None), ("gone", None)]
        assert store.undo_steps(transcript.id, "user:li", limit=1) == steps[1:]
        assert store.undo_steps(transcript.id, "user:wang") == []
        for way, order, wanted in (("inverse", steps[::-1], before), ("forward", steps, after)):
            for step in order:
                now = {item.id: item.version for item in store.segments(transcript.id)}
                edits = [edit_from_dict(edit | _version(edit, now)) for edit in step[way]]
                store.save(transcript.id, make_batch(*edits, undoes=step["step"]))
            assert store.segments(transcript.id) == wanted
        assert [step["undoes"] for step in store.undo_steps(transcript.id, "user:li")][2:4] == ["gone", "cut"]

    def test_edits_of_one_record_in_one_batch_are_taken_back_in_order(self, store: Store) -> None:
        before = [make_segment("a", text="0"), make_segment("b", 2000, 3000, text="0")]
        transcript = make_transcript(store, before)
        edits = [set_text("a", 0, "1"), set_text("a", 0, "2"), set_text("b", 0, "1")]
        edits += [Delete(target="segment", id="b", version=0)]
        store.save(transcript.id, make_batch(*edits, visit="v"))
        assert [item.text for item in store.segments(transcript.id)] == ["2"]
        [step] = store.undo_steps(transcript.id, "user:li")
        back = [edit_from_dict(edit | _version(edit, {"a": 1})) for edit in step["inverse"]]
        store.save(transcript.id, make_batch(*back))
        assert store.segments(transcript.id) == before

    def test_counts_are_counted(self, store: Store) -> None:
        segments = [
            make_segment("a", status="done"),
            make_segment("b", 1000, 3000, status="done", is_valid=False, speaker="x"),
            make_segment("c", 3000, 6000, speaker="x", is_locked=True),
        ]
        transcript = make_transcript(store, segments)
        empty = make_transcript(store, [], author="user:wang")
        [counts, none] = store.counts("p")["r"]
        assert (counts.transcript, none.transcript) == (transcript, empty)
        assert (counts.segments, counts.done, counts.invalid, none.segments, none.done) == (3, 2, 1, 0, 0)
        assert (counts.valid_us, counts.done_us) == (4_000_000, 1_000_000)
        assert store.spoken("p") == {transcript.id: {"x": Spoken(segments=2, locked=1, length_us=5_000_000)}}

    def test_threads_lose_nothing(self, store: Store) -> None:
        ids = [f"s{number}" for number in range(8)]
        transcript = make_transcript(store, [make_segment(id, text="") for id in ids])

        def type_in(id: str) -> int:
            version = 0
            for number in range(6):
                saved = store.save(transcript.id, make_batch(set_text(id, version, str(number))))
                version = saved.versions["segment"][id]
                assert store.read(transcript.id).transcript.revision >= saved.revision
            return version

        with ThreadPoolExecutor(len(ids)) as pool:
            versions = dict(zip(ids, pool.map(type_in, ids), strict=True))
        found = store.read(transcript.id)
        assert found.transcript.revision == 48
        assert {item.id: (item.version, item.text) for item in found.segments} == {
            id: (version, "5") for id, version in versions.items()
        }
        assert sorted(entry.revision for entry in store.history(transcript.id)) == list(range(1, 49))

    def test_one_of_two_racing_saves_wins(self, store: Store) -> None:
        transcript = make_transcript(store, [make_segment("a", text="")])
        same = make_batch(set_text("a", 0, "same"))

        def race(batch: Batch) -> str:
            try:
                return "dup" if store.save(transcript.id, batch).dup else "saved"
            except ConflictError as error:
                return str(error.data["reason"])

        batches = [same, same, *(make_batch(set_text("a", 0, str(number))) for number in range(4))]
        with ThreadPoolExecutor(len(batches)) as pool:
            outcome = list(pool.map(race, batches))
        assert outcome.count("saved") == 1
        assert store.transcript(transcript.id).revision == 1
        refused = [batch.op_id for batch, what in zip(batches, outcome, strict=True) if what == "stale"]
        assert sorted(set(refused)) == sorted(draft.op_id for draft in store.side_drafts(transcript.id))


def _version(edit: Mapping[str, Any], now: Mapping[str, int]) -> dict[str, Any]:
    return {} if edit["action"] == "insert" else {"version": now.get(edit["id"])}
