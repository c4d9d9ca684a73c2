from pathlib import Path

import pytest

from speechlabel.errors import ExportError, OptionError
from speechlabel.formats import Bundle, dump, get, load
from speechlabel.formats.contract import sample_export
from speechlabel.records import Speaker

from .conftest import recording, segment

FULL = Path(__file__).parent / "data/pyannote/full"


def test_the_protocol_and_its_files(tmp_path):
    report = dump(sample_export(tmp_path), tmp_path / "out", "pyannote", subset="test", database="Calls")
    assert report.files == (
        "annotation/speakers/id_map.tsv",
        "annotation/speakers/test.rttm",
        "annotation/speakers/test.uem",
        "audio.map",
        "database.yml",
        "test.lst",
    )
    assert (tmp_path / "out/database.yml").read_text() == (FULL / "database.yml").read_text().replace(
        "train", "test"
    ).replace("Speechlabel", "Calls")
    assert (tmp_path / "out/test.lst").read_text() == "a-mono\nb_stereo\nc.empty\n"
    assert (tmp_path / "out/audio.map").read_text().split("\n")[0] == f'a-mono "{tmp_path}/a-mono.wav"'
    assert (tmp_path / "out/annotation/speakers/test.uem").read_text().startswith("a-mono 1 0.000 10.000\n")


def test_it_is_read_through_rttm(tmp_path):
    dump(sample_export(tmp_path), tmp_path / "out", "pyannote")
    bundle = load(tmp_path / "out/annotation/speakers")
    assert {item.id for item in bundle.recordings} == {"a-mono", "b_stereo", "c.empty"}
    assert bundle.labelled["c.empty"]


def test_without_known_audio_the_protocol_names_none(tmp_path):
    bundle = Bundle(recordings=(recording("r", path=""),), segments={"r": (segment("a", 0, 1_000_000),)})
    report = dump(bundle, tmp_path / "out", "pyannote")
    assert "audio" not in (tmp_path / "out/database.yml").read_text()
    assert report.warnings == ("r: its audio is not known",)


def test_names_that_pyannote_cannot_read_are_changed_or_refused(tmp_path):
    voices = (Speaker(id="a", name="NA"), Speaker(id="b", name='"x" y'))
    turns = (segment("s", 0, 1_000_000, speaker="a"), segment("t", 0, 1_000_000, speaker="b"))
    bundle = Bundle(recordings=(recording("r"),), segments={"r": turns}, speakers={"r": voices})
    report = dump(bundle, tmp_path / "out", "pyannote")
    names = [line.split(" ")[7] for line in (tmp_path / "out/annotation/speakers/train.rttm").open()]
    assert names == ["NA_", "'x'_y"]
    assert ("a", "b") in {loss.ids for loss in report.losses if loss.field == "speaker.name"}
    with pytest.raises(ExportError, match="null as a missing value"):
        dump(Bundle(recordings=(recording("null"),)), tmp_path / "other", "pyannote")
    with pytest.raises(OptionError, match="database"):
        get("pyannote", database="my calls")
