"""Projects, ingest, prepare, segment, label and status, where the command line does not reach."""

from __future__ import annotations

import os
import threading
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import pytest
from cli.running import voice, write

from speechlabel.batch.local import LocalPool
from speechlabel.edits import Insert
from speechlabel.errors import ChangedError, ExportError, InputError, NotFoundError, OptionError
from speechlabel.formats import load
from speechlabel.records import Segment, Speaker
from speechlabel.workflow import analyse as analysis
from speechlabel.workflow import ingest as verb
from speechlabel.workflow.analyse import segment_file
from speechlabel.workflow.ingest import check_unchanged, find_files, hash_file, ingest, refuse_changed
from speechlabel.workflow.label import open_recording
from speechlabel.workflow.prepare import PrepareOptions, peaks_path, prepare, proxy_path
from speechlabel.workflow.projects import create_project, find_project, safe_id
from speechlabel.workflow.segment import segment_files
from speechlabel.workflow.status import project_status


@pytest.mark.parametrize(
    ("name", "id"),
    [
        ("通话 录音", "TongHua_LuYin"),
        ("a  b/c\n", "a_b_c"),
        ("..", "x"),
        ("", "x"),
        ("-a-", "a"),
        ("é😀", "e_grinning"),
        ("a" * 300, "a" * 100),
    ],
)
def test_ids_are_safe(name, id):
    assert safe_id(name, fallback="x") == id


def test_projects_are_found_by_id_before_name(desk):
    second = create_project(desk.workspace, "P.")
    third = create_project(desk.workspace, second.id)
    assert second.id == "p_2"
    assert find_project(desk.workspace, "p_2") == second
    assert find_project(desk.workspace, "P.") == second
    assert third.id != second.id
    for name in ("", "  ", "a\nb", "x" * 201):
        with pytest.raises(InputError):
            create_project(desk.workspace, name)


@pytest.mark.parametrize(("first", "id"), [("q", None), ("Q!", "q_2")])
def test_two_who_make_a_project_at_once_get_what_one_after_the_other_would(desk, monkeypatch, first, id):
    store = desk.workspace.store
    look, overtaken = store.projects, []

    def look_and_be_overtaken():
        found = look()
        if not overtaken:
            overtaken.append(first)
            create_project(desk.workspace, first)
        return found

    monkeypatch.setattr(store, "projects", look_and_be_overtaken)
    if id is None:
        with pytest.raises(InputError, match="a project 'q' exists already; choose another name"):
            create_project(desk.workspace, "q")
    else:
        assert create_project(desk.workspace, "q").id == id
    assert {item.name for item in look()} >= {"p", first}


def test_a_folder_that_cannot_be_read_is_told(tmp_path):
    locked = tmp_path / "locked"
    locked.mkdir(mode=0)
    write(tmp_path / "a.wav", voice(1))
    if os.access(locked, os.R_OK):
        pytest.skip("this user may read everything")
    found = find_files([tmp_path])
    assert found.files == [tmp_path / "a.wav"]
    assert "cannot be read" in found.unreadable[0][1]


