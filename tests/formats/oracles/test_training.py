"""Readers that are not ours take in what we write for training, and hear the samples that were labelled."""

import gzip
import io
import json
import shutil
import tarfile
import warnings
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


def as_samples(content):
    return soundfile.read(io.BytesIO(content), dtype="int16")[0]


def from_shards(paths):
    """Examples as webdataset reads them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        webdataset = pytest.importorskip("webdataset")
        return list(webdataset.WebDataset([str(path) for path in paths], shardshuffle=False))


def test_webdataset_finds_the_examples_of_a_tarred_set(source, tmp_path):
    dump(source, tmp_path / "out", "nemo_tarred", shard_size=2)
    wanted = labelled(source)
    lines = (tmp_path / "out/tarred_audio_manifest.json").read_text(encoding="utf-8").split("\n")
    known = {Path(line["audio_filepath"]).stem: line for line in map(json.loads, filter(None, lines))}
    shards = sorted((tmp_path / "out").glob("audio_*.tar"))
    found = from_shards(shards)
    assert len(shards) == 3 and len(found) == len(known) == 5
    for example in found:
        line = known.pop(example["__key__"])
        samples = as_samples(example["flac"])
        assert np.array_equal(samples, heard(*wanted[line["recording_id"], line["segment_id"]]))
        assert line["duration"] == pytest.approx(len(samples) / RATE, abs=1e-6)


def test_others_read_the_annotation_of_a_diarization_set(source, tmp_path):
    def mixed(recording, channel, into):
        if channel is not None or recording.channels == 1:
            return Path(recording.path)
        into.mkdir(exist_ok=True)
        samples, _ = soundfile.read(recording.path)
        soundfile.write(into / f"{recording.id}-mix.wav", samples.mean(axis=1), RATE)
        return into / f"{recording.id}-mix.wav"

    dump(Export(bundle=source.bundle, make_audio=mixed), tmp_path / "out", "nemo_diar")
    lines = (tmp_path / "out/diarization_manifest.json").read_text(encoding="utf-8").split("\n")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        meeteval = pytest.importorskip("meeteval")
        database = pytest.importorskip("pyannote.database.util")
    for line in map(json.loads, filter(None, lines)):
        base = Path(line["audio_filepath"]).stem
        assert soundfile.info(line["audio_filepath"]).channels == 1
        [(uri, annotation)] = database.load_rttm(line["rttm_filepath"]).items()
        assert uri == base and len(annotation.labels()) == line["num_speakers"] == 2
        assert database.load_uem(line["uem_filepath"])[base].duration() == pytest.approx(SECONDS)
        turns = meeteval.io.RTTM.load(line["rttm_filepath"]).lines
        assert len(turns) == len(source.bundle.segments[base.removesuffix("-mix")])


def packed_lines(path):
    return [json.loads(line) for line in gzip.decompress(path.read_bytes()).decode().split("\n") if line]


def lhotse_recordings(folder):
    """Recordings by the keys that Lhotse's class takes, each file opened and measured."""
    found = {}
    for one in packed_lines(folder / "recordings.jsonl.gz"):
        assert set(one) == {"id", "sources", "sampling_rate", "num_samples", "duration", "channel_ids"}
        for source in one["sources"]:
            assert set(source) == {"type", "channels", "source"} and source["type"] == "file"
            info = soundfile.info(folder / source["source"])
            assert (info.samplerate, info.frames) == (one["sampling_rate"], one["num_samples"])
            assert info.channels == len(source["channels"])
        assert one["channel_ids"] == [c for source in one["sources"] for c in source["channels"]]
        assert abs(one["num_samples"] / one["sampling_rate"] - one["duration"]) < 1e-6
        assert one["id"] not in found
        found[one["id"]] = one
    return found


def lhotse_samples(folder, recording, channel, start, duration):
    """Samples as Lhotse counts them: the offset and the length each rounded half up."""
    [path] = [one["source"] for one in recording["sources"] if channel in one["channels"]]
    first, count = (int(value * recording["sampling_rate"] + 0.5) for value in (start, duration))
    return soundfile.read(folder / path, start=first, frames=count, dtype="int16")[0]


@pytest.mark.parametrize("cut", [False, True])
def test_each_supervision_of_lhotse_is_over_the_samples_that_were_labelled(source, tmp_path, cut):
    dump(is_cut(source) if cut else source, tmp_path / "out", "lhotse")
    recordings = lhotse_recordings(tmp_path / "out")
    wanted = labelled(source)
    ids = set()
    for one in packed_lines(tmp_path / "out/supervisions.jsonl.gz"):
        recording, segment = wanted.pop((one["custom"]["recording_id"], one["custom"]["id"]))
        assert set(one) <= {
            *("id", "recording_id", "start", "duration", "channel", "text", "language", "speaker", "gender"),
            *("custom", "alignment"),
        }
        ids.add(one["id"])
        whole = recordings[one["recording_id"]]
        assert one["start"] >= -1e-3 and one["start"] + one["duration"] <= whole["duration"] + 1e-3
        samples = lhotse_samples(tmp_path / "out", whole, one["channel"], one["start"], one["duration"])
        expected = heard(recording, segment)
        assert abs(len(samples) - len(expected)) <= 1
        shorter = min(len(samples), len(expected))
        assert np.array_equal(samples[:shorter], expected[:shorter])
        assert one["text"] == segment.text and one["gender"] in ("male", "female")
        for symbol, start, length, _ in one.get("alignment", {}).get("word", ()):
            assert symbol in ("hello", "world")
            assert one["start"] <= start and start + length <= one["start"] + one["duration"]
    assert not wanted and len(ids) == 5


