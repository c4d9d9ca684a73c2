"""What each program of Whisper's family writes comes in whole, and goes out as openai-whisper has it."""

import json

import pytest

from speechlabel.errors import ParseError
from speechlabel.formats import Bundle, dump, get, load
from speechlabel.formats.base import bare_recording
from speechlabel.formats.gather import TO_THE_END_US
from speechlabel.formats.languages import language_code
from speechlabel.records import Segment, Speaker, Word


@pytest.fixture
def read(tmp_path):
    def make(value, name="talk.json"):
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        (tmp_path / name).write_text(text, encoding="utf-8")
        bundle = load(tmp_path / name)
        [(recording, segments)] = bundle.stream()
        return recording, segments, bundle

    return make


def test_openai_whisper_keeps_its_figures_and_loses_its_blanks(read):
    segment = {
        "id": 0,
        "seek": 0,
        "start": 0.0,
        "end": 2.48,
        "text": " Hello there.",
        "tokens": [50364, 2425],
        "temperature": 0.0,
        "avg_logprob": -0.25,
        "compression_ratio": 1.5,
        "no_speech_prob": 0.01,
    }
    value = {"text": " Hello there.", "segments": [segment], "language": "en"}
    recording, [found], bundle = read(value, "talk.wav.json")
    assert (recording.id, recording.name) == ("talk", "talk.wav")
    assert (found.text, found.start_us, found.end_us) == ("Hello there.", 0, 2_480_000)
    kept = found.custom["whisper"]
    assert kept["text"] == " Hello there." and kept["tokens"] == [50364, 2425]
    assert kept["avg_logprob"] == -0.25 and found.confidence is None
    assert bundle.languages == {"talk": "en"} and bundle.notes == ()


def test_faster_whisper_is_read_as_objects_and_as_tuples(read):
    words = [[0.0, 0.5, " One", 0.75], [0.5, 1.0, " two", 0.5]]
    as_tuple = [1, 0, 0.0, 1.0, " One two", [50364], 0.0, -0.3, 1.1, 0.2, words]
    named = [dict(zip(("start", "end", "word", "probability"), word, strict=True)) for word in words]
    as_object = {"id": 1, "seek": 0, "start": 0.0, "end": 1.0, "text": " One two", "words": named}
    for value in ([as_tuple], [as_object], {"segments": [as_tuple]}, {"segments": [as_object]}):
        _, [found], _ = read(value)
        assert found.text == "One two"
        assert found.words == (
            Word(word="One", start_us=0, end_us=500_000, score=0.75),
            Word(word="two", start_us=500_000, end_us=1_000_000, score=0.5),
        )
    info = {"language": "de", "duration": 9.5}
    recording, [found], bundle = read({"info": info, "segments": [as_object | {"words": None}]})
    assert found.words == () and recording.duration_us == 9_500_000 and bundle.languages == {"talk": "de"}


def test_whisper_timestamped_calls_a_word_text_and_gives_confidence(read):
    words = [{"text": "Hi", "start": 0.1, "end": 0.1, "confidence": 0.9}]
    segment = {"start": 0.1, "end": 0.8, "text": " Hi", "confidence": 0.875, "words": words}
    _, [found], _ = read({"text": " Hi", "segments": [segment], "language": "French"}, "a.wav.words.json")
    assert found.confidence == 0.875
    assert found.words == (Word(word="Hi", start_us=100_000, end_us=100_000, score=0.9),)
    _, [found], _ = read({"segments": [segment | {"confidence": -0.4}], "language": "fr"})
    assert found.confidence is None and found.custom["whisper"]["confidence"] == -0.4


