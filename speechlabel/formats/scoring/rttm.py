"""RTTM, who spoke when, with a UEM beside it that says what was labelled at all.

Spec: NIST Rich Transcription 2009, RT-09 evaluation plan, appendix A (RTTM v1.3, ten fields) and UEM.
Only SPEAKER lines are written unless words are asked for: many readers fail on any other.  Channels count
from 1 here; the mix of all channels is 1.  What is not in the UEM is unknown, not silent: ``ignore`` segments
are cut out of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal, NamedTuple, Protocol, cast

from speechlabel.formats.base import Bundle, Export, Fault, Format, Written
from speechlabel.formats.losses import Tally
from speechlabel.formats.names import STAND_INS, tsv, without_blanks
from speechlabel.formats.output import write_file
from speechlabel.formats.scoring.nist import first_line
from speechlabel.formats.scoring.rttm_check import SUBTYPES, rttm_faults
from speechlabel.formats.scoring.rttm_read import NOBODY, TYPES, RttmReader
from speechlabel.formats.scoring.uem import dotted, uem_faults, uem_lines
from speechlabel.formats.times import on_grid
from speechlabel.records import Recording, Segment, Word
from speechlabel.timing import format_seconds

__all__ = ["RttmFormat", "write_rttm_spans"]

SEVERAL = STAND_INS[1]
SOUNDS = ("laugh", "breath", "lipsmack", "cough", "sneeze")


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


class _Line(NamedTuple):
    start_us: int
    rank: int  # turns before what is in them
    channel: int  # from 1
    name: str
    end_us: int
    confidence: float | None = None
    kind: str = "SPEAKER"
    word: str = "<NA>"
    subtype: str = "<NA>"

    def text(self, file_id: str, decimals: int) -> str:
        start = format_seconds(self.start_us, decimals=decimals)
        length = format_seconds(self.end_us - self.start_us, decimals=decimals)
        sure = "<NA>" if self.confidence is None else f"{self.confidence:.9f}".rstrip("0").rstrip(".")
        return (
            f"{self.kind} {file_id} {self.channel} {start} {length} {self.word} {self.subtype} "
            f"{self.name} {sure} <NA>\n"
        )


@dataclass(frozen=True)
class RttmFormat(Format):
    """Who spoke when.

    ``words=true`` adds a LEXEME line for each word with a time and a NON-LEX line for each timed event of a
    turn.  NIST's tools know two channels; ``channels=any`` lets recordings with more of them through.
    """

    decimals: Literal[3, 4, 5, 6] = 3
    words: bool = False
    channels: Literal["nist", "any"] = "nist"

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
    checked_by: ClassVar[tuple[str, ...]] = ("NIST rttmValidator", "NIST md-eval", "pyannote.database")

    @property
    def time_step_us(self) -> int:
        """A unit of the last decimal."""
        return 10 ** (6 - self.decimals)

    def sniff(self, path: Path) -> bool:
        """Tell it by its first line that is not a comment; a folder by the RTTM files in it."""
        if path.is_dir():
            return any(_rttm_files(path))
        fields = first_line(path)
        return bool(fields) and fields[0].upper() in TYPES and len(fields) in (9, 10)

    def write(self, export: Export, out: Path) -> Written:
        """Write ``segments.rttm``, ``segments.uem`` and ``id_map.tsv``, which tells the names' origin."""
        tally = Tally()
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
                lines = self._turns(recording, segments, names, tally)
                count += len(lines)
                if self.words:
                    lines = sorted([*lines, *self._parts(segments, lines, names, tally)])
                rttm.writelines(line.text(recording.id, self.decimals) for line in lines)
                uem.writelines(
                    uem_lines(recording, segments, export.labelled_spans(recording), self.decimals)
                )
        header = ("recording_id", "speaker_id", "speaker_name", "name_in_rttm")
        write_file(out / "id_map.tsv", tsv(header, rows))
        return Written(segments=count, losses=tally.losses(), warnings=dotted(export.bundle.recordings))

    def _turns(
        self, recording: Recording, segments: list[Segment], names: dict[str | None, str], tally: Tally
    ) -> list[_Line]:
        """List turns by start.  One speaker's turns that overlap are joined: the format has no others."""
        _tell_lost_channels(recording, segments, tally)
        last: dict[tuple[int, str], int] = {}
        turns: list[_Line] = []
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
            turns.append(_Line(start, 0, *key, end, segment.confidence))
        return turns

    def _parts(
        self, segments: list[Segment], turns: list[_Line], names: dict[str | None, str], tally: Tally
    ) -> Iterator[_Line]:
        """Words and events, each inside its turn and after the one before it, as the validator wants them."""
        spans: dict[tuple[int, str], list[_Line]] = {}
        for turn in turns:
            spans.setdefault((turn.channel, turn.name), []).append(turn)
        ends: dict[tuple[int, str, str], int] = {}
        for segment in segments:
            if segment.kind != "speech" or segment.speaker == SEVERAL:
                continue
            key = 1 + (segment.channel or 0), names[segment.speaker]
            mine = [
                turn
                for turn in spans[key]
                if turn.start_us < segment.end_us and turn.end_us > segment.start_us
            ]
            kinds = _lexemes(segment)
            items = [("LEXEME", word, kinds.get(at, "lex")) for at, word in enumerate(segment.words)]
            sounds = [("NON-LEX", event, _sound(event.label)) for event in segment.events]
            for kind, item, subtype in [*items, *sounds]:
                if item.start_us is None or item.end_us is None or not mine:
                    tally.add(
                        "words" if kind == "LEXEME" else "events", "without a time: left out", segment.id
                    )
                    continue
                start, end = on_grid(min(item.start_us, item.end_us), item.end_us, self.time_step_us)
                first = max(mine[0].start_us, ends.get((*key, kind), 0))
                inside = max(start, first), min(max(end, first), mine[-1].end_us)
                inside = min(inside), inside[1]
                if inside != (start, end):
                    tally.add(
                        "words" if kind == "LEXEME" else "events",
                        "not inside its turn, or overlapping another: moved there",
                        segment.id,
                    )
                ends[*key, kind] = inside[1]
                text = item.word if isinstance(item, Word) else item.label
                label = "<NA>" if text == subtype else without_blanks(text)
                yield _Line(inside[0], 1, *key, inside[1], item.score, kind, label, subtype)

    def read(self, path: Path) -> Bundle:
        """Read a file, or the RTTM files of a folder, and each one's UEM where it lies beside it."""
        reader = RttmReader()
        for file in sorted(_rttm_files(path)) if path.is_dir() else [path]:
            reader.rttm(file)
            if (uem := file.with_suffix(".uem")).is_file():
                reader.uem(uem)
        return reader.bundle()

    def faults(self, path: Path) -> Iterator[Fault]:
        """Tell what NIST's rttmValidator refuses (with ``-u -p -e -f``), and regions that are none."""
        for file in sorted(_rttm_files(path)) if path.is_dir() else [path]:
            yield from rttm_faults(file, any_channel=self.channels == "any")
            if (uem := file.with_suffix(".uem")).is_file():
                yield from uem_faults(uem)


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
    turns: list[_Line] = []
    for channel, found in spans.items():
        for span in found:
            start, end = on_grid(span.start_us, span.end_us, step)
            turns.append(_Line(start, 0, 1 + (channel or 0), NOBODY, end))
    name = without_blanks(file_id)
    turns.sort()
    write_file(path, "".join(turn.text(name, decimals) for turn in turns))


