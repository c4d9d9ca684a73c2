"""What the files of NIST's scorers share: fields between blanks, channels, names of one word."""

from __future__ import annotations

import dataclasses
import re
from array import array
from collections.abc import Collection, Iterable
from pathlib import Path

from speechlabel.errors import ParseError
from speechlabel.formats.base import Bundle, Segments
from speechlabel.formats.foreign import Collected
from speechlabel.formats.names import safe_id, tsv
from speechlabel.formats.output import write_file
from speechlabel.formats.repairs import Repairs
from speechlabel.formats.times import parse_time
from speechlabel.records import Word

__all__ = [
    "Channels",
    "Columns",
    "Names",
    "channel_of",
    "channel_read",
    "fields_of",
    "first_line",
    "met_channel",
    "read_names",
    "seconds",
    "unit_interval",
]

BLANKS = re.compile(r"[ \t\f\v\r]+")
LETTERS = {"A": 1, "B": 2}
UNTOLD, FIRST = 0, -1  # instead of a channel from 1
ESCAPES = re.compile(r"\\(.)")


def fields_of(line: str) -> list[str]:
    """Fields of a line, between blanks and tabs; the wider blanks of Unicode are part of a field."""
    return BLANKS.split(line.strip(" \t\f\v\r")) if line.strip(" \t\f\v\r") else []


def first_line(path: Path) -> list[str]:
    """Fields of the first line that is no comment, looked for in the first 4 kB; none where none is."""
    try:
        with path.open("rb") as file:
            head = file.read(4096).decode("utf-8-sig", "replace")
    except OSError:
        return []
    for line in head.replace("\r", "\n").split("\n"):
        fields = fields_of(line)
        if fields and not fields[0].startswith(";;"):
            return fields
    return []


def seconds(path: Path, line: int, text: str) -> int:
    """Microseconds of a field.

    Raises
    ------
    ParseError
        It is not a number of seconds.
    """
    try:
        return parse_time(text)
    except ValueError as error:
        raise ParseError(path, str(error), line=line) from error


def channel_of(path: Path, line: int, text: str) -> int:
    """Channel from 1 of a field; A and B are 1 and 2.

    Raises
    ------
    ParseError
        It is no channel.
    """
    if text.upper() in LETTERS:
        return LETTERS[text.upper()]
    if not re.fullmatch("[1-9][0-9]{0,3}", text, re.ASCII):
        raise ParseError(path, f"channel {text!r:.80} is not a number from 1", line=line)
    return int(text)


def channel_read(path: Path, line: int, text: str, repairs: Repairs) -> int:
    """Channel of a field as readers take it: from 1, ``UNTOLD`` where none is told, ``FIRST`` for a 0.

    Kaldi's ``make_rttm.py`` and others count from 0, against the formats.

    Raises
    ------
    ParseError
        It is no channel.
    """
    if text.upper() in ("NA", "<NA>"):
        return UNTOLD
    if text == "0":
        repairs.add(path, line, "channel 0: taken for the first one, as channels counted from 0")
        return FIRST
    return channel_of(path, line, text)


class Channels:
    """Which channels the lines of each recording name, and from where they count."""

    def __init__(self) -> None:
        self._highest: dict[str, int] = {}
        self._from_zero: set[str] = set()

    def seen(self, id: str, channel: int) -> None:
        """Take note of a channel as ``channel_read`` gave it."""
        self._highest[id] = max(self._highest.get(id, 0), channel)
        if channel == FIRST:
            self._from_zero.add(id)

    def count(self, id: str) -> int:
        """How many channels a recording has, as far as its lines tell."""
        highest = self._highest.get(id, 0)
        return highest + 1 if highest and id in self._from_zero else max(1, highest)

    def index(self, id: str, channel: int) -> int | None:
        """Place from 0 of a channel, once all lines were seen; None for the one channel, or all."""
        if channel == UNTOLD or self.count(id) == 1:
            return None
        return max(channel, 0) if id in self._from_zero else channel - 1

    def segments(self, id: str, found: Collected) -> Segments:
        """Segments that were made with ``met_channel``, with the channels that they are on."""
        if self.count(id) == 1:
            return found.segments_of_the_mix
        if id not in self._from_zero:
            return found.segments
        return found.segments.each(
            lambda item: dataclasses.replace(item, channel=0 if item.channel is None else item.channel + 1)
        )


def met_channel(channel: int) -> int | None:
    """Channel for a segment while it is not known from where the lines of its recording count."""
    return channel - 1 if channel > 0 else None


