"""An ELAN file that was read, edited and written back is the same but for what was edited."""

import dataclasses
from itertools import pairwise
from pathlib import Path

import pytest
from lxml import etree

from speechlabel import edits
from speechlabel.errors import ExportError
from speechlabel.formats import Export, dump, load
from speechlabel.formats.linguists.eaf_files import read_eaf
from speechlabel.records import Segment, Speaker, Word

FULL = Path(__file__).parent / "data/eaf/full.eaf"


@pytest.fixture
def back(tmp_path):
    """Read the file, let a function change its segments by their annotation's id, and write them back."""

    def make(change, speakers=(), **options):
        bundle = load(FULL)
        items = {item.custom["eaf"]["id"]: item for item in bundle.segments["full"]}
        change(items)
        voices = (*bundle.speakers["full"], *speakers)
        bundle = dataclasses.replace(
            bundle, segments={"full": list(items.values())}, speakers={"full": voices}
        )
        report = dump(
            Export(bundle=bundle, originals=bundle.sources),
            tmp_path / "out",
            "eaf",
            overwrite=True,
            **options,
        )
        return tmp_path / "out/full.eaf", report

    return make


def edit(items, key, **changes):
    items[key] = dataclasses.replace(items[key], **changes)


def tree(path):
    return etree.parse(str(path), etree.XMLParser(remove_blank_text=True)).getroot()


def canonical(node):
    return etree.tostring(node, method="c14n")


def but(root, *paths):
    """Canonical bytes of a document without what some paths name."""
    for path in paths:
        for node in root.xpath(path):
            node.getparent().remove(node)
    return canonical(root)


def annotation(path, id):
    return read_eaf(path).annotations[id]


def test_without_an_edit_the_bytes_are_equal(back):
    path, report = back(lambda items: None)
    assert path.read_bytes() == FULL.read_bytes() and report.warnings == ()


def test_a_changed_text_changes_that_text_alone(back):
    path, _ = back(lambda items: edit(items, "a1", text="<la> niña\n2"))
    value = "//*[@ANNOTATION_ID='a1']/ANNOTATION_VALUE"
    assert tree(path).xpath(value)[0].text == "<la> niña\n2"
    assert but(tree(path), value) == but(tree(FULL), value)


def test_a_changed_field_changes_its_annotation_and_its_entry(back):
    path, _ = back(lambda items: edit(items, "a1", fields={"free": "the child and «I»", "mood": "angry"}))
    one = "//*[@ANNOTATION_ID='a32']"
    [node] = tree(path).xpath(one)
    assert (node[0].text, node.get("CVE_REF")) == ("angry", "cveid1")
    assert but(tree(path), one) == but(tree(FULL), one)
    path, _ = back(lambda items: edit(items, "a1", fields={"free": "the child and «I»", "mood": "other"}))
    assert tree(path).xpath(one)[0].get("CVE_REF") is None


def test_a_new_field_is_a_new_annotation_and_one_that_goes_goes(back):
    def change(items):
        edit(items, "a1", fields={"mood": "calm"})
        edit(items, "a3", fields={"free": "later"})

    path, _ = back(change)
    new = annotation(path, "a41")
    assert (new.text, new.tier.id, new.parent.id) == ("later", "free@A", "a3")
    assert "a30" not in read_eaf(path).annotations
    assert tree(path).xpath("//PROPERTY[@NAME='lastUsedAnnotationId']")[0].text == "41"
    gone = "//*[@ANNOTATION_ID='a30' or @ANNOTATION_ID='a41']/..", "//PROPERTY[@NAME='lastUsedAnnotationId']"
    assert but(tree(path), *gone) == but(tree(FULL), *gone)


def test_a_field_without_a_tier_gets_one(back):
    path, _ = back(lambda items: edit(items, "a4", fields={"free": "hello"}, note="look", status="done"))
    after = read_eaf(path)
    tiers = {tier.id: tier for tier in after.tiers}
    assert tiers["free@Bo"].parent.id == "Bo" and tiers["free@Bo"].type == "free"
    assert tiers["note@Bo"].stereotype == "Symbolic_Association" and "status@Bo" not in tiers
    assert [item.text for item in tiers["free@Bo"].annotations] == ["hello"]
    [item] = [item for item in load(path).segments["full"] if (item.text or "").startswith("你")]
    assert (item.fields, item.note) == ({"free": "hello"}, "look")


