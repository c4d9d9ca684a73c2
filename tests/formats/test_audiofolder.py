"""Folders of clips for Hugging Face's loader, ours and other people's."""

import json

import pytest

from speechlabel import formats
from speechlabel.errors import ExportError, ParseError
from speechlabel.formats import Bundle, dump, load
from speechlabel.formats.contract import sample_export
from speechlabel.formats.examples import utterance_id
from speechlabel.formats.gather import TO_THE_END_US

from .conftest import recording, segment

S = 1_000_000


def lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n")[:-1]]


def put(folder, content, name="metadata.jsonl"):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(content, encoding="utf-8")
    return folder


def test_every_value_has_one_type_over_all_rows(tmp_path):
    dump(sample_export(tmp_path), tmp_path / "out", "audiofolder")
    rows = lines(tmp_path / "out/train/metadata.jsonl")
    shapes = {tuple((key, type(value)) for key, value in row.items()) for row in rows}
    assert len(rows) == 8 and len(shapes) == 1
    assert next(iter(rows[0])) == "file_name"
    assert all((tmp_path / "out/train" / row["file_name"]).is_file() for row in rows)


def test_the_split_and_the_card_can_be_chosen(tmp_path):
    dump(sample_export(tmp_path), tmp_path / "out", "audiofolder", split="validation", card=False)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["validation"]
    dump(sample_export(tmp_path), tmp_path / "two", "audiofolder", split="test")
    head = (tmp_path / "two/README.md").read_text(encoding="utf-8").split("---\n")[1]
    assert "- split: test\n    path: test/**\n" in head and "language:\n- en\n- zh\n" in head


def test_without_audio_there_is_nothing_to_write(tmp_path, bundle_of):
    with pytest.raises(ExportError, match="audio of each segment"):
        dump(bundle_of(segment("a", 0, S, text="x")), tmp_path / "out", "audiofolder")


def test_folders_of_other_people(tmp_path):
    train = put(
        tmp_path / "train",
        '{"file_name": "a/x.wav", "transcription": "hallo", "duration": 1.5, "mos": 4.5}\n',
    )
    put(
        tmp_path / "test",
        '{"file_name": "y.wav", "transcription": "du", "speaker_id": "007", "tags": ["a", "b"]}\n',
    )
    assert formats.detect(tmp_path) == "audiofolder"
    assert formats.detect(train / "metadata.jsonl") == "audiofolder"
    bundle = load(tmp_path)
    (first, [one]), (second, [two]) = bundle.stream()
    assert (first.path, one.end_us, one.text) == (str(train / "a/x.wav"), 1_500_000, "hallo")
    assert one.custom == {"audiofolder": {"mos": "4.5", "split": "train"}}
    assert (second.path, two.end_us, two.tags) == (str(tmp_path / "test/y.wav"), TO_THE_END_US, ("a", "b"))
    assert [speaker.name for speaker in bundle.speakers[second.id]] == ["007"]


def test_a_metadata_csv_keeps_what_the_loader_would_damage(tmp_path):
    put(tmp_path, 'file_name,text,speaker_id\na.wav,NA,001\nb.wav,"null, really",002\n', "metadata.csv")
    assert formats.detect(tmp_path) == "audiofolder"
    bundle = load(tmp_path)
    assert [
        (s.text, names[0].name) for (item, [s]), names in zip(bundle.stream(), bundle.speakers.values())
    ] == [
        ("NA", "001"),
        ("null, really", "002"),
    ]


def test_clips_are_recordings_of_their_own_when_asked(tmp_path, bundle_of):
    export = sample_export(tmp_path)
    dump(export, tmp_path / "out", "audiofolder")
    bundle = load(tmp_path / "out", as_clips="true")
    assert len(bundle.recordings) == 8
    by_name = {item.path: segments for item, segments in bundle.stream()}
    [one] = by_name[str(tmp_path / f"out/train/{utterance_id('a-mono', 's-1')}.flac")]
    assert (one.start_us, one.end_us, one.text, one.channel) == (0, 1_750_000, "hello", None)
    assert [speaker.name for speaker in bundle.speakers[utterance_id("a-mono", "s-1")]] == ["李 明"]


@pytest.mark.parametrize(
    ("second", "reason"),
    [
        ('{"file_name": "a.wav", "text": "y"}', "twice"),
        ('{"file_name": "b.wav", "text": 7}', "of type number, but of type text"),
        ('{"file_name": "../b.wav", "text": "y"}', "does not lie"),
        ('{"text": "y"}', "missing"),
        ('["b.wav"]', "object"),
    ],
)
def test_faults_that_the_loader_stumbles_over(tmp_path, second, reason):
    put(tmp_path, '{"file_name": "a.wav", "text": "x"}\n' + second + "\n")
    [fault] = formats.get("audiofolder").faults(tmp_path)
    assert (fault.file, fault.line) == ("metadata.jsonl", 2) and reason in fault.reason, fault


def test_two_kinds_of_metadata_are_a_fault(tmp_path):
    put(tmp_path, '{"file_name": "a.wav", "text": "x"}\n')
    put(tmp_path, "file_name,text\na.wav,x\n", "metadata.csv")
    assert ["beside" in fault.reason for fault in formats.get("audiofolder").faults(tmp_path)] == [True]


def test_a_folder_that_names_no_file_is_refused(tmp_path):
    put(tmp_path, '{"name": "x"}\n')
    with pytest.raises(ParseError, match=r"metadata\.jsonl"):
        load(tmp_path, "audiofolder")


def test_ids_of_segments_that_two_recordings_share(tmp_path):
    whole = Bundle(
        recordings=(recording("a"), recording("b")),
        segments={"a": [segment("s", 0, S, text="x")], "b": [segment("s", 0, S, text="y")]},
    )
    export = sample_export(tmp_path)
    dump(type(export)(bundle=whole, cut_clips=export.cut_clips), tmp_path / "out", "audiofolder")
    found = [
        (item.id, [(s.id, s.text) for s in segments]) for item, segments in load(tmp_path / "out").stream()
    ]
    assert found == [("a", [("s", "x")]), ("b", [("s", "y")])]
