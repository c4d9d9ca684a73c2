"""Speakers over a whole project: listed by name, renamed, merged, coloured, each recording by itself."""

from __future__ import annotations

import pytest
from cli.running import voice, write

from speechlabel.edits import Insert, Update, edit_from_dict
from speechlabel.errors import ConflictError, InputError, NotFoundError, RecordError, UnknownNameError
from speechlabel.records import Segment, Speaker, Transcript
from speechlabel.store.base import Batch
from speechlabel.workflow.label import open_recording, save, shown_transcript
from speechlabel.workflow.speakers import change_speaker, is_generic, project_speakers, rename_speaker

ME = "user:me"


@pytest.fixture
def calls(desk, tmp_path):
    """Three recordings: Li speaks in all of them, and "spk1" in two, beside an unknown one."""
    desk.take(*(write(tmp_path / f"{name}.wav", voice(3, seed=n)) for n, name in enumerate("abc")))
    for id in "abc":
        voices = [Speaker(id="u1", name="Li", color="#112233" if id == "b" else None)]
        voices += [] if id == "c" else [Speaker(id="u2", name="spk1"), Speaker(id="unknown", name="Unknown")]
        desk.label(
            id,
            Segment(id="s1", start_us=0, end_us=1_000_000, speaker="u1"),
            Segment(id="s2", start_us=1_000_000, end_us=1_500_000, speaker=voices[-1].id),
            Segment(id="s3", start_us=2_000_000, end_us=2_500_000, speaker="u1" if id == "c" else "u2"),
        )
        desk.save(desk.open(id).transcript, *(Insert(target="speaker", record=item) for item in voices))
    return desk


def names(desk, recording):
    """Name of the speaker of each segment, as the editor shows them."""
    opened = desk.open(recording)
    by_id = {item.id: item.name for item in opened.speakers}
    return [by_id[item.speaker] for item in opened.segments]


def rename(desk, old, new, **options):
    return rename_speaker(desk.workspace, "p", old, new, author=ME, **options)


def lock(desk, recording, *ids):
    opened = desk.open(recording)
    for item in opened.segments:
        if item.id in ids:
            change = Update(target="segment", id=item.id, version=item.version, changes={"is_locked": True})
            desk.save(opened.transcript, change)


def test_speakers_are_listed_by_name(calls):
    li, spk = project_speakers(calls.workspace, "p")
    assert (li.name, li.recordings, li.segments, li.length_us) == ("Li", ["a", "b", "c"], 5, 4_000_000)
    assert (li.colors, li.roles, li.is_generic, li.locked) == (["#112233"], [], False, 0)
    assert (spk.name, spk.recordings, spk.segments, spk.is_generic) == ("spk1", ["a", "b"], 2, True)


def test_only_the_transcript_that_is_shown_counts(calls):
    older = Transcript(
        project_id="p", recording_id="a", author="import:rttm", created_at="2020-01-01T00:00:00Z"
    )
    calls.workspace.store.add_transcript(older, [Segment(id="i", start_us=0, end_us=9, speaker="u1")], [])
    assert project_speakers(calls.workspace, "p")[0].segments == 5


@pytest.mark.parametrize(
    "name",
    [
        "spk1",
        "Speaker 1",
        "SPEAKER_00",
        "speaker-b",
        "说话人1",
        "发言人 A",
        "说话人二",
        "A",
        "3",
        "s2",
        " spk_12 ",
    ],
)
def test_names_that_programs_give_are_known(name):
    assert is_generic(name)


@pytest.mark.parametrize("name", ["Li", "李", "Sa", "王医生", "speaker", "Anna 2", "一", "Dr. B"])
def test_names_that_people_give_are_not(name):
    assert not is_generic(name)


def test_a_rename_reaches_every_recording_and_undoes_in_each(calls):
    report = rename(calls, "spk1", " Anna ")
    assert (report.changed, report.merged, report.locked, report.failed) == (["a", "b"], [], [], [])
    assert report.is_generic
    assert names(calls, "a") == names(calls, "b") == ["Li", "Unknown", "Anna"]
    assert [item.name for item in project_speakers(calls.workspace, "p")] == ["Li", "Anna"]

    opened = calls.open("b")
    [back] = opened.undo[-1]["inverse"]
    version = next(item.version for item in opened.speakers if item.id == "u2")
    calls.save(opened.transcript, edit_from_dict(back | {"version": version}))
    assert names(calls, "b") == ["Li", "Unknown", "spk1"]
    assert names(calls, "a") == ["Li", "Unknown", "Anna"]


def test_who_has_the_speaker_in_hand_meets_a_conflict(calls):
    opened = calls.open("b")
    version = next(item.version for item in opened.speakers if item.id == "u2")
    rename(calls, "spk1", "Anna")
    with pytest.raises(ConflictError) as caught:
        calls.save(
            opened.transcript,
            Update(target="speaker", id="u2", version=version, changes={"name": "Bo"}),
        )
    assert caught.value.data["conflicts"][0]["theirs"]["name"] == "Anna"
    assert names(calls, "b") == ["Li", "Unknown", "Anna"]


