"""Export: what goes out by default and when told, what is told about the rest, and the audio of each line."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from audio.sounds import encode
from cli.running import voice, write

from speechlabel import formats
from speechlabel.audio.decode import open_audio
from speechlabel.edits import Update
from speechlabel.errors import ExportError, InputError, NotFoundError
from speechlabel.records import Segment
from speechlabel.workflow.export import INCLUDABLE, Selection, export, plan, preview
from speechlabel.workflow.prepare import PrepareOptions, prepare
from speechlabel.workflow.selection import exclusion

S = 1_000_000


def segment(number, **fields):
    start = number * S // 2
    given = {"start_us": start, "end_us": start + S // 4, "text": f"text {number}", "status": "done"} | fields
    return Segment(id=f"s{number}", **given)


def lines(path):
    return [json.loads(line) for line in Path(path).read_text("utf-8").splitlines()]


@pytest.fixture
def labelled(desk, tmp_path):
    """One recording with a segment for every reason to stay in."""
    (id,) = desk.take(write(tmp_path / "talk.wav", voice(6)))
    desk.label(
        id,
        segment(0),
        segment(1, status="machine"),
        segment(2, status="draft"),
        segment(3, status="unsure"),
        segment(4, is_valid=False, invalid_reason="unintelligible"),
        segment(5, text=None),
        segment(6, text=""),
        segment(7, kind="noise", text="[NOISE]"),
        segment(8, status="machine", text=None),
    )
    return desk


def test_by_default_what_is_done_valid_and_has_text_goes_to_training(labelled):
    seen = plan(labelled.workspace, "p", "nemo")
    assert [item.id for item in seen.bundle.segments["talk"]] == ["s0"]
    assert seen.n_in == 1
    assert seen.in_us == S // 4
    found = {item.id: exclusion(item, formats.get("nemo")) for item in labelled.open("talk").segments}
    assert found.pop("s0") is None
    assert found == {
        **{"s1": "machine", "s2": "draft", "s3": "unsure", "s4": "invalid"},
        **{"s5": "no_text", "s6": "no_text", "s7": "not_speech", "s8": "machine"},
    }
    assert seen.excluded == {
        **{"draft": 1, "invalid": 1, "machine": 2, "no_text": 2, "not_speech": 1, "unsure": 1}
    }


def test_segments_of_one_id_in_two_recordings_are_counted_both(desk, tmp_path):
    for number in (1, 2):
        (id,) = desk.take(write(tmp_path / f"{number}.wav", voice(2, seed=number)))
        desk.label(id, segment(0), segment(1, status="draft"))
    assert plan(desk.workspace, "p", "nemo").excluded == {"draft": 2}


@pytest.mark.parametrize(
    ("reason", "more"),
    [
        ("machine", {"s1"}),
        ("draft", {"s2"}),
        ("unsure", {"s3"}),
        ("invalid", {"s4"}),
        ("no_text", {"s6"}),  # s5 was never transcribed: it is no example whatever is asked
        ("not_speech", {"s7"}),
    ],
)
def test_each_reason_can_be_waived(labelled, tmp_path, reason, more):
    made = export(
        labelled.workspace, "p", "nemo", tmp_path / "out", selection=Selection(include=frozenset({reason}))
    )
    assert {line["segment_id"] for line in lines(tmp_path / "out" / "manifest.jsonl")} == {"s0"} | more
    assert made.report.segments == made.plan.n_in == 2


def test_all_is_all_that_the_format_can_hold(labelled, tmp_path):
    everything = Selection(include=frozenset({"all"}))
    assert everything.include == set(INCLUDABLE)
    native = export(labelled.workspace, "p", "native", tmp_path / "native", selection=everything)
    nemo = export(labelled.workspace, "p", "nemo", tmp_path / "nemo", selection=everything)
    assert (native.report.segments, native.plan.excluded) == (9, {})
    assert (nemo.report.segments, nemo.plan.excluded) == (7, {"no_text": 2})
    assert plan(labelled.workspace, "p", "rttm").excluded == {
        **{"draft": 1, "invalid": 1, "machine": 2, "not_speech": 1, "unsure": 1}
    }
    assert plan(labelled.workspace, "p", "textgrid").excluded == {}


def test_an_unknown_reason_recording_or_transcript_is_told(labelled, desk, tmp_path):
    with pytest.raises(InputError, match="'typo' is not one of machine"):
        Selection(include=frozenset({"typo"}))
    for selection, what in (
        (Selection(recordings=("who",)), "recording 'who'"),
        (Selection(transcripts={"who": "x"}), "recording 'who'"),
        (Selection(transcripts={"talk": "x"}), "transcript 'x'"),
    ):
        with pytest.raises(NotFoundError, match=what):
            plan(desk.workspace, "p", "nemo", selection)


def test_nothing_to_export_says_why_and_writes_nothing(desk, tmp_path):
    desk.take(write(tmp_path / "talk.wav", voice(6)))
    with pytest.raises(ExportError, match=r"from 'p': 3 machine; label segments and mark them as done$"):
        export(desk.workspace, "p", "nemo", tmp_path / "out")
    assert preview(desk.workspace, "p", "nemo").files == {}
    assert not (tmp_path / "out").exists()


def test_the_transcript_that_is_named_goes_out_instead(desk, tmp_path):
    (id,) = desk.take(write(tmp_path / "talk.wav", voice(6)))
    machine = desk.workspace.store.transcripts("p", id)[0]
    desk.label(id, segment(0))
    mine = plan(desk.workspace, "p", "textgrid")
    assert [item.id for item in mine.bundle.segments[id]] == ["s0"]
    assert mine.snapshot["transcripts"][id]["author"] == "user:me"
    named = plan(desk.workspace, "p", "textgrid", Selection(transcripts={id: machine.id}))
    assert len(list(named.bundle.segments[id])) == 3
    assert named.snapshot["transcripts"][id] == {"id": machine.id, "author": "vad:webrtc", "revision": 0}


def test_recordings_are_chosen_by_id_or_name(desk, tmp_path):
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
    same = [write(tmp_path / "one" / "a.wav", voice(3)), write(tmp_path / "two" / "a.wav", voice(3, seed=1))]
    ids = desk.take(*same, write(tmp_path / "b.wav", voice(3, seed=2)))
    assert ids == ["a", "a_2", "b"]

    def chosen(*names):
        found = plan(desk.workspace, "p", "textgrid", Selection(recordings=names))
        return [item.id for item in found.bundle.recordings]

    assert chosen("a_2") == ["a_2"]
    assert chosen("a") == ["a"]
    assert chosen("a.wav") == ["a", "a_2"]
    assert chosen("b.wav", "b") == ["b"]


def test_a_recording_that_is_prepared_again_still_goes_out(desk, tmp_path):
    (id,) = desk.take(write(tmp_path / "talk.wav", voice(6)))
    desk.label(id, segment(0))
    desk.workspace.store.update_recording("p", id, state="preparing")
    assert plan(desk.workspace, "p", "nemo").n_in == 1


def test_what_is_not_prepared_is_named(desk, tmp_path):
    from speechlabel.workflow.ingest import ingest

    desk.label(*desk.take(write(tmp_path / "talk.wav", voice(6))), segment(0))
    ingest(desk.workspace, "p", [write(tmp_path / "new.wav", voice(3, seed=1))])
    seen = plan(desk.workspace, "p", "nemo")
    assert seen.not_prepared == ("new.wav",)
    assert [item.id for item in seen.bundle.recordings] == ["talk"]


@pytest.fixture
def mixed(desk, tmp_path):
    """Recordings of every kind that audio has to be written for, each with labelled segments."""
    call = np.stack([voice(4, 8_000, 1), np.roll(voice(4, 8_000, 2), 6_000)], 1)
    twin = np.stack([voice(4, 16_000, 3)] * 2, 1)
    sounds = {
        "mono.wav": write(tmp_path / "mono.wav", voice(4)),
        "call.wav": write(tmp_path / "call.wav", call, 8_000),
        "twin.flac": write(tmp_path / "twin.flac", twin),
        "pod.mp3": write(tmp_path / "pod.mp3", voice(4, 44_100, 4), 44_100),
        "film.m4a": encode(tmp_path / "film.m4a", voice(4, 16_000, 5)[:, None], 16_000, "aac"),
    }
    for id in desk.take(*sounds.values()):
        desk.change(id, status="done", text="some words")
    return desk


def test_each_line_of_nemo_holds_the_samples_of_the_labelled_channel(mixed, tmp_path):
    out = tmp_path / "out"
    export(mixed.workspace, "p", "nemo", out)
    found = lines(out / "manifest.jsonl")
    assert {line["recording_id"] for line in found} == {"mono", "call", "twin", "pod", "film"}
    for line in found:
        recording = mixed.workspace.store.recording("p", line["recording_id"])
        audio = out / line["audio_filepath"]
        with open_audio(recording.path) as decoder:
            whole = decoder.read(0, recording.n_frames + 1)
        assert len(whole) == recording.n_frames
        channel = line.get("source_channel")
        wanted = whole.mean(axis=1) if channel is None else whole[:, channel]
        info = sf.info(audio)
        assert (info.channels, info.samplerate) == (1, recording.sample_rate)
        start = round(line["offset"] * recording.sample_rate)
        count = round(line["duration"] * recording.sample_rate)
        got, _ = sf.read(audio, start=start, frames=count, dtype="float32")
        assert len(got) == count > 0
        assert np.abs(got - wanted[start : start + count]).max() <= 0.5 / 32_768 + 1e-7
    originals = {
        Path(line["audio_filepath"]).name for line in found if "/audio/" not in f"/{line['audio_filepath']}"
    }
    assert originals == {"mono.wav"}
    assert sorted(path.name for path in (out / "audio").iterdir()) == [
        *("call-ch0.flac", "call-ch1.flac", "film.flac", "pod.flac", "twin-mix.flac")
    ]


@pytest.mark.parametrize("format", ["nemo", "kaldi", "native"])
def test_no_two_recordings_share_a_file_of_audio(desk, tmp_path, format):
    call = np.stack([voice(2, seed=1), voice(2, seed=2)], 1)
    ids = desk.take(
        write(tmp_path / "call.wav", call),
        write(tmp_path / "call-ch0.mp3", voice(3, 44_100), 44_100),
        write(tmp_path / "CALL-CH1.mp3", voice(4, 44_100), 44_100),
    )
    for id in ids:
        desk.change(id, status="done", text="some words")
    made = export(desk.workspace, "p", format, tmp_path / "out")
    audio = [name for name in made.report.files if name.startswith("audio/")]
    assert len({name.casefold() for name in audio}) == 4
    lengths = sorted(round(sf.info(tmp_path / "out" / name).duration) for name in audio)
    assert lengths == [2, 2, 3, 4]
    assert list(preview(desk.workspace, "p", format).files) == sorted(
        name for name in made.report.files if not name.startswith("audio/")
    )


def test_what_would_be_overwritten_must_not_hold_recordings_or_the_workspace(labelled, tmp_path):
    kept = sorted(path for path in tmp_path.rglob("*") if path.suffix != ".db-wal")
    (tmp_path / "link").symlink_to(tmp_path)
    for out in (tmp_path, labelled.workspace.root, tmp_path / "link"):
        with pytest.raises(ExportError, match="would be deleted"):
            export(labelled.workspace, "p", "native", out, overwrite=True)
    (tmp_path / "link").unlink()
    assert sorted(path for path in tmp_path.rglob("*") if path.suffix != ".db-wal") == kept
    for _ in range(2):
        export(labelled.workspace, "p", "native", tmp_path / "out", overwrite=True)


def test_kaldi_gets_wav(mixed, tmp_path):
    export(mixed.workspace, "p", "kaldi", tmp_path / "out", paths="relative")
    paths = [line.split(" ", 1)[1] for line in (tmp_path / "out" / "wav.scp").read_text().splitlines()]
    assert len(paths) == 6
    assert all(sf.info(tmp_path / "out" / path).format == "WAV" for path in paths)


@pytest.mark.parametrize(
    ("format", "name", "wanted"),
    [
        ("kaldi", "a.flac", "WAV"),
        ("nemo", "a.flac", None),
        ("nemo", "a.ogg", "FLAC"),
        ("kaldi", "a.wav", None),
    ],
)
def test_a_single_channel_is_copied_only_where_its_reader_could_not_seek_in_it(
    desk, tmp_path, format, name, wanted
):
    (id,) = desk.take(path := write(tmp_path / name, voice(2)))
    desk.change(id, status="done", text="some words")
    out = tmp_path / "out"
    made = export(desk.workspace, "p", format, out)
    audio = [out / file for file in made.report.files if file.startswith("audio/")]
    assert [sf.info(file).format for file in audio] == ([wanted] if wanted else [])
    for file in audio:
        with open_audio(path) as decoder:
            sound = decoder.read(0, 100_000)[:, 0]
        assert np.abs(sf.read(file, dtype="float32")[0] - sound).max() <= 0.5 / 32_768 + 1e-7


def test_sound_at_a_rate_that_flac_cannot_hold_is_prepared_and_exported(desk, tmp_path):
    rate = 70_001
    ids = desk.take(
        write(tmp_path / "odd.ogg", voice(3, rate), rate),
        write(tmp_path / "two.wav", np.stack([voice(3, rate, 1), voice(3, rate, 2)], 1), rate),
    )
    for id in ids:
        desk.label(id, segment(0))
    made = export(desk.workspace, "p", "nemo", tmp_path / "out")
    audio = [name for name in made.report.files if name.startswith("audio/")]
    assert audio == ["audio/odd.wav", "audio/two-mix.wav"]
    assert {sf.info(tmp_path / "out" / name).samplerate for name in audio} == {rate}


def test_an_export_with_its_audio_can_be_moved(mixed, tmp_path):
    export(mixed.workspace, "p", "nemo", tmp_path / "out", selection=Selection(with_audio=True))
    (tmp_path / "elsewhere").mkdir()
    moved = (tmp_path / "out").rename(tmp_path / "elsewhere" / "deep")
    for line in lines(moved / "manifest.jsonl"):
        assert (moved / line["audio_filepath"]).is_file()
    assert (moved / "audio" / "mono.wav").read_bytes() == (tmp_path / "mono.wav").read_bytes()


@pytest.mark.parametrize("format", ["native", "nemo", "kaldi", "rttm", "textgrid"])
def test_the_same_again_gives_the_same_bytes(mixed, tmp_path, format):
    for name in ("one", "two"):
        export(mixed.workspace, "p", format, tmp_path / name)
    one, two = (
        {path.relative_to(tmp_path / name): path.read_bytes() for path in (tmp_path / name).rglob("*.*")}
        for name in ("one", "two")
    )
    if format == "kaldi":  # its paths are absolute unless told
        two[Path("wav.scp")] = two[Path("wav.scp")].replace(bytes(tmp_path / "two"), bytes(tmp_path / "one"))
    assert one == two
    assert one


@pytest.mark.parametrize("format", ["native", "nemo", "kaldi", "rttm", "textgrid"])
def test_the_preview_is_the_beginning_of_the_export(mixed, tmp_path, format):
    out = tmp_path / "out"
    seen = preview(mixed.workspace, "p", format, out=out)
    made = export(mixed.workspace, "p", format, out)
    written = {name for name in made.report.files if not name.startswith("audio/")}
    assert set(seen.files) == written
    for name in written - {"snapshot.json"}:  # which counts the audio too
        assert seen.files[name] == (out / name).read_text("utf-8").split("\n")[:40][: len(seen.files[name])]
        assert seen.files[name]
    assert seen.losses == made.report.losses
    assert seen.warnings == made.report.warnings


def test_an_export_while_somebody_saves_is_of_one_moment(desk, tmp_path):
    (id,) = desk.take(write(tmp_path / "talk.wav", voice(6)))
    transcript = desk.label(id, *(segment(number, text="take 0") for number in range(8)))
    stop = threading.Event()

    def type_on():
        number = 0
        while not stop.is_set():
            number += 1
            now = desk.workspace.store.segments(transcript.id)
            desk.save(
                transcript,
                *(
                    Update(
                        target="segment", id=item.id, version=item.version, changes={"text": f"take {number}"}
                    )
                    for item in now
                ),
            )

    typist = threading.Thread(target=type_on)
    typist.start()
    try:
        for number in range(10):
            made = export(desk.workspace, "p", "nemo", tmp_path / str(number))
            texts = {line["text"] for line in lines(tmp_path / str(number) / "manifest.jsonl")}
            revision = made.plan.snapshot["transcripts"][id]["revision"]
            assert texts == {f"take {revision - 1}"}
        assert revision > 2  # somebody did save meanwhile
    finally:
        stop.set()
        typist.join()


def test_a_new_segmentation_does_not_replace_what_a_person_did(desk, tmp_path):
    (id,) = desk.take(write(tmp_path / "talk.wav", voice(6)))
    desk.label(id, segment(0))
    prepare(desk.workspace, "p", options=PrepareOptions(segmenter="energy", again=True))
    assert [item.id for item in plan(desk.workspace, "p", "nemo").bundle.segments[id]] == ["s0"]


def test_what_a_killed_export_left_is_removed_once_nobody_can_be_writing_it(labelled, tmp_path):
    (tmp_path / "here").mkdir()
    old, new, other = (
        tmp_path / "here" / name for name in (".[o].0123abcd.part", ".[o].89abcdef.part", ".o.part")
    )
    for part in (old, new, other):
        (part / "audio").mkdir(parents=True)
        (part / "audio" / "x.flac").write_bytes(b"half")
    for path in (
        old / "audio" / "x.flac",
        old / "audio",
        old,
        other / "audio" / "x.flac",
        other / "audio",
        other,
    ):
        os.utime(path, (1, 1))
    export(labelled.workspace, "p", "nemo", tmp_path / "here" / "[o]")
    assert sorted(path.name for path in (tmp_path / "here").iterdir()) == [new.name, other.name, "[o]"]
