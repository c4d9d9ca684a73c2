"""What a template's fields stand for: each looked up in the thing that is being written."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar, cast

from speechlabel.formats.base import Export
from speechlabel.formats.examples import examples, speaker_key, utterance_id
from speechlabel.records import Event, Recording, Segment, Speaker, Word
from speechlabel.template_parts import Loop, Ref, Scope

__all__ = ["LOOKUP", "Place", "Span", "inside"]

T = TypeVar("T")
SIDES = ("left", "right")


class Span(int):
    """A time or a length in microseconds, to be written in the unit of the template."""


@dataclass(kw_only=True)
class Place:
    """Where in an export one is: the recording, the segment in it, and so on; the outer ones stay known."""

    export: Export
    out: Path
    index: int = 1
    recording: Recording | None = None
    segments: Sequence[Segment] = ()
    speakers: Mapping[str, Speaker] = field(default_factory=dict[str, Speaker])
    clips: Mapping[str, str] = field(default_factory=dict[str, str])  # segment id → file of its own
    segment: Segment | None = None
    speaker: Speaker | None = None
    part: Word | Event | None = None
    counts: dict[str, int] = field(default_factory=dict[str, int])  # recording id → segments, of those met

    def value(self, ref: Ref) -> object:
        """Return what a field says here; None where it says nothing."""
        if ref.scope == "index":
            return self.index
        found = LOOKUP[ref.scope][ref.field](self)
        if not ref.key:
            return found
        return cast("Mapping[str, object]", found).get(ref.key) if isinstance(found, Mapping) else None

    def each(self, loop: str) -> Iterator[Place]:
        """Give the places of a list, in the order of an export; ``index`` counts them from 1."""
        for at, place in enumerate(self._each(loop), 1):
            place.index = at
            yield place

    def _each(self, loop: str) -> Iterator[Place]:
        if loop == "recordings":
            yield from self.recordings()
        elif self.recording is None:
            for place in self.recordings():
                yield from place.each(loop)
        elif loop == "segments":
            for item in self.segments:
                speaker = self.speakers.get(item.speaker or "")
                yield dataclasses.replace(self, segment=item, speaker=speaker)
        elif loop == "speakers":
            for who in self.speakers.values():
                yield dataclasses.replace(self, speaker=who)
        elif self.segment is not None:
            parts = self.segment.words if loop == "words" else self.segment.events
            for part in parts:
                yield dataclasses.replace(self, part=part)

    def recordings(self) -> Iterator[Place]:
        """Give the place of each recording; segments are cut out here where the export asks for it."""
        for at, (recording, segments) in enumerate(self.export.bundle.stream(), 1):
            self.counts[recording.id] = len(segments)
            heard = {item.speaker for item in segments}
            known = self.export.bundle.speakers_of(recording.id)
            yield dataclasses.replace(
                self,
                index=at,
                recording=recording,
                segments=segments,
                speakers={id: who for id, who in known.items() if id in heard},  # of what goes out
                clips=self._cut(recording, segments),
            )

    def _cut(self, recording: Recording, segments: Sequence[Segment]) -> dict[str, str]:
        if not self.export.is_cut:
            return {}
        wanted = [item for item in segments if item.duration_us]
        return {made.segment.id: made.audio for made in examples(self.export, recording, wanted, self.out)}

    def audio(self) -> str | None:
        """Return the path of what is spoken of: the segment's own file, else that of the recording."""
        if self.segment is not None and self.segment.id in self.clips:
            return self.clips[self.segment.id]
        return self.export.recording_path(_known(self.recording), self.out)

    def channel_audio(self) -> str | None:
        """Return the path of a file that holds the channel of the segment alone."""
        recording, segment = _known(self.recording), _known(self.segment)
        if not self.export.has_audio(recording, segment.channel):
            return None
        return self.export.audio_path(recording, segment.channel, self.out)


def inside(place: Place, loop: Loop, refs: Mapping[str, Ref]) -> Iterator[Place]:
    """Give the places of a list that are wanted; ``index`` counts those from 1."""
    at = 0
    for found in place.each(loop.each):
        if all(_is(found.value(refs[name]), wanted) for name, wanted in loop.where.items()):
            at += 1
            found.index = at
            yield found


def _is(value: object, wanted: object) -> bool:
    if isinstance(wanted, list):
        return any(_is(value, one) for one in cast("list[object]", wanted))
    if isinstance(value, tuple):
        return wanted in value
    return value == wanted and isinstance(value, bool) == isinstance(wanted, bool)