def _rttm_files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.iterdir() if path.suffix.lower() == ".rttm" and path.is_file())


def _lexemes(segment: Segment) -> dict[int, str]:
    """Subtypes of the words as the file that they are from had them, where they still fit."""
    own: Any = segment.custom.get("rttm")
    kinds: Any = cast("dict[str, Any]", own).get("lexemes") if isinstance(own, dict) else None
    if not isinstance(kinds, list) or len(cast("list[Any]", kinds)) != len(segment.words):
        return {}
    found = enumerate(map(str, cast("list[Any]", kinds)))
    return {
        at: kind for at, kind in found if SUBTYPES["LEXEME"].fullmatch(kind) and (kind.lower() != "alpha")
    }


def _sound(label: str) -> str:
    return label.lower() if label.lower() in SOUNDS else "other"


def _tell_lost_channels(recording: Recording, segments: list[Segment], tally: Tally) -> None:
    """Channel 1 stands for the first channel and for the mix; a reader takes it for one of them."""
    used = {segment.channel for segment in segments}
    as_numbers = any(used - {None, 0})
    for segment in segments if recording.channels > 1 else ():
        if segment.channel is (None if as_numbers else 0) or (segment.channel == 0 and not as_numbers):
            tally.add("channel", "channel 1 is the first one and the mix", segment.id)
