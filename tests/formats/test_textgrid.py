from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from speechlabel.errors import ParseError
from speechlabel.formats import Bundle, dump, get, load
from speechlabel.formats.contract import sample_export
from speechlabel.records import Speaker, Word

from .conftest import recording, segment

FULL = Path(__file__).parent / "data/textgrid/full"
HEAD = '"ooTextFile"\n"TextGrid"\n0 10 <exists>\n'
TEXTS = st.text(st.characters(exclude_categories=("Cc", "Cs", "Cn")), min_size=1, max_size=9).filter(
    str.strip
)


@pytest.mark.parametrize("name", sorted(path.name for path in FULL.iterdir()))
def test_the_files_are_as_they_have_always_been(tmp_path, name):
    dump(sample_export(tmp_path), tmp_path / "out", "textgrid")
    assert (tmp_path / "out" / name).read_bytes() == (FULL / name).read_bytes()


def labels(bundle, id="r"):
    names = {speaker.id: speaker.name for speaker in bundle.speakers[id]}
    found = [(s.start_us, s.end_us, s.text, names.get(s.speaker)) for s in bundle.segments[id]]
    return sorted(found, key=str)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    found=st.lists(
        st.tuples(st.integers(0, 9_999_999), st.integers(1, 10**7), TEXTS, st.sampled_from("xyz")), max_size=9
    ),
    encoding=st.sampled_from(["utf-8", "utf-16"]),
)
def test_overlaps_quotes_and_all_come_back(tmp_path, found, encoding):
    turns = [
        segment(
            f"t{n}", start, min(start + length, 10_000_000), text=text, speaker=None if who == "z" else who
        )
        for n, (start, length, text, who) in enumerate(found)
    ]
    voices = (Speaker(id="x", name="Li Wei"), Speaker(id="y", name='O"Hara\n2'))
    bundle = Bundle(recordings=(recording(),), segments={"r": turns}, speakers={"r": voices})
    dump(bundle, tmp_path / "out", "textgrid", encoding=encoding, overwrite=True)
    assert labels(load(tmp_path / "out")) == labels(bundle)


def test_overlaps_of_one_speaker_go_to_a_second_tier(tmp_path, bundle_of):
    turns = [
        segment("a", 0, 3_000_000, text="a", speaker="s"),
        segment("b", 1_000_000, 2_000_000, text="b", speaker="s"),
        segment("c", 2_000_000, 4_000_000, text="c", speaker="s"),
        segment("d", 3_000_000, 4_000_000, text="d", speaker="s"),
    ]
    dump(bundle_of(*turns, speakers=[Speaker(id="s", name="Li")]), tmp_path / "out", "textgrid")
    text = (tmp_path / "out/r.TextGrid").read_text()
    assert [line.split('"')[1] for line in text.split("\n") if "name =" in line] == ["Li", "Li (2)"]
    assert {speaker.name for speaker in load(tmp_path / "out").speakers["r"]} == {"Li"}


def test_names_that_would_read_as_another_are_changed_and_told(tmp_path, bundle_of):
    names = ["Li", "Li (2)", "Li", "segments", "events", "words", "Solo (2)"]
    voices = [Speaker(id=f"s{n}", name=name) for n, name in enumerate(names)]
    turns = [segment(f"t{n}", 0, 9_000, text="x", speaker=f"s{n}") for n in range(len(names))]
    report = dump(bundle_of(*turns, speakers=voices), tmp_path / "out", "textgrid")
    after = load(tmp_path / "out")
    found = [speaker.name for speaker in after.speakers["r"]]
    assert found == ["Li", "Li (2)_", "Li_", "segments_", "events_", "words_", "Solo (2)"]
    [loss] = [loss for loss in report.losses if loss.field == "speaker.name"]
    assert loss.ids == ("s1", "s2", "s3", "s4", "s5")


def grid(tmp_path, body, name="r.TextGrid", encoding="utf-8"):
    (tmp_path / name).write_bytes((HEAD + body).encode(encoding))
    return load(tmp_path / name)


def test_the_short_form_and_decoration_are_one_grammar(tmp_path):
    tier = '"IntervalTier" "A ""x""" 0 10 2  0 1.5e0 "one" 15% 10 ""\n'
    decorated = (
        HEAD
        + '! a comment with "quotes" 7\nsize = 1 item []:\n'
        + tier.replace(" 0 10 2", " xmin= 0 xmax 10 intervals: size = 2")
    )
    short = labels(grid(tmp_path, "1\n" + tier.replace("15%", "1.5")))
    (tmp_path / "long.TextGrid").write_text(decorated.replace("15%", "1.5"))
    assert labels(load(tmp_path / "long.TextGrid"), "long") == short == [(0, 1_500_000, "one", 'A "x"')]


