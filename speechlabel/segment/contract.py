"""The laws of segmenters, as a pytest class for whoever writes one."""
# ruff: noqa: D102 - the name of a law says what it asks

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

import numpy as np
import pytest

from speechlabel.errors import OptionError
from speechlabel.segment.base import Samples, Segmenter, Span, describe_options, parse_options
from speechlabel.timing import MICROSECOND, samples_to_us

__all__ = ["SegmenterContract", "voice"]


def voice(sample_rate: int, seconds: float, *, seed: int = 0) -> Samples:
    """Make a voice-like sound: a buzz of moving pitch through three moving formants, in syllables."""
    rng = np.random.default_rng(seed)
    n = round(seconds * sample_rate)
    time = np.arange(n) / sample_rate
    pitch = 130 + 25 * np.sin(2 * np.pi * 0.6 * time) + 8 * np.sin(2 * np.pi * 3.1 * time)
    phase = 2 * np.pi * np.cumsum(pitch) / sample_rate
    sound = np.zeros(n)
    centres = [(500, 250, 1.7), (1500, 500, 1.1), (2500, 300, 0.8)]
    for harmonic in range(1, 30):
        frequency = harmonic * pitch
        gain = sum(
            np.exp(-(((frequency - centre - swing * np.sin(2 * np.pi * speed * time)) / 150) ** 2))
            for centre, swing, speed in centres
        )
        sound += np.where(frequency < sample_rate / 2, (gain + 0.02) * np.sin(harmonic * phase), 0)
    syllables = 0.3 + 0.7 * np.sin(np.pi * 5 * time) ** 2
    sound = sound * syllables + 0.003 * rng.standard_normal(n)
    return (0.3 * sound / np.abs(sound).max()).astype(np.float32)


class SegmenterContract:
    """Subclass as ``class TestMine(SegmenterContract): segmenter = MySegmenter``.

    ``speech(sample_rate)`` may be overridden by sound that the segmenter is made for; it must lie between
    1 s of near silence and another.
    """

    segmenter: ClassVar[type[Segmenter]]
    rates: ClassVar[tuple[int, ...]] = (8_000, 11_025, 16_000, 44_100, 48_000)

    def speech(self, sample_rate: int) -> Samples:
        hush = 1e-4 * np.random.default_rng(1).standard_normal(sample_rate).astype(np.float32)
        gap = hush[: sample_rate * 6 // 10]
        return np.concatenate([hush, voice(sample_rate, 1.5), gap, voice(sample_rate, 0.9, seed=2), hush])

    def listen(self, samples: Samples, sample_rate: int, block: int = 65_536, **options: Any) -> list[Span]:  # noqa: ANN401
        stream = self.segmenter(parse_options(self.segmenter, options)).open(sample_rate)
        for start in range(0, len(samples), block):
            stream.feed(samples[start : start + block])
        return stream.close()

    def test_finds_speech_and_leaves_the_silence_around_it(self) -> None:
        for rate in self.rates:
            spans = self.listen(self.speech(rate), rate)
            assert spans, f"nothing found at {rate} Hz"
            assert 0.7 <= spans[0].start_us / MICROSECOND <= 1.2, f"at {rate} Hz"
            assert 3.8 <= spans[-1].end_us / MICROSECOND <= 4.3, f"at {rate} Hz"

    def test_spans_ascend_do_not_overlap_and_lie_inside(self) -> None:
        rng = np.random.default_rng(3)
        for rate in self.rates:
            speech = self.speech(rate)
            loud = (speech + 0.05 * rng.standard_normal(len(speech))).astype(np.float32)
            for samples in (speech, loud, speech[rate:-rate], voice(rate, 0.31), loud[: rate // 7]):
                spans = self.listen(samples, rate)
                edges = [edge for span in spans for edge in (span.start_us, span.end_us)]
                assert edges == sorted(edges)
                assert all(span.start_us < span.end_us for span in spans)
                assert not edges or (edges[0] >= 0 and edges[-1] <= samples_to_us(len(samples), rate))

    def test_the_same_sound_gives_the_same_spans_however_it_is_cut(self) -> None:
        for rate in self.rates:
            samples = self.speech(rate)
            whole = self.listen(samples, rate, block=len(samples))
            for block in (137, 4_096, 65_536):
                assert self.listen(samples, rate, block) == whole

    def test_one_channel_of_a_block_may_be_a_view_into_it(self) -> None:
        samples = self.speech(16_000)
        both = np.stack([samples, np.zeros_like(samples)], axis=1)
        assert self.listen(both[:, 0], 16_000) == self.listen(samples, 16_000)

    def test_two_streams_do_not_hear_each_other(self) -> None:
        samples = self.speech(16_000)
        segmenter = self.segmenter()
        first, second = segmenter.open(16_000), segmenter.open(16_000)
        for start in range(0, len(samples), 4_096):
            first.feed(samples[start : start + 4_096])
            second.feed(np.zeros(4_096, np.float32))
        assert first.close() == self.listen(samples, 16_000)
        assert second.close() == []

    def test_silence_and_nothing_give_nothing(self) -> None:
        assert self.listen(np.empty(0, np.float32), 16_000) == []
        for n_samples in (1, 159, 16_000 * 30):
            assert self.listen(np.zeros(n_samples, np.float32), 16_000) == []

    def test_what_is_fed_is_not_changed(self) -> None:
        samples = self.speech(16_000)
        samples.flags.writeable = False
        self.listen(samples, 16_000)

    def test_it_says_what_it_is(self) -> None:
        assert self.segmenter.name.isidentifier()
        assert self.segmenter.title

    def test_each_option_has_a_range_around_its_default_and_help(self) -> None:
        assert dataclasses.is_dataclass(self.segmenter.Options)
        for item in describe_options(self.segmenter):
            assert item["type"] in ("int", "float"), item
            assert item["min"] <= item["default"] <= item["max"], item
            assert item["help"], item
            assert isinstance(item["unit"], str), item

    def test_options_are_read_from_text(self) -> None:
        described = describe_options(self.segmenter)
        written = {item["name"]: str(item["default"]) for item in described}
        assert parse_options(self.segmenter, written) == self.segmenter.Options()

    def test_options_out_of_range_are_refused_by_name(self) -> None:
        for item in describe_options(self.segmenter):
            for bad in (item["min"] - 1, item["max"] + 1, "many", "", "nan", "inf"):
                with pytest.raises(OptionError, match=item["name"]):
                    parse_options(self.segmenter, {item["name"]: bad})
            with pytest.raises(OptionError, match=item["name"]):
                self.segmenter.Options(**{item["name"]: item["max"] + 1})
        with pytest.raises(OptionError, match="no_such_option"):
            parse_options(self.segmenter, {"no_such_option": 1})
