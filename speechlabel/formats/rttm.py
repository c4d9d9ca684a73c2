"""RTTM, who spoke when, with a UEM beside it that says what was labelled at all.

Spec: NIST Rich Transcription 2009, RT-09 evaluation plan, appendix A (RTTM v1.3, ten fields) and UEM.
Only SPEAKER lines are written: many readers fail on any other.  Channels count from 1 here; the mix of all
channels is 1.  What is not in the UEM is unknown, not silent: ``ignore`` segments are cut out of it.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal, NamedTuple, Protocol

from speechlabel.errors import ParseError
from speechlabel.formats.base import Bundle, Export, Format, Labelled, Segments, Written, bare_recording
from speechlabel.formats.foreign import Collected, read_text
from speechlabel.formats.losses import Tally
from speechlabel.formats.names import STAND_INS, foreign_id, tsv, without_blanks
from speechlabel.formats.output import write_file
from speechlabel.formats.spool import Spool
from speechlabel.formats.times import on_grid, parse_time
from speechlabel.records import Recording, Segment
from speechlabel.timing import format_seconds

__all__ = ["RttmFormat", "write_rttm_spans"]

NOBODY = "speech"  # the name where no speaker is told
SEVERAL = STAND_INS[1]
TURNS = {"SPEAKER", "NOSCORE"}
OTHERS = {"SPKR-INFO", "NO_RT_METADATA", "LEXEME", "NON-LEX", "NON-SPEECH", "SEGMENT", "SU", "EDIT", "FILLER"}
TYPES = TURNS | OTHERS | {"IP", "CB", "A/P"}
GENDERS = {"adult_male": "male", "adult_female": "female"}


class Spanned(Protocol):
    """Anything with a start and an end."""

    @property
    def start_us(self) -> int:
        """Start in microseconds."""
        ...

    @property
    def end_us(self) -> int:
        """End in microseconds."""
        ...


class _Turn(NamedTuple):
    channel: int  # from 1
    name: str
    start_us: int
    end_us: int
    confidence: float | None = None

    def line(self, file_id: str, decimals: int) -> str:
        start = format_seconds(self.start_us, decimals=decimals)
        length = format_seconds(self.end_us - self.start_us, decimals=decimals)
        sure = "<NA>" if self.confidence is None else repr(self.confidence)
        return f"SPEAKER {file_id} {self.channel} {start} {length} <NA> <NA> {self.name} {sure} <NA>\n"


@dataclass(frozen=True)
class RttmFormat(Format):
    """Who spoke when."""

    decimals: Literal[3, 4, 5, 6] = 3

    name: ClassVar[str] = "rttm"
    title: ClassVar[str] = "RTTM and UEM"
    extensions: ClassVar[tuple[str, ...]] = (".rttm",)
    spec: ClassVar[str] = "NIST RT-09 evaluation plan, appendix A"
    carries: ClassVar[frozenset[str]] = frozenset(
        {"channel", "speaker", "confidence", "recording", "labelled"}
    )
    can_read: ClassVar[bool] = True
    can_write: ClassVar[bool] = True
    takes: ClassVar[Literal["training", "speech", "everything"]] = "speech"
    checked_by: ClassVar[tuple[str, ...]] = ("NIST rttmValidator", "NIST md-eval")

    @property
    def time_step_us(self) -> int:
        """A unit of the last decimal."""
        return 10 ** (6 - self.decimals)

    def sniff(self, path: Path) -> bool:
        """Tell it by its first line that is not a comment; a folder by the RTTM files in it."""
        if path.is_dir():
            return any(_rttm_files(path))
        try:
            with path.open("rb") as file:
                head = file.read(4096).decode("utf-8", "replace")
        except OSError:
            return False
        for line in head.split("\n"):
            if line.strip() and not line.startswith(";;"):
                fields = line.split()
                return fields[0] in TYPES and len(fields) in (9, 10)
        return False

    def write(self, export: Export, out: Path) -> Written:
        """Write ``segments.rttm``, ``segments.uem`` and ``id_map.tsv``, which tells the names' origin."""
        tally = Tally()
        warnings: list[str] = []
        rows: list[tuple[str, str, str, str]] = []
        count = 0
        with (
            (out / "segments.rttm").open("w", encoding="utf-8", newline="\n") as rttm,
            (out / "segments.uem").open("w", encoding="utf-8", newline="\n") as uem,
        ):
            for recording, segments in export.bundle.stream():
                names: dict[str | None, str] = {None: NOBODY}
                for speaker in export.bundle.speakers_of(recording.id).values():
                    wanted = f"{recording.id}-{speaker.id}" if speaker.id in STAND_INS else speaker.name
                    names[speaker.id] = without_blanks(wanted, names.values())
                    rows.append((recording.id, speaker.id, speaker.name, names[speaker.id]))
                    if names[speaker.id] != speaker.name:
                        tally.add("speaker.name", "made one word; id_map.tsv has the name", speaker.id)
                turns = self._turns(recording, segments, names, tally)
                count += len(turns)
                rttm.writelines(turn.line(recording.id, self.decimals) for turn in turns)
                if recording.channels > 2:
                    warnings.append(f"{recording.name}: NIST tools take only channels 1 and 2")
                uem.writelines(self._uem(recording, segments, export.labelled_spans(recording)))
        header = ("recording_id", "speaker_id", "speaker_name", "name_in_rttm")
        write_file(out / "id_map.tsv", tsv(header, rows))
        return Written(segments=count, losses=tally.losses(), warnings=tuple(warnings))

    def _turns(
        self, recording: Recording, segments: list[Segment], names: dict[str | None, str], tally: Tally
    ) -> list[_Turn]:
        """List turns by start.  One speaker's turns that overlap are joined: the format has no others."""
        _tell_lost_channels(recording, segments, tally)
        last: dict[tuple[int, str], int] = {}
        turns: list[_Turn] = []
        for segment in segments:
            if segment.kind != "speech":
                tally.add("segment", "not speech: left out", segment.id)
                continue
            if segment.speaker == SEVERAL:
                tally.add(
                    "segment",
                    "several people, nobody said who: cut out of the UEM, so not scored",
                    segment.id,
                )
                continue
            name = names.get(segment.speaker) or without_blanks(segment.speaker or "", names.values())
            names[segment.speaker] = name
            start, end = on_grid(segment.start_us, segment.end_us, self.time_step_us, recording.duration_us)
            key = 1 + (segment.channel or 0), name
            before = last.get(key)
            if before is not None and turns[before].end_us > start:
                turns[before] = turns[before]._replace(end_us=max(end, turns[before].end_us))
                tally.add("segment", "joined with an overlapping turn of the same speaker", segment.id)
                continue
            last[key] = len(turns)
            turns.append(_Turn(*key, start, end, segment.confidence))
        return turns

    def _uem(self, recording: Recording, segments: list[Segment], spans: Iterable[Labelled]) -> Iterator[str]:
        used = {segment.channel for segment in segments} | {span.channel for span in spans}
        separate = recording.channels > 1 and any(channel is not None for channel in used)
        channels = range(recording.channels) if separate else (None,)
        for channel in channels:
            wanted = [(span.start_us, span.end_us) for span in spans if _hears(span.channel, channel)]
            holes = [
                (segment.start_us, segment.end_us)
                for segment in segments
                if (segment.kind == "ignore" or segment.speaker == SEVERAL)
                and _hears(segment.channel, channel)
            ]
            for start, end in _without(_joined(wanted), _joined(holes)):
                start, end = on_grid(start, end, self.time_step_us, recording.duration_us)
                times = " ".join(format_seconds(time, decimals=self.decimals) for time in (start, end))
                yield f"{recording.id} {1 + (channel or 0)} {times}\n"

    def read(self, path: Path) -> Bundle:
        """Read a file, or the RTTM files of a folder, and each one's UEM where it lies beside it."""
        reader = _Reader()
        for file in sorted(_rttm_files(path)) if path.is_dir() else [path]:
            reader.rttm(file)
            if (uem := file.with_suffix(".uem")).is_file():
                reader.uem(uem)
        return reader.bundle()


