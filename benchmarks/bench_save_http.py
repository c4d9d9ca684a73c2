"""How long an acknowledged save takes over HTTP, beside a route that does nothing, in the same run.

    python benchmarks/bench_save_http.py [--segments 20000] [--saves 300] [--folder DIR]

A server of its own process; 1 client that saves as fast as it is answered, then 20 clients that think for a
random time of 200 ms on average between two saves (about 100 saves a second in all, as of a hundred people
typing).  Each asks for ``/api/health`` after each save, so that both meet the same noise; ``ratio`` is what
a save costs over a bare answer.  Afterwards the server is killed, and every acknowledged save is looked for.
Prints one JSON object, times in milliseconds.
"""

import argparse
import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from speechlabel.records import Project, Recording, Segment, Transcript
from speechlabel.store.workspace import open_workspace

SERVE = """
import sys
from pathlib import Path
from speechlabel.config import Settings
from speechlabel.web.serve import serve
settings = Settings(workspace=Path(sys.argv[1]), port=int(sys.argv[2]))
serve(settings, pages=False, say=lambda line: print(line, flush=True))
"""


def fill(folder, n_segments):
    """One transcript; returns its id."""
    segments = [
        Segment(
            id=f"s{n}",
            start_us=n * 1_000_000,
            end_us=(n + 1) * 1_000_000,
            text=f"今天天气很好 {n}",
            speaker="a",
        )
        for n in range(n_segments)
    ]
    with open_workspace(folder) as workspace:
        store = workspace.store
        store.create_project(Project(id="p", name="p", language="zh", guideline=""))
        store.add_recording(
            Recording(
                id="r",
                project_id="p",
                name="r",
                path="/r",
                content_hash="0" * 64,
                size_bytes=1,
                modified_ns=1,
                container="WAV",
                codec="PCM_16",
                sample_rate=16_000,
                channels=1,
                n_frames=16_000 * n_segments,
                state="failed",  # there is no file to prepare
            )
        )
        return store.add_transcript(
            Transcript(project_id="p", recording_id="r", author="user:me"), segments, []
        ).id


class Client:
    """One person; types into a segment of their own, a new text each time."""

    def __init__(self, number, port, address, n_saves, think_s):
        self.number = number
        self.port = port
        self.address = address
        self.n_saves = n_saves
        self.think_s = think_s
        self.save_ms = []
        self.health_ms = []
        self.acknowledged = None

    def run(self):
        chance = random.Random(self.number)
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        connection.connect()
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # as browsers do
        version = 0
        for turn in range(self.n_saves):
            if self.think_s:
                time.sleep(chance.expovariate(1 / self.think_s))
            text = f"今天天气很好，我们去公园吧 {turn}"
            edit = {"action": "update", "target": "segment", "id": f"s{self.number}", "version": version}
            batch = {"op_id": f"{self.number}-{turn}", "edits": [edit | {"changes": {"text": text}}]}
            body = json.dumps(batch)
            saved = self.ask(connection, self.save_ms, "POST", self.address, body)
            version = saved["versions"]["segment"][f"s{self.number}"]
            self.acknowledged = (version, text)
            self.ask(connection, self.health_ms, "GET", "/api/health", None)
        connection.close()

    def ask(self, connection, times, method, address, body):
        begin = time.perf_counter()
        connection.request(method, address, body, {"Content-Type": "application/json"} if body else {})
        answer = connection.getresponse()
        content = answer.read()
        times.append((time.perf_counter() - begin) * 1000)
        assert answer.status == 200, content
        return json.loads(content)


def spread(times):
    ordered = sorted(times)
    return {f"p{p}": round(ordered[min(len(ordered) - 1, len(ordered) * p // 100)], 2) for p in (50, 95, 99)}


def measure(folder, n_clients, n_saves, think_s, n_segments):
    """Serve a fresh workspace, save, kill, compare."""
    id = fill(folder, n_segments)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-c", SERVE, folder, str(port)], stdout=subprocess.PIPE, text=True
    )
    while "Ctrl+C" not in (line := server.stdout.readline()):
        assert line, "the server did not start"
    address = f"/api/transcripts/{id}/edits"
    warm = Client(n_segments - 1, port, address, 20, 0)
    warm.run()
    clients = [Client(n, port, address, n_saves // n_clients, think_s) for n in range(n_clients)]
    threads = [threading.Thread(target=client.run) for client in clients]
    begin = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - begin
    os.kill(server.pid, signal.SIGKILL)
    server.communicate()
    with open_workspace(folder) as workspace:
        found = {item.id: item for item in workspace.store.segments(id)}
    for client in [warm, *clients]:
        segment = found[f"s{client.number}"]
        assert (segment.version, segment.text) == client.acknowledged, "an acknowledged save is lost"
    save = [ms for client in clients for ms in client.save_ms]
    health = [ms for client in clients for ms in client.health_ms]
    out = {"clients": n_clients, "saves": len(save), "per_second": round(len(save) / took, 1)}
    out |= {"save_ms": spread(save), "health_ms": spread(health)}
    return out | {"ratio": {p: round(out["save_ms"][p] / out["health_ms"][p], 2) for p in ("p50", "p95")}}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--segments", type=int, default=20_000)
    parser.add_argument(
        "--saves", type=int, default=300, help="of one client, and of the twenty together x 4"
    )
    parser.add_argument("--folder", type=Path, help="on the disk to measure")
    given = parser.parse_args()
    runs = []
    for n_clients, n_saves, think_s in ((1, given.saves, 0), (20, given.saves * 4, 0.2)):
        with tempfile.TemporaryDirectory(dir=given.folder) as folder:
            runs.append(measure(folder, n_clients, n_saves, think_s, given.segments))
    print(json.dumps({"segments": given.segments, "runs": runs}))


if __name__ == "__main__":
    main()
