"""Audacity's label tracks: start, end and label between tabs, one label a line, one file a recording.

Source: LabelTrack.cpp.  A label whose end is its start is a point.  A line of a backslash, low, high
after a label holds the frequencies of a spectral selection.  The label ends at the next tab or line end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, cast

from speechlabel.errors import ParseError
from speechlabel.formats.base import Bundle, Export, Fault, Format, Written, bare_recording
from speechlabel.formats.foreign import Collected
from speechlabel.formats.losses import Tally
from speechlabel.formats.names import foreign_id
from speechlabel.formats.prefixes import Prefixes, names_of
from speechlabel.formats.repairs import Repairs, printable
from speechlabel.formats.spool import Spool
from speechlabel.formats.textlines import TextLines
from speechlabel.formats.times import parse_time
from speechlabel.records import Segment, Speaker
from speechlabel.timing import format_seconds

__all__ = ["AudacityFormat"]

TIME = r"\s*-?[0-9]+[.,][0-9]+\s*"
LABEL = re.compile(rf"{TIME}(\t.*)?")
HERTZ = re.compile(r"-?[0-9]+([.,][0-9]+)?")


@dataclass(frozen=True)
class AudacityFormat(Format):
    """One label track a recording.

    ``label`` is how a label tells its speaker: ``{speaker}: {text}``, ``{text}`` to leave speakers out, or
    any other text with the two.  Reading takes the same apart where at least two labels name a speaker.
    """

    label: str = "{speaker}: {text}"

    name: ClassVar[str] = "audacity"
    title: ClassVar[str] = "Audacity labels"
    extensions: ClassVar[tuple[str, ...]] = (".txt",)
    spec: ClassVar[str] = "https://manual.audacityteam.org/man/importing_and_exporting_labels.html"
    carries: ClassVar[frozenset[str]] = frozenset({"text", "speaker", "recording"})
    can_read: ClassVar[bool] = True
    can_write: ClassVar[bool] = True

    def sniff(self, path: Path) -> bool:
        """Tell a text file by its first line, a folder by the label files in it."""
        if path.is_dir():
            return any(self.sniff(file) for file in _text_files(path))
        if path.suffix.lower() != ".txt":
            return False
        try:
            with path.open("rb") as file:
                head = file.read(4096).decode("utf-8-sig", "replace")
        except OSError:
            return False
        lines = [line for line in re.split("[\r\n]+", head) if line.strip()]
        return bool(lines) and bool(LABEL.fullmatch(lines[0])) and "\t" in lines[0]

    def write(self, export: Export, out: Path) -> Written:
        """Write ``<recording id>.txt`` for each recording."""
        tally = Tally()
        count = 0
        prefixes = Prefixes(self.label)
        for recording, segments in export.bundle.stream():
            names = names_of(export.bundle.speakers_of(recording.id), tally)
            said: list[tuple[Segment, str | None, str]] = []
            labels: list[str] = []
            for segment in segments:
                text = _one_line(segment, tally)
                name = names.get(segment.speaker, segment.speaker) if segment.speaker else None
                said.append((segment, name, text))
                labels.append(prefixes.join(name, text))
            prefixes.report(said, labels, tally)
            with (out / f"{recording.id}.txt").open("w", encoding="utf-8", newline="\n") as file:
                for segment, label in zip(segments, labels, strict=True):
                    times = format_seconds(segment.start_us), format_seconds(segment.end_us)
                    file.write("\t".join((*times, label)) + "\n" + _spectral(segment))
            count += len(segments)
        return Written(segments=count, losses=tally.losses())

    def read(self, path: Path) -> Bundle:
        """Read a file, or the label files of a folder, each as a recording that ends with its last label."""
        found: dict[str, Collected] = {}
        spool, repairs = Spool(), Repairs()
        notes: list[str] = []
        for file in sorted(_text_files(path)) if path.is_dir() else [path]:
            if path.is_dir() and file.stat().st_size and not self.sniff(file):
                notes.append(f"{file.name}: is no label track: left out")
                continue
            id = foreign_id(file.stem, found)
            found[id] = Collected(id, file, spool)
            lines = TextLines(file)
            notes += [f"{file.name}: {note}" for note in lines.notes]
            prefixes = Prefixes(self.label)
            names = prefixes.count(label.text for label in _labels(file, lines, Repairs()))
            for label in _labels(file, lines, repairs):
                name, text = prefixes.split(label.text, names)
                found[id].segment(
                    label.line,
                    start_us=label.start_us,
                    end_us=label.end_us,
                    kind="event" if label.start_us == label.end_us else "speech",
                    text=text,
                    speaker=found[id].speaker(name, label.line) if name else None,
                    custom={"audacity": label.custom} if label.custom else {},
                )
        speakers: dict[str, tuple[Speaker, ...]] = {
            id: tuple(track.speakers.values()) for id, track in found.items()
        }
        return Bundle(
            recordings=tuple(bare_recording(id, id, track.end_us) for id, track in found.items()),
            segments={id: track.segments for id, track in found.items()},
            speakers=speakers,
            notes=(*notes, *repairs.notes()),
        )

    def faults(self, path: Path) -> Iterator[Fault]:
        """Tell which lines Audacity would not take for labels."""
        for file in sorted(_text_files(path)) if path.is_dir() else [path]:
            if path.is_dir() and not self.sniff(file):
                continue
            try:
                for _ in _labels(file, TextLines(file), Repairs()):
                    pass
            except ParseError as error:
                yield Fault(file.name, error.data["line"], error.data["reason"])


def _text_files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.iterdir() if path.suffix.lower() == ".txt" and path.is_file())


def _one_line(segment: Segment, tally: Tally) -> str:
    text = segment.text
    if text is None:
        text = "" if segment.kind == "speech" else next(iter(segment.noise_labels), segment.kind)
        tally.add("text", "there is none: the label is empty, or the kind or sound", segment.id)
    fit = text.replace("\t", " ").replace("\n", " ")
    if fit != text:
        tally.add("text", "tabs and line breaks became blanks", segment.id)
    return fit


def _spectral(segment: Segment) -> str:
    own: Any = segment.custom.get("audacity")
    own = cast("dict[str, Any]", own) if isinstance(own, dict) else {}
    low, high = str(own.get("low", "")), str(own.get("high", ""))
    return f"\\\t{low}\t{high}\n" if HERTZ.fullmatch(low) and HERTZ.fullmatch(high) else ""


@dataclass
class _Label:
    line: int
    start_us: int
    end_us: int
    text: str
    custom: dict[str, str]


def _labels(path: Path, lines: TextLines, repairs: Repairs) -> Iterator[_Label]:
    label: _Label | None = None
    for number, raw in lines:
        line = printable(path, number, raw, repairs)
        if not line.strip():
            continue
        fields = line.split("\t")
        if line.startswith("\\"):
            if label is not None and len(fields) >= 3 and all(HERTZ.fullmatch(cell) for cell in fields[1:3]):
                label.custom |= {"low": fields[1], "high": fields[2]}
            else:
                repairs.add(path, number, "a line that begins with \\ was left out")
            continue
        if label is not None:
            yield label
        label = _label(path, number, fields, repairs)
    if label is not None:
        yield label


def _label(path: Path, number: int, fields: list[str], repairs: Repairs) -> _Label:
    try:
        start = parse_time(fields[0].strip().replace(",", "."))
    except ValueError as error:
        raise ParseError(path, str(error), line=number) from error
    try:
        end = parse_time(fields[1].strip().replace(",", ".")) if len(fields) > 1 else start
        rest = fields[2:]
    except ValueError:  # a point: what follows its time is the label
        end, rest = start, fields[1:]
    if end < start:
        start, end = end, start
        repairs.add(path, number, "ends before it starts: turned round")
    if start < 0:
        start, end = 0, max(0, end)
        repairs.add(path, number, "starts before the recording: cut off at 0")
    custom: dict[str, str] = {}
    if len(rest) > 1:
        custom["after"] = "\t".join(rest[1:])
        repairs.add(path, number, "what follows the label after a tab was kept aside")
    return _Label(number, start, end, rest[0] if rest else "", custom)
