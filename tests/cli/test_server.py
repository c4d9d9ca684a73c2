"""While a server has the workspace open, commands read beside it and write through it."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from cli.running import COMMAND, answer, complaint, environment, run, voice, write
from speechlabel.cli.remote import Server, _reachable
from speechlabel.errors import WorkspaceError
from speechlabel.store.workspace import open_workspace
from speechlabel.workflow.annotations import bring_in
from speechlabel.workflow.export import Selection, export
from speechlabel.workflow.prepare import PrepareOptions, prepare
from speechlabel.workflow.projects import create_project


@dataclass
class Running:
    """A server on a workspace."""

    address: str
    data: Path
    process: subprocess.Popen[str]

    @property
    def token(self) -> str:
        return json.loads((self.data / "workspace.json").read_text())["token"]


def start(data, **extra):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    process = subprocess.Popen(
        [*COMMAND, "serve", "--port", port],
        env=environment(data, **extra),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert process.stdout
    said = ""
    for line in process.stdout:
        said += line
        if "Ctrl+C" in line:
            return Running(json.loads((data / "workspace.json").read_text())["address"], data, process)
    raise AssertionError(said)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    data = tmp_path_factory.mktemp("served") / "data"
    run("project", "create", "first", workspace=data)
    running = start(data)
    yield running
    os.killpg(running.process.pid, signal.SIGINT)
    running.process.wait(timeout=20)
    assert not (data / "workspace.json").exists()


@pytest.fixture(scope="module")
def audio(tmp_path_factory):
    """Recordings to take in, one of them broken, and names that are not plain."""
    folder = tmp_path_factory.mktemp("audio")
    write(folder / "a b.wav", voice(6))
    write(folder / "通话.wav", np.stack([voice(6, 8_000, 1), np.roll(voice(6, 8_000, 2), 8_000)], 1), 8_000)
    write(folder / "pod.mp3", voice(6, 44_100, 3), 44_100)
    (folder / "same.wav").write_bytes((folder / "a b.wav").read_bytes())
    (folder / "bad.wav").write_bytes(b"nothing")
    (folder / "notes.txt").touch()
    os.link(folder / "pod.mp3", os.fsencode(folder) + b"/\xff.mp3")
    return folder


def test_only_the_owner_can_read_the_token(server):
    path = server.data / "workspace.json"
    assert len(server.token) >= 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_reading_commands_work_beside_the_server(server, tmp_path):
    assert "first" in {row["name"] for row in answer("project", "list", workspace=server.data)["projects"]}
    assert answer("status", "first", workspace=server.data)["total"]["recordings"] == 0


def test_writing_commands_say_where_the_server_is_and_go_through_it(server, audio, tmp_path):
    done = run("project", "create", "客服 calls", "--language", "en", "--json", workspace=server.data)
    assert json.loads(done.stdout) == {"id": "kefu_calls", "name": "客服 calls", "language": "en"}
    where = f"speechlabel: a server has the workspace open; this is done there: {server.address}"
    assert done.stderr.splitlines() == [where]
    done = run("ingest", "客服 calls", audio, workspace=server.data, code=1)
    assert done.stdout == "3 taken in, 1 known already, 1 other files skipped\n"
    assert done.stderr.splitlines()[0] == where
    assert len(done.stderr.splitlines()) == 3
    row = answer("status", "客服 calls", workspace=server.data)["recordings"][0]
    assert row["state"] == "new"  # as without a server: prepared when that is asked for
    done = run("prepare", "客服 calls", "--segmenter", "energy", workspace=server.data)
    assert done.stdout == "3 prepared, 0 were ready already\n"
    run(
        "export",
        "客服 calls",
        "--format",
        "rttm",
        "--include",
        "all",
        "--out",
        tmp_path / "x",
        workspace=server.data,
    )
    with open_workspace(server.data, read_only=True) as workspace:
        authors = {item.author for item in workspace.store.transcripts("kefu_calls", "pod")}
    assert authors == {"vad:energy"}


def test_names_and_ends_go_through_the_server(server, tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        write(tmp_path / folder / "x.wav", voice(2, seed=len(folder) + ord(folder)))
    run("project", "create", "short-lived", workspace=server.data)
    run("ingest", "short-lived", tmp_path / "a", tmp_path / "b", workspace=server.data)
    where = f"this is done there: {server.address}"

    def through(*words, code=0):
        done = run(*words, workspace=server.data, code=code)
        assert where in done.stderr
        return done.stdout + done.stderr

    assert "2 recordings are called 'x.wav'" in through(
        "recording", "delete", "short-lived", "x.wav", "--yes", code=2
    )
    assert "x is called a/b? now" in through("recording", "rename", "short-lived", "x", "a/b?")
    assert "is deleted: recordings: 1" in through("recording", "delete", "short-lived", "a/b?", "--yes")
    assert "no recording" in through("recording", "delete", "short-lived", "a/b?", "--yes", code=3)
    assert "is called 短命 now" in through("project", "rename", "short-lived", "短命")
    assert "is deleted: recordings: 1" in through("project", "delete", "短命", "--yes")
    assert "短命" not in run("project", "list", workspace=server.data).stdout


def test_a_layout_is_chosen_through_the_server(server, audio):
    run("project", "create", "rooms", "--language", "en", workspace=server.data)
    run("ingest", "rooms", audio / "a b.wav", audio / "通话.wav", workspace=server.data)
    run("prepare", "rooms", workspace=server.data)
    done = answer("prepare", "rooms", "--layout", "mixed", workspace=server.data)
    assert done == {"ready": ["TongHua"], "unchanged": ["a_b"], "failed": []}
    rows = {
        row["id"]: row["layout"] for row in answer("status", "rooms", workspace=server.data)["recordings"]
    }
    assert rows == {"a_b": "mono", "TongHua": "mixed"}
    one = ("prepare", "rooms", "--layout", "auto", "--recording", "TongHua")
    assert answer(*one, workspace=server.data) == {"ready": ["TongHua"], "unchanged": [], "failed": []}
    said = run("prepare", "rooms", "--recording", "no", workspace=server.data, code=3).stderr.splitlines()
    assert said[-1] == "speechlabel: there is no recording 'no'"


def test_speakers_are_changed_through_the_server(server, audio):
    run("project", "create", "voices", "--language", "en", workspace=server.data)
    run("ingest", "voices", audio / "a b.wav", workspace=server.data)
    run("prepare", "voices", workspace=server.data)
    with urllib.request.urlopen(f"{server.address}/api/projects/voices/recordings/a_b/open") as got:
        transcript = json.load(got)["transcript"]["id"]
    edit = {"action": "insert", "target": "speaker", "record": {"id": "u1", "name": "李"}}
    body = json.dumps({"op_id": "voices", "edits": [edit]}).encode()
    json_type = {"Content-Type": "application/json"}
    address = f"{server.address}/api/transcripts/{transcript}/edits"
    urllib.request.urlopen(urllib.request.Request(address, body, json_type)).close()
    assert answer("speakers", "voices", "--rename", "李", "王", workspace=server.data)["changed"] == ["a_b"]
    assert answer("speakers", "voices", "--role", "王", "agent", workspace=server.data)["failed"] == []
    [found] = answer("speakers", "voices", workspace=server.data)["speakers"]
    assert (found["name"], found["roles"]) == ("王", ["agent"])
    said = run("speakers", "voices", "--rename", "李", "x", workspace=server.data, code=3).stderr.splitlines()
    assert said[-1] == "speechlabel: there is no speaker '李'; speakers: 王"


def test_errors_come_through_as_they_are(server):
    said = run("project", "create", "first", workspace=server.data, code=2).stderr.splitlines()
    assert said[-1] == "speechlabel: a project 'first' exists already; choose another name"
    said = run("ingest", "no/body", ".", workspace=server.data, code=3).stderr.splitlines()
    assert said[-1].startswith("speechlabel: there is no project 'no/body'; projects: first")
    said = run("prepare", "first", "min_silence_ms=x", workspace=server.data, code=2).stderr.splitlines()
    assert "min_silence_ms" in said[-1]
    said = run("prepare", "first", "--segmenter", "x", workspace=server.data, code=2).stderr.splitlines()
    assert "known: webrtc" in said[-1]


def ask(server, token, **headers):
    body = json.dumps({"path": "/etc/hostname"}).encode()
    given = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    request = urllib.request.Request(f"{server.address}/api/projects/first/ingest", body, given | headers)
    try:
        with urllib.request.urlopen(request) as got:
            return got.status, json.load(got)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_without_the_token_no_file_of_the_machine_can_be_named(server):
    for token in (None, "wrong", server.token[:-1], server.token + "x", "é"):
        status, got = ask(server, token)
        assert (status, "failed" in got) == (422, False), got
    status, got = ask(server, server.token)
    assert status == 200
    assert got["added"] == []
    assert len(got["failed"]) == 1
    # The token does not open the door to other sites' pages.
    assert ask(server, server.token, Origin="http://evil.example")[0] == 403
    assert ask(server, server.token, Host="evil.example")[0] == 400


def test_a_second_server_says_where_the_first_is(server):
    assert server.address in complaint("serve", workspace=server.data, code=4)


def test_a_server_that_hangs_or_is_gone_is_told(tmp_path):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        with pytest.raises(WorkspaceError, match="does not answer"):
            Server(address, None, tmp_path).create_project("x", language="en", preset="default")


def test_a_recording_that_is_removed_while_a_command_waits_for_it_is_told(tmp_path, monkeypatch):
    server = Server("http://127.0.0.1:9", None, tmp_path)
    there = [[{"id": "a", "state": "new", "progress": None, "error": None}], []]
    monkeypatch.setattr(server, "_project", lambda _name: "p")
    monkeypatch.setattr(server, "_recordings", lambda _project: there.pop(0))
    monkeypatch.setattr(server, "_send", lambda *_: {"queued": True})
    report = server.prepare("p", PrepareOptions(), lambda *_: None)
    assert report["failed"] == [{"recording": "a", "reason": "was removed in the meantime"}]


def test_a_command_that_writes_is_not_a_server(tmp_path):
    data = tmp_path / "data"
    run("project", "create", "p", workspace=data)
    with open_workspace(data):
        said = complaint("project", "create", "q", workspace=data, code=4)
        assert f"process {os.getpid()}" in said
        assert answer("project", "list", workspace=data)["projects"][0]["id"] == "p"


@pytest.mark.parametrize(
    ("announced", "reached"),
    [
        ("http://0.0.0.0:7860", "http://127.0.0.1:7860"),
        ("http://[::]:7860", "http://[::1]:7860"),
        ("http://127.0.0.1:7860/", "http://127.0.0.1:7860"),
        ("http://[::1]:1", "http://[::1]:1"),
        ("http://office.local:80", "http://office.local:80"),
    ],
)
def test_a_server_on_every_address_is_reached_on_its_own_machine(announced, reached):
    assert _reachable(announced) == reached


def test_a_proxy_of_the_environment_is_not_asked(server):
    env = environment(server.data, http_proxy="http://127.0.0.1:9", HTTP_PROXY="http://127.0.0.1:9")
    run("project", "create", "unproxied", env=env)


def test_commands_python_and_rest_give_the_same(server, audio, tmp_path):
    run("project", "create", "same", "--language", "en", workspace=server.data)
    by_rest = answer("ingest", "same", audio, workspace=server.data, code=1)
    rest_prepared = answer("prepare", "same", "min_silence_ms=300", workspace=server.data)

    here = tmp_path / "here"
    run("project", "create", "same", "--language", "en", workspace=here)
    by_command = answer("ingest", "same", audio, workspace=here, code=1)
    command_prepared = answer("prepare", "same", "min_silence_ms=300", workspace=here)

    with open_workspace(tmp_path / "python") as workspace:
        project = create_project(workspace, "same", language="en")
        by_python = bring_in(workspace, project.id, [audio])
        options = PrepareOptions(values={"min_silence_ms": 300})
        python_prepared = prepare(workspace, project.id, options=options).to_dict()
        export(workspace, "same", "textgrid", tmp_path / "python-out", selection=Selection())

    assert by_rest == by_command == by_python
    prepared = (rest_prepared, command_prepared, python_prepared)
    assert len({json.dumps({key: sorted(found[key]) for key in found}) for found in prepared}) == 1
    for data, out in ((server.data, "rest-out"), (here, "command-out")):
        run("export", "same", "--format", "textgrid", "--out", tmp_path / out, workspace=data)
    grids = [
        {path.name: path.read_bytes() for path in (tmp_path / out).iterdir()}
        for out in ("rest-out", "command-out", "python-out")
    ]
    assert grids[0] == grids[1] == grids[2]
    assert len(grids[0]) >= 3
    rows = [answer("status", "same", workspace=data)["recordings"] for data in (server.data, here)]
    assert rows[0] == rows[1]
