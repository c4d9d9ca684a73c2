import gc
from pathlib import Path

import pytest

from speechlabel.errors import ParseError
from speechlabel.formats import dump, get, load
from speechlabel.records import Speaker, Word

from .conftest import segment

DATA = Path(__file__).parent / "data/eaf"
FULL = DATA / "full.eaf"
HEAD = '<ANNOTATION_DOCUMENT DATE="2020-01-01T00:00:00Z" VERSION="2.7"><HEADER TIME_UNITS="{units}"/>\n'
UTT = '<LINGUISTIC_TYPE LINGUISTIC_TYPE_ID="u" TIME_ALIGNABLE="true"/>'


def found(bundle):
    [recording] = bundle.recordings
    names = {speaker.id: speaker.name for speaker in bundle.speakers[recording.id]}
    return {
        item.custom["eaf"]["id"]: (item, names.get(item.speaker)) for item in bundle.segments[recording.id]
    }


@pytest.fixture
def eaf(tmp_path):
    def make(body, units="milliseconds", encoding="utf-8", **options):
        path = tmp_path / "r.eaf"
        path.write_bytes((HEAD.replace("{units}", units) + body + "</ANNOTATION_DOCUMENT>").encode(encoding))
        return load(path, **options)

    return make


def slots(*times):
    made = (
        f'<TIME_SLOT TIME_SLOT_ID="t{n}"' + ("" if t is None else f' TIME_VALUE="{t}"') + "/>"
        for n, t in enumerate(times)
    )
    return f"<TIME_ORDER>{''.join(made)}</TIME_ORDER>\n"


def tier(id, *items, kind="u", more=""):
    made = (
        f'<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="{id}{n}" '
        f'TIME_SLOT_REF1="t{a}" TIME_SLOT_REF2="t{b}">'
        f"<ANNOTATION_VALUE>{text}</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>\n"
        for n, (a, b, text) in enumerate(items)
    )
    return f'<TIER TIER_ID="{id}" LINGUISTIC_TYPE_REF="{kind}" {more}>{"".join(made)}</TIER>\n'


def test_tiers_become_segments_fields_and_words():
    bundle = load(FULL)
    items = found(bundle)
    assert list(items) and set(items) == {"a1", "a2", "a3", "a4", "a5"}
    one, name = items["a1"]
    assert (name, one.text, one.language, one.tier) == ("Ana", "el niño & «yo»", "spa", None)
    assert (one.start_us, one.end_us) == (620_000, 1_520_000), "the sound begins 120 ms before"
    assert one.fields == {"free": "the child and «I»", "mood": "calm"}
    assert one.words == (
        Word(word="el", start_us=620_000, end_us=920_000),
        Word(word="niño", start_us=920_000, end_us=1_220_000),
        Word(word="yo", start_us=1_220_000, end_us=1_520_000),
    )
    below = one.custom["eaf"]["below"]
    assert [row[0] for row in below["gloss@A"]] == ["a20", "a21"] and below["gloss@A"][1][4] == "child"
    parts = items["a2"][0].custom["eaf"]["below"]["morph@A"]
    assert [row[2:] for row in parts] == [[2_120_000, 2_620_000, "s-"], [2_620_000, 3_120_000, "-í"]]
    assert items["a3"][0].text is None
    assert items["a4"][1] == "Bo" and items["a4"][0].text == "你好\n世界"
    assert (items["a5"][0].tier, items["a5"][1]) == ("gesture@A", "Ana")


def test_the_sound_is_named_and_the_file_kept():
    bundle = load(FULL)
    assert bundle.recordings[0].path == (DATA / "../audio/一.wav").as_posix()
    assert bundle.sources == {"full": FULL}
    assert any("2 untimed slots" in note for note in bundle.notes)
    assert any("120 ms" in note for note in bundle.notes) and any(
        "several media" in note for note in bundle.notes
    )


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("file:///C:/a%20b/x.wav", "C:/a b/x.wav"),
        ("file:///home/x.wav", "/home/x.wav"),
        (r"D:\x\y.wav", "D:/x/y.wav"),
        ("file://[", ""),
        ("", ""),
    ],
)
def test_media_urls(tmp_path, url, path):
    header = f'<HEADER><MEDIA_DESCRIPTOR MEDIA_URL="{url}" MIME_TYPE="audio/x-wav"/></HEADER>'
    text = (
        "<ANNOTATION_DOCUMENT>"
        + header
        + slots(0, 9)
        + tier("A", (0, 1, "x"))
        + UTT
        + "</ANNOTATION_DOCUMENT>"
    )
    (tmp_path / "r.eaf").write_text(text)
    assert load(tmp_path / "r.eaf").recordings[0].path == path


