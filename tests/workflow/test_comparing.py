"""Two snapshots compared, and deliveries of what changed between them."""

from __future__ import annotations

import itertools
import json
import shutil
from dataclasses import replace

import pytest
from cli.running import voice, write
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from speechlabel import guideline
from speechlabel.edits import Delete, Insert, Update
from speechlabel.errors import ExportError, NotFoundError
from speechlabel.formats import Bundle
from speechlabel.formats.base import bare_recording
from speechlabel.records import Segment, Speaker
from speechlabel.workflow.comparing import changes, compare, compare_bundles
from speechlabel.workflow.corrections import correct
from speechlabel.workflow.export import Selection, export
from speechlabel.workflow.projects import set_guideline
from speechlabel.workflow.remove import remove_recording
from speechlabel.workflow.rename import rename_recording
from speechlabel.workflow.snapshots import load_snapshot, make_snapshot
from speechlabel.workflow.speakers import rename_speaker

S = 1_000_000
ANNA, BEN = Speaker(id="spk1", name="Anna"), Speaker(id="spk2", name="Ben")


def segment(id, start=0.0, text="hello there", **fields):
    start_us = round(start * S)
    given = {"speaker": "spk1", "status": "done", "end_us": start_us + S // 2} | fields
    return Segment(id=id, start_us=start_us, text=text, **given)


def bundle(*segments, speakers=(ANNA, BEN), **options):
    return Bundle(
        recordings=(bare_recording("talk", "talk", 60 * S),),
        segments={"talk": segments},
        speakers={"talk": speakers},
        **options,
    )


def test_what_is_added_changed_and_dropped_is_counted_with_its_length():
    older = bundle(segment("a"), segment("b", 1), segment("c", 2, "one two three"))
    newer = bundle(segment("a"), segment("c", 2.5, "one too three"), segment("d", 4), segment("e", 5))
    found = compare_bundles(older, newer)
    assert (found.added, found.changed, found.dropped, found.same) == (2, 1, 1, 1)
    assert dict(found.by_field) == {"times": 1, "text": 1}
    told = found.to_dict()
    assert told["duration_us"] == {
        **{"from": 3 * S // 2, "to": 2 * S, "difference": S // 2, "added": S, "dropped": S // 2}
    }
    assert told["segments"] == {"from": 3, "to": 4}
    assert told["cer"] == {"errors": 1, "length": 21, "rate": 1 / 21}
    assert told["wer"] == {"errors": 1, "length": 5, "rate": 0.2}
    [worst] = told["worst_recordings"]
    assert (worst["recording"], worst["changed"], worst["cer"]["errors"]) == ("talk", 1, 1)
    [who] = told["worst_speakers"]
    assert (who["speaker"], who["cer"]["errors"]) == ("Anna", 1)
    assert [(item["segment"], item["kind"]) for item in told["changes"]] == [
        *(("b", "dropped"), ("c", "changed"), ("d", "added"), ("e", "added"))
    ]
    json.dumps(told)


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"end_us": S}, ("times",)),
        ({"text": "other"}, ("text",)),
        ({"speaker": "spk2"}, ("speaker",)),
        ({"is_valid": False, "invalid_reason": "noise"}, ("is_valid", "invalid_reason")),
        ({"tags": ("crosstalk",), "noise_labels": ("NOISE",)}, ("noise_labels", "tags")),
        ({"version": 7}, ()),
    ],
)
def test_what_changed_is_named(change, fields):
    [found] = changes(bundle(segment("a")), bundle(replace(segment("a"), **change)))
    assert found.fields == fields


def test_a_speaker_who_is_renamed_changes_what_was_said_by_that_speaker():
    older = bundle(segment("a"), segment("b", speaker="spk2"))
    newer = bundle(segment("a"), segment("b", speaker="spk2"), speakers=(replace(ANNA, name="Anne"), BEN))
    found = compare_bundles(older, newer)
    assert (found.changed, dict(found.by_field)) == (1, {"speaker.name": 1})


def test_a_language_that_the_recording_tells_counts_as_the_segments_own():
    older = bundle(segment("a"), segment("b", language="de"), languages={"talk": "en"})
    newer = bundle(segment("a"), segment("b", language="de"), languages={"talk": "fr"})
    found = compare_bundles(older, newer)
    assert dict(found.by_field) == {"language": 1}
    same = compare_bundles(older, bundle(segment("a", language="en"), segment("b", language="de")))
    assert same.is_same


def test_recordings_and_the_guideline_are_compared_too():
    older = bundle(segment("a"), guideline="one")
    changed = replace(older.recordings[0], name="renamed")
    newer = replace(older, recordings=(changed, bare_recording("more", "more", S)), guideline="two")
    told = compare_bundles(older, newer).to_dict()
    assert told["recordings"] == {"added": ["more"], "dropped": [], "changed": {"talk": ["name"]}}
    assert told["guideline_changed"]
    assert compare_bundles(newer, older).recordings_dropped == ("more",)


