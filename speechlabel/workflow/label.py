"""Label: open a recording for a person, save edits, read the journal."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from speechlabel.errors import InputError, NotFoundError
from speechlabel.records import Project, Recording, Segment, Speaker, Transcript
from speechlabel.store.base import Batch, Saved
from speechlabel.store.workspace import Workspace
from speechlabel.workflow.ingest import refuse_changed

__all__ = ["Opened", "open_recording", "precedence", "save", "shown_transcript"]

AUTHOR = re.compile(r"user:[^\s:]{1,100}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """Everything the editor needs to show a recording."""

    project: Project
    recording: Recording
    transcript: Transcript
    segments: list[Segment]
    speakers: list[Speaker]
    undo: list[dict[str, Any]]  # own steps, oldest first: {step, undoes, forward, inverse}


def shown_transcript(workspace: Workspace, project_id: str, recording_id: str) -> Transcript:
    """Return the transcript that "the recording" means: newest by a person > engine > import > segmenter.

    Raises
    ------
    NotFoundError
        The recording is not prepared yet.
    """
    found = workspace.store.transcripts(project_id, recording_id)
    if not found:
        raise NotFoundError("transcript of recording", recording_id, hint="prepare the recording first")
    return max(found, key=precedence)


def precedence(transcript: Transcript) -> tuple[int, str, str]:
    """Sort key: the greatest transcript of a recording is the one that is shown and exported."""
    rank = {"gold": 4, "user": 3, "import": 2, "engine": 1, "vad": 0}
    place = rank.get(transcript.author.partition(":")[0], 0)
    # A pass that a person opened and never changed is a copy; it must not hide what was made since.
    is_copy = place == rank["user"] and transcript.revision == 0 and transcript.parent_id is not None
    return -1 if is_copy else place, transcript.created_at, transcript.id


def open_recording(workspace: Workspace, project_id: str, recording_id: str, *, author: str) -> Opened:
    """Open a recording: the author's own pass, begun as a copy of what is shown now.

    Raises
    ------
    NotFoundError
        There is no such project or recording, or it is not prepared yet.
    InputError
        The author is not ``user:<name>``, or preparing the recording failed.
    ChangedError
        The audio is not the file that was taken in.
    """
    if not AUTHOR.fullmatch(author):
        raise InputError(f"author {author!r} is not user:<name>")
    store = workspace.store
    project = store.project(project_id)
    recording = store.recording(project_id, recording_id)
    if recording.state == "failed":
        raise InputError(f"{recording.name!r} could not be prepared: {recording.error}")
    refuse_changed(recording)
    source = shown_transcript(workspace, project_id, recording_id)
    for item in store.transcripts(project_id, recording_id):
        if item.author == author and item.id != source.id and item.parent_id not in (None, source.id):
            store.delete_untouched(item.id)  # a copy of something older
    transcript = store.open_pass(project_id, recording_id, author, source.id)
    reading = store.read(transcript.id)
    return Opened(
        project=project,
        recording=recording,
        transcript=reading.transcript,
        segments=reading.segments,
        speakers=reading.speakers,
        undo=store.undo_steps(transcript.id, author),
    )


def save(workspace: Workspace, transcript_id: str, batch: Batch) -> Saved:
    """Apply a batch of edits; returns only when it is safely on disk.

    Raises
    ------
    ConflictError
        An edit names an old version or none, or the op id was used for something else.
    RecordError
        An edit breaks a rule of the records.
    """
    return workspace.store.save(transcript_id, batch)
