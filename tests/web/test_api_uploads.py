"""Uploads: resumed after any break, refused in words, and nothing left of what is no audio."""

import asyncio
import io
import os
import shutil
import threading
import time
from collections import namedtuple
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import anyio
import pytest
import soundfile
from starlette.testclient import TestClient
from test_api_recordings import wait_until_prepared
from watching import RATE, refused, speechlike

from speechlabel.errors import WorkspaceError
from speechlabel.web import uploading
from speechlabel.web.app import create_app
from speechlabel.web.uploading import OffsetError, SlowError, Uploads
from speechlabel.workflow.ingest import check_unchanged, ingest

Usage = namedtuple("Usage", "total used free")


def wav(seconds=2.0, seed=0):
    file = io.BytesIO()
    soundfile.write(file, speechlike(seconds, seed=seed), RATE, format="WAV")
    return file.getvalue()


def begin(client, name, size, project="p"):
    return client.post(f"/api/projects/{project}/uploads", json={"name": name, "size": size})


def send(client, id, offset, content):
    return client.patch(f"/api/uploads/{id}", content=content, headers={"Upload-Offset": str(offset)})


def upload(client, name, content, project="p"):
    return send(client, begin(client, name, len(content), project).json()["upload_id"], 0, content)


def left(workspace):
    """Files below the uploads folder: (stored, parts)."""
    files = [path for path in (workspace.root / "uploads").rglob("*") if path.is_file()]
    parts = [path for path in files if path.parent.name == "parts" and path.suffix != ".json"]
    return sorted(path.name for path in files if path.parent.name != "parts"), parts


@pytest.fixture
def uploads(workspace):
    return Uploads(workspace, 1_000_000)


async def pieces(*blocks):
    for block in blocks:
        yield block


def test_a_file_comes_in_pieces_and_is_prepared(client, workspace):
    content = wav()
    begun = begin(client, "Anruf 电话.wav", len(content))
    assert begun.status_code == 201
    id = begun.json()["upload_id"]
    assert begun.json() == {"upload_id": id, "offset": 0, "size": len(content)}
    assert send(client, id, 0, content[:1000]).json() == {
        "upload_id": id,
        "offset": 1000,
        "size": len(content),
    }
    assert client.get(f"/api/uploads/{id}").json()["offset"] == 1000
    last = send(client, id, 1000, content[1000:]).json()
    assert last["is_new"] is True
    [row] = wait_until_prepared(client)
    assert (row["id"], row["name"], row["state"]) == (last["recording_id"], "Anruf 电话.wav", "ready")
    recording = workspace.store.recording("p", last["recording_id"])
    assert recording.is_stored
    assert left(workspace) == ([f"{recording.content_hash}.wav"], [])
    original = client.get(f"/media/p/{recording.id}/{recording.content_hash}/original")
    assert original.content == content


def test_a_wrong_offset_is_told_the_right_one(client):
    content = wav()
    id = begin(client, "a.wav", len(content)).json()["upload_id"]
    send(client, id, 0, content[:1000])
    for offset in (0, 999, 1001, len(content), -1, 10**30):
        error = refused(send(client, id, offset, content[1000:]), 409, "offset")
        assert error["offset"] == 1000
        assert "go on at byte 1000" in error["message"]
    refused(client.patch(f"/api/uploads/{id}", content=b"x"), 422, "request")
    refused(client.patch(f"/api/uploads/{id}", content=b"x", headers={"Upload-Offset": "x"}), 422, "request")
    assert client.get(f"/api/uploads/{id}").json()["offset"] == 1000
    assert "recording_id" in send(client, id, 1000, content[1000:]).json()


def test_a_resent_last_piece_is_answered_the_same(client, workspace):
    content = wav()
    id = begin(client, "a.wav", len(content)).json()["upload_id"]
    first = send(client, id, 0, content).json()
    assert client.get(f"/api/uploads/{id}").json()["offset"] == len(content)
    assert send(client, id, len(content), b"").json() == first
    assert len(workspace.store.recordings("p")) == 1


def test_more_than_announced_is_refused_and_what_fits_stays(client):
    content = wav()
    id = begin(client, "a.wav", 100).json()["upload_id"]
    refused(send(client, id, 0, content), 413, "too_large")
    assert client.get(f"/api/uploads/{id}").json()["offset"] == 100


def test_sizes_and_names_that_are_none_are_refused(client, workspace):
    refused(begin(client, "a.wav", 0), 422, "input")
    refused(begin(client, "a.wav", -5), 422, "input")
    refused(begin(client, "a.wav", 1_000_001), 413, "too_large")
    refused(begin(client, "a.wav", 10**30), 413, "too_large")
    refused(begin(client, "a.wav", "many"), 422, "request")
    for name in ("", "a" * 1001):
        refused(begin(client, name, 5), 422, "request")
    for name in ("/", "\0", "..", "\n\t"):
        refused(begin(client, name, 5), 422, "input")
    refused(begin(client, "a.wav", 5, project="nope"), 404, "not_found")
    for id in ("nope", "0" * 36, "..%2f..%2fspeechlabel.db", "a" * 36):
        refused(client.get(f"/api/uploads/{id}"), 404, "not_found")
        refused(send(client, id, 0, b"x"), 404, "not_found")
    assert left(workspace) == ([], [])


