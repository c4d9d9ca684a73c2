"""The delivered recordings are what samples/README.md says and their truth fits what can be heard."""

from __future__ import annotations

import json
import re
import tomllib
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile as sf
from numpy.typing import NDArray

from speechlabel import guideline

SAMPLES = Path(__file__).parents[1] / "samples"
KEYS = ["start", "end", "channel", "text", "speaker", "speaker_name", "gender", "language", "noise_labels"]
ROW = re.compile(r"\| (\S+)\.flac \| (\d+) \| (\d) \| ([\d.]+) \| (\d+) \|")
TABLE = {
    stem: (int(rate), int(channels), float(seconds), int(segments))
    for stem, rate, channels, seconds, segments in ROW.findall(
        (SAMPLES / "README.md").read_text(encoding="utf-8")
    )
}
CLEAN = ["dialogue-en", "call-zh", "phone-8k", "long-silences"]
every = pytest.mark.parametrize("stem", sorted(TABLE))


def read(stem: str) -> tuple[NDArray[np.float64], int]:
    samples, rate = sf.read(SAMPLES / f"{stem}.flac", dtype="float64", always_2d=True)
    return np.asarray(samples, dtype=np.float64), rate


def truth(stem: str) -> list[dict[str, Any]]:
    text = (SAMPLES / "truth" / f"{stem}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def mask(rows: list[dict[str, Any]], n: int, rate: int, margin: float = 0.0) -> NDArray[np.bool_]:
    """True where a row is, widened by ``margin`` seconds on both sides."""
    inside = np.zeros(n, dtype=bool)
    for row in rows:
        inside[max(0, round((row["start"] - margin) * rate)) : round((row["end"] + margin) * rate)] = True
    return inside


def level(samples: NDArray[np.float64]) -> float:
    return float(10 * np.log10((samples**2).mean() + 1e-12))


def test_table_lists_exactly_the_recordings():
    assert set(TABLE) == {path.stem for path in SAMPLES.glob("*.flac")}
    assert set(TABLE) == {path.stem for path in (SAMPLES / "truth").glob("*.jsonl")}
    assert len(TABLE) == 6


def test_together_under_three_megabytes():
    assert sum(path.stat().st_size for path in SAMPLES.glob("*.flac")) < 3_000_000


@every
def test_format_is_as_in_the_table(stem: str):
    info = sf.info(SAMPLES / f"{stem}.flac")
    rate, channels, seconds, segments = TABLE[stem]
    assert (info.samplerate, info.channels) == (rate, channels)
    assert info.duration == pytest.approx(seconds, abs=0.006)
    assert len(truth(stem)) == segments


@every
def test_levels_are_sensible(stem: str):
    samples, rate = read(stem)
    assert np.abs(samples).max() < 10 ** (-1 / 20) + 1e-4, "clips"
    assert np.abs(samples.mean(axis=0)).max() < 1e-4, "has a direct current"
    for channel in range(samples.shape[1]):
        rows = [row for row in truth(stem) if row["channel"] == channel]
        assert -30 < level(samples[mask(rows, len(samples), rate), channel]) < -20


@every
def test_truth_is_sorted_and_inside(stem: str):
    rows = truth(stem)
    samples, rate = read(stem)
    assert [row["start"] for row in rows] == sorted(row["start"] for row in rows)
    for row in rows:
        assert list(row) == KEYS
        assert 0 <= row["start"] < row["end"] <= len(samples) / rate
        assert round(row["start"], 6) == row["start"]
        assert 0 <= row["channel"] < samples.shape[1]
        assert row["text"].strip()


@every
def test_truth_uses_the_default_guideline_and_steady_speakers(stem: str):
    with (Path(guideline.__file__).parent / "presets" / "default.toml").open("rb") as file:
        preset = tomllib.load(file)
    labels = {label["name"] for label in preset["labels"]}
    people: dict[str, tuple[str, str]] = {}
    for row in truth(stem):
        assert set(row["noise_labels"]) <= labels
        assert row["language"] in preset["languages"]
        facts = (row["speaker_name"], row["gender"])
        assert people.setdefault(row["speaker"], facts) == facts


@pytest.mark.parametrize("stem", CLEAN)
def test_speech_is_where_the_truth_says(stem: str):
    samples, rate = read(stem)
    for channel in range(samples.shape[1]):
        rows = [row for row in truth(stem) if row["channel"] == channel]
        own = samples[:, channel]
        outside = own[~mask(rows, len(own), rate, margin=0.25)]
        floor = level(outside)
        for row in rows:
            assert level(own[mask([row], len(own), rate)]) > floor + 25
        for row in rows:
            start, end = round(row["start"] * rate), round(row["end"] * rate)
            assert level(own[end - rate // 10 : end]) > floor + 6, "ends after its sound"
            if "overlap" not in row["noise_labels"]:
                rise = level(own[start : start + rate // 10]) - level(own[start - rate // 10 : start])
                assert rise > 6, "does not begin where its sound begins"


def test_dialogue_has_one_labelled_overlap_and_short_pauses():
    rows = truth("dialogue-en")
    pairs = list(pairwise(rows))
    overlaps = [(a, b) for a, b in pairs if b["start"] < a["end"]]
    assert len(overlaps) == 1
    assert [row for row in rows if "overlap" in row["noise_labels"]] == list(overlaps[0])
    assert overlaps[0][0]["speaker"] != overlaps[0][1]["speaker"]
    pauses = [b["start"] - a["end"] for a, b in pairs if b["start"] > a["end"]]
    assert all(0.29 < pause < 1.01 for pause in pauses)


def test_call_has_overlap_between_its_channels():
    rows = truth("call-zh")
    crossing = [
        (a, b)
        for a in rows
        for b in rows
        if a["channel"] == 0 and b["channel"] == 1 and a["start"] < b["end"] and b["start"] < a["end"]
    ]
    assert len(crossing) >= 3
    assert {row["speaker"] for row in rows if row["channel"] == 0} == {"agent"}
    assert {row["speaker"] for row in rows if row["channel"] == 1} == {"customer"}


@pytest.mark.parametrize("quiet", [0, 1])
def test_call_keeps_its_channels_apart(quiet: int):
    samples, rate = read("call-zh")
    rows = truth("call-zh")
    own = mask([row for row in rows if row["channel"] == quiet], len(samples), rate, margin=0.25)
    other = mask([row for row in rows if row["channel"] != quiet], len(samples), rate)
    alone = other & ~own
    assert alone.sum() > 5 * rate
    assert level(samples[alone, quiet]) < level(samples[alone, 1 - quiet]) - 40


@pytest.mark.parametrize("stem", ["call-zh", "phone-8k"])
def test_telephone_band(stem: str):
    samples, rate = read(stem)
    power = np.abs(np.fft.rfft(samples[:, 0])) ** 2
    hertz = np.fft.rfftfreq(len(samples), 1 / rate)
    voice = power[(hertz > 300) & (hertz < 3400)].sum()
    assert power[hertz < 200].sum() < voice * 1e-3
    assert power[hertz > 3700].sum() < voice * 1e-3


def test_noise_lies_about_ten_decibels_below_the_speech():
    samples, rate = read("noisy-en")
    rows = truth("noisy-en")
    noise = level(samples[~mask(rows, len(samples), rate, margin=0.3), 0])
    plain = [row for row in rows if "breath_cough" not in row["noise_labels"]]
    speech = 10 ** (level(samples[mask(plain, len(samples), rate), 0]) / 10) - 10 ** (noise / 10)
    assert 7 < 10 * np.log10(speech) - noise < 12
    assert sum("breath_cough" in row["noise_labels"] for row in rows) == 1


def test_music_is_alone_then_under_speech_then_alone():
    samples, rate = read("music-speech")
    rows = truth("music-speech")
    first, last = rows[0]["start"], rows[-1]["end"]
    mono = samples[:, 0]
    between = mono[round((rows[0]["end"] + 0.2) * rate) : round((rows[1]["start"] - 0.05) * rate)]
    for alone in (mono[: round((first - 0.8) * rate)], mono[round((last + 0.8) * rate) :]):
        assert len(alone) > 4 * rate
        assert level(alone) > level(between) + 8
    assert level(between) > -50, "no music is left under the speech"


def test_long_silences_last_three_to_six_seconds():
    rows = truth("long-silences")
    silences = [b["start"] - a["end"] for a, b in pairwise(rows)]
    assert all(2.99 < silence < 6.01 for silence in silences)


def test_demo_names_recordings_and_segments_that_exist():
    samples = tomllib.loads((SAMPLES / "samples.toml").read_text(encoding="utf-8"))["samples"]
    assert {Path(sample["file"]).stem for sample in samples} == set(TABLE)
    for sample in samples:
        rows = truth(Path(sample["file"]).stem)
        assert set(sample["title"]) == {"en", "zh-CN"}
        assert {row["language"] for row in rows} == {sample["language"]}
        assert all(0 <= index < len(rows) for index in sample["done"])
        assert len(sample["done"]) < len(rows), "nothing is left to do"


def test_truth_says_what_the_scripts_say():
    scripts = tomllib.loads((SAMPLES / "scripts.toml").read_text(encoding="utf-8"))["recordings"]
    for script in scripts:
        said = sorted(line["text"] for line in script["lines"])
        assert sorted(row["text"] for row in truth(script["stem"])) == said