def test_whisperx_has_speakers_of_segments_and_words_and_words_without_times(read):
    first = [
        {"word": "in", "start": 1.0, "end": 1.2, "score": 0.5, "speaker": "SPEAKER_01"},
        {"word": "2024"},
        {"word": "we", "start": 1.6, "end": 1.7, "score": 0.25, "speaker": "SPEAKER_00"},
        {"word": "met", "start": 1.7, "end": 2.0, "score": 0.25, "speaker": "SPEAKER_01"},
    ]
    segments = [
        {"start": 1.0, "end": 2.0, "text": " in 2024 we met", "words": first},
        {"start": 2.5, "end": 3.0, "text": "well", "speaker": "SPEAKER_00", "words": [], "chars": None},
    ]
    value = {"segments": segments, "word_segments": first, "language": "en"}
    _, [one, two], bundle = read(value)
    names = {speaker.id: speaker.name for speaker in bundle.speakers["talk"]}
    assert (names[one.speaker], names[two.speaker]) == ("SPEAKER_01", "SPEAKER_00")
    assert one.words[1] == Word(word="2024")
    assert one.custom["whisper"]["word_speakers"] == ["SPEAKER_01", None, "SPEAKER_00", "SPEAKER_01"]
    assert two.custom == {"whisper": {"chars": None}}
    assert any("most of its words" in note for note in bundle.notes)


def test_words_beside_the_segments_go_to_the_segments_they_lie_in(read):
    words = [
        {"word": "one", "start": 0.0, "end": 0.5},
        {"word": "two", "start": 1.9, "end": 2.3},
        {"word": "three"},
    ]
    segments = [{"start": 0.0, "end": 2.0, "text": "one"}, {"start": 2.0, "end": 3.0, "text": "two three"}]
    _, found, _ = read({"task": "transcribe", "language": "english", "segments": segments, "words": words})
    assert [[word.word for word in item.words] for item in found] == [["one"], ["two", "three"]]
    _, [alone], bundle = read({"text": "one two", "language": "english", "words": words[:2]})
    assert (alone.start_us, alone.end_us, len(alone.words)) == (0, 2_300_000, 2)
    assert len(bundle.notes) == 1


def test_whisper_cpp_counts_milliseconds_and_cuts_words_into_tokens(read):
    def token(text, start, end, p):
        return {"text": text, "offsets": {"from": start, "to": end}, "id": len(text), "p": p, "t_dtw": -1}

    tokens = [
        token("[_BEG_]", 0, 0, 1.0),
        token(" Good", 320, 500, 0.5),
        token("night", 500, 900, 1.0),
        token(" 你", 900, 1000, 0.5),
        token("好", 1000, 1100, 0.25),
    ]
    item = {
        "timestamps": {"from": "00:00:00,320", "to": "00:00:01,100"},
        "offsets": {"from": 320, "to": 1100},
        "text": " Goodnight 你好",
        "speaker": "1",
        "tokens": tokens,
    }
    value = {"systeminfo": "", "params": {"language": "auto"}, "result": {"language": "zh"}}
    _, [found], bundle = read(value | {"transcription": [item]}, "talk.wav.json")
    assert (found.start_us, found.end_us, found.text) == (320_000, 1_100_000, "Goodnight 你好")
    assert found.words == (
        Word(word="Goodnight", start_us=320_000, end_us=900_000, score=0.75),
        Word(word="你", start_us=900_000, end_us=1_000_000, score=0.5),
        Word(word="好", start_us=1_000_000, end_us=1_100_000, score=0.25),
    )
    assert bundle.languages == {"talk": "zh"} and bundle.speakers["talk"][0].name == "1"


def test_signs_cut_in_half_by_whisper_cpp_spoil_only_themselves(tmp_path):
    offsets = {"from": 0, "to": 10}
    tokens = [{"text": text, "offsets": offsets, "p": 0.5} for text in (" AA", "BB")]
    value = {"transcription": [{"offsets": offsets, "text": " 你好吗", "tokens": tokens}]}
    text = json.dumps(value, ensure_ascii=False)
    raw = text.encode().replace(b"AA", b"\xe4\xbd").replace(b"BB", b"\xa0")
    (tmp_path / "a.json").write_bytes(raw)
    bundle = load(tmp_path / "a.json")
    [(_, [found])] = bundle.stream()
    assert found.text == "你好吗" and found.words == ()
    assert "2 broken characters" in bundle.notes[0]


