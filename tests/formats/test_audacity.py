from pathlib import Path

from speechlabel.formats import detect, dump, get, load
from speechlabel.records import Speaker

from .conftest import segment

FULL = Path(__file__).parent / "data/audacity/full.txt"


def test_the_example_is_read_for_what_it_means():
    bundle = load(FULL)
    [recording] = bundle.recordings
    names = {speaker.id: speaker.name for speaker in bundle.speakers[recording.id]}
    found = list(bundle.segments[recording.id])
    assert [
        (item.kind, item.start_us, item.end_us, names.get(item.speaker), item.text) for item in found
    ] == [
        ("speech", 500_000, 2_250_000, "Ann", 'hello "there"'),
        ("speech", 2_250_000, 3_500_000, "Bob", "hi"),
        ("event", 3_600_000, 3_600_000, None, "click"),
        ("speech", 4_000_000, 5_250_000, "Ann", "你好"),
        ("event", 6_000_000, 6_000_000, None, "point"),
        ("speech", 7_000_000, 8_000_000, "Bob", "a"),
    ]
    assert found[1].custom == {"audacity": {"low": "120.500000", "high": "8000.000000"}}
    assert found[5].custom == {"audacity": {"after": "b"}}
    assert bundle.notes == ("full.txt: line 7: what follows the label after a tab was kept aside",)


def test_the_spectral_selection_is_given_back(tmp_path):
    dump(load(FULL), tmp_path / "out", "audacity")
    lines = (tmp_path / "out/full.txt").read_text(encoding="utf-8").split("\n")
    assert lines[:4] == [
        '0.500000\t2.250000\tAnn: hello "there"',
        "2.250000\t3.500000\tBob: hi",
        "\\\t120.500000\t8000.000000",
        "3.600000\t3.600000\tclick",
    ]
    assert [item.text for item in load(tmp_path / "out").segments["full"]] == [
        item.text for item in load(FULL).segments["full"]
    ]


def test_speakers_stand_in_front_and_what_would_not_come_back_is_told(tmp_path, bundle_of):
    turns = [
        segment("a", 0, 1_000_000, text="one", speaker="x"),
        segment("b", 1_000_000, 2_000_000, text="two", speaker="x"),
        segment("c", 2_000_000, 3_000_000, text="three", speaker="y"),
        segment("d", 3_000_000, 4_000_000, text="A B: four"),
        segment("e", 4_000_000, 4_000_000, kind="event", noise_labels=("door",)),
    ]
    bundle = bundle_of(*turns, speakers=[Speaker(id="x", name="A:B"), Speaker(id="y", name="C")])
    report = dump(bundle, tmp_path / "out", "audacity")
    labels = [line.split("\t")[2] for line in (tmp_path / "out/r.txt").read_text().split("\n")[:-1]]
    assert labels == ["A B: one", "A B: two", "C: three", "A B: four", "door"]
    told = {loss.field: loss.ids for loss in report.losses if loss.field in ("speaker", "speaker.name")}
    assert told == {"speaker": ("c", "d"), "speaker.name": ("x",)}
    dump(bundle, tmp_path / "bare", "audacity", label="{text}")
    assert "\tone\n" in (tmp_path / "bare/r.txt").read_text()


def test_windows_files_folders_and_odd_lines(tmp_path):
    (tmp_path / "one.txt").write_bytes(
        "\ufeff1.0\t2.0\ta\r\n\r\n3.0\t2.5\tb\r\n\\\tx\ty\r\n-1.0\t0.5\tc\r\n4.0\r\n".encode()
    )
    (tmp_path / "two.txt").write_bytes("1.5\t2.5\t今天天气很好，我们去公园吧\n".encode("gb18030"))
    (tmp_path / "readme.txt").write_text("about these labels\n")
    assert detect(tmp_path) == "audacity"
    bundle = load(tmp_path)
    assert [(item.start_us, item.end_us, item.text) for item in bundle.segments["one"]] == [
        (1_000_000, 2_000_000, "a"),
        (2_500_000, 3_000_000, "b"),
        (0, 500_000, "c"),
        (4_000_000, 4_000_000, ""),
    ]
    assert next(iter(bundle.segments["two"])).text == "今天天气很好，我们去公园吧"
    assert set(bundle.notes) > {
        "readme.txt: is no label track: left out",
        "one.txt: line 4: a line that begins with \\ was left out",
    }
    assert not list(get("audacity").faults(tmp_path))
    (tmp_path / "two.txt").write_text("1.5\t2.5\ta\nb\n")
    assert [(fault.file, fault.line) for fault in get("audacity").faults(tmp_path)] == [("two.txt", 2)]
