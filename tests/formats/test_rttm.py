from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from speechlabel.errors import ExportError, ParseError
from speechlabel.formats import Bundle, Labelled, dump, get, load
from speechlabel.formats.contract import sample_export
from speechlabel.formats.scoring.rttm import write_rttm_spans
from speechlabel.records import Event, Speaker, Word
from speechlabel.segment.base import Span

from .conftest import recording, segment

FULL = Path(__file__).parent / "data/rttm/full"


def rows(path):
    lines = path.read_text(encoding="utf-8").split("\n")
    assert lines.pop() == ""
    return [line.split(" ") for line in lines]


@pytest.mark.parametrize("name", sorted(path.name for path in FULL.iterdir()))
def test_the_files_are_as_they_have_always_been(tmp_path, name):
    dump(sample_export(tmp_path), tmp_path / "out", "rttm")
    assert (tmp_path / "out" / name).read_bytes() == (FULL / name).read_bytes()


def test_names_become_one_word_each_and_the_map_tells_them(tmp_path, bundle_of):
    names = ["Li Wei", "Li_Wei", "speech", "<NA>", "a;b", "tab\there", "李 明"]
    voices = [Speaker(id=f"s{n}", name=name) for n, name in enumerate(names)]
    turns = [segment(f"t{n}", n * 10_000, n * 10_000 + 9_000, speaker=f"s{n}") for n in range(len(names))]
    report = dump(bundle_of(*turns, segment("x", 90_000, 99_000), speakers=voices), tmp_path / "out", "rttm")
    found = [row[7] for row in rows(tmp_path / "out/segments.rttm")]
    assert found == ["Li_Wei", "Li_Wei_2", "speech_2", "_NA_", "a_b", "tab_here", "李_明", "speech"]
    table = (tmp_path / "out/id_map.tsv").read_text().split("\n")
    assert table[1] == "r\ts0\tLi Wei\tLi_Wei"
    assert table[6] == "r\ts5\ttab\\there\ttab_here"
    [loss] = [loss for loss in report.losses if loss.field == "speaker.name"]
    assert loss.count == len(names)


def test_turns_of_one_speaker_that_overlap_are_joined_and_told(tmp_path, bundle_of):
    turns = [
        segment("a", 0, 1_000_000, speaker="s"),
        segment("b", 500_000, 800_000, speaker="s"),
        segment("c", 900_000, 2_000_000, speaker="s"),
        segment("d", 2_000_000, 3_000_000, speaker="s"),
        segment("e", 500_000, 800_000, speaker="other"),
    ]
    report = dump(bundle_of(*turns), tmp_path / "out", "rttm")
    times = [(row[7], row[3], row[4]) for row in rows(tmp_path / "out/segments.rttm")]
    assert times == [("s", "0.000", "2.000"), ("other", "0.500", "0.300"), ("s", "2.000", "1.000")]
    assert [loss.ids for loss in report.losses if loss.field == "segment"] == [("b", "c")]


def uem(bundle, out):
    dump(bundle, out, "rttm")
    return [" ".join(row) for row in rows(out / "segments.uem")]


def test_the_uem_tells_what_is_labelled(tmp_path, bundle_of):
    turn = segment("a", 0, 1_000_000)
    assert uem(bundle_of(turn), tmp_path / "whole") == ["r 1 0.000 10.000"]
    spans = {
        "r": (
            Labelled(None, 5_000_000, 7_000_000),
            Labelled(None, 0, 2_000_000),
            Labelled(None, 1_000_000, 3_000_000),
        )
    }
    assert uem(bundle_of(turn, labelled=spans), tmp_path / "part") == ["r 1 0.000 3.000", "r 1 5.000 7.000"]
    assert uem(bundle_of(turn, labelled={"r": ()}), tmp_path / "none") == []
    hole = segment("i", 2_500_000, 6_000_000, kind="ignore")
    assert uem(bundle_of(turn, hole, labelled=spans), tmp_path / "hole") == [
        "r 1 0.000 2.500",
        "r 1 6.000 7.000",
    ]


def test_the_uem_has_a_line_for_each_channel(tmp_path, bundle_of):
    turns = [segment("a", 0, 1_000_000, channel=0), segment("i", 0, 1_000_000, channel=1, kind="ignore")]
    spans = {"r": (Labelled(0, 0, 5_000_000), Labelled(1, 0, 6_000_000))}
    assert uem(bundle_of(*turns, channels=2, labelled=spans), tmp_path / "out") == [
        "r 1 0.000 5.000",
        "r 2 1.000 6.000",
    ]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(found=st.lists(st.tuples(st.integers(0, 9_999_999), st.integers(1, 3_000_000)), max_size=8))
