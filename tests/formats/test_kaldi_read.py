"""Kaldi directories as they lie about: ours come back, others come in, and what is odd is told."""

import dataclasses

import pytest

from speechlabel.errors import ParseError
from speechlabel.formats import Bundle, detect, dump, load
from speechlabel.formats.contract import sample_export
from speechlabel.formats.examples import utterance_id
from speechlabel.formats.gather import TO_THE_END_US
from speechlabel.formats.training.kaldi_check import validate_kaldi_dir
from speechlabel.records import Speaker

from .conftest import recording, segment


def directory(folder, **files):
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        raw = text if isinstance(text, bytes) else text.encode()
        (folder / name.replace("__", ".")).write_bytes(raw)
    return folder


def labels(bundle):
    return {
        (recording.id, s.id): (s.start_us, s.end_us, s.text, s.speaker, s.channel)
        for recording, segments in bundle.stream()
        for s in segments
    }


def test_our_own_export_comes_back_with_recording_channel_and_names(tmp_path):
    export = sample_export(tmp_path)
    dump(export, tmp_path / "out", "kaldi", paths="relative", decimals=6)
    bundle = load(tmp_path / "out")
    assert labels(bundle)["b_stereo", "t-2"] == (250_000, 1_250_000, "right", "customer", 1)
    assert labels(bundle)["a-mono", "s-2"] == (
        1_500_000,
        3_000_001,
        '你好, [laugh] "big" world',
        "s1",
        None,
    )
    assert labels(bundle)["a-mono", "s-6"][3] is None
    assert {s.name for s in bundle.speakers["a-mono"]} == {"Lin Wei", "李 明"}
    found = {one.id: one for one in bundle.recordings}
    assert set(found) == {"a-mono", "b_stereo"}
    assert found["b_stereo"].channels == 2
    assert found["a-mono"].path == str(tmp_path / "a-mono.wav")
    assert bundle.audio["b_stereo", 1] == tmp_path / "out/audio/b_stereo_1.wav"


def test_each_utterance_has_a_file_of_its_own_where_that_is_asked(tmp_path):
    export = dataclasses.replace(sample_export(tmp_path), is_cut=True)
    report = dump(export, tmp_path / "out", "kaldi", paths="relative")
    assert "segments" not in report.files
    wav = dict(line.split(" ") for line in (tmp_path / "out/wav.scp").read_text().splitlines())
    assert wav["b_stereo_customer-t-2"] == f"clips/{utterance_id('b_stereo', 't-2')}.flac"
    assert (tmp_path / "out" / wav["b_stereo_customer-t-2"]).is_file()
    assert "b_stereo_customer-t-2 1.000\n" in (tmp_path / "out/utt2dur").read_text()
    assert validate_kaldi_dir(tmp_path / "out") == []
    assert labels(load(tmp_path / "out"))["a-mono", "s-2"][:2] == (1_500_000, 3_000_001)


def test_wav_scp_holds_commands_where_they_are_asked_for(tmp_path, bundle_of):
    bundle = bundle_of(segment("a", 0, 9_000, text="x", channel=1), channels=2)
    bundle = dataclasses.replace(bundle, recordings=(recording(channels=2, path="/audio/it's r.wav"),))
    dump(bundle, tmp_path / "out", "kaldi", pipes="true")
    [line] = (tmp_path / "out/wav.scp").read_text().splitlines()
    assert line.startswith("r+ch1 ffmpeg ") and line.endswith("-f wav - |") and "c0=c1" in line
    assert validate_kaldi_dir(tmp_path / "out") == []
    again = load(tmp_path / "out")
    assert labels(again)["r", "a"][4] == 1
    assert any("not run" in note for note in again.notes)
    mono = dataclasses.replace(
        bundle, recordings=(recording(),), segments={"r": [segment("a", 0, 9_000, text="x")]}
    )
    dump(mono, tmp_path / "mono", "kaldi", pipes="true")
    assert (tmp_path / "mono/wav.scp").read_text() == "r /audio/r.wav\n"


