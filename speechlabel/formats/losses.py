"""What an export would lose, told from what the format carries, before anything is written."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence

from speechlabel.drafts import DEFAULTS
from speechlabel.formats.base import Bundle, Format, Labelled, Loss
from speechlabel.records import Recording, Segment, Speaker

__all__ = ["ExpectedLosses", "Tally", "expected_losses"]

MOST_IDS = 100  # ids kept as examples in one loss
NOT_CARRIED = "is not carried"
ALWAYS = {"id", "start_us", "end_us", "version"}  # told by place, or not data of the label
SPEAKER_FIELDS = tuple(
    item.name for item in dataclasses.fields(Speaker) if item.name not in {"id", "name", "version"}
)


class Tally:
    """Counts losses by (field, reason) while something is written, in the order they were first met."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], tuple[int, tuple[str, ...]]] = {}

    def add(self, field: str, reason: str, id: str) -> None:
        """Note that ``id`` loses (part of) a field."""
        count, ids = self._found.get((field, reason), (0, ()))
        self._found[field, reason] = count + 1, (*ids, id) if count < MOST_IDS else ids

    def losses(self) -> tuple[Loss, ...]:
        """All that was noted."""
        return tuple(Loss(*key, *value) for key, value in self._found.items())


class ExpectedLosses:
    """Counts, recording by recording, the fields in use that a format does not carry.

    What a format changes case by case (a blank in a name, a line break in a text) it reports when it writes.
    """

    def __init__(self, format: Format) -> None:
        self._format = format
        self._tally = Tally()
        self._asked = {name: value for name, value in DEFAULTS.items() if name not in ALWAYS | format.carries}

    def add(
        self,
        recording: Recording,
        segments: Sequence[Segment],
        speakers: Iterable[Speaker],
        labelled: Iterable[Labelled],
    ) -> None:
        """Count one recording, its segments in the order in which they are written."""
        tally, step = self._tally, self._format.time_step_us
        if not segments:
            tally.add("recording", "without segments: left out", recording.id)
        if any(span[1:] != (0, recording.duration_us) for span in labelled):
            tally.add("labelled", "which stretches are labelled is not told", recording.id)
        for segment in segments:
            for field, default in self._asked.items():
                if getattr(segment, field) != default and (field != "channel" or recording.channels > 1):
                    tally.add(field, NOT_CARRIED, segment.id)  # one channel and the mix of it are the same
            if step > 1 and (segment.start_us % step or segment.end_us % step):
                tally.add("times", f"rounded to {step} µs", segment.id)
        for field, speaker in _speaker_fields(sorted(speakers, key=lambda item: item.id)):
            tally.add(field, NOT_CARRIED, speaker.id)

    def losses(self, guideline: str | None) -> tuple[Loss, ...]:
        """Return what is lost of all that was counted, and of the guideline."""
        found = self._tally.losses()
        if guideline:
            found = (*found, Loss("guideline", NOT_CARRIED, 1, ("guideline",)))
        return tuple(loss for loss in found if loss.field not in self._format.carries)


def expected_losses(bundle: Bundle, format: Format) -> tuple[Loss, ...]:
    """Fields in use that ``format`` does not carry, with how many records use each."""
    expected = ExpectedLosses(format)
    for recording, segments in bundle.stream():
        speakers = bundle.speakers.get(recording.id, ())
        expected.add(recording, segments, speakers, bundle.labelled.get(recording.id, ()))
    return expected.losses(bundle.guideline)


def _speaker_fields(speakers: Iterable[Speaker]) -> Iterator[tuple[str, Speaker]]:
    for speaker in speakers:
        for field in SPEAKER_FIELDS:
            if getattr(speaker, field) not in (None, {}):
                yield f"speaker.{field}", speaker
