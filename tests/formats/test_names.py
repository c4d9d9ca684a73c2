import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speechlabel.formats.names import derived_id, foreign_id, relative_posix, safe_id, tsv, without_blanks
from speechlabel.records import RECORDING_ID


@given(st.text(max_size=300), st.sets(st.sampled_from(["a", "b", "a_2"])))
def test_any_name_makes_an_id_that_is_legal_and_free(name, taken):
    for made in (safe_id(name, taken), foreign_id(name, taken)):
        assert RECORDING_ID.fullmatch(made)
        assert made not in taken
    assert safe_id(name, taken) == safe_id(name, taken)


@pytest.mark.parametrize(
    ("name", "id"),
    [
        ("会议 01", "Hui_Yi_01"),
        ("call-7.a", "call-7.a"),
        ("  ", derived_id("  ")[:12]),
        ("Ünï cödé", "Uni_code"),
        ("../x", "x"),
    ],
)
def test_ids_can_be_read(name, id):
    assert safe_id(name) == id


def test_a_number_tells_names_apart():
    assert safe_id("a", {"a", "a_2"}) == "a_3"
    assert without_blanks("Li Wei", {"Li_Wei"}) == "Li_Wei_2"


@given(st.text())
def test_a_name_becomes_one_word(name):
    made = without_blanks(name)
    assert len(made.split()) == 1
    assert not made.startswith(";;") and made != "<NA>"


def test_derived_ids_depend_on_each_part():
    assert derived_id("a", "bc") == derived_id("a", "bc") != derived_id("ab", "c")
    assert len(derived_id(1)) == 32


def test_paths_are_relative_where_they_can_be(tmp_path):
    assert relative_posix(tmp_path / "a/b 一.wav", tmp_path / "out") == "../a/b 一.wav"
    assert relative_posix(Path("x.wav"), Path("out")) == "../x.wav"
    deep = tmp_path / ("d" * 200) / ("e" * 200) / "x.wav"
    assert relative_posix(deep, tmp_path / "out") == deep.as_posix()
    assert os.sep == "/" or "\\" not in relative_posix(tmp_path / "a/b.wav", tmp_path)


def test_a_table_has_a_row_a_line_whatever_is_in_it():
    assert tsv(("a", "b"), [("x\ty", "l\nm"), ("\\n", "")]) == "a\tb\nx\\ty\tl\\nm\n\\\\n\t\n"
