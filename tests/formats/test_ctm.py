from pathlib import Path

import pytest

from speechlabel.errors import ParseError
from speechlabel.formats import Bundle, dump, get, load
from speechlabel.records import Speaker, Word

from .conftest import recording, segment

FULL = Path(__file__).parent / "data/ctm/full.ctm"


def word(text, start, end, score=None):
    return Word(word=text, start_us=start, end_us=end, score=score)


def written(bundle, out, **options):
    report = dump(bundle, out, "ctm", overwrite=True, **options)
    return (out / "segments.ctm").read_text(encoding="utf-8").split("\n")[:-1], report


def read(tmp_path, text, **options):
    (tmp_path / "x.ctm").write_text(text, encoding="utf-8")
    return load(tmp_path / "x.ctm", "ctm", **options)


def test_the_example_is_read_for_what_it_means():
    bundle = load(FULL)
    call, other = bundle.recordings
    assert (call.id, call.channels, other.id, other.channels) == ("call", 2, "utt_2", 1)
    found = {(item.channel, item.start_us): item for item in bundle.segments["call"]}
    assert [(item.text, item.end_us) for _, item in sorted(found.items())] == [
        ("well i'm", 1_500_000),
        ("hello", 1_200_000),
        ("later", 4_250_000),
        ("uh-", 750_000),
    ]
    first = found[0, 500_000]
    assert first.words[0] == word("well", 500_000, 800_000, 0.95)
    others = [["i", 1_300_000, 1_400_000], ["am", 1_400_000, 1_500_000]]
    assert first.custom == {"ctm": {"alternatives": [{"at": 1, "words": ["i'm"], "others": [others]}]}}
    assert found[1, 250_000].custom == {"ctm": {"types": ["frag"]}}
    assert bundle.speakers["call"][0].name == "spk1"
    [last] = bundle.segments["utt_2"]
    assert (last.text, last.speaker, last.confidence) == ("你好", None, None)


def test_alternatives_and_types_are_given_back(tmp_path):
    lines, _ = written(load(FULL), tmp_path / "out")
    assert lines == [
        "call 1 0.500 0.300 well 0.95",
        "call 1 0.800 0.400 hello 0.9",
        "call 1 * * <ALT_BEGIN>",
        "call 1 1.300 0.200 i'm",
        "call 1 * * <ALT>",
        "call 1 1.300 0.100 i",
        "call 1 1.400 0.100 am",
        "call 1 * * <ALT_END>",
        "call 1 4.000 0.250 later",
        "call 2 0.250 0.500 uh- 0.5 frag",
        "utt_2 1 0.000 0.320 你好",
    ]
    turn, _, _ = load(tmp_path / "out").segments["call"]
    assert turn.text == "well hello i'm"
    assert turn.custom["ctm"]["alternatives"][0]["at"] == 2


def test_words_are_sorted_as_nist_wants_them_and_names_come_back(tmp_path):
    turns = {
        "b.1": [
            segment(
                "t2", 1_000_000, 2_000_000, channel=1, speaker="s", words=(word("c", 1_000_000, 1_200_000),)
            ),
            segment(
                "t1", 0, 2_000_000, channel=0, words=(word("b", 1_500_000, 1_600_000), word("a", 0, 100_000))
            ),
        ],
        "a": [segment("t3", 0, 1_000_000, words=(word("New {York} <ALT>", 0, 500_000, 0.5),))],
    }
    bundle = Bundle(
        recordings=(recording("b.1", channels=2), recording("a")),
        segments=turns,
        speakers={"b.1": (Speaker(id="s", name="李 明"),)},
    )
    lines, report = written(bundle, tmp_path / "out", variant="nemo")
    assert lines == [
        "a 1 0.000 0.500 New_[York]_(ALT) 0.5 lex NA",
        "b_1 1 0.000 0.100 a NA lex NA",
        "b_1 1 1.500 0.100 b NA lex NA",
        "b_1 2 1.000 0.200 c NA lex Li_Ming",
    ]
    assert {loss.ids for loss in report.losses if loss.field == "words"} == {("t3",)}
    again = load(tmp_path / "out")
    assert {item.id for item in again.recordings} == {"a", "b.1"}
    assert [speaker.name for speaker in again.speakers["b.1"]] == ["李 明"]


