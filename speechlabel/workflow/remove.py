"""Remove: a recording or a whole project, with all that was made of it; a person's own files stay.

What goes: the rows (transcripts, segments, speakers, the journal, refused batches), the derived files (peaks,
a proxy) and an upload that the workspace keeps, these two unless another recording has the same content; with
a project its snapshots.  Those of a recording stay: a snapshot never changes.
Audio that is referenced where it lies is never touched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from speechlabel.records import Recording
from speechlabel.store.workspace import Workspace
from speechlabel.workflow.ingest import TAKING
from speechlabel.workflow.label import precedence
from speechlabel.workflow.projects import find_project
from speechlabel.workflow.rename import named_recording
from speechlabel.workflow.samples import note_removed
from speechlabel.workflow.shelf import forget_snapshots
from speechlabel.workflow.splitting import forget_splits

__all__ = ["Removal", "removal", "remove_files", "remove_project", "remove_recording"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """What goes, or has gone, with a recording or project; counted in the transcripts that are shown."""

    recordings: int
    duration_us: int
    segments: int
    done: int
    done_us: int
    worked_on: int  # recordings in which a person has saved something

    def to_dict(self) -> dict[str, Any]:
        """Return the figures by name."""
        return asdict(self)


def removal(workspace: Workspace, project: str, recording: str | None = None) -> Removal:
    """Count what would go with a project, or with one recording of it; each by id or name.

    Raises
    ------
    NotFoundError
        There is no such project or recording.
    InputError
        Several recordings have that name.
    """
    id = find_project(workspace, project).id
    one = [] if recording is None else [named_recording(workspace, id, recording)]
    return _count(workspace, id, one if recording is not None else workspace.store.recordings(id))


def remove_recording(workspace: Workspace, project: str, recording: str) -> Removal:
    """Remove a recording (by id or name) for good; returns what has gone.

    An editor that has it open keeps what it could not save, and says that the recording is gone.

    Raises
    ------
    NotFoundError
        There is no such project or recording.
    InputError
        Several recordings have that name.
    """
    found = named_recording(workspace, project, recording)
    gone = _count(workspace, found.project_id, [found])
    workspace.store.delete_recording(found.project_id, found.id)
    note_removed(workspace, found)
    remove_files(workspace, [found])
    return gone


def remove_project(workspace: Workspace, project: str) -> Removal:
    """Remove a project (by id or name) with all its recordings, for good; returns what has gone.

    Raises
    ------
    NotFoundError
        There is no such project.
    """
    id = find_project(workspace, project).id
    recordings = workspace.store.recordings(id)
    gone = _count(workspace, id, recordings)
    workspace.store.delete_project(id)
    forget_snapshots(workspace, id)
    forget_splits(workspace, id)
    remove_files(workspace, recordings)
    return gone


def remove_files(workspace: Workspace, recordings: Sequence[Recording]) -> None:
    """Remove the files of recordings that are gone from the workspace, save those that another one needs."""
    blobs = workspace.blobs
    with TAKING:  # nobody takes in the same content between the look and the removal
        store = workspace.store
        left = [item for project in store.projects() for item in store.recordings(project.id)]
        known = {item.content_hash for item in left}
        stored = {item.content_hash for item in left if item.is_stored}
        for item in recordings:
            if item.content_hash not in known:
                blobs.drop_derived(item.content_hash)
            if item.is_stored and item.content_hash not in stored:
                blobs.drop_upload(item.content_hash)


def _count(workspace: Workspace, project_id: str, recordings: Sequence[Recording]) -> Removal:
    counts = workspace.store.counts(project_id)
    of_each = [counts.get(item.id, []) for item in recordings]
    shown = [max(found, key=lambda count: precedence(count.transcript)) for found in of_each if found]
    return Removal(
        recordings=len(recordings),
        duration_us=sum(item.duration_us for item in recordings),
        segments=sum(item.segments for item in shown),
        done=sum(item.done for item in shown),
        done_us=sum(item.done_us for item in shown),
        worked_on=sum(
            any(
                count.transcript.author.startswith("user:") and count.transcript.revision > 0
                for count in found
            )
            for found in of_each
        ),
    )
