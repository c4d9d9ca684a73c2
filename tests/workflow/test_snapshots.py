"""Snapshots: the same bytes for the same work, numbers never given twice, and nothing that changes."""

from __future__ import annotations

import hashlib
import json
import shutil
import stat
import threading

import pytest
from cli.running import voice, write

from speechlabel import formats, registry
from speechlabel.errors import ExportError, InputError, NotFoundError, ParseError
from speechlabel.records import Segment, Speaker, Transcript
from speechlabel.store.workspace import open_workspace
from speechlabel.workflow.export import Selection, export, preview
from speechlabel.workflow.ingest import ingest
from speechlabel.workflow.prepare import prepare
from speechlabel.workflow.projects import create_project
from speechlabel.workflow.remove import remove_project, remove_recording
from speechlabel.workflow.rename import rename_recording
from speechlabel.workflow.shelf import home_of
from speechlabel.workflow.snapshots import find_snapshot, list_snapshots, load_snapshot, make_snapshot

S = 1_000_000


def segment(number, **fields):
    start = number * S // 2
    given = {"start_us": start, "end_us": start + S // 4, "text": f"text {number}", "status": "done"} | fields
    return Segment(id=f"s{number}", **given)


@pytest.fixture
def labelled(desk, tmp_path):
    (id,) = desk.take(write(tmp_path / "talk.wav", voice(4)))
    desk.label(id, segment(0), segment(1, text=None), segment(2, status="unsure"))
    return desk


def make(desk, **options):
    return make_snapshot(desk.workspace, "p", **options)


def segments_of(bundle):
    return {(id, item.id): item for id in bundle.segments for item in bundle.segments[id]}


def test_it_holds_what_an_export_would_and_tells_what_it_is_made_of(labelled):
    made = make(labelled)
    assert made.is_new
    snapshot = made.snapshot
    assert (snapshot.number, snapshot.recordings, snapshot.segments) == (1, 1, 1)
    assert (snapshot.duration_us, snapshot.include) == (S // 4, ())
    assert snapshot.excluded == {"no_text": 1, "unsure": 1}
    [facts] = snapshot.made_from["transcripts"].values()
    assert facts["author"] == "user:me"
    assert facts["revision"] == labelled.workspace.store.transcript(facts["id"]).revision
    bundle = load_snapshot(labelled.workspace, "p", 1)
    assert set(segments_of(bundle)) == {("talk", "s0")}
    assert bundle.guideline == labelled.workspace.store.project("p").guideline
    assert not bundle.notes


def test_nothing_of_the_machine_is_in_it_and_its_files_are_read_only(labelled, tmp_path):
    snapshot = make(labelled).snapshot
    files = list(snapshot.path.iterdir())
    assert len(files) == 5
    for path in files:
        assert str(tmp_path).encode() not in path.read_bytes()
        assert stat.S_IMODE(path.stat().st_mode) == 0o444
    # It is found where the recording lies now.
    [recording] = load_snapshot(labelled.workspace, "p", 1).recordings
    assert recording.path == str(tmp_path / "talk.wav")


def test_a_snapshot_of_the_same_is_the_last_one_unless_another_is_asked_for(labelled):
    first = make(labelled)
    again = make(labelled)
    assert (again.is_new, again.snapshot) == (False, first.snapshot)
    another = make(labelled, again=True)
    assert another.is_new
    assert another.snapshot.number == 2
    assert another.snapshot.digest == first.snapshot.digest
    asked = make(labelled, selection=Selection(include=frozenset({"draft"})))
    assert asked.snapshot.number == 3  # the same segments, by another rule
    labelled.change("talk", text="other")
    assert make(labelled).is_new
    assert [item.number for item in list_snapshots(labelled.workspace, "p")] == [1, 2, 3, 4]


def test_nothing_to_take_makes_none(labelled):
    labelled.change("talk", status="draft")
    with pytest.raises(ExportError, match="no segment would be exported"):
        make(labelled)
    assert list_snapshots(labelled.workspace, "p") == []
    assert not any(path.is_dir() for path in home_of(labelled.workspace, "p").iterdir())


def test_numbers_are_never_given_twice(labelled):
    make(labelled)
    second = make(labelled, again=True).snapshot
    for path in second.path.iterdir():
        path.unlink()
    second.path.rmdir()
    assert make(labelled).snapshot.number == 3
    with pytest.raises(NotFoundError, match="there are: 1, 3"):
        find_snapshot(labelled.workspace, "p", 2)


def test_one_that_was_not_listed_is_taken_up(labelled):
    """A process was killed, or the index is gone."""
    before = make(labelled).snapshot
    (home_of(labelled.workspace, "p") / "index.json").unlink()
    [found] = list_snapshots(labelled.workspace, "p")
    assert (found.number, found.digest) == (1, before.digest)
    assert make(labelled, again=True).snapshot.number == 2


@pytest.mark.parametrize("name", ["segments.jsonl", "recordings.jsonl", "guideline.toml", "snapshot.json"])
def test_one_that_was_changed_is_refused(labelled, tmp_path, name):
    snapshot = make(labelled).snapshot
    path = snapshot.path / name
    path.chmod(0o644)
    path.write_bytes(path.read_bytes() + b"\n")
    with pytest.raises(ParseError, match="was changed after snapshot 1 was made"):
        load_snapshot(labelled.workspace, "p", 1)
    with pytest.raises(ParseError, match=name):
        export(labelled.workspace, "p", "nemo", tmp_path / "out", selection=Selection(snapshot=1))


def test_two_makers_at_once_get_two_numbers(labelled):
    made = []
    threads = [threading.Thread(target=lambda: made.append(make(labelled, again=True))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(item.snapshot.number for item in made) == [1, 2, 3]
    assert len({item.snapshot.digest for item in made}) == 1


def test_what_a_killed_maker_left_is_swept(labelled):
    left = home_of(labelled.workspace, "p") / ".making-abc"
    (left / "made").mkdir(parents=True)
    make(labelled)
    assert not left.exists()


def build(root, audio, *, transcript="t1"):
    """Make a workspace with the same work in it."""
    with open_workspace(root) as workspace:
        create_project(workspace, "p", language="en")
        [recording] = ingest(workspace, "p", [audio]).added
        prepare(workspace, "p", [recording.id])
        workspace.store.add_transcript(
            Transcript(id=transcript, project_id="p", recording_id=recording.id, author="user:me"),
            [segment(n, speaker="spk1") for n in range(3)],
            [Speaker(id="spk1", name="Anna")],
        )
        return make_snapshot(workspace, "p").snapshot


def test_two_workspaces_with_the_same_work_give_the_same_bytes(tmp_path):
    audio = write(tmp_path / "talk.wav", voice(4))
    (tmp_path / "other").mkdir()
    moved = tmp_path / "other" / "talk.wav"
    moved.write_bytes(audio.read_bytes())
    one, two = build(tmp_path / "one", audio), build(tmp_path / "two", moved)
    assert one.digest == two.digest
    assert one.path != two.path
    for path in one.path.iterdir():
        assert path.read_bytes() == (two.path / path.name).read_bytes()
    assert hashlib.sha256((one.path / "snapshot.json").read_bytes()).hexdigest() == one.digest
    # Another transcript with the same content: told, and nothing else differs.
    third = build(tmp_path / "three", audio, transcript="t2")
    assert third.digest != one.digest
    for path in one.path.glob("*l"):
        assert path.read_bytes() == (third.path / path.name).read_bytes()


def content(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def test_a_delivery_of_a_snapshot_stays_the_same_whatever_is_done_since(labelled, tmp_path):
    make(labelled)
    workspace, chosen = labelled.workspace, Selection(snapshot=1)
    out = tmp_path / "out"
    first = export(workspace, "p", "nemo", out, selection=chosen)
    assert first.plan.snapshot["snapshot"]["number"] == 1
    before = content(out)
    labelled.change("talk", text="other", status="draft")
    rename_recording(workspace, "p", "talk", "Another name")
    export(workspace, "p", "nemo", out, selection=chosen, overwrite=True)
    assert content(out) == before
    remove_recording(workspace, "p", "talk")
    export(workspace, "p", "nemo", out, selection=chosen, overwrite=True)
    assert content(out) == before


def test_a_snapshot_gives_no_more_than_it_holds(labelled, tmp_path):
    make(labelled)
    workspace = labelled.workspace
    seen = preview(workspace, "p", "rttm", selection=Selection(snapshot=1))
    assert seen.plan.n_in == 1
    with pytest.raises(InputError, match="snapshot 1 holds what it was made of"):
        preview(workspace, "p", "nemo", selection=Selection(snapshot=1, include=frozenset({"unsure"})))
    with pytest.raises(NotFoundError, match="in snapshot 1"):
        preview(workspace, "p", "nemo", selection=Selection(snapshot=1, recordings=("nobody",)))
    with pytest.raises(NotFoundError, match="there are: 1"):
        export(workspace, "p", "nemo", tmp_path / "out", selection=Selection(snapshot=7))
    with pytest.raises(InputError, match="not of another snapshot"):
        make(labelled, selection=Selection(snapshot=1))


def test_what_a_snapshot_took_in_goes_out_of_it_as_far_as_a_format_can(labelled, tmp_path):
    make(labelled, selection=Selection(include=frozenset({"all"})))
    workspace, chosen = labelled.workspace, Selection(snapshot=1)
    assert preview(workspace, "p", "native", selection=chosen).plan.n_in == 3
    seen = preview(workspace, "p", "nemo", selection=chosen)
    assert (seen.plan.n_in, seen.plan.excluded) == (2, {"no_text": 1})
    out = tmp_path / "native"
    export(workspace, "p", "native", out, selection=chosen)
    about = json.loads((out / "snapshot.json").read_text("utf-8"))
    assert about["source"]["snapshot"] == {
        "number": 1,
        "digest": find_snapshot(workspace, "p", 1).digest,
    }
    assert segments_of(formats.load(out)) == segments_of(load_snapshot(workspace, "p", 1))


def test_what_stays_in_when_a_format_cannot_take_it_is_not_labelled(desk, tmp_path):
    (id,) = desk.take(write(tmp_path / "talk.wav", voice(4)))
    desk.label(id, segment(0), segment(2, text=None))
    make(desk, selection=Selection(include=frozenset({"no_text"})))
    seen = preview(desk.workspace, "p", "nemo", selection=Selection(snapshot=1))
    [spans] = seen.plan.bundle.labelled.values()
    assert [(item.start_us, item.end_us) for item in spans] == [(0, S), (5 * S // 4, 4 * S)]


def test_an_id_that_a_snapshot_names_is_not_given_to_another_recording(labelled, tmp_path):
    make(labelled)
    workspace = labelled.workspace
    remove_recording(workspace, "p", "talk")
    other = write(tmp_path / "talk.wav", voice(3, seed=5))
    assert labelled.take(other) == ["talk_2"]
    remove_recording(workspace, "p", "talk_2")
    assert labelled.take(write(tmp_path / "talk.wav", voice(4))) == ["talk"]  # the same content


def test_a_project_that_goes_takes_what_its_snapshots_hold_and_leaves_their_numbers(labelled, tmp_path):
    snapshot = make(labelled).snapshot
    workspace = labelled.workspace
    remove_project(workspace, "p")
    assert not snapshot.path.exists()
    create_project(workspace, "p", language="en")
    assert list_snapshots(workspace, "p") == []
    (id,) = labelled.take(write(tmp_path / "talk.wav", voice(3, seed=5)))
    assert id == "talk_2"
    labelled.label(id, segment(0))
    assert make(labelled).snapshot.number == 2


WRITABLE = [name for name in registry.names("format") if formats.get(name).can_write]


@pytest.mark.parametrize("format", WRITABLE)
def test_every_format_tells_the_snapshot_and_is_read_as_without(labelled, tmp_path, format):
    make(labelled)
    workspace, out = labelled.workspace, tmp_path / "of"
    export(workspace, "p", format, out, selection=Selection(snapshot=1))
    told = out / "snapshot.json"
    plain = shutil.copytree(out, tmp_path / "plain")
    if told.exists() and format != "native":
        about = json.loads(told.read_text("utf-8"))
        assert (about["project"], about["number"]) == ("p", 1)
        assert about["digest"] == find_snapshot(workspace, "p", 1).digest
        (plain / "snapshot.json").unlink()
    else:
        assert format == "native" or formats.get(format).is_alone or ".json" in formats.get(format).extensions
    writer = formats.get(format)
    assert list(writer.faults(out)) == []
    if writer.can_read:
        names = [name for name in WRITABLE if formats.get(name).sniff(out)]
        assert names == [name for name in WRITABLE if formats.get(name).sniff(plain)]
        of, without = (formats.load(folder, format) for folder in (out, plain))
        assert len(of.recordings) == len(without.recordings)
        assert [item.text for item in segments_of(of).values()] == [
            item.text for item in segments_of(without).values()
        ]
        assert [note for note in of.notes if note != "not read: snapshot.json"] == list(without.notes)
