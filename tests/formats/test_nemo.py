import dataclasses
import gzip
import json
from pathlib import Path

import orjson
import pytest

from speechlabel import formats
from speechlabel.errors import ExportError, ParseError
from speechlabel.formats import Bundle, dump, load
from speechlabel.formats.contract import NASTY_TEXTS, sample_export
from speechlabel.formats.examples import utterance_id
from speechlabel.formats.gather import TO_THE_END_US
from speechlabel.records import Speaker

from .conftest import recording, segment

FULL = Path(__file__).parent / "data/nemo/full/manifest.jsonl"


def written(source, out, **options):
    report = dump(source, out, "nemo", **options)
    lines = (out / "manifest.jsonl").read_bytes().split(b"\n")
    assert lines.pop() == b""
    return report, [orjson.loads(line) for line in lines]


def test_the_manifest_is_as_it_has_always_been(tmp_path):
    dump(sample_export(tmp_path), tmp_path / "out", "nemo")
    assert (tmp_path / "out/manifest.jsonl").read_bytes() == FULL.read_bytes()


def test_keys_come_in_the_order_that_people_expect(tmp_path, bundle_of):
    one = segment("a", 0, 500_000, text="x", language="zh", speaker="s", noise_labels=("cough",))
    _, [line] = written(bundle_of(one, speakers=[Speaker(id="s", name="Li")]), tmp_path / "out")
    assert list(line)[:6] == ["audio_filepath", "offset", "duration", "text", "lang", "speaker"]
    assert line["offset"] == 0.0
    assert "sampling_rate" not in line


def test_a_segment_without_a_language_gets_that_of_its_recording(tmp_path, bundle_of):
    found = segment("a", 0, 9, text="x", language="en"), segment("b", 10, 19, text="x")
    _, lines = written(bundle_of(*found, languages={"r": "zh"}), tmp_path / "out")
    assert [line["lang"] for line in lines] == ["en", "zh"]


def test_texts_are_verbatim(tmp_path, bundle_of):
    found = [segment(f"s{n}", n * 10, n * 10 + 9, text=text) for n, text in enumerate(NASTY_TEXTS)]
    _, lines = written(bundle_of(*found), tmp_path / "out")
    assert [line["text"] for line in lines] == list(NASTY_TEXTS)


def test_only_transcribed_speech_is_taught_unless_told(tmp_path, bundle_of):
    bundle = bundle_of(
        segment("a", 0, 9, text="x"),
        segment("b", 10, 19),
        segment("c", 20, 29, text="la la", kind="music"),
        segment("d", 30, 30, text="x", kind="event"),
    )
    report, lines = written(bundle, tmp_path / "out")
    assert [line["segment_id"] for line in lines] == ["a"]
    left_out = {id for loss in report.losses if loss.field == "segment" for id in loss.ids}
    assert left_out == {"b", "c", "d"}
    _, lines = written(bundle, tmp_path / "all", all_kinds="true")
    assert [(line["segment_id"], line.get("kind")) for line in lines] == [("a", None), ("c", "music")]


def test_segments_that_nemo_would_confuse_are_told(tmp_path, bundle_of):
    near = [segment("a", 1_000_000, 2_000_000, text="x"), segment("b", 1_001_000, 2_001_000, text="y")]
    report, _ = written(bundle_of(*near), tmp_path / "out")
    assert report.warnings == (
        "2 segments share their file, offset and duration to 0.01 s: NeMo gives them one cut id",
    )
    apart = dataclasses.replace(near[1], start_us=1_020_000, end_us=2_020_000)
    report, _ = written(bundle_of(near[0], apart), tmp_path / "apart")
    assert report.warnings == ()


def test_two_files_that_both_say_spk1_are_two_people(tmp_path):
    bundle = Bundle(
        recordings=(recording("a"), recording("b")),
        segments={id: [segment("x", 0, 9, text="t", speaker="spk1")] for id in "ab"},
    )
    _, [one, two] = written(bundle, tmp_path / "out")
    assert (one["speaker"], two["speaker"]) == ("a_spk1", "b_spk1")


def test_a_line_never_points_at_several_channels(tmp_path, bundle_of):
    with pytest.raises(ExportError, match="2 channels"):
        dump(bundle_of(segment("a", 0, 9, text="x", channel=1), channels=2), tmp_path / "out", "nemo")
    assert list(tmp_path.iterdir()) == []


