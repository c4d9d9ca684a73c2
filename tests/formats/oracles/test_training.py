"""Readers that are not ours take in what we write for training, and hear the samples that were labelled."""

import shutil
from pathlib import Path

import kaldi_native_io
import numpy as np
import pytest
import soundfile

from speechlabel.formats import Bundle, Clip, Export, dump
from speechlabel.records import Recording, Segment, Speaker, Word
from speechlabel.timing import us_to_samples

RATE = 16_000
SECONDS = 6


def made_recording(folder, id, channels):
    path = folder / f"{id}.wav"
    noise = np.random.default_rng(len(id))
    samples = noise.integers(-20_000, 20_000, (RATE * SECONDS, channels)).astype(np.int16)
    soundfile.write(path, samples, RATE)
    return Recording(
        id=id,
        project_id="p",
        name=path.name,
        path=str(path),
        content_hash="00",
        size_bytes=1,
        modified_ns=0,
        container="WAV",
        codec="PCM_16",
        sample_rate=RATE,
        channels=channels,
        n_frames=RATE * SECONDS,
    )


def segment(id, start, end, **fields):
    return Segment(id=id, start_us=start, end_us=end, **fields)


def heard(recording, segment):
    """Samples of a segment in the recording's own file."""
    whole, _ = soundfile.read(recording.path, dtype="int16", always_2d=True)
    first, last = us_to_samples(segment.start_us, RATE), us_to_samples(segment.end_us, RATE)
    return whole[first:last, segment.channel or 0]


@pytest.fixture
def source(tmp_path):
    """A mono and a two-channel recording of noise, where every sample tells where it is from."""
    folder = tmp_path / "source"
    folder.mkdir()
    mono, call = made_recording(folder, "mono.1", 1), made_recording(folder, "call-2", 2)

    def make_audio(recording, channel, into):
        if recording.channels == 1:
            return Path(recording.path)
        into.mkdir(exist_ok=True)
        samples, _ = soundfile.read(recording.path, dtype="int16")
        made = into / f"{recording.id}_{channel}.wav"
        soundfile.write(made, samples[:, channel], RATE)
        return made

    def cut_clips(recording, wanted, into):
        into.mkdir(parents=True, exist_ok=True)
        for one, stem in wanted:
            samples = heard(recording, one)
            soundfile.write(into / f"{stem}.flac", samples, RATE)
            yield one, Clip(into / f"{stem}.flac", len(samples), RATE)

    hello = (
        Word(word="hello", start_us=500_000, end_us=1_000_000, score=0.5),
        Word(word="world", start_us=1_250_000, end_us=2_000_000),
    )
    bundle = Bundle(
        recordings=(mono, call),
        segments={
            "mono.1": [
                segment("a.1", 500_000, 2_250_063, text='hello "big" world', speaker="x", words=hello),
                segment("b", 1_750_000, 3_500_000, text="你好 世界", speaker="y", language="zh"),
                segment("c", 3_500_000, 6_000_000, text="to the end", speaker="x", noise_labels=("cough",)),
            ],
            "call-2": [
                segment("a", 0, 1_000_000, channel=0, text="left", speaker="x"),
                segment("b", 333_333, 4_500_001, channel=1, text="right", speaker="y"),
            ],
        },
        speakers={
            id: (
                Speaker(id="x", name="Li Wei", gender="male"),
                Speaker(id="y", name="O'Hara", gender="female"),
            )
            for id in ("mono.1", "call-2")
        },
    )
    return Export(bundle=bundle, make_audio=make_audio, cut_clips=cut_clips)


def labelled(source):
    return {(r.id, s.id): (r, s) for r, segments in source.bundle.stream() for s in segments}


def is_cut(source):
    return Export(bundle=source.bundle, make_audio=source.make_audio, cut_clips=source.cut_clips, is_cut=True)


def origins(folder):
    """Rows of the table of ids: utterance → (recording, segment)."""
    rows = [
        line.split("\t") for line in (folder / "id_map.tsv").read_text(encoding="utf-8").split("\n")[1:-1]
    ]
    return {row[0]: (row[1], row[3]) for row in rows}


def kaldi_waves(folder):
    """Samples by key; copies, for the reader frees its own."""
    reader = kaldi_native_io.SequentialWaveReader(f"scp:{folder / 'wav.scp'}")
    return {key: np.array(wave.data)[0] for key, wave in reader}


def test_kaldi_opens_the_file_of_each_utterance(source, tmp_path):
    wav = Export(
        bundle=source.bundle,
        make_audio=source.make_audio,
        is_cut=True,
        cut_clips=lambda recording, wanted, into: as_wav(source.cut_clips(recording, wanted, into)),
    )
    dump(wav, tmp_path / "out", "kaldi")
    wanted = labelled(source)
    found = kaldi_waves(tmp_path / "out")
    known = origins(tmp_path / "out")
    assert found.keys() == known.keys() and len(found) == 5
    for key, samples in found.items():
        assert np.array_equal(samples, heard(*wanted[known[key]]).astype(np.float32))


def as_wav(clips):
    for one, clip in clips:
        samples, _ = soundfile.read(clip.path, dtype="int16")
        path = clip.path.with_suffix(".wav")
        soundfile.write(path, samples, RATE)
        clip.path.unlink()
        yield one, clip._replace(path=path)


def test_kaldi_runs_the_commands_that_were_asked_for(source, tmp_path):
    if shutil.which("ffmpeg") is None:
        pytest.skip("ffmpeg is not installed")
    dump(source, tmp_path / "out", "kaldi", pipes=True)
    recordings = {recording.id: recording for recording in source.bundle.recordings}
    found = kaldi_waves(tmp_path / "out")
    assert sorted(found) == ["call-2+ch0", "call-2+ch1", "mono.1"]
    for key, samples in found.items():
        id, _, channel = key.partition("+ch")
        whole, _ = soundfile.read(recordings[id].path, dtype="int16", always_2d=True)
        assert np.array_equal(samples, whole[:, int(channel or 0)].astype(np.float32))
