"""SubRip subtitles: a number, the times, lines of text, a blank line.

There is no standard.  Reading takes what players take: a cue ends where the next times (and the number before
them) begin, so that blank lines may stand inside; a point may stand for the comma, hours may have one digit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

from speechlabel.errors import ParseError
from speechlabel.formats.base import Bundle, Export, Fault, Format, Written
from speechlabel.formats.losses import Tally
from speechlabel.formats.prefixes import BRACKETS, COLON, Prefixes, names_of
from speechlabel.formats.repairs import Repairs, printable
from speechlabel.formats.subtitles.cues import (
    Cue,
    clock,
    cues_to_bundle,
    custom_of,
    faults_of,
    files_with,
    spoken,
)
from speechlabel.formats.textlines import Encoding, TextLines
from speechlabel.formats.times import on_grid, parse_clock
from speechlabel.records import Segment

__all__ = ["SrtFormat"]

TIME = r"-?(?:\d{1,4}:)?\d{1,3}:\d{1,2}(?:[.,:]\d{1,6})?"
TIMES = re.compile(rf"\s*({TIME})\s*--?>\s*({TIME})(?:\s+(.*?))?\s*", re.ASCII)
STRICT = re.compile(r"\d\d+:[0-5]\d:[0-5]\d,\d{3} --> \d\d+:[0-5]\d:[0-5]\d,\d{3}", re.ASCII)
ARROW = re.compile(r".*\d.*-->.*\d.*")
MARKUP = re.compile(r"\{\\[^{}\n]*\}|</?(?:i|b|u|s|em|strong|font)(?:\s[^<>\n]*)?/?>", re.IGNORECASE)
FRONTS = {"name": COLON, "bracket": BRACKETS, "none": "{text}"}


@dataclass(frozen=True)
class SrtFormat(Format):
    """One subtitle file a recording.

    Speakers stand in front of what they say: ``speakers=name`` writes ``Ann: hello``, ``bracket`` writes
    ``[Ann]: hello``, ``none`` leaves them out.  Reading recognises both.
    """

    speakers: Literal["name", "bracket", "none"] = "name"
    encoding: Encoding = "auto"

    name: ClassVar[str] = "srt"
    title: ClassVar[str] = "SubRip (SRT)"
    extensions: ClassVar[tuple[str, ...]] = (".srt",)
    spec: ClassVar[str] = "https://www.matroska.org/technical/subtitles.html#srt-subtitles"
    carries: ClassVar[frozenset[str]] = frozenset({"text", "speaker"})
    can_read: ClassVar[bool] = True
    can_write: ClassVar[bool] = True
    takes: ClassVar[Literal["training", "speech", "everything"]] = "speech"
    needs_text: ClassVar[bool] = True
    checked_by: ClassVar[tuple[str, ...]] = ("pysubs2", "srt", "FFmpeg")

    @property
    def time_step_us(self) -> int:
        """A millisecond."""
        return 1000

    def sniff(self, path: Path) -> bool:
        """Tell it by its name and times among its first lines."""
        if path.is_dir():
            return bool(files_with(path, self.extensions))
        if path.suffix.lower() not in self.extensions:
            return False
        try:
            with path.open("rb") as file:
                head = file.read(8192).replace(b"\0", b"").decode("latin-1")
        except OSError:
            return False
        return any(TIMES.fullmatch(line) for line in re.split("[\r\n]+", head))

    def write(self, export: Export, out: Path) -> Written:
        """Write ``<recording id>.srt`` for each recording with something to show."""
        tally = Tally()
        prefixes = Prefixes(FRONTS[self.speakers])
        count = 0
        for recording, segments in spoken(export, tally):
            names = names_of(export.bundle.speakers_of(recording.id), tally)
            said: list[tuple[Segment, str | None, str]] = []
            labels: list[str] = []
            with (out / f"{recording.id}.srt").open("w", encoding="utf-8", newline="\n") as file:
                for number, segment in enumerate(segments, 1):
                    name = names.get(segment.speaker, segment.speaker) if segment.speaker else None
                    text = segment.text or ""
                    raw, label = _raw(segment, prefixes.join(name, text), tally)
                    said.append((segment, name, text))
                    labels.append(label)
                    span = on_grid(segment.start_us, segment.end_us, 1000, recording.duration_us)
                    times = " --> ".join(clock(time, separator=",") for time in span)
                    place = custom_of(segment, "srt").get("place")
                    if isinstance(place, str) and place and "\n" not in place:
                        times += f" {place}"
                    file.write(f"{number}\n{times}\n{raw}\n\n")
            prefixes.report(said, labels, tally)
            count += len(segments)
        return Written(segments=count, losses=tally.losses())

    def read(self, path: Path) -> Bundle:
        """Read a file, or the SRT files of a folder, each as a recording that ends with its last cue."""
        return cues_to_bundle(path, self.extensions, self.name, self._parse, prefixes=True)

    def faults(self, path: Path) -> Iterator[Fault]:
        """Tell what a strict player would stumble over: numbers, times, blank lines inside a text."""
        return faults_of(path, self.extensions, self._parse)

    def _parse(self, path: Path, repairs: Repairs) -> Iterator[Cue]:
        return _Parser(path, TextLines(path, self.encoding), repairs).cues()


def _raw(segment: Segment, label: str, tally: Tally) -> tuple[str, str]:
    """Lines of a cue, and the label that a reader finds in them."""
    kept = custom_of(segment, "srt").get("text")
    if isinstance(kept, str) and _plain(kept) == label and _fit(kept) == kept:
        return kept, label
    raw = _fit(label)
    if raw != label:
        tally.add("text", "blank lines, or what looks like times, cannot stand in a subtitle", segment.id)
    if _plain(raw) != raw:
        tally.add("text", "what looks like a style is taken for one", segment.id)
    return raw, _plain(raw)


def _fit(text: str) -> str:
    lines = [line for line in text.split("\n") if line.strip()]
    return "\n".join(
        line.replace("->", "→") if TIMES.fullmatch(line) or ARROW.match(line) else line for line in lines
    )


def _plain(text: str) -> str:
    return MARKUP.sub("", text)


class _Parser:
    def __init__(self, path: Path, lines: TextLines, repairs: Repairs) -> None:
        self._path, self._lines, self._repairs = path, lines, repairs
        self._number = 0  # of the last cue
        for note in lines.notes:
            repairs.add(path, 1, note)

    def cues(self) -> Iterator[Cue]:
        cue: Cue | None = None
        body: list[str] = []
        next_number = 0
        for line, raw in self._lines:
            text = printable(self._path, line, raw, self._repairs)
            match = TIMES.fullmatch(text)
            if match is None:
                if ARROW.match(text) and body and body[-1].strip().isdigit():
                    raise ParseError(self._path, f"{text.strip()!r:.80} are no times", line=line)
                body.append(text)
                continue
            next_number = self._take_number(body, line, is_first=cue is None)
            yield from self._finished(cue, body)
            self._number = next_number
            cue = self._begun(line, match, text)
            body = []
        if cue is None and any(item.strip() for item in body):
            raise ParseError(self._path, "there are no times", line=1)
        yield from self._finished(cue, body)

    def _take_number(self, body: list[str], line: int, *, is_first: bool) -> int:
        """Take the number of the cue that begins off the end of the text of the one before."""
        at = len(body) - 1
        while at >= 0 and not body[at].strip():
            at -= 1
        text = body[at].strip() if at >= 0 else ""
        is_number = text.isdecimal() and text.isascii() and len(text) < 10
        is_parted = at == 0 or (at > 0 and not body[at - 1].strip())
        if not is_number or not (int(text) == self._number + 1 or (is_parted and at == len(body) - 1)):
            self._repairs.add(self._path, line, "a cue has no number")
            return self._number + 1
        del body[at:]
        if int(text) != self._number + 1 and not (is_first and text == "0"):
            self._repairs.add(self._path, line, "the numbers of cues do not count on by one")
        if not is_first and (not body or body[-1].strip()):
            self._repairs.add(self._path, line, "no blank line parts a cue from the one before")
        return int(text)

    def _begun(self, line: int, match: re.Match[str], text: str) -> Cue:
        try:
            start, end = parse_clock(match[1]), parse_clock(match[2])
        except ValueError as error:
            raise ParseError(self._path, str(error), line=line) from error
        if not STRICT.match(text):
            self._repairs.add(self._path, line, "times in another form than 00:00:01,000 --> 00:00:02,000")
        return Cue(line, start, end, [], custom={"place": match[3]} if match[3] else {})

    def _finished(self, cue: Cue | None, body: list[str]) -> Iterator[Cue]:
        while body and not body[-1].strip():
            body.pop()
        if cue is None:
            if body:
                self._repairs.add(
                    self._path, 1, f"text before the first cue was left out: {' '.join(body):.80}"
                )
            return
        if body and not body[0].strip():
            self._repairs.add(self._path, cue.line, "a blank line stands between times and text")
            while not body[0].strip():
                del body[0]
        if any(not line.strip() for line in body):
            self._repairs.add(self._path, cue.line, "blank lines stand inside a text")
        raw = "\n".join(body)
        plain = _plain(raw)
        if plain != raw:
            cue.custom["text"] = raw
        cue.voices = [(None, plain)]
        yield cue
