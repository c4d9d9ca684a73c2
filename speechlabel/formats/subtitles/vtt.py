"""WebVTT subtitles: a signature, then blocks between blank lines: cues, notes, styles, regions.

Spec: https://www.w3.org/TR/webvtt1/, its parser, made more patient: hours of one digit, a comma for the point
and a missing signature are read and noted.
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
from speechlabel.formats.prefixes import Prefixes
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
from speechlabel.formats.subtitles.vtt_text import escaped, parse_payload
from speechlabel.formats.textlines import Encoding, TextLines
from speechlabel.formats.times import on_grid, parse_clock
from speechlabel.records import Segment, Speaker

__all__ = ["VttFormat"]

TIME = r"(?:\d+:)?\d{1,3}:\d{1,2}[.,]\d{1,6}"
TIMES = re.compile(rf"\s*({TIME})\s*-->\s*({TIME})(?:[ \t]+(.*?))?\s*", re.ASCII)
STRICT = re.compile(
    r"(?:\d{2,}:)?[0-5]\d:[0-5]\d\.\d{3}[ \t]+-->[ \t]+(?:\d{2,}:)?[0-5]\d:[0-5]\d\.\d{3}(?:[ \t].*)?",
    re.ASCII,
)
SIGNATURE = re.compile(r"WEBVTT(?:[ \t].*)?")
NOTE = "NOTE speechlabel.segment/1.0: an identifier is the id of its segment"


@dataclass(frozen=True)
class VttFormat(Format):
    """One subtitle file a recording, speakers as voices.

    Identifiers are the ids of segments.  ``speakers=none`` leaves the voices out.
    """

    speakers: Literal["voice", "none"] = "voice"
    encoding: Encoding = "auto"

    name: ClassVar[str] = "vtt"
    title: ClassVar[str] = "WebVTT"
    extensions: ClassVar[tuple[str, ...]] = (".vtt",)
    spec: ClassVar[str] = "https://www.w3.org/TR/webvtt1/"
    carries: ClassVar[frozenset[str]] = frozenset({"text", "speaker"})
    can_read: ClassVar[bool] = True
    can_write: ClassVar[bool] = True
    takes: ClassVar[Literal["training", "speech", "everything"]] = "speech"
    needs_text: ClassVar[bool] = True
    checked_by: ClassVar[tuple[str, ...]] = ("webvtt-py", "FFmpeg")

    @property
    def time_step_us(self) -> int:
        """A millisecond."""
        return 1000

    def sniff(self, path: Path) -> bool:
        """Tell it by its signature, or by its name and times among its first lines."""
        if path.is_dir():
            return bool(files_with(path, self.extensions))
        try:
            with path.open("rb") as file:
                head = file.read(8192).removeprefix(b"\xef\xbb\xbf").replace(b"\0", b"").decode("latin-1")
        except OSError:
            return False
        lines = re.split("[\r\n]+", head)
        if SIGNATURE.fullmatch(lines[0].lstrip("\xff\xfe")):
            return True
        return path.suffix.lower() == ".vtt" and any(TIMES.fullmatch(line) for line in lines)

    def write(self, export: Export, out: Path) -> Written:
        """Write ``<recording id>.vtt`` for each recording with something to show."""
        tally = Tally()
        count = 0
        for recording, segments in spoken(export, tally):
            voices = self._voices(export.bundle.speakers_of(recording.id), tally)
            self._tell_names(segments, tally)
            with (out / f"{recording.id}.vtt").open("w", encoding="utf-8", newline="\n") as file:
                file.write(f"WEBVTT\n\n{NOTE}\n")
                for segment in segments:
                    span = on_grid(segment.start_us, segment.end_us, 1000, recording.duration_us)
                    times = " --> ".join(clock(time, separator=".") for time in span)
                    settings = custom_of(segment, "vtt").get("settings")
                    if isinstance(settings, str) and settings and not re.search("\n|-->", settings):
                        times += f" {settings}"
                    voice = voices.get(segment.speaker, segment.speaker) if segment.speaker else None
                    file.write(f"\n{segment.id}\n{times}\n{self._payload(segment, voice, tally)}\n")
                    if segment.speaker and self.speakers == "none":
                        tally.add("speaker", "left out, as asked", segment.id)
            count += len(segments)
        return Written(segments=count, losses=tally.losses())

    def _tell_names(self, segments: list[Segment], tally: Tally) -> None:
        """Report texts whose beginning is read as the name of a speaker where no voice tells one."""
        names = Prefixes().count(segment.text or "" for segment in segments)
        for segment in segments:
            has_voice = segment.speaker is not None and self.speakers == "voice"
            if not has_voice and Prefixes().split(segment.text or "", names)[0]:
                tally.add("text", "begins like the name of a speaker, and is read as one", segment.id)
                tally.add("speaker", "taken from the beginning of the text when it is read", segment.id)

    def _voices(self, speakers: dict[str, Speaker], tally: Tally) -> dict[str, str]:
        voices: dict[str, str] = {}
        for id, speaker in speakers.items():
            voices[id] = " ".join(speaker.name.split())
            if voices[id] != speaker.name:
                tally.add("speaker.name", "blanks became single blanks", id)
        return voices

    def _payload(self, segment: Segment, voice: str | None, tally: Tally) -> str:
        wanted = segment.text or ""
        voice = None if self.speakers == "none" else voice
        kept = custom_of(segment, "vtt").get("text")
        if isinstance(kept, str) and not re.search("-->|\n\\s*\n", kept):
            found = parse_payload(kept, segment.start_us, segment.end_us)
            if found.voices == [(voice, wanted)]:
                return kept
        text = "\n".join(line for line in wanted.split("\n") if line.strip())
        if text != wanted:
            tally.add("text", "blank lines cannot stand in a cue: left out", segment.id)
        return (f"<v {escaped(voice)}>" if voice else "") + escaped(text)

    def read(self, path: Path) -> Bundle:
        """Read a file, or the WebVTT files of a folder, each as a recording that ends with its last cue."""
        return cues_to_bundle(path, self.extensions, self.name, self._parse, prefixes=True)

    def faults(self, path: Path) -> Iterator[Fault]:
        """Tell what a browser would drop or read in another way."""
        return faults_of(path, self.extensions, self._parse)

    def _parse(self, path: Path, repairs: Repairs) -> Iterator[Cue]:
        lines = TextLines(path, self.encoding)
        for note in lines.notes:
            repairs.add(path, 1, note)
        return _Parser(path, repairs).cues(iter(lines))


class _Parser:
    def __init__(self, path: Path, repairs: Repairs) -> None:
        self._path, self._repairs = path, repairs
        self._last: list[str] = []  # lines of the cue before

    def cues(self, lines: Iterator[tuple[int, str]]) -> Iterator[Cue]:
        block: list[tuple[int, str]] = []
        n_blocks = n_cues = 0
        for number, raw in lines:
            line = printable(self._path, number, raw, self._repairs)
            if number == 1:
                if SIGNATURE.fullmatch(line):
                    block = [(0, "")]  # the header goes on to the first blank line
                    continue
                self._repairs.add(self._path, 1, "the first line is not WEBVTT")
            is_next = (
                "-->" in line
                and bool(TIMES.fullmatch(line))
                and (any("-->" in text for _, text in block) or (len(block) > 1 and block[0][0] > 0))
            )
            if line and not line.strip() and not block:  # blanks where nothing is under way
                continue
            if line and not is_next:  # a line of blanks is no blank line
                block.append((number, line))
                continue
            if block:
                n_blocks += 1
                for cue in self._block(block):
                    n_cues += 1
                    yield cue
            block = [(number, line)] if is_next else []
        for cue in self._block(block) if block else ():
            n_cues += 1
            yield cue
        if not n_cues and not n_blocks and block and block[0][0]:
            raise ParseError(self._path, "there is neither a WEBVTT line nor a cue", line=1)

    def _block(self, block: list[tuple[int, str]]) -> Iterator[Cue]:
        head = block if block[0][0] == 0 else block[:2]
        at = next((at for at, (_, text) in enumerate(head) if "-->" in text), None)
        if block[0][0] == 0 and at is None:
            return  # the header
        first, name = block[0]
        if at is None:
            if re.match(r"NOTE([ \t]|$)", name):
                return
            if kind := re.match(r"(STYLE|REGION)\s*$", name):
                self._repairs.note(self._path, first, f"a {kind[1]} block was left out")
            else:
                what = f"text outside of any cue was left out: {name:.80}"
                self._repairs.add(self._path, first, what)
            return
        number, line = block[at]
        match = TIMES.fullmatch(line)
        if match is None:
            self._repairs.add(self._path, number, f"times that are none, the cue was left out: {line:.80}")
            return
        yield self._cue(number, match, block[0][1] if at and block[0][0] else None, block[at + 1 :])

    def _cue(self, number: int, match: re.Match[str], id: str | None, rest: list[tuple[int, str]]) -> Cue:
        if not STRICT.fullmatch(match[0]):
            self._repairs.add(self._path, number, "times in another form than 00:01.000 --> 00:02.000")
        try:
            start, end = parse_clock(match[1]), parse_clock(match[2])
        except ValueError as error:
            raise ParseError(self._path, str(error), line=number) from error
        lines = [text for _, text in rest]
        if any("-->" in text for text in lines):
            self._repairs.add(self._path, number, "--> stands inside a text")
        payload = parse_payload("\n".join(lines), start, end)
        self._note_repetition(number, payload.voices[0][1].split("\n"))
        custom: dict[str, str] = {}
        if match[3]:
            custom["settings"] = match[3]
        if not payload.is_plain:
            custom["text"] = "\n".join(lines)
        if id is not None and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,199}", id):
            custom["id"] = id
        return Cue(number, start, end, payload.voices, id, payload.language, payload.words, custom)

    def _note_repetition(self, number: int, lines: list[str]) -> None:
        """Note what captions that roll up do: they show the last line once more in the next cue."""
        told = [line.strip() for line in lines if line.strip()]
        if self._last and told and told[0] == self._last[-1]:
            what = "begins with the last line of the cue before, as captions that roll up do"
            self._repairs.note(self._path, number, what)
        self._last = told
