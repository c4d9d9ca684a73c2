"""An export with its audio is whole in itself, wherever it is taken; and what a project says of segments."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from audio.sounds import encode
from cli.running import voice, write

from speechlabel import formats
from speechlabel.audio.decode import open_audio
from speechlabel.errors import ChangedError, ExportError
from speechlabel.workflow.export import Selection, export, preview

FORMATS = ("native", "nemo", "kaldi", "rttm", "textgrid")
WITH_AUDIO = Selection(with_audio=True)


def lines(path):
    return [json.loads(line) for line in Path(path).read_text("utf-8").splitlines()]


@pytest.fixture
def sounds(tmp_path):
    (tmp_path / "of this machine").mkdir()
    return tmp_path / "of this machine"


@pytest.fixture
def mixed(desk, sounds):
    """Recordings whose own file is named by a line, and others that channels are cut from."""
    call = np.stack([voice(4, 8_000, 1), np.roll(voice(4, 8_000, 2), 6_000)], 1)
    for id in desk.take(
        write(sounds / "mono.wav", voice(4)),
        write(sounds / "call.wav", call, 8_000),
        write(sounds / "pod.mp3", voice(4, 44_100, 4), 44_100),
        encode(sounds / "film.m4a", voice(4, 16_000, 5)[:, None], 16_000, "aac"),
    ):
        desk.change(id, status="done", text="some words", language=None)
    return desk


def moved(out, tmp_path):
    """Take an export to another place, where nothing of this machine is."""
    (tmp_path / "elsewhere").mkdir()
    there = out.rename(tmp_path / "elsewhere" / "deep")
    (tmp_path / "of this machine").rename(tmp_path / "gone")
    return there


@pytest.mark.parametrize("format", FORMATS)
def test_a_package_with_its_audio_names_no_folder_of_this_machine(mixed, sounds, tmp_path, format):
    made = export(mixed.workspace, "p", format, tmp_path / "out", selection=WITH_AUDIO)
    assert made.report.files
    for name in made.report.files:
        content = (tmp_path / "out" / name).read_bytes()
        for folder in (sounds, mixed.workspace.root, tmp_path):
            assert str(folder).encode() not in content, name
        assert b"of this machine" not in content, name
        assert b"../" not in content or name.startswith("audio/"), name


def test_a_native_package_is_read_elsewhere_with_its_recordings_and_channels(mixed, tmp_path):
    export(mixed.workspace, "p", "native", tmp_path / "out", selection=WITH_AUDIO)
    there = moved(tmp_path / "out", tmp_path)
    bundle = formats.load(there)
    assert bundle.notes == ()
    assert {item.id: Path(item.path).relative_to(there).as_posix() for item in bundle.recordings} == {
        "call": "audio/call.wav",
        "film": "audio/film.m4a",
        "mono": "audio/mono.wav",
        "pod": "audio/pod.mp3",
    }
    for recording, segments in bundle.stream():
        raw = Path(recording.path).read_bytes()
        assert hashlib.sha256(raw).hexdigest() == recording.content_hash
        assert len(raw) == recording.size_bytes
        with open_audio(recording.path) as decoder:
            assert len(decoder.read(0, recording.n_frames + 1)) == recording.n_frames
        assert segments
        for segment in segments:
            info = sf.info(bundle.audio[recording.id, segment.channel])
            assert (info.channels, info.frames) == (1, recording.n_frames)
    report = formats.dump(bundle, tmp_path / "elsewhere" / "nemo", "nemo")
    for line in lines(report.path / "manifest.jsonl"):
        assert (report.path / line["audio_filepath"]).resolve().is_relative_to(there)


@pytest.mark.parametrize("format", ["nemo", "kaldi"])
def test_other_packages_find_their_audio_elsewhere(mixed, sounds, tmp_path, format):
    original = (sounds / "mono.wav").read_bytes()
    export(mixed.workspace, "p", format, tmp_path / "out", selection=WITH_AUDIO)
    there = moved(tmp_path / "out", tmp_path)
    if format == "nemo":
        named = {line["audio_filepath"] for line in lines(there / "manifest.jsonl")}
    else:
        named = {line.split(" ", 1)[1] for line in (there / "wav.scp").read_text("utf-8").splitlines()}
    assert len(named) == 5
    assert all(sf.info(there / name).channels == 1 for name in named)
    assert (there / "audio" / "mono.wav").read_bytes() == original
    assert sorted(path.relative_to(there).as_posix() for path in (there / "audio").iterdir()) == sorted(named)


def test_what_nobody_has_labelled_is_not_carried_along(mixed, tmp_path):
    mixed.change("call", status="machine")
    mixed.change("mono", status="machine")
    report = export(mixed.workspace, "p", "native", tmp_path / "out", selection=WITH_AUDIO).report
    audio = {name for name in report.files if name.startswith("audio/")}
    assert audio == {"audio/film.flac", "audio/film.m4a", "audio/pod.flac", "audio/pod.mp3"}
    assert {item["id"]: item.get("path") for item in lines(tmp_path / "out" / "recordings.jsonl")} == {
        "call": None,
        "film": "audio/film.m4a",
        "mono": None,
        "pod": "audio/pod.mp3",
    }


def test_a_recording_that_is_gone_is_left_out_and_one_that_has_changed_stops_all(mixed, sounds, tmp_path):
    (sounds / "pod.mp3").unlink()  # the copy that was made of it when it was prepared still gives its sound
    report = export(mixed.workspace, "p", "native", tmp_path / "out", selection=WITH_AUDIO).report
    told = {item["id"]: item.get("path") for item in lines(tmp_path / "out" / "recordings.jsonl")}
    assert told["pod"] is None
    assert told["film"] == "audio/film.m4a"
    assert any("pod.mp3" in warning for warning in report.warnings)
    assert sf.info(tmp_path / "out" / "audio" / "pod.flac").channels == 1
    (sounds / "film.m4a").write_bytes(b"another film")
    with pytest.raises(ChangedError, match=r"film\.m4a"):
        export(mixed.workspace, "p", "native", tmp_path / "again", selection=WITH_AUDIO)
    assert not (tmp_path / "again").exists()


@pytest.mark.parametrize("format", FORMATS)
def test_the_preview_with_audio_is_the_beginning_of_the_export_and_copies_nothing(mixed, tmp_path, format):
    seen = preview(mixed.workspace, "p", format, out=tmp_path / "out", selection=WITH_AUDIO)
    assert seen.is_whole
    assert not (tmp_path / "out").exists()
    export(mixed.workspace, "p", format, tmp_path / "out", selection=WITH_AUDIO)
    assert not [name for name in seen.files if name.startswith("audio/")]
    for name in seen.files:
        assert (
            seen.files[name]
            == (tmp_path / "out" / name).read_text("utf-8").split("\n")[: len(seen.files[name])]
        )


def test_segments_without_a_language_go_out_in_that_of_the_project(mixed, tmp_path):
    for format in ("native", "nemo", "kaldi"):
        export(mixed.workspace, "p", format, tmp_path / format)
    assert {line["lang"] for line in lines(tmp_path / "nemo" / "manifest.jsonl")} == {"en"}
    rows = (tmp_path / "kaldi" / "utt2lang").read_text("utf-8").splitlines()
    assert {row.split(" ")[1] for row in rows} == {"en"}
    assert not any("language" in line for line in lines(tmp_path / "native" / "segments.jsonl"))
    assert {line["language"] for line in lines(tmp_path / "native" / "recordings.jsonl")} == {"en"}
    assert json.loads((tmp_path / "native" / "snapshot.json").read_bytes())["source"]["language"] == "en"
    assert {item.language for item in mixed.open("mono").segments} == {None}  # the store is not touched
    mixed.change("mono", language="zh")
    export(mixed.workspace, "p", "nemo", tmp_path / "own")
    told = {(line["recording_id"], line["lang"]) for line in lines(tmp_path / "own" / "manifest.jsonl")}
    assert told == {("mono", "zh"), ("call", "en"), ("pod", "en"), ("film", "en")}


def test_where_nothing_goes_out_it_is_told_what_would_help(desk, sounds, tmp_path):
    desk.take(write(sounds / "talk.wav", voice(6)))
    for format, wanted in {"rttm": ("machine",), "native": ("machine", "no_text"), "nemo": ()}.items():
        with pytest.raises(ExportError) as caught:
            export(desk.workspace, "p", format, tmp_path / "out")
        assert caught.value.data["remedy"] == wanted
        assert preview(desk.workspace, "p", format).plan.remedy == wanted
        assert ("include machine" in caught.value.message) == bool(wanted)
        if wanted:
            export(
                desk.workspace,
                "p",
                format,
                tmp_path / format,
                selection=Selection(include=frozenset(wanted)),
            )
    assert (tmp_path / "rttm" / "segments.rttm").read_text("utf-8").count("SPEAKER talk") == 3
