"""After a power cut every acknowledged save is there, in a database that is whole.

Each claim has its control: with the defence off the same check must see losses.
"""

import shutil
import sqlite3
import sys
from pathlib import Path

import powercut
import pytest

pytestmark = pytest.mark.slow
SAVER = str(Path(__file__).with_name("saver.py"))
N_IMAGES = 240
N_SAVES = "150"  # enough for the WAL to be carried into the database once
SEED = 20_260_801


@pytest.fixture
def run(tmp_path):
    if not shutil.which("strace"):
        pytest.skip("strace is not installed: system calls cannot be recorded")
    images = tmp_path / "images"
    images.mkdir()

    def run(check, *arguments):
        """Outcomes over many images: how often "whole", "lost" and "broken"."""
        root = tmp_path / "w"
        try:
            calls = powercut.record(
                [sys.executable, SAVER, arguments[0], str(root), *arguments[1:]], tmp_path / "log"
            )
        except OSError as error:
            pytest.skip(f"strace may not trace here: {error}")
        outcome = {"whole": 0, "lost": 0, "broken": 0}
        for image, acknowledged in powercut.images(calls, root, images, n_images=N_IMAGES, seed=SEED):
            outcome[check(image, acknowledged)] += 1
            shutil.rmtree(image)
        return outcome

    return run


def check_saves(image, acknowledged):
    path = image / "speechlabel.db"
    if not path.exists():
        return "whole" if acknowledged < 0 else "lost"
    database = sqlite3.connect(path)
    try:
        if database.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
            return "broken"
        if not database.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'journal'").fetchone()[0]:
            return "whole" if acknowledged < 0 else "lost"
        revision = database.execute("SELECT coalesce(max(revision), -1) FROM transcript").fetchone()[0]
        if revision < acknowledged:
            return "lost"
        wanted = [(number, f"op-{number}") for number in range(1, revision + 1)]
        ops = database.execute("SELECT revision, op_id FROM op ORDER BY revision").fetchall()
        written = database.execute(
            "SELECT DISTINCT revision, op_id FROM journal ORDER BY revision"
        ).fetchall()
        texts = database.execute("SELECT text FROM segment WHERE id = 'a'").fetchall()
        n_segments = database.execute("SELECT count(*) FROM segment").fetchone()[0]
        if revision < 0:
            return "whole" if not ops and not texts else "broken"
        right = ops == written == wanted and texts == [(str(revision),)] and n_segments == revision + 1
        return "whole" if right else "broken"
    except sqlite3.DatabaseError:
        return "broken"
    finally:
        database.close()


def check_files(image, acknowledged):
    """File k holds its own number many times over."""
    found = {path.name: path.read_bytes() for path in image.glob("derived/ab/*/file-*")}
    if any(content != name.encode() * 2000 for name, content in found.items()):
        return "broken"
    return "whole" if all(f"file-{number}" in found for number in range(acknowledged + 1)) else "lost"


def test_no_acknowledged_save_is_lost(run):
    assert run(check_saves, "steps", N_SAVES) == {"whole": N_IMAGES, "lost": 0, "broken": 0}


@pytest.mark.parametrize(("synchronous", "harm"), [("NORMAL", "lost"), ("OFF", "lost"), ("OFF", "broken")])
def test_with_less_syncing_the_same_check_sees_harm(run, synchronous, harm):
    assert run(check_saves, "steps", N_SAVES, synchronous)[harm] > 0


def test_no_acknowledged_file_is_lost(run):
    assert run(check_files, "put", "20") == {"whole": N_IMAGES, "lost": 0, "broken": 0}


@pytest.mark.parametrize(("unsynced", "harm"), [("folders", "lost"), ("files", "broken")])
def test_without_syncing_files_the_same_check_sees_harm(run, unsynced, harm):
    assert run(check_files, "put", "20", unsynced)[harm] > 0