@pytest.mark.parametrize("bom", ["utf-8-sig", "utf-16"])
def test_byte_order_marks_and_line_ends(tmp_path, bom):
    body = HEAD + '1 "IntervalTier" "A" 0 10 1 0 10 "über\r\n你好"'
    (tmp_path / "r.TextGrid").write_bytes(body.replace("\n0 10", "\r\n0 10").encode(bom))
    assert labels(load(tmp_path / "r.TextGrid")) == [(0, 10_000_000, "über\n你好", "A")]


def test_latin_1_is_read_with_a_note(tmp_path):
    bundle = grid(tmp_path, '1 "IntervalTier" "A" 0 10 1 0 10 "über"', encoding="latin-1")
    assert labels(bundle) == [(0, 10_000_000, "über", "A")]
    assert bundle.notes == ("r.TextGrid: is not UTF-8; read as Latin-1",)


def test_faults_of_public_files_are_repaired_and_noted(tmp_path):
    bundle = grid(
        tmp_path,
        '3\n"IntervalTier" "A" 0 10 5\n0 1 "one"\n0.9995 2 "two"\n1.5 3 "three"\n3 3 "zero"\n3 12 "late"\n'
        '"IntervalTier" "A - words" 0 10 1 0 1 "one"\n"TextTier" "clicks" 0 10 2 1 "" 2 "click"\n',
    )
    found = {s.text: s for s in bundle.segments["r"] if s.tier is None}
    assert (found["two"].start_us, found["three"].start_us) == (1_000_000, 1_500_000)
    assert (found["zero"].kind, found["zero"].start_us) == ("event", 3_000_000)
    assert bundle.recordings[0].duration_us == 12_000_000
    assert [word.word for word in found["one"].words] == ["one"]
    assert [(s.tier, s.text, s.speaker) for s in bundle.segments["r"] if s.tier] == [
        ("clicks", "click", None)
    ]
    assert [note.split(": ", 1)[1] for note in bundle.notes] == [
        "line 7: an overlap of 500 µs was taken off",
        "line 8: overlaps the interval before it",
        "line 9: an interval of no length became an event",
    ]


def test_tiers_may_be_kept_as_tiers(tmp_path):
    grid(tmp_path, '1 "IntervalTier" "syllable" 0 10 1 0 1 "ba"')
    [one] = load(tmp_path / "r.TextGrid", tiers="tiers").segments["r"]
    assert (one.tier, one.speaker) == ("syllable", None)


@pytest.mark.parametrize(
    ("body", "line", "reason"),
    [
        ('1\n"IntervalTier" "A" 0 10 999999999\n0 1 "x"', 6, "the file ends where xmin"),
        ('1\n"IntervalTier" "A" 0 10 1\n0 1 "x', 6, "quotes of this text"),
        ('1\n"IntervalTier" "A" 0 10 1\n-1 1 "x"', 6, "a time before 0"),
        ('1\n"IntervalTier" "A" 0 10 1\n0 1e99 "x"', 6, "too large"),
        ('1\n"IntervalTier" "A" 0 10 1\n0 "x"', 6, "xmax of an interval should be a number"),
        ('1\n"IntervalTier" "A" 0 10 1\n0 1 "a\x07b"', 6, "control character"),
        ('1\n"IntervalTier" "A" 0 10 -1\n', 5, "is not a count"),
        ('1\n"PitchTier" "A" 0 10 0\n', 5, "not a class of tier"),
    ],
)
def test_a_broken_grid_is_refused_with_its_line(tmp_path, body, line, reason):
    with pytest.raises(ParseError, match=reason) as caught:
        grid(tmp_path, body)
    assert caught.value.data["line"] == line


def test_other_objects_of_praat_are_not_claimed(tmp_path):
    for text in (
        'File type = "ooTextFile"\nObject class = "PitchTier"\n',
        "ooBinaryFile\x09PitchTier",
        '"TextGrid"',
    ):
        (tmp_path / "x.TextGrid").write_text(text)
        assert not get("textgrid").sniff(tmp_path / "x.TextGrid")


ANNA = '"IntervalTier" "Anna" 0 10 3 0 1 "" 1 3 "hello there" 3 10 ""\n'
BO = '"IntervalTier" " Bo" 0 10 2 0 2 "" 2 4 "well"\n'


def cells(name, *labels):
    return f'"IntervalTier" "{name}" 0 10 {len(labels)} ' + " ".join(f'{a} {b} "{t}"' for a, b, t in labels)