def test_untimed_slots_lie_evenly_in_their_chain_whatever_stands_between(eaf):
    body = (
        slots(0, None, 100, None, 3000)
        + tier("A", (0, 1, "a"), (1, 3, "b"), (3, 4, "c"))
        + tier("B", (0, 2, "x"))
        + UTT
    )
    items = found(eaf(body))
    assert [(items[f"A{n}"][0].start_us, items[f"A{n}"][0].end_us) for n in range(3)] == [
        (0, 1_000_000),
        (1_000_000, 2_000_000),
        (2_000_000, 3_000_000),
    ]


def test_odd_times_and_units_are_told(eaf):
    bundle = eaf(slots(50, 25, 75) + tier("A", (0, 1, "back"), (2, 2, "none")) + UTT, units="PAL-frames")
    items = found(bundle)
    assert (items["A0"][0].start_us, items["A0"][0].end_us) == (1_000_000, 2_000_000)
    assert (items["A1"][0].kind, items["A1"][0].start_us) == ("event", 3_000_000)
    told = "\n".join(bundle.notes)
    assert "PAL-frames" in told and "turned round" in told and "no length" in told


def test_what_a_file_lacks_is_told_and_it_is_read(eaf):
    bundle = eaf(slots(0, 10) + tier("A", (0, 1, "x"), kind="gone"))
    assert found(bundle)["A0"][0].text == "x" and "'gone', which is not there" in bundle.notes[0]
    assert [fault.reason for fault in get("eaf").faults(bundle.sources["r"])] == [
        "there is no linguistic type 'gone'"
    ]


def test_a_tier_of_several_kinds(eaf):
    mixed = tier("A", (0, 1, "x")).replace(
        "</TIER>",
        '<ANNOTATION><REF_ANNOTATION ANNOTATION_ID="r1" ANNOTATION_REF="A0">'
        "<ANNOTATION_VALUE>y</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION></TIER>",
    )
    bundle = eaf(slots(0, 10) + mixed + UTT)
    assert list(found(bundle)) == ["A0"] and any("with and without times" in note for note in bundle.notes)


@pytest.mark.parametrize(
    ("body", "line", "reason"),
    [
        (slots(0, 1) + tier("A", (0, 7, "x")), 3, "time slot 't7', which is not there"),
        (slots("x"), 2, "TIME_VALUE 'x'"),
        (slots(0, 1) + tier("A", (0, 1, "x")) + tier("A"), 5, "two tiers 'A'"),
        (slots(0, 1) + tier("A", (0, 1, "x"), more='PARENT_REF="Z"'), 3, "tier 'Z', which is not there"),
        (slots(0, 1) + tier("A", more='PARENT_REF="A"'), 3, "depends on itself"),
        (slots(0, 1) + "<TIER LINGUISTIC_TYPE_REF='u'/>", 3, "TIER has no TIER_ID"),
        ("&nbsp;", 2, "not well-formed"),
        ("<x>" * 200, 2, "deeper than 100"),
    ],
)
def test_a_broken_file_is_refused_with_its_line(eaf, body, line, reason):
    with pytest.raises(ParseError, match=reason) as caught:
        eaf(body, format="eaf")
    assert caught.value.data["line"] == line


def test_annotations_that_refer_in_a_circle_are_refused(eaf):
    def refer(id, to):
        return (
            f'<ANNOTATION><REF_ANNOTATION ANNOTATION_ID="{id}" ANNOTATION_REF="{to}">'
            "<ANNOTATION_VALUE>x</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION>\n"
        )

    with pytest.raises(ParseError, match="refers to itself"):
        eaf(
            f'<TIER TIER_ID="A" LINGUISTIC_TYPE_REF="u">{refer("a", "b")}{refer("b", "a")}</TIER>',
            format="eaf",
        )


