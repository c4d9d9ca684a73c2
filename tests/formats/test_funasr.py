"""FunASR's lists, with what SenseVoice learns, and WebDataset's shards."""

import dataclasses
import json
import tarfile

import pytest

from speechlabel import formats
from speechlabel.errors import ExportError, ParseError
from speechlabel.formats import detect, dump, load
from speechlabel.formats.contract import sample_export
from speechlabel.formats.examples import utterance_id
from speechlabel.formats.gather import TO_THE_END_US

from .conftest import segment


def lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n")[:-1]]


def labels(bundle):
    return {(r.id, s.id): (s.start_us, s.end_us, s.text) for r, ss in bundle.stream() for s in ss}


def test_our_own_lists_come_back_to_their_recordings(tmp_path):
    dump(sample_export(tmp_path), tmp_path / "out", "funasr")
    assert detect(tmp_path / "out") == "funasr"
    found = labels(load(tmp_path / "out"))
    assert found["a-mono", "s-2"] == (1_500_000, 3_000_001, '你好, [laugh] "big" world')
    (tmp_path / "out/data.jsonl").unlink()
    assert detect(tmp_path / "out") == "funasr"
    assert labels(load(tmp_path / "out")) == found and len(found) == 6


def test_all_lists_name_the_same_files_with_their_lengths(tmp_path):
    dump(sample_export(tmp_path), tmp_path / "out", "funasr")
    made = lines(tmp_path / "out/data.jsonl")
    wav = [line.split(" ", 1) for line in (tmp_path / "out/wav.scp").read_text().splitlines()]
    assert wav == [[line["key"], line["source"]] for line in made]
    assert made[0]["source"] == str(tmp_path / f"out/clips/{utterance_id('a-mono', 's-1')}.flac")
    assert [(line["source_len"], line["target_len"]) for line in made[:2]] == [(175, 5), (150, 4)]
    assert "text_language" not in made[0]


def test_sensevoice_is_told_language_emotion_and_punctuation(tmp_path):
    dump(sample_export(tmp_path), tmp_path / "out", "funasr", sensevoice="true")
    made = {line["key"]: line for line in lines(tmp_path / "out/data.jsonl")}
    rich = made[utterance_id("a-mono", "s-2")]
    assert (rich["text_language"], rich["emo_target"]) == ("<|zh|>", "<|HAPPY|>")
    assert (rich["event_target"], rich["with_or_wo_itn"]) == ("<|Speech|>", "<|withitn|>")
    assert made[utterance_id("b_stereo", "t-1")]["text_language"] == "<|auto|>"
    assert made[utterance_id("b_stereo", "t-1")]["with_or_wo_itn"] == "<|woitn|>"
    found = [s for s in load(tmp_path / "out").segments["a-mono"] if s.id == "s-2"]
    assert found[0].language == "zh"


def test_tables_of_others_come_in(tmp_path):
    (tmp_path / "wav.scp").write_text("u2\thttps://x/y/b.wav\nu1 /a/one two.wav", encoding="utf-8")
    (tmp_path / "text.txt").write_text("u1\t你 好\nu2 hello  there\nu3 nowhere\nu1 again", encoding="utf-8")
    assert detect(tmp_path) == "funasr"
    bundle = load(tmp_path)
    found = labels(bundle)
    assert found["b", "u2"] == (0, TO_THE_END_US, "hello  there")
    assert found["one_two", "u1"] == (0, TO_THE_END_US, "你 好")
    assert {one.id: one.path for one in bundle.recordings} == {"b": "", "one_two": "/a/one two.wav"}
    told = "\n".join(bundle.notes)
    for reason in ("is not in wav.scp: left out", "the first one counts", "its audio is not a path"):
        assert reason in told


