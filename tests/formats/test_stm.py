from pathlib import Path

import pytest

from speechlabel.formats import dump, get, load
from speechlabel.records import Speaker

from .conftest import segment

FULL = Path(__file__).parent / "data/stm/full.stm"


def written(bundle, out, **options):
    report = dump(bundle, out, "stm", overwrite=True, **options)
    return (out / "segments.stm").read_text(encoding="utf-8").split("\n")[:-1], report


def read(tmp_path, text, codec="utf-8", **options):
    (tmp_path / "x.stm").write_bytes(text.encode(codec))
    return load(tmp_path / "x.stm", "stm", **options)


def test_the_example_is_read_for_what_it_means():
    bundle = load(FULL)
    found = list(bundle.segments["talk"])
    assert [(item.kind, item.text) for item in found] == [
        ("speech", "hello { there / you } (uh) world"),
        ("speech", "<unk> 你好 世界"),
        ("speech", ""),
        ("ignore", None),
    ]
    assert found[0].custom == {"stm": {"label": "<O,F>"}}
    ann, bob = bundle.speakers["talk"]
    assert (ann.name, ann.gender, bob.name, bob.gender) == ("ann", "female", "bob", None)
    assert found[3].speaker is None
    assert bundle.notes == (
        "full.stm: line 5: a gap between segments was left out",
        "full.stm: line 6: begins with a word in <>, which sclite would take for a label",
    )


def test_labels_are_written_on_request(tmp_path):
    plain, report = written(load(FULL), tmp_path / "out")
    assert plain == [
        "talk 1 ann 0.000 2.500 hello { there / you } (uh) world",
        "talk 1 bob 3.000 4.250 <unk> 你好 世界",
        "talk 1 ann 4.250 5.000",
        "talk 1 speech 5.000 6.000 IGNORE_TIME_SEGMENT_IN_SCORING",
    ]
    assert "1 texts begin with <" in report.warnings[0]
    tagged, _ = written(load(FULL), tmp_path / "out", labels=True)
    assert tagged[:2] == [';; CATEGORY "0" "" ""', ';; LABEL "O" "Overall" "Overall"']
    assert tagged[5:8] == [
        "talk 1 ann 0.000 2.500 <O,F> hello { there / you } (uh) world",
        "talk 1 bob 3.000 4.250 <O> <unk> 你好 世界",
        "talk 1 ann 4.250 5.000 <O,F>",
    ]
    again = load(tmp_path / "out")
    assert [item.text for item in again.segments["talk"]] == [
        item.text for item in load(FULL).segments["talk"]
    ]


def test_what_scorers_would_act_on_is_replaced_and_told(tmp_path, bundle_of):
    texts = [
        "say ;; this",
        "{ a",
        "ok { a / b }",
        "x{y}",
        "ignore_time_segment_in_scoring",
        "a\tb\nc",
        "<O,F> x",
    ]
    turns = [
        segment(f"t{n}", n * 1_000_000, n * 1_000_000 + 900_000, text=text, speaker="s")
        for n, text in enumerate(texts)
    ]
    nothing = segment("n", 8_000_000, 9_000_000, speaker="s")
    bundle = bundle_of(*turns, nothing, speakers=[Speaker(id="s", name="inter segment gap")])
    lines, report = written(bundle, tmp_path / "out")
    assert [line.split(" ", 5)[5] for line in lines] == [
        *("say ; this", "[ a", "ok { a / b }", "x[y]", "ignore time segment in scoring", "a b c", "<O,F> x"),
        "IGNORE_TIME_SEGMENT_IN_SCORING",
    ]
    assert lines[0].split(" ")[2] == "inter_segment_gap_2"
    told = {id for loss in report.losses if loss.field == "text" for id in loss.ids}
    assert told == {"t0", "t1", "t3", "t4", "t5", "t6", "n"}
    assert load(tmp_path / "out").speakers["r"][0].name == "inter segment gap"


@pytest.mark.parametrize("encoding", ["gb18030", "gbk"])
def test_chinese_is_read_as_it_was_written(tmp_path, encoding):
    text = "今天天气很好，我们去公园吧"
    bundle = read(tmp_path, f"a A x 0 2 {text}\r\na B y 2 4 {text}\r\n", encoding)
    assert [item.text for item in bundle.segments["a"]] == [text, text]
    assert [item.channel for item in bundle.segments["a"]] == [0, 1]
    assert "GB18030" in bundle.notes[0]


def test_an_encoding_can_be_named(tmp_path):
    bundle = read(tmp_path, "a 1 x 0 2 déjà vu\n", "iso8859_1", encoding="iso8859_1")
    assert next(iter(bundle.segments["a"])).text == "déjà vu"
    assert not bundle.notes


def test_times_that_cannot_be_are_mended_and_noted(tmp_path):
    bundle = read(tmp_path, "a 1 x 2 1 back\na 1 x -1 1 early\na 1 x 3 3 point\na 1 x 4 5 said ;; not said\n")
    assert [(item.start_us, item.end_us, item.text) for item in bundle.segments["a"]] == [
        (1_000_000, 2_000_000, "back"),
        (0, 1_000_000, "early"),
        (3_000_000, 3_001_000, "point"),
        (4_000_000, 5_000_000, "said"),
    ]
    assert len(bundle.notes) == 4


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("a 1 x 5", "4 fields"),
        ("a 1 x five 6 w", "not numbers"),
        ("a 1 x 6 5 w", "ends before it starts"),
        ("a 1 x 1 2 w", "not in order"),
        ("a 1 x 5 6 a{b", "brace"),
        ("a 1 x 5 6 } a {", "brace"),
        ("a 1 x -5 6 w", "numbers from 0"),
    ],
)
def test_faults_are_told_with_their_line(tmp_path, line, reason):
    (tmp_path / "x.stm").write_text(f";; c\na 1 x 4 5 w ;; {{\n{line}\n")
    [fault] = get("stm").faults(tmp_path / "x.stm")
    assert fault.line == 3 and reason in fault.reason
