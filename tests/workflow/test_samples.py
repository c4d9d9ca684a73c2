"""The samples: there at a first start, quick at the second, put back when asked, gone when removed."""

from __future__ import annotations

import pytest
from cli.running import voice, write

from speechlabel.edits import Insert
from speechlabel.records import Segment
from speechlabel.store.base import Batch
from speechlabel.store.workspace import open_workspace
from speechlabel.workflow.ingest import ingest
from speechlabel.workflow.label import open_recording
from speechlabel.workflow.prepare import prepare
from speechlabel.workflow.projects import SAMPLES_PROJECT, create_project, find_project
from speechlabel.workflow.remove import remove_recording
from speechlabel.workflow.rename import rename_recording
from speechlabel.workflow.samples import has_samples, load_samples, offer_samples, reset_samples, start_place

NAMES = {"call-zh", "dialogue-en", "long-silences", "music-speech", "noisy-en", "phone-8k"}


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    """A workspace as a first start leaves it."""
    root = tmp_path_factory.mktemp("samples")
    with open_workspace(root) as workspace:
        assert not has_samples(workspace)
        offer_samples(workspace)
        yield workspace


@pytest.fixture
def workspace(tmp_path):
    with open_workspace(tmp_path / "data") as opened:
        yield opened


def counting(workspace):
    made = []
    offer_samples(workspace, progress=lambda name, _ratio: made.append(name))
    return set(made)


def test_the_samples_are_begun_so_that_there_is_something_to_see_and_to_do(loaded):
    recordings = {item.id: item for item in loaded.store.recordings(SAMPLES_PROJECT)}
    assert set(recordings) == NAMES
    assert has_samples(loaded)
    for id in NAMES:
        segments = open_recording(loaded, SAMPLES_PROJECT, id, author="user:me").segments
        assert {"machine"} <= {item.status for item in segments}
    call = open_recording(loaded, SAMPLES_PROJECT, "call-zh", author="user:me")
    assert {item.channel for item in call.segments} == {0, 1}
    assert len({item.id for item in call.speakers}) == len({item.channel for item in call.speakers}) == 2
    assert {item.status for item in call.segments} == {"machine", "done"}
    assert all(item.text for item in call.segments if item.status == "done")


def test_the_second_start_does_nothing(loaded):
    assert counting(loaded) == set()


def test_a_visitor_begins_where_their_language_is_spoken(loaded):
    for locale, id in (
        ("zh", "call-zh"),
        ("zh-CN", "call-zh"),
        ("en-GB", "dialogue-en"),
        ("fr", "dialogue-en"),
    ):
        assert start_place(loaded, locale) == {"project": SAMPLES_PROJECT, "recording": id}


def test_a_browser_with_own_projects_begins_there(workspace, tmp_path):
    assert start_place(workspace, "en") == {"project": None, "recording": None}
    create_project(workspace, "mine")
    assert start_place(workspace, "en") == {"project": None, "recording": None}
    ingest(workspace, "mine", [write(tmp_path / "a.wav", voice(2))])
    assert start_place(workspace, "zh") == {"project": "mine", "recording": "a"}


def test_reset_puts_the_samples_back_and_leaves_own_recordings_alone(workspace, tmp_path):
    offer_samples(workspace)
    ingest(workspace, SAMPLES_PROJECT, [write(tmp_path / "mine.wav", voice(4))])
    prepare(workspace, SAMPLES_PROJECT)
    mine = open_recording(workspace, SAMPLES_PROJECT, "mine", author="user:me").transcript
    workspace.store.delete_transcript(
        open_recording(workspace, SAMPLES_PROJECT, "noisy-en", author="user:me").transcript.id
    )
    played = open_recording(workspace, SAMPLES_PROJECT, "call-zh", author="user:me").transcript
    reset_samples(workspace)
    assert {item.id for item in workspace.store.recordings(SAMPLES_PROJECT)} == {*NAMES, "mine"}
    assert workspace.store.transcript(mine.id) == mine
    found = {item.id for item in workspace.store.transcripts(SAMPLES_PROJECT, "call-zh")}
    assert played.id not in found
    # A broken recording of a person's own is no reason to make the samples anew.
    workspace.store.update_recording(SAMPLES_PROJECT, "mine", state="failed")
    assert counting(workspace) == set()


def test_a_sample_stays_renamed_or_removed_until_the_reset(workspace):
    offer_samples(workspace)
    rename_recording(workspace, SAMPLES_PROJECT, "dialogue-en", "My first try")
    remove_recording(workspace, SAMPLES_PROJECT, "phone-8k")
    assert counting(workspace) == set()  # the next start is none the wiser
    assert start_place(workspace, "en")["recording"] == "dialogue-en"
    workspace.store.delete_recording(SAMPLES_PROJECT, "call-zh")  # as after a load that was broken off
    offer_samples(workspace)
    found = {item.id: item for item in workspace.store.recordings(SAMPLES_PROJECT)}
    assert set(found) == NAMES - {"phone-8k"}
    assert has_samples(workspace)
    reset_samples(workspace)
    found = {item.id: item for item in workspace.store.recordings(SAMPLES_PROJECT)}
    assert set(found) == NAMES
    assert found["dialogue-en"].metadata["title"]["zh-CN"] and found["dialogue-en"].name == "dialogue-en.flac"


def test_a_load_that_was_broken_off_is_made_good(workspace):
    with pytest.raises(RuntimeError):
        load_samples(workspace, progress=stop_at_the_third())
    assert not has_samples(workspace)
    assert counting(workspace) == NAMES
    assert has_samples(workspace)


def test_what_was_saved_in_samples_outlives_another_installation(workspace):
    offer_samples(workspace)
    opened = open_recording(workspace, SAMPLES_PROJECT, "noisy-en", author="user:me")
    words = Segment(start_us=0, end_us=1000, text="acknowledged")
    edits = [Insert(target="segment", record=words)]
    workspace.store.save(opened.transcript.id, Batch(op_id="op", author="user:me", edits=edits))
    for id in ("noisy-en", "phone-8k"):
        workspace.store.update_recording(SAMPLES_PROJECT, id, path=f"/old/{id}.flac")
    assert counting(workspace) == NAMES - {"noisy-en"}
    assert has_samples(workspace)
    found = open_recording(workspace, SAMPLES_PROJECT, "noisy-en", author="user:me")
    assert found.transcript.id == opened.transcript.id
    assert words in found.segments
    reset_samples(workspace)  # is asked for
    assert words not in open_recording(workspace, SAMPLES_PROJECT, "noisy-en", author="user:me").segments


def stop_at_the_third():
    seen = set()

    def told(name, _ratio):
        seen.add(name)
        if len(seen) == 3:
            raise RuntimeError("the machine goes down")

    return told


def test_samples_that_were_removed_stay_removed(loaded):
    loaded.store.delete_project(SAMPLES_PROJECT)
    assert counting(loaded) == set()
    assert loaded.store.projects() == []
    load_samples(loaded)  # unless asked for
    assert has_samples(loaded)


def test_a_project_of_ones_own_called_samples_is_not_ours(workspace):
    mine = create_project(workspace, "samples")
    assert mine.id != SAMPLES_PROJECT
    assert counting(workspace) == set()  # somebody works here already
    load_samples(workspace)
    assert find_project(workspace, mine.id) == mine
    assert {project.name for project in workspace.store.projects()} == {"samples", "samples_2"}