def test_turns_never_pass_the_recording_nor_vanish(tmp_path, found):
    turns = [segment(f"t{n}", a, min(a + d, 10_000_000), speaker=f"s{n}") for n, (a, d) in enumerate(found)]
    bundle = Bundle(recordings=(recording(),), segments={"r": turns})
    dump(bundle, tmp_path / "out", "rttm", overwrite=True)
    written = rows(tmp_path / "out/segments.rttm")
    assert len(written) == len(turns)
    for row in written:
        start, length = float(row[3]), float(row[4])
        assert length >= 0.001 and start + length <= 10.0000001


def read(tmp_path, text, name="x.rttm"):
    (tmp_path / name).write_text(text, encoding="utf-8")
    return load(tmp_path / name, "rttm")


def test_public_files_are_read_for_what_they_mean(tmp_path):
    bundle = read(
        tmp_path,
        ";; made by hand\nSPKR-INFO my file 1 <NA> <NA> <NA> adult_female ann <NA>\n".replace(
            "my file", "a/b"
        )
        + "SPEAKER a/b 1 .5 1e0 <NA> <NA> ann 0.9\n"
        "LEXEME a/b 1 0.5 0.2 hello lex ann 0.5\n\n"
        "SPEAKER\ta/b\t1\t2\t0 <NA> <NA> ann <NA> <NA>\n"
        "NOSCORE a/b 1 3 1.5 <NA> <NA> <NA> <NA>\n"
        "SPEAKER other 2 0 1 <NA> <NA> ann <NA> <NA>\n",
    )
    one, other = bundle.recordings
    assert (one.id, one.name, one.duration_us, one.channels) == ("a_b", "a/b", 4_500_000, 1)
    assert (other.id, other.channels) == ("other", 2)
    turn, ignored = sorted(bundle.segments["a_b"], key=lambda item: item.start_us)
    assert (turn.start_us, turn.end_us, turn.confidence, turn.channel) == (500_000, 1_500_000, 0.9, None)
    assert (ignored.kind, ignored.start_us, ignored.end_us) == ("ignore", 3_000_000, 4_500_000)
    [ann], [other_ann] = bundle.speakers["a_b"], bundle.speakers["other"]
    assert (ann.id, ann.name, ann.gender) == ("a_b-ann", "ann", "female")
    assert other_ann.id != ann.id
    assert next(iter(bundle.segments["other"])).channel == 1
    assert bundle.notes == ("x.rttm: line 6: a turn of no length was left out",)
    assert turn.text == "hello"
    assert turn.words == (Word(word="hello", start_us=500_000, end_us=700_000, score=0.5),)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("SPEAKER a 1 0 1 <NA> <NA>", "7 fields"),
        ("SPEKER a 1 0 1 <NA> <NA> x <NA> <NA>", "not an RTTM type"),
        ("SPEAKER a x 0 1 <NA> <NA> x <NA> <NA>", "not a number from 1"),
        ("SPEAKER a 1 nan 1 <NA> <NA> x <NA> <NA>", "not a number of seconds"),
        ("SPEAKER a 1 1e99 1 <NA> <NA> x <NA> <NA>", "too large"),
        ("SPEAKER a 1 -1 1 <NA> <NA> x <NA> <NA>", "not a stretch"),
        ("SPEAKER a 1 0 1 <NA> <NA> " + "x" * 300 + " <NA> <NA>", "longer than 200"),
    ],
)
def test_a_broken_line_is_refused(tmp_path, line, reason):
    with pytest.raises(ParseError, match=reason) as caught:
        read(tmp_path, f";; fine\n{line}\n")
    assert caught.value.data["line"] == 2


