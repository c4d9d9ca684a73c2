"""Which stretches of a recording somebody has labelled, so that the rest is not taken for silence."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from speechlabel.formats import Labelled
from speechlabel.records import Recording, Segment

__all__ = ["labelled_spans"]


def labelled_spans(
    segments: Sequence[Segment], left_out: Collection[str], recording: Recording, *, by_person: bool = True
) -> tuple[Labelled, ...]:
    """Return the stretches that somebody has labelled.

    A segment that goes out is labelled; so is a pause if all segments that it lies between do, the start and
    the end of the recording included.  Channel by channel.  A channel without any segment is labelled if a
    person went over the recording (``by_person``), else nobody has heard it.
    """
    used = {item.channel for item in segments}
    by_channel = recording.layout == "separate" and None not in used
    lanes: list[int | None] = list(range(recording.channels)) if by_channel else [None]
    spans: list[Labelled] = []
    for lane in lanes:
        mine = [item for item in segments if lane is None or item.channel == lane]
        if mine or by_person:
            spans += [Labelled(lane, *span) for span in _labelled(mine, left_out, recording.duration_us)]
    return tuple(spans)


def _labelled(
    segments: Sequence[Segment], left_out: Collection[str], duration_us: int
) -> list[tuple[int, int]]:
    going = [(item.start_us, item.end_us) for item in segments if item.id not in left_out]
    # Nobody has said that the pauses beside a segment that stays in are pauses: its edges may move.
    starts = {item.start_us for item in segments if item.id in left_out}
    ends = {item.end_us for item in segments if item.id in left_out}
    pauses = _between(_joined([(item.start_us, item.end_us) for item in segments]), duration_us)
    return _joined([*going, *(pause for pause in pauses if pause[0] not in ends and pause[1] not in starts)])


def _joined(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the union of spans, in order."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def _between(spans: Sequence[tuple[int, int]], duration_us: int) -> list[tuple[int, int]]:
    """Return what spans, ordered and apart, leave of a recording."""
    edges = [0, *(edge for span in spans for edge in span), duration_us]
    pairs = zip(edges[::2], edges[1::2], strict=True)
    return [(start, end) for start, end in pairs if start < end]
