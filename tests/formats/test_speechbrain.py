"""Manifests for SpeechBrain: braces, dollars, samples; and those of its recipes."""

import json

import pytest

from speechlabel import formats
from speechlabel.errors import ExportError, ParseError
from speechlabel.formats import Bundle, dump, load
from speechlabel.formats.base import bare_recording
from speechlabel.formats.contract import sample_export
from speechlabel.formats.examples import utterance_id
from speechlabel.formats.gather import TO_THE_END_US

from .conftest import segment

S = 1_000_000


def put(folder, content, name="train.json"):
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def test_braces_are_doubled_and_come_back(tmp_path, bundle_of):
    texts = ["{laugh}", "a {b} c", "}{", "{{", "$5", "{data_root}/x"]
    bundle = bundle_of(*(segment(f"s{n}", n * S, n * S + S, text=text) for n, text in enumerate(texts)))
    report = dump(bundle, tmp_path / "out", "speechbrain")
    assert not [loss for loss in report.losses if loss.field == "text"]
    raw = json.loads((tmp_path / "out/manifest.json").read_bytes())
    assert [value["wrd"].format_map({"data_root": "!"}) for value in raw.values()] == texts
    assert [s.text for _, found in load(tmp_path / "out").stream() for s in found] == texts


def test_a_dollar_cannot_be_escaped_in_csv_and_is_told(tmp_path, bundle_of):
    texts = ["$5", "5$", "a $b.c", "{x}", " lead", 'say "it"', "a\nb"]
    bundle = bundle_of(*(segment(f"s{n}", n * S, n * S + S, text=text) for n, text in enumerate(texts)))
    report = dump(bundle, tmp_path / "out", "speechbrain", file="csv")
    assert [loss.ids for loss in report.losses if loss.field == "text"] == [("s0", "s2")]
    found = [s.text for _, found in load(tmp_path / "out").stream() for s in found]
    assert found == ["$ 5", "5$", "a $ b.c", "{x}", " lead", 'say "it"', "a\nb"]


def test_paths_begin_at_the_data_root_unless_told(tmp_path, bundle_of):
    export = sample_export(tmp_path)
    dump(export, tmp_path / "a", "speechbrain")
    dump(export, tmp_path / "b", "speechbrain", data_root=False)
    ours, plain = (json.loads((tmp_path / name / "manifest.json").read_bytes()) for name in "ab")
    assert ours[utterance_id("b_stereo", "t-1")]["wav"] == {
        "file": "{data_root}/audio/b_stereo_0.wav",
        "start": 0,
        "stop": 16_000,
    }
    assert plain[utterance_id("b_stereo", "t-1")]["wav"]["file"] == "audio/b_stereo_0.wav"
    assert load(tmp_path / "b").audio == {
        key: tmp_path / "b" / path.relative_to(tmp_path / "a")
        if path.is_relative_to(tmp_path / "a")
        else path
        for key, path in load(tmp_path / "a").audio.items()
    }


def test_cut_audio_is_named_whole(tmp_path):
    export = sample_export(tmp_path)
    cut = type(export)(bundle=export.bundle, cut_clips=export.cut_clips, is_cut=True)
    dump(cut, tmp_path / "out", "speechbrain")
    id = utterance_id("a-mono", "s-1")
    value = json.loads((tmp_path / "out/manifest.json").read_bytes())[id]
    assert (value["wav"], value["duration"]) == (f"{{data_root}}/clips/{id}.flac", 1.75)
    (item, segments), _ = load(tmp_path / "out").stream()
    assert item.id == "a-mono" and segments[0].start_us == 500_000


def test_the_rate_must_be_known_to_count_in_samples(tmp_path):
    bare = bare_recording("r", "r.wav", 2 * S, path="/audio/r.wav")
    bundle = Bundle(recordings=(bare,), segments={"r": [segment("a", 0, S, text="x")]})
    with pytest.raises(ExportError, match="rate"):
        dump(bundle, tmp_path / "out", "speechbrain")


