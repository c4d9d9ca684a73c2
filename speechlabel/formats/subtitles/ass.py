r"""Advanced SubStation Alpha (and SSA v4): events with style, name and text, to a hundredth of a second.

Source: the "ASS File Format Specification" of Kotus and what libass does.  ``Format:`` names the fields; only
the last, the text, may hold commas.  ``\N`` is a line break, ``{…}`` an override of the style.
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
from speechlabel.records import Segment, Speaker

__all__ = ["AssFormat"]

STEP_US = 10_000
FIELDS = ("layer", "start", "end", "style", "name", "marginl", "marginr", "marginv", "effect", "text")
OLD_FIELDS = ("marked", *FIELDS[1:])
USUAL = {"layer": "0", "marked": "Marked=0", "style": "Default", "effect": ""}
MARGIN = re.compile("0*")
OVERRIDE = re.compile(r"\{[^}]*\}")
TIME = re.compile(r"\d+:[0-5]\d:[0-5]\d\.\d\d", re.ASCII)
DRAWING = re.compile(r"\\p[1-9]")
HEADER = """[Script Info]
; schema: speechlabel.segment/1.0
ScriptType: v4.00+
WrapStyle: 0
ScaledBorderAndShadow: yes
PlayResX: 384
PlayResY: 288

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, \
Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, \
MarginR, MarginV, Encoding
Style: Default,Arial,16,&Hffffff,&Hffffff,&H0,&H0,0,0,0,0,100,100,0,0,1,1,0,2,10,10,10,1

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""


@dataclass(frozen=True)
class AssFormat(Format):
    """One subtitle file a recording, speakers as names; ``speakers=none`` leaves them out."""

    speakers: Literal["name", "none"] = "name"
    encoding: Encoding = "auto"

    name: ClassVar[str] = "ass"
    title: ClassVar[str] = "Advanced SubStation Alpha (ASS)"
    extensions: ClassVar[tuple[str, ...]] = (".ass", ".ssa")
    spec: ClassVar[str] = "https://github.com/libass/libass/wiki/ASS-File-Format-Guide"
    carries: ClassVar[frozenset[str]] = frozenset({"text", "speaker"})
    can_read: ClassVar[bool] = True
    can_write: ClassVar[bool] = True
    takes: ClassVar[Literal["training", "speech", "everything"]] = "speech"
    needs_text: ClassVar[bool] = True
    checked_by: ClassVar[tuple[str, ...]] = ("pysubs2", "FFmpeg")

    @property
    def time_step_us(self) -> int:
        """A hundredth of a second."""
        return STEP_US

    def sniff(self, path: Path) -> bool:
        """Tell it by its first section."""
        if path.is_dir():
            return bool(files_with(path, self.extensions))
        try:
            with path.open("rb") as file:
                head = file.read(4096).removeprefix(b"\xef\xbb\xbf").replace(b"\0", b"").decode("latin-1")
        except OSError:
            return False
        lines = [line for line in re.split("[\r\n]+", head.lstrip("\xff\xfe")) if line.strip()]
        first = next((line.strip().lower() for line in lines if not line.startswith(";")), "")
        return first == "[script info]"

    def write(self, export: Export, out: Path) -> Written:
        """Write ``<recording id>.ass`` for each recording with something to show."""
        tally = Tally()
        count = 0
        for recording, segments in spoken(export, tally):
            names = _names(export.bundle.speakers_of(recording.id), tally)
            with (out / f"{recording.id}.ass").open("w", encoding="utf-8", newline="\n") as file:
                file.write(HEADER)
                for segment in segments:
                    start, end = on_grid(segment.start_us, segment.end_us, STEP_US, recording.duration_us)
                    times = (clock(time, separator=".", decimals=2, hours=1) for time in (start, end))
                    name = names.get(segment.speaker, segment.speaker) if segment.speaker else ""
                    if segment.speaker and self.speakers == "none":
                        tally.add("speaker", "left out, as asked", segment.id)
                        name = ""
                    text = _escaped(segment, tally)
                    file.write(f"Dialogue: 0,{','.join(times)},Default,{name},0,0,0,,{text}\n")
            count += len(segments)
        return Written(segments=count, losses=tally.losses())

    def read(self, path: Path) -> Bundle:
        """Read a file, or the ASS files of a folder, each a recording that ends at its last event."""
        return cues_to_bundle(path, self.extensions, self.name, self._parse, prefixes=False)

    def faults(self, path: Path) -> Iterator[Fault]:
        """Tell what players would drop or read in another way."""
        return faults_of(path, self.extensions, self._parse)

    def _parse(self, path: Path, repairs: Repairs) -> Iterator[Cue]:
        lines = TextLines(path, self.encoding)
        for note in lines.notes:
            repairs.add(path, 1, note)
        return _cues(path, iter(lines), repairs)


