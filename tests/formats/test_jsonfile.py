"""Documents of other programs are read to the end, and each fault is told with its line."""

import json

import pytest

from speechlabel.errors import ParseError
from speechlabel.formats.jsonfile import clean, each_item, number, plain, read_json, time_us


@pytest.fixture
def file(tmp_path):
    def make(text):
        (tmp_path / "a.json").write_bytes(text if isinstance(text, bytes) else text.encode())
        return tmp_path / "a.json"

    return make


def test_a_value_has_a_line(file):
    document = read_json(file('\n{"a": [\n1,\n{"b":\n"c}]"}\n], "d": {}}'))
    assert document.line() == 2
    assert document.line("a", 0) == 3
    assert document.line("a", 1) == 4
    assert document.line("a", 1, "b") == 5
    assert document.line("d") == 6
    assert document.line("a", 9) == 2 and document.line("a", 1, "no") == 4


def test_what_python_writes_beyond_json_is_read_and_noted(file):
    document = read_json(file('{"a": NaN, "b": [-Infinity], "c": "\t"}'))
    assert document.value == {"a": None, "b": [None], "c": "\t"}
    assert document.notes == ("2 values such as NaN are no numbers in JSON; read as unknown",)


@pytest.mark.parametrize(
    ("text", "line"), [("", 1), ("{", 1), ('{"a":\n1,}', 2), ("[" * 100_000, 1), ("[1]\n[2]", 2)]
)
def test_faults_have_lines(file, text, line):
    for read in (read_json, lambda path: list(each_item(path))):
        with pytest.raises(ParseError) as caught:
            read(file(text))
        assert caught.value.data["line"] == line


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_items_come_one_by_one_with_their_lines(file, encoding):
    values = [{"n": n, "text": "一" * (n % 7000), "list": [n, {"x": "]},["}]} for n in range(900)]
    text = "[\n" + ",\n\n".join(json.dumps(value, ensure_ascii=False) for value in values) + "\n]\n"
    found = list(each_item(file(text.encode(encoding))))
    assert [value for _, value in found] == values
    assert [line for line, _ in found] == [2 + 2 * n for n in range(900)]


def test_a_document_that_is_no_list_is_its_one_item(file):
    assert list(each_item(file('\n{"a": 1}\n'))) == [(2, {"a": 1})]
    assert list(each_item(file("12"))) == [(1, 12)]
    assert list(each_item(file("[]"))) == []
    assert list(each_item(file("[NaN, 1]"))) == [(1, None), (1, 1)]


@pytest.mark.parametrize(
    "text", ["[1 2]", "[1,]", "[1", "[1,", "", "[1] 2", b"[\xff]", "[" + "9" * 5000 + "]"]
)
def test_items_that_are_no_json_are_refused(file, text):
    with pytest.raises(ParseError) as caught:
        list(each_item(file(text)))
    assert caught.value.data["line"] == 1


def test_numbers_and_times_of_any_type():
    assert [number(value) for value in ("1.5", 2, "x", None, True, "inf", 10**400)] == [1.5, 2, *[None] * 5]
    assert (time_us("1.25"), time_us(2), time_us(None)) == (1_250_000, 2_000_000, None)
    for value in ("x", [], 1e12, True):
        with pytest.raises(ValueError):
            time_us(value)


def test_what_is_kept_can_be_written_again():
    deep = []
    for _ in range(500):
        deep = [deep]
    value = {"a\x00": [10**30, float("nan"), "\ud800b", True, None, 1.5], "deep": deep}
    kept = plain(value)
    assert kept["a"] == ["1" + "0" * 30, None, "b", True, None, 1.5]
    assert json.loads(json.dumps(kept)) == kept
    assert clean("a\r\nb\rc\x07") == "a\nb\nc"
