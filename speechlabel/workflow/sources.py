"""Where an export takes its segments from: the project as it is now, or a snapshot of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Protocol

from speechlabel.errors import InputError, NotFoundError
from speechlabel.formats import Labelled
from speechlabel.records import Project, Recording, Segment, Transcript
from speechlabel.store.base import Reading
from speechlabel.store.workspace import Workspace
from speechlabel.workflow.labelled import labelled_spans
from speechlabel.workflow.selection import Selection, chosen_transcript, wanted_recordings
from speechlabel.workflow.shelf import find_snapshot, load_snapshot

__all__ = ["Source", "choose_source", "settled"]


class Source(Protocol):
    """What an export reads."""

    project: Project
    facts: Mapping[str, Any]  # what an export tells of it besides transcripts

    def recordings(self) -> list[Recording]:
        """Return the recordings that are wanted."""
        ...

    def transcript(self, recording: Recording) -> Transcript | None:
        """Return the transcript of a recording that goes out, if there is one."""
        ...

    def read(self, transcript: Transcript) -> Reading:
        """Read a transcript."""
        ...

    def labelled(
        self, recording: Recording, reading: Reading, left_out: Collection[str]
    ) -> tuple[Labelled, ...]:
        """Return the stretches that are labelled once some segments are left out."""
        ...


def choose_source(workspace: Workspace, project_id: str, selection: Selection) -> Source:
    """Return what a selection is taken from.

    Raises
    ------
    NotFoundError
        There is no such project or snapshot.
    ParseError
        The snapshot was changed after it was made.
    """
    if selection.snapshot is None:
        return _Live(workspace, project_id, selection)
    return _Frozen(workspace, project_id, selection, selection.snapshot)


def settled(workspace: Workspace, project_id: str, selection: Selection | None) -> Selection:
    """Return a selection with what a snapshot took in: all that it holds goes out.

    Raises
    ------
    InputError
        It asks a snapshot for more than that holds.
    NotFoundError
        There is no such project or snapshot.
    """
    selection = selection or Selection()
    if selection.snapshot is None:
        return selection
    include = frozenset(find_snapshot(workspace, project_id, selection.snapshot).include)
    if selection.transcripts or not selection.include <= include:
        raise InputError(
            f"snapshot {selection.snapshot} holds what it was made of, no other transcripts and nothing that "
            "it left out; make a snapshot that includes them"
        )
    return dataclasses.replace(selection, include=include)


class _Live:
    """The project as it is now."""

    def __init__(self, workspace: Workspace, project_id: str, selection: Selection) -> None:
        self.project = workspace.store.project(project_id)
        self.facts: Mapping[str, Any] = {}
        self._workspace, self._selection = workspace, selection

    def recordings(self) -> list[Recording]:
        known = self._workspace.store.recordings(self.project.id)
        return wanted_recordings(known, self.project.id, self._selection)

    def transcript(self, recording: Recording) -> Transcript | None:
        return chosen_transcript(self._workspace, recording, self._selection.transcripts)

    def read(self, transcript: Transcript) -> Reading:
        return self._workspace.store.read(transcript.id)

    def labelled(
        self, recording: Recording, reading: Reading, left_out: Collection[str]
    ) -> tuple[Labelled, ...]:
        by_person = not reading.transcript.author.startswith("vad:")
        return labelled_spans(reading.segments, left_out, recording, by_person=by_person)


class _Frozen:
    """A snapshot."""

    def __init__(self, workspace: Workspace, project_id: str, selection: Selection, number: int) -> None:
        self._bundle = load_snapshot(workspace, project_id, number)
        self._selection = selection
        self._snapshot = find_snapshot(workspace, project_id, number)
        made_from = self._snapshot.made_from
        self.project = dataclasses.replace(
            workspace.store.project(project_id),
            guideline=self._bundle.guideline or "",
            language=made_from["language"],
        )
        self.facts: Mapping[str, Any] = {"snapshot": {"number": number, "digest": self._snapshot.digest}}

    def recordings(self) -> list[Recording]:
        known = list(self._bundle.recordings)
        try:
            return wanted_recordings(known, self.project.id, self._selection)
        except NotFoundError as error:
            hint = f"in snapshot {self._snapshot.number} of project {self.project.id}"
            raise NotFoundError("recording", error.data["id"], hint=hint) from error

    def transcript(self, recording: Recording) -> Transcript | None:
        facts = self._snapshot.made_from["transcripts"][recording.id]
        return Transcript(
            id=facts["id"],
            project_id=self.project.id,
            recording_id=recording.id,
            author=facts["author"],
            revision=facts["revision"],
        )

    def read(self, transcript: Transcript) -> Reading:
        id = transcript.recording_id
        return Reading(
            transcript=transcript,
            segments=list(self._bundle.segments.get(id, ())),
            speakers=list(self._bundle.speakers.get(id, ())),
        )

    def labelled(
        self, recording: Recording, reading: Reading, left_out: Collection[str]
    ) -> tuple[Labelled, ...]:
        spans = self._bundle.labelled.get(recording.id, ())
        if not left_out:
            return spans
        gone = [item for item in reading.segments if item.id in left_out]
        return tuple(
            part
            for span in spans
            for part in _without(span, [item for item in gone if span.channel in (None, item.channel)])
        )


def _without(span: Labelled, gone: Sequence[Segment]) -> Iterator[Labelled]:
    """Give what segments that stay in leave of a labelled stretch."""
    start = span.start_us
    for item in sorted(gone, key=lambda item: item.start_us):
        if start < min(item.start_us, span.end_us):
            yield Labelled(span.channel, start, min(item.start_us, span.end_us))
        start = max(start, item.end_us)
    if start < span.end_us:
        yield Labelled(span.channel, start, span.end_us)
