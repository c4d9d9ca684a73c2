"""Removing: what was made of a recording goes; a person's own files, and what others need, stay."""

from __future__ import annotations

import shutil
from dataclasses import replace

import numpy as np
import pytest
import soundfile

from speechlabel.errors import InputError, NotFoundError
from speechlabel.records import Segment
from speechlabel.workflow.ingest import hash_file, ingest, ingest_stored
from speechlabel.workflow.options import PrepareOptions
from speechlabel.workflow.prepare import Job, analyse_recording, keep, peaks_path, prepare
from speechlabel.workflow.projects import create_project
from speechlabel.workflow.remove import Removal, removal, remove_project, remove_recording

TYPED = Segment(start_us=0, end_us=500_000, text="typed")


@pytest.fixture
def sound(tmp_path):
    """Write a recording of two seconds; another seed differs."""

    def sound(name, seed=0):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        soundfile.write(path, np.random.default_rng(seed).normal(0, 0.2, 32_000), 16_000)
        return path

    return sound


def upload(desk, path, project="p"):
    """Take a file in as an upload, which the workspace keeps."""
    content_hash, _ = hash_file(path)
    stored = desk.workspace.blobs.upload_path(content_hash, path.suffix)
    stored.parent.mkdir(exist_ok=True)
    if not stored.exists():
        shutil.copy(path, stored)
    recording, _ = ingest_stored(desk.workspace, project, stored, name=path.name)
    prepare(desk.workspace, project, [recording.id])
    return desk.workspace.store.recording(project, recording.id)


def test_a_recording_goes_with_its_work_and_peaks_but_not_its_file(desk, sound):
    path, other = sound("one.wav"), sound("two.wav", seed=1)
    desk.take(path, other)
    one, two = desk.workspace.store.recordings("p")
    desk.label("one", TYPED)
    transcript = desk.open("one").transcript
    figures = removal(desk.workspace, "p", "one.wav")
    assert (figures.recordings, figures.duration_us, figures.worked_on) == (1, 2_000_000, 1)
    assert (figures.segments, figures.done) == (1, 0)
    assert remove_recording(desk.workspace, "p", "one.wav") == figures
    assert [item.id for item in desk.workspace.store.recordings("p")] == ["two"]
    for gone in (lambda: desk.workspace.store.transcript(transcript.id), lambda: desk.open("one")):
        with pytest.raises(NotFoundError):
            gone()
    assert not peaks_path(desk.workspace, one).parent.exists()
    assert path.is_file() and peaks_path(desk.workspace, two).is_file()


def test_an_upload_goes_with_the_last_recording_that_needs_it(desk, sound):
    create_project(desk.workspace, "q")
    path = sound("call.wav")
    first, second = upload(desk, path), upload(desk, path, "q")
    outside = create_project(desk.workspace, "outside").id
    desk.workspace.store.add_recording(replace(first, project_id=outside, path=str(path), is_stored=False))
    stored = desk.workspace.blobs.upload_path(first.content_hash, ".wav")
    assert first.path == second.path == str(stored)
    remove_recording(desk.workspace, "p", first.id)
    assert stored.is_file() and peaks_path(desk.workspace, second).is_file()
    remove_project(desk.workspace, "q")
    assert not stored.exists()
    assert path.is_file() and peaks_path(desk.workspace, second).is_file()  # as the third still needs
    remove_project(desk.workspace, outside)
    assert path.is_file() and not peaks_path(desk.workspace, second).exists()


def test_a_project_goes_whole(desk, sound):
    create_project(desk.workspace, "q")
    paths = [sound("one.wav"), sound("two.wav", seed=1)]
    desk.take(*paths)
    desk.label("one", replace(TYPED, status="done"))
    found = removal(desk.workspace, "p")
    assert (found.recordings, found.duration_us, found.worked_on, found.done) == (2, 4_000_000, 1, 1)
    assert found.done_us == 500_000
    assert remove_project(desk.workspace, "p") == found
    assert [item.id for item in desk.workspace.store.projects()] == ["q"]
    assert list((desk.workspace.root / "derived").rglob("*.*")) == []
    assert all(path.is_file() for path in paths)
    nothing = {"recordings": 0, "duration_us": 0, "segments": 0, "done": 0, "done_us": 0, "worked_on": 0}
    assert (
        removal(desk.workspace, "q") == Removal(**nothing)
        and removal(desk.workspace, "q").to_dict() == nothing
    )


def test_what_is_not_there_or_not_clear_is_refused(desk, sound):
    ingest(desk.workspace, "p", [sound("a/call.wav").parent, sound("b/call.wav", seed=1).parent])
    with pytest.raises(InputError, match="2 recordings"):
        remove_recording(desk.workspace, "p", "call.wav")
    for project, recording in (("p", "nobody"), ("nobody", "call")):
        with pytest.raises(NotFoundError):
            remove_recording(desk.workspace, project, recording)
    with pytest.raises(NotFoundError):
        remove_project(desk.workspace, "nobody")
    assert len(desk.workspace.store.recordings("p")) == 2


def test_what_was_analysed_of_a_removed_recording_goes_to_none_that_has_its_id_now(desk, sound):
    [old] = ingest(desk.workspace, "p", [sound("one.wav")]).added
    found = analyse_recording(Job(recording=old, blobs=desk.workspace.blobs, options=PrepareOptions()))
    remove_recording(desk.workspace, "p", "one")
    with pytest.raises(NotFoundError):
        keep(desk.workspace, old, "webrtc", found)
    [new] = ingest(desk.workspace, "p", [sound("one.wav", seed=1)]).added
    assert new.id == old.id
    with pytest.raises(NotFoundError):
        keep(desk.workspace, old, "webrtc", found)
    assert desk.workspace.store.transcripts("p", new.id) == []
