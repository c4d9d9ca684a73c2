"""Sound: chunks equal the decoded samples bit for bit, peaks tiles parse, ranges work, nothing stale."""

import io
import struct

import numpy as np
import pytest
import soundfile
from watching import RATE, refused, speechlike

from speechlabel.audio.decode import open_audio
from speechlabel.audio.spectrogram import View, spectrogram_tile
from speechlabel.workflow.prepare import playable_path

VIEW = {"scale": "mel", "window_us": 25_000, "top_hz": 4_000}
DAT = struct.Struct("<iIiiII")


def media(recording):
    return f"/media/p/{recording.id}/{recording.content_hash}"


def all_chunks(client, recording, channel):
    """Fetch chunks until there is none."""
    pieces = []
    for index in range(100):
        answer = client.get(f"{media(recording)}/pcm/{channel}/{index}")
        if answer.status_code == 404:
            assert pieces
            return np.concatenate([np.frombuffer(piece, "<i2") for piece in pieces])
        assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
        assert answer.headers["content-type"] == "application/octet-stream"
        pieces.append(answer.content)
        if len(pieces) > 1:
            assert len(pieces[-2]) == 2 * 2 * recording.sample_rate
    raise AssertionError("chunks without end")


@pytest.mark.parametrize(
    ("name", "rate", "channels", "options"),
    [
        ("mono.wav", 16_000, 1, {}),
        ("call.wav", 8_000, 2, {}),
        ("studio.flac", 44_100, 2, {"subtype": "PCM_24"}),
        ("float.wav", 22_050, 1, {"subtype": "FLOAT"}),
    ],
)
def test_a_flac_chunk_holds_the_samples_of_the_raw_one(client, take, name, rate, channels, options):
    recording = take(name, speechlike(3.3, channels), rate, **options)
    for path in ("0/0", "mix/0"):
        raw = client.get(f"{media(recording)}/pcm/{path}").content
        answer = client.get(f"{media(recording)}/flac/{path}")
        assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
        assert answer.headers["content-type"] == "audio/flac"
        samples, its_rate = soundfile.read(io.BytesIO(answer.content), dtype="int16")
        assert its_rate == rate
        assert samples.astype("<i2").tobytes() == raw
        assert len(answer.content) < 0.9 * len(raw)
    refused(client.get(f"{media(recording)}/flac/0/9"), 404, "not_found")


@pytest.mark.parametrize(
    ("name", "rate", "channels", "options"),
    [
        ("mono.wav", 16_000, 1, {}),
        ("call.wav", 8_000, 2, {}),
        ("studio.flac", 44_100, 2, {"subtype": "PCM_24"}),
        ("float.wav", 22_050, 1, {"subtype": "FLOAT"}),
    ],
)
def test_chunks_are_the_samples_bit_for_bit(client, take, name, rate, channels, options):
    recording = take(name, speechlike(5.3, channels), rate, **options)
    whole, _ = soundfile.read(recording.path, dtype="float32", always_2d=True)
    assert recording.n_frames == len(whole)
    for channel in range(channels):
        wanted = np.clip(np.round(whole[:, channel].astype(np.float64) * 32768), -32768, 32767).astype("<i2")
        assert np.array_equal(all_chunks(client, recording, channel), wanted)
    mix = all_chunks(client, recording, "mix")
    wanted = np.clip(np.round(whole.astype(np.float64).mean(axis=1) * 32768), -32768, 32767)
    assert len(mix) == len(wanted)
    assert np.abs(mix - wanted).max() <= (1 if channels > 1 else 0)  # the mean is taken in float32


