"""Spectrogram tiles against closed forms and against librosa's."""

import numpy as np
import pytest
import soundfile

from speechlabel.audio.decode import open_audio
from speechlabel.audio.spectrogram import COLUMNS, LEVELS, ROWS, View, spectrogram_tile
from speechlabel.errors import ChangedError, NotFoundError

RATE = 16_000


@pytest.fixture
def write(tmp_path):
    def write(sound, rate=RATE):
        path = tmp_path / "s.wav"
        soundfile.write(path, sound, rate, subtype="FLOAT")
        return open_audio(path)

    return write


def tile(decoder, view=None, channel=None, level=3, index=0, n_frames=None):
    n_frames = decoder.info.n_frames if n_frames is None else n_frames
    view = view or View("linear", 25_000, 8_000)
    data = spectrogram_tile(decoder, view, channel, level, index, n_frames)
    return np.frombuffer(data, np.uint8).reshape(COLUMNS, ROWS).astype(int)


def sine(hz, seconds=2.0, amplitude=1.0, rate=RATE):
    return (amplitude * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


@pytest.mark.parametrize("hz", [300, 1_000, 3_210, 7_000])
@pytest.mark.parametrize("window_us", [10_000, 25_000, 50_000])
@pytest.mark.parametrize("scale", ["linear", "log", "mel"])
def test_a_sine_is_where_it_should_be_and_as_strong(write, hz, window_us, scale):
    with write(sine(hz, amplitude=0.1)) as decoder:
        found = tile(decoder, View(scale, window_us, 8_000))[50]
    place = {
        "linear": hz / 8_000,
        "log": np.log(hz / 50) / np.log(8_000 / 50),
        "mel": np.log(1 + hz / 700) / np.log(1 + 8_000 / 700),
    }[scale]
    # At low frequencies a row of the logarithmic scale is narrower than the window can tell apart.
    assert abs(int(found.argmax()) - place * ROWS) <= (8 if scale == "log" else 2)
    assert (
        100 - (12 if scale == "log" else 6) <= found.max() / 2 <= 100
    )  # -20 dB; a wide row averages over its width


def test_it_agrees_with_librosa(write):
    import librosa

    sound = np.random.default_rng(1).standard_normal(RATE * 3).astype(np.float32) * 0.05
    sound += sine(700, 3.0, 0.3)
    with write(sound) as decoder:
        found = tile(decoder, View("linear", 25_000, 8_000), level=4)  # 8 ms, less than half a window
    size, length = 1_024, 400
    window = np.hanning(length + 2)[1:-1]
    spectrum = np.abs(librosa.stft(sound, n_fft=size, hop_length=64, window=np.pad(window, 312), center=True))
    power = (2 * spectrum / window.sum()) ** 2
    for column in (20, 100, 200):
        centre = power[:, 2 * column + 1]  # half a column later
        fine = np.interp(np.linspace(0, 512, 192 * 64 + 1), np.arange(513), centre)
        rows = ((fine[:-1] + fine[1:]) / 2).reshape(192, 64).mean(axis=1)
        assert np.abs(10 * np.log10(rows) - (found[column] / 2 - 120)).max() < 0.6


def test_no_click_falls_between_two_columns(write):
    sound = np.zeros(RATE * 60, np.float32)
    clicks = [RATE * 7 + 5, RATE * 20 + 3_333, RATE * 41 + 777]
    sound[clicks] = 1.0
    with write(sound) as decoder:
        found = tile(decoder, View("linear", 5_000, 8_000), level=LEVELS - 1)  # 256 ms a column
    lit = np.flatnonzero(found.max(axis=1) > 20)
    assert lit.tolist() == [int(click / (0.256 * RATE)) for click in clicks]


def test_tiles_join_and_end_where_the_recording_ends(write):
    sound = np.random.default_rng(2).standard_normal((RATE * 3, 2)).astype(np.float32) * 0.1
    sound[:, 1] = 0
    with write(sound) as decoder:
        first, second = (tile(decoder, channel=0, level=3, index=index) for index in (0, 1))
        assert (first > 0).all()
        n_rest = round(3.0 / 0.004) - 2 * COLUMNS
        last = tile(decoder, channel=0, level=3, index=2)
        assert (last[:n_rest].max(axis=1) > 0).all()
        assert (last[n_rest:] == 0).all()
        coarse = tile(decoder, channel=0, level=4)  # each column covers two of the finer level
        fine = np.concatenate([first, second])[: 2 * COLUMNS].reshape(COLUMNS, 2, ROWS).mean(axis=1)
        assert np.median(np.abs(coarse - fine)) < 8
        assert (tile(decoder, channel=1) == 0).all()
        mix = tile(decoder, channel=None)
        assert np.median(first - mix) == 12  # half the amplitude
        with pytest.raises(NotFoundError):
            tile(decoder, channel=0, level=3, index=3)


@pytest.mark.parametrize(("level", "index"), [(-1, 0), (LEVELS, 0), (3, -1), (3, 1)])
def test_what_there_is_not(write, level, index):
    with write(sine(500, 0.5)) as decoder, pytest.raises(NotFoundError):
        tile(decoder, level=level, index=index)


@pytest.mark.parametrize("view", [("bark", 25_000, 8_000), ("mel", 25_001, 8_000), ("mel", 25_000, 1)])
def test_only_what_is_offered(view):
    with pytest.raises(NotFoundError):
        View(*view)


def test_rows_above_half_the_rate_are_dark(write):
    with write(sine(1_000, rate=8_000), 8_000) as decoder:
        found = tile(decoder, View("linear", 25_000, 8_000))
    assert (found[:, ROWS // 2 + 1 :] == 0).all()
    assert found[50].argmax() in (ROWS // 8 - 1, ROWS // 8)  # on the edge between them


@pytest.mark.parametrize("n_frames", [1, 7, 100])
def test_a_very_short_recording(write, n_frames):
    with write(sine(1_000)[:n_frames]) as decoder:
        assert tile(decoder).shape == (COLUMNS, ROWS)


def test_a_file_that_became_shorter(write):
    with write(sine(1_000, 0.5)) as decoder, pytest.raises(ChangedError):
        tile(decoder, n_frames=RATE)