def test_pipelines_of_transformers_give_chunks_and_turns(read):
    chunks = [{"timestamp": [0.0, 1.5], "text": " one"}, {"timestamp": [1.5, None], "text": " two"}]
    _, [one, two], bundle = read({"text": " one two", "chunks": chunks})
    assert (one.end_us, two.start_us, two.end_us) == (1_500_000, 1_500_000, TO_THE_END_US)
    assert bundle.recordings[0].duration_us == 0
    assert "became (1.5, the end)" in bundle.notes[0] and len(bundle.notes) == 1
    _, [one, two], _ = read({"text": " one two", "chunks": chunks, "duration": 4.5})
    assert two.end_us == 4_500_000
    turns = [{"speaker": "SPEAKER_00", "timestamp": [0.0, 1.5], "text": " one"}]
    _, [found], bundle = read({"speakers": turns, "chunks": chunks, "text": " one two"})
    assert bundle.speakers["talk"][0].id == found.speaker


@pytest.mark.parametrize(
    ("times", "wanted"),
    [
        ((3.0, 3.0), (3_000_000, 3_020_000)),
        ((3.0, 2.0), (3_000_000, 3_020_000)),
        ((-0.25, 2.0), (0, 2_000_000)),
        ((None, 2.0), (1_000_000, 2_000_000)),
        ((3.0, None), (3_000_000, 9_000_000)),
        (("3.5", "4.25"), (3_500_000, 4_250_000)),
    ],
)
def test_times_out_of_order_are_mended_and_noted(read, times, wanted):
    middle = {"start": times[0], "end": times[1], "text": "b"}
    segments = [{"start": 0, "end": 1, "text": "a"}, middle, {"start": 9, "end": 10, "text": "c"}]
    _, found, bundle = read({"segments": segments, "language": "en"})
    [mended] = [item for item in found if item.text == "b"]
    assert (mended.start_us, mended.end_us) == wanted
    assert len(bundle.notes) == (not isinstance(times[0], str))
    assert all("segment 2" in note for note in bundle.notes)


def test_a_segment_without_length_takes_that_of_its_words(read):
    words = [{"word": "b", "start": 3.0, "end": 3.5, "probability": 1.0}]
    segment = {"start": 3.0, "end": 3.0, "text": "b", "words": words}
    _, [found], _ = read({"segments": [segment], "language": "en"})
    assert found.end_us == 3_500_000


def test_what_says_nothing_is_left_out_and_noted(read):
    segments = [{"start": 1.0, "end": 1.0, "text": " "}, {"start": 1.0, "end": 2.0, "text": ""}]
    _, [found], bundle = read({"segments": segments, "language": None, "text": ""})
    assert (found.text, len(bundle.notes)) == ("", 1)


def test_control_characters_go_and_are_counted(read):
    _, [found], bundle = read({"segments": [{"start": 0, "end": 1, "text": "a\x00b\r\nc"}], "language": "en"})
    assert found.text == "ab\nc"
    _, [found], bundle = read({"segments": [{"start": 0, "end": 1, "text": "a\x07b"}], "language": "en"})
    assert found.text == "ab" and "1 texts" in bundle.notes[0]


@pytest.mark.parametrize(("name", "code"), [("Chinese", "zh"), ("haitian creole", "ht"), ("pt-BR", "pt-BR")])
def test_languages_have_names_or_codes(read, name, code):
    segment = {"start": 0, "end": 1, "text": "a"}
    assert read({"segments": [segment], "language": name})[2].languages == {"talk": code}
    _, [found], _ = read({"segments": [segment | {"language": name}]})
    assert found.language == code
    assert language_code("not a language!") is None
    assert "is not known" in read({"segments": [segment], "language": "not a language!"})[2].notes[0]


def test_a_folder_gives_a_recording_a_file_and_passes_over_the_rest(tmp_path):
    transcript = {"segments": [{"start": 0, "end": 1, "text": "a"}], "language": "en"}
    for name in ("一.json", "b.mp3.json", "b.json"):
        (tmp_path / name).write_text(json.dumps(transcript), encoding="utf-8")
    (tmp_path / "notes.json").write_text('{"by": "me"}', encoding="utf-8")
    bundle = load(tmp_path)
    assert sorted(item.id for item in bundle.recordings) == ["Yi", "b", "b_2"]
    assert {item.name for item in bundle.recordings} == {"b", "b.mp3", "一"}
    assert bundle.notes == ("notes.json: is no transcript of Whisper's kind; left out",)


