"""Recordings: list, take in a folder, prepare again, open."""

import time

import numpy as np
import soundfile
from watching import RATE, WatchingClient, refused, speechlike

from speechlabel.web.app import create_app

SECOND = 1_000_000


def wait_until_prepared(client, project="p"):
    for _ in range(600):
        rows = client.get(f"/api/projects/{project}/recordings").json()
        if all(row["state"] in ("ready", "failed") and row["progress"] is None for row in rows):
            return rows
        time.sleep(0.05)
    raise AssertionError(rows)


def test_a_recording_opens_with_everything_the_editor_needs(client, take):
    recording = take("call.wav", speechlike(5, channels=2))
    opened = client.get(f"/api/projects/p/recordings/{recording.id}/open").json()
    assert opened["project"] == {"id": "p", "name": "p", "language": "en"}
    about = opened["recording"]
    assert (about["id"], about["name"], about["layout"]) == (recording.id, "call.wav", "separate")
    assert (about["sample_rate"], about["channels"], about["n_frames"]) == (RATE, 2, 5 * RATE)
    assert about["duration_us"] == 5 * SECOND
    assert "path" not in about
    assert opened["media"] == f"/media/p/{recording.id}/{recording.content_hash}"
    assert opened["peaks"]["tile_points"] == 2048
    assert opened["peaks"]["levels"][0] == {"samples_per_point": 128, "n_points": 5 * RATE // 128}
    assert {segment["channel"] for segment in opened["segments"]} == {0, 1}
    assert opened["author"] == opened["transcript"]["author"] == "user:me"
    assert opened["undo"] == []
    again = client.get(f"/api/projects/p/recordings/{recording.id}/open").json()
    assert again["transcript"] == opened["transcript"]  # one pass, made once
    [row] = client.get("/api/projects/p/recordings").json()
    assert (row["state"], row["progress"], row["error"]) == ("ready", None, None)
    assert row["segments"] == len(opened["segments"])
    listed = client.get(f"/api/transcripts/{opened['transcript']['id']}/segments").json()
    assert listed == opened["segments"]


def test_what_is_not_there_is_not_opened(client, workspace, recording):
    refused(client.get("/api/projects/q/recordings"), 404, "not_found")
    refused(client.get("/api/projects/p/recordings/nope/open"), 404, "not_found")
    refused(client.get(f"/api/projects/q/recordings/{recording.id}/open"), 404, "not_found")
    refused(client.get("/api/transcripts/nope/segments"), 404, "not_found")
    workspace.store.update_recording("p", recording.id, state="failed", error="is cut off")
    error = refused(client.get(f"/api/projects/p/recordings/{recording.id}/open"), 422)
    assert "cut off" in error["message"]


def test_a_file_that_changed_or_went_is_not_mislabelled(client, recording, tmp_path):
    address = f"/api/projects/p/recordings/{recording.id}/open"
    soundfile.write(recording.path, speechlike(3, seed=9), RATE)
    error = refused(client.get(address), 409, "changed")
    assert "'tone.wav' has changed" in error["message"]
    assert "put the original file back" in error["message"]
    (tmp_path / "audio" / "tone.wav").unlink()
    error = refused(client.get(address), 409, "changed")
    assert "'tone.wav' is gone" in error["message"]


def test_a_folder_of_the_server_is_taken_in_and_prepared(client, tmp_path):
    folder = tmp_path / "open"
    (folder / "sub").mkdir(parents=True)
    soundfile.write(folder / "a.wav", speechlike(2), RATE)
    soundfile.write(folder / "sub" / "b.flac", speechlike(2, seed=1), RATE)
    (folder / "sub" / "c.wav").write_bytes(b"no sound")
    (folder / "notes.txt").write_text("")
    (folder / "sub" / "d.wav").write_bytes((folder / "a.wav").read_bytes())
    taken = client.post("/api/projects/p/ingest", json={"path": str(folder)}).json()
    assert len(taken["added"]) == 2
    assert taken["known"] == [{"path": "sub/d.wav", "id": taken["added"][0]}]
    assert [item["path"] for item in taken["failed"]] == ["sub/c.wav"]
    assert taken["failed"][0]["reason"]
    assert taken["skipped"] == 1
    rows = wait_until_prepared(client)
    assert {(row["name"], row["state"]) for row in rows} == {("a.wav", "ready"), ("b.flac", "ready")}
    one = client.post("/api/projects/p/ingest", json={"path": str(folder / "a.wav")}).json()
    assert one["known"] == [{"path": "a.wav", "id": taken["added"][0]}]


def test_nothing_outside_the_named_folders_is_taken(client, tmp_path):
    (tmp_path / "open").mkdir()
    secret = tmp_path / "secret"
    secret.mkdir()
    soundfile.write(secret / "a.wav", speechlike(1), RATE)
    (tmp_path / "open" / "link").symlink_to(secret)
    (tmp_path / "open-too").mkdir()
    for path in (
        secret,
        f"{tmp_path}/open/../secret",
        tmp_path / "open" / "link",
        tmp_path / "open-too",
        "/etc",
        "~root",
        "a\0b",
        "",
        "..",
    ):
        answer = client.post("/api/projects/p/ingest", json={"path": str(path)})
        assert answer.status_code == 422, path
        assert answer.json()["error"]["message"]


def test_a_command_of_the_owner_may_name_any_file(workspace, settings, tmp_path, monkeypatch):
    soundfile.write(tmp_path / "mine.wav", speechlike(1), RATE)
    (tmp_path / "broken.wav").write_bytes(b"no sound")
    monkeypatch.chdir(tmp_path)
    app = create_app(workspace, settings, token="t" * 40, key="k" * 40, pages=False)
    client = WatchingClient(app, tmp_path)
    owner = {"Authorization": f"Bearer {'t' * 40}"}
    for headers in ({"Authorization": f"Bearer {'t' * 39}"}, {"Cookie": f"speechlabel_key={'t' * 40}"}):
        refused(client.post("/api/projects/p/ingest", json={"path": "/"}, headers=headers), 401)
    foreign = owner | {"Origin": "https://evil.example"}
    refused(client.post("/api/projects/p/ingest", json={"path": str(tmp_path)}, headers=foreign), 403)
    visitor = {"Authorization": f"Bearer {'k' * 40}"}
    refused(client.post("/api/projects/p/ingest", json={"path": str(tmp_path)}, headers=visitor), 422)
    wanted = {"path": "../" + tmp_path.name, "prepare": False}  # even from where the server was started
    taken = client.post("/api/projects/p/ingest", json=wanted, headers=owner)
    assert taken.status_code == 200
    assert [item["path"] for item in taken.json()["failed"]] == ["broken.wav"]
    assert len(taken.json()["added"]) == 1
    app.state.site.preparer.close()


def test_a_recording_is_prepared_again_with_other_options(client, opened, workspace):
    recording = opened["recording"]["id"]
    [first] = workspace.store.transcripts("p", recording)[:1]
    address = f"/api/projects/p/recordings/{recording}/prepare"
    bad = ({"segmenter": "nope"}, {"options": {"nope": 1}}, {"options": [1]}, {"segmenter": "../x"})
    for body in bad:
        refused(client.post(address, json=body), 422)
        assert client.get("/api/projects/p/recordings").json()[0]["state"] == "ready"
    refused(client.post("/api/projects/p/recordings/nope/prepare", json={}), 404)
    wanted = {"segmenter": "webrtc", "options": {"pad_before_ms": 0, "pad_after_ms": "10"}}
    assert client.post(address, json=wanted).status_code == 202
    [row] = wait_until_prepared(client)
    assert (row["state"], row["error"]) == ("ready", None)
    again = client.get(f"/api/projects/p/recordings/{recording}/open").json()
    newest = next(
        item for item in reversed(workspace.store.transcripts("p", recording)) if item.author == "vad:webrtc"
    )
    assert workspace.store.segments(newest.id) != workspace.store.segments(first.id)
    # Nobody had touched the pass: it is begun anew from the new segments.
    assert [item["id"] for item in again["segments"]] == [
        item.id for item in workspace.store.segments(newest.id)
    ]


def test_the_layout_of_several_channels_is_chosen(client, take):
    id = take("room.wav", speechlike(5, channels=2)).id
    address = f"/api/projects/p/recordings/{id}"
    assert {item["channel"] for item in client.get(f"{address}/open").json()["segments"]} == {0, 1}
    for bad in ("stereo", 1, "dual_mono", []):
        refused(client.post(f"{address}/prepare", json={"layout": bad}), 422)
    for asked, layout, lanes in (
        ("mixed", "mixed", {None}),
        (None, "mixed", {None}),
        ("separate", "separate", {0, 1}),
        ("mixed", "mixed", {None}),
        ("auto", "separate", {0, 1}),
    ):
        assert client.post(f"{address}/prepare", json={"layout": asked}).json()["queued"]
        [row] = wait_until_prepared(client)
        assert (row["state"], row["layout"]) == ("ready", layout)
        opened = client.get(f"{address}/open").json()
        assert opened["recording"]["layout"] == layout
        assert {item.get("channel") for item in opened["segments"]} == lanes


def test_work_stays_open_when_preparing_again_fails(client, opened, tmp_path):
    recording = opened["recording"]["id"]
    path = tmp_path / "audio" / "tone.wav"
    whole = path.read_bytes()
    path.write_bytes(whole[:-100])
    assert client.post(f"/api/projects/p/recordings/{recording}/prepare", json={}).status_code == 202
    [row] = wait_until_prepared(client)
    assert row["state"] == "ready"
    assert "changed" in row["error"]
    assert row["error_code"] == "changed"
    path.write_bytes(whole)
    assert client.get(f"/api/projects/p/recordings/{recording}/open").json()["segments"] == opened["segments"]


def test_an_unreadable_recording_says_why_and_holds_up_no_other(client, tmp_path):
    folder = tmp_path / "open"
    folder.mkdir()
    soundfile.write(folder / "good.wav", speechlike(2), RATE)
    flac = folder / "cut.flac"
    soundfile.write(flac, np.random.default_rng(0).normal(0, 0.1, RATE * 4), RATE)
    content = bytearray(flac.read_bytes())
    content[len(content) // 2 :] = bytes(len(content) - len(content) // 2)
    flac.write_bytes(content)
    client.post("/api/projects/p/ingest", json={"path": str(folder)})
    rows = {row["name"]: row for row in wait_until_prepared(client)}
    assert rows["good.wav"]["state"] == "ready"
    assert rows["cut.flac"]["state"] == "failed"
    assert rows["cut.flac"]["error"]
    assert rows["cut.flac"]["error_code"] == "audio"
    assert (rows["good.wav"]["error"], rows["good.wav"]["error_code"]) == (None, None)
