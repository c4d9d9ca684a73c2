"""What would go out of a project, counted in one pass that holds the segments of one recording at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from speechlabel import formats
from speechlabel.errors import ExportError
from speechlabel.formats import Bundle, Format, Loss
from speechlabel.records import Project, Recording, Segment, Transcript
from speechlabel.store.base import Reading
from speechlabel.store.workspace import Workspace
from speechlabel.version import __version__
from speechlabel.workflow.delivery import Delivery
from speechlabel.workflow.filtering import Seen
from speechlabel.workflow.outgoing import Part, bundle_of
from speechlabel.workflow.selection import Selection, exclusion, lacking, remedy
from speechlabel.workflow.sources import choose_source, settled
from speechlabel.workflow.wording import PLAIN as AS_IT_IS
from speechlabel.workflow.wording import Taken, losses_of, wording_of

__all__ = ["PLAIN", "Plan", "Survey", "nothing_goes_out", "plan"]

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
    taken: tuple[Loss, ...]  # what the guideline takes out for this format
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
    selection = settled(workspace, project_id, selection)
    return Survey(workspace, project_id, formats.get(format), selection).run()


def nothing_goes_out(chosen: Plan) -> ExportError:
    """Say why nothing goes out and what to do."""
    reasons = [f"{count} {reason}" for reason, count in chosen.excluded.items()]
    if chosen.not_prepared:
        reasons.append(f"{len(chosen.not_prepared)} recordings not prepared")
    why = ", ".join(reasons) or "there are no segments"
    has_none = chosen.not_prepared and not chosen.excluded
    advice = "prepare them first" if has_none else "label segments and mark them as done"
    if chosen.remedy:
        advice += f", or include {' and '.join(chosen.remedy)} to export them as they are"
    message = f"no segment would be exported from {chosen.project.name!r}: {why}; {advice}"
    return ExportError(message, remedy=chosen.remedy)


class Survey:
    """One pass over a project or a snapshot of it, in the order of an export.

    Parameters
    ----------
    keep
        Called with each recording that goes out and its part, before the next one is read.

    Its parts and bundles are as they were labelled, so that splits and filters know them; ``wording`` is
    still to be applied when they are written.
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
        self._source = choose_source(workspace, project_id, selection)
        self.project = self._source.project
        self.writer = writer.bound(self.project.guideline)
        self._selection, self._keep, self._delivery = selection, keep, delivery
        # What is written back into a copy differs by what was edited, and by nothing else.
        self.wording = (
            AS_IT_IS
            if delivery.merge_back
            else wording_of(self.project.guideline, writer.name, layer=delivery.layer)
        )
        self._taken: Taken = Counter()
        self._transcripts: dict[str, tuple[Recording, Transcript]] = {}
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
        wanted = self._source.recordings()
        for recording in sorted(wanted, key=lambda item: item.id):
            if transcript := self._source.transcript(recording):
                self._transcripts[recording.id] = recording, transcript
                self._take(recording, self._delivery.worded(self._source.read(transcript)))
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
            taken=losses_of(self._taken),
            snapshot={
                "tool": "speechlabel",
                "tool_version": __version__,
                "project": self.project.id,
                "language": self.project.language,
                "include": sorted(self._selection.include),
                **({"filter": self._selection.filter.to_dict()} if self._selection.filter else {}),
                **({"layer": layer} if (layer := self._delivery.layer or self.wording.layer) else {}),
                "transcripts": self._facts,
                "excluded": excluded,
                **self._source.facts,
            },
        )

    def bundle(self, recordings: Sequence[Recording]) -> Bundle:
        """Make a bundle of recordings, read anew."""
        return bundle_of(self.project, recordings, self._read)

    def _read(self, recording_id: str) -> Part:
        recording, transcript = self._transcripts[recording_id]
        reading = self._delivery.worded(self._source.read(transcript))
        return self._part(recording, reading, self._left_out(reading))

    def _take(self, recording: Recording, reading: Reading) -> None:
        left_out = self._left_out(reading)
        left_out |= self._said_before(reading, left_out)
        self._excluded.update(left_out.values())
        for segment in self._out(reading):
            if segment.id in left_out:
                self._lacks[lacking(segment, self.writer, self._selection.include)] += 1
        part = self._part(recording, reading, left_out)
        self.wording.changed(part.segments, part.speakers, self._taken)
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

    def _out(self, reading: Reading) -> list[Segment]:
        """Return the segments as they would be written, in the same order."""
        return self.wording.changed(reading.segments, reading.speakers)[0]

    def _left_out(self, reading: Reading) -> dict[str, str]:
        """Segments that stay out, with the reason of each."""
        names = {speaker.id: speaker.name for speaker in reading.speakers}
        found: dict[str, str] = {}
        for item, out in zip(reading.segments, self._out(reading), strict=True):
            why = exclusion(out, self.writer, self._selection.include) or self._selection.filter.reason(
                item, names.get(item.speaker or "", ""), item.language or self.project.language
            )
            if why is None and (reading.transcript.recording_id, item.id) in self._again:
                why = "duplicate"
            only = self._selection.only
            if why is None and only is not None and (reading.transcript.recording_id, item.id) not in only:
                why = "unchanged"
            if why:
                found[item.id] = why
        return found

    def _said_before(self, reading: Reading, left_out: Collection[str]) -> dict[str, str]:
        """Segments that say what one before them says."""
        if not self._selection.filter.distinct:
            return {}
        names = {speaker.id: speaker.name for speaker in reading.speakers}
        found: dict[str, str] = {}
        for item, out in zip(reading.segments, self._out(reading), strict=True):
            if item.id not in left_out and self._seen.is_again(out, names.get(item.speaker or "", "")):
                found[item.id] = "duplicate"
                self._again.add((reading.transcript.recording_id, item.id))
        return found

    def _part(self, recording: Recording, reading: Reading, left_out: Collection[str]) -> Part:
        return Part(
            segments=[item for item in reading.segments if item.id not in left_out],
            speakers=tuple(reading.speakers),
            labelled=self._source.labelled(recording, reading, left_out),
        )
