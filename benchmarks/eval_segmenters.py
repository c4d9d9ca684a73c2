"""Score the segmenters on recordings with truth: how much speech is found, how exact the edges are.

    python benchmarks/eval_segmenters.py DATA_DIR [--json] [--option min_silence_ms=300 …]

DATA_DIR holds folders of recordings (a folder is a set) and ``truth/NAME.rttm``, where NAME is the
recording's stem without accents, or ``SET_STEM``.  Where a truth file uses channels beyond 1, each channel is
scored by itself; otherwise the mix is.  All truth of a set is pooled.

Frames of 10 ms: precision, recall, F1, detection error (missed + false alarm over speech).
Edges: each edge of a truth span (gaps under 100 ms closed) against the nearest edge of the same kind within
500 ms: share found, median and 90th percentile of the distance in ms.
``webrtcvad mode 2`` is the plain detector on 30 ms frames without any shaping.
"""

from __future__ import annotations

import argparse
import json
import unicodedata
from collections import defaultdict
from pathlib import Path

import numpy as np
import soxr
import webrtcvad

from speechlabel import registry
from speechlabel.audio.base import to_int16
from speechlabel.audio.decode import open_audio
from speechlabel.audio.pcm import pick_channel
from speechlabel.segment.base import parse_options

FRAME = 0.01  # s
NEAR = 0.5  # s: an edge further off is not the same edge
CLOSE = 0.1  # s: truth gaps below this are no edges
AUDIO = {".wav", ".flac", ".mp3", ".ogg", ".opus", ".m4a"}


def read_rttm(path):
    """Spans in seconds by channel (from 0), overlapping turns joined."""
    turns = defaultdict(list)
    for line in path.read_text(encoding="utf-8").splitlines():
        fields = line.split()
        if fields and fields[0] == "SPEAKER":
            start = float(fields[3])
            turns[int(fields[2]) - 1].append((start, start + float(fields[4])))
    return {channel: join(spans, 0.0) for channel, spans in turns.items()}


def join(spans, gap):
    joined = []
    for start, end in sorted(spans):
        if joined and start - joined[-1][1] <= gap:
            joined[-1][1] = max(joined[-1][1], end)
        else:
            joined.append([start, end])
    return [tuple(span) for span in joined]


def find_truth(data):
    """Yield (set, recording, spans by channel)."""
    truth = {path.stem: path for path in (data / "truth").glob("*.rttm")}
    for audio in sorted(data.glob("*/*")):
        if audio.suffix.lower() in AUDIO:
            stem = unicodedata.normalize("NFKD", audio.stem).encode("ascii", "ignore").decode()
            path = truth.get(stem) or truth.get(f"{audio.parent.name}_{stem}")
            if path:
                yield audio.parent.name, audio, read_rttm(path)


def baseline(sound, rate):
    """Plain webrtcvad, mode 2, 30 ms frames."""
    pcm = to_int16(soxr.resample(sound, rate, 16_000).astype(np.float32))
    vad = webrtcvad.Vad(2)
    flags = [vad.is_speech(pcm[i : i + 480].tobytes(), 16_000) for i in range(0, len(pcm) - 479, 480)]
    return join([(0.03 * i, 0.03 * (i + 1)) for i, flag in enumerate(flags) if flag], 1e-6)


def run(segmenter, sound, rate):
    stream = segmenter.open(rate)
    for start in range(0, len(sound), 65_536):
        stream.feed(sound[start : start + 65_536])
    return [(span.start_us / 1e6, span.end_us / 1e6) for span in stream.close()]


def frames(spans, n_frames):
    flags = np.zeros(n_frames, bool)
    for start, end in spans:
        flags[round(start / FRAME) : round(end / FRAME)] = True
    return flags


class Score:
    def __init__(self):
        self.hit = self.missed = self.false_alarm = self.edges = self.spans = 0
        self.distances = []
        self.offsets = []

    def add(self, truth, found, seconds):
        n_frames = round(seconds / FRAME)
        want, got = frames(truth, n_frames), frames(found, n_frames)
        self.hit += int((want & got).sum())
        self.missed += int((want & ~got).sum())
        self.false_alarm += int((~want & got).sum())
        self.spans += len(found)
        for side in (0, 1):
            edges = np.array([span[side] for span in found])
            for span in join(truth, CLOSE):
                self.edges += 1
                offset = edges - span[side]
                if len(offset) and np.abs(offset).min() <= NEAR:
                    best = offset[np.abs(offset).argmin()]
                    self.distances.append(abs(best))
                    self.offsets.append((side, best))

    def row(self):
        ms = 1000 * np.array(self.distances or [np.nan])
        speech = max(1, self.hit + self.missed)
        return {
            "precision": round(self.hit / max(1, self.hit + self.false_alarm), 4),
            "recall": round(self.hit / speech, 4),
            "f1": round(2 * self.hit / max(1, 2 * self.hit + self.missed + self.false_alarm), 4),
            "detection_error": round((self.missed + self.false_alarm) / speech, 4),
            "edges_found": round(len(self.distances) / max(1, self.edges), 3),
            "edge_median_ms": round(float(np.median(ms)), 1),
            "edge_p90_ms": round(float(np.percentile(ms, 90)), 1),
            "start_bias_ms": round(1000 * float(np.median([o for s, o in self.offsets if s == 0] or [0])), 1),
            "end_bias_ms": round(1000 * float(np.median([o for s, o in self.offsets if s == 1] or [0])), 1),
            "spans": self.spans,
        }


def evaluate(data, systems):
    """Give {set: {system: row}}; ``systems`` are functions of (samples, rate) that give spans in seconds."""
    scores = defaultdict(lambda: {name: Score() for name in systems})
    for set_name, audio, truth in find_truth(data):
        with open_audio(audio) as decoder:
            sound, rate = np.concatenate(list(decoder.blocks())), decoder.info.sample_rate
        by_channel = {None: truth.get(0, [])} if set(truth) <= {0} else truth
        for channel, spans in by_channel.items():
            samples = np.ascontiguousarray(pick_channel(sound, channel))
            for name, system in systems.items():
                found = system(samples, rate)
                for group in (set_name, "all"):
                    scores[group][name].add(spans, found, len(samples) / rate)
    return {group: {name: score.row() for name, score in by.items()} for group, by in scores.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument("--option", action="append", default=[], help="an option of the webrtc segmenter")
    args = parser.parse_args()
    systems = {"webrtcvad mode 2": baseline}
    options = dict(item.split("=", 1) for item in args.option)
    for name in registry.names("segmenter"):
        kind = registry.load("segmenter", name)
        segmenter = kind(parse_options(kind, options if name == "webrtc" else {}))
        systems[name] = lambda sound, rate, segmenter=segmenter: run(segmenter, sound, rate)
    results = evaluate(args.data, systems)
    if not results:
        parser.error(f"no recording under {args.data} has a truth file")
    if args.json:
        print(json.dumps(results, indent=1))
        return
    columns = list(next(iter(results["all"].values())))
    print(f"{'set':12} {'system':18}" + "".join(f"{name:>17}" for name in columns))
    for group, by in results.items():
        for name, row in by.items():
            print(f"{group:12} {name:18}" + "".join(f"{row[column]:>17}" for column in columns))


if __name__ == "__main__":
    main()
