"""A workspace with a project in it, and a hand to label with."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import pytest

from speechlabel.edits import Delete, Insert, Update
from speechlabel.records import Segment, Transcript
from speechlabel.store.base import Batch
from speechlabel.store.workspace import Workspace, open_workspace
from speechlabel.workflow.ingest import ingest
from speechlabel.workflow.label import open_recording, save
from speechlabel.workflow.prepare import prepare
from speechlabel.workflow.projects import create_project

NUMBERS = itertools.count()


@dataclass
class Desk:
    """A project in a workspace, and what a labeller does there."""

    workspace: Workspace
    project: str = "p"

    def take(self, *paths):
        """Take recordings in and prepare them; returns their ids."""
        report = ingest(self.workspace, self.project, paths)
        assert not report.failed, report.failed
        ids = [item.id for item in report.added]
        assert not prepare(self.workspace, self.project, ids).failed
        return ids

    def open(self, recording: str, author: str = "user:me"):
        return open_recording(self.workspace, self.project, recording, author=author)

    def save(self, transcript: Transcript, *edits) -> None:
        batch = Batch(op_id=f"op{next(NUMBERS)}", author="user:me", edits=edits)
        save(self.workspace, transcript.id, batch)

    def label(self, recording: str, *segments: Segment) -> Transcript:
        """Put these segments in the place of all that a recording has."""
        opened = self.open(recording)
        gone = [Delete(target="segment", id=item.id, version=item.version) for item in opened.segments]
        self.save(opened.transcript, *gone, *(Insert(target="segment", record=item) for item in segments))
        return opened.transcript

    def change(self, recording: str, **fields) -> None:
        """Change every segment of a recording."""
        opened = self.open(recording)
        self.save(
            opened.transcript,
            *(
                Update(target="segment", id=item.id, version=item.version, changes=fields)
                for item in opened.segments
            ),
        )


@pytest.fixture
def desk(tmp_path):
    with open_workspace(tmp_path / "data") as workspace:
        create_project(workspace, "p", language="en")
        yield Desk(workspace)