def write_rttm_spans(
    spans: Mapping[int | None, Iterable[Spanned]], file_id: str, path: Path, *, decimals: int = 3
) -> None:
    """Write spans of speech by channel (``None``: the mix) as one RTTM file; the speaker is ``speech``.

    Raises
    ------
    ExportError
        The file cannot be written.
    """
    step = 10 ** (6 - decimals)
    turns = [
        _Turn(1 + (channel or 0), NOBODY, *on_grid(span.start_us, span.end_us, step))
        for channel, found in spans.items()
        for span in found
    ]
    name = without_blanks(file_id)
    turns.sort(key=lambda turn: (turn.start_us, turn.channel))
    write_file(path, "".join(turn.line(name, decimals) for turn in turns))


def _rttm_files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.iterdir() if path.suffix.lower() == ".rttm" and path.is_file())


def _tell_lost_channels(recording: Recording, segments: list[Segment], tally: Tally) -> None:
    """Channel 1 stands for the first channel and for the mix; a reader takes it for one of them."""
    used = {segment.channel for segment in segments}
    as_numbers = any(used - {None, 0})
    for segment in segments if recording.channels > 1 else ():
        if segment.channel is (None if as_numbers else 0) or (segment.channel == 0 and not as_numbers):
            tally.add("channel", "channel 1 is the first one and the mix", segment.id)


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


