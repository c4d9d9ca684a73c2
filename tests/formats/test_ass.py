from pathlib import Path

import pytest

from speechlabel.errors import ParseError
from speechlabel.formats import dump, get, load
from speechlabel.records import Speaker

from .conftest import segment

FULL = Path(__file__).parent / "data/ass/full.ass"
HEAD = "[Script Info]\n\n[Events]\nFormat: Start, End, Name, Text\n"


def read(tmp_path, text):
    (tmp_path / "x.ass").write_text(text, encoding="utf-8")
    return load(tmp_path / "x.ass")


def test_the_example_is_read_for_what_it_means():
    bundle = load(FULL)
    names = {speaker.id: speaker.name for speaker in bundle.speakers["full"]}
    one, two, three = bundle.segments["full"]
    assert (one.text, names[one.speaker]) == ("hello, there\nyou", "Ann")
    assert one.custom == {"ass": {"text": "hello, {\\i1}there{\\i0}\\Nyou"}}
    assert (two.text, names[two.speaker], two.start_us) == ("你好\u00a0世界", "李 明", 1_750_000)
    assert two.custom["ass"] == {"layer": "1", "style": "Top", "text": "你好\\h世界"}
    assert (three.text, three.speaker, three.custom) == ("bye", None, {})
    assert bundle.notes == ("full.ass: line 13: a comment was left out",)
    assert not list(get("ass").faults(FULL))


def test_overrides_are_given_back_where_the_text_is_still_the_same(tmp_path):
    dump(load(FULL), tmp_path / "out", "ass")
    lines = (tmp_path / "out/full.ass").read_text(encoding="utf-8").split("\n")
    assert lines[-4:] == [
        "Dialogue: 0,0:00:00.50,0:00:02.25,Default,Ann,0,0,0,,hello, {\\i1}there{\\i0}\\Nyou",
        "Dialogue: 0,0:00:01.75,0:00:03.50,Default,李 明,0,0,0,,你好\\h世界",
        "Dialogue: 0,0:00:04.00,0:00:05.00,Default,,0,0,0,,bye",
        "",
    ]


def test_what_an_event_cannot_hold_is_replaced_and_told(tmp_path, bundle_of):
    texts = ["a {b} c", "x\\Ny", " ends ", "two\n\nlines", "{ open", "fine, really"]
    turns = [
        segment(f"t{n}", n * 1_000_000, n * 1_000_000 + 504_000, text=text, speaker="s")
        for n, text in enumerate(texts)
    ]
    report = dump(bundle_of(*turns, speakers=[Speaker(id="s", name="Wei, Li")]), tmp_path / "out", "ass")
    bundle = load(tmp_path / "out")
    found = [(item.end_us, item.text) for item in bundle.segments["r"]]
    assert [text for _, text in found] == [
        "a (b) c",
        "x/Ny",
        "ends",
        "two\n\nlines",
        "{ open",
        "fine, really",
    ]
    assert found[0][0] == 500_000
    assert bundle.speakers["r"][0].name == "Wei Li"
    told = {id for loss in report.losses if loss.field == "text" for id in loss.ids}
    assert told == {"t0", "t1", "t2"}
    dump(bundle_of(*turns, speakers=[Speaker(id="s", name="Li")]), tmp_path / "bare", "ass", speakers="none")
    assert not load(tmp_path / "bare").speakers["r"]


def test_odd_files_are_read_patiently(tmp_path):
    bundle = read(
        tmp_path,
        HEAD
        + "Dialogue:0:00:02.000,0:00:01.00,,back\ngarbage\nDialogue: 0:00:03.00,0:00:03.00,Ann,{\\p1}m 0 0\n",
    )
    assert [(item.start_us, item.end_us, item.text) for item in bundle.segments["x"]] == [
        (1_000_000, 2_000_000, "back"),
        (3_000_000, 3_001_000, "m 0 0"),
    ]
    assert len(bundle.notes) == 4
    (tmp_path / "y.ssa").write_text(
        "[Script Info]\nScriptType: v4.00\n\n[Events]\n"
        "Dialogue: Marked=0,0:00:01.00,0:00:02.00,Default,Bo,0,0,0,,hi\n"
    )
    old = load(tmp_path / "y.ssa")
    assert (next(iter(old.segments["y"])).text, old.speakers["y"][0].name) == ("hi", "Bo")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[Script Info]\n", "no .Events. section"),
        ("[Script Info]\n[Events]\nFormat: Start, Text, End\n", "lack a start"),
        (HEAD + "Dialogue: 0:00:01.00,0:00:02.00\n", "2 fields"),
    ],
)
def test_a_broken_file_is_refused(tmp_path, text, reason):
    with pytest.raises(ParseError, match=reason):
        read(tmp_path, text)
