"""The editor's core against the real server: what the page shows is what the store has, versions and all."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
import uvicorn

from speechlabel.config import Settings
from speechlabel.records import Segment, Transcript
from speechlabel.store.workspace import Workspace, open_workspace
from speechlabel.web.app import create_app
from speechlabel.workflow.ingest import ingest
from speechlabel.workflow.prepare import prepare
from speechlabel.workflow.projects import create_project

SCRIPT = Path(__file__).parents[1] / "js" / "against_server.js"
NODE = shutil.which("node")


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    noise = np.random.default_rng(1).normal(0, 0.05, 16_000 * 20).astype(np.float32)
    soundfile.write(tmp_path / "call.wav", noise, 16_000)
    workspace = open_workspace(tmp_path / "workspace")
    create_project(workspace, "p")
    ingest(workspace, "p", [tmp_path / "call.wav"])
    prepare(workspace, "p")
    recording = workspace.store.recordings("p")[0]
    source = Transcript(project_id="p", recording_id=recording.id, author="vad:test")
    row = [Segment(id=f"s{i}", start_us=i * 2_000_000, end_us=(i + 1) * 2_000_000) for i in range(8)]
    workspace.store.add_transcript(source, row, [])
    workspace.store.open_pass("p", recording.id, "user:me", source.id)
    yield workspace
    workspace.close()


@pytest.fixture
def address(workspace: Workspace) -> Iterator[str]:
    app = create_app(workspace, Settings(workspace=workspace.root, workers=1), pages=False)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join()


@pytest.mark.slow
@pytest.mark.skipif(NODE is None, reason="needs node")
@pytest.mark.parametrize("seed", [1, 2])
def test_generated_work_through_lost_answers_and_crashes(
    workspace: Workspace, address: str, seed: int
) -> None:
    recording = workspace.store.recordings("p")[0]
    assert NODE is not None
    done = subprocess.run(
        [NODE, SCRIPT, address, "p", recording.id, str(seed)],
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    said = json.loads(done.stdout)
    assert said["undone"] > 30
    mine = [item for item in workspace.store.transcripts("p", recording.id) if item.author == "user:me"]
    assert workspace.store.transcript(mine[0].id).revision == said["revision"]
    assert len(workspace.store.segments(mine[0].id)) == said["segments"]