def test_manifests_of_recipes(tmp_path):
    path = put(
        tmp_path,
        {
            "spk1-0001": {
                "wav": "{data_root}/LibriSpeech/a.flac",
                "length": 15.5,
                "words": "HELLO {{x}}",
                "spk_id": "1272",
            },
            "spk1-0002": {
                "wav": {"file": "{data_root}/b.wav", "start": 8000, "stop": 24000},
                "duration": 1.0,
                "wrd": "TWO",
            },
            "spk1-0003": {
                "wav": {"file": "/abs/c.wav", "start": 44100, "stop": 88200},
                "duration": 1.0,
                "phn": "a b",
            },
        },
    )
    assert formats.detect(path) == "speechbrain"
    bundle = load(path)
    found = {item.path: segments[0] for item, segments in bundle.stream()}
    one = found[str(tmp_path / "LibriSpeech/a.flac")]
    assert (one.start_us, one.end_us, one.text, one.id) == (0, 15_500_000, "HELLO {x}", "spk1-0001")
    two, three = found[str(tmp_path / "b.wav")], found["/abs/c.wav"]
    assert (two.start_us, two.end_us, two.text) == (500_000, 1_500_000, "TWO")
    assert (three.start_us, three.end_us, three.custom) == (S, 2 * S, {"speechbrain": {"phn": "a b"}})


def test_a_length_in_samples_tells_no_rate(tmp_path):
    """As the recipes for speech activity have it: ``length`` counts samples, like the stretch."""
    wav = {"file": "{data_root}/a.wav", "start": 32000, "stop": 64000}
    (tmp_path / "x.json").write_text(json.dumps({"a": {"length": 32000, "wav": wav, "speech": "0.35 1.70"}}))
    bundle = load(tmp_path / "x.json", "speechbrain")
    assert [(item.start_us, item.end_us) for item in bundle.segments["a"]] == [(2_000_000, 4_000_000)]
    assert "taken as 16000 Hz" in bundle.notes[0]


def test_a_csv_of_a_recipe_with_blanks_after_commas(tmp_path):
    text = "ID, duration, wav, spk_id, wrd\nu1, 2.5, $data_root/a b.flac, s1, HELLO\n"
    text += 'u2, , c.flac, s2, "TWO, THREE"\n'
    path = put(tmp_path, text, "train.csv")
    assert formats.detect(path) == "speechbrain"
    found = {item.path: segments[0] for item, segments in load(path).stream()}
    assert found[str(tmp_path / "a b.flac")].text == "HELLO"
    assert (found[str(tmp_path / "c.flac")].end_us, found[str(tmp_path / "c.flac")].text) == (
        TO_THE_END_US,
        "TWO, THREE",
    )


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ('{"wav": "a.wav", "wrd": "{laugh}"}', "laugh"),
        ('{"wav": "a.wav", "wrd": "a } b"}', "braces"),
        ('{"wav": {"file": "a.wav", "start": 5, "stop": 5}}', "no stretch"),
        ("7", "object"),
    ],
)
def test_what_the_loader_would_refuse_is_a_fault(tmp_path, value, reason):
    path = put(tmp_path, '{\n"a": {"wav": "{data_root}/a.wav"},\n"b": ' + value + "\n}")
    [fault] = formats.get("speechbrain").faults(path)
    assert fault.line == 3 and reason in fault.reason


def test_faults_of_a_csv(tmp_path):
    path = put(tmp_path, "ID,duration,wav,wrd\na,1,$data_root/a.wav,x\na,long,b.wav,$5\n", "train.csv")
    assert [fault.line for fault in formats.get("speechbrain").faults(path)] == [3, 3, 3]


def test_an_id_that_stands_twice_is_told(tmp_path):
    path = put(tmp_path, '{"a": {"wav": "a.wav", "wrd": "x"},\n"a": {"wav": "b.wav", "wrd": "y"}}')
    assert any("twice" in note for note in load(path).notes)
    assert [fault.line for fault in formats.get("speechbrain").faults(path)] == [2]


def test_text_after_the_end_and_arrays_are_refused(tmp_path):
    for content, line in (
        ('{"a": {"wav": "a.wav"}}\nx', 2),
        ('{"a": [1]}', 1),
        ('{"a": {"wav": 1}\n"b": 2}', 2),
    ):
        with pytest.raises(ParseError) as caught:
            load(put(tmp_path, content), "speechbrain")
        assert caught.value.data["line"] == line
