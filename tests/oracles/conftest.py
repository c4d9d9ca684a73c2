"""Readers that live in an environment of their own; asked for by name only: ``make oracles``."""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile
from workflow.conftest import Desk

from speechlabel.records import Segment
from speechlabel.store.workspace import open_workspace
from speechlabel.timing import us_to_samples
from speechlabel.workflow.export import export
from speechlabel.workflow.projects import create_project

HERE = Path(__file__).parent
BIN = HERE.parents[1] / ".venv-oracles" / "bin"
RATE = 16_000
OFFLINE = {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "PATH": "/usr/local/bin:/usr/bin:/bin"}
# (recording, channels, seconds) and (segment, channel, start, end, text, speaker)
RECORDINGS = {"rec-a": (1, 6.0), "rec-b": (1, 4.5), "call-2": (2, 5.0)}
SEGMENTS = {
    "rec-a": [
        ("a", None, 500_000, 2_250_063, 'hello "big" world', "x"),
        ("b", None, 1_750_000, 3_500_000, "你好 世界", "y"),
    ],
    "rec-b": [("a", None, 0, 4_500_000, "it's {fine} $5", "x")],
    "call-2": [
        ("a", 0, 0, 1_000_000, "NA", "x"),
        ("b", 1, 333_333, 4_500_001, "null", "y"),
    ],
}


def pytest_ignore_collect(collection_path, config):
    return None if any("oracles" in str(argument) for argument in config.args) else True


def pytest_terminal_summary(terminalreporter):
    """Say how long each format was damaged, whichever process did it."""
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties if report.when == "call" else ():
            terminalreporter.write_line(f"{name}: {value}")


class Oracle:
    """An environment with other people's programs."""

    def __init__(self, home):
        self._home = home
        listing = (
            "import json, importlib.metadata as m; print(json.dumps([d.name for d in m.distributions()]))"
        )
        self._known = set()
        if (BIN / "python").is_file():
            done = subprocess.run([BIN / "python", "-c", listing], capture_output=True, text=True, check=True)
            self._known = {name.lower().replace("_", "-") for name in json.loads(done.stdout)}

    def needs(self, *names):
        """Skip a test, by name, for what could not be installed."""
        for name in names:
            if name not in self._known:
                pytest.skip(f"{name} is not in .venv-oracles: see what `make oracles` said when it installed")

    def run(self, program, *arguments, cwd=None):
        """Run a program of that environment; returns what it printed."""
        command = [str(BIN / program), *map(str, arguments)]
        environment = OFFLINE | {"HOME": str(self._home)}
        done = subprocess.run(
            command, capture_output=True, text=True, encoding="utf-8", env=environment, cwd=cwd, timeout=240
        )
        assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def read(self, script, *arguments, cwd=None):
        """Run a script of ``readers``; returns the JSON it printed last."""
        printed = self.run("python", HERE / "readers" / script, *arguments, cwd=cwd)
        return json.loads(printed.strip().split("\n")[-1])


@pytest.fixture(scope="session")
def oracle(tmp_path_factory):
    return Oracle(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="session")
def desk(tmp_path_factory):
    """A project with real recordings of noise, where every sample tells where it is from."""
    folder = tmp_path_factory.mktemp("desk")
    noise = np.random.default_rng(7)
    with open_workspace(folder / "data") as workspace:
        create_project(workspace, "p", language="en")
        desk = Desk(workspace)
        for id, (channels, seconds) in RECORDINGS.items():
            count = round(RATE * seconds)
            sound = noise.integers(-20_000, 20_000, (count, channels)).astype(np.int16)
            soundfile.write(folder / f"{id}.wav", sound, RATE)
            assert desk.take(folder / f"{id}.wav") == [id]
            desk.label(
                id,
                *(
                    Segment(id=s, channel=c, start_us=b, end_us=e, text=t, speaker=who, status="done")
                    for s, c, b, e, t, who in SEGMENTS[id]
                ),
            )
        desk.folder = folder
        yield desk


@pytest.fixture(scope="session")
def wanted(desk):
    """Each segment as (text, number of samples, fingerprint of the samples), sorted."""
    found = []
    for id, segments in SEGMENTS.items():
        whole, _ = soundfile.read(desk.folder / f"{id}.wav", dtype="int16", always_2d=True)
        for _, channel, start, end, text, _ in segments:
            part = whole[us_to_samples(start, RATE) : us_to_samples(end, RATE), channel or 0]
            found.append([text, len(part), hashlib.sha256(part.tobytes()).hexdigest()])
    return sorted(found)


@pytest.fixture
def exported(desk, tmp_path):
    """Export the project by the name of a format."""

    def exported(name, **options):
        report = export(desk.workspace, "p", name, tmp_path / name, **options)
        assert report.report.segments == sum(map(len, SEGMENTS.values()))
        return tmp_path / name

    return exported


def one(folder, pattern):
    """Return the one file of a folder that fits a pattern."""
    [found] = folder.rglob(pattern)
    return found
