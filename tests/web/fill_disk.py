"""Fill the small disk under FOLDER while the server saves, uploads, prepares and exports.

python fill_disk.py FOLDER AUDIO    prints what was refused, as JSON; AUDIO lies on another disk
"""

import io
import json
import sys
import time
from pathlib import Path

import soundfile
from watching import RATE, WatchingClient, speechlike

from speechlabel.config import Settings
from speechlabel.store.workspace import open_workspace
from speechlabel.web import preparing, uploading
from speechlabel.web.app import create_app
from speechlabel.workflow.ingest import ingest
from speechlabel.workflow.prepare import prepare
from speechlabel.workflow.projects import create_project

REFUSED = {}
uploading.RESERVE = 0
preparing.RETRY_SECONDS = 0.5


class Ballast:
    """A file that takes what is left on the disk."""

    def __init__(self, folder):
        self.path = folder / "ballast"

    def fill(self, leave=0):
        with self.path.open("ab", buffering=0) as file:
            for size in (1 << 16, 1 << 12):
                try:
                    while True:
                        file.write(bytes(size))
                except OSError:
                    continue
        if leave:
            with self.path.open("rb+") as file:
                file.truncate(self.path.stat().st_size - leave)

    def free(self):
        self.path.unlink()


def is_full(answer, what):
    """Note that an answer is 507 in plain words."""
    error = answer.json()["error"]
    assert (answer.status_code, error["reason"]) == (507, "full"), answer.text
    assert "disk" in error["message"], error
    REFUSED[what] = REFUSED.get(what, 0) + 1


def saving(client, ballast, opened):
    address = f"/api/transcripts/{opened['transcript']['id']}/edits"
    revision = 0
    for turn in range(3):
        ballast.fill()
        while True:
            segment = {"id": f"n{revision}", "start_us": 0, "end_us": 1000, "text": "说" * 20_000}
            edit = {"action": "insert", "target": "segment", "record": segment}
            batch = {"op_id": f"op-{revision}", "edits": [edit]}
            answer = client.post(address, json=batch)
            if answer.status_code != 200:
                break
            revision += 1
            assert answer.json()["revision"] == revision
        is_full(answer, "save")
        listed = client.get(f"/api/transcripts/{opened['transcript']['id']}/segments")
        assert len(listed.json()) == len(opened["segments"]) + revision, (
            "reading goes on, and nothing half is there"
        )
        ballast.free()
        revision += 1
        assert client.post(address, json=batch).json()["revision"] == revision, turn


def sending(client, ballast):
    file = io.BytesIO()
    soundfile.write(file, speechlike(30, seed=5), RATE, format="WAV")
    content = file.getvalue()
    ballast.fill()
    begun = {"name": "a.wav", "size": len(content)}
    is_full(client.post("/api/projects/p/uploads", json=begun), "begin")
    ballast.free()
    id = client.post("/api/projects/p/uploads", json=begun).json()["upload_id"]
    ballast.fill(leave=300_000)
    headers = {"Upload-Offset": "0"}
    is_full(client.patch(f"/api/uploads/{id}", content=content, headers=headers), "piece")
    offset = client.get(f"/api/uploads/{id}").json()["offset"]
    assert 0 < offset < len(content)
    ballast.free()
    headers = {"Upload-Offset": str(offset)}
    done = client.patch(f"/api/uploads/{id}", content=content[offset:], headers=headers).json()
    media = wait_until_ready(client, done["recording_id"])
    assert client.get(f"{media}/original").content == content, "what came before and after is one file"


def wait_until_ready(client, id):
    for _ in range(600):
        rows = {row["id"]: row for row in client.get("/api/projects/p/recordings").json()}
        if rows[id]["state"] == "ready":
            return client.get(f"/api/projects/p/recordings/{id}/open").json()["media"]
        time.sleep(0.05)
    raise AssertionError(rows[id])


def preparing_one(client, ballast, app, audio):
    path = audio / "late.mp3"  # its playable copy alone would not fit
    soundfile.write(path, speechlike(60, 2, seed=7), RATE, format="MP3")
    [recording] = ingest(app.state.site.workspace, "p", [path]).added
    ballast.fill(leave=200_000)
    app.state.site.preparer.add(recording)
    for _ in range(600):
        row = next(r for r in client.get("/api/projects/p/recordings").json() if r["id"] == recording.id)
        assert row["state"] != "failed", row
        if row["error"]:
            break
        time.sleep(0.05)
    assert "disk is full" in row["error"]
    REFUSED["prepare"] = 1
    ballast.free()
    wait_until_ready(client, recording.id)


def exporting(client, ballast, folder):
    wanted = {"format": "nemo", "include": ["machine", "draft"]}
    ballast.fill()
    for _ in range(2):
        is_full(client.post("/api/projects/p/exports", json=wanted), "export")
        assert not list((folder / "exports").glob("*/*")), "nothing half is left"
    ballast.free()
    made = client.post("/api/projects/p/exports", json=wanted)
    assert made.status_code == 201, made.text
    assert client.get(made.json()["url"]).content[:2] == b"PK"


def main(folder, audio):
    soundfile.write(audio / "call.wav", speechlike(20, 2), RATE)
    with open_workspace(folder) as workspace:
        create_project(workspace, "p", language="en")
        ingest(workspace, "p", [audio / "call.wav"])
        prepare(workspace, "p")
        app = create_app(workspace, Settings(workspace=folder, workers=1), pages=False)
        ballast = Ballast(folder)
        with WatchingClient(app, folder) as client:
            opened = client.get("/api/projects/p/recordings/call/open").json()
            saving(client, ballast, opened)
            sending(client, ballast)
            preparing_one(client, ballast, app, audio)
            exporting(client, ballast, folder)
    with open_workspace(folder) as workspace:  # checks the database as it opens
        assert len(workspace.store.recordings("p")) == 3
    print(json.dumps(REFUSED))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
