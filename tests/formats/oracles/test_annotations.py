"""jsonschema, lxml and pylangacq read what is written for EMU and OCTRA, EXMARaLDA and CLAN."""

import json
from itertools import pairwise
from pathlib import Path

import jsonschema
import pylangacq
import pytest
from lxml import etree

from speechlabel.formats import Bundle, dump, load
from speechlabel.formats.contract import NASTY_TEXTS, sample_export

from ..conftest import recording, segment
from ..test_annotjson import FULL as ANNOT
from ..test_chat import FULL as CHAT
from ..test_exb import FULL as EXB

COUNT = {"type": "integer", "minimum": 0}
LABELS = {
    "type": "array",
    "minItems": 1,
    "items": {
        "type": "object",
        "properties": {"name": {"type": "string", "minLength": 1}, "value": {"type": "string"}},
        "required": ["name", "value"],
        "additionalProperties": False,
    },
}


def items(**times):
    """Items of a level whose times are these, no more and no less."""
    return {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {"id": COUNT, "labels": LABELS, **times},
            "required": ["id", "labels", *times],
            "additionalProperties": False,
        },
    }


LEVELS = {
    "SEGMENT": items(sampleStart=COUNT, sampleDur=COUNT),
    "EVENT": items(samplePoint=COUNT),
    "ITEM": items(),
}
ANNOT_JSON = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {
        "name": {"type": "string", "minLength": 1},
        "annotates": {"type": "string", "minLength": 1},
        "sampleRate": {"type": "number", "exclusiveMinimum": 0},
        "levels": {
            "type": "array",
            "items": {
                "oneOf": [
                    {
                        "type": "object",
                        "properties": {"name": {"type": "string"}, "type": {"const": type}, "items": found},
                        "required": ["name", "type", "items"],
                        "additionalProperties": False,
                    }
                    for type, found in LEVELS.items()
                ]
            },
        },
        "links": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"fromID": COUNT, "toID": COUNT},
                "required": ["fromID", "toID"],
                "additionalProperties": False,
            },
        },
    },
    "required": ["name", "annotates", "sampleRate", "levels", "links"],
    "additionalProperties": False,
}


def nasty():
    turns = [
        segment(f"n{n}", n * 100_000, n * 100_000 + 90_000, text=text) for n, text in enumerate(NASTY_TEXTS)
    ]
    return Bundle(recordings=(recording(),), segments={"r": turns})


@pytest.mark.parametrize(("program", "gap"), [("emu", 1), ("octra", 0)])
def test_annotations_keep_the_rules_of_emu(tmp_path, program, gap):
    rules = jsonschema.Draft202012Validator(ANNOT_JSON)
    bundles = {"sample": sample_export(tmp_path), "nasty": nasty(), "again": load(ANNOT)}
    for name, bundle in bundles.items():
        dump(bundle, tmp_path / name, "annotjson", program=program)
        for path in (tmp_path / name).iterdir():
            found = json.loads(path.read_text(encoding="utf-8"))
            assert [error.message for error in rules.iter_errors(found)] == []
            ids = [item["id"] for level in found["levels"] for item in level["items"]]
            assert len(ids) == len(set(ids))
            assert {link[end] for link in found["links"] for end in ("fromID", "toID")} <= set(ids)
            for level in found["levels"]:
                assert {item["labels"][0]["name"] for item in level["items"]} <= {level["name"]}
                names = [[label["name"] for label in item["labels"]] for item in level["items"]]
                assert all(other == names[0] for other in names), "each item has all labels of its level"
                for one, two in pairwise(level["items"] if level["type"] == "SEGMENT" else ()):
                    assert two["sampleStart"] == one["sampleStart"] + one["sampleDur"] + gap, (
                        "levels are tiled"
                    )
    found = json.loads((tmp_path / "nasty/r_annot.json").read_text(encoding="utf-8"))
    told = [item["labels"][0]["value"] for item in found["levels"][0]["items"]]
    assert [text for text in told if text] == [text for text in NASTY_TEXTS if text]


