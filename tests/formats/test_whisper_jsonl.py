"""Lists for fine-tuning Whisper: clips, sentences with times, languages that it knows."""

import json

import pytest

from speechlabel import formats
from speechlabel.errors import OptionError
from speechlabel.formats import dump, load
from speechlabel.formats.contract import sample_export
from speechlabel.formats.gather import TO_THE_END_US

from .conftest import segment

S = 1_000_000


def written(folder):
    return [
        json.loads(line) for line in (folder / "train.jsonl").read_text(encoding="utf-8").split("\n")[:-1]
    ]


def put(folder, *lines, name="train.jsonl"):
    path = folder / name
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    return path


def with_clips(tmp_path, bundle):
    export = sample_export(tmp_path)
    return type(export)(bundle=bundle, cut_clips=export.cut_clips)


def test_a_line_holds_what_the_reader_looks_at(tmp_path, bundle_of):
    one = segment("a", 500_000, 2_250_000, text="你好 {x}", language="zh-CN")
    dump(with_clips(tmp_path, bundle_of(one)), tmp_path / "out", "whisper_jsonl")
    [line] = written(tmp_path / "out")
    assert list(line)[:5] == ["audio", "sentence", "language", "sentences", "duration"]
    assert (line["sentence"], line["language"], line["duration"]) == ("你好 {x}", "zh", 1.75)
    assert [(item["start"], item["end"], item["text"]) for item in line["sentences"]] == [
        (0.0, 1.75, "你好 {x}")
    ]
    assert (tmp_path / "out" / line["audio"]["path"]).is_file()
    [(_, [back])] = load(tmp_path / "out").stream()
    assert (back.id, back.start_us, back.end_us, back.language) == ("a", 500_000, 2_250_000, "zh-CN")


def test_a_language_that_whisper_does_not_know_is_left_to_the_reader(tmp_path, bundle_of):
    one = segment("a", 0, S, text="x", language="tlh")
    dump(with_clips(tmp_path, bundle_of(one)), tmp_path / "out", "whisper_jsonl")
    [line] = written(tmp_path / "out")
    assert "language" not in line
    [(_, [back])] = load(tmp_path / "out").stream()
    assert back.language == "tlh"


def test_neighbours_are_joined_up_to_the_window(tmp_path, bundle_of):
    found = (
        segment("a", 0, 2 * S, text="one", speaker="x"),
        segment("b", 2 * S, 4 * S, text="two", speaker="y"),
        segment("c", 3 * S, 5 * S, text="over two"),
        segment("d", 6 * S, 9 * S, text="你好"),
        segment("e", 9 * S, 10 * S, text="世界"),
    )
    bundle = bundle_of(*found)
    dump(with_clips(tmp_path, bundle), tmp_path / "out", "whisper_jsonl", window="5")
    lines = written(tmp_path / "out")
    assert [(line["sentence"], line["duration"], len(line["sentences"])) for line in lines] == [
        ("one two", 4.0, 2),
        ("over two", 2.0, 1),
        ("你好世界", 4.0, 2),
    ]
    assert [(item["start"], item["end"]) for item in lines[2]["sentences"]] == [(0.0, 3.0), (3.0, 4.0)]
    [(_, segments)] = load(tmp_path / "out").stream()
    assert [(s.id, s.start_us, s.end_us, s.text) for s in segments] == [
        (s.id, s.start_us, s.end_us, s.text) for s in found
    ]
    with pytest.raises(OptionError):
        formats.get("whisper_jsonl", window=31)


def test_clips_that_the_reader_skips_are_told(tmp_path, bundle_of):
    bundle = bundle_of(segment("a", 0, 400_000, text="short"), segment("b", S, 2 * S, text="fine"))
    report = dump(with_clips(tmp_path, bundle), tmp_path / "out", "whisper_jsonl")
    [warning] = report.warnings
    assert warning.startswith("1 clips") and report.segments == 2


def test_paths_can_be_absolute(tmp_path, bundle_of):
    bundle = bundle_of(segment("a", 0, S, text="x"))
    dump(with_clips(tmp_path, bundle), tmp_path / "out", "whisper_jsonl", paths="absolute")
    [line] = written(tmp_path / "out")
    assert line["audio"]["path"].startswith(str(tmp_path / "out/clips/"))


def test_lists_of_other_people(tmp_path):
    path = put(
        tmp_path,
        {
            "audio": {"path": "dataset/0.wav"},
            "sentence": "近几年，不但",
            "language": "Chinese",
            "sentences": [
                {"start": 0, "end": 1.4, "text": "近几年，"},
                {"start": 1.42, "end": 7.37, "text": "不但", "speaker": "A"},
            ],
            "duration": 7.37,
        },
        {"audio": {"path": "long.wav", "start_time": 10.5, "end_time": 12}, "sentence": "x", "duration": 1.5},
        {"audio": {"path": "none.wav"}, "sentence": "", "sentences": [], "duration": 3.0, "snr": 7},
        {"audio": {"path": "open.wav"}, "sentence": "y"},
    )
    assert formats.detect(path) == "whisper_jsonl" and formats.detect(tmp_path) == "whisper_jsonl"
    bundle = load(path)
    found = {item.name: (item, segments) for item, segments in bundle.stream()}
    item, (one, two) = found["0"]
    assert item.path == str(tmp_path / "dataset/0.wav") and item.duration_us == 7_370_000
    assert (one.end_us, one.text, one.language) == (1_400_000, "近几年，", "zh")
    assert (two.start_us, two.end_us) == (1_420_000, 7_370_000)
    assert one.custom == {"whisper_jsonl": {"sentence": "近几年，不但"}}
    assert [speaker.name for speaker in bundle.speakers[item.id]] == ["A"]
    assert [(s.start_us, s.end_us) for s in found["long"][1]] == [(10_500_000, 12_000_000)]
    [silent] = found["none"][1]
    assert (silent.text, silent.end_us, silent.custom) == ("", 3 * S, {"whisper_jsonl": {"snr": 7}})
    assert [s.end_us for s in found["open"][1]] == [TO_THE_END_US]


CLIP = {"audio": {"path": "a.wav"}, "sentence": "x", "duration": 2.0}


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"audio": "a.wav"}, "audio.path"),
        ({"audio": {"path": "a.wav", "start_time": 1}}, "end_time"),
        ({"sentence": None}, "sentence"),
        ({"duration": "2"}, "duration"),
        ({"language": "Klingon"}, "Whisper knows"),
        ({"sentences": {}}, "list"),
        ({"sentences": [{"start": 0, "end": 1}]}, "text"),
        ({"sentences": [{"start": None, "end": 1, "text": "x"}]}, "numbers"),
        ({"sentences": [{"start": 1, "end": 2, "text": "x"}, {"start": 0, "end": 1, "text": "y"}]}, "order"),
        ({"sentences": [{"start": 0, "end": 8.4, "text": "x"}]}, "after the end"),
    ],
)
def test_what_the_reader_stumbles_over_is_a_fault(tmp_path, wrong, reason):
    path = put(tmp_path, CLIP | {"language": "Chinese"}, CLIP | wrong)
    [fault] = formats.get("whisper_jsonl").faults(path)
    assert fault.line == 2 and reason in fault.reason
