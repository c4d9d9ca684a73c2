import struct

import numpy as np
import pytest

from speechlabel.audio.peaks import TILE_POINTS, PeaksBuilder, PeaksFile
from speechlabel.errors import AudioError, NotFoundError

from .sounds import noise


def build(path, sound, sample_rate=16_000, block=5_000):
    builder = PeaksBuilder(sample_rate, sound.shape[1])
    for start in range(0, len(sound), block):
        builder.feed(sound[start : start + block])
    builder.write(path)
    return PeaksFile(path)


def points(file, level):
    """All points of a level, (points, channels, 2), read tile by tile as the page does."""
    parts = []
    samples_per_point, n_points = file.levels[level]
    for index in range(-(-n_points // TILE_POINTS)):
        tile = file.tile(level, index)
        version, flags, rate, samples, length, channels = struct.unpack("<iIiiII", tile[:24])
        assert (version, flags, rate, samples) == (2, 0, file.sample_rate, samples_per_point)
        assert len(tile) == 24 + length * channels * 4
        parts.append(np.frombuffer(tile[24:], "<i2").reshape(length, channels, 2))
    return np.concatenate(parts)


@pytest.mark.parametrize("channels", [1, 2, 3, 9])
@pytest.mark.parametrize("block", [1, 128, 1_000, 61_440])
def test_each_level_holds_the_extremes_of_its_samples(tmp_path, channels, block):
    n_frames = 3_000 if block == 1 else 300_017
    sound = noise(n_frames, channels, level=0.3)
    file = build(tmp_path / "peaks", sound, block=block)
    as_int = np.clip(np.rint(sound * 32_768), -32_768, 32_767)
    for level, (samples, n_points) in enumerate(file.levels):
        assert samples == 128 * 4**level
        assert n_points == -(-n_frames // samples)
        starts = np.arange(0, n_frames, samples)
        found = points(file, level)
        assert np.array_equal(found[..., 0], np.minimum.reduceat(as_int, starts))
        assert np.array_equal(found[..., 1], np.maximum.reduceat(as_int, starts))


def test_levels_go_on_until_one_fits_a_tile(tmp_path):
    for n_points, n_levels in [(1, 1), (2_047, 1), (2_048, 2), (8_188, 2), (8_189, 3)]:
        file = build(tmp_path / "peaks", np.zeros((n_points * 128, 1), np.float32), block=61_440)
        assert len(file.levels) == n_levels
        assert file.levels[-1][1] < TILE_POINTS


@pytest.mark.parametrize("channels", [1, 2])
def test_the_last_point_holds_nothing_but_the_last_samples(tmp_path, channels):
    builder = PeaksBuilder(8_000, channels)
    builder.feed(np.full((130, channels), 0.5, np.float32))
    builder.write(tmp_path / "p")
    points = np.frombuffer(PeaksFile(tmp_path / "p").tile(0, 0)[24:], "<i2")
    assert points.tolist() == [16_384] * 4 * channels


def test_what_is_over_full_scale_is_clipped(tmp_path):
    sound = np.array([[2.0], [-3.0], [1e30]], np.float32)
    assert points(build(tmp_path / "peaks", sound), 0).tolist() == [[[-32_768, 32_767]]]


def test_more_than_fits_memory_is_spilled_and_comes_back(tmp_path, monkeypatch):
    monkeypatch.setattr("speechlabel.audio.peaks.SPILL_BYTES", 1_000)
    monkeypatch.setattr("speechlabel.audio.peaks.FLUSH_POINTS", 50)
    sound = noise(200_000, 2)
    spilled = build(tmp_path / "a", sound)
    monkeypatch.undo()
    build(tmp_path / "b", sound)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert spilled.levels[0] == (128, 1_563)


@pytest.mark.parametrize("level, index", [(0, 1), (0, -1), (1, 0), (-1, 0), (9, 0)])
def test_a_tile_that_is_not_there_is_not_found(tmp_path, level, index):
    file = build(tmp_path / "peaks", noise(10_000))
    with pytest.raises(NotFoundError, match=f"{level}/{index}"):
        file.tile(level, index)


def test_a_damaged_or_other_file_is_refused(tmp_path):
    path = tmp_path / "peaks"
    build(path, noise(10_000))
    good = path.read_bytes()
    for bad in (
        b"",
        good[:10],
        good[:-1],
        good + b"\0",
        b"X" + good[1:],
        good[:16] + b"\xff" * 4 + good[20:],
    ):
        path.write_bytes(bad)
        with pytest.raises(AudioError, match="prepare the recording again"):
            PeaksFile(path)
    with pytest.raises(AudioError):
        PeaksFile(tmp_path / "none")
