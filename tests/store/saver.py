"""A process that saves, to be killed, starved of room or lied to by its disk.

    python saver.py steps FOLDER N [SYNCHRONOUS]   N saves, "ACK k" on the standard output after the k-th
    python saver.py retry FOLDER N                 the same, sent again until accepted; prints refusals
    python saver.py fill FOLDER                    saves until the disk is full, makes room, goes on
    python saver.py put FOLDER N [UNSYNCED]        N derived files, "files" or "folders" UNSYNCED
    python saver.py look FOLDER                    reads a workspace on a disk that cannot be written

Each save k sets the text of one segment to ``k`` and inserts a segment ``new-k``.
"""

import json
import sys
from collections import Counter
from pathlib import Path

from speechlabel.edits import Insert
from speechlabel.errors import WorkspaceError
from speechlabel.store import blobs, migrations, sqlite
from speechlabel.store.sql import SqlStore
from speechlabel.store.workspace import open_workspace
from speechlabel.testing import make_batch, make_segment, make_transcript, set_text

PADDING = "说" * 300  # so that a save takes several pages


def edits(number):
    new = make_segment(f"new-{number}", number, number + 1, text=PADDING)
    return set_text("a", number - 1, str(number)), Insert(target="segment", record=new)


def begin(store):
    return make_transcript(store, [make_segment("a", text="0")]).id


def steps(folder, n, synchronous="FULL"):
    database = sqlite.connect(folder / "speechlabel.db", synchronous=synchronous)
    migrations.upgrade(database)
    store = SqlStore(database)
    transcript_id = begin(store)
    for number in range(n + 1):
        if number:
            store.save(transcript_id, make_batch(*edits(number), op_id=f"op-{number}"))
        # One write call: the recorder takes it as one event between those of the database.
        sys.stdout.write(f"ACK {number}\n")
        sys.stdout.flush()


def retry(folder, n):
    refused = Counter()

    def again(call):
        for _ in range(100):
            try:
                return call()
            except WorkspaceError as error:
                refused[error.data["reason"]] += 1
        raise SystemExit("never accepted")

    workspace = again(lambda: open_workspace(folder))
    transcript_id = again(lambda: begin(workspace.store))
    for number in range(1, n + 1):
        batch = make_batch(*edits(number), op_id=f"op-{number}")
        saved = again(lambda batch=batch: workspace.store.save(transcript_id, batch))
        assert saved.revision == number, (saved, number)
    print(json.dumps(refused))


def fill(folder):
    ballast = folder / "ballast"
    ballast.write_bytes(b"\0" * 1_500_000)
    workspace = open_workspace(folder)
    store = workspace.store
    transcript_id = begin(store)
    refused = Counter()
    number = 0
    for _ in range(3):  # full, and full again: it heals each time
        while True:
            batch = make_batch(*edits(number + 1), op_id=f"op-{number + 1}")
            try:
                store.save(transcript_id, batch)
            except WorkspaceError as error:
                refused[error.data["reason"]] += 1
                break
            number += 1
        assert len(store.segments(transcript_id)) == number + 1, "reading goes on"
        assert store.transcript(transcript_id).revision == number
        try:
            workspace.blobs.put("ab" * 32, "peaks.dat", b"\0" * 2_000_000)
        except WorkspaceError as error:
            refused[f"blob {error.data['reason']}"] += 1
        size = max(0, ballast.stat().st_size - 500_000)
        ballast.write_bytes(b"\0" * size)
        assert store.save(transcript_id, batch).revision == number + 1, (
            "the same batch, now that there is room"
        )
        number += 1
    workspace.close()
    with open_workspace(folder) as workspace:
        assert workspace.store.transcript(transcript_id).revision == number
    print(json.dumps(refused))


def look(folder):
    try:
        open_workspace(folder)
    except WorkspaceError as error:
        refused = error.data["reason"]
    with open_workspace(folder, read_only=True) as workspace:
        [transcript] = workspace.store.transcripts("p", "r")
        print(refused, transcript.revision, len(workspace.store.segments(transcript.id)))


def put(folder, n, unsynced=""):
    sync = blobs._sync
    blobs._sync = lambda path: None if path.is_dir() == (unsynced == "folders") and unsynced else sync(path)
    for number in range(n):
        blobs.Blobs(folder).put("ab" * 32, f"file-{number}", f"file-{number}".encode() * 2000)
        sys.stdout.write(f"ACK {number}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    mode, folder, *rest = sys.argv[1:]
    Path(folder).mkdir(exist_ok=True)
    {"steps": steps, "retry": retry, "fill": fill, "put": put, "look": look}[mode](
        Path(folder), *(int(item) if item.isdigit() else item for item in rest)
    )
