"""What would go out of a project, counted in one pass that holds the segments of one recording at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from speechlabel import formats
from speechlabel.formats import Bundle, Format
from speechlabel.records import Project, Recording
from speechlabel.store.base import Reading
from speechlabel.store.workspace import Workspace
from speechlabel.version import __version__
from speechlabel.workflow.delivery import Delivery
from speechlabel.workflow.filtering import Seen
from speechlabel.workflow.labelled import labelled_spans
from speechlabel.workflow.outgoing import Part, bundle_of
from speechlabel.workflow.selection import (
    Selection,
    chosen_transcript,
    exclusion,
    lacking,
    remedy,
    wanted_recordings,
)

__all__ = ["PLAIN", "Plan", "Survey", "plan"]

PLAIN = Delivery()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What an export would hold.  Its bundle reads the segments of one recording at a time, as they are then.

    ``remedy`` names what to include where no segment goes out, if that would help.
    """

    project: Project
    bundle: Bundle
    n_in: int
    in_us: int
    excluded: dict[str, int]  # reason → number of segments
    remedy: tuple[str, ...]
    not_prepared: tuple[str, ...]  # names of recordings without a transcript
    snapshot: dict[str, Any]


def plan(workspace: Workspace, project_id: str, format: str, selection: Selection | None = None) -> Plan:
    """Count what goes out, in one pass that holds the segments of one recording at a time.

    Raises
    ------
    NotFoundError
        A recording or transcript that is named does not exist.
    UnknownNameError
        There is no such format.
    """
    return Survey(workspace, project_id, formats.get(format), selection or Selection()).run()


class Survey:
    """One pass over a project, in the order of an export.

    Parameters
    ----------
    keep
        Called with each recording that goes out and its part, before the next one is read.
    """

    def __init__(
        self,
        workspace: Workspace,
        project_id: str,
        writer: Format,
        selection: Selection,
        *,
        delivery: Delivery = PLAIN,
        keep: Callable[[Recording, Part], None] | None = None,
    ) -> None:
        self.project = workspace.store.project(project_id)
        self._workspace, self._writer, self._selection, self._keep = workspace, writer, selection, keep
        self._delivery = delivery
        self._transcripts: dict[str, tuple[Recording, str]] = {}
        self._facts: dict[str, Any] = {}
        self._excluded: Counter[str] = Counter()
        self._lacks: Counter[frozenset[str]] = Counter()
        self.n_in: Counter[str] = Counter()  # by recording id
        self._seen = Seen(selection.filter.distinct)
        self._again: set[tuple[str, str]] = set()  # recording and segment: what was said before
        self._in_us = 0

    def run(self) -> Plan:
        """Pass over all that is wanted.

        Raises
        ------
        NotFoundError
            A recording or transcript that is named does not exist.
        """
        wanted = wanted_recordings(self._workspace, self.project.id, self._selection)
        for recording in sorted(wanted, key=lambda item: item.id):
            if transcript := chosen_transcript(self._workspace, recording, self._selection.transcripts):
                self._transcripts[recording.id] = recording, transcript.id
                self._take(recording, self._delivery.worded(self._workspace.store.read(transcript.id)))
        excluded = dict(sorted(self._excluded.items()))
        n_in = self.n_in.total()
        return Plan(
            project=self.project,
            bundle=self.bundle([item for item in wanted if item.id in self._transcripts]),
            n_in=n_in,
            in_us=self._in_us,
            excluded=excluded,
            remedy=remedy(self._lacks) if n_in == 0 else (),
            not_prepared=tuple(item.name for item in wanted if item.id not in self._transcripts),
            snapshot={
                "tool": "speechlabel",
                "tool_version": __version__,
                "project": self.project.id,
                "language": self.project.language,
                "include": sorted(self._selection.include),
                **({"filter": self._selection.filter.to_dict()} if self._selection.filter else {}),
                **({"layer": self._delivery.layer} if self._delivery.layer else {}),
                "transcripts": self._facts,
                "excluded": excluded,
            },
        )

    def bundle(self, recordings: Sequence[Recording]) -> Bundle:
        """Make a bundle of recordings, read anew."""
        return bundle_of(self.project, recordings, self._read)

    def _read(self, recording_id: str) -> Part:
        recording, transcript_id = self._transcripts[recording_id]
        reading = self._delivery.worded(self._workspace.store.read(transcript_id))
        return _part(recording, reading, self._left_out(reading))

    def _take(self, recording: Recording, reading: Reading) -> None:
        left_out = self._left_out(reading)
        left_out |= self._said_before(reading, left_out)
        self._excluded.update(left_out.values())
        for segment in reading.segments:
            if segment.id in left_out:
                self._lacks[lacking(segment, self._writer, self._selection.include)] += 1
        part = _part(recording, reading, left_out)
        self.n_in[recording.id] = len(part.segments)
        self._in_us += sum(item.duration_us for item in part.segments)
        transcript = reading.transcript
        self._facts[recording.id] = {
            "id": transcript.id,
            "author": transcript.author,
            "revision": transcript.revision,
        }
        if self._keep is not None:
            self._keep(recording, part)

    def _left_out(self, reading: Reading) -> dict[str, str]:
        """Segments that stay out, with the reason of each."""
        names = {speaker.id: speaker.name for speaker in reading.speakers}
        found: dict[str, str] = {}
        for item in reading.segments:
            why = exclusion(item, self._writer, self._selection.include) or self._selection.filter.reason(
                item, names.get(item.speaker or "", ""), item.language or self.project.language
            )
            if why is None and (reading.transcript.recording_id, item.id) in self._again:
                why = "duplicate"
            if why:
                found[item.id] = why
        return found

    def _said_before(self, reading: Reading, left_out: Collection[str]) -> dict[str, str]:
        """Segments that say what one before them says."""
        if not self._selection.filter.distinct:
            return {}
        names = {speaker.id: speaker.name for speaker in reading.speakers}
        found: dict[str, str] = {}
        for item in reading.segments:
            if item.id not in left_out and self._seen.is_again(item, names.get(item.speaker or "", "")):
                found[item.id] = "duplicate"
                self._again.add((reading.transcript.recording_id, item.id))
        return found


def _part(recording: Recording, reading: Reading, left_out: Collection[str]) -> Part:
    by_person = not reading.transcript.author.startswith("vad:")
    return Part(
        segments=[item for item in reading.segments if item.id not in left_out],
        speakers=tuple(reading.speakers),
        labelled=labelled_spans(reading.segments, left_out, recording, by_person=by_person),
    )
