"""STM, the reference transcripts of NIST's scorers: a stretch a line, with its speaker and words.

Spec: NIST SCTK, ``stm`` (file, channel, speaker, start, end, optional ``<label,label>``, words); a comment
begins with ``;;``.  Lines are sorted by file, channel and start.  ``IGNORE_TIME_SEGMENT_IN_SCORING`` in place
of words takes a stretch out of the scoring.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal, cast

from speechlabel.errors import ParseError
from speechlabel.formats.base import Bundle, Export, Fault, Format, Segments, Written, bare_recording
from speechlabel.formats.foreign import Collected
from speechlabel.formats.losses import Tally
from speechlabel.formats.names import STAND_INS, foreign_id
from speechlabel.formats.repairs import Repairs, mended, printable
from speechlabel.formats.scoring.nist import (
    Channels,
    Names,
    channel_read,
    fields_of,
    first_line,
    met_channel,
    read_names,
    seconds,
)
from speechlabel.formats.spool import Spool
from speechlabel.formats.textlines import Encoding, TextLines
from speechlabel.formats.times import on_grid
from speechlabel.records import Recording, Segment, Speaker
from speechlabel.timing import format_seconds

__all__ = ["StmFormat"]

IGNORE = "IGNORE_TIME_SEGMENT_IN_SCORING"
GAP = "inter_segment_gap"
NOBODY = "speech"  # the name where no speaker is told
BLANKS = re.compile(r"[ \t\f\v\r]+")
DECLARED = re.compile(r';;\s*LABEL\s+"([^"]*)"\s+"([^"]*)"\s+"([^"]*)"')
GENDERS = {"M": "male", "MALE": "male", "F": "female", "FEMALE": "female"}
HEADER = """;; CATEGORY "0" "" ""
;; LABEL "O" "Overall" "Overall"
;; CATEGORY "1" "Speaker Sex" ""
;; LABEL "F" "Female" "Female speakers"
;; LABEL "M" "Male" "Male speakers"
"""
NUMBER = re.compile(r"[0-9]+(\.[0-9]*)?|\.[0-9]+")


@dataclass(frozen=True)
class StmFormat(Format):
    """Who said what, for scoring.

    ``labels=true`` writes ``<O,F>`` before the words, for sclite to score women and men apart; other readers
    take the label for a word.
    """

    decimals: Literal[2, 3, 4, 5, 6] = 3
    labels: bool = False
    encoding: Encoding = "auto"

    name: ClassVar[str] = "stm"
    title: ClassVar[str] = "STM"
    extensions: ClassVar[tuple[str, ...]] = (".stm",)
    spec: ClassVar[str] = "https://github.com/usnistgov/SCTK, doc/infmts.htm"
    carries: ClassVar[frozenset[str]] = frozenset({"text", "speaker", "channel", "kind"})
    can_read: ClassVar[bool] = True
    can_write: ClassVar[bool] = True
    takes: ClassVar[Literal["training", "speech", "everything"]] = "speech"
    checked_by: ClassVar[tuple[str, ...]] = ("NIST stmValidator", "NIST sclite", "meeteval")

    @property
    def time_step_us(self) -> int:
        """A unit of the last decimal."""
        return 10 ** (6 - self.decimals)

    def sniff(self, path: Path) -> bool:
        """Tell it by its name and the fields of its first line."""
        if path.is_dir():
            return any(_stm_files(path))
        if path.suffix.lower() != ".stm":
            return False
        fields = first_line(path)
        return len(fields) >= 5 and all(NUMBER.fullmatch(field.lstrip("-")) for field in fields[3:5])

    def write(self, export: Export, out: Path) -> Written:
        """Write ``segments.stm`` in NIST's order, and ``id_map.tsv`` with the names behind the names."""
        tally = Tally()
        names = Names.of(export.bundle)
        tagged: list[str] = []
        count = 0
        with (out / "segments.stm").open("w", encoding="utf-8", newline="\n") as file:
            file.write(HEADER if self.labels else "")
            for recording in sorted(export.bundle.recordings, key=lambda item: names.recordings[item.id]):
                segments = export.bundle.segments.get(recording.id, ())
                known = export.bundle.speakers_of(recording.id)
                for segment in sorted(
                    segments,
                    key=lambda item: (str(1 + (item.channel or 0)), item.start_us, item.end_us, item.id),
                ):
                    text = _words(segment, tally)
                    if text is None:
                        continue
                    if text.startswith("<") and not self.labels:
                        tagged.append(segment.id)
                    file.write(self._line(recording, segment, known, names, text))
                    count += 1
        names.write(out, export.bundle)
        warning = f"{len(tagged)} texts begin with <, which sclite takes for a label: {', '.join(tagged[:5])}"
        return Written(segments=count, losses=tally.losses(), warnings=(warning,) if tagged else ())

    def _line(
        self, recording: Recording, segment: Segment, known: dict[str, Speaker], names: Names, text: str
    ) -> str:
        speaker = NOBODY
        if segment.speaker is not None:
            whole = known[segment.speaker].name if segment.speaker in known else segment.speaker
            wanted = f"{recording.id}-{whole}" if segment.speaker in STAND_INS else whole
            speaker = names.speaker(recording.id, segment.speaker, wanted, (NOBODY, GAP))
        span = on_grid(segment.start_us, segment.end_us, self.time_step_us, recording.duration_us)
        times = (format_seconds(time, decimals=self.decimals) for time in span)
        fields = [names.recordings[recording.id], str(1 + (segment.channel or 0)), speaker, *times]
        if self.labels:
            fields.append(_label(segment, known.get(segment.speaker or "")))
        return " ".join([*fields, text]).rstrip(" ") + "\n"

    def read(self, path: Path) -> Bundle:
        """Read a file, or the STM files of a folder."""
        reader = _Reader(self.encoding)
        for file in sorted(_stm_files(path)) if path.is_dir() else [path]:
            reader.stm(file)
        return reader.bundle()

    def faults(self, path: Path) -> Iterator[Fault]:
        """Tell what scorers refuse or score wrongly: fields, times, single braces, the order."""
        for file in sorted(_stm_files(path)) if path.is_dir() else [path]:
            try:
                yield from _faults(file)
            except ParseError as error:
                yield Fault(file.name, error.data["line"], error.data["reason"])


