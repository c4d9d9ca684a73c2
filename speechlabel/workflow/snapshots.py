"""Snapshots of a project: numbered, immutable, the same bytes for the same work, and told what they are of.

``make_snapshot`` writes one; ``list_snapshots`` and ``load_snapshot`` read; ``export(…,
selection=Selection(snapshot=3))`` delivers one in any format; ``compare`` and ``correct`` tell two apart.
"""

from __future__ import annotations

import dataclasses
import hashlib
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
from filelock import FileLock, Timeout

from speechlabel import formats
from speechlabel.errors import InputError, WorkspaceError
from speechlabel.formats import Export
from speechlabel.records import Recording
from speechlabel.store.workspace import Workspace
from speechlabel.timing import now
from speechlabel.workflow.outgoing import Spool, bundle_of
from speechlabel.workflow.planning import Plan, Survey, nothing_goes_out
from speechlabel.workflow.selection import Selection
from speechlabel.workflow.shelf import (
    ABOUT,
    Index,
    Snapshot,
    find_snapshot,
    home_of,
    list_snapshots,
    load_snapshot,
    read_index,
    reserve,
    snapshot_at,
    write_index,
)

__all__ = [
    "MadeSnapshot",
    "Snapshot",
    "find_snapshot",
    "list_snapshots",
    "load_snapshot",
    "make_snapshot",
]

LOCK = "lock"
PATIENCE_S = 600
READ_ONLY = 0o444
PART = ".making-"


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeSnapshot:
    """A snapshot of what goes out now; ``is_new`` is false where the last one holds all that already."""

    snapshot: Snapshot
    is_new: bool
    plan: Plan

    def to_dict(self) -> dict[str, Any]:
        """Return the snapshot, whether it is new, and which recordings are not prepared yet."""
        return self.snapshot.to_dict() | {
            "is_new": self.is_new,
            "not_prepared": list(self.plan.not_prepared),
        }


def make_snapshot(
    workspace: Workspace, project_id: str, *, selection: Selection | None = None, again: bool = False
) -> MadeSnapshot:
    """Keep what would go out of a project now as its next snapshot; it appears whole or not at all.

    Where the last snapshot holds the same, asked for in the same way, that one is returned.

    Parameters
    ----------
    selection : what goes into it, as into an aligned manifest: by default what is done, valid and has text
    again : make another, with a number of its own, also where nothing has changed

    Raises
    ------
    ExportError
        No segment would go into it (the message says why each stays out), or the disk refused.
    InputError
        The selection is of a snapshot.
    WorkspaceError
        ``locked``: another snapshot of the project is being made and does not end; ``full``; ``unwritable``.
    """
    selection = selection or Selection()
    if selection.snapshot is not None:
        raise InputError("a snapshot is made of a project as it is now, not of another snapshot")
    home = home_of(workspace, workspace.store.project(project_id).id)
    writer = formats.get("native")
    with _alone(home), Spool() as spool, TemporaryDirectory(prefix=PART, dir=home) as name:
        survey = Survey(
            workspace, project_id, writer, selection, keep=lambda item, part: spool.put(item.id, part)
        )
        plan = survey.run()
        if plan.n_in == 0:
            raise nothing_goes_out(plan)
        recordings = plan.bundle.recordings
        bundle = bundle_of(plan.project, [_anywhere(item) for item in recordings], spool.get)
        facts = plan.snapshot | {"segments": plan.n_in, "duration_us": plan.in_us}
        made = Path(name) / "made"
        formats.dump_as(writer, Export(bundle=bundle, snapshot=facts), made)
        index = read_index(home)
        last = _last(home, index)
        if last is not None and not again and _content(made) == _content(last.path):
            return MadeSnapshot(snapshot=last, is_new=False, plan=plan)
        return MadeSnapshot(snapshot=_keep(home, index, made, recordings), is_new=True, plan=plan)


def _keep(home: Path, index: Index, made: Path, recordings: tuple[Recording, ...]) -> Snapshot:
    """Give what was made its number and its place."""
    for path in made.iterdir():
        path.chmod(READ_ONLY)
    index.last += 1
    number = index.last
    # Told first: a number that was given is given, whatever happens next.
    index.made[number] = {
        "created_at": now(),
        "digest": hashlib.sha256((made / ABOUT).read_bytes()).hexdigest(),
    }
    reserve(index, recordings)
    write_index(home, index)
    made.rename(home / str(number))
    return snapshot_at(home, index, number)


@contextmanager
def _alone(home: Path) -> Generator[None]:
    """Let one at a time make snapshots of a project, whichever process it is in."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        lock = FileLock(home / LOCK, timeout=PATIENCE_S, thread_local=False)
        lock.acquire()
    except Timeout as error:
        raise WorkspaceError(
            "locked", f"another snapshot of {home.name!r} is being made; try again when that is done"
        ) from error
    except OSError as error:
        raise _unwritable(home, error) from error
    try:
        for part in home.glob(f"{PART}*"):  # of a process that was killed: nobody else is here
            shutil.rmtree(part, ignore_errors=True)
        yield
    except OSError as error:
        raise _unwritable(home, error) from error
    finally:
        lock.release()


def _unwritable(home: Path, error: OSError) -> WorkspaceError:
    return WorkspaceError("unwritable", f"{str(home)!r} cannot be written: {error.strerror or error}")


def _anywhere(recording: Recording) -> Recording:
    """Take off what depends on the machine and the hour at which a recording was taken in."""
    return dataclasses.replace(recording, path="", is_stored=False, modified_ns=0, created_at="")


def _last(home: Path, index: Index) -> Snapshot | None:
    return snapshot_at(home, index, index.last) if (home / str(index.last) / ABOUT).is_file() else None


def _content(folder: Path) -> dict[str, Any]:
    """Return what makes two snapshots the same: their content, and what was asked for."""
    about = orjson.loads((folder / ABOUT).read_bytes())
    asked = {name: about["source"].get(name) for name in ("project", "language", "include", "filter")}
    return {"files": about["files"], "asked": asked}