def test_a_moved_edge_takes_along_what_shares_it(back):
    def change(items):
        words = (*items["a1"].words[:2], dataclasses.replace(items["a1"].words[2], end_us=1_620_000))
        edit(items, "a1", end_us=1_620_000, words=words)

    path, _ = back(change)
    after = read_eaf(path)
    one, last = after.annotations["a1"], after.annotations["a12"]
    assert one.end_us == 1_620_000 and one.slots[1] == last.slots[1], "the last word still ends with it"
    assert tree(path).xpath(f"//TIME_SLOT[@TIME_SLOT_ID='{one.slots[1]}']")[0].get("TIME_VALUE") == "1500"
    values = [int(node.get("TIME_VALUE")) for node in tree(path).xpath("//TIME_SLOT[@TIME_VALUE]")]
    assert values == sorted(values)
    ids = tree(path).xpath("//TIME_SLOT/@TIME_SLOT_ID")
    assert "ts5" not in ids, "nothing uses it any more"
    wide = "//TIME_ORDER", "//*[@ANNOTATION_ID='a1' or @ANNOTATION_ID='a12']"
    assert but(tree(path), *wide) == but(tree(FULL), *wide)


def test_new_segments_become_annotations_and_deleted_ones_go_with_all_below(back):
    def change(items):
        ana, bo = items["a1"].speaker, items["a4"].speaker
        del items["a2"]
        items["n1"] = Segment(id="n1", start_us=2_200_000, end_us=2_300_000, text="nueva", speaker=ana)
        items["n2"] = Segment(id="n2", start_us=2_650_000, end_us=2_700_000, text="over", speaker=bo)
        items["n3"] = Segment(id="n3", start_us=0, end_us=100_000, text="who", speaker="cy")

    path, report = back(change, speakers=[Speaker(id="cy", name="Cy")])
    after = read_eaf(path)
    assert not {"a2", "a13", "a31", "a35", "a36"} & set(after.annotations)
    tiers = {tier.id: tier for tier in after.tiers}
    assert [item.text for item in tiers["ref@A"].annotations] == ["el niño & «yo»", "nueva", ""]
    assert [item.text for item in tiers["Bo (2)"].annotations] == ["over"]
    assert tiers["Bo (2)"].participant == "Bo" and tiers["Cy"].type == "utt"
    assert (after.annotations["a41"].start_us, report.losses[-1].field) == (120_000, "times"), (
        "nothing is before"
    )
    names = {speaker.id: speaker.name for speaker in load(path).speakers["full"]}
    said = {item.text: names[item.speaker] for item in load(path).segments["full"] if item.text}
    assert (said["over"], said["who"], said["nueva"]) == ("Bo", "Cy", "Ana")
    kept = "//TIER[@TIER_ID='gloss@A' or @TIER_ID='gesture@A' or @TIER_ID='mood@A']"
    assert [canonical(node) for node in tree(path).xpath(kept)] == [
        canonical(node) for node in tree(FULL).xpath(kept)
    ]


def cut(items, key, at_us):
    [first, second] = edits.split(items[key], at_us, id="half")
    edit(items, key, **first.changes)
    items["half"] = second.record


def test_a_cut_parent_asks_what_becomes_of_its_dependents(back):
    with pytest.raises(ExportError, match="dependents=keep") as caught:
        back(lambda items: cut(items, "a1", 1_220_000))
    assert len(caught.value.data["segments"]) == 2 and "half" in caught.value.data["segments"]
    path, _ = back(lambda items: cut(items, "a4", 2_680_000))
    assert len({tier.id: tier for tier in read_eaf(path).tiers}["Bo"].annotations) == 2, (
        "nothing depends on it"
    )


def test_kept_dependents_go_to_the_part_that_covers_them(back):
    path, _ = back(lambda items: cut(items, "a1", 1_220_000), dependents="keep")
    after = read_eaf(path)
    half = next(
        item for item in after.annotations.values() if item.start_us == 1_220_000 and item.tier.id == "ref@A"
    )
    words = [
        item for item in after.annotations.values() if item.tier.id == "word@A" and item.end_us <= 1_520_000
    ]
    assert [(item.text, item.parent.id) for item in words] == [("el", "a1"), ("niño", "a1"), ("yo", half.id)]
    assert {item.parent.id for item in (after.annotations["a20"], after.annotations["a21"])} == {"a10", "a11"}
    assert after.annotations["a30"].parent.id == "a1"


