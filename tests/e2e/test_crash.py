"""What the server has acknowledged is there after any death of it: killed, or with the power cut."""

import http.client
import json
import os
import random
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[1] / "store"))
import powercut
from test_powercut import check_saves

pytestmark = pytest.mark.slow

SERVING = str(Path(__file__).with_name("serving.py"))
N_KILLS = int(os.environ.get("SPEECHLABEL_TEST_KILLS", "30"))
N_CLIENTS = 20
N_IMAGES = 160
N_SAVES = "120"


class Client:
    """Saves to one segment; keeps what was acknowledged in a file of its own, synced line by line."""

    def __init__(self, number, folder, port):
        self.number = number
        self.port = port
        self.log = (folder / f"client-{number}.jsonl").open("a+")
        self.version = 0
        self.sent = 0
        self.waiting = None  # a batch without an answer

    def run(self, address):
        """Save until the server dies."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            while True:
                self.save(connection, address)
        except (OSError, http.client.HTTPException):
            connection.close()

    def save(self, connection, address):
        if self.waiting is None:
            self.sent += 1
            changes = {"text": f"{self.number}: {self.sent}"}
            edit = {"action": "update", "target": "segment", "id": f"c{self.number}"}
            edits = [edit | {"version": self.version, "changes": changes}]
            self.waiting = {"op_id": f"op-{self.number}-{self.sent}", "edits": edits}
        connection.request("POST", address, json.dumps(self.waiting), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise AssertionError(f"{answer.status} {body}")
        saved = json.loads(body)
        self.version = saved["versions"]["segment"][f"c{self.number}"]
        line = {
            "op_id": saved["op_id"],
            "version": self.version,
            "text": self.waiting["edits"][0]["changes"]["text"],
        }
        self.log.write(json.dumps(line) + "\n")
        self.log.flush()
        os.fsync(self.log.fileno())
        self.waiting = None

    def acknowledged(self):
        self.log.seek(0)
        return [json.loads(line) for line in self.log]


def start(folder, port):
    server = subprocess.Popen(
        [sys.executable, SERVING, "serve", str(folder), str(port)],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    for line in server.stdout:
        if line.startswith("ready "):
            return server, f"/api/transcripts/{line.split()[1]}/edits"
    raise AssertionError("the server did not start")


def check(folder, copy, clients):
    """Compare the database, as it lies after a kill, with what the clients were told."""
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir()
    for path in folder.glob("speechlabel.db*"):  # opening the copy leaves the server's own recovery to it
        if not path.name.endswith("-shm"):
            shutil.copy(path, copy)
    database = sqlite3.connect(copy / "speechlabel.db")
    assert database.execute("PRAGMA quick_check").fetchall() == [("ok",)]
    journal = database.execute(
        "SELECT revision, op_id, record_id FROM journal ORDER BY revision, id"
    ).fetchall()
    [(revision,)] = database.execute("SELECT revision FROM transcript").fetchall()
    texts = dict(database.execute("SELECT id, text FROM segment"))
    versions = dict(database.execute("SELECT id, version FROM segment"))
    ops = dict(database.execute("SELECT op_id, revision FROM op"))
    database.close()
    assert [row[0] for row in journal] == list(range(1, revision + 1)), "a gap, or a revision given twice"
    times = Counter(op for _, op, _ in journal)
    assert max(times.values(), default=1) == 1, "an op was applied twice"
    assert ops == {op: number for number, op, _ in journal}
    for client in clients:
        told = client.acknowledged()
        for line in told:
            assert ops.get(line["op_id"]) == line["version"], f"acknowledged and lost: {line}"
        name = f"c{client.number}"
        possible = [(line["text"], line["version"]) for line in told[-1:]] or [(None, 0)]
        if client.waiting is not None and client.waiting["op_id"] in ops:
            possible = [(client.waiting["edits"][0]["changes"]["text"], ops[client.waiting["op_id"]])]
        assert (texts[name], versions[name]) in possible
    return revision


def test_a_killed_server_has_lost_nothing_that_it_acknowledged(tmp_path):
    seed = int(os.environ.get("SPEECHLABEL_TEST_SEED", random.randrange(1 << 32)))
    print(f"SPEECHLABEL_TEST_SEED={seed}")
    chance = random.Random(seed)
    folder = tmp_path / "workspace"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    clients = [Client(number, tmp_path, port) for number in range(N_CLIENTS)]
    broken = []

    def work(client, address):
        try:
            client.run(address)
        except BaseException as error:
            broken.append(error)

    revision = 0
    for _ in range(N_KILLS):
        server, address = start(folder, port)
        threads = [threading.Thread(target=work, args=(client, address)) for client in clients]
        for thread in threads:
            thread.start()
        time.sleep(chance.uniform(0.03, 0.25))
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()
        server.stdout.close()
        for thread in threads:
            thread.join()
        assert not broken, (seed, broken)
        before, revision = revision, check(folder, tmp_path / "copy", clients)
        assert revision >= before, seed
    told = sum(len(client.acknowledged()) for client in clients)
    print(f"{N_KILLS} kills, {told} acknowledged, {revision} saved")
    assert told >= N_KILLS, "hardly anything was under way when the server was killed"
    for client in clients:
        client.log.close()


@pytest.mark.parametrize(("synchronous", "wanted"), [("FULL", "whole"), ("OFF", "harm")])
def test_a_power_cut_loses_no_answered_save_and_the_check_would_see_it(tmp_path, synchronous, wanted):
    if not shutil.which("strace"):
        pytest.skip("strace is not installed: system calls cannot be recorded")
    images = tmp_path / "images"
    images.mkdir()
    root = tmp_path / "w"
    calls = powercut.record(
        [sys.executable, SERVING, "saves", str(root), N_SAVES, synchronous], tmp_path / "log"
    )
    outcome = Counter()
    for image, acknowledged in powercut.images(calls, root, images, n_images=N_IMAGES, seed=1):
        outcome[check_saves(image, acknowledged)] += 1
        shutil.rmtree(image)
    if wanted == "whole":
        assert outcome == {"whole": N_IMAGES}
    else:
        assert outcome["lost"] > 0
        assert outcome["broken"] > 0