def test_the_rules_of_emu_would_not_accept_anything(tmp_path):
    dump(nasty(), tmp_path / "out", "annotjson")
    text = (tmp_path / "out/r_annot.json").read_text(encoding="utf-8")
    for old, new in (('"sampleDur":', '"dur":'), ('"SEGMENT"', '"ITEM"'), ('"links"', '"link"')):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(json.loads(text.replace(old, new)), ANNOT_JSON)


def test_lxml_validates_exmaralda_files(tmp_path):
    with (Path(__file__).parent / "exb.dtd").open("rb") as file:
        rules = etree.DTD(file)
    bundles = {"sample": sample_export(tmp_path), "nasty": nasty(), "again": load(EXB)}
    for name, bundle in bundles.items():
        dump(bundle, tmp_path / name, "exb")
    for path in (EXB, *(path for name in bundles for path in (tmp_path / name).iterdir())):
        tree = etree.parse(str(path), etree.XMLParser(load_dtd=False, no_network=True))
        assert rules.validate(tree), rules.error_log
        times = [float(point.get("time", "nan")) for point in tree.iter("tli")]
        told = [time for time in times if time == time]
        assert told == sorted(told) and (path == EXB or len(set(times)) == len(times))
    events = etree.parse(str(tmp_path / "nasty/r.exb")).findall(".//tier[@type='t']/event")
    assert [event.text or "" for event in events] == list(NASTY_TEXTS)
    broken = etree.parse(str(EXB), etree.XMLParser(load_dtd=False))
    broken.find(".//event").set("start", "T99")
    assert not rules.validate(broken)


def told_by_pylangacq(path, *, strict):
    """Give code, times in ms and tiers of each utterance, and participants with names and roles."""
    read = pylangacq.read_chat(str(path), strict=strict)
    return [(one.participant, one.time_marks, one.tiers) for one in read.utterances() if one.participant], [
        (one.code, one.name, one.role) for one in read.participants()
    ]


def test_pylangacq_reads_what_is_written(tmp_path):
    dump(sample_export(tmp_path), tmp_path / "out", "chat")
    for path in sorted((tmp_path / "out").iterdir()):
        told_by_pylangacq(path, strict=True)
    said, people = told_by_pylangacq(tmp_path / "out/a-mono.cha", strict=True)
    assert said[0][:2] == ("LIM", (500, 2250)) and said[0][2]["LIM"].startswith("hello .")
    assert said[1][:2] == ("LIN", (1500, 3000)) and said[1][2]["%xemotion"] == "happy"
    assert ("LIN", "Lin_Wei") in [entry[:2] for entry in people]


def test_pylangacq_reads_every_nasty_text(tmp_path):
    dump(nasty(), tmp_path / "out", "chat")
    said, _ = told_by_pylangacq(tmp_path / "out/r.cha", strict=True)
    ours = sorted(load(tmp_path / "out").segments["r"], key=lambda item: item.start_us)
    assert [times for _, times, _ in said] == [(n * 100, n * 100 + 90) for n in range(len(NASTY_TEXTS))]
    for (_, _, tiers), item in zip(said, ours, strict=True):
        assert tiers["NON"].partition(" \x15")[0].strip() == (item.text or "www .")


def test_a_chat_file_is_read_as_pylangacq_reads_it():
    said, people = told_by_pylangacq(CHAT, strict=False)
    bundle = load(CHAT)
    codes = {one.id: one.custom["chat"]["code"] for one in bundle.speakers["full"]}
    ours = list(bundle.segments["full"])
    assert [codes[item.speaker] for item in ours] == [code for code, _, _ in said]
    assert [entry[0] for entry in people if entry[0] not in codes.values()] == []
    for (_, times, tiers), item in zip(said, ours, strict=True):
        assert times is None or times[0] * 1000 == item.start_us  # it gives the first bullet only
        assert tiers.get("%mor") == item.fields.get("mor") and tiers.get("%com") == item.note