def test_a_disk_without_room_refuses_before_the_first_byte(client, workspace, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**9, 10**9, uploading.RESERVE + 999))
    error = refused(begin(client, "a.wav", 1000), 507, "workspace")
    assert error["reason"] == "full"
    assert "no room" in error["message"]
    assert begin(client, "a.wav", 999).status_code == 201


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a\"b'c.wav", "a\"b'c.wav"),
        ("录音（一）.wav", "录音（一）.wav"),
        ("😀🎙️.wav", "😀🎙️.wav"),
        ("two\nlines\r\n.wav", "two lines .wav"),
        ("../../etc/passwd.wav", "passwd.wav"),
        ("C:\\sounds\\a.wav", "a.wav"),
        ("<img src=x onerror=alert(1)>.wav", "<img src=x onerror=alert(1)>.wav"),
        ("no suffix", "no suffix"),
        ("a.;rm -rf", "a.;rm -rf"),
        ("a" * 300 + ".wav", "a" * 300 + ".wav"),
    ],
)
def test_names_are_kept_as_people_see_them(client, workspace, name, shown):
    assert upload(client, name, wav(0.5)).status_code == 200
    [recording] = workspace.store.recordings("p")
    assert recording.name == shown
    assert recording.id.replace("_", "").replace("-", "").replace(".", "").isalnum()


@pytest.mark.parametrize("content", [b"no sound at all", b"RIFF" + bytes(40), b"<html>" * 100, wav()[:44]])
def test_what_is_no_audio_leaves_nothing_behind(client, workspace, content):
    error = refused(upload(client, "页面.wav", content), 422, "audio")
    assert error["message"].startswith("'页面.wav': ")
    assert not [word for word in error["message"].split() if len(word) > 60], (
        "shows the name it was stored under"
    )
    assert left(workspace) == ([], [])
    assert workspace.store.recordings("p") == []


def test_the_same_bytes_twice_are_one_recording(client, workspace):
    content = wav()
    first = upload(client, "a.wav", content).json()
    second = upload(client, "b.wav", content).json()
    assert second["recording_id"] == first["recording_id"]
    assert second["is_new"] is False
    other = upload(client, "a.wav", wav(seed=1)).json()
    assert (other["is_new"], other["recording_id"] != first["recording_id"]) == (True, True)
    client.post("/api/projects", json={"name": "q"})
    elsewhere = upload(client, "c.wav", content, project="q").json()
    assert elsewhere["is_new"] is True
    assert len(left(workspace)[0]) == 2
    assert len(workspace.store.recordings("p")) == 2


def test_bytes_that_the_project_has_elsewhere_are_not_stored_a_second_time(client, workspace):
    content = wav()
    first = upload(client, "a.wav", content).json()
    assert upload(client, "a.wave", content).json()["recording_id"] == first["recording_id"]
    assert len(left(workspace)[0]) == 1
    assert Path(workspace.store.recording("p", first["recording_id"]).path).is_file()


def test_an_upload_is_synced_before_it_has_its_name_and_its_folder_after(client, workspace, monkeypatch):
    seen = []
    monkeypatch.setattr(
        uploading, "_sync", lambda path: seen.append((path.suffix or path.name, len(left(workspace)[0])))
    )
    upload(client, "a.wav", wav())
    assert seen == [(".part", 0), ("uploads", 1)]


def test_an_upload_stands_in_for_a_file_that_is_gone(client, workspace, tmp_path):
    path = tmp_path / "a.wav"
    path.write_bytes(wav())
    [recording] = ingest(workspace, "p", [path]).added
    content = path.read_bytes()
    path.unlink()
    assert upload(client, "a.wav", content).json()["recording_id"] == recording.id
    found = workspace.store.recording("p", recording.id)
    assert found.is_stored
    assert check_unchanged(found).read_bytes() == content
    Path(found.path).unlink()
    path.write_bytes(content)
    assert [item for _, item in ingest(workspace, "p", [path]).known] == [
        replace(found, path=str(path), is_stored=False, modified_ns=path.stat().st_mtime_ns)
    ]


def test_many_at_once_of_one_name_and_of_the_same_bytes(client, workspace):
    contents = [wav(0.5, seed=number % 4) for number in range(12)]
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda content: upload(client, "a.wav", content).json(), contents))
    assert sum(answer["is_new"] for answer in answers) == 4
    assert len({answer["recording_id"] for answer in answers}) == 4
    assert len(workspace.store.recordings("p")) == 4
    wait_until_prepared(client)


