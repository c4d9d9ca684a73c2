"""What was edited since a file was read: segments held against those that the file gives, by their links.

A reader leaves in ``custom[<format>]`` what ties a segment to its place in the file.  Edits keep it: of a
segment that was cut in two both parts have it, of two that were joined the first one's stays.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from speechlabel.formats.losses import Tally
from speechlabel.records import Recording, Segment, Speaker

__all__ = ["Changes", "InFile", "compare", "is_same_place", "tell_speakers", "told_untouched"]

K = TypeVar("K", bound=Hashable)
T = TypeVar("T", bound=Hashable)


@dataclass
class Changes(Generic[K, T]):
    """Segments by what became of them."""

    kept: dict[K, Segment]  # the one segment that stands for each place of the file
    parts: dict[K, list[Segment]]  # further segments that came of it
    added: list[Segment]  # those that the file has not: new ones, and all ``parts``
    gone: list[K]  # places whose segment was deleted
    homes: dict[T, str | None]  # what the segments of each tier say of whose they are
    untouched: set[T]  # tiers of which no segment is here: they were not taken in, and stay

    def tier_for(self, home: str | None) -> T | None:
        """Tier whose segments are of ``home``; None where there is none yet."""
        return next((tier for tier, name in self.homes.items() if name == home), None)


@dataclass
class InFile(Generic[K, T]):
    """What a file holds: segments by their place in it, the tier of a place, whose the tiers are."""

    originals: Mapping[K, Segment]
    tier_of: Callable[[K], T]
    homes: Mapping[T, str | None]


def compare(
    file: InFile[K, T],
    segments: Sequence[Segment],
    recording: Recording,
    *,
    key_of: Callable[[Segment], K | None],
    home_of: Callable[[Segment], str | None],
    known: Iterable[str | None],
) -> Changes[K, T]:
    """Tell what became of each segment of a file.

    Parameters
    ----------
    key_of : place that a segment of today is linked to
    home_of : what a segment of today says of whose it is
    known : homes that exist today, though they may have no segment: a tier whose home is none of them was
        given another when the file was taken in
    """
    originals, tier_of, homes = file.originals, file.tier_of, file.homes
    linked: dict[K, list[Segment]] = {}
    added: list[Segment] = []
    for segment in segments:
        key = key_of(segment)
        if key is not None and key in originals:
            linked.setdefault(key, []).append(segment)
        else:
            added.append(segment)
    votes: dict[T, Counter[str | None]] = {}
    for key, group in linked.items():
        votes.setdefault(tier_of(key), Counter()).update(home_of(segment) for segment in group)
    known = set(known)
    found: dict[T, str | None] = {}
    for tier, name in homes.items():
        count = votes.get(tier, Counter())
        is_own = name in count or name in known or not count
        found[tier] = name if is_own else count.most_common(1)[0][0]
    untouched = {tier for tier, name in homes.items() if tier not in votes and name not in known}
    kept: dict[K, Segment] = {}
    parts: dict[K, list[Segment]] = {}
    gone: list[K] = []
    for key, original in originals.items():
        group = linked.get(key)
        if group:
            first = min(group, key=lambda item: (-_shared(item, original), item.start_us, item.id))
            kept[key] = first
            if len(group) > 1:
                parts[key] = [item for item in group if item is not first]
                added += parts[key]
        elif tier_of(key) not in untouched and original.start_us < (recording.duration_us or 1 << 62):
            gone.append(key)
    return Changes(kept, parts, added, gone, found, untouched)


def _shared(segment: Segment, original: Segment) -> int:
    """Microseconds that two segments share; those that begin together come first."""
    shared = min(segment.end_us, original.end_us) - max(segment.start_us, original.start_us)
    return shared + (1 << 60) * (segment.start_us == original.start_us)


def is_same_place(segment: Segment, original: Segment, recording: Recording) -> bool:
    """Whether a segment lies where the file has it; what passed the audio's end was cut off."""
    end = min(original.end_us, recording.duration_us) if recording.duration_us else original.end_us
    return segment.start_us == original.start_us and segment.end_us in (end, original.end_us)


def tell_speakers(
    originals: Mapping[K, Segment],
    changes: Changes[K, T],
    speakers: Mapping[str, Speaker],
    tally: Tally,
    before: Iterable[Speaker],
) -> None:
    """Report segments of a tier that names no speaker of its own, where another speaker was given to them."""
    then = {speaker.id: speaker.name for speaker in before}
    for key, segment in changes.kept.items():
        now = speakers.get(segment.speaker or "")
        name = now.name if now is not None else segment.speaker
        if segment.tier is not None and name != then.get(originals[key].speaker or ""):
            tally.add("speaker", "the tier it stands in tells whose it is", segment.id)


def told_untouched(
    originals: Mapping[K, Segment],
    changes: Changes[K, T],
    tier_of: Callable[[K], T],
    names: Mapping[T, str] | None = None,
) -> list[str]:
    """Say which tiers stay because no segment of theirs is here: not taken in, or all deleted."""
    count = Counter(tier_of(key) for key in originals)
    return [
        f"tier {names[tier] if names else tier!r}: none of its {count[tier]} segments is here; it stays"
        for tier in changes.homes
        if tier in changes.untouched and count[tier]
    ]