def test_dropped_dependents_go(back):
    path, _ = back(lambda items: cut(items, "a2", 2_620_000), dependents="drop")
    after = read_eaf(path).annotations
    assert not {"a35", "a36"} & set(after) and after["a31"].text == "yes"


def join(items, first, second):
    update, _ = edits.merge(items[first], items[second])
    edit(items, first, **update.changes)
    del items[second]


def test_joined_parents_ask_and_keep(back):
    with pytest.raises(ExportError, match="dependents=drop"):
        back(lambda items: join(items, "a1", "a2"))
    path, _ = back(lambda items: join(items, "a1", "a2"), dependents="keep")
    after = read_eaf(path).annotations
    assert "a2" not in after and after["a1"].end_us == 3_120_000
    assert [item.text for item in after["a1"].children if item.tier.id == "word@A"] == [
        "el",
        "niño",
        "yo",
        "sí",
    ]
    assert after["a13"].text == "sí" and after["a13"].parent.id == "a1", "the word is the same annotation"
    assert [after[id].parent.id for id in ("a35", "a36")] == ["a1", "a1"]
    assert after["a30"].text == "the child and «I» yes" and "a31" not in after
    [item] = [item for item in load(path).segments["full"] if item.text and item.text.startswith("el ")]
    assert item.fields["free"] == "the child and «I» yes"


def test_words_that_fit_keep_their_annotations(back):
    def change(items):
        words = list(items["a1"].words)
        words[1:2] = [
            Word(word="gato", start_us=920_000, end_us=1_020_000),
            Word(word="gris", start_us=1_020_000, end_us=1_220_000),
        ]
        edit(items, "a1", text="el gato gris yo", words=tuple(words))

    path, _ = back(change)
    after = read_eaf(path)
    words = [item for item in after.annotations["a1"].children if item.tier.id == "word@A"]
    assert [(item.id, item.text) for item in words] == [
        ("a10", "el"),
        ("a11", "gato"),
        ("a41", "gris"),
        ("a12", "yo"),
    ]
    edges = [item.slots for item in words]
    assert all(one[1] == two[0] for one, two in pairwise(edges)), "no gap between them"
    assert after.annotations["a20"].text == "the" and after.annotations["a21"].parent.id == "a11"


def test_another_speaker_moves_an_annotation_to_that_tier(back):
    path, _ = back(
        lambda items: edit(items, "a4", speaker=items["a1"].speaker, start_us=3_200_000, end_us=3_300_000)
    )
    after = read_eaf(path)
    assert "a4" not in after.annotations
    assert [item.text for item in {tier.id: tier for tier in after.tiers}["ref@A"].annotations][
        2
    ] == "你好\n世界"


def test_tiers_that_were_not_taken_in_stay(back):
    def change(items):
        del items["a5"]

    assert back(change)[0].read_bytes() == FULL.read_bytes()


def test_a_recording_whose_original_is_another_format_is_made_anew(tmp_path):
    bundle = load(FULL)
    (tmp_path / "x.TextGrid").write_text('"ooTextFile"\n"TextGrid"\n0 1 <exists> 0')
    dump(Export(bundle=bundle, originals={"full": tmp_path / "x.TextGrid"}), tmp_path / "out", "eaf")
    texts = {item.text for item in load(tmp_path / "out").segments["full"]}
    assert texts == {item.text for item in bundle.segments["full"]}


def test_words_left_behind_by_a_moved_segment_are_told(back):
    def change(items):
        edit(items, "a1", start_us=3_200_000, end_us=3_900_000)

    path, report = back(change, dependents="keep")
    assert [item.text for item in read_eaf(path).annotations.values() if item.tier.id == "word@A"] == ["sí"]
    assert [loss.count for loss in report.losses if loss.field == "words"] == [3]


def test_another_speaker_in_a_tier_that_tells_whose_it_is_is_a_loss(back):
    _, report = back(lambda items: edit(items, "a5", speaker=items["a4"].speaker))
    assert [loss.ids for loss in report.losses if loss.field == "speaker"]


def test_a_tier_that_stays_whole_is_told(back):
    _, report = back(lambda items: items.pop("a5"))
    assert report.warnings == ("full.eaf: tier 'gesture@A': none of its 1 segments is here; it stays",)
