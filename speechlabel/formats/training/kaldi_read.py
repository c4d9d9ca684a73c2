"""Reading a Kaldi data directory, also one that Kaldi would refuse: unsorted, with blanks, without segments.

Tables are walked side by side in the order of their keys, so that a million utterances take little memory;
one that is not in order is put in order first.  Commands in ``wav.scp`` are kept as text and never run.
"""

from __future__ import annotations

import heapq
import re
import shlex
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from speechlabel.errors import ParseError
from speechlabel.formats.base import Bundle
from speechlabel.formats.foreign import decode
from speechlabel.formats.gather import TO_THE_END_US, Gathered, Notes, beside
from speechlabel.formats.jsonfile import clean
from speechlabel.formats.times import parse_time
from speechlabel.formats.training.id_map import ID_MAP, Origin, read_id_map
from speechlabel.formats.training.sorting import SortedRows
from speechlabel.records import RECORDING_ID

__all__ = ["Entry", "read_kaldi", "table"]

ENTRY = re.compile(r"([^ \t]+)[ \t]*(.*)", re.DOTALL)
SPOKEN = re.compile("text_spk[0-9]+")
GENDERS = {"m": "male", "f": "female", "male": "male", "female": "female"}
KEPT = ("utt2category", "utt2uniq")  # what an utterance is told to be, kept under its custom fields
OF_UTTERANCES = ("text", "utt2spk", "utt2lang", "utt2dur", *KEPT)
OTHERS = ("wav.scp", "segments", "spk2utt", "spk2gender", "reco2dur", "reco2file_and_channel", ID_MAP)
AUDIO = re.compile(r"\.(wav|flac|sph|wv1|mp3|m4a|ogg|opus|aac|aiff?|mp4|webm|amr|shn)$", re.IGNORECASE)
LONGEST_LINE = 16_000_000  # bytes
SIDES = {"A": 0, "B": 1, "1": 0, "2": 1}


class Entry(NamedTuple):
    """A line of a table."""

    key: str
    value: str
    line: int


def table(path: Path, notes: Notes) -> Iterator[Entry]:
    """Entries of a file by key; one whose lines are in another order is put in order first.

    Raises
    ------
    ParseError
        A line is longer than 16 MB, or the bytes are not what their byte order mark says.
    """
    last = ""
    is_sorted = True
    for entry in _entries(path, Notes()):
        is_sorted = is_sorted and entry.key >= last
        last = entry.key
    if is_sorted:
        return _entries(path, notes)
    rows: SortedRows[tuple[str, int, str]] = SortedRows()
    for entry in _entries(path, notes):
        rows.add((entry.key, entry.line, entry.value))
    return (Entry(key, value, line) for key, line, value in rows)


def _entries(path: Path, notes: Notes) -> Iterator[Entry]:
    for number, text in _texts(path, notes):
        if found := ENTRY.fullmatch(text.strip(" \t\r")):
            yield Entry(found[1], found[2], number)


def _texts(path: Path, notes: Notes) -> Iterator[tuple[int, str]]:
    with path.open("rb") as file:
        if file.read(2) in (b"\xff\xfe", b"\xfe\xff"):
            file.seek(0)
            yield from enumerate(decode(file.read(), path)[0].split("\n"), 1)
            return
        file.seek(0)
        number = 0
        while raw := file.readline(LONGEST_LINE + 1):
            number += 1
            if len(raw) > LONGEST_LINE:
                raise ParseError(path, f"the line is longer than {LONGEST_LINE:,} bytes", line=number)
            raw = raw.removesuffix(b"\n")
            if number == 1:
                raw = raw.removeprefix(b"\xef\xbb\xbf")
            try:
                yield number, raw.decode("utf-8")
            except UnicodeDecodeError:
                text, encoding = _guess(raw)
                notes.add(path.name, number, f"is not UTF-8; read as {encoding}")
                yield number, text


