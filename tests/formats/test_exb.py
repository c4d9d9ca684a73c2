from itertools import pairwise
from pathlib import Path

import pytest

from speechlabel import formats
from speechlabel.errors import ParseError
from speechlabel.formats import dump, load
from speechlabel.records import Speaker, Word

from .conftest import segment

DATA = Path(__file__).parent / "data/exb"
FULL = DATA / "full.exb"


def labels(bundle, id):
    names = {speaker.id: speaker.name for speaker in bundle.speakers[id]}
    return [(s.start_us, s.end_us, s.text, names.get(s.speaker)) for s in next(bundle.stream())[1]]


def test_events_become_segments_and_points_without_a_time_lie_between():
    bundle = load(FULL)
    assert labels(bundle, "full") == [
        (0, 1_500_000, "So, das", "ANA"),
        (0, 5_250_000, "Musik", None),
        (1_500_000, 2_000_000, "ist", "ANA"),
        (2_000_000, 3_000_000, "对，对", "李明"),
        (2_500_000, 3_000_000, '"gut" <ja>.', "ANA"),
        (3_000_000, 4_250_000, "coughs", "李明"),
    ]
    found = {item.text: item for item in bundle.segments["full"]}
    assert found["So, das"].fields == {"en": "Well, this"} and found["对，对"].fields == {"nv": "nods"}
    assert found["ist"].custom["exb"]["below"] == [["en", "a", 1_500_000, 3_000_000, "is good, yes."]]
    assert (found["coughs"].kind, found["coughs"].tier, found["Musik"].kind) == (
        "nonspeech",
        "nv",
        "nonspeech",
    )
    assert bundle.recordings[0].path == (DATA / "ton/gespräch 1.wav").as_posix()
    ana = bundle.speakers["full"][0]
    assert (ana.gender, ana.language, ana.custom["exb"]) == (
        "female",
        "deu",
        {"Beruf": "Lehrerin", "comment": "laut"},
    )
    assert any("3 points without a time" in note and "1 at the end" in note for note in bundle.notes)


def test_all_of_it_goes_out_again(tmp_path):
    bundle = load(FULL)
    report = dump(bundle, tmp_path / "out", "exb")
    again = load(tmp_path / "out")
    assert labels(again, "full") == labels(bundle, "full")
    kept, wanted = ([item.custom for item in next(one.stream())[1]] for one in (again, bundle))
    assert kept == wanted
    assert [item.custom for item in again.speakers["full"]] == [
        item.custom for item in bundle.speakers["full"]
    ]
    assert again.recordings[0].metadata == bundle.recordings[0].metadata
    text = (tmp_path / "out/full.exb").read_text(encoding="utf-8")
    assert ">So, das </event>" in text and "<transcription-convention>HIAT</" in text and ">Köln</" in text
    assert not {loss.field for loss in report.losses} & {"text", "fields", "segment"}


def test_words_fields_and_voices_over_themselves_come_back(tmp_path, bundle_of):
    words = (Word(word="a", start_us=0, end_us=400_000), Word(word="b", start_us=400_000, end_us=1_000_000))
    turns = [
        segment("1", 0, 1_000_000, text="a b", speaker="s", words=words, fields={"word": "x", "note": "y"}),
        segment("2", 0, 1_000_000, text="c", speaker="s", note="n", fields={"word": "z"}),
        segment("3", 500_000, 1_500_001, text="d", kind="noise", noise_labels=("tap", "door")),
        segment("4", 2_000_000, 3_000_000, kind="event"),
    ]
    voices = [Speaker(id="s", name="segments"), Speaker(id="t", name="Li", gender="other", language="a b")]
    report = dump(bundle_of(*turns, speakers=voices), tmp_path / "out", "exb")
    assert "further tier" in report.warnings[0]
    assert {loss.field for loss in report.losses} >= {"speaker.gender", "speaker.language"}
    back = {item.text: item for item in load(tmp_path / "out").segments["r"]}
    assert back["a b"].words == words and back["a b"].fields == turns[0].fields
    assert (back["c"].note, back["c"].fields, back["c"].words) == ("n", {"word": "z"}, ())
    assert (back["d"].kind, back["d"].noise_labels, back["d"].end_us) == ("noise", ("tap", "door"), 1_500_001)
    assert back[None].kind == "event"