def _known(thing: T | None) -> T:
    assert thing is not None, "the fields of a template are checked with the thing that they are of"
    return thing


Get = Callable[[Place], Any]


def _of_recording(name: str) -> Get:
    return lambda at: getattr(_known(at.recording), name)


def _of_segment(name: str) -> Get:
    return lambda at: getattr(_known(at.segment), name)


def _of_speaker(name: str) -> Get:
    return lambda at: None if at.speaker is None else getattr(at.speaker, name)


def _of_part(name: str) -> Get:
    return lambda at: getattr(_known(at.part), name)


def _base(path: str | None) -> str | None:
    return None if path is None else PurePosixPath(path).name


def _side(channel: int | None, recording: Recording | None) -> str | None:
    is_pair = channel in (0, 1) and _known(recording).channels == len(SIDES)
    return SIDES[channel or 0] if is_pair else None


def _number(channel: int | None) -> int | None:
    return None if channel is None else channel + 1


def _channel(at: Place) -> int | None:
    """Channel of a segment; of a recording of one channel that one."""
    recording, segment = _known(at.recording), _known(at.segment)
    return 0 if recording.channels == 1 else segment.channel


def _span(us: int | None) -> Span | None:
    return None if us is None else Span(us)


def _length(at: Place) -> Span | None:
    part = _known(at.part)
    if part.start_us is None or part.end_us is None:
        return None
    return Span(part.end_us - part.start_us)


def _valid(at: Place) -> Span:
    return Span(sum(item.duration_us for item in at.segments if item.is_valid and item.kind == "speech"))


PART: dict[str, Get] = {
    "start": lambda at: _span(_known(at.part).start_us),
    "end": lambda at: _span(_known(at.part).end_us),
    "duration": _length,
    "score": _of_part("score"),
}
LOOKUP: Mapping[Scope, Mapping[str, Get]] = {
    "project": {
        "id": lambda at: at.export.snapshot.get("project") or at.export.bundle.recordings[0].project_id,
        "n_recordings": lambda at: len(at.export.bundle.recordings),
    },
    "recording": {
        **{
            name: _of_recording(name)
            for name in (
                *("id", "name", "sample_rate", "channels", "layout", "container", "codec", "size_bytes"),
                *("content_hash", "created_at", "metadata"),
            )
        },
        "stem": lambda at: PurePosixPath(_known(at.recording).name).stem,
        "duration": lambda at: Span(_known(at.recording).duration_us),
        "language": lambda at: at.export.bundle.languages.get(_known(at.recording).id),
        "n_segments": lambda at: len(at.segments),
        "n_speakers": lambda at: len(at.speakers),
        "valid_duration": _valid,
        "audio": lambda at: at.export.recording_path(_known(at.recording), at.out),
        "audio.name": lambda at: _base(at.export.recording_path(_known(at.recording), at.out)),
    },
    "segment": {
        **{
            name: _of_segment(name)
            for name in (
                *("id", "channel", "kind", "text", "speaker", "noise_labels", "tags", "is_valid", "fields"),
                *("invalid_reason", "custom", "status", "is_locked", "confidence", "note", "tier"),
                "parent_id",
            )
        },
        "utterance_id": lambda at: utterance_id(_known(at.recording).id, _known(at.segment).id),
        "start": lambda at: Span(_known(at.segment).start_us),
        "end": lambda at: Span(_known(at.segment).end_us),
        "duration": lambda at: Span(_known(at.segment).duration_us),
        "channel_number": lambda at: _number(_channel(at)),
        "side": lambda at: _side(_known(at.segment).channel, at.recording),
        "language": lambda at: at.export.bundle.language_of(_known(at.recording).id, _known(at.segment)),
        "events": lambda at: tuple(event.label for event in _known(at.segment).events),
        "words": lambda at: tuple(word.word for word in _known(at.segment).words),
        "valid": _of_segment("is_valid"),
        "audio": Place.audio,
        "audio.name": lambda at: _base(at.audio()),
        "audio.channel": Place.channel_audio,
    },
    "speaker": {
        **{
            name: _of_speaker(name)
            for name in (
                *("id", "name", "role", "gender", "age_band", "accent", "language", "channel", "color"),
                "custom",
            )
        },
        "key": lambda at: None if at.speaker is None else speaker_key(_known(at.recording).id, at.speaker.id),
        "channel_number": lambda at: None if at.speaker is None else _number(at.speaker.channel),
        "side": lambda at: None if at.speaker is None else _side(at.speaker.channel, at.recording),
    },
    "word": {"word": _of_part("word"), **PART},
    "event": {"label": _of_part("label"), **PART},
}