def test_where_the_new_name_is_somebodys_the_two_become_one(calls):
    rename(calls, "Li", "Wang", recordings=["b"])
    report = rename(calls, "spk1", "Li")
    assert (report.changed, report.merged) == (["b"], [{"recording": "a", "segments": 1}])
    assert names(calls, "a") == ["Li", "Unknown", "Li"]
    assert [item.id for item in calls.open("a").speakers] == ["u1", "unknown"]
    assert names(calls, "b") == ["Wang", "Unknown", "Li"]


def test_what_is_locked_keeps_its_speaker_and_is_told(calls):
    lock(calls, "a", "s3")
    lock(calls, "b", "s1")
    report = rename(calls, "Li", "spk1")
    assert report.changed == ["c"]  # a new name of a speaker changes no segment
    assert report.merged == [{"recording": "a", "segments": 1}]
    assert report.locked == [{"recording": "b", "segments": 1}]
    assert names(calls, "b") == ["Li", "Unknown", "spk1"]
    assert [item.locked for item in project_speakers(calls.workspace, "p") if item.name == "Li"] == [1]


def test_one_recording_that_fails_hides_nothing(calls, tmp_path):
    write(tmp_path / "a.wav", voice(3, seed=9))  # other bytes than those that were taken in
    twice = calls.open("c")
    for id in ("w1", "w2"):
        calls.save(twice.transcript, Insert(target="speaker", record=Speaker(id=id, name="Wang")))
    report = rename(calls, "Li", "Wang")
    assert report.changed == ["b"]
    assert [item["recording"] for item in report.failed] == ["a", "c"]
    assert "2 speakers called 'Wang'" in report.failed[1]["reason"]
    assert names(calls, "b")[0] == "Wang"
    assert [item.recordings for item in project_speakers(calls.workspace, "p") if item.name == "Li"] == [
        ["a", "c"]
    ]


def test_a_speaker_of_another_persons_pass_is_not_taken_from_it(calls):
    theirs = open_recording(calls.workspace, "p", "a", author="user:wang")
    note = Update(target="segment", id="s1", version=theirs.segments[0].version, changes={"note": "mine"})
    save(calls.workspace, theirs.transcript.id, Batch(op_id="w", author="user:wang", edits=[note]))
    report = rename(calls, "spk1", "Li")
    assert [item["recording"] for item in report.merged] == ["b"]
    [failed] = report.failed
    assert failed["recording"] == "a" and "user:wang" in failed["reason"]
    assert names(calls, "a") == ["Li", "Unknown", "spk1"]


def test_an_import_that_is_shown_is_left_as_it_is_and_the_new_pass_shown(desk, tmp_path):
    desk.take(write(tmp_path / "a.wav", voice(3)))
    made = Transcript(project_id="p", recording_id="a", author="import:rttm")
    parts = [
        Segment(id="s1", start_us=0, end_us=9, speaker="x"),
        Segment(id="s2", start_us=9, end_us=18, speaker="y"),
    ]
    people = [Speaker(id="x", name="spk1"), Speaker(id="y", name="spk2")]
    desk.workspace.store.add_transcript(made, parts, people)
    rename(desk, "spk2", "spk1")
    assert shown_transcript(desk.workspace, "p", "a").author == ME
    assert names(desk, "a") == ["spk1", "spk1"]
    assert [item.speaker for item in desk.workspace.store.segments(made.id)] == ["x", "y"]


def test_a_colour_or_a_role_goes_to_all_of_a_name(calls):
    report = change_speaker(calls.workspace, "p", "Li", {"color": "#112233"}, author=ME)
    assert (report.changed, report.unchanged) == (["a", "c"], ["b"])
    change_speaker(calls.workspace, "p", "Li", {"color": None, "role": "agent"}, author=ME)
    li, spk = project_speakers(calls.workspace, "p")
    assert (li.colors, li.roles, spk.roles) == ([], ["agent"], [])


def test_what_cannot_be_is_refused_before_anything_is_changed(calls):
    for changes in ({}, {"color": "red"}, {"name": "x"}):
        with pytest.raises(InputError):
            change_speaker(calls.workspace, "p", "Li", changes, author=ME)
    with pytest.raises(UnknownNameError, match="agent"):
        change_speaker(calls.workspace, "p", "Li", {"role": "agnet"}, author=ME)
    for new in ("  ", "x" * 201):
        with pytest.raises(RecordError):
            rename(calls, "Li", new)
    with pytest.raises(InputError, match="already"):
        rename(calls, "Li", "Li ")
    for name in ("Nobody", "Unknown"):  # who stands for nobody in particular is no one to be renamed
        with pytest.raises(NotFoundError, match="speakers: Li, spk1"):
            rename(calls, name, "x")
    assert names(calls, "a") == ["Li", "Unknown", "spk1"]
