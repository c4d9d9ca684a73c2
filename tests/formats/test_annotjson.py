import json
from pathlib import Path

import pytest

from speechlabel import formats
from speechlabel.errors import ParseError
from speechlabel.formats import dump, load
from speechlabel.records import Event, Speaker, Word

from .conftest import recording, segment

DATA = Path(__file__).parent / "data/annotjson"
FULL = DATA / "full_annot.json"


def labels(bundle, id):
    names = {speaker.id: speaker.name for speaker in bundle.speakers[id]}
    return [(s.start_us, s.end_us, s.text, names.get(s.speaker), s.tier) for s in next(bundle.stream())[1]]


def annot(tmp_path, levels, links=(), rate=1000, **more):
    whole = {"name": "r", "annotates": "r.wav", "sampleRate": rate, "levels": levels, "links": links}
    (tmp_path / "r_annot.json").write_text(json.dumps(whole | more, indent=1), encoding="utf-8")
    return load(tmp_path / "r_annot.json", "annotjson")


def level(name, *items, type="SEGMENT"):
    keys = {"SEGMENT": ("id", "sampleStart", "sampleDur"), "EVENT": ("id", "samplePoint"), "ITEM": ("id",)}[
        type
    ]
    made = [
        dict(zip(keys, item[:-1], strict=True)) | {"labels": [{"name": name, "value": item[-1]}]}
        for item in items
    ]
    return {"name": name, "type": type, "items": made}


def test_items_have_the_times_of_what_they_are_linked_to():
    bundle = load(FULL)
    assert labels(bundle, "full") == [
        (0, 2_000_000, "hm", "Anna", None),
        (100_000, 400_000, 'the "sea"', None, "Utterance"),
        (500_000, 1_000_000, "再见", "李 明", None),
        (1_000_000, 1_500_000, "<p:>", None, "Phonetic"),
        (1_250_000, 1_250_000, "L%", None, "Tone"),
    ]
    [one] = [item for item in bundle.segments["full"] if item.words]
    assert one.words == (
        Word(word="the", start_us=100_000, end_us=200_000),
        Word(word='"sea"', start_us=200_000, end_us=400_000),
    )
    assert one.events == (Event(label="H*", start_us=200_000, end_us=200_000),) and one.fields == {
        "style": "read"
    }
    below = one.custom["annotjson"]["below"]
    assert [row[0] for row in below] == ["Word", "Phonetic", "Phonetic", "Word", "Phonetic"]
    assert bundle.recordings[0].path == (DATA / "full.wav").as_posix()
    assert (bundle.recordings[0].sample_rate, bundle.recordings[0].n_frames) == (16_000, 48_000)


def test_what_stands_deeper_goes_out_again(tmp_path):
    bundle = load(FULL)
    report = dump(bundle, tmp_path / "out", "annotjson")
    again = load(tmp_path / "out")
    assert labels(again, "full") == labels(bundle, "full")
    found = json.loads((tmp_path / "out/full_annot.json").read_text(encoding="utf-8"))
    by_name = {item["name"]: item for item in found["levels"]}
    phones = [item["labels"][0]["value"] for item in by_name["Phonetic"]["items"]]
    assert [text for text in phones if text] == ["D", "@", "s", "z", "<p:>"]
    assert {"name": "Word", "value": "F"} in by_name["Word"]["items"][0]["labels"]
    assert not {loss.field for loss in report.losses} - {"custom", "tier"}


@pytest.mark.parametrize(("program", "gap"), [("emu", 1), ("octra", 0)])
def test_both_conventions_are_written_and_read(tmp_path, bundle_of, program, gap):
    turns = [
        segment("1", 0, 1_000_000, text="a", speaker="s"),
        segment("2", 1_000_000, 2_500_000, text="b", speaker="s"),
    ]
    dump(
        bundle_of(*turns, speakers=[Speaker(id="s", name="Li")]),
        tmp_path / "out",
        "annotjson",
        program=program,
    )
    found = json.loads((tmp_path / "out/r_annot.json").read_text(encoding="utf-8"))
    [only] = found["levels"]
    ends = [(item["sampleStart"], item["sampleStart"] + item["sampleDur"]) for item in only["items"]]
    assert ends == [(0, 16_000 - gap), (16_000, 40_000 - gap), (40_000, 160_000 - gap)]
    assert (found["name"], found["annotates"], found["sampleRate"]) == ("r", "r.wav", 16_000)
    again = load(tmp_path / "out")
    assert labels(again, "r") == [(0, 1_000_000, "a", "Li", None), (1_000_000, 2_500_000, "b", "Li", None)]
    assert again.recordings[0].duration_us == 10_000_000


def test_octra_levels_and_the_label_of_the_speaker(tmp_path):
    first = level("OCTRA_1", (1, 0, 500, "yes"), (2, 500, 500, ""), (3, 1000, 500, "no"))
    first["items"][2]["labels"].append({"name": "Speaker", "value": "Bo"})
    bundle = annot(tmp_path, [first, level("Bo", (4, 0, 1500, "")), level("Bo (2)", (5, 0, 1500, "mhm"))])
    assert labels(bundle, "r") == [
        (0, 500_000, "yes", None, "OCTRA_1"),
        (0, 1_500_000, "mhm", "Bo", None),
        (1_000_000, 1_500_000, "no", "Bo", None),
    ]


