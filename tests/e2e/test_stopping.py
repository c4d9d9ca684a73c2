"""Starting and stopping the real server: signals, a second one, a busy port, and other ways to run it."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import numpy as np
import pytest
import soundfile

from speechlabel.store.workspace import open_workspace
from speechlabel.workflow.ingest import ingest
from speechlabel.workflow.projects import create_project

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
RATE = 16_000


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def folder(tmp_path):
    """A workspace with work to do: a recording that takes seconds to prepare."""
    chance = np.random.default_rng(0)
    block = chance.normal(0, 0.1, 60 * RATE).astype(np.float32)
    with soundfile.SoundFile(tmp_path / "long.wav", "w", RATE, 1, "PCM_16") as file:
        for _ in range(40):
            file.write(block)
    with open_workspace(tmp_path / "workspace") as workspace:
        create_project(workspace, "p")
        ingest(workspace, "p", [tmp_path / "long.wav"])
    return tmp_path / "workspace"


@pytest.fixture
def run(folder):
    """Start a program with the workspace; it is gone after the test."""
    running = []

    def run(*command, port, **environment):
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=os.environ
            | {"SPEECHLABEL_WORKSPACE": str(folder), "SPEECHLABEL_PORT": str(port), "PYTHONUNBUFFERED": "1"}
            | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        running.append(process)
        return process

    yield run
    for process in running:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def app(run, port):
    return run(sys.executable, "app.py", port=port)


def get(port, path="/api/health"):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
        return answer.read()


def wait_until_up(port, process):
    for _ in range(600):
        try:
            return get(port)
        except OSError:
            assert process.poll() is None, process.communicate()
            time.sleep(0.1)
    raise AssertionError("it never answered")


def wait_until_taken_up(port):
    """Wait until the recording that an earlier run left unprepared is queued, under way or prepared."""
    for _ in range(600):
        [row] = json.loads(get(port, "/api/projects/p/recordings"))
        if row["progress"] is not None or row["state"] == "ready":
            return
        time.sleep(0.05)
    raise AssertionError("it was never taken up")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_is_quick_and_quiet_with_an_open_page_and_a_slow_download(run, folder, number):
    port = free_port()
    server = app(run, port)
    wait_until_up(port, server)
    wait_until_taken_up(port)
    heartbeat = urllib.request.Request(
        f"http://127.0.0.1:{port}/gradio_api/heartbeat/abc", headers={"Accept-Encoding": "gzip, br"}
    )
    opened = urllib.request.urlopen(heartbeat, timeout=30)
    assert opened.headers["content-type"].startswith("text/event-stream")
    assert "content-encoding" not in opened.headers, "a compressed stream comes late"
    listener = threading.Thread(target=read_all, args=(opened,))
    listener.start()
    with open_workspace(folder, read_only=True) as seen:
        [recording] = seen.store.recordings("p")
    slow = socket.create_connection(("127.0.0.1", port))
    address = f"/media/p/{recording.id}/{recording.content_hash}/original"
    slow.sendall(f"GET {address} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
    assert slow.recv(12) == b"HTTP/1.1 200"  # and then reads no more
    begun = time.monotonic()
    os.killpg(server.pid, number)  # as a terminal does, to all of the group
    said, complained = server.communicate(timeout=30)
    took = time.monotonic() - begun
    slow.close()
    listener.join()
    assert took < 10
    assert server.returncode == 0
    assert complained == ""
    assert len(said.strip().splitlines()) == 3
    with open_workspace(folder) as workspace:
        [recording] = workspace.store.recordings("p")
        assert recording.state != "failed", "a stop is not a failure to prepare"


def read_all(answer):
    try:
        while answer.read1():
            pass
    except OSError:
        pass


def test_a_second_server_says_who_has_the_workspace(run):
    port = free_port()
    first = app(run, port)
    wait_until_up(port, first)
    for command in (
        [sys.executable, "app.py"],
        [str(BIN / "uvicorn"), "app:app", "--port", str(free_port())],
        [str(BIN / "speechlabel"), "serve"],
    ):
        second = run(*command, port=free_port())
        said, complained = second.communicate(timeout=60)
        assert second.returncode not in (0, None)
        assert said.strip() == ""
        [line] = complained.strip().splitlines()
        assert str(first.pid) in line
        assert f"http://127.0.0.1:{port}" in line
    assert get(port)


def test_a_busy_port_is_passed_over(run):
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        server = app(run, port)
        for line in server.stdout:
            if "running at" in line:
                break
        found = int(line.rsplit(":", 1)[1])
        assert found > port
        assert get(found)


def test_app_py_takes_the_options_of_serve(run, folder, tmp_path):
    port = free_port()
    other = tmp_path / "other"
    options = ["--host", "127.0.0.1", "--port", str(port), "--workspace", str(other), "--api-only"]
    server = run(sys.executable, "app.py", *options, port=free_port())
    wait_until_up(port, server)
    assert (other / "workspace.json").exists()
    os.killpg(server.pid, signal.SIGTERM)
    said, _ = server.communicate(timeout=60)
    assert str(other) in said and str(folder) not in said


def test_app_py_refuses_an_option_that_it_does_not_know(run, folder):
    refused = run(sys.executable, "app.py", "--hots", "0.0.0.0", port=free_port())
    said, complained = refused.communicate(timeout=60)
    assert (refused.returncode, said) == (2, "")
    [line] = complained.strip().splitlines()
    assert "--hots" in line and "--host" in line


@pytest.mark.parametrize("command", ["uvicorn app:app --port {port}", "gradio app.py"])
def test_other_servers_find_the_application(run, folder, command):
    port = free_port()
    name, *rest = command.format(port=port).split()
    server = run(str(BIN / name), *rest, port=port, GRADIO_SERVER_PORT=str(port))
    wait_until_up(port, server)
    assert b"gradio" in get(port, "/")
    assert json.loads(get(port, "/api/start")) == {"project": "p", "recording": "long"}
    os.killpg(server.pid, signal.SIGINT)
    _, complained = server.communicate(timeout=30)
    assert "Traceback" not in complained
    open_workspace(folder).close()


def test_a_key_guards_an_address_beyond_loopback(run):
    port = free_port()
    server = run(sys.executable, "app.py", port=port, SPEECHLABEL_HOST="0.0.0.0")
    for line in server.stdout:
        if "running at" in line:
            break
    key = line.rsplit("key=", 1)[1].strip()
    assert len(key) >= 32
    with pytest.raises(urllib.error.HTTPError, match="401"):
        get(port)
    asked = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/health", headers={"Authorization": f"Bearer {key}"}
    )
    with urllib.request.urlopen(asked, timeout=30) as answer:
        assert answer.status == 200