def exb(tmp_path, body, speakers='<speaker id="A"><abbreviation>X</abbreviation></speaker>'):
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<basic-transcription><head><meta-information>\n'
        '<referenced-file url="file:///C:/a%20b.wav"/></meta-information>\n'
        f"<speakertable>{speakers}</speakertable></head><basic-body>\n{body}</basic-body></basic-transcription>"
    )
    (tmp_path / "r.exb").write_text(text, encoding="utf-8")
    return load(tmp_path / "r.exb", "exb")


def timeline(*times):
    points = [
        f'<tli id="T{n}"/>' if time is None else f'<tli id="T{n}" time="{time}"/>'
        for n, time in enumerate(times)
    ]
    return f"<common-timeline>{''.join(points)}</common-timeline>"


@pytest.mark.parametrize(
    ("times", "wanted"),
    [
        ((None, None, 2), (0, 1_000_000, 2_000_000)),
        ((1, None, None, 4), (1_000_000, 2_000_000, 3_000_000, 4_000_000)),
        ((None, None), (0, 1_000_000)),
        ((1, None), (1_000_000, 2_000_000)),
        ((None, 3, None, 5), (0, 3_000_000, 4_000_000, 5_000_000)),
    ],
)
def test_points_without_a_time(tmp_path, times, wanted):
    events = "".join(f'<event start="T{n}" end="T{n + 1}">{n}</event>' for n in range(len(times) - 1))
    bundle = exb(tmp_path, f'{timeline(*times)}<tier category="v" type="t">{events}</tier>')
    found = [(item.start_us, item.end_us) for item in bundle.segments["r"]]
    assert found == list(pairwise(wanted))


def test_odd_files_are_read_and_told(tmp_path):
    twice = '<speaker id="A"/><speaker id="B"><abbreviation>A</abbreviation></speaker>'
    bundle = exb(
        tmp_path,
        timeline(-1, 1, 1, 2) + '<tier speaker="gone" type="t"><event start="T3" end="T0">x</event></tier>'
        '<tier speaker="B" category="v" type="t"><event start="T1" end="T2">y</event></tier>'
        '<tier speaker="A" category="v" type="t"><event start="T1" end="T3"/></tier>'
        '<tier speaker="A" category="w" type="a"><event start="T0" end="T1"/></tier>',
        twice,
    )
    assert labels(bundle, "r") == [
        (0, 2_000_000, "x", "gone"),
        (1_000_000, 1_000_000, "y", "A (B)"),
        (1_000_000, 2_000_000, None, "A"),
    ]
    told = "\n".join(bundle.notes)
    for reason in ("before 0", "swapped", "is not declared", "two speakers of that name"):
        assert reason in told
    assert bundle.recordings[0].path.endswith("/C:/a b.wav")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("<common-timeline><tli/></common-timeline>", "a point has no id"),
        (timeline("x"), "not a number"),
        (timeline(0) + '<tier type="t"><event start="T0"/></tier>', "no point None"),
    ],
)
def test_a_broken_file_is_refused(tmp_path, body, reason):
    with pytest.raises(ParseError, match=reason) as caught:
        exb(tmp_path, body)
    assert caught.value.data["line"] == 5


def test_what_exmaralda_would_refuse_is_a_fault(tmp_path):
    tier = '<tier speaker="A" type="x"><event start="T0" end="T2"/><event start="T1" end="T1"/></tier>'
    exb(tmp_path, timeline(0, 1, 2) + tier)
    told = [fault.reason for fault in formats.get("exb").faults(tmp_path / "r.exb")]
    assert [reason.split(",")[0] for reason in told] == [
        "meta-information has no project-name",
        "a tier needs a category",
        "an event does not end after it starts",
        "begins before another event of its tier ends",
    ]
    assert list(formats.get("exb").faults(FULL)) == []
    (tmp_path / "r.exb").write_text("<basic-transcription", encoding="utf-8")
    [fault] = formats.get("exb").faults(tmp_path / "r.exb")
    assert fault.line == 1


def test_elements_out_of_their_order_are_a_fault(tmp_path):
    text = FULL.read_text(encoding="utf-8").replace(
        "<comment></comment>\n<transcription-convention>HIAT</transcription-convention>",
        "<transcription-convention/><comment/>",
    )
    (tmp_path / "r.exb").write_text(text, encoding="utf-8")
    [fault] = formats.get("exb").faults(tmp_path)
    assert "not in their order" in fault.reason