def test_channels_counted_from_0_as_kaldi_writes_them(tmp_path):
    """``make_rttm.py`` writes channel 0 for all; where 0 and 1 are told, they are the first and second."""
    lines = ["SPEAKER a 0 0 1 <NA> <NA> x <NA> <NA>", "SPEAKER b 0 0 1 <NA> <NA> x <NA> <NA>"]
    lines += ["SPEAKER b 1 2 1 <NA> <NA> y <NA> <NA>", "SPEAKER c 1 0 1 <NA> <NA> x <NA> <NA>"]
    (tmp_path / "x.uem").write_text("b 0 0 5\nb 1 0 6\n")
    bundle = read(tmp_path, "\n".join(lines) + "\n")
    assert {item.id: item.channels for item in bundle.recordings} == {"a": 1, "b": 2, "c": 1}
    channels = {id: [item.channel for item in items] for id, items in bundle.segments.items()}
    assert channels == {"a": [None], "b": [0, 1], "c": [None]}
    assert bundle.labelled["b"] == (Labelled(0, 0, 5_000_000), Labelled(1, 0, 6_000_000))
    assert "lines 1, 2: channel 0" in bundle.notes[0]


def test_a_turn_without_its_last_fields_is_read_and_noted(tmp_path):
    bundle = read(tmp_path, "SPEAKER a 1 0 1 <NA> <NA> x\n")
    assert [item.speaker for item in bundle.segments["a"]] == ["a-x"]
    assert bundle.notes == ("x.rttm: line 1: 8 fields, but RTTM has 9 or 10: the last ones are missing",)


def test_a_uem_beside_is_read_and_refused_like_the_rest(tmp_path):
    (tmp_path / "x.uem").write_text(";; c\na NA 0 5\nb 1 0 9.5\n")
    bundle = read(tmp_path, "SPEAKER a 1 0 1 <NA> <NA> x <NA> <NA>\n")
    assert bundle.labelled == {"a": (Labelled(None, 0, 5_000_000),), "b": (Labelled(None, 0, 9_500_000),)}
    assert [item.id for item in bundle.recordings] == ["a", "b"]
    (tmp_path / "x.uem").write_text("a 1 5\n")
    with pytest.raises(ParseError, match=r"x\.uem:1: 3 fields"):
        load(tmp_path / "x.rttm")


def test_spans_without_a_project_are_written_as_speech(tmp_path):
    spans = {1: [Span(500_000, 1_500_000)], 0: [Span(0, 100), Span(2_000_400, 3_000_000)]}
    write_rttm_spans(spans, "my call", tmp_path / "new/x.rttm")
    assert (tmp_path / "new/x.rttm").read_text().split("\n") == [
        "SPEAKER my_call 1 0.000 0.001 <NA> <NA> speech <NA> <NA>",
        "SPEAKER my_call 2 0.500 1.000 <NA> <NA> speech <NA> <NA>",
        "SPEAKER my_call 1 2.000 1.000 <NA> <NA> speech <NA> <NA>",
        "",
    ]
    bundle = load(tmp_path / "new/x.rttm")
    assert bundle.speakers == {"my_call": ()}


def test_words_go_to_the_turn_of_their_speaker_wherever_they_stand(tmp_path):
    bundle = read(
        tmp_path,
        "LEXEME a 1 2.1 0.2 late lex x 0.25\n"
        "LEXEME a 1 0.1* 0.2 well fp x <NA>\n"
        "LEXEME a 1 0.4 0.2 hello lex x <NA>\n"
        "LEXEME a 1 0.4 0.2 other lex y <NA>\n"
        "LEXEME a 1 0.5 0.1 <NA> lex x <NA>\n"
        "NON-LEX a 1 0.7 0.1 <NA> laugh x <NA>\n"
        "NON-LEX a 1 9 0.5 <NA> cough y <NA>\n"
        "NON-SPEECH a 1 5 1 <NA> music <NA> <NA>\n"
        "SU a 1 0 1 <NA> statement x <NA>\n"
        "SPEAKER a 1 2 1 <NA> <NA> x <NA>\n"
        "SPEAKER a 1 0 1 <NA> <NA> x 0.5\n",
    )
    found = {item.start_us: item for _, items in bundle.stream() for item in items}
    first = found[0]
    assert (first.text, first.confidence) == ("well hello", 0.5)
    assert first.words[0] == Word(word="well", start_us=100_000, end_us=300_000)
    assert first.events == (Event(label="laugh", start_us=700_000, end_us=800_000),)
    assert first.custom == {"rttm": {"lexemes": ["fp", "lex"]}}
    assert [word.word for word in found[2_000_000].words] == ["late"]
    loose = found[400_000]
    assert (loose.text, loose.end_us, loose.kind) == ("other", 600_000, "speech")
    assert (found[9_000_000].kind, found[9_000_000].noise_labels) == ("event", ("cough",))
    assert found[5_000_000].kind == "music"
    assert bundle.notes == (
        "x.rttm: line 5: a word that nobody wrote down was left out",
        "x.rttm: line 4: words in no turn of their speaker became a segment",
        "1 SU lines were left out",
    )