def test_a_line_that_breaks_keeps_what_came(uploads):
    async def broken():
        yield b"x" * 700
        raise ConnectionResetError

    async def run():
        upload = uploads.begin("p", "a.wav", 1000)
        with pytest.raises(ConnectionResetError):
            await uploads.append(upload.id, 0, broken())
        return uploads.get(upload.id)

    assert asyncio.run(run()).offset == 700


def test_a_sender_that_falls_silent_is_given_up(uploads, monkeypatch):
    monkeypatch.setattr(uploading, "IDLE_SECONDS", 0.05)

    async def silent():
        yield b"x" * 10
        await anyio.sleep_forever()

    async def run():
        upload = uploads.begin("p", "a.wav", 1000)
        with pytest.raises(SlowError):
            await uploads.append(upload.id, 0, silent())
        return uploads.get(upload.id)

    assert asyncio.run(run()).offset == 10


def test_a_newer_request_takes_over_from_one_whose_line_hangs(uploads):
    content = os.urandom(3 << 18)

    async def run():
        upload = uploads.begin("p", "a.wav", len(content))
        resumed = asyncio.Event()

        async def hanging():
            yield content[: 1 << 18]
            await resumed.wait()
            yield content[1 << 18 :] * 4  # more than is gathered before a write

        async def old():
            with pytest.raises(OffsetError):
                await uploads.append(upload.id, 0, hanging())

        task = asyncio.ensure_future(old())
        await asyncio.sleep(0.01)
        offset = uploads.get(upload.id).offset
        done = await uploads.append(upload.id, offset, pieces(content[offset:]))
        resumed.set()
        await task
        return done

    done = asyncio.run(run())
    assert done.offset == len(content)
    assert uploads._part(done.id).read_bytes() == content
    assert uploads._turns == {}


def test_parts_that_nobody_touched_for_a_day_go(client, workspace, uploads):
    old, young, resumed = (begin(client, f"{n}.wav", 100).json()["upload_id"] for n in range(3))
    send(client, resumed, 0, b"x")
    for id in (old, resumed):
        for path in (workspace.root / "uploads" / "parts").glob(f"{id}.*"):
            if id == old or path.suffix == ".json":
                os.utime(path, (time.time() - 90_000,) * 2)
    begin(client, "z.wav", 100)
    refused(client.get(f"/api/uploads/{old}"), 404)
    assert client.get(f"/api/uploads/{young}").json()["offset"] == 0
    assert client.get(f"/api/uploads/{resumed}").json()["offset"] == 1
    assert not list((workspace.root / "uploads" / "parts").glob(f"{old}*"))


def test_an_upload_that_cannot_be_stored_waits_to_be_finished(client, workspace, monkeypatch):
    content = wav()
    add = workspace.store.add_recording

    def full(_):
        raise WorkspaceError("full", f"the disk of {workspace.root}/speechlabel.db is full")

    monkeypatch.setattr(workspace.store, "add_recording", full)
    id = begin(client, "a.wav", len(content)).json()["upload_id"]
    error = refused(send(client, id, 0, content), 507)
    assert error["message"] == "the disk of speechlabel.db is full"
    assert left(workspace)[0] == []
    monkeypatch.setattr(workspace.store, "add_recording", add)
    assert client.get(f"/api/uploads/{id}").json()["offset"] == len(content)
    assert send(client, id, len(content), b"").json()["is_new"] is True


def test_two_requests_that_finish_one_upload_take_it_in_once(uploads, workspace):
    content = wav()

    async def run():
        upload = uploads.begin("p", "a.wav", len(content))
        return await uploads.append(upload.id, 0, pieces(content))

    upload = asyncio.run(run())
    start = threading.Barrier(8)

    def finish(_):
        start.wait()
        return uploads.finish(upload)[0].id

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(finish, range(8)))) == 1
    assert len(workspace.store.recordings("p")) == 1
    assert left(workspace)[1] == []


def test_a_stored_file_that_no_recording_has_goes_at_the_start_when_it_is_old(app, workspace):
    folder = workspace.root / "uploads"
    with TestClient(app, base_url="http://127.0.0.1:7860") as client:
        id = upload(client, "kept.wav", wav()).json()["recording_id"]
        wait_until_prepared(client)
    kept = Path(workspace.store.recording("p", id).path)
    # A server was killed when the file had its name and the recording was not noted yet.
    orphan, young, foreign = folder / f"{'a' * 64}.wav", folder / ("b" * 64), folder / "README.txt"
    for path in (orphan, young, foreign):
        path.write_bytes(b"sound")
    for path in (kept, orphan, foreign):
        os.utime(path, (time.time() - 90_000,) * 2)
    workspace.store.update_recording("p", id, path="/before/the/workspace/was/moved.wav")
    with TestClient(create_app(workspace, app.state.site.settings, pages=False)):
        assert left(workspace)[0] == sorted(path.name for path in (kept, young, foreign))
    workspace.store.delete_recording("p", id)
    with TestClient(create_app(workspace, app.state.site.settings, pages=False)):
        assert left(workspace)[0] == sorted(path.name for path in (young, foreign))
