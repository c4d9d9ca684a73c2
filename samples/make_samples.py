"""Make the sample recordings and their truth: ``python samples/make_samples.py [STEM ...]``.

Reads ``scripts.toml`` and writes ``<stem>.flac`` and ``truth/<stem>.jsonl`` beside it.  Needs the Debian
packages flite, espeak-ng, festival and festvox-us-slt-hts, and the Python packages numpy, soundfile and soxr.
Noise and rooms come from seeded generators; the same versions of everything give the same files.
"""

from __future__ import annotations

import json
import sys
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import sound
import soundfile as sf
import soxr
from numpy.typing import NDArray
from synth import Voice, missing, speak

HERE = Path(__file__).parent
SPEECH_DB = -23.0  # RMS of speech without its pauses
MUSIC_DB = -20.0
DUCKED_DB = -14.0  # what the music loses under speech
PEAK_LIMIT_DB = -1.0

Samples = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """Who speaks, with which voice, on which channel."""

    id: str
    name: str
    gender: str
    voice: Voice
    channel: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing said; see ``scripts.toml`` for ``gap`` and ``spoken``."""

    speaker: str
    gap: float
    text: str
    spoken: str | None = None
    sound: str | None = None  # "knock" or "cough", heard at ``sound_at`` (0 start, 1 end of the line)
    sound_at: float = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """One recording of ``scripts.toml``; seconds, Hz, and dB of full scale."""

    stem: str
    sample_rate: int
    seed: int
    language: str
    room_seconds: float
    tail: float
    speakers: dict[str, Speaker]
    lines: list[Line]
    channels: int = 1
    room_tone_db: float | None = None
    noise_snr_db: float | None = None
    telephone: bool = False
    music: bool = False
    babble: list[str] = field(default_factory=list[str])
    noise_labels: list[str] = field(default_factory=list[str])


@dataclass(frozen=True, slots=True)
class Placed:
    """A line's clean sound and where it lies: the clip begins at ``offset``, speech is ``start``–``end``."""

    line: Line
    speaker: Speaker
    clip: Samples
    offset: int
    start: int
    end: int


def read_scripts(path: Path) -> list[Script]:
    """Read every recording's script."""
    scripts: list[Script] = []
    for raw in tomllib.loads(path.read_text(encoding="utf-8"))["recordings"]:
        people = [Speaker(voice=Voice(**who.pop("voice")), **who) for who in raw.pop("speakers")]
        lines = [Line(**line) for line in raw.pop("lines")]
        scripts.append(Script(speakers={who.id: who for who in people}, lines=lines, **raw))
    return scripts


def say(voice: Voice, text: str, rate: int, level_db: float = SPEECH_DB) -> Samples:
    """Speak ``text`` at ``rate`` and bring it to ``level_db``."""
    clip, own_rate = speak(voice, text)
    clip = sound.band(soxr.resample(clip, own_rate, rate, quality="VHQ"), rate, 60, rate)
    return clip * sound.gain(level_db - sound.level_of(clip, rate))


def place(script: Script) -> list[Placed]:
    """Speak all lines and lay them on the time line."""
    placed: list[Placed] = []
    last_end = 0
    for line in script.lines:
        speaker = script.speakers[line.speaker]
        clip = say(speaker.voice, line.spoken or line.text, script.sample_rate)
        first, last = sound.edges(clip)
        start = last_end + round(line.gap * script.sample_rate)
        end = start + last - first
        if start < first:
            raise SystemExit(f"{script.stem}: the line {line.text!r} would start before the recording")
        placed.append(Placed(line, speaker, clip, start - first, start, end))
        last_end = max(last_end, end)
    return placed


def mix(script: Script, placed: list[Placed]) -> Samples:
    """Room, noise, music and telephone over the clean lines; shape (frames, channels)."""
    rate = script.sample_rate
    n = max(item.end for item in placed) + round(script.tail * rate)
    tracks = {name: np.zeros(n) for name in script.speakers}
    for item in placed:
        part = item.clip[: n - item.offset]
        tracks[item.speaker.id][item.offset : item.offset + len(part)] += part
    out = np.zeros((n, script.channels))
    random = np.random.default_rng(script.seed)
    for name, track in tracks.items():
        out[:, script.speakers[name].channel] += sound.in_room(track, rate, script.room_seconds, random)
    _add_sounds(out, script, placed, random)
    for channel in range(script.channels):
        mono = out[:, channel]
        if script.music:
            mono += _music_under(placed, n, rate, random)
        if script.noise_snr_db is not None:
            mono += _background(script, n, random)
        if script.room_tone_db is not None:
            mono += sound.coloured_noise(n, rate, -3, script.room_tone_db, random)
        out[:, channel] = _through_line(mono, rate) if script.telephone else sound.band(mono, rate, 60, rate)
    peak = np.abs(out).max()
    return out * min(1.0, sound.gain(PEAK_LIMIT_DB) / peak)


