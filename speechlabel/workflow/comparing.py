"""What differs between two snapshots: segments added, changed and dropped, hours, error rates of the texts.

A segment is told by the ids of its recording and its own.  It is changed if anything that an export could
write of it is another: its times, text, labels, or what is known of its speaker.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, NamedTuple

from speechlabel.formats import Bundle
from speechlabel.metrics.error_rate import TextErrors
from speechlabel.records import Segment, Speaker
from speechlabel.store.workspace import Workspace
from speechlabel.workflow.shelf import find_snapshot, load_snapshot

__all__ = ["Change", "Comparison", "Share", "Side", "changes", "compare", "compare_bundles"]

MOST_WORST = 20
MOST_EXAMPLES = 200
TIMES = ("start_us", "end_us")
OWN = tuple(item.name for item in dataclasses.fields(Segment) if item.compare and item.name not in TIMES)
OF_SPEAKER = tuple(item.name for item in dataclasses.fields(Speaker) if item.compare and item.name != "id")
OF_RECORDING = ("name", "content_hash", "layout", "metadata")


class Side(NamedTuple):
    """A segment as it is in one of two snapshots."""

    segment: Segment
    speaker: Speaker | None
    language: str | None

    @property
    def speaker_name(self) -> str:
        """Name of who speaks; "" where nobody is told."""
        return self.speaker.name if self.speaker else ""


@dataclass(frozen=True)
class Change:
    """A segment in two snapshots; None where it is not there."""

    recording_id: str
    before: Side | None
    after: Side | None

    @property
    def segment_id(self) -> str:
        """Id of the segment."""
        side = self.after or self.before
        assert side is not None
        return side.segment.id

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """What differs where it is in both: fields of Segment, ``times``, ``speaker.<field>``."""
        if self.before is None or self.after is None or self.before == self.after:
            return ()
        old, new = self.before.segment, self.after.segment
        found = ["times"] if any(getattr(old, name) != getattr(new, name) for name in TIMES) else []
        found += [name for name in OWN if name != "language" and getattr(old, name) != getattr(new, name)]
        if self.before.language != self.after.language:
            found.append("language")
        if old.speaker == new.speaker:
            found += [
                f"speaker.{name}"
                for name in OF_SPEAKER
                if getattr(self.before.speaker, name, None) != getattr(self.after.speaker, name, None)
            ]
        return tuple(found)

    @property
    def kind(self) -> Literal["added", "changed", "dropped", "same"]:
        """What became of it."""
        if self.before is None:
            return "added"
        if self.after is None:
            return "dropped"
        return "changed" if self.fields else "same"

    def to_dict(self) -> dict[str, Any]:
        """Return where it is and what became of it, with both texts."""
        side = self.after or self.before
        assert side is not None
        return {
            "recording": self.recording_id,
            "segment": self.segment_id,
            "kind": self.kind,
            "fields": list(self.fields),
            "start_us": side.segment.start_us,
            "end_us": side.segment.end_us,
            "speaker": side.speaker_name,
            "text_before": self.before.segment.text if self.before else None,
            "text_after": self.after.segment.text if self.after else None,
        }


@dataclass(slots=True)
class Share:
    """What differs in one recording, or of one speaker in one recording."""

    recording: str
    speaker: str | None
    changed: int = 0
    errors: TextErrors = field(default_factory=TextErrors)

    def to_dict(self) -> dict[str, Any]:
        """Return the figures by name."""
        who = {} if self.speaker is None else {"speaker": self.speaker}
        return {"recording": self.recording, **who, "changed": self.changed, **self.errors.to_dict()}


@dataclass(slots=True, kw_only=True)
class Comparison:
    """What differs between two snapshots.

    Lengths are in microseconds.  ``errors`` is over the segments that both have a text of; the older one is
    the reference.  ``by_field`` counts changed segments by what changed; one may count several times.
    ``worst_recordings`` and ``worst_speakers`` are those with the most wrong characters.
    """

    older: int | None = None
    newer: int | None = None
    segments: tuple[int, int] = (0, 0)
    duration_us: tuple[int, int] = (0, 0)
    added: int = 0
    changed: int = 0
    dropped: int = 0
    same: int = 0
    added_us: int = 0
    dropped_us: int = 0
    by_field: Counter[str] = field(default_factory=Counter[str])
    errors: TextErrors = field(default_factory=TextErrors)
    worst_recordings: tuple[Share, ...] = ()
    worst_speakers: tuple[Share, ...] = ()
    recordings_added: tuple[str, ...] = ()
    recordings_dropped: tuple[str, ...] = ()
    recordings_changed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # pyright: ignore[reportUnknownVariableType]
    guideline_changed: bool = False
    examples: tuple[Change, ...] = ()

    @property
    def is_same(self) -> bool:
        """Whether nothing differs of any segment."""
        return not (self.added or self.changed or self.dropped)

    def to_dict(self) -> dict[str, Any]:
        """Return all figures by name; ``changes`` are the first of them."""
        return {
            "from": self.older,
            "to": self.newer,
            "segments": {"from": self.segments[0], "to": self.segments[1]},
            "duration_us": {
                "from": self.duration_us[0],
                "to": self.duration_us[1],
                "difference": self.duration_us[1] - self.duration_us[0],
                "added": self.added_us,
                "dropped": self.dropped_us,
            },
            "added": self.added,
            "changed": self.changed,
            "dropped": self.dropped,
            "same": self.same,
            "by_field": dict(self.by_field.most_common()),
            **self.errors.to_dict(),
            "worst_recordings": [item.to_dict() for item in self.worst_recordings],
            "worst_speakers": [item.to_dict() for item in self.worst_speakers],
            "recordings": {
                "added": list(self.recordings_added),
                "dropped": list(self.recordings_dropped),
                "changed": {id: list(names) for id, names in self.recordings_changed.items()},
            },
            "guideline_changed": self.guideline_changed,
            "changes": [item.to_dict() for item in self.examples],
        }


def compare(workspace: Workspace, project_id: str, older: int, newer: int) -> Comparison:
    """Compare two snapshots of a project, one recording in memory at a time.

    Raises
    ------
    NotFoundError
        There is no such project or snapshot.
    ParseError
        One of them was changed after it was made.
    """
    for number in (older, newer):
        find_snapshot(workspace, project_id, number)  # before either is read
    found = compare_bundles(
        load_snapshot(workspace, project_id, older), load_snapshot(workspace, project_id, newer)
    )
    found.older, found.newer = older, newer
    return found


def compare_bundles(older: Bundle, newer: Bundle) -> Comparison:
    """Compare two bundles; see ``compare``."""
    made = Comparison(guideline_changed=older.guideline != newer.guideline)
    _compare_recordings(made, older, newer)
    shares: dict[tuple[str, str | None], Share] = {}
    examples: list[Change] = []
    n_segments, lengths = [0, 0], [0, 0]
    for change in changes(older, newer):
        for number, side in enumerate((change.before, change.after)):
            if side is not None:
                n_segments[number] += 1
                lengths[number] += side.segment.duration_us
        _count(made, change, shares)
        if change.kind != "same" and len(examples) < MOST_EXAMPLES:
            examples.append(change)
    made.segments, made.duration_us = (n_segments[0], n_segments[1]), (lengths[0], lengths[1])
    made.worst_recordings = _worst(item for item in shares.values() if item.speaker is None)
    made.worst_speakers = _worst(item for item in shares.values() if item.speaker)
    made.examples = tuple(examples)
    return made


def changes(older: Bundle, newer: Bundle) -> Iterator[Change]:
    """Yield each segment of either bundle, what is the same too, by recording, start, end and id."""
    ids = {item.id for bundle in (older, newer) for item in bundle.recordings}
    for recording_id in sorted(ids):
        before, after = _sides(older, recording_id), _sides(newer, recording_id)
        found = [Change(recording_id, before.get(id), after.get(id)) for id in before.keys() | after.keys()]
        yield from sorted(found, key=_place)


def _place(change: Change) -> tuple[int, int, str]:
    side = change.after or change.before
    assert side is not None
    return side.segment.start_us, side.segment.end_us, side.segment.id


def _sides(bundle: Bundle, recording_id: str) -> dict[str, Side]:
    speakers = bundle.speakers_of(recording_id)
    return {
        item.id: Side(item, speakers.get(item.speaker or ""), bundle.language_of(recording_id, item))
        for item in bundle.segments.get(recording_id, ())
    }


def _count(made: Comparison, change: Change, shares: dict[tuple[str, str | None], Share]) -> None:
    kind, before, after = change.kind, change.before, change.after
    setattr(made, kind, getattr(made, kind) + 1)
    made.by_field.update(change.fields)
    if before is None or after is None:
        made.added_us += after.segment.duration_us if after else 0
        made.dropped_us += before.segment.duration_us if before else 0
        return
    texts = before.segment.text, after.segment.text
    keys: list[tuple[str, str | None]] = [(change.recording_id, None)]
    if after.speaker_name:
        keys.append((change.recording_id, after.speaker_name))
    mine = [shares.setdefault(key, Share(*key)) for key in keys]
    for share in mine:
        share.changed += kind == "changed"
    if texts[0] is not None and texts[1] is not None:
        for errors in (made.errors, *(share.errors for share in mine)):
            errors.add(texts[0], texts[1])


def _worst(shares: Iterator[Share]) -> tuple[Share, ...]:
    wrong = [item for item in shares if item.errors.characters.errors]
    wrong.sort(key=lambda item: (-item.errors.characters.errors, item.recording, item.speaker or ""))
    return tuple(wrong[:MOST_WORST])


def _compare_recordings(made: Comparison, older: Bundle, newer: Bundle) -> None:
    before = {item.id: item for item in older.recordings}
    after = {item.id: item for item in newer.recordings}
    made.recordings_added = tuple(sorted(after.keys() - before.keys()))
    made.recordings_dropped = tuple(sorted(before.keys() - after.keys()))
    changed: dict[str, tuple[str, ...]] = {}
    for id in sorted(before.keys() & after.keys()):
        names = [name for name in OF_RECORDING if getattr(before[id], name) != getattr(after[id], name)]
        if older.labelled.get(id) != newer.labelled.get(id):
            names.append("labelled")
        if names:
            changed[id] = tuple(names)
    made.recordings_changed = changed