def _stm_files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.iterdir() if path.suffix.lower() == ".stm" and path.is_file())


def _words(segment: Segment, tally: Tally) -> str | None:
    """Text as scorers take it, on one line; None for what is left out."""
    if segment.kind == "ignore":
        return IGNORE
    if segment.kind != "speech":
        tally.add("segment", "not speech: left out", segment.id)
        return None
    if segment.text is None:
        for field in ("text", "kind"):
            tally.add(field, "nobody has transcribed it: taken out of the scoring", segment.id)
        return IGNORE
    text = " ".join(segment.text.split())
    if text != segment.text:
        tally.add("text", "blanks and line breaks became single blanks", segment.id)
    fit = _harmless(text)
    if fit != text:
        tally.add("text", "comments and braces, which scorers would act on, were replaced", segment.id)
    if _looks_like_label(fit.partition(" ")[0], set()):
        tally.add("text", "its first word is taken for a label", segment.id)
    return fit


def _harmless(text: str) -> str:
    """Text without what scorers would act on: comments, single braces, the words that mean something else."""
    fit = text
    while ";;" in fit:
        fit = fit.replace(";;", ";")
    if not _is_balanced(fit):
        fit = fit.replace("{", "[").replace("}", "]")
    if fit.upper() == IGNORE:
        fit = fit.replace("_", " ")
    return fit


def _is_balanced(text: str) -> bool:
    """Whether braces stand alone and in pairs, as in ``{ a / b }``: sclite crashes on others."""
    depth = 0
    for token in text.split():
        if token == "{":
            depth += 1
        elif token == "}":
            depth -= 1
        elif "{" in token or "}" in token:
            return False
        if depth < 0:
            return False
    return depth == 0


def _looks_like_label(token: str, declared: set[str]) -> bool:
    if not (token.startswith("<") and token.endswith(">") and len(token) > 2):
        return False
    return "," in token or token.upper() in ("<NA>", "<O>") or token[1:-1] in declared


def _label(segment: Segment, speaker: Speaker | None) -> str:
    own: Any = segment.custom.get("stm")
    kept: Any = cast("dict[str, Any]", own).get("label") if isinstance(own, dict) else None
    if isinstance(kept, str) and re.fullmatch(r"<[^<>\s;]+>", kept):
        return kept
    sex = {"female": ",F", "male": ",M"}.get(speaker.gender or "", "") if speaker else ""
    return f"<O{sex}>"