def _through_line(mono: Samples, rate: int) -> Samples:
    coded = sound.mu_law_round_trip(sound.band(mono, rate, 300, 3400))
    return sound.band(coded, rate, 150, 3600)  # the exchange's own filter takes off the codec's DC


def _add_sounds(out: Samples, script: Script, placed: list[Placed], random: np.random.Generator) -> None:
    for item in placed:
        if item.line.sound is None:
            continue
        make = {"knock": sound.knock, "cough": sound.cough}[item.line.sound]
        heard = make(script.sample_rate, random) * sound.gain(-9)
        begin = item.start + round(item.line.sound_at * (item.end - item.start))
        out[begin : begin + len(heard), item.speaker.channel] += heard[: len(out) - begin]


def _music_under(placed: list[Placed], n: int, rate: int, random: np.random.Generator) -> Samples:
    """Music that steps back from 0.6 s before the first line to 0.6 s after the last."""
    start, end = min(item.start for item in placed), max(item.end for item in placed)
    ramp = 0.6 * rate
    points = [start - ramp, start, end, end + ramp]
    volume = np.interp(np.arange(n), points, [0.0, DUCKED_DB, DUCKED_DB, 0.0])
    return sound.music(n, rate, MUSIC_DB, random) * 10 ** (volume / 20)


def _background(script: Script, n: int, random: np.random.Generator) -> Samples:
    """Babble, traffic behind a window and mains hum, ``noise_snr_db`` under the speech together."""
    rate, scene = script.sample_rate, np.zeros(n)
    names = ("slt", "rms", "awb", "slt", "rms")
    for layer, name in enumerate(names):
        voice = Voice(engine="flite", name=name, stretch=float(random.uniform(0.85, 1.2)))
        words = np.concatenate([say(voice, text, rate) for text in np.roll(script.babble, layer)])
        loop = np.tile(words, -(-n // len(words)))[:n]
        scene += np.roll(loop, int(random.integers(n)))
    scene = sound.in_room(scene, rate, 0.6, random)
    scene = scene * sound.gain(-3) / np.sqrt((scene**2).mean())
    scene += sound.coloured_noise(n, rate, -5, -4, random) + sound.hum(n, rate, -12)
    wanted = SPEECH_DB - (script.noise_snr_db or 0.0)
    return scene * sound.gain(wanted) / np.sqrt((scene**2).mean())


def truth(script: Script, placed: list[Placed]) -> list[dict[str, Any]]:
    """One record a line, by start; an overlap on one channel is labelled as such."""
    rows: list[dict[str, Any]] = []
    for item in sorted(placed, key=lambda item: (item.start, item.end)):
        others = [o for o in placed if o is not item and o.speaker.channel == item.speaker.channel]
        overlaps = any(o.start < item.end and item.start < o.end for o in others)
        labels = [*script.noise_labels, *(["overlap"] if overlaps else [])]
        labels += {"cough": ["breath_cough"], "knock": ["noise"]}.get(item.line.sound or "", [])
        rows.append(
            {
                "start": round(item.start / script.sample_rate, 6),
                "end": round(item.end / script.sample_rate, 6),
                "channel": item.speaker.channel,
                "text": item.line.text,
                "speaker": item.speaker.id,
                "speaker_name": item.speaker.name,
                "gender": item.speaker.gender,
                "language": script.language,
                "noise_labels": list(dict.fromkeys(labels)),
            }
        )
    return rows


def make(script: Script) -> None:
    """Write one recording and its truth."""
    placed = place(script)
    samples = mix(script, placed)
    flac = HERE / f"{script.stem}.flac"
    sf.write(flac, samples, script.sample_rate, subtype="PCM_16", compression_level=1.0)
    rows = truth(script, placed)
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (HERE / "truth" / f"{script.stem}.jsonl").write_text(text, encoding="utf-8")
    peak_db = 20 * np.log10(np.abs(samples).max())
    seconds = len(samples) / script.sample_rate
    print(f"{script.stem}: {seconds:.2f} s, {len(rows)} segments, peak {peak_db:.1f} dB of full scale")


def main() -> None:
    """Make the recordings named on the command line, or all."""
    wanted = sys.argv[1:]
    scripts = [s for s in read_scripts(HERE / "scripts.toml") if not wanted or s.stem in wanted]
    voices = [who.voice for script in scripts for who in script.speakers.values()]
    voices += [Voice(engine="flite", name="slt") for script in scripts if script.babble]
    if packages := missing(voices):
        raise SystemExit(f"Not installed: {', '.join(packages)}. Run: apt-get install {' '.join(packages)}")
    (HERE / "truth").mkdir(exist_ok=True)
    for script in scripts:
        make(script)


if __name__ == "__main__":
    main()
