import errno
import os
import subprocess
import sys

import numpy as np
import pytest
import soundfile as sf

from speechlabel.audio.decode import open_audio, probe
from speechlabel.audio.peaks import PeaksFile
from speechlabel.audio.scan import scan
from speechlabel.errors import AudioError, WorkspaceError

from .sounds import encode, noise, write

RATE = 16_000


def wav(tmp_path, sound, **kwargs):
    return write(tmp_path / "in.wav", sound, RATE, format="WAV", subtype="FLOAT", **kwargs)


class Listener:
    def __init__(self):
        self.blocks = []

    def feed(self, block):
        self.blocks.append(block.copy())


def test_one_pass_counts_draws_copies_and_lets_others_listen(tmp_path):
    sound = noise(3 * RATE + 5, 2)
    path = wav(tmp_path, sound)
    listener, told = Listener(), []
    found = scan(
        path,
        proxy_path=tmp_path / "copy.flac",
        peaks_path=tmp_path / "peaks",
        consumers=[listener],
        progress=told.append,
    )
    assert (found.n_frames, found.sample_rate, found.channels) == (len(sound), RATE, 2)
    assert found.layout == "separate"
    assert np.array_equal(np.concatenate(listener.blocks), sound)
    assert PeaksFile(tmp_path / "peaks").levels == [(128, 376)]
    with open_audio(tmp_path / "copy.flac") as copy:
        assert not copy.info.needs_proxy
        assert np.abs(copy.read(0, len(sound)) - sound).max() <= 1 / 32_768
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert sorted(item.name for item in tmp_path.iterdir()) == ["copy.flac", "in.wav", "peaks"]


def test_the_copy_lies_on_the_time_line_of_the_decoder(tmp_path):
    path = encode(tmp_path / "a.m4a", noise(RATE, 1), RATE, "aac", format="mp4")
    found = scan(path, proxy_path=tmp_path / "copy.flac")
    with open_audio(path) as original, open_audio(tmp_path / "copy.flac") as copy:
        assert np.abs(original.read(0, 2 * RATE) - copy.read(0, 2 * RATE)).max() <= 1 / 32_768
        assert copy.info.n_frames == found.n_frames


def test_more_channels_than_flac_has_are_copied_too(tmp_path):
    sound = noise(2_000, 12)
    scan(wav(tmp_path, sound), proxy_path=tmp_path / "copy.w64")
    assert probe(tmp_path / "copy.w64").channels == 12


def two(first, second):
    return np.concatenate([first, second], axis=1).astype(np.float32)


LAYOUTS = [
    ("mono", noise(9_000)),
    ("dual_mono", two(noise(9_000), noise(9_000))),
    ("dual_mono", two(noise(9_000), 0.1 * noise(9_000))),  # the same sound, quieter
    ("dual_mono", two(noise(9_000), noise(9_000) + noise(9_000, seed=1, level=0.005))),
    ("separate", two(noise(9_000), noise(9_000, seed=1))),
    ("separate", two(noise(9_000), noise(9_000) + noise(9_000, seed=1))),  # one bleeds into the other
    ("separate", two(noise(9_000), -noise(9_000))),  # the mix would be silence
    ("separate", two(noise(9_000), np.zeros((9_000, 1)))),
    ("separate", np.zeros((9_000, 2), np.float32)),
    ("separate", two(noise(9_000, 2), noise(9_000))),
    ("dual_mono", np.repeat(noise(9_000), 12, axis=1)),
    ("separate", noise(9_000, 12)),
]


@pytest.mark.parametrize("layout, sound", LAYOUTS)
def test_the_layout_is_told_from_the_sound(tmp_path, layout, sound):
    assert scan(wav(tmp_path, sound)).layout == layout


def test_channels_that_part_only_later_are_told_apart(tmp_path, monkeypatch):
    monkeypatch.setattr("speechlabel.audio.scan.BLOCK_FRAMES", 1_024)
    same, other = noise(200_000), noise(400_000, seed=1)
    left = np.concatenate([same, other])
    right = np.concatenate([same, noise(400_000, seed=2)])
    assert scan(wav(tmp_path, two(left, right))).layout == "separate"
    assert scan(wav(tmp_path, two(left, 0.5 * left))).layout == "dual_mono"