class _Reader:
    def __init__(self) -> None:
        self._found: dict[str, Collected] = {}
        self._spool = Spool()
        self._names: dict[str, str] = {}  # file column → recording id
        self._channels: dict[str, int] = {}
        self._labelled: dict[str, list[Labelled]] = {}
        self._genders: dict[tuple[str, str], str] = {}
        self._skipped: dict[str, int] = {}
        self._notes: list[str] = []

    def _lines(self, path: Path) -> Iterator[tuple[int, list[str]]]:
        text, notes = read_text(path)
        self._notes += [f"{path.name}: {note}" for note in notes]
        for number, line in enumerate(text.split("\n"), 1):
            fields = [field for field in re.split("[ \t]+", line) if field]
            if fields and not fields[0].startswith(";;"):
                yield number, fields

    def _recording(self, file_id: str, path: Path) -> str:
        if file_id not in self._names:
            made = foreign_id(file_id, self._found)
            self._names[file_id] = made
            self._found[made] = Collected(made, path, self._spool)
        return self._names[file_id]

    def rttm(self, path: Path) -> None:
        for number, fields in self._lines(path):
            if fields[0] not in TYPES:
                raise ParseError(path, f"{fields[0]!r:.80} is not an RTTM type", line=number)
            if len(fields) not in (9, 10):
                raise ParseError(path, f"{len(fields)} fields, but RTTM has 9 or 10", line=number)
            kind, file_id, channel, start, length, _, subtype, name, sure = fields[:9]
            if kind == "SPKR-INFO":
                self._genders[file_id, name] = GENDERS.get(subtype, "")
            elif kind in TURNS:
                recording = self._recording(file_id, path)
                span = _times(path, number, start, length, is_length=True)
                number_of = _channel(path, number, channel)
                self._channels[recording] = max(self._channels.get(recording, 1), number_of)
                if span[0] == span[1]:
                    self._notes.append(f"{path.name}: line {number}: a turn of no length was left out")
                    continue
                found = self._found[recording]
                speaker = None if name in (NOBODY, "<NA>") else found.speaker(name, number)
                fields_of: dict[str, Any] = {"channel": number_of - 1, "speaker": speaker}
                if kind == "NOSCORE":
                    fields_of = {"channel": number_of - 1, "kind": "ignore"}
                fields_of["confidence"] = _confidence(sure)
                found.segment(number, start_us=span[0], end_us=span[1], **fields_of)
            else:
                self._skipped[kind] = self._skipped.get(kind, 0) + 1

    def uem(self, path: Path) -> None:
        for number, fields in self._lines(path):
            if len(fields) != 4:
                raise ParseError(path, f"{len(fields)} fields, but UEM has 4", line=number)
            recording = self._recording(fields[0], path)
            start, end = _times(path, number, fields[2], fields[3], is_length=False)
            channel = 1 if fields[1].upper() == "NA" else _channel(path, number, fields[1])
            self._channels[recording] = max(self._channels.get(recording, 1), channel)
            self._labelled.setdefault(recording, []).append(Labelled(channel - 1, start, end))

    def bundle(self) -> Bundle:
        """All that was read; where only channel 1 is named, it is the one channel or the mix: ``None``."""
        recordings: list[Recording] = []
        segments: dict[str, Segments] = {}
        for (file_id, name), gender in self._genders.items():
            found = self._found.get(self._names.get(file_id, ""))
            if found is not None and name in found.speakers and gender:
                found.speakers[name] = dataclasses.replace(found.speakers[name], gender=gender)  # pyright: ignore[reportArgumentType]
        for file_id, id in self._names.items():
            found, channels = self._found[id], self._channels.get(id, 1)
            ends = [found.end_us, *(span.end_us for span in self._labelled.get(id, ()))]
            recordings.append(bare_recording(id, file_id, max(ends), channels=channels))
            keep = channels > 1
            segments[id] = found.segments if keep else found.segments.each(_of_the_mix)
            if not keep and id in self._labelled:
                self._labelled[id] = [span._replace(channel=None) for span in self._labelled[id]]
        skipped = [f"{count} {kind} lines were left out" for kind, count in self._skipped.items()]
        return Bundle(
            recordings=tuple(recordings),
            segments=segments,
            speakers={id: tuple(found.speakers.values()) for id, found in self._found.items()},
            labelled={id: tuple(spans) for id, spans in self._labelled.items()},
            notes=(*self._notes, *skipped),
        )


def _of_the_mix(segment: Segment) -> Segment:
    return dataclasses.replace(segment, channel=None)


def _times(path: Path, line: int, first: str, second: str, *, is_length: bool) -> tuple[int, int]:
    try:
        start, other = parse_time(first), parse_time(second)
    except ValueError as error:
        raise ParseError(path, str(error), line=line) from error
    end = start + other if is_length else other
    if start < 0 or end < start:
        raise ParseError(path, f"{first} {second} is not a stretch of time", line=line)
    return start, end


def _channel(path: Path, line: int, text: str) -> int:
    if not re.fullmatch("[1-9][0-9]{0,3}", text):
        raise ParseError(path, f"channel {text!r:.80} is not a number from 1", line=line)
    return int(text)


def _confidence(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value <= 1 else None
