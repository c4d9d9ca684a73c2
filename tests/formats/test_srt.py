from pathlib import Path

import pytest

from speechlabel.formats import dump, get, load
from speechlabel.formats.subtitles import cues as cues_module
from speechlabel.records import Speaker

from .conftest import segment

FULL = Path(__file__).parent / "data/srt/full.srt"


def read(tmp_path, text, codec="utf-8"):
    (tmp_path / "x.srt").write_bytes(text.encode(codec))
    bundle = load(tmp_path / "x.srt", "srt")
    [recording] = bundle.recordings
    names = {speaker.id: speaker.name for speaker in bundle.speakers[recording.id]}
    found = [
        (item.start_us // 1000, item.end_us // 1000, names.get(item.speaker), item.text)
        for item in bundle.segments[recording.id]
    ]
    return found, bundle.notes


def test_the_example_is_read_and_written_back(tmp_path):
    bundle = load(FULL)
    one, two, three = bundle.segments["full"]
    assert [item.text for item in (one, two, three)] == ['hello "there"', "你好\n\ntwo lines", "bye"]
    assert two.custom == {
        "srt": {"place": "X1:40 X2:600 Y1:20 Y2:50", "text": "{\\an8}<i>Bob: 你好</i>\n\ntwo lines"}
    }
    assert [speaker.name for speaker in bundle.speakers["full"]] == ["SPEAKER_01", "Bob"]
    assert two.speaker == three.speaker
    report = dump(bundle, tmp_path / "out", "srt")
    written = (tmp_path / "out/full.srt").read_text(encoding="utf-8").split("\n")
    assert written[4:8] == [
        "2",
        "00:00:01,750 --> 00:00:03,500 X1:40 X2:600 Y1:20 Y2:50",
        "Bob: 你好",
        "two lines",
    ]
    assert {loss.field for loss in report.losses} >= {"text", "speaker"}


def test_styles_are_given_back_where_the_text_is_still_the_same(tmp_path):
    source = '1\n00:00:00,500 --> 00:00:02,250\n{\\an8}<i>hello</i> <font color="red">you</font>\n\n'
    (tmp_path / "x.srt").write_text(source)
    bundle = load(tmp_path / "x.srt")
    assert next(iter(bundle.segments["x"])).text == "hello you"
    dump(bundle, tmp_path / "out", "srt")
    assert (tmp_path / "out/x.srt").read_text() == source


def test_odd_cues_are_read_for_what_they_mean(tmp_path):
    found, notes = read(
        tmp_path,
        "\ufeff0\r\n0:00:01.5 --> 0:00:02,25\r\none\r\n\r\n\r\n1\r\n\r\n"
        "00:00:03,000-->00:00:04,000\r\n\r\ntwo\r\n2\r\n00:00:06,000 --> 00:00:05,000\r\nback\r\n\r\n"
        "00:00:07,000 --> 00:00:07,000\r\nnone\r\n\r\n9\r\n"
        "-00:00:01,000 --> 00:00:08,000\r\n2\r\n\r\n10\r\n01:00 --> 01:30,250\r\n\r\n11\r\n100:00:00,000 --> "
        "100:00:01,000\r\nlong",
    )
    assert found == [
        (1500, 2250, None, "one"),
        (3000, 4000, None, "two"),
        (5000, 6000, None, "back"),
        (7000, 7001, None, "none"),
        (0, 8000, None, "2"),
        (60_000, 90_250, None, ""),
        (360_000_000, 360_001_000, None, "long"),
    ]
    told = "\n".join(notes)
    for what in (
        *("turned round", "a cue has no number", "cut off at 0", "given a millisecond", "another form"),
        *("do not count on by one", "between times and text"),
    ):
        assert what in told, what


@pytest.mark.parametrize(
    ("codec", "text"),
    [
        ("gb18030", "今天天气很好，我们去公园吧"),
        ("cp1250", "Zażółć gęślą jaźń, proszę bardzo"),
        ("cp1251", "Привет, как дела? Всё хорошо"),
        ("utf-16", "hello wörld"),
    ],
)
def test_encodings_are_told_by_their_letters(tmp_path, codec, text):
    found, _ = read(tmp_path, f"1\r\n00:00:01,000 --> 00:00:02,000\r\n{text}\r\n", codec)
    assert found == [(1000, 2000, None, text)]


def test_an_encoding_can_be_named(tmp_path):
    (tmp_path / "x.srt").write_bytes("1\n00:00:01,000 --> 00:00:02,000\nďábel\n".encode("iso8859_2"))
    bundle = load(tmp_path / "x.srt", encoding="iso8859_2")
    assert next(iter(bundle.segments["x"])).text == "ďábel"


@pytest.mark.parametrize(
    ("speakers", "lines"),
    [("name", "Ann: hi\n- you"), ("bracket", "[Ann]: hi\n- you"), ("none", "hi\n- you")],
)
def test_speakers_stand_in_front_as_asked(tmp_path, bundle_of, speakers, lines):
    turns = [
        segment(f"t{n}", n * 1_000_000, n * 1_000_000 + 1_500_400, text="hi\n- you", speaker="s")
        for n in (0, 1)
    ]
    bundle = bundle_of(*turns, speakers=[Speaker(id="s", name="Ann")])
    report = dump(bundle, tmp_path / "out", "srt", speakers=speakers)
    assert (tmp_path / "out/r.srt").read_text() == (
        f"1\n00:00:00,000 --> 00:00:01,500\n{lines}\n\n2\n00:00:01,000 --> 00:00:02,500\n{lines}\n\n"
    )
    lost = {id for loss in report.losses if loss.field == "speaker" for id in loss.ids}
    assert lost == ({"t0", "t1"} if speakers == "none" else set())
    names = [speaker.name for speaker in load(tmp_path / "out").speakers["r"]]
    assert names == ([] if speakers == "none" else ["Ann"])


def test_what_would_read_as_times_or_styles_is_replaced_or_told(tmp_path, bundle_of):
    texts = ["00:00:01,000 --> 00:00:02,000", "a\n\nb", "<i>x</i>", "{\\an8} y", "2\n3", "1 --> 2"]
    turns = [
        segment(f"t{n}", n * 1_000_000, n * 1_000_000 + 500_000, text=text) for n, text in enumerate(texts)
    ]
    report = dump(bundle_of(*turns, segment("n", 8_000_000, 9_000_000, text=" ")), tmp_path / "out", "srt")
    found = [item.text for item in load(tmp_path / "out").segments["r"]]
    assert found == ["00:00:01,000 -→ 00:00:02,000", "a\nb", "x", " y", "2\n3", "1 -→ 2"]
    told = {id for loss in report.losses if loss.field == "text" for id in loss.ids}
    assert told == {"t0", "t1", "t2", "t3", "t5"}
    assert ("n",) in {loss.ids for loss in report.losses if loss.field == "segment"}


def test_faults_are_what_strict_players_stumble_over(tmp_path):
    (tmp_path / "x.srt").write_text(
        "1\n00:00:01.000 --> 00:00:02,000\na\n\nb\n\n3\n00:00:03,000 --> 00:00:02,000\nc\n"
    )
    faults = list(get("srt").faults(tmp_path / "x.srt"))
    assert [(fault.line, fault.reason[:17]) for fault in faults] == [
        (2, "times in another "),
        (8, "the numbers of cu"),
        (2, "blank lines stand"),
        (8, "ends before it st"),
    ]


def test_a_long_file_is_read_as_a_short_one_is(tmp_path, monkeypatch):
    """What is too long to be held is parsed twice; names in front are counted over all of it."""
    cues = [
        f"{n + 1}\n00:00:{n:02},000 --> 00:00:{n:02},900\n{'Ann: ' if n % 3 else ''}line {n}\n"
        for n in range(9)
    ]
    text = "\n".join(cues).replace("\n5\n", "\n7\n")
    segments, notes = read(tmp_path, text)
    assert any("do not count on" in note for note in notes)
    assert {name for _, _, name, _ in segments} == {"Ann", None}
    for most in (3, 9, 10):
        monkeypatch.setattr(cues_module, "MOST_HELD", most)
        assert read(tmp_path, text) == (segments, notes)
