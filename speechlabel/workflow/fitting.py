"""An annotation put on its recording: tiers given their meaning, what passes the end cut off."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import NamedTuple

from speechlabel.formats import Bundle
from speechlabel.formats.gather import TO_THE_END_US
from speechlabel.records import Recording, Segment, Speaker, Transcript
from speechlabel.store.workspace import Workspace
from speechlabel.timing import format_seconds
from speechlabel.workflow.tiers import Meaning, apply_tiers

__all__ = ["Fitted", "fit", "is_same", "latest"]

LATE_US = 500_000  # a segment that ends later than this after the end of its recording is told


class Fitted(NamedTuple):
    """What a transcript is made of, and what was changed or lost on the way."""

    segments: list[Segment]
    speakers: list[Speaker]
    notes: list[str]


def fit(bundle: Bundle, id: str, recording: Recording, tiers: Mapping[str, Meaning]) -> Fitted:
    """Put what a bundle has of the recording ``id`` on the recording whose audio was found for it.

    Parameters
    ----------
    tiers : what tiers mean; one that is not named stays as it was read
    """
    notes: list[str] = []
    segments = sorted(
        bundle.segments.get(id, ()),
        key=lambda segment: (segment.start_us, segment.end_us, segment.id),
    )
    speakers = list(bundle.speakers.get(id, ()))
    if tiers:
        segments, speakers, notes = apply_tiers(segments, speakers, tiers, recording.id)
    fitted = [found for segment in segments if (found := _fit(segment, recording, notes))]
    return Fitted(fitted, speakers, notes)


def latest(workspace: Workspace, recording: Recording, author: str) -> Transcript | None:
    """Return the newest transcript of a recording by one author."""
    known = workspace.store.transcripts(recording.project_id, recording.id)
    before = [item for item in known if item.author == author]
    return before[-1] if before else None


def is_same(workspace: Workspace, transcript: Transcript, fitted: Fitted) -> bool:
    """Tell whether a transcript holds the same, whatever their versions."""
    reading = workspace.store.read(transcript.id)
    if len(reading.segments) != len(fitted.segments):
        return False
    ours = {segment.id: dataclasses.replace(segment, version=0) for segment in reading.segments}
    known = {speaker.id: speaker.name for speaker in reading.speakers}
    return all(
        ours.get(segment.id) == dataclasses.replace(segment, version=0) for segment in fitted.segments
    ) and all(speaker.id in known for speaker in fitted.speakers)


def _fit(segment: Segment, recording: Recording, notes: list[str]) -> Segment | None:
    """Put a segment into the recording: what passes its end is cut off, what lies beyond is left out."""
    end = recording.duration_us
    place = f"{segment.text or segment.kind!r:.40} at {format_seconds(segment.start_us, decimals=3)} s"
    if segment.channel is not None and segment.channel >= recording.channels:
        notes.append(f"{place}: {recording.name} has no channel {segment.channel + 1}; taken as of all")
        segment = dataclasses.replace(segment, channel=None)
    if segment.end_us <= end:
        return segment
    late = format_seconds(segment.end_us - end, decimals=3)
    if segment.start_us >= end:
        notes.append(f"{place}: begins after the end of {recording.name}: left out")
        return None
    if segment.end_us > end + LATE_US and segment.end_us != TO_THE_END_US:
        notes.append(f"{place}: ends {late} s after the end of {recording.name}: cut off there")
    return dataclasses.replace(
        segment, end_us=end, words=tuple(word for word in segment.words if (word.end_us or 0) <= end)
    )
