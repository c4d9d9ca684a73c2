"""Names and marks of the guideline as each format gets them; what was taken out is told."""

from __future__ import annotations

import json

import pytest
from cli.running import voice, write

from speechlabel import guideline
from speechlabel.edits import Insert, Update
from speechlabel.errors import ParseError
from speechlabel.formats import load
from speechlabel.records import Event, Segment, Speaker, Word
from speechlabel.workflow.convert import convert
from speechlabel.workflow.delivery import Delivery
from speechlabel.workflow.export import export, plan, preview
from speechlabel.workflow.filtering import Filter
from speechlabel.workflow.projects import set_guideline
from speechlabel.workflow.rules import load_rules
from speechlabel.workflow.selection import Selection
from speechlabel.workflow.splits import SplitSpec
from speechlabel.workflow.splitting import make_split
from speechlabel.workflow.wording import Taken, wording_for

RULES = """\
version = 1
name = "x"
languages = ["zh"]
text_layers = { stm = "gloss" }

[[labels]]
name = "noise"
mark = "[NOISE]"
title = {}
export = { kaldi = "<NOISE>", nemo = "", "*" = { mark = "[noise]", name = "loud" } }

[[labels]]
name = "laugh"
mark = "[NOISE+]"
title = {}

[labels.export]
nemo = ""

[[labels]]
name = "far"
scope = "segment"
title = {}
export = { "*" = "distant", csv = "" }

[[invalid_reasons]]
name = "cut_off"
title = {}
export = { csv = "截断", nemo = "" }

[[fields]]
name = "gloss"
title = {}

[[stand_ins]]
name = "unknown"
export = { "*" = "UNK", nemo = "" }
"""


def worded(format):
    return wording_for(guideline.load(RULES), format)


@pytest.mark.parametrize(
    ("text", "kaldi", "nemo", "n"),
    [
        ("你好 [NOISE] 世界", "你好 <NOISE> 世界", "你好 世界", 1),
        ("你好[NOISE]世界", "你好<NOISE>世界", "你好世界", 1),
        ("[NOISE] a", "<NOISE> a", "a", 1),
        ("a  [NOISE]", "a  <NOISE>", "a", 1),
        ("a [NOISE] [NOISE+] b", "a <NOISE> [NOISE+] b", "a b", 2),
        ("a [NOISE]\nb", "a <NOISE>\nb", "a\nb", 1),
        ("[NOISE]", "<NOISE>", "", 1),
        ("no mark [NOIS]  ", "no mark [NOIS]  ", "no mark [NOIS]  ", 0),
        ("", "", "", 0),
    ],
)
def test_marks_are_written_anew_or_go_with_the_blanks_around_them(text, kaldi, nemo, n):
    taken = Taken()
    assert worded("kaldi").text(text) == kaldi
    assert worded("nemo").text(text, taken) == nemo
    assert taken.total() == n


def test_native_is_verbatim_and_others_take_what_is_said_for_all():
    assert worded("native").text("[NOISE]") == "[NOISE]" and not worded("native")
    assert worded("csv").text("[NOISE]") == "[noise]"
    rules = guideline.load(RULES.replace('csv = "截断"', 'native = "cut"'))
    assert wording_for(rules, "native").reasons == {"cut_off": "cut"}


def test_labels_events_reasons_words_and_layers_have_their_names():
    item = Segment(
        id="a",
        start_us=0,
        end_us=9,
        text="x [NOISE]",
        noise_labels=("noise", "far"),
        tags=("noise", "other"),
        events=(Event(label="far"), Event(label="noise")),
        is_valid=False,
        invalid_reason="cut_off",
        words=(Word(word="x"), Word(word="[NOISE]")),
        fields={"gloss": "[NOISE] y", "mood": "[NOISE]"},
    )
    taken = Taken()
    [csv], _ = worded("csv").changed([item], (), taken)
    assert (csv.noise_labels, csv.tags, csv.invalid_reason) == (("loud",), ("loud", "other"), "截断")
    assert [event.label for event in csv.events] == ["loud"]
    assert csv.fields == {"gloss": "[noise] y", "mood": "[NOISE]"}
    assert sum(count for (name, _), count in taken.items() if name == "noise_labels") == 2
    [nemo], _ = worded("nemo").changed([item], (), taken)
    assert [word.word for word in nemo.words] == ["x"] and nemo.invalid_reason is None
    assert taken["invalid_reason", "reasons taken out, as the guideline says"] == 1
    assert worded("rttm").changed([item], ())[0][0].noise_labels == ("loud", "distant")


def test_a_stand_in_has_the_name_of_the_format_and_never_that_of_a_person():
    item = Segment(id="a", start_us=0, end_us=9, speaker="unknown")
    people = (Speaker(id="unknown", name="不明"), Speaker(id="UNK", name="Uncle"))
    [changed], speakers = worded("rttm").changed([item], people)
    assert changed.speaker == "UNK_2"
    assert [(who.id, who.name) for who in speakers] == [("UNK_2", "UNK"), ("UNK", "Uncle")]
    [changed], speakers = worded("nemo").changed([item], people)
    assert changed.speaker is None and [who.id for who in speakers] == ["UNK"]


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("kaldi = ", "kaldy = ", 10),
        ('[labels.export]\nnemo = ""', '[labels.export]\nnemmo = ""', 18),
        ('csv = "截断"', 'cvs = "截断"', 29),
        ('"*" = "UNK"', 'all = "UNK"', 37),
        ("{ stm =", "{ smt =", 4),
    ],
)
def test_a_format_that_there_is_not_is_an_error_with_its_line(old, new, line):
    assert old in RULES and load_rules(RULES)
    with pytest.raises(ParseError, match="not a format; formats are") as caught:
        load_rules(RULES.replace(old, new))
    assert caught.value.data["line"] == line


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ('nemo = "", "*" = {', 'nemo = 5, "*" = {', 10),
        ('name = "unknown"', 'name = "nobody"', 36),
        ('{ stm = "gloss" }', '{ stm = "glos" }', 4),
        ('name = "loud" }', 'names = "loud" }', 10),
    ],
)
def test_what_is_no_mapping_is_refused_with_its_line(old, new, line):
    assert old in RULES
    with pytest.raises(ParseError) as caught:
        guideline.load(RULES.replace(old, new))
    assert caught.value.data["line"] == line


