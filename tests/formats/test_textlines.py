import pytest

from speechlabel.errors import ParseError
from speechlabel.formats.textlines import TextLines, decode_as, read_as


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_marks_and_line_ends(tmp_path, encoding):
    path = tmp_path / "x"
    path.write_bytes("a\u2028é\r\nb\rc\n\nd".encode(encoding))
    lines = TextLines(path)
    assert list(lines) == [(1, "a\u2028é"), (2, "b"), (3, "c"), (4, ""), (5, "d")]
    assert not lines.notes
    assert read_as(path) == ("a\u2028é\nb\nc\n\nd", ())


@pytest.mark.parametrize(
    ("encoding", "name", "text"),
    [("gb18030", "GB18030", "你好，世界。今天天气很好"), ("latin-1", "", "Où est l'élève, très bien")],
)
def test_letters_tell_the_encoding_and_it_is_noted(tmp_path, encoding, name, text):
    path = tmp_path / "x"
    path.write_bytes(f"{text}\r\n{text}".encode(encoding))
    lines = TextLines(path)
    assert list(lines) == [(1, text), (2, text)]
    [note] = lines.notes
    assert note.startswith(f"is not UTF-8; read as {name}")


def test_a_mark_of_utf_8_before_other_bytes_is_passed_over(tmp_path):
    (tmp_path / "x").write_bytes(b"\xef\xbb\xbfone\r\nd\xe9j\xe0 vu\r\n")
    lines = TextLines(tmp_path / "x")
    assert list(lines) == [(1, "one"), (2, "déjà vu")]
    assert lines.notes == ("is not UTF-8; read as Latin-1, which its letters suggest",)


def test_utf_8_may_be_cut_anywhere_between_two_reads(tmp_path):
    path = tmp_path / "x"
    path.write_text("a" + "é" * 1_000_000, encoding="utf-8")
    lines = TextLines(path)
    assert [(number, len(line)) for number, line in lines] == [(1, 1_000_001)]
    assert not lines.notes


def test_an_encoding_that_is_named_is_taken(tmp_path):
    raw = "日本語".encode("shift_jis")
    (tmp_path / "j").write_bytes(raw)
    assert decode_as(raw, tmp_path, "shift_jis") == read_as(tmp_path / "j", "shift_jis") == ("日本語", ())
    assert list(TextLines(tmp_path / "j", "shift_jis")) == [(1, "日本語")]
    with pytest.raises(ParseError, match=r":2: is not utf-8"):
        decode_as(b"a\n\xff", tmp_path / "x", "utf-8")
    (tmp_path / "y").write_bytes(b"\xff\xfea\x00\n\x00\x00\xd8a\x00")
    with pytest.raises(ParseError, match="is not utf-16"):
        list(TextLines(tmp_path / "y"))