def read(tmp_path, text, name="m.json"):
    (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    bundle = load(tmp_path / name, "nemo")
    found = [
        (recording.name, s.start_us, s.end_us, s.text, s.speaker)
        for recording, segments in bundle.stream()
        for s in segments
    ]
    return bundle, found


def test_our_own_manifest_comes_back(tmp_path):
    export = sample_export(tmp_path)
    dump(export, tmp_path / "out", "nemo")
    assert formats.detect(tmp_path / "out") == "nemo"
    bundle = load(tmp_path / "out")
    wanted = {s.id: (r.id, s.channel, s.start_us, s.end_us) for r, ss in export.bundle.stream() for s in ss}
    found = {s.id: (r.id, s.channel, s.start_us, s.end_us) for r, ss in bundle.stream() for s in ss}
    assert len(found) == 7 and found.items() <= wanted.items()
    assert bundle.audio["b_stereo", 1] == tmp_path / "out/audio/b_stereo_1.wav"
    assert {s.id: (s.name, s.gender) for s in bundle.speakers["a-mono"]} == {
        "s1": ("Lin Wei", "female"),
        "s2": ("李 明", "male"),
    }


def test_segments_with_files_of_their_own_come_back_to_their_recordings(tmp_path):
    export = dataclasses.replace(sample_export(tmp_path), is_cut=True)
    _, lines = written(export, tmp_path / "out")
    assert {line["offset"] for line in lines} == {0.0}
    assert lines[0]["audio_filepath"] == f"clips/{utterance_id('a-mono', 's-1')}.flac"
    bundle = load(tmp_path / "out")
    assert {(r.id, r.path) for r in bundle.recordings} == {("a-mono", ""), ("b_stereo", "")}
    assert [(s.start_us, s.end_us) for s in bundle.segments["b_stereo"]][1] == (250_000, 1_250_000)


ONE = '{"audio_filepath":"a.wav","duration":1.5,"text":"x"}'
TWO = '{"audio_filepath":"a.wav","offset":2,"duration":"1","text":"y"}'


@pytest.mark.parametrize(
    "text",
    [
        f"{ONE}\n\n{TWO}",
        f"[{ONE},\n{TWO}]",
        f"{json.dumps(json.loads(ONE), indent=2)}\n{json.dumps(json.loads(TWO), indent=1)}",
        f"\ufeff{ONE} {TWO}\r\n",
        f"{ONE},\n{TWO},".replace("filepath", "filename", 1).replace('"text":"x"', '"normalized_text":"x"'),
        f"{ONE}\n{TWO}".replace('"offset":2,"duration":"1"', '"start_time":2,"end_time":3.0'),
        f"{ONE}\n{TWO}".replace("duration", "end", 1).replace('"text":"y"', '"answer":"y"'),
    ],
)
def test_manifests_of_every_shape_are_read(tmp_path, text):
    bundle, found = read(tmp_path, text)
    assert found == [("a.wav", 0, 1_500_000, "x", None), ("a.wav", 2_000_000, 3_000_000, "y", None)]
    assert bundle.recordings[0].path == str(tmp_path / "a.wav")
    assert formats.detect(tmp_path / "m.json") == "nemo"


@pytest.mark.parametrize("value", ['"None"', "null", "NaN", '""'])
def test_a_length_that_is_not_told_lasts_to_the_end(tmp_path, value):
    bundle, found = read(
        tmp_path, f'{{"audio_filepath":"/x/a.wav","offset":null,"duration":{value},"text":"x"}}\n'
    )
    assert found == [("a.wav", 0, TO_THE_END_US, "x", None)]
    assert any("taken to the end of the file" in note for note in bundle.notes)


def test_what_it_says_beyond_our_fields_is_kept_and_written_again(tmp_path):
    line = {
        "audio_filepath": "C:\\a\\b.wav",
        "duration": 2,
        "text": "hi",
        "speaker": 7,
        "lang": "en",
        "pnc": "yes",
        "target_lang": "de",
        "sampling_rate": 16_000,
        "user_id": [1, None],
        "confidence": "high",
        "segment_id": 4,
    }
    bundle, found = read(tmp_path, json.dumps(line) + "\n")
    assert found == [("b.wav", 0, 2_000_000, "hi", "b-7")]
    [segment] = bundle.segments["b"]
    assert segment.custom["nemo"]["pnc"] == "yes" and segment.custom["nemo"]["confidence"] == "high"
    assert segment.language == "en"
    [again] = written(bundle, tmp_path / "out")[1]
    assert (again["pnc"], again["target_lang"], again["user_id"]) == ("yes", "de", [1, None])
    assert "sampling_rate" not in again


def test_odd_lines_are_mended_and_told(tmp_path):
    text = (
        b'{"audio_filepath":"a.wav","duration":1,"text":"\\ud83d half"}\n'
        b'{"audio_filepath":"a.wav","duration":1,"offset":1,"text":"caf\xe9"}\n'
        b'{"audio_filepath":"a.wav","duration":0,"offset":2,"text":"x"}\n'
        b'{"audio_filepath":"a.wav","duration":1,"offset":-0.5,"text":"y"}\n'
        b'{"audio_filepath":"http://x/a.wav","duration":1,"text":NaN,"_skipme":true}\n'
    )
    bundle, found = read(tmp_path, text)
    assert sorted(item[3] or "" for item in found) == ["", "? half", "café", "y"]
    told = "\n".join(bundle.notes)
    for reason in (
        "line 2: is not UTF-8",
        "line 3: has no length: left out",
        "line 4: starts before the recording",
        "line 5: is marked to be skipped",
        "line 5: 'http://x/a.wav': its audio is not a path",
    ):
        assert reason in told
    skipped = [s for _, ss in bundle.stream() for s in ss if not s.is_valid]
    assert [s.invalid_reason for s in skipped] == ["_skipme"]


def test_turns_of_sessions_are_read(tmp_path):
    """SegLST, as NeMo, MeetEval and the CHiME tasks write it: times may be text, or as a clock shows them."""
    turns = [
        {
            "session_id": "S01",
            "speaker": "P1",
            "start_time": "1.5",
            "end_time": "2.25",
            "words": "hello there",
        },
        {
            "session_id": "S01",
            "speaker": "P2",
            "start_time": "0:01:05.79",
            "end_time": "0:01:06",
            "words": "",
        },
        {
            "session_id": "S02",
            "speaker": "P1",
            "start_time": 0,
            "end_time": 1,
            "words": "x",
            "custom_key": "y",
        },
    ]
    path = tmp_path / "ref.seglst.json"
    path.write_text(json.dumps(turns, indent=2))
    assert formats.detect(path) == "nemo"
    bundle = load(path)
    found = [(r.id, s.start_us, s.end_us, s.text) for r, segments in bundle.stream() for s in segments]
    assert found == [
        ("S01", 1_500_000, 2_250_000, "hello there"),
        ("S01", 65_790_000, 66_000_000, ""),
        ("S02", 0, 1_000_000, "x"),
    ]
    assert [(item.path, item.duration_us) for item in bundle.recordings] == [
        ("", 66_000_000),
        ("", 1_000_000),
    ]
    assert not bundle.notes


@pytest.mark.parametrize("key", ["transcription", "sentence", "transcript"])
def test_other_names_of_the_text(tmp_path, key):
    (tmp_path / "x.json").write_text(json.dumps({"audio_filepath": "a.wav", "duration": 1, key: "hi"}))
    assert [item.text for item in load(tmp_path / "x.json", "nemo").segments["a"]] == ["hi"]


def test_many_folders_may_hold_a_file_of_one_name(tmp_path):
    lines = "".join(f'{{"audio_filepath":"{n}/audio.wav","duration":1,"text":"{n}"}}\n' for n in range(5))
    bundle, found = read(tmp_path, lines)
    assert len(found) == len({recording.id for recording in bundle.recordings}) == 5
    assert [recording.path for recording in bundle.recordings] == [
        str(tmp_path / f"{n}/audio.wav") for n in range(5)
    ]


def test_utf_16_and_gzip_are_read(tmp_path):
    line = '{"audio_filepath":"a.wav","duration":1,"text":"你好"}\n'
    for raw in (line.encode("utf-16"), gzip.compress(line.encode()), gzip.compress(f"[{line}]".encode())):
        assert read(tmp_path, raw)[1] == [("a.wav", 0, 1_000_000, "你好", None)]
    with pytest.raises(ParseError, match="gzip"):
        read(tmp_path, gzip.compress(line.encode() * 50)[:-10])


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (
            '{"audio_filepath":"a","offset":0.5,"duration":1,"text":"x","sampling_rate":16000}',
            "sampling_rate beside",
        ),
        ('{"audio_filepath":"a","duration":"1","text":"x"}', "duration must be"),
        ('{"audio_filepath":"a","duration":0,"text":"x"}', "duration must be"),
        ('{"audio_filepath":"a","duration":1,"offset":-1,"text":"x"}', "offset must be"),
        ('{"audio_filepath":"a","duration":1}', "text is missing"),
        ('{"duration":1,"text":"x"}', "audio_filepath is missing"),
        ('{"audio_filepath":"a","duration":NaN,"text":"x"}', "is not one JSON object"),
        ('["a"]', "is not one JSON object"),
    ],
)
def test_what_nemo_would_refuse_is_told(tmp_path, line, reason):
    good = '{"audio_filepath":"a","offset":0.0,"duration":1,"text":"x","sampling_rate":16000}\n'
    (tmp_path / "m.json").write_text(f"{good}\n{line}\n")
    [fault] = formats.get("nemo").faults(tmp_path / "m.json")
    assert (fault.file, fault.line) == ("m.json", 3) and reason in fault.reason


def test_an_empty_manifest_is_a_fault(tmp_path):
    (tmp_path / "m.json").write_text("\n")
    assert [fault.reason for fault in formats.get("nemo").faults(tmp_path / "m.json")] == ["is empty"]