def test_files_are_found_in_order_once_and_by_their_names(tmp_path):
    for name in ("b.wav", "a.mp3", "sub/c.FLAC", ".hidden.wav", "notes.txt", "no-suffix"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = find_files([tmp_path / "b.wav", tmp_path, tmp_path / "sub" / ".." / "b.wav"])
    assert [path.name for path in found.files] == ["b.wav", "a.mp3", "c.FLAC"]
    assert found.n_skipped == 2


def test_a_file_that_is_taken_in_twice_at_once_becomes_one_recording(desk, tmp_path, monkeypatch):
    path = write(tmp_path / "a.wav", voice(1))
    both_have_read_it = threading.Barrier(2)

    def hashed(path):
        found = hash_file(path)
        both_have_read_it.wait(10)
        return found

    monkeypatch.setattr(verb, "hash_file", hashed)
    with ThreadPoolExecutor(2) as threads:
        reports = list(threads.map(lambda _: ingest(desk.workspace, "p", [path]), range(2)))
    assert sorted((len(item.added), len(item.known), item.failed) for item in reports) == [
        (0, 1, []),
        (1, 0, []),
    ]
    assert len(desk.workspace.store.recordings("p")) == 1


def test_why_a_recording_is_not_prepared_tells_no_path(desk, tmp_path):
    (id,) = desk.take(path := write(tmp_path / "a.wav", voice(1)))
    write(path, voice(2))
    [(_, reason)] = prepare(desk.workspace, "p", options=PrepareOptions(again=True)).failed
    assert reason == desk.workspace.store.recording("p", id).error
    assert "'a.wav' has changed" in reason
    assert str(tmp_path) not in reason


def test_a_touched_file_is_hashed_once(desk, tmp_path, monkeypatch):
    path = write(tmp_path / "a.wav", voice(2))
    (id,) = desk.take(path)
    recording = desk.workspace.store.recording("p", id)
    os.utime(recording.path, ns=(1, 12_345))
    read = []
    monkeypatch.setattr(verb, "hash_file", lambda path: read.append(path) or hash_file(path))
    for _ in range(3):  # as playing it does, for each piece
        assert check_unchanged(recording) == path
    assert read == [path]


def test_a_changed_file_is_refused_even_where_a_copy_could_be_played(desk, tmp_path):
    path = write(tmp_path / "a.mp3", voice(4), 16_000)
    (id,) = desk.take(path)
    recording = desk.workspace.store.recording("p", id)
    assert proxy_path(desk.workspace, recording).is_file()
    desk.open(id)
    write(path, voice(5, seed=1))
    with pytest.raises(ChangedError, match="has changed since it was taken in"):
        desk.open(id)
    path.unlink()
    assert not refuse_changed(recording)
    desk.open(id)  # what is away is not changed, and the copy plays


class ChangesTheFile(ThreadPoolExecutor):
    """Runs a call here, and somebody writes to the file meanwhile."""

    def __init__(self, path, content):
        super().__init__(1)
        self.path, self.content = path, content

    def submit(self, fn, /, *args, **kwargs):
        future = Future()
        future.set_result(fn(*args, **kwargs))
        self.path.write_bytes(self.content)
        return future


def test_what_was_heard_of_a_file_that_changed_meanwhile_is_thrown_away(desk, tmp_path):
    path = write(tmp_path / "a.wav", voice(2))
    ingest(desk.workspace, "p", [path])
    report = prepare(desk.workspace, "p", executor=ChangesTheFile(path, b"something else"))
    assert "has changed" in report.failed[0][1]
    recording = desk.workspace.store.recording("p", "a")
    assert recording.state == "failed"
    assert not peaks_path(desk.workspace, recording).exists()
    assert desk.workspace.store.transcripts("p", "a") == []


def test_preparing_again_makes_a_new_transcript_and_keeps_work(desk, tmp_path):
    (id,) = desk.take(write(tmp_path / "a.wav", voice(6)))
    desk.change(id, text="heard")
    opened = desk.open(id)
    report = prepare(desk.workspace, "p", options=PrepareOptions(segmenter="energy", values={}, again=True))
    assert report.ready == [id]
    authors = [item.author for item in desk.workspace.store.transcripts("p", id)]
    assert sorted(authors) == ["user:me", "vad:energy", "vad:webrtc"]
    assert desk.open(id).transcript == opened.transcript


def test_a_pass_that_nobody_touched_does_not_hide_a_new_segmentation(desk, tmp_path):
    [id] = desk.take(write(tmp_path / "a.wav", voice(3)))
    before = desk.open(id)
    wanted = PrepareOptions(values={"max_speech_s": 1}, again=True)
    assert not prepare(desk.workspace, desk.project, [id], options=wanted).failed
    after = desk.open(id)
    assert [item.end_us for item in after.segments] != [item.end_us for item in before.segments]
    desk.change(id, text="heard")
    assert not prepare(desk.workspace, desk.project, [id], options=PrepareOptions(again=True)).failed
    assert {item.text for item in desk.open(id).segments} == {"heard"}


def test_a_save_that_comes_while_a_copy_is_thought_untouched_is_not_lost(desk, tmp_path, monkeypatch):
    (id,) = desk.take(write(tmp_path / "a.wav", voice(3)))
    copy = desk.open(id).transcript  # one tab has it
    wanted = PrepareOptions(segmenter="energy", again=True)
    assert not prepare(desk.workspace, desk.project, [id], options=wanted).failed
    store = desk.workspace.store
    look = store.transcripts

    def look_and_be_overtaken(*key):
        found = look(*key)
        if not store.history(copy.id):
            words = Segment(start_us=0, end_us=1000, text="acknowledged")
            desk.save(copy, Insert(target="segment", record=words))
        return found

    monkeypatch.setattr(store, "transcripts", look_and_be_overtaken)
    assert "acknowledged" in {item.text for item in desk.open(id).segments}


def test_a_recording_whose_derived_files_were_deleted_is_prepared_anew(desk, tmp_path):
    (id,) = desk.take(write(tmp_path / "a.wav", voice(2)))
    peaks_path(desk.workspace, desk.workspace.store.recording("p", id)).unlink()
    assert prepare(desk.workspace, "p").ready == [id]
    assert prepare(desk.workspace, "p").unchanged == [id]


@pytest.mark.parametrize("executor", [None, ThreadPoolExecutor, LocalPool])
def test_any_executor_gives_the_same_and_tells_how_far_it_is(desk, tmp_path, executor):
    ingest(desk.workspace, "p", [write(tmp_path / f"{n}.wav", voice(20, seed=n)) for n in range(3)])
    told = {}
    pool = executor(2) if executor else None
    report = prepare(
        desk.workspace, "p", executor=pool, progress=lambda id, ratio: told.setdefault(id, []).append(ratio)
    )
    if pool:
        pool.shutdown()
    assert sorted(report.ready) == ["0", "1", "2"]
    for ratios in told.values():
        assert ratios[-1] == 1.0
        assert ratios == sorted(ratios)
        assert len(ratios) > 2 or executor is ThreadPoolExecutor
    rows = project_status(desk.workspace, "p")["recordings"]
    assert [row["segments"] for row in rows] == [10, 10, 10]


def test_a_wrong_segmenter_or_option_is_told_before_any_work(desk, tmp_path):
    ingest(desk.workspace, "p", [write(tmp_path / "a.wav", voice(2))])
    with pytest.raises(OptionError, match="min_silence_ms"):
        prepare(desk.workspace, "p", options=PrepareOptions(values={"min_silence_ms": "no"}))
    with pytest.raises(InputError, match="known: webrtc"):
        prepare(desk.workspace, "p", options=PrepareOptions(segmenter="no"))
    assert desk.workspace.store.recording("p", "a").state == "new"


class Broken:
    """A segmenter of another package that has a bug."""

    def __init__(self, options=None):
        pass

    def open(self, sample_rate):
        raise ZeroDivisionError("oops")


def test_a_segmenter_that_breaks_off_fails_its_recording_and_no_other_run(desk, tmp_path, monkeypatch):
    ingest(desk.workspace, "p", [write(tmp_path / "a.wav", voice(2))])
    monkeypatch.setattr(analysis, "parse_options", lambda _kind, _values: None)
    monkeypatch.setattr(analysis.registry, "load", lambda _kind, _name: Broken)
    with pytest.raises(Exception, match=r"'webrtc' broke off: ZeroDivisionError: oops \(test_verbs.py:\d+\)"):
        segment_file(tmp_path / "a.wav")


def test_a_call_has_a_voice_for_each_channel_and_known_ones_are_kept(desk, tmp_path):
    call = np.stack([voice(6, 8_000, 1), np.roll(voice(6, 8_000, 2), 8_000)], 1)
    (id,) = desk.take(write(tmp_path / "call.wav", call, 8_000))
    found = desk.workspace.store.speakers("p", id)
    assert [(item.id, item.name, item.channel) for item in found] == [("spk1", "S1", 0), ("spk2", "S2", 1)]
    prepare(desk.workspace, "p", options=PrepareOptions(again=True))
    assert desk.workspace.store.speakers("p", id) == found
    opened = desk.open(id)
    assert {(item.channel, item.speaker) for item in opened.segments} == {(0, "spk1"), (1, "spk2")}
    assert isinstance(found[0], Speaker)


def test_a_recording_is_opened_only_by_a_person_and_when_it_is_prepared(desk, tmp_path):
    ingest(desk.workspace, "p", [write(tmp_path / "a.wav", voice(2))])
    with pytest.raises(NotFoundError, match="prepare the recording first"):
        desk.open("a")
    desk.workspace.store.update_recording("p", "a", state="failed", error="is damaged")
    with pytest.raises(InputError, match="could not be prepared: is damaged"):
        desk.open("a")
    with pytest.raises(InputError, match="is not user:<name>"):
        open_recording(desk.workspace, "p", "a", author="vad:webrtc")
    with pytest.raises(NotFoundError):
        desk.open("b")


def test_status_counts_the_transcript_that_is_shown(desk, tmp_path):
    (id,) = desk.take(write(tmp_path / "a.wav", voice(6)))
    assert project_status(desk.workspace, "p")["total"]["done"] == 0
    desk.change(id, status="done", text="words")
    found = project_status(desk.workspace, "p")
    assert found["recordings"][0]["done"] == found["total"]["done"] == found["total"]["segments"] == 3
    assert found["total"]["done_us"] == sum(item.duration_us for item in desk.open(id).segments)


def test_segments_go_nowhere_that_is_taken(tmp_path):
    path = write(tmp_path / "a.wav", voice(2))
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").touch()
    with ThreadPoolExecutor(1) as pool:
        with pytest.raises(ExportError, match="is there already"):
            segment_files([path], tmp_path / "full", format="textgrid", executor=pool)
        with pytest.raises(ExportError, match="is a file"):
            segment_files([path], path, executor=pool)
        made = segment_files([path], tmp_path / "full", executor=pool)
    assert made.written == [(path, tmp_path / "full" / "a.rttm")]


def test_a_manifest_of_bare_segments_tells_the_real_rate(tmp_path):
    path = write(tmp_path / "a.wav", np.stack([voice(4, 8_000, 1), voice(4, 8_000, 2)], 1), 8_000)
    with ThreadPoolExecutor(1) as pool:
        segment_files([path], tmp_path / "out", format="native", executor=pool)
    found = load(tmp_path / "out")
    [recording] = found.recordings
    assert (recording.sample_rate, recording.n_frames) == (8_000, 32_000)
    assert (recording.channels, recording.layout) == (2, "separate")
    wanted = segment_file(path).spans
    for channel, spans in wanted.items():
        times = [(item.start_us, item.end_us) for item in found.segments["a"] if item.channel == channel]
        assert times == [(span.start_us, span.end_us) for span in spans]
        assert times