def unit_interval(text: str) -> float | None:
    """Confidence of a field, None where it tells none or one that is not between 0 and 1."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value <= 1 else None


class Names:
    """Names as the targets take them: one word each, none twice; and the table that says what became what."""

    def __init__(self) -> None:
        self.recordings: dict[str, str] = {}  # id → name in the files
        self.speakers: dict[tuple[str, str], str] = {}  # (recording id, speaker id) → name in the files
        self._taken: dict[str, set[str]] = {}

    @classmethod
    def of(cls, bundle: Bundle) -> Names:
        """Name all recordings of a bundle, in order of their ids: letters, digits, ``-`` and ``_`` only."""
        names = cls()
        for recording in sorted(bundle.recordings, key=lambda item: item.id):
            names.recordings[recording.id] = plain(recording.id, names.recordings.values())
        return names

    def speaker(self, recording_id: str, speaker_id: str, wanted: str, taken: Iterable[str] = ()) -> str:
        """Name of a speaker, the same at each asking."""
        key = recording_id, speaker_id
        if key not in self.speakers:
            used = self._taken.setdefault(recording_id, set(taken))
            self.speakers[key] = plain(wanted, used)
            used.add(self.speakers[key])
        return self.speakers[key]

    def write(self, out: Path, bundle: Bundle) -> None:
        """Write ``id_map.tsv``."""
        rows: list[tuple[str, str, str, str, str]] = []
        for id, name in self.recordings.items():
            rows.append((id, name, "", "", ""))
            known = bundle.speakers_of(id)
            for (recording_id, speaker_id), spoken in self.speakers.items():
                if recording_id == id:
                    whole = known[speaker_id].name if speaker_id in known else speaker_id
                    rows.append((id, name, speaker_id, whole, spoken))
        header = ("recording_id", "name_in_file", "speaker_id", "speaker_name", "speaker_in_file")
        write_file(out / "id_map.tsv", tsv(header, rows))


def plain(name: str, taken: Collection[str]) -> str:
    """Name of ASCII letters, digits, ``-`` and ``_``, as the NIST validators want it."""
    base = safe_id(name).replace(".", "_")
    number, made = 1, base
    while made in taken:
        number += 1
        made = f"{base}_{number}"
    return made


def read_names(path: Path) -> tuple[dict[str, str], dict[tuple[str, str], str]]:
    """Read an ``id_map.tsv``: name in the files → recording id, and (that name, speaker) → speaker's name.

    A table that is not there, or not one of ours, undoes nothing.
    """
    recordings: dict[str, str] = {}
    speakers: dict[tuple[str, str], str] = {}
    try:
        lines = path.read_bytes().decode("utf-8").split("\n")
    except (OSError, UnicodeDecodeError):
        return recordings, speakers
    if lines[0].split("\t")[:2] != ["recording_id", "name_in_file"]:
        return recordings, speakers
    for line in lines[1:]:
        cells = [ESCAPES.sub(_escaped, cell) for cell in line.split("\t")]
        if len(cells) == 5 and cells[2]:
            speakers[cells[1], cells[4]] = cells[3]
        elif len(cells) == 5:
            recordings[cells[1]] = cells[0]
    return recordings, speakers


def _escaped(match: re.Match[str]) -> str:
    return {"t": "\t", "n": "\n"}.get(match[1], match[1])


class Columns:
    """Timed items of any number in little memory: columns of numbers, and names that are kept once each."""

    def __init__(self) -> None:
        self.start, self.end, self.line = array("q"), array("q"), array("q")
        self.score = array("d")
        self.name: list[str] = []
        self._known: dict[str, str] = {}

    def add(self, line: int, start_us: int, end_us: int, score: float | None, name: str = "") -> None:
        """Add an item."""
        self.line.append(line)
        self.start.append(start_us)
        self.end.append(end_us)
        self.score.append(-1.0 if score is None else score)
        self.name.append(self._known.setdefault(name, name))

    def __len__(self) -> int:
        return len(self.line)

    def order(self) -> list[int]:
        """Places of the items by start and end; equal ones as they came."""
        return sorted(range(len(self)), key=lambda at: (self.start[at], self.end[at]))

    def score_at(self, at: int) -> float | None:
        """Score of an item."""
        return None if self.score[at] < 0 else self.score[at]

    def word(self, at: int) -> Word:
        """Item as a word."""
        return Word(word=self.name[at], start_us=self.start[at], end_us=self.end[at], score=self.score_at(at))
