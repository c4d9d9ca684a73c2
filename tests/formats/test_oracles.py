"""Other people's programs read what we write and agree on every time, name and sample."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import kaldi_native_io
import numpy as np
import pytest
import soundfile
from praatio import textgrid as praatio

from speechlabel.formats import Bundle, Export, Labelled, dump, load
from speechlabel.formats.contract import NASTY_TEXTS, sample_export
from speechlabel.records import Recording, Segment, Speaker
from speechlabel.timing import us_to_samples

RATE = 16_000


def sctk(name):
    found = shutil.which(name) or next(iter(Path("/usr/lib").glob(f"**/sctk/bin/{name}")), None)
    if found is None:
        pytest.skip(f"{name} is not installed: apt-get install sctk")
    return str(found)


def praat():
    found = shutil.which("praat")
    if found is None:
        pytest.skip("praat is not installed: apt-get install praat")
    return found


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=60)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def source(tmp_path):
    """A mono and a two-channel recording of noise, where every sample tells where it is from."""
    noise = np.random.default_rng(7)
    recordings = []
    for id, channels in (("mono", 1), ("call-2", 2)):
        path = tmp_path / "source" / f"{id}.wav"
        path.parent.mkdir(exist_ok=True)
        soundfile.write(path, noise.integers(-20_000, 20_000, (RATE * 6, channels)).astype(np.int16), RATE)
        facts = {
            "content_hash": "00",
            "size_bytes": 1,
            "modified_ns": 0,
            "container": "WAV",
            "codec": "PCM_16",
        }
        recordings.append(
            Recording(
                id=id,
                project_id="p",
                name=path.name,
                path=str(path),
                sample_rate=RATE,
                channels=channels,
                n_frames=RATE * 6,
                **facts,
            )
        )

    def segment(id, start, end, **fields):
        return Segment(id=id, start_us=start, end_us=end, **fields)

    def make_audio(recording, channel, folder):
        if recording.channels == 1:
            return Path(recording.path)
        folder.mkdir(exist_ok=True)
        samples, _ = soundfile.read(recording.path, dtype="int16")
        made = folder / f"{recording.id}_{channel}.wav"
        soundfile.write(made, samples[:, channel], RATE)
        return made

    bundle = Bundle(
        recordings=tuple(recordings),
        segments={
            "mono": [
                segment("a", 500_000, 2_250_063, text='hello "big" world', speaker="x"),
                segment("b", 1_750_000, 3_500_000, text="你好 世界", speaker="y"),
                segment("c", 3_500_000, 6_000_000, text="to the end", speaker="x"),
            ],
            "call-2": [
                segment("a", 0, 1_000_000, channel=0, text="left", speaker="x"),
                segment("b", 333_333, 4_500_001, channel=1, text="right", speaker="y"),
            ],
        },
        speakers={
            id: (Speaker(id="x", name="Li Wei"), Speaker(id="y", name="O'Hara")) for id in ("mono", "call-2")
        },
        labelled={"mono": (Labelled(None, 0, 5_000_000),)},
    )
    return Export(bundle=bundle, make_audio=make_audio)


def test_each_line_of_nemo_gives_the_samples_that_were_labelled(source, tmp_path):
    dump(source, tmp_path / "out", "nemo")
    labelled = {(r.id, s.id): (r, s) for r, segments in source.bundle.stream() for s in segments}
    lines = (tmp_path / "out/manifest.jsonl").read_text(encoding="utf-8").split("\n")
    assert lines.pop() == ""
    for line in map(json.loads, lines):
        recording, segment = labelled.pop((line["recording_id"], line["segment_id"]))
        path = tmp_path / "out" / line["audio_filepath"]
        assert not Path(line["audio_filepath"]).is_absolute()
        assert soundfile.info(path).channels == 1
        assert "sampling_rate" not in line
        start, count = round(line["offset"] * RATE), round(line["duration"] * RATE)
        heard, rate = soundfile.read(path, start=start, frames=count, dtype="int16")
        whole, _ = soundfile.read(recording.path, dtype="int16", always_2d=True)
        first, last = us_to_samples(segment.start_us, RATE), us_to_samples(segment.end_us, RATE)
        wanted = whole[first:last, segment.channel or 0]
        assert rate == RATE and len(heard) == count
        assert abs(len(heard) - len(wanted)) <= 1
        shorter = min(len(heard), len(wanted))
        assert np.array_equal(heard[:shorter], wanted[:shorter])
        assert line["text"] == segment.text
    assert not labelled


def test_kaldi_native_io_opens_the_audio_of_each_recording(source, tmp_path):
    dump(source, tmp_path / "out", "kaldi")
    found = {
        key: np.array(wave.data)  # a copy: the reader frees its own
        for key, wave in kaldi_native_io.SequentialWaveReader(f"scp:{tmp_path / 'out/wav.scp'}")
    }
    assert sorted(found) == ["call-2+ch0", "call-2+ch1", "mono"]
    for key, samples in found.items():
        recording, _, channel = key.partition("+ch")
        whole, _ = soundfile.read(tmp_path / f"source/{recording}.wav", dtype="int16", always_2d=True)
        assert samples.shape == (1, RATE * 6)
        assert np.array_equal(samples[0], whole[:, int(channel or 0)].astype(np.float32))


def test_nist_validator_accepts_the_rttm(source, tmp_path):
    dump(source, tmp_path / "out", "rttm")
    code, said = run("perl", sctk("rttmValidator.pl"), "-uspef", "-i", str(tmp_path / "out/segments.rttm"))
    assert (code, "ERROR" in said) == (0, False), said
    broken = tmp_path / "broken.rttm"
    broken.write_text((tmp_path / "out/segments.rttm").read_text().replace(" 1.000 ", " -1.000 "))
    code, said = run("perl", sctk("rttmValidator.pl"), "-uspef", "-i", str(broken))
    assert code != 0, "the validator would accept anything"


def test_md_eval_scores_what_is_labelled_and_finds_no_error(source, tmp_path):
    dump(source, tmp_path / "out", "rttm")
    rttm, uem = str(tmp_path / "out/segments.rttm"), str(tmp_path / "out/segments.uem")
    code, said = run("perl", sctk("md-eval.pl"), "-r", rttm, "-s", rttm, "-u", uem)
    assert code == 0, said
    assert re.search(r"OVERALL SPEAKER DIARIZATION ERROR = 0\.00 percent", said), said
    evaluated = [float(value) for value in re.findall(r"EVAL TIME = +([0-9.]+)", said)]
    assert evaluated[-1] == pytest.approx(5.0 + 6.0 + 6.0, abs=0.01), said


SCRIPT = """
form Read
    sentence input
    sentence output