@pytest.fixture
def labelled(desk, tmp_path):
    for number, name in enumerate(("one", "two")):
        (id,) = desk.take(write(tmp_path / f"{name}.wav", voice(4, seed=number)))
        opened = desk.open(id)
        gone = [Delete(target="segment", id=item.id, version=item.version) for item in opened.segments]
        people = [Insert(target="speaker", record=who) for who in (ANNA, BEN)]
        said = [segment(f"{name}{n}", n / 2, f"text {n}") for n in range(4)]
        desk.save(opened.transcript, *gone, *people, *(Insert(target="segment", record=s) for s in said))
    make_snapshot(desk.workspace, "p")
    return desk


def edit(desk, recording, id, **fields):
    opened = desk.open(recording)
    [version] = [item.version for item in opened.segments if item.id == id]
    if fields:
        made = Update(target="segment", id=id, version=version, changes=fields)
    else:
        made = Delete(target="segment", id=id, version=version)
    desk.save(opened.transcript, made)


def rows(folder):
    header, *found = [line.split("\t") for line in (folder / "dropped.tsv").read_text("utf-8").splitlines()]
    assert header == ["utterance_id", "recording_id", "segment_id", "why"]
    return found


def test_a_correction_holds_what_changed_and_the_names_of_what_is_gone(labelled, tmp_path):
    edit(labelled, "one", "one0", text="text zero")
    edit(labelled, "one", "one1")
    edit(labelled, "one", "one2", status="unsure")
    labelled.save(
        labelled.open("one").transcript, Insert(target="segment", record=segment("new", 3.2, "more"))
    )
    make_snapshot(labelled.workspace, "p")
    out = tmp_path / "out"
    report = correct(labelled.workspace, "p", 1, 2, "nemo", out)
    assert (report.added, report.changed, report.dropped, report.renamed) == (1, 1, 2, 0)
    assert rows(out) == [
        ["one-one1", "one", "one1", "dropped"],
        ["one-one2", "one", "one2", "dropped"],
    ]
    text = (out / "nemo" / "manifest.jsonl").read_text("utf-8")
    lines = [json.loads(line) for line in text.splitlines()]
    assert [line["text"] for line in lines] == ["text zero", "more"]
    about = json.loads((out / "correction.json").read_text("utf-8"))
    assert (about["from"]["number"], about["to"]["number"]) == (1, 2)
    assert sorted(path.name for path in out.iterdir()) == ["correction.json", "dropped.tsv", "nemo"]
    found = compare(labelled.workspace, "p", 1, 2)
    assert (found.added, found.changed, found.dropped) == (1, 1, 2)
    back = compare(labelled.workspace, "p", 2, 1)
    assert (back.added, back.changed, back.dropped) == (2, 1, 1)


def test_a_name_that_follows_the_speaker_is_dropped_where_somebody_else_spoke(labelled, tmp_path):
    edit(labelled, "one", "one0", speaker="spk2")
    make_snapshot(labelled.workspace, "p")
    report = correct(labelled.workspace, "p", 1, 2, "kaldi", tmp_path / "out")
    assert (report.changed, report.dropped, report.renamed) == (1, 0, 1)
    assert rows(tmp_path / "out") == [["one_spk1-one0", "one", "one0", "renamed"]]
    text = (tmp_path / "out" / "kaldi" / "text").read_text("utf-8")
    assert text == "one_spk2-one0 text 0\n"


def test_what_is_only_dropped_needs_no_delivery(labelled, tmp_path):
    edit(labelled, "one", "one0")
    make_snapshot(labelled.workspace, "p")
    report = correct(labelled.workspace, "p", 1, 2, "kaldi", tmp_path / "out")
    assert report.report is None
    assert report.to_dict()["files"] == ["dropped.tsv", "correction.json"]
    assert rows(tmp_path / "out") == [["one_spk1-one0", "one", "one0", "dropped"]]