def test_words_are_written_on_request_and_come_back(tmp_path, bundle_of):
    words = (
        Word(word="um", start_us=0, end_us=400_000),
        Word(word="New York", start_us=300_000, end_us=1_400_000, score=0.5),
        Word(word="untimed"),
    )
    turns = [
        segment(
            "a", 0, 1_000_000, speaker="s", words=words, custom={"rttm": {"lexemes": ["fp", "lex", "lex"]}}
        ),
        segment(
            "b",
            1_000_000,
            2_000_000,
            speaker="s",
            events=(Event(label="door", start_us=1_000_000, end_us=1_500_000),),
        ),
    ]
    report = dump(bundle_of(*turns), tmp_path / "out", "rttm", words=True)
    assert (tmp_path / "out/segments.rttm").read_text().split("\n") == [
        "SPEAKER r 1 0.000 1.000 <NA> <NA> s <NA> <NA>",
        "LEXEME r 1 0.000 0.400 um fp s <NA> <NA>",
        "LEXEME r 1 0.400 0.600 New_York lex s 0.5 <NA>",
        "SPEAKER r 1 1.000 1.000 <NA> <NA> s <NA> <NA>",
        "NON-LEX r 1 1.000 0.500 door other s <NA> <NA>",
        "",
    ]
    told = {(loss.field, loss.reason) for loss in report.losses}
    assert ("words", "without a time: left out") in told
    assert ("words", "not inside its turn, or overlapping another: moved there") in told
    one, two = load(tmp_path / "out").segments["r"]
    assert (one.text, two.events[0].label) == ("um New_York", "door")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("SPEAKER a 3 0 1 <NA> <NA> x <NA> <NA>", "channels 1 and 2"),
        ("SPEAKER a 1 0 1 word <NA> x <NA> <NA>", "SPEAKER has a word"),
        ("SPEAKER a 1 0 1 <NA> lex x <NA> <NA>", "no subtype"),
        ("SPEAKER a 1 0 1 <NA> <NA> x 1.5 <NA>", "between 0 and 1"),
        ("SPEAKER a 1 0 -1 <NA> <NA> x <NA> <NA>", "negative"),
        ("SPEAKER a 1 1e1 1 <NA> <NA> x <NA> <NA>", "not a number"),
        ("SPEAKER a 1 8.5 2 <NA> <NA> x <NA> <NA>", "overlaps another SPEAKER"),
        ("LEXEME a 1 8.5 2 no lex x <NA> <NA>", "no SPEAKER turn"),
        ("SU a 1 8 1 <NA> statement x <NA> <NA>", "holds no word"),
        ("NOSCORE a 1 7.5 1 <NA> <NA> <NA> <NA> <NA>", "NOSCORE"),
        ("SPKR-INFO a 1 0 <NA> <NA> child x <NA> <NA>", "start time"),
        ("IP a 1 0 1 <NA> edit x <NA> <NA>", "IP has a duration"),
        ("LEXEME a 1 8 0.5 abc alpha x <NA> <NA>", "no letter"),
        ("SPEAKER a 1 0 1", "5 fields"),
        ("SPOKE a 1 0 1 <NA> <NA> x <NA> <NA>", "not an RTTM type"),
    ],
)
def test_faults_are_told_with_their_line(tmp_path, line, reason):
    path = tmp_path / "x.rttm"
    path.write_text(f";; c\nSPEAKER a 1 8 1 <NA> <NA> x <NA> <NA>\n\n{line}\n")
    found = list(get("rttm").faults(path))
    assert found and all(fault.line in (2, 4) for fault in found)
    assert any(reason in fault.reason for fault in found), found


def test_more_than_two_channels_are_refused_unless_asked_for(tmp_path, bundle_of):
    bundle = bundle_of(segment("a", 0, 1_000_000, channel=2), channels=3)
    with pytest.raises(ExportError, match="channels=any"):
        dump(bundle, tmp_path / "out", "rttm")
    dump(bundle, tmp_path / "out", "rttm", channels="any")
    assert next(iter(load(tmp_path / "out").segments["r"])).channel == 2