def test_without_word_times_only_on_request(tmp_path, bundle_of):
    bundle = bundle_of(segment("a", 1_000_000, 2_000_000, text="one two  three four"))
    lines, report = written(bundle, tmp_path / "out")
    assert not lines and report.segments == 0 and "divide=true" in report.warnings[0]
    assert ("segment", ("a",)) in {(loss.field, loss.ids) for loss in report.losses}
    lines, report = written(bundle, tmp_path / "out", divide="true")
    assert lines == [
        f"r 1 1.{n * 25:02}0 0.250 {text}" for n, text in enumerate(["one", "two", "three", "four"])
    ]
    assert not report.warnings


def test_silence_parts_segments_and_stars_are_no_times(tmp_path):
    text = "a NA 0 0.5 one\na NA * * two\na NA 1.0 0.5 three\na NA 2.6 0.5 four\n"
    one, other = read(tmp_path, text).segments["a"]
    assert one.words == (word("one", 0, 500_000), Word(word="two"), word("three", 1_000_000, 1_500_000))
    assert (other.text, other.channel) == ("four", None)
    assert len(list(read(tmp_path, text, silence=2000).segments["a"])) == 1
    assert "line 2: a word without times" in read(tmp_path, text).notes[0]


def test_groups_that_are_not_closed_are_noted(tmp_path):
    bundle = read(tmp_path, "a 1 0 1 x\na 1 * * <ALT>\na 1 0 1 y\na 1 * * <ALT_BEGIN>\na 1 1 1 z\n")
    assert [item.text for item in bundle.segments["a"]] == ["x z"]
    assert any("lines 2, 4: alternatives that are not opened or closed" in note for note in bundle.notes)
    assert any("alternatives to no word were left out" in note and "'y'" in note for note in bundle.notes)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("a 1 0.5 0.2", "5 to 8 fields"),
        (" a 1 0.5 0.2 x", "no blank before"),
        ("", "5 to 8 fields"),
        ("a.b 1 0.5 0.2 x", "the file may have only"),
        ("a C 0.5 0.2 x", "neither a number nor A or B"),
        ("a 1 .5 0.2 x", "the start is not a number"),
        ("a 1 0.5 -1 x", "the duration is not a number"),
        ("a 1 0.5 0.2 <ALT>", "the start is not *"),
        ("a 1 0.5 0.2 x NA", "the confidence"),
        ("a 1 0.5 0.2 x 1 word", "the type"),
        ("a 1 0.5 0.2 x 1 lex a.b", "the speaker may"),
        ("a 1 0.1 0.2 x", "not in order"),
    ],
)
def test_faults_are_told_with_their_line(tmp_path, line, reason):
    (tmp_path / "x.ctm").write_text(f";; c\na 1 0.4 0.2 x\n{line}\n")
    found = list(get("ctm").faults(tmp_path / "x.ctm"))
    assert {fault.line for fault in found} == {3}
    assert any(reason in fault.reason for fault in found), found
    assert bool(list(get("ctm", variant="nemo").faults(tmp_path / "x.ctm"))) == ("NA" not in line)


def test_channels_counted_from_0(tmp_path):
    (tmp_path / "x.ctm").write_text("a 0 0 1 one\na 1 5 1 two\nb 0 0 0 three\n")
    bundle = load(tmp_path / "x.ctm", "ctm")
    assert {item.id: item.channels for item in bundle.recordings} == {"a": 2, "b": 1}
    assert [(item.channel, item.text) for item in bundle.segments["a"]] == [(0, "one"), (1, "two")]
    assert [(item.channel, item.text) for item in bundle.segments["b"]] == [(None, "three")]
    assert bundle.notes[0].startswith("x.ctm: lines 1, 3: channel 0")


def test_a_line_that_is_none_is_refused(tmp_path):
    with pytest.raises(ParseError, match=r"x\.ctm:1: 9 fields"):
        read(tmp_path, "a 1 0 1 b 1 lex s more\n")


def test_control_characters_are_replaced_and_noted(tmp_path):
    bundle = read(tmp_path, "a 1 0 1 x\0y\n")
    assert next(iter(bundle.segments["a"])).text == "x\ufffdy"
    assert bundle.notes == ("x.ctm: line 1: control characters became U+FFFD",)