def _names(speakers: dict[str, Speaker], tally: Tally) -> dict[str, str]:
    names: dict[str, str] = {}
    for id, speaker in speakers.items():
        names[id] = " ".join(speaker.name.replace(",", " ").split()) or "_"
        if names[id] != speaker.name:
            tally.add("speaker.name", "without commas, with single blanks", id)
    return names


def _plain(raw: str) -> str:
    """Text that a player shows."""
    text = OVERRIDE.sub("", raw)
    return text.replace("\\N", "\n").replace("\\n", "\n").replace("\\h", "\u00a0")


def _escaped(segment: Segment, tally: Tally) -> str:
    wanted = segment.text or ""
    kept = custom_of(segment, "ass").get("text")
    if isinstance(kept, str) and "\n" not in kept and _plain(kept) == wanted:
        return kept
    text = re.sub(r"\\([Nnh])", r"/\1", wanted)
    if OVERRIDE.search(text):
        text = text.replace("{", "(").replace("}", ")")
    raw = text.replace("\n", "\\N")
    raw = raw.strip()
    if _plain(raw) != wanted:
        tally.add("text", "blanks at its ends, braces or backslashes cannot stand in an event", segment.id)
    return raw


def _cues(path: Path, lines: Iterator[tuple[int, str]], repairs: Repairs) -> Iterator[Cue]:
    section = ""
    fields: tuple[str, ...] = FIELDS
    seen_events = False
    for number, raw in lines:
        line = printable(path, number, raw, repairs).lstrip("\ufeff")
        if re.fullmatch(r"\s*\[[^\]]+\]\s*", line) and not line.startswith("Dialogue"):
            section = line.strip()[1:-1].strip().lower()
            seen_events = seen_events or section == "events"
            continue
        kind, colon, rest = line.partition(":")
        kind = kind.strip().lower()
        if section == "script info" and kind == "scripttype" and rest.strip().lower() == "v4.00":
            fields = OLD_FIELDS
        if section != "events" or not colon:
            continue
        if kind == "format":
            fields = tuple(name.strip().lower() for name in rest.split(","))
            if "start" not in fields or "end" not in fields or fields[-1] != "text":
                raise ParseError(
                    path, "the fields of events lack a start, an end, or a text at last", line=number
                )
        elif kind == "comment":
            repairs.note(path, number, "a comment was left out")
        elif kind == "dialogue":
            yield _event(path, number, rest.lstrip(" \t"), fields, repairs)
    if not seen_events:
        raise ParseError(path, "there is no [Events] section", line=1)


def _event(path: Path, number: int, rest: str, fields: tuple[str, ...], repairs: Repairs) -> Cue:
    cells = rest.split(",", len(fields) - 1)
    if len(cells) < len(fields):
        raise ParseError(path, f"{len(cells)} fields, but the format has {len(fields)}", line=number)
    event = dict(zip(fields, cells, strict=True))
    times: list[int] = []
    for name in ("start", "end"):
        text = event[name].strip()
        try:
            times.append(parse_clock(text))
        except ValueError as error:
            raise ParseError(path, str(error), line=number) from error
        if not TIME.fullmatch(text):
            repairs.add(path, number, "times in another form than 0:00:01.00")
    custom: dict[str, str] = {}
    for name, value in event.items():
        is_margin = name.startswith("margin") and MARGIN.fullmatch(value.strip())
        if name in ("start", "end", "name", "actor", "text") or is_margin:
            continue
        if value.strip() != USUAL.get(name, ""):
            custom[name] = value.strip()
    raw = event["text"]
    plain = _plain(raw)
    if plain != raw.replace("\\N", "\n"):
        custom["text"] = raw
    if DRAWING.search(raw):
        repairs.note(path, number, "a drawing: its strokes were read as text")
    speaker = (event.get("name") or event.get("actor") or "").strip()
    return Cue(number, times[0], times[1], [(speaker or None, plain)], custom=custom)