endform
Text writing preferences: "UTF-8"
grid = Read from file: input$
selectObject: grid
tiers = Get number of tiers
writeFile: output$, ""
for tier to tiers
    name$ = Get tier name: tier
    intervals = Is interval tier: tier
    appendFile: output$, "T", tab$, intervals, tab$, name$, "§"
    if intervals
        n = Get number of intervals: tier
    else
        n = Get number of points: tier
    endif
    for i to n
        if intervals
            start = Get start time of interval: tier, i
            end = Get end time of interval: tier, i
            label$ = Get label of interval: tier, i
        else
            start = Get time of point: tier, i
            end = start
            label$ = Get label of point: tier, i
        endif
        appendFile: output$, "I", tab$, start, tab$, end, tab$, label$, "§"
    endfor
endfor
"""


def ask_praat(grid, folder):
    """Tiers as Praat sees them: [(name, is interval tier, [(start µs, end µs, label)])]."""
    script, answer = folder / "read.praat", folder / "answer.txt"
    script.write_text(SCRIPT, encoding="utf-8")
    code, said = run(praat(), "--run", str(script), str(grid), str(answer))
    assert code == 0, said
    raw = answer.read_bytes()
    text = raw.decode("utf-16" if raw[:2] in (b"\xfe\xff", b"\xff\xfe") else "utf-8")
    tiers = []
    for entry in text.split("§")[:-1]:
        kind, *cells = entry.split("\t", 2 if entry.startswith("T") else 3)
        if kind == "T":
            tiers.append((cells[1], cells[0] == "1", []))
        else:
            tiers[-1][2].append((round(float(cells[0]) * 1e6), round(float(cells[1]) * 1e6), cells[2]))
    return tiers


def nasty_bundle():
    texts = [text for text in NASTY_TEXTS if text.strip()]
    segments = [
        Segment(id=f"n{n}", start_us=n * 100_003, end_us=n * 100_003 + 90_001, text=text, speaker="s")
        for n, text in enumerate(texts)
    ]
    whole = sample_export(Path("nowhere")).bundle
    mono = whole.recordings[0]
    return Bundle(
        recordings=(mono,), segments={mono.id: segments}, speakers={mono.id: (Speaker(id="s", name='"a" b'),)}
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_praat_sees_the_labels_and_times_we_wrote(tmp_path, encoding):
    bundle = nasty_bundle()
    dump(bundle, tmp_path / "out", "textgrid", encoding=encoding)
    [(name, is_interval, items)] = ask_praat(tmp_path / "out/a-mono.TextGrid", tmp_path)
    assert (name, is_interval) == ('"a" b', True)
    wanted = [(s.start_us, s.end_us, s.text) for s in bundle.segments["a-mono"]]
    if encoding == "utf-16":  # Praat makes a line end of U+2029 there, and only there
        wanted = [(start, end, text.replace("\u2029", "\n")) for start, end, text in wanted]
    assert [item for item in items if item[2]] == wanted
    assert [end for _, end, _ in items[:-1]] == [start for start, _, _ in items[1:]]


def test_praat_sees_speakers_overlaps_and_points(tmp_path):
    export = sample_export(tmp_path)
    dump(export, tmp_path / "out", "textgrid")
    tiers = ask_praat(tmp_path / "out/a-mono.TextGrid", tmp_path)
    assert [(name, is_interval) for name, is_interval, _ in tiers] == [
        ("Lin Wei", True),
        ("李 明", True),
        ("segments", True),
        ("Lin Wei - words", True),
        ("events", False),
    ]
    assert tiers[4][2] == [(4_000_000, 4_000_000, "click")]
    assert (1_500_000, 3_000_001, '你好, [laugh] "big" world') in tiers[0][2]


def test_we_read_what_praat_writes_as_praat_reads_it(tmp_path):
    """Praat saves a grid in its long and its short form and in UTF-16; all three read the same."""
    script = tmp_path / "make.praat"
    lines = [
        'Create TextGrid: 0, 2.5, "Anna Bob marks", "marks"',
        "Insert boundary: 1, 0.1",
        "Insert boundary: 1, 0.7000001",
        'Set interval text: 1, 2, "say ""it"" über 你好"',
        "Insert boundary: 2, 0.3",
        'Set interval text: 2, 2, "to the end"',
        'Insert point: 3, 1.25, "click"',
    ]
    for encoding in ("UTF-8", "UTF-16"):
        lines.append(f'Text writing preferences: "{encoding}"')
        lines.append(f'Save as text file: "{tmp_path}/long-{encoding}.TextGrid"')
        lines.append(f'Save as short text file: "{tmp_path}/short-{encoding}.TextGrid"')
    script.write_text("\n".join(lines) + "\n", encoding="utf-8")
    code, said = run(praat(), "--run", str(script))
    assert code == 0, said
    grids = sorted(tmp_path.glob("*.TextGrid"))
    assert len(grids) == 4
    for grid in grids:
        bundle = load(grid)
        [recording] = bundle.recordings
        names = {speaker.id: speaker.name for speaker in bundle.speakers[recording.id]}
        [(_, segments)] = bundle.stream()
        assert recording.duration_us == 2_500_000
        assert [(s.start_us, s.end_us, s.text, names.get(s.speaker), s.kind) for s in segments] == [
            (100_000, 700_000, 'say "it" über 你好', "Anna", "speech"),
            (300_000, 2_500_000, "to the end", "Bob", "speech"),
            (1_250_000, 1_250_000, "click", None, "event"),
        ]


def test_praatio_sees_the_labels_and_times_we_wrote(tmp_path):
    bundle = nasty_bundle()
    dump(bundle, tmp_path / "out", "textgrid")
    grid = praatio.openTextgrid(str(tmp_path / "out/a-mono.TextGrid"), includeEmptyIntervals=False)
    [tier] = grid.tiers
    found = [(round(start * 1e6), round(end * 1e6), label) for start, end, label in tier.entries]
    # praatio takes the blanks off a label's ends, whatever is in the file
    wanted = [(s.start_us, s.end_us, s.text.strip()) for s in bundle.segments["a-mono"]]
    assert found == wanted