def test_a_public_directory_comes_in_whatever_its_order(tmp_path):
    folder = directory(
        tmp_path / "dir",
        wav__scp="r2 wav/my file.wav\nr1 /audio/r1.wav\r\nr3 /audio/r3.wav\n",
        segments="u3 r1 0.5 1.5\nu1 r1 0 0.5\nu2 r2 0.25 -1\nu4 r2 1 1\nu5 r2 -0.1 0.5",
        text="u3     你好  世界 \r\nu1\nu9 nowhere\nu2\tquand  même\n",
        utt2spk="u3 li\nu1 li\nu2 u2\nu5 zoe\n",
        spk2gender="li m\nzoe ?\n",
        utt2lang="u1 zh\nu3 zh\n",
        reco2dur="r2 4.5\n",
        feats__scp="u1 x.ark:1\n",
        utt2uniq="u1 q\n",
    )
    bundle = load(folder)
    assert labels(bundle) == {
        ("r1", "u1"): (0, 500_000, "", "r1-li", None),
        ("r1", "u3"): (500_000, 1_500_000, "你好  世界", "r1-li", None),
        ("r2", "u2"): (250_000, 4_500_000, "quand  même", None, None),
        ("r2", "u5"): (0, 500_000, None, "r2-zoe", None),
    }
    assert bundle.speakers["r1"] == (Speaker(id="r1-li", name="li", gender="male"),)
    found = {one.id: one for one in bundle.recordings}
    assert found["r2"].path == str(folder / "wav/my file.wav") and found["r2"].duration_us == 4_500_000
    assert found["r3"].path == "/audio/r3.wav"
    first = next(iter(bundle.segments["r1"]))
    assert first.language == "zh" and first.custom == {"kaldi": {"utt2uniq": "q"}}
    told = "\n".join(bundle.notes)
    for reason in (
        "segments: line 3: lasts to the end of the file",
        "segments: line 4: does not end after its start: left out",
        "segments: line 5: starts before the recording: moved to its start",
        "text: line 3: is not in segments: left out",
        "utt2spk: line 3: the speaker is called as the utterance",
        "spk2gender: line 2: neither m nor f",
        "wav.scp: line 3: no segment is of this recording",
        "not read: feats.scp",
    ):
        assert reason in told


def test_without_segments_each_entry_is_a_whole_file(tmp_path):
    folder = directory(
        tmp_path / "dir",
        wav__scp="b /audio/b.wav\na sph2pipe -f wav -c 1 '/audio/a one.sph' |\nc foo.ark:12\n",
        text="b 二\na 一\n",
        utt2dur="b 1.25\n",
    )
    bundle = load(folder)
    assert labels(bundle) == {
        ("a", "a"): (0, TO_THE_END_US, "一", None, None),
        ("b", "b"): (0, 1_250_000, "二", None, None),
        ("c", "c"): (0, TO_THE_END_US, None, None, None),
    }
    found = {one.id: one for one in bundle.recordings}
    assert found["a"].path == "/audio/a one.sph" and found["c"].path == ""
    assert found["a"].metadata == {"kaldi wav.scp a": "sph2pipe -f wav -c 1 '/audio/a one.sph' |"}
    told = "\n".join(bundle.notes)
    assert "wav.scp: line 2: is a command or a place in an archive: kept as text, not run" in told
    assert "wav.scp: line 2: no length is told: taken to the end of the file" in told


def test_two_sides_of_a_call_are_one_recording(tmp_path):
    folder = directory(
        tmp_path / "dir",
        wav__scp="call-A /audio/a.wav\ncall-B /audio/b.wav\n",
        segments="u1 call-A 0 1\nu2 call-B 0.5 1\n",
        text="u1 left\nu2 right\n",
        reco2file_and_channel="call-A call A\ncall-B call B\ncall-C call X\n",
    )
    bundle = load(folder)
    assert labels(bundle) == {
        ("call", "u1"): (0, 1_000_000, "left", None, 0),
        ("call", "u2"): (500_000, 1_000_000, "right", None, 1),
    }
    assert bundle.recordings[0].channels == 2
    assert {key: str(path) for key, path in bundle.audio.items()} == {
        ("call", 0): "/audio/a.wav",
        ("call", 1): "/audio/b.wav",
    }


