from pathlib import Path

import pytest

from speechlabel import formats
from speechlabel.errors import ParseError
from speechlabel.formats import dump, load
from speechlabel.records import Speaker, Word

from .conftest import segment

DATA = Path(__file__).parent / "data/chat"
FULL = DATA / "full.cha"


def labels(bundle, id):
    names = {speaker.id: speaker.name for speaker in bundle.speakers[id]}
    return [(s.start_us, s.end_us, s.text, names.get(s.speaker)) for s in next(bundle.stream())[1]]


def test_bullets_and_what_has_none():
    bundle = load(FULL)
    assert labels(bundle, "full") == [
        (0, 1_500_000, "more <milk> [//] xxx please .", "Ross"),
        (1_500_000, 3_100_000, "what do you want (.) &-um yyy ?", "Mary Ann"),
        (3_100_000, 4_100_000, "www .", "INV"),
        (4_100_000, 4_900_000, '+" no +... [+ bch]', "Ross"),
    ]
    assert bundle.recordings[0].path == (DATA / "ross-1").as_posix() and bundle.languages == {"full": "en"}
    voices = {one.name: (one.role, one.gender, one.language) for one in bundle.speakers["full"]}
    assert voices == {
        "Ross": ("Target_Child", "male", "en"),
        "Mary Ann": ("Mother", "female", "en"),
        "INV": ("Investigator", None, "en"),
    }
    first, second, third, last = next(bundle.stream())[1]
    assert first.fields == {"mor": "qn|more v|please .", "gra": "1|2|QUANT 2|0|ROOT 3|2|PUNCT"}
    assert (first.note, last.fields) == ("he points", {"act": "leaves"})
    assert second.words == (
        Word(word="what", start_us=1_500_000, end_us=1_600_000),
        Word(word="do", start_us=1_600_000, end_us=1_700_000),
        Word(word="you"),
        Word(word="want", start_us=2_200_000, end_us=2_600_000),
    )
    assert third.custom["chat"] == {"untimed": [3_100_000, 4_100_000], "before": ["@G:\tsecond scene"]}
    assert "1 utterances have no time" in bundle.notes[0]


def test_all_of_it_goes_out_again(tmp_path):
    bundle = load(FULL)
    report = dump(bundle, tmp_path / "out", "chat")
    again = load(tmp_path / "out")
    assert labels(again, "full") == labels(bundle, "full")
    kept, wanted = (
        [(one.fields, one.custom, one.words) for one in next(b.stream())[1]] for b in (again, bundle)
    )
    assert kept == wanted and set(map(repr, again.speakers["full"])) == set(
        map(repr, bundle.speakers["full"])
    )
    assert again.recordings[0].metadata == bundle.recordings[0].metadata
    lines = (tmp_path / "out/full.cha").read_text(encoding="utf-8").split("\n")
    assert "*MOT:\twhat do you \x151500_2000\x15 want (.) &-um yyy ? \x152200_3100\x15" in lines
    assert lines[:3] == ["@UTF8", "@PID:\t11312/c-00001", "@Begin"] and lines[-3:] == [
        "@Comment:\ttape ends",
        "@End",
        "",
    ]
    assert "*INV:\twww ." in lines and "@Situation:\tat the table , with milk" in lines
    assert "@ID:\teng|Demo|CHI|2;06.|male|typical||Target_Child|||" in lines
    assert not {loss.field for loss in report.losses} & {"text", "words", "segment", "speaker.name"}


def test_an_edited_utterance_has_one_bullet(tmp_path, bundle_of):
    spans = {"chat": {"spans": [["a", 0, 1_000_000], ["b .", 1_000_000, 2_000_000]], "untimed": [5, 6]}}
    turns = [
        segment("1", 0, 2_000_000, text="a b .", custom=spans),
        segment("2", 0, 2_000_000, text="a c .", custom=spans),
        segment(
            "3", 0, 3_000_000, text="a b .", custom={"chat": {"spans": [[1, 2], "x"], "before": [7, "no"]}}
        ),
    ]
    dump(bundle_of(*turns), tmp_path / "out", "chat")
    lines = (tmp_path / "out/r.cha").read_text(encoding="utf-8").split("\n")
    assert [line for line in lines if line.startswith("*")] == [
        "*NON:\ta \x150_1000\x15 b . \x151000_2000\x15",
        "*NON:\ta c . \x150_2000\x15",
        "*NON:\ta b . \x150_3000\x15",
    ]


def test_codes_are_made_of_names_and_names_come_back(tmp_path, bundle_of):
    names = ["Lin Wei", "Lina", "李 明", "12", "segments", "Lin Wei"]
    voices = [Speaker(id=f"s{n}", name=name, gender="other", role="agent") for n, name in enumerate(names)]
    turns = [segment(f"t{n}", n * 1000, n * 1000 + 900, text="x .", speaker=f"s{n}") for n in range(6)]
    report = dump(bundle_of(*turns, speakers=voices, languages={"r": "zh"}), tmp_path / "out", "chat")
    text = (tmp_path / "out/r.cha").read_text(encoding="utf-8")
    codes = [line[1:].split(":")[0] for line in text.split("\n") if line.startswith("*")]
    assert len(set(codes)) == 6 and codes[:2] == ["LIN", "LIN2"] and all(len(code) <= 7 for code in codes)
    again = load(tmp_path / "out")
    assert [row[3] for row in labels(again, "r")] == [
        "Lin Wei",
        "Lina",
        "李 明",
        "12",
        "segments 2",
        "Lin Wei 2",
    ]
    assert {loss.field for loss in report.losses} >= {"speaker.name", "speaker.gender", "speaker.role"}
    assert again.languages == {"r": "zh"}


