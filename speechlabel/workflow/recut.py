"""Recut: which recordings can be segmented anew without anybody's work going out of sight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from speechlabel.records import Recording
from speechlabel.store.base import Counts
from speechlabel.store.workspace import Workspace
from speechlabel.workflow.label import precedence

__all__ = ["Recuttable", "recuttable"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recuttable:
    """The recordings of a project, parted by whether a new segmentation would be what is shown."""

    free: list[Recording]  # shown is what a segmenter made, or nothing yet
    worked_on: list[Recording]  # shown is a person's work, an import or a draft of an engine

    def find(self, recording_id: str) -> Recording | None:
        """Return a recording, if it is free."""
        return next((item for item in self.free if item.id == recording_id), None)


def recuttable(workspace: Workspace, project_id: str) -> Recuttable:
    """Part a project's recordings: those that can be segmented anew, and those that somebody worked on.

    One that is opened only to look at, without a change, is free.
    One whose changes were all undone is not: they can be done again, and the pass that holds them is what is
    shown, so a new segmentation would not be seen.  In the editor its segments can be cut again one by one.
    """
    counts = workspace.store.counts(project_id)
    free: list[Recording] = []
    worked_on: list[Recording] = []
    for recording in workspace.store.recordings(project_id):
        (free if _is_machine_made(counts.get(recording.id, [])) else worked_on).append(recording)
    return Recuttable(free=free, worked_on=worked_on)


def _is_machine_made(counts: Sequence[Counts]) -> bool:
    transcripts = [count.transcript for count in counts]
    if not transcripts:
        return True
    return max(transcripts, key=precedence).author.startswith("vad:")
