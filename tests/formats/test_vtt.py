from pathlib import Path

import pytest

from speechlabel.errors import ParseError
from speechlabel.formats import dump, get, load
from speechlabel.records import Speaker, Word

from .conftest import segment

FULL = Path(__file__).parent / "data/vtt/full.vtt"


def read(tmp_path, text):
    (tmp_path / "x.vtt").write_bytes(text.encode())
    bundle = load(tmp_path / "x.vtt", "vtt")
    names = {speaker.id: speaker.name for speaker in bundle.speakers["x"]}
    found = [
        (item.start_us // 1000, item.end_us // 1000, names.get(item.speaker), item.text)
        for item in bundle.segments["x"]
    ]
    return found, bundle.notes


def test_the_example_is_read_for_what_it_means():
    bundle = load(FULL)
    names = {speaker.id: speaker.name for speaker in bundle.speakers["full"]}
    found = list(bundle.segments["full"])
    assert [(names.get(item.speaker), item.text) for item in found] == [
        ("Ann", 'hello & "there"'),
        ("Bob", "你好"),
        ("Ann", "世界"),
        (None, "well then bye"),
        (None, "déjà 漢"),
    ]
    assert found[0].id == "intro"
    assert found[0].custom["vtt"] == {
        "settings": "align:start position:0%",
        "text": '<v.loud Ann>hello &amp; <i>"there"</i>',
    }
    assert found[3].words == (
        Word(word="well", start_us=4_000_000, end_us=4_500_000),
        Word(word="then", start_us=4_500_000, end_us=5_000_000),
        Word(word="bye", start_us=5_000_000, end_us=5_500_000),
    )
    assert bundle.notes == (
        "full.vtt: line 6: a STYLE block was left out",
        "full.vtt: line 9: a REGION block was left out",
    )
    assert not list(get("vtt").faults(FULL))


def test_what_the_fields_do_not_hold_is_given_back(tmp_path):
    dump(load(FULL), tmp_path / "out", "vtt")
    written = (tmp_path / "out/full.vtt").read_text(encoding="utf-8")
    assert written.startswith("WEBVTT\n\nNOTE speechlabel.segment/1.0")
    for block in (
        "\nintro\n00:00:00.500 --> 00:00:02.250 align:start position:0%\n"
        '<v.loud Ann>hello &amp; <i>"there"</i>\n\n',
        "\nwell<00:00:04.500><c> then</c><00:00:05.000><c> bye</c>\n",
        "\n<v Bob>你好\n",
        "\n<lang fr>déjà</lang> <ruby>漢<rt>kan</rt></ruby>\n",
    ):
        assert block in written
    again = load(tmp_path / "out").segments["full"]
    assert [(item.text, item.words) for item in again] == [
        (item.text, item.words) for item in load(FULL).segments["full"]
    ]


def test_odd_files_are_read_as_browsers_do_or_more_patiently(tmp_path):
    found, notes = read(
        tmp_path,
        "\ufeffWEBVTT\r00:01.000 --> 00:02.000\rat\0once\r\r0:00:03,5 --> 0:00:04.000 line:0\rshort hours\r"
        "00:05.000 --> 00:06.000\rno blank line\r\rjust text\r\rid-1\rsoon --> later\rgone\r\r"
        "2\r61:00.000 --> 01:01:01.000\rwith --> inside\r\r"
        "NOTE\rnothing\r\r01:02:00.000 --> 01:01:59.000\r\r",
    )
    assert found == [
        (1000, 2000, None, "at\ufffdonce"),
        (3500, 4000, None, "short hours"),
        (5000, 6000, None, "no blank line"),
        (3_660_000, 3_661_000, None, "with --> inside"),
        (3_719_000, 3_720_000, None, ""),
    ]
    told = "\n".join(notes)
    for what in (
        "control characters",
        "another form",
        "just text",
        "soon --> later",
        "inside a text",
        "turned round",
    ):
        assert what in told, what


def test_a_cue_after_blanks_and_a_stray_number_is_read(tmp_path):
    """As Netflix wrote them: a line of blanks is no blank line, but a line of times begins a cue anywhere."""
    found, notes = read(
        tmp_path, "WEBVTT\n\nNOTE x\n\n     \n\n    \n1\n00:00:01.000 --> 00:00:02.000\none\n"
    )
    assert found == [(1000, 2000, None, "one")]
    assert notes == ()
    found, notes = read(tmp_path, "WEBVTT\n\nstray\nlines\n00:00:01.000 --> 00:00:02.000\none\n")
    assert found == [(1000, 2000, None, "one")]
    assert notes == ("x.vtt: line 3: text outside of any cue was left out: stray",)


def test_a_missing_signature_is_noted(tmp_path):
    found, notes = read(tmp_path, "00:01.000 --> 00:02.000\n<v Ann>hi</v> there\n")
    assert found == [(1000, 2000, "Ann", "hi"), (1000, 2000, None, "there")]
    assert notes == ("x.vtt: line 1: the first line is not WEBVTT",)
    with pytest.raises(ParseError, match="neither a WEBVTT line nor a cue"):
        read(tmp_path, "nothing\n")


def test_captions_that_roll_up_are_noted(tmp_path):
    found, notes = read(
        tmp_path,
        "WEBVTT\nKind: captions\n\n00:00.000 --> 00:02.000 align:start\n \nso<00:01.000><c> hello</c>\n\n"
        "00:02.000 --> 00:02.010\nso hello\n \n\n"
        "00:02.010 --> 00:04.000\nso hello\nand<00:03.000><c> bye</c>\n",
    )
    assert [text for *_, text in found] == ["so hello", "so hello", "so hello\nand bye"]
    assert notes == (
        "x.vtt: lines 8, 12: begins with the last line of the cue before, as captions that roll up do",
    )


def test_entities_and_tags_that_are_none(tmp_path):
    found, _ = read(
        tmp_path,
        "WEBVTT\n\n00:01.000 --> 00:02.000\n&lt;v&gt; &amp;lt; a&nbsp;b &what; <b>x</b></i> &#x41; 1 < 2\n\n"
        "00:02.000 --> 00:03.000\n<v   A &amp;  B >x<c.loud.red>y\n",
    )
    assert found[0][3] == "<v> &lt; a\u00a0b &what; x A 1 "  # as in a browser, "< 2" is a tag nobody knows
    assert found[1][2:] == ("A & B", "xy")


def test_voices_identifiers_and_escapes_are_written(tmp_path, bundle_of):
    turns = [
        segment("id-1", 0, 1_000_400, text="1 < 2 & --> <v Bob>\n\nnext", speaker="s"),
        segment("id-2", 1_000_000, 2_000_000, text="Note: one"),
        segment("id-3", 2_000_000, 3_000_000, text="Note: two"),
    ]
    bundle = bundle_of(*turns, speakers=[Speaker(id="s", name="A  & <B>")])
    report = dump(bundle, tmp_path / "out", "vtt")
    assert (tmp_path / "out/r.vtt").read_text().split("\n")[4:8] == [
        "id-1",
        "00:00:00.000 --> 00:00:01.000",
        "<v A &amp; &lt;B&gt;>1 &lt; 2 &amp; --&gt; &lt;v Bob&gt;",
        "next",
    ]
    again = load(tmp_path / "out")
    assert [item.id for item in again.segments["r"]] == ["id-1", "id-2", "id-3"]
    assert again.speakers["r"][0].name == "A & <B>"
    told = {(loss.field, loss.ids) for loss in report.losses}
    assert {("speaker.name", ("s",)), ("speaker", ("id-2", "id-3")), ("text", ("id-1",))} <= told
    dump(bundle, tmp_path / "bare", "vtt", speakers="none")
    assert "<v " not in (tmp_path / "bare/r.vtt").read_text()


def test_faults_are_what_browsers_drop(tmp_path):
    (tmp_path / "x.vtt").write_text(
        "WEBVTTX\n\n1\n0:00:01.000 --> 00:00:02.000\na\n\n00:03.000 --> 00:02.000\nb\n"
    )
    faults = [(fault.line, fault.reason[:12]) for fault in get("vtt").faults(tmp_path / "x.vtt")]
    assert sorted(faults) == [
        (1, "text outside"),
        (1, "the first li"),
        (4, "times in ano"),
        (7, "ends before "),
    ]


def test_an_inner_time_beyond_all_time_is_no_time(tmp_path):
    path = tmp_path / "a.vtt"
    path.write_text(f"WEBVTT\n\n00:01.000 --> 00:02.000\none <{'9' * 40}:00:01.500>two\n")
    [(_, [segment])] = load(path, "vtt").stream()
    assert (segment.text, segment.words) == ("one two", ())
