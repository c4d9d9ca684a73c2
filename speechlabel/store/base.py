"""What a store is: the protocol, its laws, and the records that only a store gives.

``speechlabel.testing.StoreContract`` checks every law against a real store.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from speechlabel.edits import Edit
from speechlabel.records import Project, Recording, Segment, Speaker, Transcript

__all__ = ["Batch", "Counts", "JournalEntry", "Reading", "Saved", "SideDraft", "Spoken", "Store"]

Versions = Mapping[str, Mapping[str, int]]  # {"segment": {id: version}, "speaker": {id: version}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Edits that are accepted or refused together.

    ``visit`` names a stay in one segment: typing under one visit is one undo step.  ``undoes`` names the
    step that this batch takes back.  ``lease`` is for ``workflow``; a store does not look at it.
    """

    op_id: str
    author: str
    edits: Sequence[Edit]
    visit: str | None = None
    lease: str | None = None
    undoes: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """Answer to an accepted batch; ``versions`` names the records it touched that still exist."""

    op_id: str
    revision: int
    versions: Versions
    dup: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """One change of one record.

    ``before`` is None for an insert, ``after`` for a delete; an update has only the changed fields.
    ``step`` joins what one undo takes back: the visit, or the op.
    """

    transcript_id: str
    revision: int
    op_id: str
    step: str
    undoes: str | None
    visit: str | None
    author: str
    stage: str
    time: str
    target: str
    record_id: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SideDraft:
    """A batch that was refused, so that nothing typed is lost; ``edits`` and ``conflicts`` are JSON."""

    transcript_id: str
    op_id: str
    author: str
    time: str
    revision: int  # of the transcript when it was refused
    reason: str
    edits: Sequence[Mapping[str, Any]]
    conflicts: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A transcript with its segments and speakers, all as of one revision."""

    transcript: Transcript
    segments: list[Segment]
    speakers: list[Speaker]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Figures of one transcript, counted when asked for."""

    transcript: Transcript
    segments: int = 0
    by_status: Mapping[str, int] = field(default_factory=dict)  # pyright: ignore[reportUnknownVariableType]
    invalid: int = 0
    valid_us: int = 0  # summed length of the valid segments
    done_us: int = 0  # … of those that are done as well

    @property
    def done(self) -> int:
        """Number of segments that are done."""
        return self.by_status.get("done", 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """What one speaker says in one transcript, counted when asked for."""

    segments: int = 0
    locked: int = 0  # of those, segments that are locked
    length_us: int = 0  # their summed length


class Store(Protocol):
    """Projects, recordings, transcripts, segments, speakers and the journal of their changes.

    Laws
    ----
    1.  A batch is whole: every edit of it is stored, or none is, and a reader never sees half.
    2.  When ``save`` returns, the batch is on the disk: neither a killed process nor a power cut loses it.
        When it raises, nothing of the batch is stored.
    3.  The same ``op_id`` with the same content answers the same again, with ``dup=True``, and changes
        nothing; with other content it is refused (``op_reused``).  A lost answer can always be sent again.
    4.  Each accepted batch raises the transcript's revision by one; a segment's version is the revision that
        last changed it.  A speaker's version is a number that this recording never used before (several
        transcripts share the speakers, each with its own revisions).
    5.  An edit that names another version than the current one refuses the whole batch (``stale``); the
        batch is kept as a side draft.
    6.  No edit puts a segment past the end of a recording whose length is known, or on a channel that a
        recording of several does not have; none removes a speaker whom a segment of this transcript, or of
        another person's, still names.
    7.  Undoing every step of the journal, newest first, gives the transcript as it was added, unless a visit
        was gone on with after another step had changed its records.
    8.  Every method may be called from any thread.  What is returned is never changed afterwards.

    Methods that name something that is not there raise ``NotFoundError``; a list of what belongs to
    something that is not there is empty.  Any method may raise ``WorkspaceError``: ``full`` and
    ``unwritable`` heal by themselves when the disk does, ``locked`` asks to try again.  A store that was
    opened for reading raises ``ConflictError("read_only")`` on a write.
    """

    def create_project(self, project: Project) -> Project:
        """Add a project; returned with ``created_at``.  A taken id raises ``RecordError``."""
        ...

    def projects(self) -> list[Project]:
        """Every project, oldest first."""
        ...

    def project(self, id: str) -> Project:
        """One project."""
        ...

    def update_project(self, id: str, /, **fields: Any) -> Project:  # noqa: ANN401 - fields of Project
        """Change fields of a project; an unknown field or a bad value raises ``RecordError``."""
        ...

    def delete_project(self, id: str) -> None:
        """Remove a project with all that belongs to it."""
        ...

    def add_recording(self, recording: Recording) -> Recording:
        """Add a recording; returned with ``created_at``.  A taken id raises ``RecordError``."""
        ...

    def recordings(self, project_id: str) -> list[Recording]:
        """Every recording of a project, oldest first."""
        ...

    def recording(self, project_id: str, id: str) -> Recording:
        """One recording."""
        ...

    def find_recording(self, project_id: str, content_hash: str) -> Recording | None:
        """Find the oldest recording with that content, or None."""
        ...

    def update_recording(self, project_id: str, id: str, /, **fields: Any) -> Recording:  # noqa: ANN401
        """Change fields of a recording; an unknown field or a bad value raises ``RecordError``."""
        ...

    def delete_recording(self, project_id: str, id: str) -> None:
        """Remove a recording with its transcripts and speakers."""
        ...

    def add_transcript(
        self, transcript: Transcript, segments: Iterable[Segment], speakers: Iterable[Speaker]
    ) -> Transcript:
        """Add a transcript with its segments, whole or not at all, and those speakers that are new.

        A taken id, two segments of one id, or a segment with no place in the recording (law 6) raises
        ``RecordError``.
        """
        ...

    def transcripts(self, project_id: str, recording_id: str) -> list[Transcript]:
        """Transcripts of a recording, oldest first."""
        ...

    def transcript(self, id: str) -> Transcript:
        """One transcript."""
        ...

    def delete_transcript(self, id: str) -> None:
        """Remove a transcript with its segments and journal; the recording's speakers stay."""
        ...

    def delete_untouched(self, id: str) -> bool:
        """Remove a transcript unless something was saved to it, or refused; returns whether it was removed.

        To look first and remove then would lose a save that comes in between.
        """
        ...

    def segments(self, transcript_id: str) -> list[Segment]:
        """Segments sorted by start, end and id."""
        ...

    def speakers(self, project_id: str, recording_id: str) -> list[Speaker]:
        """Speakers of a recording, sorted by id."""
        ...

    def read(self, transcript_id: str) -> Reading:
        """Transcript, segments and speakers of one moment: what an editor opens and an export writes."""
        ...

    def open_pass(
        self, project_id: str, recording_id: str, author: str, source_transcript_id: str | None
    ) -> Transcript:
        """Give a person's transcript of a recording, made as a copy of the source when there is none.

        Segment ids survive the copy.  Without a source a new pass is empty.
        """
        ...

    def save(self, transcript_id: str, batch: Batch) -> Saved:
        """Apply a batch of edits.

        Raises
        ------
        ConflictError
            ``stale`` (with ``conflicts``), ``version_missing``, ``op_reused`` or ``read_only``.
        RecordError
            An edit breaks a rule of the records, or law 6; or the batch is empty or has no op id.
        NotFoundError
            There is no such transcript.
        WorkspaceError
            It could not be written; sending it again is safe.
        """
        ...

    def keep(
        self,
        transcript_id: str,
        batch: Batch,
        reason: str,
        conflicts: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        """Keep a refused batch as a side draft (``save`` does so itself for stale ones)."""
        ...

    def side_drafts(self, transcript_id: str) -> list[SideDraft]:
        """Batches that were refused, oldest first; each once, however often it was sent."""
        ...

    def history(
        self,
        transcript_id: str,
        *,
        segment_id: str | None = None,
        author: str | None = None,
        limit: int = 1000,
    ) -> list[JournalEntry]:
        """Journal, newest first, of one segment or author if named."""
        ...

    def undo_steps(self, transcript_id: str, author: str, limit: int = 500) -> list[dict[str, Any]]:
        """Give the newest steps of an author, oldest first: ``{"step", "undoes", "forward", "inverse"}``.

        ``forward`` and ``inverse`` are edits in JSON form with version None: whoever posts them fills in the
        versions that the records have then.
        """
        ...

    def counts(self, project_id: str) -> dict[str, list[Counts]]:
        """Count: recording id → figures of each of its transcripts, oldest first."""
        ...

    def spoken(self, project_id: str) -> dict[str, dict[str, Spoken]]:
        """Count: transcript id → speaker id → what that speaker says; whoever says nothing is left out."""
        ...

    def close(self) -> None:
        """Let go of the database; the store cannot be used afterwards."""
        ...