def test_nothing_is_written_where_nothing_changed_or_a_snapshot_is_not_there(labelled, tmp_path):
    make_snapshot(labelled.workspace, "p", again=True)
    assert compare(labelled.workspace, "p", 1, 2).is_same
    with pytest.raises(ExportError, match="between snapshots 1 and 2"):
        correct(labelled.workspace, "p", 1, 2, "kaldi", tmp_path / "out")
    with pytest.raises(NotFoundError, match="there are: 1, 2"):
        correct(labelled.workspace, "p", 1, 3, "kaldi", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_correction_never_takes_the_place_of_the_workspace(labelled, tmp_path):
    edit(labelled, "one", "one0")
    make_snapshot(labelled.workspace, "p")
    with pytest.raises(ExportError, match="holds the workspace"):
        correct(labelled.workspace, "p", 1, 2, "kaldi", tmp_path, overwrite=True)


def test_audio_that_is_cut_for_a_correction_is_named_where_it_lies_in_the_end(labelled, tmp_path):
    edit(labelled, "one", "one0", text="other")
    make_snapshot(labelled.workspace, "p")
    out = tmp_path / "out"
    correct(labelled.workspace, "p", 1, 2, "kaldi", out, with_audio=True, paths="absolute")
    path = (out / "kaldi" / "wav.scp").read_text("utf-8").split()[1]
    assert path == str(out / "kaldi" / "audio" / "one.wav")


def test_another_wording_of_a_format_is_a_change_for_that_format(labelled, tmp_path):
    rules = guideline.preset("call-center-zh")
    set_guideline(labelled.workspace, "p", rules)
    edit(labelled, "one", "one0", text="ha [laugh]")
    make_snapshot(labelled.workspace, "p")
    set_guideline(labelled.workspace, "p", rules.replace("<LAUGHTER>", "<HAHA>"))
    make_snapshot(labelled.workspace, "p")
    found = compare(labelled.workspace, "p", 2, 3)
    assert found.is_same
    assert found.guideline_changed
    report = correct(labelled.workspace, "p", 2, 3, "kaldi", tmp_path / "out")
    assert (report.changed, report.dropped) == (1, 0)
    text = (tmp_path / "out" / "kaldi" / "text").read_text("utf-8")
    assert text == "one_spk1-one0 ha <HAHA>\n"
    with pytest.raises(ExportError, match="nothing that nemo takes has changed"):
        correct(labelled.workspace, "p", 2, 3, "nemo", tmp_path / "nemo")


def utterances(folder):
    """Read Kaldi's text, segments and speakers by utterance."""
    found = {}
    for name in ("text", "segments", "utt2spk"):
        if (folder / name).exists():
            for line in (folder / name).read_text("utf-8").splitlines():
                key, _, value = line.partition(" ")
                found.setdefault(key, {})[name] = value
    return found


WORK = st.lists(
    st.tuples(
        st.sampled_from(
            ["text", "times", "speaker", "delete", "add", "status", "people", "name", "snapshot"]
        ),
        st.integers(0, 7),
    ),
    min_size=3,
    max_size=12,
)


def do(desk, what, number):
    """Do something to the project that people do."""
    workspace = desk.workspace
    ids = [item.id for item in workspace.store.recordings("p")]
    recording = ids[number % len(ids)]
    if what == "name":
        rename_recording(workspace, "p", recording, f"Name {number}")
    elif what == "people":
        known = sorted({item.name for item in desk.open(recording).speakers if item.id.startswith("spk")})
        if known:
            rename_speaker(workspace, "p", known[0], f"Person {number}", author="user:me")
    elif what == "add":
        made = Segment(start_us=number * 100_000, end_us=number * 100_000 + S, text="new", status="done")
        desk.save(desk.open(recording).transcript, Insert(target="segment", record=made))
    else:
        found = desk.open(recording).segments
        if not found:
            return
        one = found[number % len(found)]
        edit(
            desk,
            recording,
            one.id,
            **{
                "text": {"text": f"words {number}"},
                "times": {"end_us": one.end_us + 50_000},
                "speaker": {"speaker": "spk2" if one.speaker == "spk1" else None},
                "status": {"status": "draft" if one.status == "done" else "done"},
                "delete": {},
            }[what],
        )


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(WORK)
def test_a_name_means_one_segment_for_ever_and_corrections_add_up(labelled, tmp_path_factory, work):
    """Whatever is done between two snapshots: the older one, corrected, is the newer one."""
    workspace, place = labelled.workspace, tmp_path_factory.mktemp("deliveries")
    meant: dict[str, tuple[str, str]] = {}
    first = make_snapshot(workspace, "p", again=True).snapshot.number
    numbers = [first]
    for what, number in [*work, ("snapshot", 0)]:
        if what != "snapshot":
            do(labelled, what, number)
            continue
        numbers.append(make_snapshot(workspace, "p", again=True).snapshot.number)
    for number in numbers:
        out = place / str(number)
        export(workspace, "p", "kaldi", out, selection=Selection(snapshot=number))
        for line in (out / "id_map.tsv").read_text("utf-8").splitlines()[1:]:
            utterance, recording, _, segment_id, *_ = line.split("\t")
            assert meant.setdefault(utterance, (recording, segment_id)) == (recording, segment_id)
    for older, newer in itertools.pairwise(numbers):
        found = utterances(place / str(older))
        out = place / f"{older}-{newer}"
        try:
            correct(workspace, "p", older, newer, "kaldi", out)
        except ExportError:
            assert compare(workspace, "p", older, newer).is_same
        else:
            for utterance, *_ in rows(out):
                del found[utterance]
            found |= utterances(out / "kaldi")
        assert found == utterances(place / str(newer))
    shutil.rmtree(place)


def test_a_recording_that_is_removed_is_dropped_whole(labelled, tmp_path):
    remove_recording(labelled.workspace, "p", "two")
    make_snapshot(labelled.workspace, "p")
    found = compare(labelled.workspace, "p", 1, 2)
    assert (found.dropped, found.recordings_dropped) == (4, ("two",))
    correct(labelled.workspace, "p", 1, 2, "native", tmp_path / "out")
    assert [row[2] for row in rows(tmp_path / "out")] == ["two0", "two1", "two2", "two3"]
    assert len(load_snapshot(labelled.workspace, "p", 1).recordings) == 2
