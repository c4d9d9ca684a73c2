"""Servers to be killed: real processes, only with what a test needs.

python serving.py serve FOLDER PORT              serve until killed; prints "ready" and the transcript's id
python serving.py saves FOLDER N [SYNCHRONOUS]   serve, save N times over HTTP, stop; "ACK k" on the
                                                 standard output just before the k-th answer is sent
"""

import http.client
import json
import os
import signal
import sys
import threading
from functools import partial
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "store"))
import saver

from speechlabel.config import Settings
from speechlabel.edits import edit_to_dict
from speechlabel.store import sqlite, workspace
from speechlabel.testing import make_segment, make_transcript
from speechlabel.web import app as web_app
from speechlabel.web.serve import serve as run

N_CLIENTS = 20


def transcript_id(folder):
    """Return the only transcript; one segment for each client, made at the first start."""
    with workspace.open_workspace(folder) as opened:
        if not opened.store.projects():
            make_transcript(
                opened.store, [make_segment(f"c{n}", n * 100, n * 100 + 50) for n in range(N_CLIENTS)]
            )
        [found] = opened.store.transcripts("p", "r")
        return found.id


def serve(folder, port):
    id = transcript_id(folder)
    settings = Settings(workspace=folder, port=port, workers=1)
    run(settings, pages=False, say=lambda line: "Ctrl+C" in line and print("ready", id, flush=True))


def saves(folder, n, synchronous="FULL"):
    workspace.sqlite.connect = partial(sqlite.connect, synchronous=synchronous)
    create = web_app.create_app

    def create_that_tells(*arguments, **options):
        made = create(*arguments, **options)
        store = made.state.site.workspace.store
        id = saver.begin(store)
        print("ACK 0", flush=True)
        made.add_middleware(Acknowledging)
        threading.Thread(target=save_all, args=(made.state.site.workspace, id, n), daemon=True).start()
        return made

    web_app.create_app = create_that_tells
    run(Settings(workspace=folder, port=41_000, workers=1), pages=False, say=lambda _: STARTED.set())


STARTED = threading.Event()


class Acknowledging:
    """Writes a line for each accepted save, before its answer leaves."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        async def tell(message):
            if message["type"] == "http.response.body" and b'"revision"' in message["body"]:
                os.write(1, b"ACK %d\n" % json.loads(message["body"])["revision"])
            await send(message)

        await self.app(scope, receive, tell)


def save_all(opened, id, n):
    STARTED.wait()
    host = opened.address.removeprefix("http://")
    connection = http.client.HTTPConnection(host)
    for number in range(1, n + 1):
        batch = {"op_id": f"op-{number}", "edits": [edit_to_dict(edit) for edit in saver.edits(number)]}
        body = json.dumps(batch)
        connection.request("POST", f"/api/transcripts/{id}/edits", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200, answer.status
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    mode, folder, *rest = sys.argv[1:]
    Path(folder).mkdir(exist_ok=True)
    {"serve": serve, "saves": saves}[mode](
        Path(folder), *(int(item) if item.isdigit() else item for item in rest)
    )
