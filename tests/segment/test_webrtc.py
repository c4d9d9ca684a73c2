import numpy as np
import pytest

from speechlabel.errors import OptionError
from speechlabel.segment.contract import voice
from speechlabel.segment.webrtc import WebrtcOptions, WebrtcSegmenter

RATE = 16_000


def scene(*parts, hiss=1e-3, seed=0):
    """Voice of positive seconds, pause of negative ones, over a hiss; float32, and the turns in s."""
    rng = np.random.default_rng(seed)
    sounds, turns, at = [], [], 0.0
    for seconds in parts:
        if seconds > 0:
            turns.append((at, at + seconds))
            sounds.append(voice(RATE, seconds, seed=len(turns)))
        else:
            sounds.append(np.zeros(round(-seconds * RATE), np.float32))
        at += abs(seconds)
    sound = np.concatenate(sounds)
    return (sound + hiss * rng.standard_normal(len(sound))).astype(np.float32), turns


def listen(sound, **options):
    stream = WebrtcSegmenter(WebrtcOptions(**options)).open(RATE)
    stream.feed(sound)
    return [(span.start_us / 1e6, span.end_us / 1e6) for span in stream.close()]


def test_turns_are_found_one_by_one_with_their_edges():
    sound, turns = scene(-1, 1.5, -0.7, 0.6, -0.5, 2.2, -1)
    found = listen(sound)
    assert len(found) == 3
    for (start, end), (true_start, true_end) in zip(found, turns, strict=True):
        assert start == pytest.approx(true_start, abs=0.12)
        assert end == pytest.approx(true_end, abs=0.12)


def test_steady_noise_is_no_speech():
    noise = 0.1 * np.random.default_rng(1).standard_normal(20 * RATE).astype(np.float32)
    assert listen(noise) == []


def test_speech_is_found_in_noise():
    sound, turns = scene(-3, 1.5, -1, 1.5, -3, hiss=0.02)
    found = listen(sound)
    for start, end in turns:
        covered = sum(max(0, min(end, b) - max(start, a)) for a, b in found)
        assert covered > 0.8 * (end - start)
    assert sum(b - a for a, b in found) < 4


def test_a_noise_that_starts_later_does_not_hide_quiet_speech_before():
    quiet, turns = scene(-1, 1.5, -5)
    loud = 0.2 * np.random.default_rng(2).standard_normal(6 * RATE).astype(np.float32)
    found = listen(np.concatenate([0.5 * quiet, loud]))
    assert found[0] == pytest.approx(turns[0], abs=0.15)


def test_what_is_far_quieter_than_the_rest_is_left_out():
    near, _ = scene(-1, 3, -1, hiss=0)
    far, _ = scene(1.5, -1, hiss=0)
    sound = np.concatenate([near, 10 ** (-50 / 20) * far])
    assert all(end < 4.5 for _, end in listen(sound, range_db=38))


def test_padding_and_lengths_follow_the_options():
    sound, _ = scene(-1, 1, -0.3, 1, -1)
    assert len(listen(sound, min_silence_ms=150)) == 2
    assert len(listen(sound, min_silence_ms=600)) == 1
    assert listen(sound, min_speech_ms=3_000) == []
    [(start, end)] = listen(sound, min_silence_ms=600, pad_before_ms=0, pad_after_ms=0)
    [(wide_start, wide_end)] = listen(sound, min_silence_ms=600, pad_before_ms=100, pad_after_ms=300)
    assert wide_start == pytest.approx(start - 0.1, abs=0.001)
    assert wide_end == pytest.approx(end + 0.3, abs=0.001)
    long, _ = scene(-0.5, 9, -0.5)
    assert max(end - start for start, end in listen(long, max_speech_s=3)) <= 3


def test_the_lower_threshold_cannot_be_the_higher_one():
    with pytest.raises(OptionError, match="off"):
        WebrtcOptions(on=0.3, off=0.4)


def test_levels_below_the_detectors_band_do_not_count():
    hum = (0.3 * np.sin(2 * np.pi * 50 * np.arange(8 * RATE) / RATE)).astype(np.float32)
    sound, turns = scene(-3, 2, -3)
    found = listen(hum + sound)
    assert len(found) == 1
    assert found[0] == pytest.approx(turns[0], abs=0.15)