def test_lines_of_others_and_chats_come_in(tmp_path):
    chat = {
        "messages": [
            {"role": "system", "content": "You are helpful."},
            {"role": "user", "content": "语音转写：<|startofspeech|>!/a/chat.wav<|endofspeech|>"},
            {"role": "assistant", "content": "你好"},
        ],
        "speech_length": 145,
    }
    rich = {"key": "u1", "source": "/a/b.wav", "source_len": 150, "target": "hi", "target_len": 1}
    rich |= {"text_language": "<|en|>", "emo_target": "<|HAPPY|>"}
    (tmp_path / "train.jsonl").write_text(f"{json.dumps(rich)}\n{json.dumps(chat)}\n")
    bundle = load(tmp_path / "train.jsonl", "funasr")
    [one], [two] = bundle.segments["b"], bundle.segments["chat"]
    assert (one.end_us, one.text, one.language) == (1_500_000, "hi", "en")
    assert one.custom["funasr"]["emo_target"] == "<|HAPPY|>"
    assert (two.text, two.custom) == ("你好", {"funasr": {"speech_length": 145}})
    (tmp_path / "chat.jsonl").write_text(f"{json.dumps(chat)}\n")
    assert detect(tmp_path / "chat.jsonl") == "funasr"
    assert list(formats.get("funasr").faults(tmp_path / "chat.jsonl")) == []
    with pytest.raises(ParseError, match="holds neither"):
        load(tmp_path, "funasr")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"source": ""}, "source is missing"),
        ({"target": None}, "target is missing"),
        ({"source_len": 1.5}, "source_len must be"),
        ({"target_len": "2"}, "target_len must be"),
        ({"messages": [{"content": "x"}]}, "name no audio"),
        ({"key": "u0"}, "'u0' is there twice"),
    ],
)
def test_what_funasr_would_stumble_over_is_told(tmp_path, change, reason):
    good = {"key": "u0", "source": "/a/b.wav", "source_len": 150, "target": "hi", "target_len": 1}
    bad = good | {"key": "u1"} | change
    (tmp_path / "x.jsonl").write_text(f"{json.dumps(good)}\n{json.dumps(bad)}\n")
    [fault] = formats.get("funasr").faults(tmp_path / "x.jsonl")
    assert (fault.line, reason in fault.reason) == (2, True), fault


def test_what_is_wrong_in_tables_is_told(tmp_path):
    (tmp_path / "wav.scp").write_bytes(b"u1 /a\nu2\nu1 /b\n\n\xff /c\n")
    (tmp_path / "text.txt").write_bytes(b"")
    found = [str(fault) for fault in formats.get("funasr").faults(tmp_path)]
    assert found == [
        "wav.scp:2: 'u2' names no audio",
        "wav.scp:3: 'u1' is there twice",
        "wav.scp:4: is blank",
        "wav.scp:5: is not UTF-8",
        "text.txt: is empty",
    ]
    assert "holds neither" in next(formats.get("funasr").faults(tmp_path / "none")).reason


def test_webdataset_has_three_files_for_each_example(tmp_path, bundle_of):
    dump(sample_export(tmp_path), tmp_path / "out", "webdataset", shard_size="4")
    assert detect(tmp_path / "out") == "webdataset"
    with tarfile.open(tmp_path / "out/shard-000000.tar") as tar:
        key = utterance_id("a-mono", "s-2", dots=False)
        assert tar.getnames()[3:6] == [f"{key}.json", f"{key}.txt", f"{key}.flac"]
        facts = json.loads(tar.extractfile(f"{key}.json").read())
        assert tar.extractfile(f"{key}.txt").read().decode() == facts["text"]
    assert (facts["id"], facts["recording_id"], facts["speaker_name"]) == ("s-2", "a-mono", "Lin Wei")
    made = formats.get("webdataset")
    assert list(made.faults(tmp_path / "out")) == []
    (tmp_path / "out/shard-000001.tar").write_bytes(b"x" * 600)
    assert ["not a whole tar" in fault.reason for fault in made.faults(tmp_path / "out")] == [True]
    assert [fault.reason for fault in made.faults(tmp_path)] == ["holds no shards"]


@pytest.mark.parametrize("name", ["funasr", "webdataset"])
def test_an_export_of_nothing_says_so(tmp_path, bundle_of, name):
    with pytest.raises(ExportError, match="nothing to export"):
        nothing = dataclasses.replace(sample_export(tmp_path), bundle=bundle_of(segment("a", 0, 9)))
        dump(nothing, tmp_path / "out", name)