def test_what_chat_asks_for_is_told(tmp_path, bundle_of):
    turns = [
        segment(
            "1", 0, 1_000_000, text="no stop", fields={"emotion": "sad", "Not a tier": "x", "mor": "a\nb"}
        ),
        segment("2", 0, 1_000_000, text=""),
        segment("3", 0, 1_000_000),
        segment(
            "4", 0, 1_000_000, text="a\tb .", words=(Word(word="."), Word(word="a b", start_us=1, end_us=5))
        ),
        segment("5", 2_000_000, 2_000_000, kind="event", tags=("far", "x")),
    ]
    report = dump(bundle_of(*turns), tmp_path / "out", "chat")
    told = {(loss.field, loss.ids) for loss in report.losses}
    assert told >= {
        ("text", ("1",)),
        ("text", ("4",)),
        ("fields", ("1",)),
        ("words", ("4",)),
        ("segment", ("5",)),
    }
    back = {item.text: item for item in load(tmp_path / "out").segments["r"]}
    assert set(back) == {"no stop .", "", None, "a b ."}
    assert back["no stop ."].fields == {"emotion": "sad", "mor": "a b"}
    assert list(formats.get("chat").faults(tmp_path / "out")) == []


def chat(
    tmp_path,
    body,
    head="@UTF8\n@Begin\n@Languages:\teng\n@Participants:\tA Al Adult, B Al Adult\n",
    end="@End\n",
):
    (tmp_path / "r.cha").write_bytes((head + body + end).encode())
    return load(tmp_path / "r.cha", "chat")


def test_odd_files_are_read_and_told(tmp_path):
    bundle = chat(
        tmp_path,
        "*A:\tone \x15900_100\x15 .\r\nand more\r\n*B:\ttwo \x02\x01und\x02\x02er .\n"
        "*c d:\t. \x151000_1000\x15\n%xfoo:\t1\n%xfoo:\t2\n",
        end="",
    )
    assert labels(bundle, "r") == [
        (100_000, 900_000, "one . and more", "Al"),
        (900_000, 1_000_000, "two under .", "Al (B)"),
        (1_000_000, 1_000_000, ".", "c d"),
    ]
    assert [item.fields for item in bundle.segments["r"]][2] == {"foo": "1\n2"}
    told = "\n".join(bundle.notes)
    for reason in ("swapped", "begins with no @", "no time", "is not among", "may be cut off"):
        assert reason in told


def test_control_characters_in_headers_are_left_out(tmp_path):
    head = "@UTF8\n@Begin\n@Participants:\tA Al Ad\x15ult,\n\tB B\x01o Adult\n"
    bundle = chat(tmp_path, "*A:\tone .\n*B:\ttwo .\n", head=head)
    assert [(one.name, one.role) for one in bundle.speakers["r"]] == [("Al", "Adult"), ("Bo", "Adult")]


def test_a_file_without_any_time_gets_a_second_each(tmp_path):
    bundle = chat(tmp_path, "*A:\tone .\n*B:\ttwo .\n")
    assert [row[:3] for row in labels(bundle, "r")] == [
        (0, 1_000_000, "one ."),
        (1_000_000, 2_000_000, "two ."),
    ]
    assert "none has a time" in bundle.notes[0]


def test_no_room_between_bullets_still_gives_each_a_stretch(tmp_path):
    bundle = chat(tmp_path, "*A:\ta . \x150_10\x15\n*A:\tb .\n*A:\tc .\n*A:\td . \x1510_20\x15\n")
    assert [row[:3] for row in labels(bundle, "r")] == [
        (0, 10_000, "a ."),
        (10_000, 11_000, "b ."),
        (10_000, 20_000, "d ."),
        (11_000, 12_000, "c ."),
    ]


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("", 1, "is empty"),
        ("hello\n", 1, "begins with a header"),
        ("@UTF8\n*CHI hello\n", 2, "no colon"),
        ("@UTF8\n@Begin\n%mor:\tx\n", 3, "nobody has said"),
    ],
)
def test_a_broken_file_is_refused_with_its_line(tmp_path, text, line, reason):
    with pytest.raises(ParseError, match=reason) as caught:
        chat(tmp_path, text, head="", end="")
    assert caught.value.data["line"] == line


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("*A:\thello", "terminator"),
        ("*A:\t+...", "nothing stands before"),
        ("*A: hello .", "no tab"),
        ("*C:\thello .", "not among"),
        ("*a:\thello .", "7 capitals"),
        ("*A:\thello . \x155_5\x15", "does not end after"),
    ],
)
def test_what_clan_would_refuse_is_a_fault(tmp_path, line, reason):
    head = "@UTF8\n@Begin\n@Languages:\teng\n@Participants:\tA Al Adult, a El Adult\n"
    head += "@ID:\teng|x|A|||||Adult|||\n@ID:\teng|x|a|||||Adult|||\n"
    chat(tmp_path, f"{line}\n", head=head)
    [fault] = formats.get("chat").faults(tmp_path / "r.cha")
    assert reason in fault.reason and fault.line == 7


def test_missing_headers_are_faults(tmp_path):
    chat(tmp_path, "*A:\thello .\n", head="@Begin\n", end="")
    told = " ".join(fault.reason for fault in formats.get("chat").faults(tmp_path))
    for reason in ("not @UTF8", "not @End", "no @Languages", "no @Participants", "not among"):
        assert reason in told
