from pathlib import Path

import pytest

from speechlabel.errors import ParseError
from speechlabel.formats import Labelled, detect, dump, get, load

from .conftest import segment


def test_regions_are_read_and_written_back(tmp_path):
    bundle = load(Path(__file__).parent / "data/uem/full.uem")
    call = (Labelled(0, 0, 30_000_000), Labelled(1, 1_000_000, 29_500_000))
    meeting = (Labelled(None, 0, 60_250_000), Labelled(None, 75_500_000, 120_000_000))
    assert bundle.labelled == {"meeting-1": meeting, "call": call}
    assert {item.id: (item.channels, item.duration_us) for item in bundle.recordings} == {
        "meeting-1": (1, 120_000_000),
        "call": (2, 30_000_000),
    }
    dump(bundle, tmp_path / "out", "uem")
    assert (tmp_path / "out/segments.uem").read_text().split("\n") == [
        "call 1 0.000 30.000",
        "call 2 1.000 29.500",
        "meeting-1 1 0.000 60.250",
        "meeting-1 1 75.500 120.000",
        "",
    ]
    assert load(tmp_path / "out").labelled == bundle.labelled


def test_what_is_ignored_is_cut_out_and_every_segment_is_told(tmp_path, bundle_of):
    turns = [segment("a", 0, 1_000_000), segment("i", 2_000_000, 3_000_000, kind="ignore")]
    report = dump(bundle_of(*turns), tmp_path / "out", "uem")
    assert (tmp_path / "out/segments.uem").read_text() == "r 1 0.000 2.000\nr 1 3.000 10.000\n"
    assert report.segments == 2
    assert {loss.ids for loss in report.losses if loss.field == "segment"} == {("a",), ("i",)}


def test_one_beside_an_rttm_belongs_to_it(tmp_path):
    (tmp_path / "x.uem").write_text("a 1 0 5\n")
    assert detect(tmp_path / "x.uem") == detect(tmp_path) == "uem"
    (tmp_path / "x.rttm").write_text("SPEAKER a 1 0 1 <NA> <NA> x <NA> <NA>\n")
    assert detect(tmp_path) == "rttm"
    assert not get("uem").sniff(tmp_path / "x.uem")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("a 1 0", "3 fields"),
        ("a x 0 5", "channel"),
        ("a 1 0 x", "not a number"),
        ("a 1 5 5", "after its start"),
    ],
)
def test_faults_are_told_with_their_line(tmp_path, line, reason):
    (tmp_path / "x.uem").write_text(f";; c\na NA 0 5\n{line}\n")
    [fault] = get("uem").faults(tmp_path / "x.uem")
    assert (fault.file, fault.line) == ("x.uem", 3) and reason in fault.reason


def test_regions_that_cannot_be_are_mended_and_noted(tmp_path):
    (tmp_path / "x.uem").write_text("a 1 9 4\na 1 -1 2\na 1 -2 -1\nb 1 3 3\n")
    bundle = load(tmp_path / "x.uem")
    assert [tuple(span) for span in bundle.labelled["a"]] == [
        (None, 4_000_000, 9_000_000),
        (None, 0, 2_000_000),
    ]
    assert bundle.notes == (
        "x.uem: line 1: ends before it starts: turned round",
        "x.uem: line 2: starts before the recording: cut off at 0",
        "x.uem: line 3: lies before the recording: left out",
        "x.uem: line 4: has no length: given a millisecond",
    )
    (tmp_path / "x.uem").write_text("a 1 0\n")
    with pytest.raises(ParseError, match="3 fields"):
        load(tmp_path / "x.uem", "uem")