def test_a_mixture_has_a_segment_for_each_who_speaks(tmp_path):
    folder = directory(
        tmp_path / "dir",
        wav__scp="m1 /audio/m1.wav\n",
        text_spk1="m1 one\n",
        text_spk2="m1 two\n",
        utt2dur="m1 2\n",
        utt2category="m1 2speaker\n",
    )
    bundle = load(folder)
    assert {(s.text, s.speaker) for s in bundle.segments["m1"]} == {("one", "m1-spk1"), ("two", "m1-spk2")}
    assert all(s.custom == {"kaldi": {"utt2category": "2speaker"}} for s in bundle.segments["m1"])


def test_older_encodings_and_twins_are_told(tmp_path):
    folder = directory(
        tmp_path / "dir",
        wav__scp=b"\xef\xbb\xbfr /audio/r.wav\nr /audio/other.wav\n",
        segments="u1 r 0 1\nu1 r 1 2\n会-1 r 2 3\nu2 r 3 4\n",
        text="会-1 x\n".encode()
        + "u1 你好\n".encode("gb18030")
        + "u2 déjà vu\n".encode("latin-1")
        + b"u2 y\n",
    )
    bundle = load(folder)
    segments = sorted(bundle.segments["r"], key=lambda one: one.start_us)
    assert [one.text for one in segments] == ["你好", "你好", "x", "déjà vu"]
    assert segments[0].id == "u1" and segments[1].id != "u1"
    assert segments[2].custom == {"kaldi": {"utterance_id": "会-1"}}
    told = "\n".join(bundle.notes)
    for reason in ("read as GB18030", "read as Latin-1", "text: line 4: the key is there twice"):
        assert reason in told
    assert "wav.scp: line 2: the key is there twice" in told
    assert bundle.recordings[0].path == "/audio/r.wav"


def test_a_foreign_table_of_ids_is_left_aside(tmp_path):
    folder = directory(
        tmp_path / "dir",
        wav__scp="r /audio/r.wav\n",
        segments="u1 r 0 1\n",
        id_map__tsv="old\tnew\nu1\tx\n",
    )
    bundle = load(folder)
    assert [one.id for one in bundle.segments["r"]] == ["u1"]
    assert "id_map.tsv: is not a table of speechlabel: not used" in bundle.notes


def test_a_directory_is_told_from_others(tmp_path):
    assert detect(directory(tmp_path / "dir", wav__scp="r /audio/r.wav\n", text="r x\n")) == "kaldi"
    with pytest.raises(ParseError, match="is missing"):
        load(directory(tmp_path / "empty"), "kaldi")


def test_sorting_that_is_put_aside_changes_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr("speechlabel.formats.training.sorting.HELD", 3)
    monkeypatch.setattr("speechlabel.formats.training.sorting.CHUNK", 2)
    found = [segment(f"s{n}", n * 1000, n * 1000 + 999, text=f"t{n}", speaker=f"p{n % 3}") for n in range(20)]
    speakers = tuple(Speaker(id=f"p{n}", name=f"P {n}", gender="male") for n in range(3))
    bundle = Bundle(recordings=(recording("r"),), segments={"r": found}, speakers={"r": speakers})
    dump(bundle, tmp_path / "out", "kaldi")
    assert validate_kaldi_dir(tmp_path / "out") == []
    for name in ("segments", "text", "utt2spk", "wav.scp"):
        lines = (tmp_path / "out" / name).read_text().splitlines()
        (tmp_path / "out" / name).write_text("".join(f"{line}\n" for line in reversed(lines)))
    (tmp_path / "out/id_map.tsv").unlink()
    bundle = load(tmp_path / "out")
    assert [one.text for _, segments in bundle.stream() for one in segments] == [f"t{n}" for n in range(20)]