def _guess(raw: bytes) -> tuple[str, str]:
    """Text in an older encoding: Chinese where all that is not ASCII are pairs of high bytes."""
    high = re.findall(rb"[\x80-\xff]+", raw)
    if all(len(run) % 2 == 0 for run in high):
        try:
            return raw.decode("gb18030"), "GB18030"
        except UnicodeDecodeError:
            pass
    return raw.decode("latin-1"), "Latin-1"


def read_kaldi(path: Path) -> Bundle:
    """Read a data directory.

    Raises
    ------
    ParseError
        ``wav.scp`` is missing, or a line of ``segments`` or ``id_map.tsv`` is not what it should be.
    """
    if not (path / "wav.scp").is_file():
        raise ParseError(path / "wav.scp", "is missing")
    return _Directory(path).read()


class _Directory:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._found = Gathered(path)
        self._notes = self._found.notes
        self._has_segments = (path / "segments").is_file()
        self._wav: dict[str, Entry] = {}
        self._lengths: dict[str, int] = {}
        self._sides: dict[str, tuple[str, int]] = {}
        self._genders: dict[str, str] = {}
        self._used: set[str] = set()
        self._origins: dict[str, tuple[str, int | None]] = {}

    def read(self) -> Bundle:
        self._told_of_recordings()
        names = list(OF_UTTERANCES)
        names += sorted(item.name for item in self._path.iterdir() if SPOKEN.fullmatch(item.name))
        names.append("segments" if self._has_segments else "wav.scp")
        if not self._has_segments:
            names.append("reco2dur")
        streams = [
            _marked(table(self._path / name, self._notes), name)
            for name in names
            if (self._path / name).is_file()
        ]
        origins = self._origin_rows()
        merged = heapq.merge(*streams, *([origins] if origins else []), key=lambda item: item[0])
        for key, group in groupby(merged, key=lambda item: item[0]):
            found: dict[str, list[Any]] = {}
            for _, name, value in group:
                found.setdefault(name, []).append(value)
            self._utterance(key, found)
        if self._has_segments:
            self._unused()
        self._tell_unread()
        return self._found.bundle()

    def _told_of_recordings(self) -> None:
        for name in ("spk2gender", "reco2file_and_channel", *(("reco2dur",) if self._has_segments else ())):
            if not (self._path / name).is_file():
                continue
            for entry in _entries(self._path / name, self._notes):
                fields = entry.value.split()
                if name == "spk2gender":
                    self._gender(entry)
                elif name == "reco2dur":
                    self._lengths[entry.key] = self._length(entry, name) or 0
                elif len(fields) == 2 and fields[1] in SIDES:
                    self._sides[entry.key] = fields[0], SIDES[fields[1]]
                else:
                    self._notes.add(name, entry.line, "names no file and channel: left out")
        if self._has_segments:
            for entry in _entries(self._path / "wav.scp", self._notes):
                if self._wav.setdefault(entry.key, entry) is not entry:
                    self._notes.add("wav.scp", entry.line, "the key is there twice: the first one counts")

    def _gender(self, entry: Entry) -> None:
        gender = GENDERS.get(entry.value.strip().lower())
        if gender is None:
            self._notes.add("spk2gender", entry.line, "neither m nor f: left out")
        else:
            self._genders[entry.key] = gender

    def _length(self, entry: Entry, name: str) -> int | None:
        try:
            return max(parse_time(entry.value.strip()), 0)
        except ValueError:
            self._notes.add(name, entry.line, "is not a length: left out")
            return None

    def _origin_rows(self) -> Iterator[tuple[str, str, Any]] | None:
        """Rows of our own table by utterance, or None where there is none."""
        if not (self._path / ID_MAP).is_file():
            return None
        rows: SortedRows[tuple[str, int, Any]] = SortedRows()
        last, is_sorted = "", True
        for origin, _ in read_id_map(self._path / ID_MAP, []):
            is_sorted = is_sorted and origin.utterance > last
            last = origin.utterance
        source = read_id_map(self._path / ID_MAP, self._found.plain_notes)
        if is_sorted:
            return ((origin.utterance, ID_MAP, origin) for origin, _ in source)
        for origin, number in source:
            rows.add((origin.utterance, number, origin))
        return ((key, ID_MAP, origin) for key, _, origin in rows)

    def _utterance(self, key: str, found: dict[str, list[Any]]) -> None:
        """Make what is told of one utterance into segments."""
        for name, entries in found.items():
            if len(entries) > 1 and name not in ("segments", ID_MAP):
                self._notes.add(name, entries[1].line, "the key is there twice: the first one counts")
        stretches: list[Entry] = found.get("segments" if self._has_segments else "wav.scp", [])
        if not stretches:
            for name in ("text", "utt2spk"):
                if name in found:
                    where = "segments" if self._has_segments else "wav.scp"
                    self._notes.add(name, found[name][0].line, f"is not in {where}: left out")
                    break
            return
        origin = found[ID_MAP][0] if ID_MAP in found else None
        for entry in stretches if self._has_segments else stretches[:1]:
            place = self._stretch(entry) if self._has_segments else self._file(entry, found)
            if place is None:
                continue
            self._segment(entry, found, origin, place)

    def _stretch(self, entry: Entry) -> tuple[str, int, int] | None:
        fields = entry.value.split()
        file = self._path / "segments"
        if len(fields) not in (3, 4):  # an older Kaldi told the channel last
            raise ParseError(file, f"{len(fields) + 1} fields, but a segment has 4", line=entry.line)
        try:
            start, end = parse_time(fields[1]), parse_time(fields[2])
        except ValueError as error:
            raise ParseError(file, str(error), line=entry.line) from error
        if end == -1_000_000:
            end = self._lengths.get(fields[0], 0) or max(TO_THE_END_US, start)
            self._notes.add("segments", entry.line, "lasts to the end of the file")
        if start < 0:
            self._notes.add("segments", entry.line, "starts before the recording: moved to its start")
            start = 0
        if end <= start:
            self._notes.add("segments", entry.line, "does not end after its start: left out")
            return None
        return fields[0], start, end

    def _file(self, entry: Entry, found: dict[str, list[Any]]) -> tuple[str, int, int]:
        """Place of an utterance that is a file of its own."""
        told = next((found[name][0] for name in ("utt2dur", "reco2dur") if name in found), None)
        length = self._length(told, "utt2dur") if told else None
        origin: Origin | None = found[ID_MAP][0] if ID_MAP in found else None
        if not length and (origin is None or origin.start_us is None):
            self._notes.add("wav.scp", entry.line, "no length is told: taken to the end of the file")
        self._wav = {entry.key: entry}
        return entry.key, 0, length or TO_THE_END_US

    def _segment(
        self, entry: Entry, found: dict[str, list[Any]], origin: Origin | None, place: tuple[str, int, int]
    ) -> None:
        reco, start, end = place
        id, channel = self._recording(reco, origin)
        if origin is not None and origin.start_us is not None and (origin.end_us or 0) > origin.start_us >= 0:
            start, end = origin.start_us, origin.end_us or 0
        fields: dict[str, Any] = {"start_us": start, "end_us": end, "channel": channel}
        fields["speaker"] = self._speaker(entry, id, found, origin)
        if "utt2lang" in found and (language := clean(found["utt2lang"][0].value).strip()):
            fields["language"] = language
        custom = {name: clean(found[name][0].value) for name in KEPT if name in found}
        own = origin.segment_id if origin else entry.key
        spoken = sorted(name for name in found if SPOKEN.fullmatch(name))
        for name in ("text",) if "text" in found or not spoken else spoken:
            if name != "text":
                speaker = self._found.speaker(id, name.removeprefix("text_"), entry.line)
                fields |= {"speaker": speaker}
            text = clean(found[name][0].value) if name in found else None
            self._add(entry, id, own if name == "text" else f"{own}-{name}", fields | {"text": text}, custom)

    def _add(self, entry: Entry, id: str, own: str, fields: dict[str, Any], custom: dict[str, Any]) -> None:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,199}", own):
            custom = custom | {"utterance_id": clean(own)}
        if custom:
            fields["custom"] = {"kaldi": custom}
        self._found.segment(id, entry.line, id=own, **fields)

    def _recording(self, reco: str, origin: Origin | None) -> tuple[str, int | None]:
        """Id of a recording, and the channel; ``reco2file_and_channel`` tells which are one file."""
        known = self._origins.get(reco)
        if known is not None and origin is None:
            return known
        entry = self._wav.get(reco)
        if origin is not None:
            id = self._found.recording(
                f"={origin.recording_id}", name=origin.recording_id, id=origin.recording_id
            )
            channel = origin.channel
        else:
            file, channel = self._sides.get(reco, (reco, None))
            if file == reco:
                channel = None
            name = clean(file) or "recording"
            id = self._found.recording(f" {file}", name=name)
            if channel is not None and not RECORDING_ID.fullmatch(id):
                channel = None
        if reco not in self._used:
            if self._has_segments:
                self._used.add(reco)
            is_clip = origin is not None and origin.start_us is not None
            if entry is not None and not is_clip:
                self._audio(id, channel, entry, has_channel=channel is not None)
            self._found.tell(id, channel=channel, end_us=self._lengths.get(reco, 0))
            if origin is None and self._has_segments:
                self._origins[reco] = id, channel
        return id, channel

    def _audio(self, id: str, channel: int | None, entry: Entry, *, has_channel: bool) -> None:
        """Keep where the audio lies: a path, or a command as text."""
        value = entry.value.strip()
        if not value:
            self._notes.add("wav.scp", entry.line, "names no file")
            return
        is_command = value.endswith("|") or value.startswith("|")
        if is_command or re.search(r"\.ark:[0-9]+(\[.*\])?$", value):
            self._notes.add(
                "wav.scp", entry.line, "is a command or a place in an archive: kept as text, not run"
            )
            self._found.tell(id, metadata={f"kaldi wav.scp {clean(entry.key)}": clean(value)})
            value = _named_in(value) if is_command else ""
            has_channel = False
        if path := beside(self._path, value):
            if has_channel:
                self._found.audio[id, channel] = Path(path)
            else:
                self._found.tell(id, path=path)

    def _speaker(
        self, entry: Entry, id: str, found: dict[str, list[Any]], origin: Origin | None
    ) -> str | None:
        told: Entry | None = found["utt2spk"][0] if "utt2spk" in found else None
        key = told.value.strip() if told else ""
        if origin is not None:
            if not origin.speaker_id:
                return None
            name = origin.speaker_name or origin.speaker_id
            gender = self._genders.get(key)
            return self._found.speaker(id, key, entry.line, id=origin.speaker_id, name=name, gender=gender)
        if not key or told is None:
            return None
        if key == entry.key:
            self._notes.add("utt2spk", told.line, "the speaker is called as the utterance: nobody is known")
            return None
        return self._found.speaker(id, clean(key)[:200], told.line, gender=self._genders.get(key))

    def _unused(self) -> None:
        """Make the recordings of which no segment tells."""
        for reco, entry in self._wav.items():
            if reco not in self._used:
                self._notes.add("wav.scp", entry.line, "no segment is of this recording")
                self._recording(reco, None)

    def _tell_unread(self) -> None:
        left = sorted(
            item.name
            for item in self._path.iterdir()
            if item.is_file()
            and item.name not in (*OF_UTTERANCES, *OTHERS)
            and not SPOKEN.fullmatch(item.name)
        )
        if left:
            self._found.plain_notes.append(
                f"not read: {', '.join(left[:20])}{' …' if len(left) > 20 else ''}"
            )


def _marked(entries: Iterable[Entry], name: str) -> Iterator[tuple[str, str, Any]]:
    return ((entry.key, name, entry) for entry in entries)


def _named_in(command: str) -> str:
    """Return the one audio file that a command names, else nothing."""
    try:
        words = shlex.split(command)
    except ValueError:
        words = command.split()
    named = {word for word in words if AUDIO.search(word)}
    return named.pop() if len(named) == 1 else ""
