"""pysubs2, srt, webvtt and FFmpeg read the subtitles we write, and read others' as we do."""

import re
import shutil
import subprocess
from pathlib import Path

import pysubs2
import pytest
import srt
import webvtt

from speechlabel.formats import Bundle, dump, load
from speechlabel.formats.contract import NASTY_TEXTS
from speechlabel.records import Segment, Speaker

from ..conftest import recording

DATA = Path(__file__).parents[1] / "data"
TEXTS = [text for text in NASTY_TEXTS if text.strip() and len(text) < 1000]


def subtitled():
    """A recording whose texts hold whatever a text can hold, overlapping, of two speakers."""
    segments = [
        Segment(
            id=f"n{n:03}",
            start_us=n * 100_000 + 333,
            end_us=n * 100_000 + 190_777,
            text=text,
            speaker="xy"[n % 2],
        )
        for n, text in enumerate(TEXTS)
    ]
    voices = (Speaker(id="x", name="Ann"), Speaker(id="y", name="Bob & Co"))
    return Bundle(recordings=(recording("r"),), segments={"r": segments}, speakers={"r": voices})


def ffmpeg(path):
    """Streams and packets that FFmpeg finds."""
    found = shutil.which("ffprobe")
    if found is None:
        pytest.skip("ffprobe is not installed: apt-get install ffmpeg")
    wanted = ("-v", "error", "-show_entries", "packet=pts_time,duration_time", "-of", "csv=p=0")
    done = subprocess.run(
        [found, *wanted, str(path)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0 and not done.stderr, done.stderr
    return [tuple(float(cell) for cell in line.split(",")[:2]) for line in done.stdout.split("\n") if line]


def grid(bundle, step=1000):
    return [
        (round(item.start_us / step) * step // 1000, round(item.end_us / step) * step // 1000)
        for item in bundle.segments["r"]
    ]


def test_pysubs2_srt_and_ffmpeg_find_each_cue_of_our_srt(tmp_path):
    bundle = subtitled()
    dump(bundle, tmp_path / "out", "srt")
    path = tmp_path / "out/r.srt"
    assert [(cue.start, cue.end) for cue in pysubs2.load(str(path))] == grid(bundle)
    strict = list(srt.parse(path.read_text(encoding="utf-8")))
    assert [(cue.index, round(cue.start.total_seconds() * 1000)) for cue in strict] == [
        (number, start) for number, (start, _) in enumerate(grid(bundle), 1)
    ]
    wanted = [item.text for item in load(tmp_path / "out").segments["r"]]
    assert [re.sub(r"^(Ann|Bob & Co): |</?s>", "", cue.content).strip() for cue in strict] == [
        text.strip() for text in wanted
    ]
    assert len(ffmpeg(path)) == len(TEXTS)


def test_we_read_srt_as_pysubs2_does():
    theirs = pysubs2.load(str(DATA / "srt/full.srt"))
    ours = list(load(DATA / "srt/full.srt").segments["full"])
    assert [(cue.start, cue.end) for cue in theirs] == [(s.start_us // 1000, s.end_us // 1000) for s in ours]
    assert theirs[1].plaintext.endswith(ours[1].text)


def test_webvtt_and_ffmpeg_find_each_cue_of_our_vtt_its_voice_and_id(tmp_path):
    bundle = subtitled()
    dump(bundle, tmp_path / "out", "vtt")
    captions = list(webvtt.read(str(tmp_path / "out/r.vtt")))
    assert [caption.identifier for caption in captions] == [item.id for item in bundle.segments["r"]]
    assert [round(caption.start_in_seconds * 1000) for caption in captions] == [
        start // 1000 * 1000 for start, _ in grid(bundle)
    ]
    names = {"x": "Ann", "y": "Bob &amp; Co"}
    assert [caption.voice for caption in captions] == [names[item.speaker] for item in bundle.segments["r"]]
    assert len(ffmpeg(tmp_path / "out/r.vtt")) == len(TEXTS)


def test_we_read_vtt_as_webvtt_does():
    theirs = list(webvtt.read(str(DATA / "vtt/full.vtt")))
    ours = list(load(DATA / "vtt/full.vtt").segments["full"])
    starts = sorted({item.start_us // 1_000_000 for item in ours})
    assert starts == [int(caption.start_in_seconds) for caption in theirs]
    assert theirs[2].text == ours[3].text


def test_pysubs2_and_ffmpeg_find_each_event_of_our_ass_and_its_name(tmp_path):
    bundle = subtitled()
    dump(bundle, tmp_path / "out", "ass")
    path = tmp_path / "out/r.ass"
    events = pysubs2.load(str(path)).events
    wanted = list(load(tmp_path / "out").segments["r"])
    assert [(event.start, event.end) for event in events] == [
        (item.start_us // 1000, item.end_us // 1000) for item in wanted
    ]
    assert [event.plaintext for event in events] == [item.text for item in wanted]
    assert [event.name for event in events] == [["Ann", "Bob & Co"][n % 2] for n in range(len(TEXTS))]
    assert len(ffmpeg(path)) == len(TEXTS)


def test_we_read_ass_as_pysubs2_does():
    theirs = [event for event in pysubs2.load(str(DATA / "ass/full.ass")) if not event.is_comment]
    ours = list(load(DATA / "ass/full.ass").segments["full"])
    assert [(event.start, event.end) for event in theirs] == [
        (s.start_us // 1000, s.end_us // 1000) for s in ours
    ]
    assert [event.plaintext for event in theirs] == [item.text.replace("\u00a0", " ") for item in ours]
