from pathlib import Path

import pytest

from speechlabel.errors import ParseError
from speechlabel.formats.gather import Gathered, Notes, base_name, beside
from speechlabel.formats.training.id_map import header, id_map_row, read_id_map
from speechlabel.records import Speaker

from .conftest import recording, segment


def test_notes_of_one_kind_are_counted():
    notes = Notes()
    for line in range(1, 31):
        notes.add("x", line, "is odd", "this one")
    assert notes.all()[0] == "x: line 1: this one: is odd"
    assert len(notes.all()) == 21 and notes.all()[-1] == "x: 10 more lines: is odd"


def test_an_id_that_is_there_twice_is_given_once():
    found = Gathered(Path("x"))
    id = found.recording("a b")
    for line in (1, 2):
        found.segment(id, line, id="s", start_us=0, end_us=9, text="t")
    found.segment(id, 3, id="not legal", start_us=0, end_us=9, text="t")
    bundle = found.bundle()
    ids = [one.id for one in bundle.segments[id]]
    assert ids[0] == "s" and len(set(ids)) == 3
    assert bundle.notes == ("x: line 2: 's': the id is there twice: given another",)


def test_a_speaker_with_an_illegal_id_is_refused_with_the_line():
    found = Gathered(Path("x"))
    with pytest.raises(ParseError, match="x:7"):
        found.speaker(found.recording("r"), "k", 7, id="not legal")


@pytest.mark.parametrize(
    ("path", "base"),
    [("/a/b.c.wav", "b.c"), (r"C:\a\b.wav", "b"), ("b", "b"), (".wav", ".wav"), ("a/", "a")],
)
def test_names_of_files_of_any_system(path, base):
    assert base_name(path) == base


def test_paths_are_told_from_the_file_that_names_them():
    assert beside(Path("/m/x.json"), "a/../b.wav") == "/m/b.wav"
    assert beside(Path("/m/x.json"), "/b.wav") == "/b.wav"
    assert beside(Path("/m/x.json"), r"C:\b.wav") == r"C:\b.wav"
    assert beside(Path("/m/x.json"), "https://x/b.wav") == beside(Path("/m/x.json"), "") == ""


def test_the_table_of_ids_gives_back_every_name(tmp_path):
    name = "tab\tline\nslash\\n"
    row = id_map_row(
        "u",
        recording(channels=2),
        segment("s", 1, 2, speaker="p", channel=1),
        Speaker(id="p", name=name),
        is_cut=True,
    )
    (tmp_path / "id_map.tsv").write_text(header(is_cut=True) + row)
    [(origin, line)] = read_id_map(tmp_path / "id_map.tsv", [])
    assert (origin.speaker_name, origin.channel, origin.start_us, origin.end_us, line) == (name, 1, 1, 2, 2)


def test_an_id_that_is_none_is_made_one(tmp_path):
    found = Gathered(tmp_path / "a.json")
    assert found.recording("one", id="a-moYîno") == "a-moYino"
    assert found.recording("two", id="a.b-c_d") == "a.b-c_d"
    assert {item.id for item in found.bundle().recordings} == {"a-moYino", "a.b-c_d"}
