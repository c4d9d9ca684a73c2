"""Annotations of other programs: recognised, matched to their audio, taken in once."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import soundfile

from speechlabel import formats
from speechlabel.errors import InputError, SpeechLabelError
from speechlabel.records import Segment
from speechlabel.workflow.annotations import bring_in, foretell, source_of, survey, take_in
from speechlabel.workflow.export import Selection, export
from speechlabel.workflow.label import open_recording, shown_transcript
from speechlabel.workflow.options import ImportOptions, Reading
from speechlabel.workflow.projects import create_project
from speechlabel.workflow.tiers import parse_meaning

RATE = 16_000

GRID = """File type = "ooTextFile"
Object class = "TextGrid"
0
3
<exists>
2
"IntervalTier"
"Anna"
0
3
2
0
1.5
"hello"
1.5
3
""
"IntervalTier"
"Anna translation"
0
3
1
0
1.4
"bonjour"
"""


def write_audio(path: Path, seconds: float = 3.0, channels: int = 1, seed: int = 1) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(seed).integers(-9000, 9000, (int(seconds * RATE), channels))
    soundfile.write(path, noise.astype(np.int16), RATE)
    return path


def bring(desk, *paths, tiers=None):
    found = survey(desk.workspace, desk.project, paths)
    return take_in(desk.workspace, desk.project, found, tiers=tiers)


def texts(desk, recording):
    opened = open_recording(desk.workspace, desk.project, recording, author="user:me")
    names = {speaker.id: speaker.name for speaker in opened.speakers}
    return [(s.start_us, s.end_us, s.text, names.get(s.speaker)) for s in opened.segments]


def test_a_folder_of_audio_and_annotations_comes_in_whole(desk, tmp_path):
    folder = tmp_path / "batch"
    write_audio(folder / "one.wav")
    write_audio(folder / "two.wav", seed=2)
    (folder / "one.TextGrid").write_text(GRID)
    (folder / "notes.xyz").write_text("nothing")
    found = survey(desk.workspace, desk.project, [folder])
    assert not desk.workspace.store.recordings(desk.project), "a survey changes nothing"
    [item] = found.items
    assert (item.document.format, item.segments, item.match.how) == ("textgrid", 2, "beside")
    assert [tier.name for tier in item.tiers] == ["Anna translation", "Anna"]
    assert len(found.audio) == 2

    report = take_in(desk.workspace, desk.project, found)
    assert [item["recording"] for item in report.imported] == ["one"]
    assert not report.unmatched and not report.failed
    assert texts(desk, "one") == [
        (0, 1_400_000, "bonjour", "Anna translation"),
        (0, 1_500_000, "hello", "Anna"),
    ]


def test_the_same_import_twice_changes_nothing(desk, tmp_path):
    write_audio(tmp_path / "in" / "one.wav")
    (tmp_path / "in" / "one.TextGrid").write_text(GRID)
    first = bring(desk, tmp_path / "in")
    again = bring(desk, tmp_path / "in")
    assert not again.imported and not again.added
    assert again.unchanged[0]["transcript"] == first.imported[0]["transcript"]
    (tmp_path / "in" / "one.TextGrid").write_text(GRID.replace("hello", "hallo"))
    assert len(bring(desk, tmp_path / "in").imported) == 1
    assert "hallo" in [text for _, _, text, _ in texts(desk, "one")]


def test_tiers_become_layers_channels_labels_or_nothing(desk, tmp_path):
    write_audio(tmp_path / "in" / "one.wav", channels=2)
    (tmp_path / "in" / "one.TextGrid").write_text(GRID)
    tiers = {"Anna": "channel:1", "Anna translation": "layer:translation"}
    bring(desk, tmp_path / "in", tiers=tiers)
    [segment] = open_recording(desk.workspace, desk.project, "one", author="user:me").segments
    assert (segment.channel, segment.text, segment.fields) == (1, "hello", {"translation": "bonjour"})


@pytest.mark.parametrize(
    ("meaning", "wanted"),
    [
        ("speaker:Bea", ("Bea", (), 2)),
        ("speaker:", ("Anna translation", (), 2)),
        ("nobody", (None, (), 2)),
        ("label:noise", (None, ("noise",), 2)),
        ("skip", None),
    ],
)
def test_what_a_tier_can_be(desk, tmp_path, meaning, wanted):
    write_audio(tmp_path / "in" / "one.wav")
    (tmp_path / "in" / "one.TextGrid").write_text(GRID)
    bring(desk, tmp_path / "in", tiers={"Anna translation": meaning})
    opened = open_recording(desk.workspace, desk.project, "one", author="user:me")
    names = {speaker.id: speaker.name for speaker in opened.speakers}
    found = [s for s in opened.segments if s.text == "bonjour"]
    if wanted is None:
        assert not found and len(opened.segments) == 1
    else:
        [segment] = found
        assert (names.get(segment.speaker), segment.noise_labels, len(opened.segments)) == wanted


@pytest.mark.parametrize(
    "wrong", ["", "channel:", "channel:x", "channel:-1", "layer:", "skip:this", "tier:1"]
)
def test_a_meaning_that_is_none_is_refused(wrong):
    with pytest.raises(InputError, match=r"tier|channel"):
        parse_meaning(wrong)


def test_a_layer_over_no_segment_is_told(desk, tmp_path):
    write_audio(tmp_path / "in" / "one.wav")
    (tmp_path / "in" / "one.TextGrid").write_text(GRID.replace('0\n1.4\n"bon', '1.5\n3\n"bon'))
    report = bring(desk, tmp_path / "in", tiers={"Anna translation": "layer:translation"})
    assert any("bonjour" in note and "over no segment" in note for note in report.notes)


def test_annotations_find_recordings_that_are_there_already(desk, tmp_path):
    [id] = desk.take(write_audio(tmp_path / "audio" / "录音 1.wav"))
    grid = tmp_path / "elsewhere" / "录音 1.TextGrid"
    grid.parent.mkdir()
    grid.write_text(GRID)
    report = bring(desk, grid)
    assert report.imported[0]["recording"] == id and not report.added
    assert shown_transcript(desk.workspace, desk.project, id).author == "import:textgrid"


def test_what_has_no_audio_is_listed(desk, tmp_path):
    (tmp_path / "lost.TextGrid").write_text(GRID)
    report = bring(desk, tmp_path / "lost.TextGrid")
    assert not report.imported
    assert [(item["recording"], item["segments"]) for item in report.unmatched] == [("lost.TextGrid", 2)]


def test_of_two_files_of_one_name_the_nearer_one_is_taken(desk, tmp_path):
    near = write_audio(tmp_path / "a" / "one.wav")
    write_audio(tmp_path / "b" / "one.wav", seed=2)
    (tmp_path / "a" / "one.TextGrid").write_text(GRID)
    [item] = survey(desk.workspace, desk.project, [tmp_path]).items
    assert item.match.path == near
    (tmp_path / "one.TextGrid").write_text(GRID)
    found = survey(desk.workspace, desk.project, [tmp_path])
    assert [item.match is None for item in found.items] == [False, True], "nobody can say which"


def test_times_beyond_the_end_are_cut_and_told(desk, tmp_path):
    write_audio(tmp_path / "in" / "one.wav", seconds=1.0)
    late = GRID.replace('1.5\n3\n""', '1.5\n3\n"late"')
    (tmp_path / "in" / "one.TextGrid").write_text(late)
    report = bring(desk, tmp_path / "in")
    assert [end for _, end, _, _ in texts(desk, "one")] == [1_000_000, 1_000_000]
    assert any("begins after the end" in note for note in report.notes)
    assert any("ends 0.500 s" in note for note in report.notes) is False, "half a second is rounding"


def test_a_channel_that_is_not_there_is_told(desk, tmp_path):
    write_audio(tmp_path / "in" / "one.wav")
    rttm = "SPEAKER one 1 0 1 <NA> <NA> a <NA> <NA>\nSPEAKER one 2 1 1 <NA> <NA> b <NA> <NA>\n"
    (tmp_path / "in" / "one.rttm").write_text(rttm)
    report = bring(desk, tmp_path / "in")
    assert any("no channel 2" in note for note in report.notes)
    assert len(texts(desk, "one")) == 2


def test_broken_files_do_not_stop_the_others(desk, tmp_path):
    folder = tmp_path / "in"
    write_audio(folder / "one.wav")
    (folder / "one.TextGrid").write_text(GRID)
    (folder / "two.TextGrid").write_text(GRID[:120])
    report = bring(desk, folder / "one.TextGrid", folder / "two.TextGrid", folder / "one.wav")
    assert len(report.imported) == 1
    [(path, reason)] = report.failed
    assert path.name == "two.TextGrid" and "two.TextGrid:" in reason


def test_all_that_lies_there_is_brought_in_at_once(desk, tmp_path):
    folder = tmp_path / "in"
    write_audio(folder / "one.wav")
    write_audio(folder / "two.wav", seed=2)
    (folder / "one.TextGrid").write_text(GRID)
    (folder / "readme.xyz").write_text("nothing")
    (tmp_path / "x.bin").write_bytes(bytes(range(256)))
    done = []
    report = bring_in(
        desk.workspace,
        desk.project,
        [folder, tmp_path / "x.bin"],
        progress=lambda n, total: done.append((n, total)),
    )
    assert report["added"] == ["one", "two"] and report["skipped"] == 1
    assert [item["recording"] for item in report["imported"]] == ["one"]
    assert [Path(item["path"]).name for item in report["failed"]] == ["x.bin"], "it is tried as audio"
    assert done[-1] == (3, 3)
    lost = bring_in(desk.workspace, desk.project, [tmp_path / "not there"])
    assert "no such file" in lost["failed"][0]["reason"]
    with pytest.raises(InputError, match="tier"):
        bring_in(desk.workspace, desk.project, [folder], options=ImportOptions(tiers={"Anna": "person"}))


def test_paths_in_an_annotation_are_looked_at_only_where_that_is_allowed(desk, tmp_path):
    secret = write_audio(tmp_path / "secret" / "one.wav")
    manifest = tmp_path / "in" / "package"
    [id] = desk.take(secret)
    desk.label(id, Segment(start_us=0, end_us=1_000_000, text="x", status="done"))
    export(desk.workspace, desk.project, "native", manifest, selection=Selection(include=frozenset({"all"})))
    create_project(desk.workspace, "q", language="en")
    other = dataclasses.replace(desk, project="q")
    [item] = survey(desk.workspace, "q", [manifest], may_open=lambda path: False).items
    assert item.match is None
    [item] = survey(desk.workspace, "q", [manifest]).items
    assert item.match.how == "path" and item.match.path == secret
    assert bring(other, manifest).imported


def test_the_file_that_was_read_is_kept_for_writing_back(desk, tmp_path, monkeypatch):
    write_audio(tmp_path / "in" / "one.wav")
    grid = tmp_path / "in" / "one.TextGrid"
    grid.write_text(GRID)
    found = survey(desk.workspace, desk.project, [tmp_path / "in"])
    [item] = found.items
    bundle = dataclasses.replace(item.document.bundle, sources={item.recording.id: grid})
    found.items = [dataclasses.replace(item, document=dataclasses.replace(item.document, bundle=bundle))]
    take_in(desk.workspace, desk.project, found)
    opened = open_recording(desk.workspace, desk.project, "one", author="user:me")
    name, kept = source_of(desk.workspace, opened.recording, opened.transcript)
    assert name == "textgrid" and kept.read_text() == GRID


def test_a_format_of_another_package_that_is_broken_stops_no_other(desk, tmp_path, monkeypatch):
    write_audio(tmp_path / "in" / "one.wav")
    (tmp_path / "in" / "one.TextGrid").write_text(GRID)
    get = formats.get

    def broken(name, **options):
        if name == "rttm":
            raise SpeechLabelError("format 'rttm' cannot be loaded")
        return get(name, **options)

    monkeypatch.setattr(formats, "get", broken)
    report = bring(desk, tmp_path / "in")
    assert len(report.imported) == 1 and "cannot be loaded" in report.notes[0]


def test_a_survey_foretells_what_would_be_lost_and_what_is_there_already(desk, tmp_path):
    audio = write_audio(tmp_path / "one.wav", seconds=0.5)
    (tmp_path / "one.TextGrid").write_text(GRID)
    found = survey(desk.workspace, desk.project, [tmp_path])
    assert foretell(desk.workspace, found) == [((), False)], (
        "of audio that is no recording yet nothing is known"
    )
    bring_in(desk.workspace, desk.project, [audio])
    found = survey(desk.workspace, desk.project, [tmp_path])
    [outlook] = foretell(desk.workspace, found)
    assert not outlook.is_same
    assert ["ends 1.000 s after" in note or "ends 0.900 s after" in note for note in outlook.notes] == [
        True
    ] * 2
    take_in(desk.workspace, desk.project, found)
    assert foretell(desk.workspace, found)[0].is_same
    assert not foretell(desk.workspace, found, tiers={"Anna": "skip"})[0].is_same
    homeless = foretell(desk.workspace, found, tiers={"Anna": "skip", "Anna translation": "layer:fr"})
    assert "lies over no segment" in homeless[0].notes[0]


def test_a_file_is_read_as_a_person_says_or_left_out(desk, tmp_path):
    write_audio(tmp_path / "one.wav")
    odd = tmp_path / "one.csv"
    odd.write_text("von,bis,worte\n0.5,1.5,hallo\n")
    out = tmp_path / "one.TextGrid"
    out.write_text(GRID)
    found = survey(desk.workspace, desk.project, [tmp_path])
    assert (found.skipped, found.n_skipped) == ([odd], 1)
    readings = {odd: Reading("csv", {"columns": "start=1;end=2;text=3"}), out: Reading(None, {})}
    found = survey(desk.workspace, desk.project, [tmp_path], options=ImportOptions(readings=readings))
    assert [(item.document.path, item.segments) for item in found.items] == [(odd, 1)]
    assert found.skipped == [out]
    with pytest.raises(InputError, match="mapping"):
        bad = ImportOptions(readings={odd: Reading("csv", {"mapping": "x"})})
        survey(desk.workspace, desk.project, [tmp_path], options=bad)


def test_of_audio_with_one_name_in_two_folders_each_annotation_finds_its_own(desk, tmp_path):
    recordings = {}
    for seed, name in enumerate(("monday", "tuesday")):
        (tmp_path / "labels" / name).mkdir(parents=True)
        (tmp_path / "labels" / name / "call.TextGrid").write_text(GRID.replace("hello", name))
        kept = write_audio(tmp_path / "kept" / name / "call.wav", seed=seed + 5)
        [id] = bring_in(desk.workspace, desk.project, [kept])["added"]
        recordings[tmp_path / "labels" / name / "call.wav"] = desk.workspace.store.recording(desk.project, id)
    found = survey(desk.workspace, desk.project, [tmp_path / "labels"])
    assert [item.match for item in found.items] == [None, None], "either would do"
    found = survey(desk.workspace, desk.project, [tmp_path / "labels"], audio=recordings)
    report = take_in(desk.workspace, desk.project, found, audio=recordings)
    assert report.unmatched == []
    for path, recording in recordings.items():
        assert path.parent.name in [text for _, _, text, _ in texts(desk, recording.id)]


def test_a_table_without_times_labels_whole_recordings(desk, tmp_path):
    folder = tmp_path / "in"
    write_audio(folder / "one.wav", seconds=1.5)
    (folder / "metadata.csv").write_text("one|hello there|hello there\n")
    report = bring(desk, folder)
    assert texts(desk, "one") == [(0, 1_500_000, "hello there", None)]
    assert not any("after the end" in note for note in report.notes)
    assert survey(desk.workspace, desk.project, [folder]).items[0].duration_us == 0, "nobody has said"


def test_of_several_annotations_it_says_which_is_shown(desk, tmp_path):
    folder = tmp_path / "in"
    write_audio(folder / "one.wav")
    (folder / "one.TextGrid").write_text(GRID)
    (folder / "one.rttm").write_text("SPEAKER one 1 0 1 <NA> <NA> a <NA> <NA>\n")
    report = bring(desk, folder)
    shown = shown_transcript(desk.workspace, desk.project, "one").author.partition(":")[2]
    assert len(report.imported) == 2
    assert any(f"the {shown} of one." in note and "is shown" in note for note in report.notes)
