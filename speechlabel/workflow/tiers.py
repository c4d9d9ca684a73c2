"""What a tier of an annotation file means: a speaker, a channel, a further text, a label, or nothing.

A rule is ``TIER=MEANING``; a tier is found by its name or by that of the speaker who was made from it:

- ``speaker:NAME`` (``speaker:`` alone: the tier's own name), ``nobody``: who speaks in it;
- ``channel:N``, from 0: where it is heard;
- ``layer:FIELD``: its texts belong to the segments they overlap most, as that field of theirs;
- ``label:NAME``: its segments bear that noise label;
- ``skip``: left out.
"""

from __future__ import annotations

import dataclasses
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

from speechlabel.errors import InputError
from speechlabel.records import Segment, Speaker

__all__ = ["Meaning", "TierCount", "apply_tiers", "count_tiers", "parse_meaning"]

Kind = Literal["speaker", "nobody", "channel", "layer", "label", "skip"]
KINDS = ("speaker", "nobody", "channel", "layer", "label", "skip")


class Meaning(NamedTuple):
    """What a tier stands for."""

    kind: Kind
    value: str = ""


class TierCount(NamedTuple):
    """A tier as it was found."""

    name: str
    segments: int
    duration_us: int
    example: str  # the first text in it


def parse_meaning(text: str) -> Meaning:
    """Read a meaning such as ``speaker:Anna``, ``channel:1`` or ``skip``.

    Raises
    ------
    InputError
        It is none.
    """
    kind, _, value = text.strip().partition(":")
    kind, value = kind.strip(), value.strip()
    lacks_value = kind in ("channel", "layer", "label") and not value
    if kind not in KINDS or lacks_value or (kind in ("nobody", "skip") and value):
        known = "speaker:NAME, nobody, channel:N, layer:FIELD, label:NAME, skip"
        raise InputError(f"{text!r} is not what a tier can be: {known}")
    if kind == "channel" and not (value.isascii() and value.isdecimal() and len(value) < 4):
        raise InputError(f"{text!r}: a channel is a number from 0")
    return Meaning(kind, value)


def count_tiers(segments: Iterable[Segment], speakers: Iterable[Speaker]) -> list[TierCount]:
    """Count what lies in each tier, in the order they are met."""
    names = {speaker.id: speaker.name for speaker in speakers}
    found: dict[str, TierCount] = {}
    for segment in segments:
        name = _tier(segment, names)
        known = found.get(name, TierCount(name, 0, 0, ""))
        found[name] = TierCount(
            name,
            known.segments + 1,
            known.duration_us + segment.duration_us,
            known.example or (segment.text or "")[:80],
        )
    return list(found.values())


def apply_tiers(
    segments: Sequence[Segment],
    speakers: Sequence[Speaker],
    meanings: Mapping[str, Meaning],
    recording_id: str,
) -> tuple[list[Segment], list[Speaker], list[str]]:
    """Give the segments and speakers of a recording by what its tiers mean, and notes on what found no place.

    Parameters
    ----------
    segments : sorted by start
    meanings : mapping of tier to its meaning; a tier without one stays as it was read
    """
    names = {speaker.id: speaker.name for speaker in speakers}
    people = {speaker.name: speaker for speaker in speakers}
    kept: list[Segment] = []
    layers: list[tuple[Segment, str]] = []
    for segment in segments:
        tier = _tier(segment, names)
        kind, value = meanings.get(tier, Meaning("speaker", names.get(segment.speaker or "", "")))
        if tier not in meanings:
            kept.append(segment)
        elif kind == "layer":
            layers.append((segment, value))
        elif kind == "speaker":
            name = value or tier
            if name not in people:
                people[name] = Speaker(id=_free(f"{recording_id}-t{len(people) + 1}", people), name=name)
            kept.append(dataclasses.replace(segment, speaker=people[name].id, tier=None))
        elif kind == "nobody":
            kept.append(dataclasses.replace(segment, speaker=None, tier=None))
        elif kind == "channel":
            kept.append(dataclasses.replace(segment, channel=int(value)))
        elif kind == "label":
            labels = (*segment.noise_labels, *((value,) if value not in segment.noise_labels else ()))
            kept.append(dataclasses.replace(segment, noise_labels=labels, speaker=None, tier=None))
    homeless = _lay(kept, layers)
    used = {segment.speaker for segment in kept}
    notes = [
        f"{item.text!r:.60} of tier {_tier(item, names)!r} at {item.start_us / 1e6:g} s lies over no segment"
        for item in homeless
    ]
    return kept, [speaker for speaker in people.values() if speaker.id in used], notes


def _tier(segment: Segment, names: Mapping[str, str]) -> str:
    return segment.tier or names.get(segment.speaker or "", "")


def _free(id: str, people: Mapping[str, Speaker]) -> str:
    taken = {speaker.id for speaker in people.values()}
    while id in taken:
        id += "x"
    return id


def _lay(kept: list[Segment], layers: Iterable[tuple[Segment, str]]) -> list[Segment]:
    """Write each text of a layer into the segment that it overlaps most; give those that overlap none."""
    order = sorted(range(len(kept)), key=lambda at: kept[at].start_us)
    starts = [kept[at].start_us for at in order]
    longest = max((segment.duration_us for segment in kept), default=0)
    homeless: list[Segment] = []
    for segment, field in layers:
        first = bisect_left(starts, segment.start_us - longest)
        last = bisect_left(starts, max(segment.end_us, segment.start_us + 1))
        at = max(order[first:last], key=lambda at: _overlap(kept[at], segment), default=None)
        if at is None or _overlap(kept[at], segment) <= 0:
            homeless.append(segment)
            continue
        before = kept[at].fields.get(field)
        text = f"{before} {segment.text}" if before else (segment.text or "")
        kept[at] = dataclasses.replace(kept[at], fields={**kept[at].fields, field: text})
    return homeless


def _overlap(one: Segment, other: Segment) -> int:
    return min(one.end_us, max(other.end_us, other.start_us + 1)) - max(one.start_us, other.start_us)