@pytest.mark.parametrize("name", ["Anna - words", "word - Anna", "Anna - Word"])
def test_words_of_a_speaker_go_into_the_segments_of_that_speaker(tmp_path, name):
    words = cells(name, (1, 2, "hello"), (2, 2.5, " there "), (2.5, 3, ""), (5, 6, "stray"))
    phones = cells("Anna - phones", (1, 1.2, "h"), (5, 6, "x"))
    bundle = grid(tmp_path, "4\n" + ANNA + BO + words + "\n" + phones)
    found = {item.text: item for item in bundle.segments["r"]}
    said = [(word.word, word.start_us, word.end_us) for word in found["hello there"].words]
    assert said == [("hello", 1_000_000, 2_000_000), ("there", 2_000_000, 2_500_000)]
    assert found["well"].words == ()
    assert (found["stray"].tier, found["stray"].speaker) == (name, "r-Anna")
    assert (found["h"].tier, found["h"].parent_id) == ("Anna - phones", found["hello there"].id)
    assert (found["x"].tier, found["x"].parent_id) == ("Anna - phones", None)
    assert {speaker.name for speaker in bundle.speakers["r"]} == {"Anna", "Bo"}
    assert any("1 words lie in no utterance" in note for note in bundle.notes)


def test_words_without_a_name_go_to_the_one_segment_that_holds_them(tmp_path):
    words = cells("words", (1, 2, "hello"), (2, 2.5, "both"), (3.2, 3.6, "well"))
    bundle = grid(tmp_path, "3\n" + ANNA + BO + words)
    found = {item.text: item for item in bundle.segments["r"]}
    assert [word.word for word in found["hello there"].words] == ["hello"]
    assert [word.word for word in found["well"].words] == ["well"]
    assert found["both"].tier == "words", "two speak there, and nothing tells whose word it is"


def test_an_aligned_file_without_utterances_keeps_its_tiers(tmp_path):
    body = "2\n" + cells("Anna - words", (1, 2, "hello")) + "\n" + cells("Anna - phones", (1, 1.5, "h"))
    bundle = grid(tmp_path, body)
    assert [(item.tier, item.text, item.speaker) for item in bundle.segments["r"]] == [
        ("Anna - words", "hello", "r-Anna"),
        ("Anna - phones", "h", "r-Anna"),
    ]
    dump(bundle, tmp_path / "out", "textgrid")
    again = {(item.tier, item.text) for item in load(tmp_path / "out").segments["r"]}
    assert again == {("Anna - words", "hello"), ("Anna - phones", "h")}


def test_tiers_of_one_name_are_one_speaker(tmp_path):
    bundle = grid(tmp_path, "3\n" + ANNA + ANNA.replace("hello there", "and more") + cells("Empty"))
    assert labels(bundle) == [(1_000_000, 3_000_000, text, "Anna") for text in ("and more", "hello there")]
    assert [item.custom["textgrid"] for item in bundle.segments["r"]] == [
        {"tier": 0, "item": 1},
        {"tier": 1, "item": 1},
    ]


def test_words_are_written_beside_the_tier_they_are_of(tmp_path, bundle_of):
    def turn(id, start, end, *words):
        made = tuple(Word(word=text, start_us=a, end_us=b) for text, a, b in words)
        return segment(id, start, end, text=id, speaker="s", words=made)

    turns = [
        turn("a", 0, 3_000_000, ("one", 0, 1_000_000), ("two", 1_000_000, 3_000_000)),
        turn("b", 1_000_000, 4_000_000, ("three", 1_500_000, 2_000_000)),
        turn("c", 5_000_000, 6_000_000, ("out", 6_500_000, 7_000_000), ("bare", None, None)),
    ]
    bundle = bundle_of(*turns, speakers=[Speaker(id="s", name="Li")])
    report = dump(bundle, tmp_path / "out", "textgrid")
    after = {item.text: item.words for item in load(tmp_path / "out").segments["r"]}
    assert after == {"a": turns[0].words, "b": turns[1].words, "c": ()}
    [loss] = [loss for loss in report.losses if loss.field == "words"]
    assert loss.ids == ("c", "c")
    left_out = dump(bundle, tmp_path / "bare", "textgrid", words=False)
    assert "words" not in (tmp_path / "bare/r.TextGrid").read_text()
    assert [loss.count for loss in left_out.losses if loss.field == "words"] == [3]


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"ooBinaryFile\x08TextGrid" + b"\x00" * 8, "xmax should be"),
        (b"ooBinaryFile\x09PitchTier", "holds a 'PitchTier'"),
        (b"ooBinaryFile\x08TextGrid" + b"\x7f\xf0" + b"\x00" * 14, "not a time"),
        (b"ooBinaryFile\x08TextGrid" + b"\x00" * 16 + b"\x01\xff\xff\xff\xff", "not a count"),
        (b'"Praat chronological TextGrid text file"\n0 1\n1\n"IntervalTier" "a" 0 1\n2 0 1 "x"', "no tier 2"),
    ],
)
def test_a_broken_file_of_another_form_is_refused(tmp_path, raw, reason):
    (tmp_path / "r.TextGrid").write_bytes(raw)
    with pytest.raises(ParseError, match=reason):
        load(tmp_path / "r.TextGrid", "textgrid")