def test_any_samples_are_borne_whatever_the_file_holds(tmp_path):
    sound = noise(9_000, 2)
    sound[5], sound[6, 0] = np.nan, np.inf
    sound[7] = 1e30
    found = scan(wav(tmp_path, sound), peaks_path=tmp_path / "peaks")
    assert found.n_bad_samples == 3
    assert (tmp_path / "peaks").is_file()


def test_a_recording_that_fails_leaves_no_file_behind(tmp_path):
    path = write(tmp_path / "in.flac", noise(10 * RATE), RATE, format="FLAC")
    path.write_bytes(path.read_bytes()[:100_000])
    with pytest.raises(AudioError, match="damaged"):
        scan(path, proxy_path=tmp_path / "copy.flac", peaks_path=tmp_path / "peaks")
    assert [item.name for item in tmp_path.iterdir()] == ["in.flac"]


def test_a_listener_that_fails_leaves_no_file_behind(tmp_path):
    class Broken:
        def feed(self, block):
            raise KeyError("broken")

    path = wav(tmp_path, noise(RATE))
    with pytest.raises(KeyError):
        scan(path, proxy_path=tmp_path / "copy.flac", peaks_path=tmp_path / "peaks", consumers=[Broken()])
    assert [item.name for item in tmp_path.iterdir()] == ["in.wav"]


def test_a_full_disk_is_said_to_be_full(tmp_path, monkeypatch):
    path = wav(tmp_path, noise(RATE))

    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(WorkspaceError, match="is full") as caught:
        scan(path, peaks_path=tmp_path / "peaks")
    assert caught.value.data["reason"] == "full"
    assert [item.name for item in tmp_path.iterdir()] == ["in.wav"]


def test_an_error_of_another_file_is_not_taken_for_ones_own(tmp_path):
    class Broken:
        def feed(self, block):
            (tmp_path / "other").read_bytes()

    with pytest.raises(FileNotFoundError, match="other"):
        scan(wav(tmp_path, noise(RATE)), proxy_path=tmp_path / "copy.flac", consumers=[Broken()])


def test_derived_files_are_synced_before_they_appear(tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr(
        os, "fsync", lambda _: seen.append(sorted(item.suffix for item in tmp_path.iterdir()))
    )
    scan(wav(tmp_path, noise(RATE)), proxy_path=tmp_path / "copy.flac", peaks_path=tmp_path / "peaks")
    assert len(seen) == 2
    assert all(".part" in suffixes for suffixes in seen)


CHILD = """
import sys
from pathlib import Path
import psutil
from speechlabel.audio.decode import open_audio
from speechlabel.audio.scan import scan
from speechlabel.segment.webrtc import WebrtcSegmenter

class Ears:
    def __init__(self, path):
        with open_audio(path) as decoder:
            self.stream = WebrtcSegmenter().open(decoder.info.sample_rate)
        self.process = psutil.Process()
        self.start = self.most = self.process.memory_info().rss
    def feed(self, block):
        self.stream.feed(block[:, 0])
        self.most = max(self.most, self.process.memory_info().rss)

path = Path(sys.argv[1])
ears = Ears(path)
scan(path, peaks_path=path.with_suffix(".peaks"), proxy_path=path.with_suffix(".flac"), consumers=[ears])
ears.stream.close()
print(max(ears.most, ears.process.memory_info().rss) - ears.start)
"""


def test_memory_does_not_grow_with_the_recording(tmp_path):
    sound = noise(60 * RATE, 2)
    path = tmp_path / "long.wav"
    with sf.SoundFile(str(path), "w", RATE, 2, "PCM_16") as file:
        for _ in range(30):
            file.write(sound)  # half an hour: 230 MB once decoded
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(path)], capture_output=True, text=True, check=True
    )
    assert int(done.stdout) < 40e6