def test_chunks_of_mp3_are_those_of_one_decoding_from_the_start(client, take, workspace):
    recording = take("talk.mp3", speechlike(6, 2), 44_100, format="MP3")
    assert playable_path(workspace, recording).suffix == ".flac"
    with open_audio(recording.path) as decoder:
        whole = np.concatenate(list(decoder.blocks()))
    assert recording.n_frames == len(whole)
    for channel in (0, 1):
        wanted = np.clip(np.round(whole[:, channel].astype(np.float64) * 32768), -32768, 32767).astype("<i2")
        assert np.array_equal(all_chunks(client, recording, channel), wanted)


@pytest.mark.parametrize(
    "part",
    [
        *(
            "pcm/1/0",
            "pcm/-1/0",
            "pcm/9999999999/0",
            "pcm/x/0",
            "pcm/Mix/0",
            "pcm/" + "9" * 5000 + "/0",
            "pcm/٣/0",
        ),
        *("pcm/0/4", "pcm/0/-1", "pcm/0/99999999999999999999"),
        *("peaks/0/1", "peaks/-1/0", "peaks/99/0", "peaks/0/-1", "peaks/0/99999999999999999999"),
    ],
)
def test_what_is_not_there_is_not_found(client, recording, part):
    refused(client.get(f"{media(recording)}/{part}"), 404, "not_found")


def test_addresses_that_are_none_are_refused(client, recording):
    refused(client.get(f"{media(recording)}/pcm/0/one"), 422, "request")
    refused(client.get(f"{media(recording)}/pcm/0/{'9' * 5000}"), 422, "request")
    refused(client.get(f"/media/p/{recording.id}/{'0' * 64}/pcm/0/0"), 404, "not_found")
    refused(client.get(f"/media/q/{recording.id}/{recording.content_hash}/original"), 404, "not_found")


def test_peaks_tiles_are_audiowaveform_files(client, opened, recording):
    whole, _ = soundfile.read(recording.path, dtype="int16", always_2d=True)
    assert len(opened["peaks"]["levels"]) == 1
    for level, facts in enumerate(opened["peaks"]["levels"]):
        answer = client.get(f"{opened['media']}/peaks/{level}/0")
        version, flags, rate, per_point, length, channels = DAT.unpack(answer.content[: DAT.size])
        assert (version, flags, rate, channels) == (2, 0, RATE, 1)
        assert (per_point, length) == (facts["samples_per_point"], facts["n_points"])
        points = np.frombuffer(answer.content[DAT.size :], "<i2").reshape(length, channels, 2)
        n_whole = len(whole) // per_point
        blocks = whole[: n_whole * per_point].reshape(n_whole, per_point, 1)
        assert np.array_equal(points[:n_whole, :, 0], blocks.min(axis=1))
        assert np.array_equal(points[:n_whole, :, 1], blocks.max(axis=1))
        assert answer.headers["cache-control"].endswith("immutable")


def test_a_long_recording_has_tiles_and_levels(client, take):
    recording = take("long.wav", speechlike(40, 2))
    levels = client.get(f"/api/projects/p/recordings/{recording.id}/open").json()["peaks"]["levels"]
    assert [item["samples_per_point"] for item in levels] == [128, 512]
    seen = 0
    for tile in range(3):
        content = client.get(f"{media(recording)}/peaks/0/{tile}").content
        *_, length, channels = DAT.unpack(content[: DAT.size])
        assert len(content) == DAT.size + length * channels * 4
        seen += length
    assert seen == levels[0]["n_points"] == 40 * RATE // 128


