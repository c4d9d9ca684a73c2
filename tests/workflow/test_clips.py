"""Segments cut out into files of their own: the samples of the recording, and nothing else."""

import dataclasses

import numpy as np
import pytest
import soundfile

from speechlabel.audio.decode import probe
from speechlabel.errors import ExportError, OptionError
from speechlabel.records import Recording, Segment
from speechlabel.timing import us_to_samples
from speechlabel.workflow.clips import AudioOptions, ClipCutter

RATE = 16_000


@pytest.fixture
def recording(tmp_path):
    """Four seconds of two channels, where every sample tells where it is from."""
    path = tmp_path / "call.wav"
    noise = np.random.default_rng(5).integers(-20_000, 20_000, (RATE * 4, 2)).astype(np.int16)
    soundfile.write(path, noise, RATE)
    facts = dict(content_hash="00" * 8, size_bytes=1, modified_ns=0, container="WAV", codec="PCM_16")
    return Recording(
        id="call",
        project_id="p",
        name="call.wav",
        path=str(path),
        sample_rate=RATE,
        channels=2,
        n_frames=RATE * 4,
        **facts,
    )


def segments(n=40):
    return [
        (Segment(id=f"s{i}", start_us=i * 90_001, end_us=i * 90_001 + 130_003, channel=i % 2), f"clip-{i}")
        for i in range(n)
    ]


def cut(recording, wanted, folder, container="FLAC", options=None, **more):
    cutter = ClipCutter(lambda item: _path(item), container, options or AudioOptions(), **more)
    return list(cutter.cut(recording, wanted, folder))


def _path(recording):
    from pathlib import Path

    return Path(recording.path)


@pytest.mark.parametrize("container", ["FLAC", "WAV"])
def test_clips_hold_the_very_samples_in_the_order_asked_for(recording, tmp_path, container):
    whole, _ = soundfile.read(recording.path, dtype="int16")
    told = []
    made = cut(recording, segments(), tmp_path / "clips", container, progress=told.append)
    assert [segment.id for segment, _ in made] == [segment.id for segment, _ in segments()]
    assert told == list(range(1, 41))
    for segment, clip in made:
        first, last = us_to_samples(segment.start_us, RATE), us_to_samples(segment.end_us, RATE)
        samples, rate = soundfile.read(clip.path, dtype="int16")
        assert rate == clip.sample_rate == RATE and len(samples) == clip.n_frames == last - first
        assert np.array_equal(samples, whole[first:last, segment.channel])


def test_padding_goes_as_far_as_the_recording(recording, tmp_path):
    wanted = [
        (Segment(id="a", start_us=100_000, end_us=500_000, channel=0), "a"),
        (Segment(id="b", start_us=3_500_000, end_us=4_000_000, channel=0), "b"),
    ]
    made = cut(recording, wanted, tmp_path, options=AudioOptions(pad_us=200_000))
    assert [clip.n_frames for _, clip in made] == [RATE * 7 // 10, RATE * 7 // 10]
    assert [clip.lead_us for _, clip in made] == [100_000, 200_000]


def test_resampled_clips_tell_their_rate_and_length(recording, tmp_path):
    [(_, clip)] = cut(recording, segments(1), tmp_path, options=AudioOptions(sample_rate=8_000))
    assert clip.sample_rate == 8_000 and clip.n_frames == probe(clip.path).n_frames
    assert abs(clip.duration_us - 130_003) < 300


def test_opus_is_written_at_a_rate_that_it_has(recording, tmp_path):
    soundfile.write(recording.path, np.zeros((44_100, 1), np.int16), 44_100)
    odd = dataclasses.replace(recording, sample_rate=44_100, channels=1, n_frames=44_100)
    [(_, clip)] = cut(odd, segments(1), tmp_path, "OPUS")
    assert (clip.path.suffix, clip.sample_rate) == (".opus", 48_000)
    assert probe(clip.path).sample_rate == 48_000


def test_a_preview_writes_nothing(recording, tmp_path):
    made = cut(recording, segments(3), tmp_path / "clips", write=False)
    assert not (tmp_path / "clips").exists()
    assert [clip.read_bytes() for _, clip in made] == [b"", b"", b""]
    assert made[0][1].n_frames == us_to_samples(130_003, RATE)


def test_a_file_that_cannot_be_written_is_told(recording, tmp_path):
    (tmp_path / "clips" / "clip-0.flac").mkdir(parents=True)
    with pytest.raises(ExportError, match=r"clip-0\.flac"):
        cut(recording, segments(2), tmp_path / "clips")


@pytest.mark.parametrize(
    ("wrong", "named"),
    [({"sample_rate": 100}, "sample_rate"), ({"pad_us": -1}, "pad"), ({"container": "MP3"}, "container")],
)
def test_options_that_cannot_be_are_refused(wrong, named):
    with pytest.raises(OptionError, match=named):
        AudioOptions(**wrong)
