"""Which stretches of a recording somebody has labelled, so that the rest is not taken for silence."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from speechlabel.formats import Labelled
from speechlabel.records import Recording, Segment

__all__ = ["labelled_spans"]


def labelled_spans(
    segments: Sequence[Segment], left_out: Collection[str], recording: Recording, *, by_person: bool = True
) -> tuple[Labelled, ...]:
    """Return the stretches that somebody has labelled, so that the rest is not taken for silence.

    A segment that goes out is labelled; so is the pause between two neighbours that both go out, and the
    head and tail of a recording whose first and last segment do.  Channel by channel.  A channel without
    any segment is labelled if a person went over the recording (``by_person``), else nobody has heard it.
    """
    used = {item.channel for item in segments}
    by_channel = recording.layout == "separate" and None not in used
    lanes: list[int | None] = list(range(recording.channels)) if by_channel else [None]
    spans: list[Labelled] = []
    for lane in lanes:
        mine = [item for item in segments if lane is None or item.channel == lane]
        holes: list[tuple[int, int]] = [] if mine or by_person else [(0, recording.duration_us)]
        before = 0  # where the segments so far end
        for index, item in enumerate(mine):
            if item.id in left_out:
                # Up to both neighbours: nobody has said that the pauses beside it are pauses.
                after = mine[index + 1].start_us if index + 1 < len(mine) else recording.duration_us
                holes.append((min(before, item.start_us), max(after, item.end_us)))
            before = max(before, item.end_us)
        going = [(item.start_us, item.end_us) for item in mine if item.id not in left_out]
        spans += [Labelled(lane, *span) for span in _joined(_without(recording.duration_us, holes) + going)]
    return tuple(spans)


def _joined(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the union of spans, in order."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def _without(duration_us: int, holes: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    at = 0
    for start, end in sorted(holes):
        if start > at:
            spans.append((at, start))
        at = max(at, end)
    if at < duration_us:
        spans.append((at, duration_us))
    return spans
