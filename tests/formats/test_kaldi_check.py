"""Faults that Kaldi's own script refuses, put into a good directory one by one."""

import pytest

from speechlabel.formats import dump
from speechlabel.formats.contract import sample_export
from speechlabel.formats.training.kaldi_check import validate_kaldi_dir


@pytest.fixture
def good(tmp_path):
    dump(sample_export(tmp_path), tmp_path / "out", "kaldi")
    assert validate_kaldi_dir(tmp_path / "out") == []
    return tmp_path / "out"


@pytest.mark.parametrize(
    ("file", "old", "new", "reason"),
    [
        ("segments", " 1.250\n", " 0.250\n", "ends at or before its start"),
        ("segments", " 1.250\n", " -1\n", "needs a recording, a start and an end"),
        ("segments", "b_stereo+ch0 ", "other ", "not those of the recordings: b_stereo+ch0"),
        ("text", "hello", "hel\u00a0lo", "neither space nor tab"),
        ("text", "hello", "hello <s>", "holds <s>"),
        ("text", "hello", "hel\x08lo", "unprintable"),
        ("text", "hello", "hello\r", "carriage return"),
        ("text", "b_stereo_agent-t-1 left\n", "", "not those of the utterances: b_stereo_agent-t-1"),
        ("text", "b_stereo_agent-t-1 left\n", "b_stereo_agent-t-1 left\n" * 2, "is there twice"),
        ("utt2spk", "-t-1 b_stereo_agent\n", "-t-1 zoe\n", "not sorted by speaker first"),
        ("utt2spk", "-t-1 b_stereo_agent\n", "-t-1\n", "exactly one speaker"),
        ("spk2utt", "b_stereo_agent-t-1", "b_stereo_agent-t-9", "not the inverse"),
        ("wav.scp", "a-mono ", "z-mono ", "not sorted"),
        ("wav.scp", "/audio/", "~/audio/", "path without ~"),
        ("reco2dur", "a-mono 10.000", "a-mono 0.000", "not longer than 0"),
    ],
)
def test_a_fault_is_found(good, file, old, new, reason):
    text = (good / file).read_bytes().decode()
    assert old in text
    (good / file).write_bytes(text.replace(old, new, 1).encode())
    found = validate_kaldi_dir(good)
    assert any(reason in one and one.startswith(file) for one in found), found


def test_files_must_be_there_whole_and_in_utf8(good):
    (good / "reco2dur").write_bytes(b"a-mono 10.000")
    (good / "text").write_bytes(b"\xff\xfe")
    found = validate_kaldi_dir(good)
    assert any(one.startswith("reco2dur: is empty or lacks the line end") for one in found)
    assert "text: is not UTF-8" in found
    (good / "spk2utt").unlink()
    assert validate_kaldi_dir(good) == ["spk2utt: is missing"]


def test_tables_that_are_there_must_know_everybody(good):
    (good / "spk2gender").write_text("b_stereo_agent x\n")
    (good / "utt2lang").write_text("b_stereo_agent-t-1 en\n")
    found = " ".join(validate_kaldi_dir(good))
    assert "b_stereo_agent is 'x', not m or f" in found
    assert "spk2gender: its keys are not those of the speakers" in found
    assert "utt2lang: its keys are not those of the utterances" in found
