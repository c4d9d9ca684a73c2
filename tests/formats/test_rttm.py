from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from speechlabel.errors import ParseError
from speechlabel.formats import Bundle, Labelled, dump, load
from speechlabel.formats.contract import sample_export
from speechlabel.formats.rttm import write_rttm_spans
from speechlabel.records import Speaker
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
    turn, ignored = bundle.segments["a_b"]
    assert (turn.start_us, turn.end_us, turn.confidence, turn.channel) == (500_000, 1_500_000, 0.9, None)
    assert (ignored.kind, ignored.start_us, ignored.end_us) == ("ignore", 3_000_000, 4_500_000)
    [ann], [other_ann] = bundle.speakers["a_b"], bundle.speakers["other"]
    assert (ann.id, ann.name, ann.gender) == ("a_b-ann", "ann", "female")
    assert other_ann.id != ann.id
    assert next(iter(bundle.segments["other"])).channel == 1
    assert bundle.notes == (
        "x.rttm: line 6: a turn of no length was left out",
        "1 LEXEME lines were left out",
    )


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("SPEAKER a 1 0 1 <NA> <NA> x", "8 fields"),
        ("SPEKER a 1 0 1 <NA> <NA> x <NA> <NA>", "not an RTTM type"),
        ("SPEAKER a 0 0 1 <NA> <NA> x <NA> <NA>", "not a number from 1"),
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
