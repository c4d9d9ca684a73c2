from pathlib import Path

import pytest

from speechlabel.errors import ParseError
from speechlabel.formats import foreign
from speechlabel.formats.foreign import Collected, decode, read_text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_text_is_told_by_its_mark(encoding):
    raw = "a\r\nü\r你\n".encode(encoding)
    if encoding in ("utf-16-le", "utf-16-be"):
        raw = "\ufeff".encode(encoding) + raw
    assert decode(raw, Path("x")) == ("a\nü\n你\n", ())


def test_bytes_that_break_their_mark_are_refused_with_the_line():
    with pytest.raises(ParseError, match="is not utf-16-le") as caught:
        decode("\ufeffone\ntwo\n".encode("utf-16-le") + b"\x00\xd8a\x00", Path("x"))
    assert caught.value.data["line"] == 3


def test_a_mark_of_utf_8_before_other_bytes_is_passed_over():
    assert decode(b"\xef\xbb\xbfone\nd\xe9j\xe0 vu\n", Path("x")) == (
        "one\ndéjà vu\n",
        ("is not UTF-8; read as Latin-1",),
    )


def test_a_huge_file_is_refused_unread(tmp_path, monkeypatch):
    (tmp_path / "x").write_bytes(b"12345")
    monkeypatch.setattr(foreign, "LARGEST", 4)
    with pytest.raises(ParseError, match="larger than"):
        read_text(tmp_path / "x")


def test_ids_depend_on_the_content_and_twins_get_two():
    def collect():
        found = Collected("r", Path("x"))
        for start in (0, 0, 5):
            found.segment(1, start_us=start, end_us=9, text="x")
        return [segment.id for segment in found.segments]

    assert collect() == collect()
    assert len(set(collect())) == 3


def test_a_speaker_is_made_once_a_name():
    found = Collected("r", Path("x"))
    assert found.speaker("Li Wei", 1) == found.speaker("Li Wei", 2) == "r-Li_Wei"
    assert found.speaker("Li_Wei", 3) == "r-Li_Wei_2"
    with pytest.raises(ParseError, match="x:4: speaker: is empty"):
        found.speaker("  ", 4)
