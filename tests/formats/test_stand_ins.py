"""Speakers that stand for nobody in particular: each format takes them on purpose."""

import json

import pytest

from speechlabel.formats import Bundle, dump, load
from speechlabel.formats.names import STAND_INS
from speechlabel.records import Speaker

from .conftest import recording, segment

NAMES = {"unknown": "不明", "several": "多人", "outside": "Outside the talk"}


@pytest.fixture
def bundle():
    """Two recordings, each with one turn of each stand-in and one of a person."""
    speakers = (*(Speaker(id=id, name=NAMES[id]) for id in STAND_INS), Speaker(id="anna", name="Anna"))
    turns = {
        id: tuple(
            segment(f"{id}{n}", n * 1_000_000, n * 1_000_000 + 900_000, speaker=speaker.id, text="hi")
            for n, speaker in enumerate(speakers)
        )
        for id in ("one", "two")
    }
    return Bundle(
        recordings=(recording("one"), recording("two")),
        segments=turns,
        speakers={"one": speakers, "two": speakers},
    )


def lines(path):
    return path.read_text(encoding="utf-8").splitlines()


def test_rttm_gives_each_recording_its_own_and_does_not_score_where_several_speak(tmp_path, bundle):
    report = dump(bundle, tmp_path / "out", "rttm")
    found = [line.split()[7] for line in lines(tmp_path / "out/segments.rttm")]
    assert found == ["one-unknown", "one-outside", "Anna", "two-unknown", "two-outside", "Anna"]
    scored = [line.split()[2:] for line in lines(tmp_path / "out/segments.uem") if line.startswith("one ")]
    assert scored == [["0.000", "1.000"], ["1.900", "10.000"]]
    assert [loss.ids for loss in report.losses if loss.field == "segment"] == [("one1", "two1")]
    back = load(tmp_path / "out/segments.rttm", format="rttm")
    assert {turn.speaker for turn in back.segments["one"]} == {"unknown", "outside", "one-Anna"}


def test_training_formats_never_make_the_unknown_of_two_recordings_one_person(tmp_path, bundle):
    dump(bundle, tmp_path / "kaldi", "kaldi")
    pairs = [line.split() for line in lines(tmp_path / "kaldi/utt2spk")]
    speakers = {speaker for _, speaker in pairs}
    assert speakers == {f"{r}_{id}" for r in ("one", "two") for id in (*STAND_INS, "anna")}
    dump(bundle, tmp_path / "nemo", "nemo")
    [manifest] = (tmp_path / "nemo").glob("*.json*")
    assert {json.loads(line)["speaker"] for line in lines(manifest)} == speakers


def test_the_manifest_and_the_tiers_keep_their_names(tmp_path, bundle):
    dump(bundle, tmp_path / "native", "native")
    assert load(tmp_path / "native").speakers["one"] == tuple(
        sorted(bundle.speakers["one"], key=lambda s: s.id)
    )
    dump(bundle, tmp_path / "grids", "textgrid")
    grid = (tmp_path / "grids/one.TextGrid").read_text(encoding="utf-8")
    assert all(f'name = "{name}"' in grid for name in NAMES.values())
