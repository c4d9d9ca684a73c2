import os
import threading

import numpy as np
import pytest

from speechlabel.audio import pcm
from speechlabel.audio.decode import open_audio
from speechlabel.audio.pcm import OpenDecoders, chunk, pick_channel
from speechlabel.errors import AudioError, ChangedError, NotFoundError

from .sounds import noise, write

RATE = 8_000


@pytest.fixture
def recording(tmp_path):
    sound = noise(5 * RATE + 100, 2)
    path = write(tmp_path / "a.wav", sound, RATE, format="WAV", subtype="PCM_16")
    with open_audio(path) as decoder:
        yield decoder, np.rint(decoder.read(0, len(sound)) * 32_768).astype("<i2")


def test_chunks_put_together_are_the_recording(recording):
    decoder, samples = recording
    for channel in (0, 1):
        parts = [chunk(decoder, channel, index, len(samples)) for index in range(3)]
        assert [len(part) for part in parts] == [4 * RATE, 4 * RATE, 2 * (RATE + 100)]
        assert b"".join(parts) == samples[:, channel].tobytes()


def test_the_mix_is_the_mean_of_all_channels(recording):
    decoder, samples = recording
    mix = np.frombuffer(chunk(decoder, None, 1, len(samples)), "<i2")
    mean = samples[2 * RATE : 4 * RATE].mean(axis=1)
    assert np.abs(mix - mean).max() <= 0.5


def test_the_mix_of_the_loudest_does_not_turn_over():
    full = np.array([[-1.0, -1.0, -1.0], [1.0, 1.0, 1.0]], np.float32)
    assert pick_channel(full, None) == pytest.approx([-1, 1])


@pytest.mark.parametrize("channel, index", [(0, 3), (0, -1), (2, 0), (-1, 0)])
def test_what_is_not_there_is_not_found(recording, channel, index):
    decoder, samples = recording
    with pytest.raises(NotFoundError):
        chunk(decoder, channel, index, len(samples))


def test_a_file_that_became_shorter_is_not_passed_off_as_silence(recording):
    decoder, samples = recording
    with pytest.raises(ChangedError, match="shorter"):
        chunk(decoder, 0, 2, len(samples) + 1)


def make_files(tmp_path, count):
    return [write(tmp_path / f"{k}.wav", noise(100, seed=k), RATE, format="WAV") for k in range(count)]


def is_open(decoder):
    try:
        return len(decoder.read(0, 1)) == 1
    except RuntimeError:
        return False


def test_the_least_recently_used_decoder_is_closed(tmp_path):
    paths = make_files(tmp_path, 3)
    with OpenDecoders(limit=2) as decoders:
        kept = []
        for path in (paths[0], paths[1], paths[0], paths[2]):
            with decoders.borrow(path) as decoder:
                kept.append(decoder)
        assert kept[0] is kept[2]
        assert is_open(kept[0])
        assert not is_open(kept[1])
        assert is_open(kept[3])
    assert not any(is_open(decoder) for decoder in kept)


def test_a_decoder_in_use_is_not_closed(tmp_path):
    paths = make_files(tmp_path, 3)
    decoders = OpenDecoders(limit=1)
    with decoders.borrow(paths[0]) as first:
        with decoders.borrow(paths[1]), decoders.borrow(paths[2]):
            assert is_open(first)
        decoders.close()
        assert is_open(first)
    assert not is_open(first)


def test_a_changed_file_is_opened_anew(tmp_path):
    [path] = make_files(tmp_path, 1)
    with OpenDecoders() as decoders:
        with decoders.borrow(path) as before:
            assert len(before.read(0, 1_000)) == 100
        write(path, noise(150), RATE, format="WAV")
        os.utime(path, ns=(1, 1))
        with decoders.borrow(path) as after:
            assert len(after.read(0, 1_000)) == 150
        assert not is_open(before)


def test_a_file_that_changes_while_it_is_opened_is_opened_anew(tmp_path, monkeypatch):
    [path] = make_files(tmp_path, 1)

    def opened(path):
        decoder = open_audio(path)
        monkeypatch.undo()
        write(tmp_path / "new.wav", noise(150), RATE, format="WAV").replace(path)
        return decoder

    monkeypatch.setattr(pcm, "open_audio", opened)
    with OpenDecoders() as decoders:
        with decoders.borrow(path) as before:
            assert len(before.read(0, 1_000)) == 100
        with decoders.borrow(path) as after:
            assert len(after.read(0, 1_000)) == 150


def test_a_file_that_cannot_be_opened_leaves_nothing_behind(tmp_path):
    with OpenDecoders() as decoders:
        for _ in range(2):
            with pytest.raises(AudioError), decoders.borrow(tmp_path / "none.wav"):
                pass


def test_threads_share_decoders_without_mixing_up_their_sound(tmp_path):
    paths = make_files(tmp_path, 3)
    wanted = []
    for path in paths:
        with open_audio(path) as decoder:
            wanted.append(decoder.read(0, 100))
    wrong = []

    def read(decoders, seed):
        rng = np.random.default_rng(seed)
        for _ in range(200):
            which, start = rng.integers(0, 3), rng.integers(0, 90)
            with decoders.borrow(paths[which]) as decoder:
                if not np.array_equal(decoder.read(start, 10), wanted[which][start : start + 10]):
                    wrong.append(seed)

    with OpenDecoders(limit=2) as decoders:
        threads = [threading.Thread(target=read, args=(decoders, seed)) for seed in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert wrong == []