def test_shar_goes_item_by_item_as_lhotse_pairs_it(source, tmp_path):
    dump(source, tmp_path / "out", "lhotse_shar", shard_size=2)
    wanted = labelled(source)
    names = {path.name.split(".")[0] for path in (tmp_path / "out").iterdir()}
    assert names == {"cuts", "recording"}, "Lhotse would take anything else for data"
    shards = sorted((tmp_path / "out").glob("cuts.*.jsonl.gz"))
    assert len(shards) == len(list((tmp_path / "out").glob("recording.*.tar"))) == 3
    for shard in shards:
        cuts = packed_lines(shard)
        with tarfile.open(tmp_path / "out" / f"recording.{shard.name.split('.')[1]}.tar") as tar:
            entries = tar.getmembers()
            assert len(entries) == 2 * len(cuts)
            for cut, audio, told in zip(cuts, entries[::2], entries[1::2], strict=True):
                assert Path(audio.name).stem == Path(told.name).stem == cut["id"]
                manifest = json.loads(tar.extractfile(told).read())
                assert manifest == cut["recording"]
                assert manifest["sources"] == [{"type": "shar", "channels": [0], "source": ""}]
                samples = as_samples(tar.extractfile(audio).read())
                assert manifest["num_samples"] == len(samples)
                [one] = cut["supervisions"]
                assert one["recording_id"] == cut["recording"]["id"] and cut["type"] == "MonoCut"
                key = one["custom"]["recording_id"], one["custom"]["id"]
                assert np.array_equal(samples, heard(*wanted.pop(key)))
    assert not wanted


def test_webdataset_reads_its_shards(source, tmp_path):
    dump(source, tmp_path / "out", "webdataset", shard_size=2)
    wanted = labelled(source)
    shards = sorted((tmp_path / "out").glob("shard-*.tar"))
    found = from_shards(shards)
    assert len(shards) == 3 and len({example["__key__"] for example in found}) == 5
    for example in found:
        facts = json.loads(example["json"])
        recording, one = wanted.pop((facts["recording_id"], facts["id"]))
        assert example["txt"].decode() == facts["text"] == one.text
        assert np.array_equal(as_samples(example["flac"]), heard(recording, one))
        assert (facts["start"], facts["sample_rate"]) == (one.start_us / 1e6, RATE)


def test_each_line_of_wenet_gives_the_samples_that_were_labelled(source, tmp_path):
    dump(source, tmp_path / "out", "wenet")
    wanted, known = labelled(source), origins(tmp_path / "out")
    lines = (tmp_path / "out/data.list").read_text(encoding="utf-8").split("\n")
    for line in map(json.loads, filter(None, lines)):
        recording, one = wanted.pop(known[line["key"]])
        info = soundfile.info(line["wav"])
        first, last = (
            int(line["start"] * info.samplerate),
            int(line["end"] * info.samplerate),
        )  # as WeNet does
        samples, _ = soundfile.read(line["wav"], start=first, stop=last, dtype="int16")
        expected = heard(recording, one)
        # WeNet cuts off what is less than a sample, so it may begin one sooner.
        assert abs(len(samples) - len(expected)) <= 1 and info.channels == 1
        whole, _ = soundfile.read(recording.path, dtype="int16", always_2d=True)
        assert np.array_equal(samples, whole[first:last, one.channel or 0])
        assert line["txt"] == one.text
    assert not wanted


def test_shards_of_wenet_hold_text_then_audio(source, tmp_path):
    dump(source, tmp_path / "out", "wenet", shards=True, shard_size=2)
    wanted, known = labelled(source), origins(tmp_path / "out")
    listed = (tmp_path / "out/data.list").read_text(encoding="utf-8").split()
    assert len(listed) == 3
    for path in listed:
        with tarfile.open(path) as tar:
            names = tar.getnames()
        assert [Path(name).suffix for name in names] == [".txt", ".flac"] * (len(names) // 2)
    for example in from_shards(listed):
        recording, one = wanted.pop(known[example["__key__"]])
        assert example["txt"].decode("utf-8").strip() == one.text
        assert np.array_equal(as_samples(example["flac"]), heard(recording, one))
    assert not wanted


def test_the_lists_of_funasr_name_the_samples_and_their_lengths(source, tmp_path):
    wav = Export(
        bundle=source.bundle,
        cut_clips=lambda recording, segments, into: as_wav(source.cut_clips(recording, segments, into)),
    )
    dump(wav, tmp_path / "out", "funasr", sensevoice=True)
    wanted, known = labelled(source), origins(tmp_path / "out")
    waves = kaldi_waves(tmp_path / "out")
    lines = (tmp_path / "out/data.jsonl").read_text(encoding="utf-8").split("\n")
    for line in map(json.loads, filter(None, lines)):
        recording, one = wanted.pop(known[line["key"]])
        samples, rate = soundfile.read(line["source"], dtype="int16")
        assert np.array_equal(samples, heard(recording, one))
        assert np.array_equal(waves.pop(line["key"]), samples.astype(np.float32))
        assert line["source_len"] == int(len(samples) * 1000 / rate / 10)
        words = line["target"].split() if " " in line["target"] else line["target"]
        assert (line["target"], line["target_len"]) == (one.text, len(words))
    assert not wanted and not waves
