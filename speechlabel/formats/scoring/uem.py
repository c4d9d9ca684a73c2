"""UEM, the stretches of each recording that are scored: one region a line, as many a recording as there are.

Spec: NIST RT-09 evaluation plan.  Channels count from 1; ``NA`` is all of them.  What is in no region is
unknown, not silent, so regions are what speechlabel calls labelled; ``ignore`` segments are cut out of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

from speechlabel.errors import ParseError
from speechlabel.formats.base import Bundle, Export, Fault, Format, Labelled, Written, bare_recording
from speechlabel.formats.losses import Tally
from speechlabel.formats.names import STAND_INS, foreign_id
from speechlabel.formats.repairs import Repairs, mended
from speechlabel.formats.scoring.nist import (
    Channels,
    channel_of,
    channel_read,
    fields_of,
    first_line,
    seconds,
)
from speechlabel.formats.textlines import TextLines
from speechlabel.formats.times import on_grid
from speechlabel.records import Recording, Segment
from speechlabel.timing import format_seconds

__all__ = ["UemFormat", "dotted", "read_uem", "uem_faults", "uem_lines"]

SEVERAL = STAND_INS[1]


@dataclass(frozen=True)
class UemFormat(Format):
    """Which stretches are labelled, and nothing of what is in them."""

    decimals: Literal[3, 4, 5, 6] = 3

    name: ClassVar[str] = "uem"
    title: ClassVar[str] = "UEM"
    extensions: ClassVar[tuple[str, ...]] = (".uem",)
    spec: ClassVar[str] = "NIST RT-09 evaluation plan"
    carries: ClassVar[frozenset[str]] = frozenset({"recording", "labelled"})
    can_read: ClassVar[bool] = True
    can_write: ClassVar[bool] = True
    checked_by: ClassVar[tuple[str, ...]] = ("NIST md-eval", "pyannote.database")

    @property
    def time_step_us(self) -> int:
        """A unit of the last decimal."""
        return 10 ** (6 - self.decimals)

    def sniff(self, path: Path) -> bool:
        """Tell it by its name and four fields; one that lies beside an RTTM of its name belongs to that."""
        if path.is_dir():
            return any(_uem_files(path)) and not any(
                item.suffix.lower() == ".rttm" for item in path.iterdir()
            )
        if path.suffix.lower() != ".uem" or path.with_suffix(".rttm").is_file() or not path.is_file():
            return False
        return len(first_line(path)) == 4

    def write(self, export: Export, out: Path) -> Written:
        """Write ``segments.uem``; what is counted are its regions."""
        tally = Tally()
        count = 0
        with (out / "segments.uem").open("w", encoding="utf-8", newline="\n") as file:
            for recording, segments in export.bundle.stream():
                spans = export.labelled_spans(recording)
                for line in uem_lines(recording, segments, spans, self.decimals):
                    file.write(line)
                    count += 1
                for segment in segments:
                    if segment.kind == "ignore":
                        tally.add("segment", "to be ignored: cut out of the regions", segment.id)
                    else:
                        tally.add("segment", "only regions are told: left out", segment.id)
        return Written(segments=count, losses=tally.losses(), warnings=dotted(export.bundle.recordings))

    def read(self, path: Path) -> Bundle:
        """Read a file, or the UEM files of a folder, into recordings without segments."""
        repairs, notes = Repairs(), list[str]()
        labelled: dict[str, list[tuple[int, int, int]]] = {}
        for file in sorted(_uem_files(path)) if path.is_dir() else [path]:
            lines = TextLines(file)
            notes += [f"{file.name}: {note}" for note in lines.notes]
            for name, channel, start, end in read_uem(file, lines, repairs):
                labelled.setdefault(name, []).append((channel, start, end))
        recordings: list[Recording] = []
        channels = Channels()
        spans: dict[str, tuple[Labelled, ...]] = {}
        for name, found in labelled.items():
            id = foreign_id(name, spans)
            for channel, _, _ in found:
                channels.seen(id, channel)
            end = max(end for _, _, end in found)
            recordings.append(bare_recording(id, name, end, channels=channels.count(id)))
            spans[id] = tuple(
                Labelled(channels.index(id, channel), start, end) for channel, start, end in found
            )
        return Bundle(recordings=tuple(recordings), labelled=spans, notes=(*notes, *repairs.notes()))

    def faults(self, path: Path) -> Iterator[Fault]:
        """Lines that scorers refuse: not four fields, no times, a region that ends before it starts."""
        for file in sorted(_uem_files(path)) if path.is_dir() else [path]:
            yield from uem_faults(file)


def _uem_files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.iterdir() if path.suffix.lower() == ".uem" and path.is_file())


def read_uem(
    path: Path, lines: Iterable[tuple[int, str]], repairs: Repairs
) -> Iterator[tuple[str, int, int, int]]:
    """Regions as (file column, channel as ``channel_read`` gives it, start µs, end µs).

    Raises
    ------
    ParseError
        A line has no four fields, or they are no channel and times.
    """
    for number, line in lines:
        fields = fields_of(line)
        if not fields or fields[0].startswith(";;"):
            continue
        if len(fields) != 4:
            raise ParseError(path, f"{len(fields)} fields, but UEM has 4", line=number)
        channel = channel_read(path, number, fields[1], repairs)
        span = mended(
            path, number, seconds(path, number, fields[2]), seconds(path, number, fields[3]), repairs
        )
        if span is not None:
            yield fields[0], channel, *span


def uem_faults(path: Path) -> Iterator[Fault]:
    """Faults of one file."""
    try:
        for number, line in TextLines(path):
            fields = fields_of(line)
            if not fields or fields[0].startswith(";;"):
                continue
            if len(fields) != 4:
                yield Fault(path.name, number, f"{len(fields)} fields, but UEM has 4")
                continue
            try:
                if fields[1].upper() != "NA":
                    channel_of(path, number, fields[1])
                start, end = seconds(path, number, fields[2]), seconds(path, number, fields[3])
            except ParseError as error:
                yield Fault(path.name, number, error.data["reason"])
                continue
            if start < 0 or end <= start:
                yield Fault(path.name, number, "the region does not end after its start")
    except ParseError as error:
        yield Fault(path.name, error.data["line"], error.data["reason"])


def dotted(recordings: Iterable[Recording]) -> tuple[str, ...]:
    """Warn of names whose regions md-eval does not find: there it takes what follows a dot for an ending."""
    names = [recording.id for recording in recordings if "." in recording.id]
    more = " …" if len(names) > 3 else ""
    told = (
        f"{', '.join(names[:3])}{more}: md-eval does not find the regions of a recording with a dot in its id"
    )
    return (told,) if names else ()


def uem_lines(
    recording: Recording, segments: list[Segment], spans: Iterable[Labelled], decimals: int
) -> Iterator[str]:
    """Lines of a recording: its labelled stretches without what is to be ignored, channel after channel."""
    spans = tuple(spans)
    used = {segment.channel for segment in segments} | {span.channel for span in spans}
    separate = recording.channels > 1 and any(channel is not None for channel in used)
    for channel in range(recording.channels) if separate else (None,):
        wanted = [(span.start_us, span.end_us) for span in spans if _hears(span.channel, channel)]
        holes = [
            (segment.start_us, segment.end_us)
            for segment in segments
            if (segment.kind == "ignore" or segment.speaker == SEVERAL) and _hears(segment.channel, channel)
        ]
        for start, end in _without(_joined(wanted), _joined(holes)):
            start, end = on_grid(start, end, 10 ** (6 - decimals), recording.duration_us)
            times = " ".join(format_seconds(time, decimals=decimals) for time in (start, end))
            yield f"{recording.id} {1 + (channel or 0)} {times}\n"


def _hears(labelled: int | None, channel: int | None) -> bool:
    return labelled is None or channel is None or labelled == channel


def _joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    out: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if out and start <= out[-1][1]:
            out[-1] = out[-1][0], max(end, out[-1][1])
        elif end > start:
            out.append((start, end))
    return out


def _without(spans: list[tuple[int, int]], holes: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    for start, end in spans:
        for hole_start, hole_end in holes:
            if hole_start < end and hole_end > start:
                if hole_start > start:
                    yield start, hole_start
                start = hole_end
        if start < end:
            yield start, end