def _faults(path: Path) -> Iterator[Fault]:
    last: tuple[str, str, float] | None = None
    for number, line in TextLines(path):
        fields = fields_of(line.partition(";;")[0])
        if not fields:
            continue
        if len(fields) < 5:
            yield Fault(path.name, number, f"{len(fields)} fields, but STM has at least 5")
            continue
        if not all(NUMBER.fullmatch(field) for field in fields[3:5]):
            yield Fault(path.name, number, "the times are not numbers from 0")
            continue
        if float(fields[4]) < float(fields[3]):
            yield Fault(path.name, number, "it ends before it starts")
        if not _is_balanced(" ".join(fields[5:])):
            yield Fault(path.name, number, "a brace that is not part of { a / b }: sclite crashes on it")
        place = fields[0], fields[1], float(fields[3])
        if last is not None and place < last:
            yield Fault(path.name, number, "not in order of file, channel and start")
        last = place


class _Reader:
    def __init__(self, encoding: Encoding) -> None:
        self._encoding: Encoding = encoding
        self._found: dict[str, Collected] = {}
        self._spool = Spool()
        self._ids: dict[str, str] = {}
        self._channels = Channels()
        self._notes: list[str] = []
        self._repairs = Repairs()
        self._genders: dict[tuple[str, str], str] = {}

    def stm(self, path: Path) -> None:
        recordings, speakers = read_names(path.parent / "id_map.tsv")
        lines = TextLines(path, self._encoding)
        self._notes += [f"{path.name}: {note}" for note in lines.notes]
        declared: dict[str, str] = {}
        for number, line in lines:
            if found := DECLARED.match(line.lstrip()):
                declared[found[1]] = found[2]
                continue
            line = printable(path, number, line, self._repairs)
            content, comment, said = line.partition(";;")
            fields = fields_of(content)
            if comment and fields:
                self._repairs.add(path, number, f"a comment after the words was left out:{said:.80}")
            if not fields:
                continue
            if len(fields) < 5:
                raise ParseError(path, f"{len(fields)} fields, but STM has at least 5", line=number)
            self._segment(path, number, fields, declared, recordings, speakers)

    def _segment(
        self,
        path: Path,
        number: int,
        fields: list[str],
        declared: dict[str, str],
        recordings: dict[str, str],
        speakers: dict[tuple[str, str], str],
    ) -> None:
        file_id, channel_text, speaker = fields[:3]
        start, end = seconds(path, number, fields[3]), seconds(path, number, fields[4])
        channel = channel_read(path, number, channel_text, self._repairs)
        id = self._recording(recordings.get(file_id, file_id), file_id, path, channel)
        if speaker.lower() == GAP and (len(fields) == 5 or fields[5].upper() == IGNORE):
            self._repairs.add(path, number, "a gap between segments was left out")
            return
        span = mended(path, number, start, end, self._repairs)
        if span is None:
            return
        made: dict[str, Any] = {"channel": met_channel(channel)}
        words = fields[5:]
        if words and _looks_like_label(words[0], set(declared)):
            made["custom"] = {"stm": {"label": words[0]}}
            for part in words.pop(0)[1:-1].split(","):
                sex = GENDERS.get(part.strip().upper()) or GENDERS.get(declared.get(part, "").upper())
                if sex:
                    self._genders[id, speaker] = sex
        elif words and re.fullmatch("<.+>", words[0]):
            self._repairs.add(path, number, "begins with a word in <>, which sclite would take for a label")
        text = " ".join(words)
        if text.upper() == IGNORE:
            made["kind"] = "ignore"
        else:
            made["text"] = text
        name = speakers.get((file_id, speaker), speaker)
        if name != NOBODY and not (
            made.get("kind") == "ignore" and speaker.lower() in (GAP, "excluded_region")
        ):
            made["speaker"] = self._found[id].speaker(name, number)
        self._found[id].segment(number, start_us=span[0], end_us=span[1], **made)

    def _recording(self, wanted: str, name: str, path: Path, channel: int) -> str:
        if name not in self._ids:
            made = foreign_id(wanted, self._found)
            self._ids[name] = made
            self._found[made] = Collected(made, path, self._spool)
        made = self._ids[name]
        self._channels.seen(made, channel)
        return made

    def bundle(self) -> Bundle:
        recordings: list[Recording] = []
        segments: dict[str, Segments] = {}
        for (id, name), gender in self._genders.items():
            voices = self._found[id].speakers
            if name in voices:
                voices[name] = dataclasses.replace(voices[name], gender=gender)  # pyright: ignore[reportArgumentType]
        for name, id in self._ids.items():
            found = self._found[id]
            recordings.append(bare_recording(id, name, found.end_us, channels=self._channels.count(id)))
            segments[id] = self._channels.segments(id, found)
        return Bundle(
            recordings=tuple(recordings),
            segments=segments,
            speakers={id: tuple(found.speakers.values()) for id, found in self._found.items()},
            notes=(*self._notes, *self._repairs.notes()),
        )
