import numpy as np
import pytest
import soundfile as sf

from speechlabel.audio.clip import write_channel
from speechlabel.errors import NotFoundError, WorkspaceError

from .sounds import noise, write

RATE = 16_000


@pytest.fixture
def source(tmp_path):
    sound = noise(5 * RATE, 2)
    path = write(tmp_path / "in.wav", sound, RATE, format="WAV", subtype="PCM_16")
    return path, sf.read(path, dtype="int16")[0]


@pytest.mark.parametrize("format", ["FLAC", "WAV"])
def test_a_channel_is_written_bit_by_bit(tmp_path, source, format):
    path, samples = source
    for channel in (0, 1):
        assert write_channel(path, tmp_path / "out", channel, format=format) == len(samples)
        written, rate = sf.read(tmp_path / "out", dtype="int16")
        assert rate == RATE
        assert sf.info(tmp_path / "out").format == format
        assert np.array_equal(written, samples[:, channel])


def test_the_rate_can_be_changed(tmp_path, source):
    path, samples = source
    assert write_channel(path, tmp_path / "out", 0, sample_rate=8_000) == len(samples) // 2
    written, rate = sf.read(tmp_path / "out")
    assert rate == 8_000
    assert np.abs(written - samples[::2, 0] / 32_768)[100:-100].max() < 0.01  # the noise ends at 2.4 kHz


def test_what_cannot_be_written_leaves_nothing(tmp_path, source):
    path, _ = source
    with pytest.raises(NotFoundError, match="channel"):
        write_channel(path, tmp_path / "out", 2)
    with pytest.raises(WorkspaceError, match="cannot be written") as caught:
        write_channel(path, tmp_path / "no" / "out", 0)
    assert caught.value.data["reason"] == "unwritable"
    assert [item.name for item in tmp_path.iterdir()] == ["in.wav"]
