"""One format into another without a project, and checks of what lies there."""

import numpy as np
import pytest
import soundfile

from speechlabel.errors import ExportError, InputError, OptionError
from speechlabel.formats import by_extension, load
from speechlabel.workflow.convert import convert
from speechlabel.workflow.delivery import Delivery, parse_audio_root
from speechlabel.workflow.validate import validate

RATE = 16_000
RTTM = """\
SPEAKER talk 1 0.500 1.250 <NA> <NA> Anna <NA> <NA>
SPEAKER talk 1 2.000 1.000 <NA> <NA> Bea <NA> <NA>
"""


@pytest.fixture
def turns(tmp_path):
    path = tmp_path / "talk.rttm"
    path.write_text(RTTM)
    return path


def write_audio(path, seconds=4.0, channels=1):
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(3).integers(-9000, 9000, (int(seconds * RATE), channels))
    soundfile.write(path, noise.astype(np.int16), RATE)
    return path


def test_a_folder_is_written_and_no_audio_needed(turns, tmp_path):
    bundle, report = convert(turns, tmp_path / "out", "rttm")
    assert report.segments == 2 and not bundle.notes
    back = load(tmp_path / "out", "rttm")
    assert [s.start_us for _, found in back.stream() for s in found] == [500_000, 2_000_000]


def test_one_file_is_written_where_its_ending_says_so(turns, tmp_path):
    assert by_extension(tmp_path / "x.TextGrid") == "textgrid"
    assert by_extension(tmp_path / "folder") is None
    _, report = convert(turns, tmp_path / "one.TextGrid", "textgrid")
    assert report.files == ("one.TextGrid",) and (tmp_path / "one.TextGrid").read_text().startswith(
        "File type"
    )
    with pytest.raises(ExportError, match="there already"):
        convert(turns, tmp_path / "one.TextGrid", "textgrid")
    convert(turns, tmp_path / "one.TextGrid", "textgrid", overwrite=True)


def test_several_recordings_do_not_fit_into_one_file(turns, tmp_path):
    turns.write_text(RTTM + RTTM.replace("talk", "other"))
    with pytest.raises(ExportError, match="2 files"):
        convert(turns, tmp_path / "one.TextGrid", "textgrid")


def test_audio_is_found_where_it_is_said_to_lie(turns, tmp_path):
    audio = write_audio(tmp_path / "audio" / "talk.wav")
    convert(turns, tmp_path / "package", "native", audio=[tmp_path / "audio"])
    [recording] = load(tmp_path / "package").recordings
    assert (recording.path, recording.sample_rate, recording.n_frames) == (str(audio), RATE, 4 * RATE)
    seen_there = Delivery(audio_root=(str(tmp_path / "audio"), "/mnt/train"))
    convert(turns, tmp_path / "for-them", "native", audio=[tmp_path / "audio"], delivery=seen_there)
    assert "/mnt/train/talk.wav" in (tmp_path / "for-them" / "recordings.jsonl").read_text()


def test_what_is_not_there_or_in_no_format_is_said(tmp_path):
    with pytest.raises(InputError, match="there is no"):
        convert(tmp_path / "lost", tmp_path / "out", "native")
    (tmp_path / "x.bin").write_bytes(b"\x00\x01")
    with pytest.raises(InputError, match="no known format"):
        convert(tmp_path / "x.bin", tmp_path / "out", "native")
    with pytest.raises(OptionError, match="OLD=NEW"):
        parse_audio_root("nothing")


def test_validate_opens_the_audio_where_it_will_be_used(turns, tmp_path):
    write_audio(tmp_path / "audio" / "talk.wav")
    convert(turns, tmp_path / "package", "native", audio=[tmp_path / "audio"])
    found = validate(tmp_path / "package")
    assert (found.format, found.faults, found.segments, found.audio) == ("native", (), 2, 1)

    (tmp_path / "audio").rename(tmp_path / "moved")
    assert "no such file" in validate(tmp_path / "package").faults[0].reason
    root = (str(tmp_path / "audio"), str(tmp_path / "moved"))
    assert not validate(tmp_path / "package", audio_root=root).faults
    assert not validate(tmp_path / "package", with_audio=False).faults

    write_audio(tmp_path / "moved" / "talk.wav", seconds=2.5)
    [fault] = validate(tmp_path / "package", audio_root=root).faults
    assert "ends 0.500 s after its audio" in fault.reason


def test_validate_says_which_line_is_wrong(turns):
    turns.write_text(RTTM + "SPEAKER talk 1 x 1.000 <NA> <NA> Bea <NA> <NA>\n")
    found = validate(turns, format="rttm")
    assert found.faults[0].line == 3 and "talk.rttm:3" in str(found.faults[0])
    assert found.to_dict()["faults"][0]["line"] == 3


def test_a_table_without_times_takes_the_length_of_its_audio(tmp_path):
    write_audio(tmp_path / "wavs" / "one.wav", seconds=1.5)
    (tmp_path / "metadata.csv").write_text("one|hello there|hello there\n")
    (tmp_path / "wavs").rename(tmp_path / "elsewhere")
    with pytest.raises(InputError, match="how long"):
        convert(tmp_path / "metadata.csv", tmp_path / "out", "textgrid")
    (tmp_path / "elsewhere").rename(tmp_path / "wavs")
    convert(tmp_path / "metadata.csv", tmp_path / "out", "textgrid", audio=[tmp_path / "wavs"])
    [(_, [segment])] = load(tmp_path / "out", "textgrid").stream()
    assert (segment.start_us, segment.end_us, segment.text) == (0, 1_500_000, "hello there")
    assert not validate(tmp_path / "metadata.csv").faults