def test_entities_cost_nothing_and_are_refused(tmp_path):
    lines = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">\n' for n in range(1, 30))
    bomb = f'<?xml version="1.0"?>\n<!DOCTYPE x [\n<!ENTITY l0 "lol">\n{lines}]>\n'
    bomb += "<ANNOTATION_DOCUMENT>&l29;</ANNOTATION_DOCUMENT>"
    outside = '<!DOCTYPE x [\n<!ENTITY p SYSTEM "file:///etc/passwd">]>\n<ANNOTATION_DOCUMENT>&p;</ANNOTATION_DOCUMENT>'
    unknown = (
        '<!DOCTYPE x SYSTEM "http://localhost:9/none.dtd">\n<ANNOTATION_DOCUMENT>&who;</ANNOTATION_DOCUMENT>'
    )
    for text, line in ((bomb, 3), (outside, 2), (unknown, 2)):
        (tmp_path / "r.eaf").write_text(text)
        with pytest.raises(ParseError, match="entity") as caught:
            load(tmp_path / "r.eaf", "eaf")
        assert caught.value.data["line"] == line


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_marks_tell_the_encoding(eaf, encoding):
    items = found(eaf(slots(0, 10) + tier("A", (0, 1, "é你")) + UTT, encoding=encoding))
    assert items["A0"][0].text == "é你"


def test_declared_encodings_are_used_and_false_ones_told(tmp_path):
    body = (
        HEAD.replace("{units}", "milliseconds")
        + slots(0, 10)
        + tier("A", (0, 1, "Łódź"))
        + UTT
        + "</ANNOTATION_DOCUMENT>"
    )
    for declared, real in (("windows-1250", "cp1250"), ("UTF-8", "cp1250"), ("no-such", "utf-8")):
        (tmp_path / "r.eaf").write_bytes(f'<?xml version="1.0" encoding="{declared}"?>{body}'.encode(real))
        bundle = load(tmp_path / "r.eaf")
        assert found(bundle)["A0"][0].text == "Łódź"
        assert any("as it says" in note for note in bundle.notes) == (declared != "windows-1250")


def test_overlaps_and_twins_are_written_apart(tmp_path, bundle_of):
    voices = [Speaker(id="a", name="Li"), Speaker(id="b", name="Li"), Speaker(id="c", name="segments")]
    turns = [
        segment(
            "1",
            0,
            2_000_000,
            text="x",
            speaker="a",
            fields={"words": "w", "gloss@x": "g"},
            noise_labels=("a;b",),
        ),
        segment("2", 1_000_000, 3_000_000, text="y", speaker="a"),
        segment("3", 0, 1_000_000, text="z", speaker="b"),
        segment("4", 0, 1_000_000, text="s", speaker="c"),
        segment("5", 0, 400, text="short"),
    ]
    report = dump(bundle_of(*turns, speakers=voices), tmp_path / "out", "eaf")
    after = {item.text: (item, name) for item, name in found(load(tmp_path / "out")).values()}
    assert [after[text][1] for text in "xyzs"] == ["Li", "Li", "Li_", "segments"] and after["short"][
        1
    ] is None
    assert after["x"][0].fields == {"words": "w", "gloss@x": "g"}
    assert (after["short"][0].start_us, after["short"][0].end_us) == (0, 1000)
    assert {loss.field for loss in report.losses} >= {"speaker.name", "noise_labels", "times"}


def test_unused_objects_are_searched_for_again_after_a_file_that_is_none(tmp_path):
    (tmp_path / "x.eaf").write_text("<ANNOTATION_DOCUMENT>")
    assert gc.isenabled()
    with pytest.raises(ParseError):
        load(tmp_path / "x.eaf", "eaf")
    assert gc.isenabled()
    assert list(get("eaf").faults(tmp_path / "x.eaf"))
    assert gc.isenabled()