def test_voices_over_one_another_and_nameless_names_come_back(tmp_path, bundle_of):
    voices = [Speaker(id="a", name="Word"), Speaker(id="b", name="Li"), Speaker(id="c", name="Li (2)")]
    turns = [
        segment("1", 0, 2_000_000, text="a", speaker="b", fields={"Speaker": "x", "text": "y", "note": "z"}),
        segment("2", 1_000_000, 3_000_000, text="b", speaker="b", note="n"),
        segment("3", 1_500_000, 3_000_000, speaker="c"),
        segment("4", 1_500_000, 3_000_000, text="d", speaker="a", kind="music"),
        segment("5", 4_000_000, 5_000_000, kind="event"),
    ]
    dump(bundle_of(*turns, speakers=voices), tmp_path / "out", "annotjson")
    again = load(tmp_path / "out")
    assert sorted(row[3] or "" for row in labels(again, "r")) == ["", "Li", "Li", "Li (2)", "Word"]
    back = {item.text: item for item in again.segments["r"]}
    assert back["a"].fields == turns[0].fields and back["b"].note == "n" and back["d"].kind == "music"
    assert sorted(item.kind for item in again.segments["r"]) == [
        "event",
        "music",
        "speech",
        "speech",
        "speech",
    ]


def test_odd_files_are_read_and_told(tmp_path):
    levels = [
        level("A", (1, 0, 100, "x"), (1, 200, 100, "y")),
        level("B", (2, "lost"), (3, "found"), type="ITEM"),
        level("C", (4, 5.0, 10, "z")),
        {"name": None, "items": [{"id": 9, "samplePoint": 7}]},
    ]
    links = [{"fromID": 3, "toID": 4}, {"fromID": 4, "toID": 3}, {"fromID": 3, "toID": 77}, 5]
    bundle = annot(tmp_path, levels, links)
    told = "\n".join(bundle.notes)
    for reason in ("has the id 1", "'lost' has no time", "no known type", "links lead nowhere"):
        assert reason in told
    assert {item.text for item in bundle.segments["r"]} == {"x", "y", "found", None}


def test_a_whole_emu_database_is_read(tmp_path):
    for session, bundle in (("0000", "one"), ("0000", "two"), ("0001", "one")):
        folder = tmp_path / f"db_emuDB/{session}_ses/{bundle}_bndl"
        folder.mkdir(parents=True)
        (folder / f"{bundle}_annot.json").write_bytes(FULL.read_bytes())
    assert formats.detect(tmp_path / "db_emuDB") == "annotjson"
    assert [one.id for one in load(tmp_path / "db_emuDB").recordings] == ["one", "two", "one_2"]


def test_what_cannot_be_told_is_a_loss(tmp_path, bundle_of):
    words = (
        Word(word="a"),
        Word(word="b", start_us=0, end_us=9_000_000),
        Word(word="c", start_us=0, end_us=7),
    )
    events = (Event(label="e"), Event(label="f", start_us=1_000_000, end_us=2_000_000, score=0.5))
    one = segment("1", 0, 3_000_000, text="", words=words, events=events)
    report = dump(bundle_of(one, segment("2", 4_000_001, 4_000_002, text="x")), tmp_path / "out", "annotjson")
    told = {(loss.field, loss.count) for loss in report.losses}
    assert told == {("text", 1), ("words", 1), ("events", 1), ("segment", 1)}


@pytest.mark.parametrize(
    ("levels", "links", "reason"),
    [
        ([level("A", (1, 0, 100, "x"), (2, 50, 100, "y"))], [], "begins before item 1 ends"),
        ([level("A", (1, 0, 100, "x")), level("A", (2, 0, 9, "y"))], [], "the name of two levels"),
        ([level("A", (1, 0, 100, "x")), level("B", (1, 0, 9, "y"))], [], "another item has the id 1"),
        ([level("A", (1, 0, 100, "x"))], [{"fromID": 1, "toID": 2}], "is not there"),
        ([level("A", (1, 0, 100, "x")) | {"name": "B"}], [], "does not bear the level's name"),
        ([], None, "has no links"),
    ],
)
def test_what_emu_would_refuse_is_a_fault(tmp_path, levels, links, reason):
    annot(tmp_path, levels, links)
    found = list(formats.get("annotjson").faults(tmp_path / "r_annot.json"))
    assert [reason in fault.reason for fault in found] == [True]


@pytest.mark.parametrize(
    ("levels", "reason"),
    [
        ({}, "has levels"),
        ([5], "a level is an object"),
        ([level("A", (1, -5, 3, ""))], "before 0"),
        ([level("A", (None, 5, 3, ""))], "number as its id"),
        ([{"name": "A", "type": "EVENT", "items": [{"id": 1}]}], "samplePoint"),
        ([{"name": "A", "type": "ITEM", "items": ["x"]}], "an item is an object"),
    ],
)
def test_what_has_no_meaning_is_refused(tmp_path, levels, reason):
    with pytest.raises(ParseError, match=reason):
        annot(tmp_path, levels)


def test_a_recording_without_labels_has_one_empty_level(tmp_path):
    bundle = formats.Bundle(recordings=(recording(),))
    dump(bundle, tmp_path / "out", "annotjson")
    assert load(tmp_path / "out").recordings[0].duration_us == 10_000_000