def test_audio_that_a_file_names_lies_beside_it(read, tmp_path):
    segment = {"start": 0, "end": 1, "text": "a"}
    recording, _, _ = read({"segments": [segment], "audio_path": "sub\\talk.wav", "language": "en"})
    assert recording.path == str(tmp_path / "sub/talk.wav")
    recording, _, _ = read({"segments": [segment], "audio": "https://example.org/a.wav"})
    assert recording.path == ""


@pytest.mark.parametrize("text", ["{}", "[]", '{"segments": "a"}', '{"results": {"segments": []}}', "[1]"])
def test_other_json_is_not_claimed(tmp_path, text):
    (tmp_path / "a.json").write_text(text)
    whisper = get("whisper")
    assert not whisper.sniff(tmp_path / "a.json")
    with pytest.raises(ParseError, match=r"a\.json:1: "):
        whisper.read(tmp_path / "a.json")


def test_what_is_written_reads_as_openai_whisper_reads_it(tmp_path):
    segments = [
        Segment(id="a", start_us=0, end_us=1_000_000, text="Hello there", speaker="s", language="en"),
        Segment(id="b", start_us=1_000_000, end_us=2_000_000, text="你好", language="zh"),
        Segment(id="c", start_us=2_000_000, end_us=3_000_000, kind="noise", text="x"),
    ]
    words = Word(word="Hello", start_us=0, end_us=500_000, score=0.5), Word(word="there")
    custom = {"whisper": {"text": "  Hello there", "tokens": [1], "avg_logprob": -0.5, "seek": 7}}
    segments[0] = Segment(**{**_fields(segments[0]), "words": words, "custom": custom})
    recording = bare_recording("r", "r.wav", 5_000_000)
    bundle = Bundle(
        recordings=(recording,),
        segments={"r": segments},
        speakers={"r": (Speaker(id="s", name="Lin Wei"),)},
        languages={"r": "en"},
    )
    report = dump(bundle, tmp_path / "out", "whisper")
    value = json.loads((tmp_path / "out/r.json").read_bytes())
    assert list(value) == ["text", "segments", "language", "duration"]
    assert value["text"] == "Hello there你好" and value["language"] == "en" and value["duration"] == 5.0
    first, second = value["segments"]
    assert first == {
        "id": 0,
        "seek": 7,
        "start": 0.0,
        "end": 1.0,
        "text": "  Hello there",
        "tokens": [1],
        "avg_logprob": -0.5,
        "speaker": "Lin Wei",
        "words": [
            {"word": " Hello", "start": 0.0, "end": 0.5, "probability": 0.5},
            {"word": " there"},
        ],
    }
    assert second == {"id": 1, "seek": 0, "start": 1.0, "end": 2.0, "text": "你好", "language": "zh"}
    assert [(loss.field, loss.ids) for loss in report.losses if loss.field == "segment"] == [
        ("segment", ("c",))
    ]


def test_figures_of_a_text_that_was_changed_are_not_written_again(tmp_path):
    custom = {"whisper": {"text": " old", "tokens": [1], "avg_logprob": -0.5, "no_speech_prob": 0.25}}
    segment = Segment(id="a", start_us=0, end_us=1_000_000, text="new", custom=custom)
    bundle = Bundle(recordings=(bare_recording("r", "r", 1_000_000),), segments={"r": [segment]})
    dump(bundle, tmp_path / "out", "whisper")
    [line] = json.loads((tmp_path / "out/r.json").read_bytes())["segments"]
    assert line == {"id": 0, "seek": 0, "start": 0.0, "end": 1.0, "text": " new", "no_speech_prob": 0.25}


def test_faults_are_what_other_readers_stop_at(tmp_path):
    text = '{"language": "en", "segments": [\n{"start": 1, "end": 1, "text": "a"},\n{"start": 1, "end": 2}]}'
    (tmp_path / "a.json").write_text(text)
    found = list(get("whisper").faults(tmp_path))
    assert [(fault.file, fault.line) for fault in found] == [("a.json", 2), ("a.json", 3)]
    (tmp_path / "a.json").write_text("{")
    assert [fault.line for fault in get("whisper").faults(tmp_path / "a.json")] == [1]


def _fields(segment):
    return {name: getattr(segment, name) for name in Segment.__dataclass_fields__}