def test_the_original_comes_whole_or_by_ranges(client, recording, tmp_path):
    content = (tmp_path / "audio" / "tone.wav").read_bytes()
    address = f"{media(recording)}/original"
    whole = client.get(address)
    assert whole.content == content
    assert whole.headers["content-type"] == "application/octet-stream"
    assert whole.headers["content-disposition"].startswith("attachment")
    assert whole.headers["content-security-policy"] == "default-src 'none'; sandbox; frame-ancestors 'none'"
    assert whole.headers["cache-control"].endswith("immutable")
    assert whole.headers["accept-ranges"] == "bytes"

    def part(ranges):
        return client.get(address, headers={"Range": ranges})

    one = part("bytes=10-19")
    assert (one.status_code, one.content) == (206, content[10:20])
    assert one.headers["content-range"] == f"bytes 10-19/{len(content)}"
    assert part("bytes=-5").content == content[-5:]
    assert part(f"bytes={len(content) - 3}-").content == content[-3:]
    assert part("bytes=5-99999999999").content == content[5:]
    past = part(f"bytes={len(content)}-")
    assert (past.status_code, past.headers["content-range"]) == (416, f"bytes */{len(content)}")
    assert part("bytes=20-10").status_code in (200, 400, 416)
    assert part("lines=1-2").status_code in (200, 400)
    two = part("bytes=0-3,8-11")
    assert two.status_code == 206
    assert two.headers["content-type"].startswith("multipart/byteranges")
    many = part("bytes=" + ",".join(f"{n}-{n}" for n in range(0, 2000, 2)))
    assert many.status_code in (200, 400, 416)
    assert len(many.content) <= len(content)


def test_names_of_files_cannot_write_headers(client, workspace, recording):
    workspace.store.update_recording("p", recording.id, name='录音 "a"\r\nX-Evil: 1; 😀.wav')
    answer = client.get(f"{media(recording)}/original")
    assert answer.status_code == 200
    assert "x-evil" not in answer.headers
    assert "\n" not in answer.headers["content-disposition"]


def test_a_recording_whose_file_changed_is_not_played(client, recording, tmp_path):
    client.get(f"{media(recording)}/pcm/0/0")  # its decoder is open now
    path = tmp_path / "audio" / "tone.wav"
    whole = path.read_bytes()
    for changed in (whole[:-2], whole[:-2] + b"\x01\x01"):
        path.write_bytes(changed)
        for part in ("pcm/0/0", "original"):
            error = refused(client.get(f"{media(recording)}/{part}"), 409, "changed")
            assert "'tone.wav' has changed" in error["message"]
    path.write_bytes(whole)  # put back: other time, same content
    assert client.get(f"{media(recording)}/pcm/0/0").status_code == 200
    path.unlink()
    assert "is gone" in refused(client.get(f"{media(recording)}/pcm/0/0"), 409)["message"]


def test_a_recording_without_its_peaks_says_what_to_do(client, workspace, recording):
    for path in (workspace.root / "derived").rglob("*.slp"):
        path.unlink()
    error = refused(client.get(f"/api/projects/p/recordings/{recording.id}/open"), 422)
    assert "prepare the recording again" in error["message"]
    refused(client.get(f"{media(recording)}/peaks/0/0"), 422)


def test_a_tile_of_the_spectrogram_is_that_of_the_channel(client, take):
    recording = take("call.wav", speechlike(5.3, 2), 8_000)
    with open_audio(playable_path(client.app.state.site.workspace, recording)) as decoder:
        wanted = spectrogram_tile(decoder, View("mel", 25_000, 4_000), 1, 3, 1, recording.n_frames)
    answer = client.get(f"{media(recording)}/spectrogram/1/3/1", params=VIEW)
    assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert answer.content == wanted
    assert set(wanted) != {0}
    mix = client.get(f"{media(recording)}/spectrogram/mix/3/1", params=VIEW).content
    assert mix not in (wanted, client.get(f"{media(recording)}/spectrogram/0/3/1", params=VIEW).content)


@pytest.mark.parametrize(
    ("path", "scale"), [("2/3/0", "mel"), ("x/3/0", "mel"), ("0/99/0", "mel"), ("0/3/0", "bark")]
)
def test_a_spectrogram_that_there_is_not(client, take, path, scale):
    recording = take("call.wav", speechlike(1.3, 2), 8_000)
    answer = client.get(f"{media(recording)}/spectrogram/{path}", params=VIEW | {"scale": scale})
    refused(answer, 404 if scale == "mel" else 422)
