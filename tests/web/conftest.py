"""A workspace with a project ``p``, served without its pages to a client that looks at every answer."""

import pytest
import soundfile
from watching import RATE, WatchingClient, speechlike

from speechlabel.config import Settings
from speechlabel.store.workspace import open_workspace
from speechlabel.web.app import create_app
from speechlabel.workflow.ingest import ingest
from speechlabel.workflow.prepare import prepare
from speechlabel.workflow.projects import create_project


@pytest.fixture
def workspace(tmp_path):
    with open_workspace(tmp_path / "workspace") as workspace:
        create_project(workspace, "p", language="en")
        yield workspace


@pytest.fixture
def settings(workspace, tmp_path):
    return Settings(workspace=workspace.root, workers=1, max_upload_mb=1, roots=(tmp_path / "open",))


@pytest.fixture
def app(workspace, settings):
    return create_app(workspace, settings, pages=False)


@pytest.fixture
def client(app, tmp_path):
    with WatchingClient(app, tmp_path) as client:
        yield client


@pytest.fixture
def take(workspace, tmp_path):
    """Write a sound to a file, take it in and prepare it; returns the recording."""

    def take(name, sound, rate=RATE, **options):
        path = tmp_path / "audio" / name
        path.parent.mkdir(exist_ok=True)
        soundfile.write(path, sound, rate, **options)
        [made] = ingest(workspace, "p", [path]).added
        assert prepare(workspace, "p", [made.id]).failed == []
        return workspace.store.recording("p", made.id)

    return take


@pytest.fixture
def recording(take):
    return take("tone.wav", speechlike(7))


@pytest.fixture
def opened(client, recording):
    """What the editor gets."""
    return client.get(f"/api/projects/p/recordings/{recording.id}/open").json()
