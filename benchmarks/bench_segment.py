"""Claim: to segment a recording costs at most 1.3 times what its bare parts cost.

Bare parts: block decode with soundfile, soxr streaming resample of each channel to 16 kHz, rounding to int16,
and webrtcvad on 30 ms frames.  Both sides run in turn, in one process, on the same files; the ratio is of
CPU time.  Each side's answer is checked against the turns that were put into the recording.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

import measure
import numpy as np
import soundfile
import soxr
import webrtcvad

from speechlabel.audio.base import BLOCK_FRAMES
from speechlabel.audio.decode import open_audio
from speechlabel.segment.webrtc import WebrtcSegmenter

LIMIT = 1.3


def bare(path):
    """The parts without any logic; gives for each channel the share of frames with speech."""
    with soundfile.SoundFile(str(path)) as file:
        rate, channels = file.samplerate, file.channels
        vads = [webrtcvad.Vad(3) for _ in range(channels)]
        resample = [soxr.ResampleStream(rate, 16_000, 1, "float32", quality="LQ") for _ in range(channels)]
        rest = [b""] * channels
        speech, frames = [0] * channels, [0] * channels
        block = np.empty((BLOCK_FRAMES, channels), np.float32)
        while n_frames := file.buffer_read_into(block, dtype="float32"):
            for channel in range(channels):
                samples = block[:n_frames, channel]
                if rate != 16_000:
                    samples = resample[channel].resample_chunk(np.ascontiguousarray(samples))
                pcm = rest[channel] + np.rint(samples * np.float32(32767)).astype(np.int16).tobytes()
                whole = len(pcm) // 960 * 960
                ask = vads[channel].is_speech
                answers = [ask(pcm[at : at + 960], 16_000) for at in range(0, whole, 960)]
                speech[channel] += sum(answers)
                frames[channel] += len(answers)
                rest[channel] = pcm[whole:]
    return [a / b for a, b in zip(speech, frames, strict=True)]


def ours(path):
    """The product's decoder and segmenter; gives the spans of each channel."""
    with open_audio(path) as decoder:
        segmenter = WebrtcSegmenter()
        streams = [segmenter.open(decoder.info.sample_rate) for _ in range(decoder.info.channels)]
        for block in decoder.blocks():
            for channel, stream in enumerate(streams):
                stream.feed(block[:, channel])
    return [stream.close() for stream in streams]


def check(spans, turns, channel, seconds):
    """Every turn of every repetition is covered, and nothing far from a turn is called speech."""
    wanted = [(start, end) for start, end, where in turns if where == channel]
    for number in range(int(seconds // 20)):
        for start, end in wanted:
            middle = round((20 * number + (start + end) / 2) * 1e6)
            assert any(span.start_us <= middle <= span.end_us for span in spans), (channel, number, start)
    found = sum(span.end_us - span.start_us for span in spans) / 1e6
    truth = sum(end - start for start, end in wanted) * (seconds // 20)
    assert 0.8 * truth <= found <= 1.2 * truth, (found, truth)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="5 minutes of audio instead of an hour")
    quick = parser.parse_args().quick
    seconds, rounds = (300, 3) if quick else (3600, 5)
    results = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, rate, channels, kind in (
            ("16k_mono_wav", 16_000, 1, {"format": "WAV", "subtype": "PCM_16"}),
            ("44k1_stereo_wav", 44_100, 2, {"format": "WAV", "subtype": "PCM_16"}),
            ("44k1_stereo_flac", 44_100, 2, {"format": "FLAC", "subtype": "PCM_16"}),
        ):
            path = Path(folder, name)
            measure.write_long(path, rate, channels, seconds, **kind)
            sides = {"ours": lambda path=path: ours(path), "bare": lambda path=path: bare(path)}
            taken, answers = measure.interleaved(sides, rounds)
            turns = measure.conversation(rate, channels)[1]
            for channel in range(channels):
                check(answers["ours"][channel], turns, channel, seconds)
                assert 0.1 < answers["bare"][channel] < 0.9
            results[name] = measure.ratio(taken, "ours", "bare")
            path.unlink()
    worst = max(row["ratio"] for row in results.values())
    report = {
        "benchmark": "segment",
        "audio_s": seconds,
        "limit": LIMIT,
        "worst_ratio": worst,
        "holds": worst <= LIMIT,
        "results": results,
        "versions": measure.versions(),
    }
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