@pytest.fixture
def labelled(desk, tmp_path):
    set_guideline(desk.workspace, "p", RULES)
    (id,) = desk.take(write(tmp_path / "talk.wav", voice(6)))
    for number, text in enumerate(("one [NOISE] two", "[NOISE]", "three")):
        start = number * 1_000_000
        fields = {"gloss": f"gloss {number}"} if number else {}
        segment = Segment(
            id=f"s{number}",
            start_us=start,
            end_us=start + 900_000,
            text=text,
            status="done",
            noise_labels=("noise",),
            fields=fields,
        )
        desk.label(id, segment) if not number else desk.save(desk.open(id).transcript, insert(segment))
    return desk


def insert(segment):
    return Insert(target="segment", record=segment)


def texts(path):
    [manifest] = path.glob("*.json*")
    return [json.loads(line)["text"] for line in manifest.read_text("utf-8").splitlines()]


def test_an_export_is_worded_and_tells_what_it_took_out(labelled, tmp_path):
    seen = plan(labelled.workspace, "p", "nemo")
    assert seen.excluded == {"no_text": 1}  # nothing but a mark
    made = export(labelled.workspace, "p", "nemo", tmp_path / "out")
    assert texts(tmp_path / "out") == ["one two", "three"]
    told = {(loss.field, loss.reason): loss.count for loss in made.report.losses}
    assert told["text", "marks taken out, as the guideline says"] == 1
    assert preview(labelled.workspace, "p", "nemo").losses == made.report.losses
    export(labelled.workspace, "p", "native", tmp_path / "native")
    [(_, segments)] = load(tmp_path / "native").stream()
    assert [item.text for item in segments] == ["one [NOISE] two", "[NOISE]", "three"]


def test_filters_know_the_names_of_the_guideline(labelled):
    for name, n_in in (("noise", 2), ("loud", 0)):
        wanted = Selection(filter=Filter(labels=frozenset({name})))
        assert plan(labelled.workspace, "p", "nemo", wanted).n_in == n_in


def test_a_split_that_was_made_before_fits_stand_ins_of_another_name(labelled, tmp_path):
    opened = labelled.open("talk")
    speakers = [Speaker(id="unknown", name="?"), Speaker(id="li", name="Li Na")]
    edits = [Insert(target="speaker", record=who) for who in speakers]
    for who, segment in zip(("unknown", "li", "li"), opened.segments, strict=True):
        edits.append(
            Update(target="segment", id=segment.id, version=segment.version, changes={"speaker": who})
        )
    labelled.save(opened.transcript, *edits)
    spec = SplitSpec(by="speaker", shares={"train": "rest", "dev": 0.5})
    split, _ = make_split(labelled.workspace, "p", "main", spec)
    export(labelled.workspace, "p", "rttm", tmp_path / "out", delivery=Delivery(split=split))
    found = {
        line.split()[7]
        for path in (tmp_path / "out").rglob("*.rttm")
        for line in path.read_text("utf-8").splitlines()
    }
    assert found == {"UNK", "Li_Na"}


def test_the_layer_of_the_guideline_goes_out_unless_another_is_asked_for(labelled, tmp_path):
    chosen = plan(labelled.workspace, "p", "stm")
    assert chosen.snapshot["layer"] == "gloss"
    seen = preview(labelled.workspace, "p", "stm")
    words = " ".join(line for lines in seen.files.values() for line in lines)
    assert "gloss" in words and "three" not in words
    delivery = Delivery(layer="gloss")
    export(labelled.workspace, "p", "nemo", tmp_path / "out", delivery=delivery)
    assert texts(tmp_path / "out") == ["gloss 1", "gloss 2"]


def test_convert_words_only_what_comes_with_a_guideline(labelled, tmp_path):
    export(labelled.workspace, "p", "native", tmp_path / "native")
    _, report = convert(tmp_path / "native", tmp_path / "with", "nemo")
    assert texts(tmp_path / "with")[0] == "one two"
    assert any("marks taken out" in loss.reason for loss in report.losses)
    (tmp_path / "native/guideline.toml").unlink()
    _, report = convert(tmp_path / "native", tmp_path / "without", "nemo")
    assert texts(tmp_path / "without")[0] == "one [NOISE] two"
    assert not any("taken out" in loss.reason for loss in report.losses)
    (tmp_path / "native/guideline.toml").write_text("x = 1\n")
    bundle, _ = convert(tmp_path / "native", tmp_path / "wrong", "nemo")
    assert any("guideline cannot be read" in note for note in bundle.notes)
    assert texts(tmp_path / "wrong")[0] == "one [NOISE] two"
